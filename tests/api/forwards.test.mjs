// POST /v1/rooms/:room/messages/:message/forward
// Forwarding: the same text in other rooms.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, bob, stranger] = await people(stack, 4);
const path = (room, seq = '') => `/v1/rooms/${room.id}/messages${seq && `/${seq}`}`;
let last = 0;
const forward = (user, room, seq, rooms, more = {}) =>
  api(stack, user).post(`${path(room, seq)}/forward`, { client_id: `f${++last}`, rooms: rooms.map(({ id }) => id), ...more });
const history = async (user, room) => assertOk(await api(stack, user).get(path(room)), 200).messages;

async function roomOf(kind, ...users) {
  const room = await createRoom(stack, users[0], { kind });
  for (const user of users.slice(1)) await joinRoom(stack, user, room, kind === 'secret' ? 'swordfish-in-the-hall' : undefined);
  return room;
}

test('a copy arrives in each room, with its looks, and names neither author nor room', async () => {
  const [from, one, other] = [await roomOf('public', host, ann), await roomOf('public', ann, bob), await roomOf('group', ann)];
  const body = `**look** @${ann.name} https://maru.example`;
  const original = assertOk(await api(stack, host).post(path(from), { client_id: 'o', body, format: 'markdown' }), 201);
  const inside = await subscribed(await client(stack, bob), `presence-room-${one.id}`);
  const told = eventOn(inside, 'message.created');
  const { results } = assertOk(await forward(ann, from, original.seq, [other, one]), 200);
  assert.deepEqual(results.map(({ room, status }) => [room, status]), [[other.id, 201], [one.id, 201]]);
  const copy = await told;
  assert.deepEqual(results[1].message, copy);
  assert.deepEqual([copy.sender, copy.body, copy.content], [ann.id, original.body, { forwarded: true }]);
  assert.deepEqual(copy.entities.map(({ type }) => type), ['bold', 'link'], 'nobody is mentioned');
  assert.deepEqual(await history(ann, other), [results[0].message]);
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM mention WHERE room IN (${one.id}, ${other.id})`), [['0']]);
  assert.doesNotMatch(JSON.stringify(copy), new RegExp(`"(?:sender|room)":(?:${host.id}|${from.id})\\b`));
});

test('each room has its own result, and what failed can be done again', async () => {
  const [from, good, foreign] = [await roomOf('public', ann), await roomOf('public', ann), await roomOf('public', host)];
  const muted = await roomOf('public', host, ann);
  const hidden = await createRoom(stack, host, { kind: 'group' });
  assertOk(await api(stack, host).patch(`/v1/rooms/${muted.id}/members/${ann.id}`, { muted_seconds: 60 }), 200);
  const { seq } = assertOk(await say(stack, ann, from, 'text'), 201);
  const rooms = [foreign, good, muted, hidden, { id: 999999 }];
  const first = assertOk(await forward(ann, from, seq, rooms, { client_id: 'again' }), 200).results;
  assert.deepEqual(first.map(({ status, problem }) => [status, problem]),
    [[403, 'not-member'], [201, undefined], [403, 'muted'], [404, 'not-found'], [404, 'not-found']]);
  assertOk(await api(stack, host).patch(`/v1/rooms/${muted.id}/members/${ann.id}`, { muted_seconds: 0 }), 200);
  const second = assertOk(await forward(ann, from, seq, rooms, { client_id: 'again' }), 200).results;
  assert.deepEqual(second.map(({ status }) => status), [403, 201, 201, 404, 404]);
  assert.deepEqual(second[1], first[1]);
  assert.equal((await history(ann, good)).length, 1);
});

test('words of the other room are masked there, or refuse the copy', async () => {
  const [from, masking] = [await roomOf('public', ann), await roomOf('public', ann)];
  assertOk(await api(stack, ann).post(`/v1/rooms/${masking.id}/words`, { word: 'tea', action: 'mask' }), 201);
  const message = assertOk(await api(stack, ann).post(path(from), { client_id: 'w', body: '*tea*', format: 'markdown' }), 201);
  let copy;
  do {
    const { results } = assertOk(await forward(ann, from, message.seq, [masking]), 200);
    copy = results[0].message;
  } while (copy.body === 'tea'); // another worker hears of it within two seconds
  assert.deepEqual([copy.body, copy.entities], ['***', undefined]);
});

test('only what one can read can be forwarded', async () => {
  const [from, to] = [await roomOf('public', host, ann), await roomOf('public', ann)];
  const [other] = [await roomOf('public', stranger)];
  const { seq } = assertOk(await say(stack, host, from, 'text'), 201);
  assertProblem(await forward(stranger, from, seq, [other]), 'not-member');
  assertProblem(await forward(ann, from, 999, [to]), 'not-found');
  assertProblem(await forward(ann, from, 1, [to]), 'not-found'); // a join
  assertOk(await api(stack, ann).put(`/v1/blocks/${host.id}`), 201);
  assertProblem(await forward(ann, from, seq, [to]), 'not-found');
  assertOk(await api(stack, ann).del(`/v1/blocks/${host.id}`), 204);
  const poll = assertOk(await api(stack, host).post(`/v1/rooms/${from.id}/polls`, { client_id: 'p', question: 'tea?', options: ['yes', 'no'] }), 201);
  assertProblem(await forward(ann, from, poll.seq, [to]), 'conflict');
  assertOk(await api(stack, host).del(path(from, seq)), 204);
  assertProblem(await forward(ann, from, seq, [to]), 'not-found');
  assert.deepEqual(await history(ann, to), []);
});

test('up to ten rooms, each once', async () => {
  const room = await roomOf('public', ann);
  const { seq } = assertOk(await say(stack, ann, room, 'text'), 201);
  assertInvalid(await forward(ann, room, seq, []), 'rooms');
  assertInvalid(await forward(ann, room, seq, [room, room]), 'rooms');
  assertInvalid(await forward(ann, room, seq, Array.from({ length: 11 }, (_, i) => ({ id: i + 1 }))), 'rooms');
  assertInvalid(await forward(ann, room, seq, [room], { client_id: '' }), 'client_id');
  assertInvalid(await api(stack, ann).post(`${path(room, seq)}/forward`, {}), 'client_id', 'rooms');
  assert.equal((await history(ann, room)).length, 1);
});
