// PUT /v1/rooms/:room/pins/:message, DELETE /v1/rooms/:room/pins/:message, GET /v1/rooms/:room/pins
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { client, eventOn, startStack, subscribed } from '../harness.mjs';
import { TIME, assertOk, assertProblem, createRoom, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, directRoom, headOf, mute, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

const pathOf = (room, message) => `/v1/rooms/${room.id}/pins${message === undefined ? '' : `/${message.seq ?? message}`}`;
const pin = (user, room, message) => user.at.put(pathOf(room, message));
const unpin = (user, room, message) => user.at.del(pathOf(room, message));
const list = async (user, room) => assertOk(await user.at.get(pathOf(room)), 200);
const pinned = async (user, room) => (await list(user, room)).pins.map(({ message }) => message);
const words = async (user, room, body) => assertOk(await say(stack, user, room, body), 201);
const lastEvent = async (room) => {
  const { events } = assertOk(await host.at.get(`/v1/rooms/${room.id}/events?limit=1000`), 200);
  const { type, data: { seq, mid, ...data } } = events.at(-1);
  return { type, data };
};

test('a pin is told, logged and listed with its message', async () => {
  const room = await scene();
  const message = await words(ann, room, '중요한 말');
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'pin.added');
  assertOk(await pin(moderator, room, message), 204);
  const { seq, mid, ...data } = await told;
  assert.match(data.created_at, TIME);
  assert.deepEqual(data, { room: room.id, message: message.seq, by_user: moderator.id, created_at: data.created_at });
  assert.deepEqual(await lastEvent(room), { type: 'pin.added', data });
  assert.deepEqual(await list(ann, room), { pins: [data], messages: [message] });
  const head = await headOf(stack, room);
  assertOk(await pin(host, room, message), 204); // once is enough
  assert.equal(await headOf(stack, room), head);
  assert.deepEqual((await list(ann, room)).pins, [data]);
});

test('of somebody whom one blocks a pinned message is a placeholder', async () => {
  const room = await scene();
  const message = await words(ann, room, 'not for bob');
  assertOk(await pin(moderator, room, message), 204);
  assertOk(await bob.at.put(`/v1/blocks/${ann.id}`), 201);
  const { seq, mid, sender, created_at: at } = message;
  assert.deepEqual((await list(bob, room)).messages, [{ room: room.id, seq, mid, sender, created_at: at, hidden: true }]);
  assertOk(await bob.at.del(`/v1/blocks/${ann.id}`), 204);
  assert.deepEqual((await list(bob, room)).messages, [message]);
});

test('a pin that is taken off is told once', async () => {
  const room = await scene();
  const message = await words(ann, room);
  assertOk(await pin(moderator, room, message), 204);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'pin.removed');
  assertOk(await unpin(host, room, message), 204);
  const { seq, mid, ...data } = await told;
  assert.deepEqual(data, { room: room.id, message: message.seq });
  assert.deepEqual(await lastEvent(room), { type: 'pin.removed', data });
  assertOk(await unpin(host, room, message), 204);
  assert.equal(await headOf(stack, room), seq);
  assert.deepEqual(await list(ann, room), { pins: [], messages: [] });
});

