// Rooms whose history is for those who were there: a newcomer sees what happened from the own joining on.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';
import { channelOf, listen } from './listener.mjs';

const stack = await startStack();
after(() => stack.stop());

const [host, ann, bob] = await people(stack, 3);
const [hosts, anns, bobs] = [host, ann, bob].map((user) => api(stack, user));

const pathOf = (room, rest = '') => `/v1/rooms/${room.id}${rest}`;
const bodies = async (caller, room, query = '') => assertOk(await caller.get(pathOf(room, `/messages${query}`)), 200).messages.map(({ body }) => body);
const log = async (caller, room, query = '') => assertOk(await caller.get(pathOf(room, `/events${query}`)), 200).events;
const sync = async (caller, room, seq) => assertOk(await caller.get(`/v1/sync?since=presence-room-${room.id}:${seq}`), 200).streams[`presence-room-${room.id}`];

// One message (1) of the host, then Ann joins (2), then another message (3).
async function roomWithPast(history = 'joined') {
  const room = await createRoom(stack, host);
  await stack.sql(`UPDATE room SET history = '${history}' WHERE id = ${room.id}`);
  assert.equal(assertOk(await say(stack, host, room, 'before'), 201).seq, 1);
  await joinRoom(stack, ann, room);
  assert.equal(assertOk(await say(stack, host, room, 'after'), 201).seq, 3);
  return room;
}

test('where history is for all a newcomer reads everything', async () => {
  const room = await roomWithPast('all');
  assert.deepEqual(await bodies(anns, room), ['before', 'after']);
  assert.deepEqual((await log(anns, room)).map(({ seq }) => seq), [1, 2, 3]);
});

test('the first thing that a newcomer sees is the own joining', async () => {
  const room = await roomWithPast();
  assert.deepEqual(await bodies(anns, room), ['after']);
  assert.deepEqual(await bodies(anns, room, '?before=3'), []);
  assert.deepEqual(await bodies(anns, room, '?after=0'), ['after']);
  const events = await log(anns, room);
  assert.deepEqual(events.map(({ seq, type }) => [seq, type]), [[2, 'member.joined'], [3, 'message.created']]);
  assert.equal(events[0].data.id, ann.id);
  assert.deepEqual(await bodies(hosts, room), ['before', 'after']);
  assert.equal((await log(hosts, room)).length, 3);
});

test('a message from before is as good as missing', async () => {
  const room = await roomWithPast();
  for (const rest of ['', '?scope=me']) assertProblem(await anns.del(pathOf(room, `/messages/1${rest}`)), 'not-found');
  assertProblem(await anns.get(pathOf(room, '/messages/1')), 'not-found');
  assertProblem(await anns.patch(pathOf(room, '/messages/1'), { body: 'x' }), 'not-found');
  assertProblem(await anns.put(pathOf(room, '/messages/1/reactions/x')), 'not-found');
  assertProblem(await anns.del(pathOf(room, '/messages/1/reactions/x')), 'not-found');
  const reply = (to) => anns.post(pathOf(room, '/messages'), { client_id: `reply to ${to}`, body: 'x', reply_to: to });
  assert.deepEqual(assertInvalid(await reply(1), 'reply_to').errors, assertInvalid(await reply(99), 'reply_to').errors);
  assertOk(await reply(3), 201);
  assertOk(await anns.get(pathOf(room, '/messages/3')), 200);
  assertOk(await anns.put(pathOf(room, '/messages/3/reactions/x')), 204);
});

test('a client that claims to know the past has to load anew', async () => {
  const room = await roomWithPast();
  await joinRoom(stack, bob, room);
  // Bob joined with 4; 3 is the last that he may not see.
  for (const seq of [1, 2]) {
    assertProblem(await bobs.get(pathOf(room, `/events?after=${seq}`)), 'reload');
    assert.deepEqual(await sync(bobs, room, seq), { head: 4, reload: true });
  }
  assert.deepEqual((await log(bobs, room, '?after=3')).map(({ seq }) => seq), [4]);
  const { events } = await sync(bobs, room, 3);
  assert.deepEqual(events.map(({ seq, data }) => [seq, data.id]), [[4, bob.id]]);
  assert.deepEqual(await sync(bobs, room, 0), { head: 4, reload: true });
});

test('coming back begins anew', async () => {
  const room = await roomWithPast();
  assertOk(await anns.del(pathOf(room, '/members/me')), 204);
  assertOk(await say(stack, host, room, 'while she was away'), 201);
  await joinRoom(stack, ann, room);
  assertOk(await say(stack, host, room, 'again'), 201);
  assert.deepEqual(await bodies(anns, room), ['again']);
  assert.deepEqual((await log(anns, room)).map(({ seq }) => seq), [6, 7]);
  assertProblem(await anns.get(pathOf(room, '/messages/3')), 'not-found'); // which she saw once
});

test('who becomes the host of an empty room sees no more of its past', async () => {
  const room = await roomWithPast();
  for (const caller of [hosts, anns]) assertOk(await caller.del(pathOf(room, '/members/me')), 204);
  assert.equal((await joinRoom(stack, bob, room)).role, 'host');
  assert.deepEqual(await bodies(bobs, room), []);
  assert.equal((await log(bobs, room))[0].data.id, bob.id);
});

test('what was said before is not read by its changes either, in the log, by sync or live', async () => {
  const room = await roomWithPast();
  const open = await listen(stack, ann, channelOf(room));
  assertOk(await hosts.patch(pathOf(room, '/messages/1'), { body: 'still before' }), 200);
  assertOk(await hosts.patch(pathOf(room, '/messages/3'), { body: 'still after' }), 200);
  assertOk(await hosts.del(pathOf(room, '/messages/1')), 204);
  const check = (events) => {
    const [first, second, third] = events.filter(({ type }) => type !== 'member.joined' && type !== 'message.created').map(({ data }) => data.message);
    assert.deepEqual([first.seq, first.hidden, first.body], [1, true, undefined]);
    assert.deepEqual([second.seq, second.hidden, second.body], [3, undefined, 'still after']);
    assert.deepEqual([third.seq, third.hidden], [1, true]);
  };
  await open.until(3);
  check(open.heard());
  check(await log(anns, room));
  check((await sync(anns, room, 2)).events);
  const again = await listen(stack, ann, channelOf(room), { seq: 3 });
  await again.until(3);
  check(again.heard());
  const inside = await listen(stack, host, channelOf(room), { seq: 3 });
  await inside.until(3);
  assert.deepEqual(inside.heard().map(({ data }) => data.message.hidden), [undefined, undefined, undefined]);
  for (const each of [open, again, inside]) await each.close();
});
