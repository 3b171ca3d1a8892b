// docs/openapi.yaml is sound, and describes exactly the routes that there are. That answers look as it says is
// checked wherever a test asks (tests/contract.mjs).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { createConfig, lint } from '@redocly/openapi-core';
import { root } from '../harness.mjs';
import { contract, unseen } from '../contract.mjs';

const RULES = { extends: ['recommended'], rules: { 'operation-4xx-response': 'off', 'no-server-example.com': 'off' } };

test('the description is sound OpenAPI 3.1', async () => {
  const config = await createConfig(RULES);
  const problems = await lint({ ref: join(root, 'docs/openapi.yaml'), config });
  assert.deepEqual(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`), []);
});

test('it has every route and no other, by the names of their handlers', () => {
  const routes = [...readFileSync(join(root, 'api/routes.def'), 'utf8').matchAll(/^ROUTE\((\w+), "([^"]+)", (\w+)/gm)]
    .filter(([, , path]) => !path.startsWith('/apps/')) // Pusher's HTTP API, which Pusher documents
    .map(([, method, path, handler]) => `${method} ${path.replace(/[:*](\w+)/g, '{$1}')} ${handler}`);
  const described = contract().operations.map(({ method, path, id }) => `${method} ${path} ${id}`);
  assert.deepEqual(described.sort(), routes.sort());
});

test('what no test has seen is told', () => {
  const all = unseen('');
  assert.ok(all.includes('rooms_get 200') && all.includes('rooms_get 404'));
  assert.ok(!unseen('rooms_get 200\n').includes('rooms_get 200'));
});