test('the newest pin is first, and messages look as in the history', async () => {
  const room = await scene();
  const said = [];
  for (let i = 0; i < 5; i++) said.push(await words(ann, room, `m${i}`));
  for (const i of [3, 0, 4]) assertOk(await pin(host, room, said[i]), 204);
  for (const [user, emoji] of [[ann, '👍'], [bob, '👍'], [bob, '🎉']]) {
    for (const i of [0, 1, 4]) assertOk(await user.at.put(`/v1/rooms/${room.id}/messages/${said[i].seq}/reactions/${encodeURIComponent(emoji)}`), 204);
  }
  assertOk(await ann.at.patch(`/v1/rooms/${room.id}/messages/${said[3].seq}`, { body: 'changed' }), 200);
  assert.deepEqual(await pinned(ann, room), [said[4], said[0], said[3]].map(({ seq }) => seq));
  const { messages } = assertOk(await ann.at.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.deepEqual((await list(ann, room)).messages, [messages[0], messages[3], messages[4]]);
});

test('a deleted message has no pin, and cannot be pinned', async () => {
  const room = await scene();
  const message = await words(ann, room);
  assertOk(await pin(host, room, message), 204);
  assertOk(await ann.at.del(`/v1/rooms/${room.id}/messages/${message.seq}`), 204);
  assert.deepEqual(await list(ann, room), { pins: [], messages: [] });
  const head = await headOf(stack, room);
  assertProblem(await pin(host, room, message), 'not-found');
  assertOk(await unpin(host, room, message), 204);
  assert.equal(await headOf(stack, room), head);
});

test('what somebody does not see is not shown pinned, and cannot be pinned', async () => {
  const room = await scene();
  const [one, two] = [await words(ann, room, 'one'), await words(ann, room, 'two')];
  for (const message of [one, two]) assertOk(await pin(host, room, message), 204);
  await stack.sql(`UPDATE member SET visible_from = ${one.seq} WHERE room = ${room.id} AND user IN (${bob.id}, ${moderator.id})`);
  assert.deepEqual(await pinned(bob, room), [two.seq]);
  assert.deepEqual((await list(bob, room)).messages, [two]);
  assertProblem(await pin(moderator, room, one), 'not-found');
  assertProblem(await unpin(moderator, room, one), 'not-found');
  assertOk(await ann.at.del(`/v1/rooms/${room.id}/messages/${two.seq}?scope=me`), 204);
  assert.deepEqual(await pinned(ann, room), [one.seq]);
  assert.deepEqual((await list(ann, room)).messages, [one]);
  assert.deepEqual(await pinned(host, room), [two.seq, one.seq]);
});

test('moderators and the host pin in open rooms, everybody in groups and direct rooms', async () => {
  const room = await scene();
  const message = await words(ann, room);
  const head = await headOf(stack, room);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [stranger, 'forbidden'], [ann, 'forbidden']]) {
    assertProblem(await pin(user, room, message), slug);
    assertProblem(await unpin(user, room, message), slug);
  }
  assert.equal(await headOf(stack, room), head);
  for (const user of [moderator, host, admin]) {
    assertOk(await pin(user, room, message), 204);
    assertOk(await unpin(user, room, message), 204);
  }
  const group = await scene({ kind: 'group' });
  const theirs = await words(bob, group);
  assertProblem(await pin(stranger, group, theirs), 'not-found');
  assertOk(await pin(ann, group, theirs), 204);
  await mute(stack, group, ann);
  for (const change of [pin, unpin]) assertProblem(await change(ann, group, theirs), 'muted');
  const direct = await directRoom(stack, ann, bob);
  const own = await words(bob, direct);
  for (const user of [stranger, admin]) assertProblem(await pin(user, direct, own), 'not-found');
  assertOk(await pin(ann, direct, own), 204);
  assertOk(await unpin(bob, direct, own), 204);
});

test('only members see the pins, and a pin is of a message of the room', async () => {
  const room = await scene();
  const other = await createRoom(stack, ann);
  for (let i = 0; i < 9; i++) await words(ann, other);
  const message = await words(ann, room);
  assertProblem(await nobody.at.get(pathOf(room)), 'unauthenticated');
  assertProblem(await stranger.at.get(pathOf(room)), 'not-member');
  assertProblem(await stranger.at.get(pathOf(await scene({ kind: 'group' }))), 'not-found');
  for (const seq of [1, message.seq + 1, 999999, 0, 'x']) assertProblem(await pin(host, room, seq), 'not-found'); // 1 is a join
  assertProblem(await pin(host, { id: 999999 }, message), 'not-found');
});

test('there are at most a hundred pins, however many come at once', async () => {
  const room = await scene();
  await stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
      SELECT ${room.id}, 10 + seq, seq, ${ann.id}, seq, seq, UTC_TIMESTAMP(3) FROM seq_1_to_110;
    UPDATE stream SET head = 120, mid = 110 WHERE kind = 1 AND id = ${room.id};
    INSERT INTO pin SELECT ${room.id}, 10 + seq, ${host.id}, UTC_TIMESTAMP(3) FROM seq_1_to_95`);
  const answers = await Promise.all(Array.from({ length: 15 }, (_, i) => pin(host, room, 106 + i)));
  const refused = answers.filter(({ status }) => status !== 204);
  assert.equal(refused.length, 10);
  for (const answer of refused) assertProblem(answer, 'limit-reached');
  assert.equal((await pinned(ann, room)).length, 100);
  assert.equal(await headOf(stack, room), 125);
  assertOk(await pin(host, room, 11), 204); // it is pinned
});
