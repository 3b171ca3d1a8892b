// Server-Timing: where the time of a request went, if the setting wants it told.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { api, startStack } from '../harness.mjs';
import { assertOk, assertProblem, createRoom, people, say } from './check.mjs';

const stack = await startStack();
after(() => stack.stop());

const [ann] = await people(stack, 1);
const room = await createRoom(stack, ann);
const nobody = api(stack);

// The parts of the header by name, after a look at their sizes.
function partsOf(answer) {
  const text = answer.headers.get('server-timing');
  assert.match(text, /^(\w+;dur=\d+\.\d\d, )*total;dur=\d+\.\d\d$/);
  const parts = Object.fromEntries(text.split(', ').map((part) => part.split(';dur=')).map(([name, ms]) => [name, Number(ms)]));
  const { total, ...rest } = parts;
  assert.ok(Object.values(rest).reduce((a, b) => a + b, 0) <= total + 0.05, text);
  return parts;
}
const namesOf = (answer) => Object.keys(partsOf(answer));

test('off, which is the default, nothing is told', async () => {
  assert.equal((await say(stack, ann, room)).headers.get('server-timing'), null);
  assert.equal((await nobody.get('/v1/nothing')).headers.get('server-timing'), null);
});

test('on, each answer tells the parts that there were', async () => {
  appendFileSync(join(stack.dir, 'maru.conf'), '\nserver_timing = on\n');
  await stack.restart('api');
  const from = performance.now();
  const said = await say(stack, ann, room);
  const took = performance.now() - from;
  assertOk(said, 201);
  const parts = partsOf(said);
  assert.deepEqual(Object.keys(parts), ['auth', 'db', 'notify', 'total']);
  assert.ok(parts.db > 0 && parts.total <= took, JSON.stringify({ parts, took }));
  // The next request begins anew.
  const history = await api(stack, ann).get(`/v1/rooms/${room.id}/messages`);
  assertOk(history, 200);
  assert.deepEqual(namesOf(history), ['auth', 'db', 'total']);
  assert.deepEqual(namesOf(await nobody.get('/v1/healthz')), ['total']);
});

test('so does an error, and an answer that maru-push gives', async () => {
  const unknown = await nobody.get('/v1/users/me', { Authorization: 'Bearer nonsense' });
  assertProblem(unknown, 'unauthenticated');
  assert.deepEqual(namesOf(unknown), ['auth', 'total']);
  assert.deepEqual(namesOf(await nobody.get('/v1/nothing')), ['total']);
  const presence = await api(stack, ann).get(`/v1/presence?users=${ann.id}`);
  assertOk(presence, 200);
  assert.deepEqual(namesOf(presence), ['auth', 'db', 'total']);
});

test('without the database the time of the attempt is told', async () => {
  await stack.stopDb();
  const refused = await say(stack, ann, room);
  assertProblem(refused, 'unavailable');
  assert.deepEqual(namesOf(refused), ['auth', 'db', 'total']);
  await stack.startDb();
});
