// GET /v1/rooms/:room/messages/:message/thread
// Threads: what is answered below a message.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, bob, stranger] = await people(stack, 4);
const path = (room, seq = '') => `/v1/rooms/${room.id}/messages${seq && `/${seq}`}`;
const post = (user, room, message) => api(stack, user).post(path(room), { client_id: `t${Math.random()}`, body: 'x', ...message });
const answer = async (user, room, thread, body = 'answer') => assertOk(await post(user, room, { thread, body }), 201);
const get = async (user, room, seq) => assertOk(await api(stack, user).get(path(room, seq)), 200);
const threadOf = async (user, room, seq, query = '') => assertOk(await api(stack, user).get(`${path(room, seq)}/thread${query}`), 200);

async function roomOfThree() {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  await joinRoom(stack, bob, room);
  return room;
}

test('an answer names its root, stands in the thread and in the history, and is told', async () => {
  const room = await roomOfThree();
  const root = assertOk(await say(stack, ann, room, 'root'), 201);
  const inside = await subscribed(await client(stack, bob), `presence-room-${room.id}`);
  const told = eventOn(inside, 'message.created');
  const first = await answer(bob, room, root.seq, 'first');
  assert.equal(first.thread, root.seq);
  assert.deepEqual(await told, first);
  const second = await answer(ann, room, root.seq, 'second');
  const counted = { ...root, replies: { count: 2, last: second.seq } };
  assert.deepEqual(await get(bob, room, root.seq), counted);
  assert.deepEqual(await threadOf(bob, room, root.seq), { root: counted, messages: [first, second], next: null });
  const { messages } = assertOk(await api(stack, bob).get(path(room)), 200);
  assert.deepEqual(messages, [counted, first, second]);
});

test('a thread is read page by page like the history', async () => {
  const room = await roomOfThree();
  const { seq } = assertOk(await say(stack, ann, room, 'root'), 201);
  const all = [];
  for (let i = 0; i < 5; i++) {
    all.push((await answer(bob, room, seq)).seq);
    assertOk(await say(stack, ann, room, 'between'), 201);
  }
  const seqs = async (query) => {
    const { messages, next } = await threadOf(host, room, seq, query);
    return [messages.map((one) => one.seq), next];
  };
  assert.deepEqual(await seqs('?limit=2'), [all.slice(3), all[3]]);
  assert.deepEqual(await seqs(`?limit=2&before=${all[3]}`), [all.slice(1, 3), all[1]]);
  assert.deepEqual(await seqs(`?limit=3&before=${all[1]}`), [all.slice(0, 1), null]);
  assert.deepEqual(await seqs(`?limit=2&after=${all[0]}`), [all.slice(1, 3), all[2]]);
  assert.deepEqual(await seqs('?after=0'), [all, null]);
  assertInvalid(await api(stack, host).get(`${path(room, seq)}/thread?limit=x`), 'limit');
});

test('a thread hangs on a message that one can see, and that hangs on no other', async () => {
  const room = await roomOfThree();
  const other = await roomOfThree();
  const root = assertOk(await say(stack, ann, room, 'root'), 201);
  const first = await answer(bob, room, root.seq);
  assertInvalid(await post(bob, room, { thread: first.seq }), 'thread');
  assertInvalid(await post(bob, room, { thread: 1 }), 'thread'); // a join
  assertInvalid(await post(bob, room, { thread: 999 }), 'thread');
  assertInvalid(await post(bob, other, { thread: root.seq }), 'thread');
  assertInvalid(await post(bob, room, { thread: 0 }), 'thread');
  assertProblem(await api(stack, bob).get(`${path(room, first.seq)}/thread`), 'not-found');
  assertProblem(await api(stack, stranger).get(`${path(room, root.seq)}/thread`), 'not-member');
  assertProblem(await post(stranger, room, { thread: root.seq }), 'not-member');
  assert.equal((await get(ann, room, root.seq)).replies.count, 1);
  assertOk(await api(stack, host).patch(`/v1/rooms/${room.id}`, { history: 'joined' }), 200);
  const [late] = await people(stack, 1);
  await joinRoom(stack, late, room);
  assertInvalid(await post(late, room, { thread: root.seq }), 'thread');
  assertProblem(await api(stack, late).get(`${path(room, root.seq)}/thread`), 'not-found');
});

test('sent again it is the same answer, also below a root that is gone', async () => {
  const room = await roomOfThree();
  const { seq } = assertOk(await say(stack, ann, room, 'root'), 201);
  const message = { client_id: 'again', body: 'answer', thread: seq };
  const first = assertOk(await api(stack, bob).post(path(room), message), 201);
  assertOk(await api(stack, bob).post(path(room), message), 201, first);
  assertProblem(await api(stack, bob).post(path(room), { ...message, thread: undefined }), 'client-id-reused');
  assertOk(await api(stack, ann).del(path(room, seq)), 204);
  assertOk(await api(stack, bob).post(path(room), message), 201, first);
  assertInvalid(await post(bob, room, { thread: seq }), 'thread');
  const { root, messages } = await threadOf(bob, room, seq);
  assert.deepEqual([root.body, root.replies], ['', { count: 1, last: first.seq }]);
  assert.deepEqual(messages, [first]);
});

test('deleted, hidden and blocked answers keep their place in the count', async () => {
  const room = await roomOfThree();
  const { seq } = assertOk(await say(stack, ann, room, 'root'), 201);
  const gone = await answer(bob, room, seq);
  const hidden = await answer(ann, room, seq);
  const blocked = await answer(bob, room, seq);
  assertOk(await api(stack, bob).del(path(room, gone.seq)), 204);
  assertOk(await api(stack, host).del(`${path(room, hidden.seq)}?scope=me`), 204);
  assertOk(await api(stack, host).put(`/v1/blocks/${bob.id}`), 201);
  const { root, messages } = await threadOf(host, room, seq);
  assert.deepEqual(root.replies, { count: 3, last: blocked.seq });
  assert.deepEqual(messages.map((one) => [one.seq, one.hidden, one.thread]), [[gone.seq, true, seq], [blocked.seq, true, seq]]);
  assertOk(await api(stack, host).del(`/v1/blocks/${bob.id}`), 204);
});

test('a hundred answers at once are all counted', async () => {
  const room = await roomOfThree();
  const { seq } = assertOk(await say(stack, ann, room, 'root'), 201);
  const sent = await Promise.all(Array.from({ length: 100 }, (_, i) => answer([host, ann, bob][i % 3], room, seq)));
  assert.deepEqual((await get(ann, room, seq)).replies, { count: 100, last: Math.max(...sent.map((one) => one.seq)) });
});
