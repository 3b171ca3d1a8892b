// Requests with types, and what goes wrong with them.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { fill } from '../../sdk/js/dist/index.js';
import { freshName, startStack } from '../harness.mjs';
import { PASSWORD, Problem, bundle, member, newClient, newRoom, problemAnswer, problemOf, tap } from './kit.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

// Somebody who is not connected: whatever is asked for is asked for by the test.
async function quiet() {
  const client = newClient(stack);
  const name = freshName();
  await client.signUp(name, name, PASSWORD);
  return client;
}

test('parameters that a path names go into it, the others become the query', () => {
  assert.equal(fill('/v1/rooms/{room}/messages', { room: 5, limit: 50, before: undefined, after: null }), '/v1/rooms/5/messages?limit=50');
  assert.equal(fill('/v1/rooms/{room}/messages/{message}/reactions/{emoji}', { room: 1, message: 2, emoji: '👍/?' }),
    '/v1/rooms/1/messages/2/reactions/%F0%9F%91%8D%2F%3F');
  assert.equal(fill('/v1/rooms', { q: 'ㅅㅌㄷ & tea', total: 1 }), '/v1/rooms?q=%E3%85%85%E3%85%8C%E3%84%B7+%26+tea&total=1');
  assert.equal(fill('/v1/users/me'), '/v1/users/me');
  assert.throws(() => fill('/v1/rooms/{room}', {}), /needs "room"/);
});

test('what is found by what was filled in is what was asked for', async () => {
  const ann = await member(stack);
  const id = await newRoom(ann, { title: '차 & tea/100%' });
  const { rooms } = await ann.rest.get('/v1/rooms', { q: '차 & tea/100%' });
  assert.deepEqual(rooms.map((room) => room.id), [id]);
  await ann.rest.patch('/v1/rooms/{room}', { room: id }, { description: 'green' });
  assert.equal((await ann.rest.get('/v1/rooms/{room}', { room: id })).description, 'green');
  assert.equal(await ann.rest.put('/v1/rooms/{room}/like', { room: id }).then((answer) => typeof answer), 'object');
});

test('a Problem has the status, the last part of its type, and each field that is wrong', async () => {
  const ann = await member(stack);
  const problem = await problemOf(() => ann.rest.post('/v1/rooms', {}, { title: '', kind: 'strange' }));
  assert.ok(problem instanceof Error);
  assert.deepEqual([problem.name, problem.status, problem.slug, problem.passing], ['Problem', 422, 'invalid-fields', false]);
  assert.deepEqual(problem.fields.map(({ field }) => field).sort(), ['kind', 'title']);
  assert.ok(problem.fields.every(({ message }) => message.length > 0));
  assert.match(problem.body.request_id, /^[0-9a-f]{32}$/);
  const missing = await problemOf(() => ann.rest.get('/v1/rooms/{room}', { room: 999999999 }));
  assert.deepEqual([missing.status, missing.slug], [404, 'not-found']);
});

test('reading is repeated while the problem may pass, writing is not', async () => {
  const ann = await quiet();
  const wire = tap();
  try {
    const answers = [problemAnswer(503, 'unavailable'), new TypeError('fetch failed')];
    wire.answer = () => answers.shift();
    assert.equal((await ann.rest.get('/v1/users/me')).id, ann.me.id);
    assert.equal(wire.calls.length, 3);
    wire.answer = () => problemAnswer(503, 'unavailable', {}, { 'Retry-After': '7' });
    const problem = await problemOf(() => ann.rest.patch('/v1/users/me', {}, { nickname: 'x' }));
    assert.deepEqual([problem.passing, problem.retryAfter, wire.calls.length], [true, 7000, 4]);
    wire.answer = () => problemAnswer(403, 'forbidden');
    await problemOf(() => ann.rest.get('/v1/users/me'));
    assert.equal(wire.calls.length, 5);
  } finally {
    wire.close();
  }
});

test('the time at the server is as its answers say, whatever the own clock says', async () => {
  const ann = await quiet();
  const wire = tap();
  const dated = (time) => new Response('{}', { headers: { Date: new Date(time).toUTCString() } });
  const asks = async (time) => {
    wire.answer = () => dated(time);
    await ann.http.call('GET', '/v1/users/me');
    return Math.round((ann.http.now - Date.now()) / 1000);
  };
  try {
    assert.ok(Math.abs(await asks(Date.now() + 3600e3) - 3600) <= 1);
    const { now } = ann.http;
    assert.ok(Math.abs(await asks(Date.now() + 3590e3) - 3600) <= 1, 'an answer that was long on its way does not put it back');
    assert.ok(ann.http.now >= now);
    assert.ok(Math.abs(await asks(Date.now() - 3600e3) + 3600) <= 1, 'somebody has set the own clock');
    wire.answer = () => new Response('{}');
    await ann.http.call('GET', '/v1/users/me');
    assert.ok(Math.abs(ann.http.now - Date.now() + 3600e3) <= 2000, 'an answer without a time changes nothing');
  } finally {
    wire.close();
  }
});

test('an answer that is not from the server is no answer', async () => {
  const ann = await quiet();
  const wire = tap();
  try {
    wire.answer = () => new Response('<h1>Welcome to our hotel</h1>', { headers: { 'Content-Type': 'text/html' } });
    const problem = await problemOf(() => ann.http.call('GET', '/v1/users/me'));
    assert.deepEqual([problem.status, problem.slug], [0, 'network']);
    wire.answer = () => new Response('<h1>Bad gateway</h1>', { status: 502 });
    assert.deepEqual([(await problemOf(() => ann.http.call('GET', '/v1/users/me'))).status, new Problem(502).passing], [502, true]);
  } finally {
    wire.close();
  }
});

test('the bundle has no dependency and loads as a module', async () => {
  const text = await bundle();
  assert.doesNotMatch(text, /\brequire\(|from"(?!\.)/);
  const module = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  assert.equal(typeof module.MaruClient, 'function');
  assert.equal(new module.Problem(429, {}, 2).retryAfter, 2000);
});
