// web/docs/openapi.yaml and web/docs/asyncapi.yaml are sound, and describe exactly the routes and the events that there are.
// That answers and events look as they say is checked wherever a test asks (tests/contract.mjs).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { createConfig, lint } from '@redocly/openapi-core';
import { api, root, signUp, startStack } from '../harness.mjs';
import { contract, unseen } from '../contract.mjs';
import { assertInvalid, assertProblem, createRoom } from './check.mjs';

// Between maru-api and maru-push only.
const INTERNAL = ['session.ended', 'block.changed'];

const RULES = { extends: ['recommended'], rules: { 'operation-4xx-response': 'off', 'no-server-example.com': 'off' } };

for (const file of ['web/docs/openapi.yaml', 'web/docs/asyncapi.yaml']) {
  test(`${file} is sound`, async () => {
    const problems = await lint({ ref: join(root, file), config: await createConfig(RULES) });
    assert.deepEqual(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`), []);
  });
}

test('the pages at /docs are made from what they describe, and served', async () => {
  assert.equal(spawnSync('node', [join(root, 'tools/apidoc.mjs'), '--check'], { encoding: 'utf8' }).stdout, '');
  const stack = await startStack();
  const page = async (path) => {
    const answer = await fetch(stack.url + path);
    return [answer.status, new URL(answer.url).pathname, answer.headers.get('content-type').split(';')[0], await answer.text()];
  };
  for (const [path, type, text] of [['/docs/', 'text/html', 'rooms_create'], ['/docs/events.html', 'text/html', 'member.joined'],
    ['/docs/docs.css', 'text/css', 'summary'], ['/docs/openapi.yaml', 'application/yaml', 'openapi: 3.1.0'], ['/docs/asyncapi.yaml', 'application/yaml', 'asyncapi: 3']]) {
    const [status, at, seen, body] = await page(path);
    assert.deepEqual([status, at, seen, body.includes(text)], [200, path, type, true], path);
  }
  assert.deepEqual((await page('/problems/room-full')).slice(0, 3), [200, '/docs/errors.html', 'text/html']);
  await stack.stop();
});

test('it has every route and no other, by the names of their handlers', () => {
  const routes = [...readFileSync(join(root, 'api/routes.def'), 'utf8').matchAll(/^ROUTE\((\w+), "([^"]+)", (\w+)/gm)]
    .filter(([, , path]) => !path.startsWith('/apps/')) // Pusher's HTTP API, which Pusher documents
    .map(([, method, path, handler]) => `${method} ${path.replace(/[:*](\w+)/g, '{$1}')} ${handler}`);
  const described = contract().operations.map(({ method, path, id }) => `${method} ${path} ${id}`);
  assert.deepEqual(described.sort(), routes.sort());
});

const handlers = readdirSync(join(root, 'api')).filter((name) => name.endsWith('.c')).map((name) => readFileSync(join(root, 'api', name), 'utf8')).join('\n');

test('every event and every signal is described, and none that is not sent', () => {
  const sent = [...readFileSync(join(root, 'shared/event.def'), 'utf8').matchAll(/^EVENT\((\w+), "([^"]+)", \w+\)/gm)]
    .filter(([, id, name]) => new RegExp(`\\bEV_${id}\\b`).test(handlers) && !INTERNAL.includes(name)).map(([, , name]) => name);
  const signalled = [...handlers.matchAll(/notify_signal\([^;]*?"([a-z]+\.[a-z]+)"/g)].map(([, name]) => name);
  // These two are written by maru-push, from what a worker tells it (notify_read).
  signalled.push(...[...readFileSync(join(root, 'push/reads.c'), 'utf8').matchAll(/msg_event\("([^"]+)"/g)].map(([, name]) => name));
  const { events, signals, channels } = contract();
  assert.deepEqual(Object.keys(events).sort(), sent.sort());
  assert.deepEqual(Object.keys(signals).sort(), [...new Set(signalled)].sort());
  assert.deepEqual([...new Set(Object.values(channels).flat())].sort(), [...sent, ...Object.keys(signals)].sort());
});

test('the audit log has the actions that are noted', () => {
  const noted = [...handlers.matchAll(/\b(?:audit_)?note\(\s*r, "([a-z_]+\.[a-z_]+)"/g)].map(([, action]) => action);
  assert.deepEqual([...contract().document.components.schemas.AuditEntry.properties.action.enum].sort(), [...new Set(noted)].sort());
});

test('each operation names the events that follow, each event follows some', () => {
  const { operations, events, signals } = contract();
  assert.deepEqual([...new Set(operations.flatMap((one) => one.events))].sort(), Object.keys(events).sort());
  assert.deepEqual([...new Set(operations.flatMap((one) => one.signals))].sort(), Object.keys(signals).sort());
});

test('each operation has the statuses of its problems, and no others', () => {
  const statuses = Object.fromEntries([...readFileSync(join(root, 'shared/err.def'), 'utf8').matchAll(/^ERR\(\w+, (\d+), "([^"]+)"/gm)].map(([, status, slug]) => [slug, status]));
  for (const { id, responses, problems, isPublic } of contract().operations) {
    const wanted = new Set([...problems.map((slug) => statuses[slug]), ...(isPublic ? [] : ['401'])]);
    assert.deepEqual(Object.keys(responses).filter((status) => status >= 400).sort(), [...wanted].sort(), id);
  }
});

test('nobody gets anything that is not public', async () => {
  const stack = await startStack();
  for (const { method, path, takes } of contract().operations.filter((one) => !one.isPublic)) {
    const [body, headers] = method === 'GET' ? [] : [{}, { 'Content-Type': takes }];
    assertProblem(await api(stack).call(method, path.replace(/\{\w+\}/g, '1'), body, headers), 'unauthenticated');
  }
  await stack.stop();
});

test('every list refuses a limit that is no number', async () => {
  const stack = await startStack();
  const user = await signUp(stack);
  await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${user.id}`);
  const room = await createRoom(stack, user);
  for (const { path, parameters } of contract().operations.filter(({ parameters: all }) => all.includes('limit'))) {
    const answer = await api(stack, user).get(`${path.replace('{room}', room.id).replace(/\{\w+\}/g, '1')}?limit=x${parameters.includes('people') ? '&q=x' : ''}`);
    assertInvalid(answer, 'limit');
  }
  await stack.stop();
});

test('what no test has seen is told', () => {
  const all = unseen('');
  assert.ok(all.includes('rooms_get 200') && all.includes('rooms_get 404'));
  assert.ok(!unseen('rooms_get 200\n').includes('rooms_get 200'));
});
