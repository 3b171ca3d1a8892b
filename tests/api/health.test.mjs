import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { assertOk, assertProblem } from './check.mjs';

const stack = await startStack();
after(() => stack.stop());

const nobody = api(stack);

test('healthz says that a worker answers, and its version', async () => {
  const answer = await nobody.get('/v1/healthz');
  assertOk(answer, 200, { status: 'ok', version: answer.body.version });
  assert.match(answer.body.version, /^\d+\.\d+\.\d+$/);
});

test('readyz says that everything it needs answers', async () => {
  assertOk(await nobody.get('/v1/readyz'), 200, { status: 'ok', database: 'ok', push: 'ok' });
});

test('readyz tells that maru-push is down, but is ready: messages are still taken', async () => {
  await stack.stopPush();
  assertOk(await nobody.get('/v1/readyz'), 200, { status: 'ok', database: 'ok', push: 'down' });
  assertOk(await nobody.get('/v1/healthz'), 200);
  await stack.startPush();
  await until(async () => (await nobody.get('/v1/readyz')).body.push === 'ok');
});

test('without the database there is health but no readiness', async () => {
  await stack.stopDb();
  assertOk(await nobody.get('/v1/healthz'), 200);
  assertProblem(await nobody.get('/v1/readyz'), 'unavailable');
  await stack.startDb();
  await until(async () => (await nobody.get('/v1/readyz')).status === 200, 10000);
});

test('neither is changed by anybody, nor needs a login', async () => {
  for (const path of ['/v1/healthz', '/v1/readyz']) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await nobody.call(method, path);
      assertProblem(answer, 'method-not-allowed');
      assert.equal(answer.headers.get('allow'), 'GET');
    }
    assert.equal((await nobody.get(path, { Authorization: 'Bearer nonsense' })).status, 200);
  }
});
