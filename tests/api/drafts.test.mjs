// PUT /v1/rooms/:room/draft, DELETE /v1/rooms/:room/draft, GET /v1/users/me/drafts
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, joinRoom, people, say } from './check.mjs';
import { cast, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann, bob, stranger, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

const pathOf = (room) => `/v1/rooms/${room.id}/draft`;
const draft = (user, room, body = '쓰다 만', more = {}) => user.at.put(pathOf(room), { body, ...more });
const list = async (user, query = '') => assertOk(await user.at.get(`/v1/users/me/drafts${query}`), 200).drafts;
const rows = async (where) => Number((await stack.sql(`SELECT COUNT(*) FROM draft WHERE ${where}`))[0][0]);

test('a draft is heard by the own devices, and the latest one counts', async () => {
  const room = await scene();
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const heard = eventOn(own, 'draft.updated');
  const one = assertOk(await draft(ann, room, '쓰다 만', { reply_to: 3 }), 200);
  assert.match(one.updated_at, TIME);
  assert.deepEqual(one, { room: room.id, body: '쓰다 만', reply_to: 3, updated_at: one.updated_at });
  assert.deepEqual(await heard, one);
  const two = assertOk(await draft(ann, room, '쓰다 만 글'), 200);
  assert.deepEqual(two, { room: room.id, body: '쓰다 만 글', updated_at: two.updated_at });
  assert.deepEqual(await list(ann), [two]);
  assert.deepEqual(await list(bob), []);
  assertOk(await say(stack, ann, room), 201); // which leaves it alone
  assert.deepEqual(await list(ann), [two]);
  const removed = eventOn(own, 'draft.removed');
  assertOk(await ann.at.del(pathOf(room)), 204);
  assert.deepEqual(await removed, { room: room.id, updated_at: two.updated_at }); // which one is meant
  assert.deepEqual(await list(ann), []);
  assertOk(await ann.at.del(pathOf(room)), 204);
});

test('drafts are listed by room, of those one is in', async () => {
  const rooms = [await scene(), await scene(), await scene()];
  for (const room of [...rooms].reverse()) assertOk(await draft(bob, room, `in ${room.id}`), 200);
  const first = assertOk(await bob.at.get('/v1/users/me/drafts?limit=2'), 200);
  assert.deepEqual(first.drafts.map(({ room }) => room), [rooms[0].id, rooms[1].id]);
  assert.deepEqual((await list(bob, `?cursor=${first.next}`)).map(({ room }) => room), [rooms[2].id]);
  assertInvalid(await bob.at.get('/v1/users/me/drafts?cursor=x'), 'cursor');
  assertOk(await bob.at.del(`/v1/rooms/${rooms[1].id}/members/me`), 204);
  assert.deepEqual((await list(bob)).map(({ room }) => room), [rooms[0].id, rooms[2].id]);
  assertOk(await bob.at.del(pathOf(rooms[1])), 204);
  assert.equal(await rows(`room = ${rooms[1].id}`), 0);
});

test('only members have drafts in a room', async () => {
  const [room, group] = [await scene(), await scene({ kind: 'group' })];
  assertProblem(await draft(nobody, room), 'unauthenticated');
  assertProblem(await nobody.at.del(pathOf(room)), 'unauthenticated');
  assertProblem(await draft(stranger, room), 'not-member');
  assertProblem(await draft(stranger, group), 'not-found');
  assertOk(await stranger.at.del(pathOf(group)), 204); // as of a room that is not there
  assertOk(await stranger.at.del(pathOf({ id: 999999 })), 204);
  assertInvalid(await draft(ann, room, ''), 'body');
  assertInvalid(await draft(ann, room, 'x'.repeat(4001), { reply_to: 0 }), 'body', 'reply_to');
  assertInvalid(await ann.at.put(pathOf(room), {}), 'body');
});

test('there are so many drafts, and so many changes of them', async () => {
  const [keen] = (await people(stack, 1)).map((user) => ({ ...user, at: api(stack, user) }));
  const room = await scene();
  await joinRoom(stack, keen, room);
  await stack.sql(`INSERT INTO draft (user, room, body, updated_at) SELECT ${keen.id}, 1000000 + seq, 'x', UTC_TIMESTAMP(3) FROM seq_1_to_500`);
  assertProblem(await draft(keen, room), 'limit-reached');
  await stack.sql(`DELETE FROM draft WHERE room = 1000001; UPDATE throttle SET hits = 119 WHERE name = 'draft:${keen.id}'`);
  assertOk(await draft(keen, room), 200);
  assertProblem(await draft(keen, room), 'throttled');
  assertProblem(await keen.at.del(pathOf(room)), 'throttled');
});

test('drafts go with the room and with the account', async () => {
  const [room, kept] = [await scene(), await scene()];
  const [leaver] = (await people(stack, 1)).map((user) => ({ ...user, at: api(stack, user) }));
  for (const one of [room, kept]) {
    await joinRoom(stack, leaver, one);
    assertOk(await draft(leaver, one), 200);
  }
  assertOk(await host.at.del(`/v1/rooms/${room.id}`), 204);
  await until(async () => await rows(`room = ${room.id}`) === 0, 60000, 'the draft to be erased');
  assertOk(await leaver.at.call('DELETE', '/v1/users/me', { password: leaver.password, messages: 'keep' }), 204);
  assert.equal(await rows(`user = ${leaver.id}`), 0);
});
