// GET /v1/rooms/:room/messages/:message/revisions
// What a message said before it was changed.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { TIME, assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, bob, moderator, stranger] = await people(stack, 5);
const path = (room, seq) => `/v1/rooms/${room.id}/messages/${seq}`;
const revisions = (user, room, seq) => api(stack, user).get(`${path(room, seq)}/revisions`);
const change = async (user, room, seq, body, more = {}) => assertOk(await api(stack, user).patch(path(room, seq), { body, ...more }), 200);
const stored = async (room) => Number((await stack.sql(`SELECT COUNT(*) FROM message_revision WHERE room = ${room.id}`))[0][0]);

async function roomOfFour() {
  const room = await createRoom(stack, host);
  for (const user of [ann, bob, moderator]) await joinRoom(stack, user, room);
  assertOk(await api(stack, host).patch(`/v1/rooms/${room.id}/members/${moderator.id}`, { role: 'moderator' }), 200);
  return room;
}

test('every version is kept, for the sender and for those who keep order', async () => {
  const room = await roomOfFour();
  const first = assertOk(await say(stack, ann, room, 'one'), 201);
  assertOk(await revisions(ann, room, first.seq), 200, { revisions: [] });
  const second = await change(ann, room, first.seq, '**two**', { format: 'markdown' });
  await change(ann, room, first.seq, 'three');
  await change(ann, room, first.seq, 'three'); // nothing happened
  const { revisions: list } = assertOk(await revisions(ann, room, first.seq), 200);
  assert.deepEqual(list, [
    { rev: first.seq, body: 'one', created_at: first.created_at },
    { rev: second.rev, body: 'two', entities: [{ type: 'bold', offset: 0, length: 3 }], created_at: second.edited_at },
  ]);
  assert.match(list[1].created_at, TIME);
  for (const user of [host, moderator]) assertOk(await revisions(user, room, first.seq), 200, { revisions: list });
  assertProblem(await revisions(bob, room, first.seq), 'forbidden');
  assertProblem(await revisions(stranger, room, first.seq), 'not-member');
  assertProblem(await revisions(ann, room, 999), 'not-found');
});

test('they are gone with the message', async () => {
  const room = await roomOfFour();
  const write = async () => {
    const { seq } = assertOk(await say(stack, ann, room, 'secret'), 201);
    await change(ann, room, seq, 'public');
    return seq;
  };
  const seq = await write();
  assertOk(await api(stack, ann).del(path(room, seq)), 204);
  assertOk(await revisions(host, room, seq), 200, { revisions: [] });
  await write();
  assert.equal(await stored(room), 1);
  assertOk(await api(stack, host).post(`/v1/rooms/${room.id}/purges`, { user: ann.id }), 200);
  assert.equal(await stored(room), 0);
  await write();
  assertOk(await api(stack, host).del(`/v1/rooms/${room.id}`), 204);
  await until(async () => await stored(room) === 0, 10000, 'the versions in a deleted room to go');
});

test('a message may be changed a hundred times', async () => {
  const room = await roomOfFour();
  const { seq } = assertOk(await say(stack, ann, room, 'x'), 201);
  for (let i = 0; i < 100; i++) await change(ann, room, seq, `x${i}`);
  assertProblem(await api(stack, ann).patch(path(room, seq), { body: 'once more' }), 'limit-reached');
  assert.equal((await change(ann, room, seq, 'x99')).body, 'x99');
});
