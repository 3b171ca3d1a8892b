// docs/openapi.yaml and docs/asyncapi.yaml are sound, and describe exactly the routes and the events that there are.
// That answers and events look as they say is checked wherever a test asks (tests/contract.mjs).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { createConfig, lint } from '@redocly/openapi-core';
import { root } from '../harness.mjs';
import { contract, unseen } from '../contract.mjs';

// Between maru-api and maru-push only.
const INTERNAL = ['session.ended', 'block.changed'];

const RULES = { extends: ['recommended'], rules: { 'operation-4xx-response': 'off', 'no-server-example.com': 'off' } };

for (const file of ['docs/openapi.yaml', 'docs/asyncapi.yaml']) {
  test(`${file} is sound`, async () => {
    const problems = await lint({ ref: join(root, file), config: await createConfig(RULES) });
    assert.deepEqual(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`), []);
  });
}

test('it has every route and no other, by the names of their handlers', () => {
  const routes = [...readFileSync(join(root, 'api/routes.def'), 'utf8').matchAll(/^ROUTE\((\w+), "([^"]+)", (\w+)/gm)]
    .filter(([, , path]) => !path.startsWith('/apps/')) // Pusher's HTTP API, which Pusher documents
    .map(([, method, path, handler]) => `${method} ${path.replace(/[:*](\w+)/g, '{$1}')} ${handler}`);
  const described = contract().operations.map(({ method, path, id }) => `${method} ${path} ${id}`);
  assert.deepEqual(described.sort(), routes.sort());
});

test('every event is described, and none that is not sent', () => {
  const sent = [...readFileSync(join(root, 'shared/event.def'), 'utf8').matchAll(/^EVENT\(\w+, "([^"]+)", (\w+)\)/gm)]
    .map(([, name]) => name).filter((name) => !INTERNAL.includes(name));
  const { events, channels } = contract();
  assert.deepEqual(Object.keys(events).sort(), sent.sort());
  assert.deepEqual([...new Set(Object.values(channels).flat())].sort(), sent.sort());
});

test('what no test has seen is told', () => {
  const all = unseen('');
  assert.ok(all.includes('rooms_get 200') && all.includes('rooms_get 404'));
  assert.ok(!unseen('rooms_get 200\n').includes('rooms_get 200'));
});
