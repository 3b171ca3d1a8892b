// POST /v1/rooms/:room/scheduled, GET /v1/rooms/:room/scheduled, PATCH /v1/rooms/:room/scheduled/:scheduled,
// DELETE /v1/rooms/:room/scheduled/:scheduled, GET /v1/users/me/scheduled
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, joinRoom, people, say } from './check.mjs';
import { channelOf, killFeeder } from './listener.mjs';
import { cast, directRoom, mute, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 2 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann, bob, stranger, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

let last = 0;
const pathOf = (room, one) => `/v1/rooms/${room.id}/scheduled${one === undefined ? '' : `/${one.id ?? one}`}`;
const inSeconds = (n) => new Date(Date.now() + n * 1000).toISOString();
const plan = (user, room, message = {}) => user.at.post(pathOf(room), { client_id: `s${++last}`, body: '내일 봐요', send_at: inSeconds(86400), ...message });
const planned = async (user, room, message) => assertOk(await plan(user, room, message), 201);
const mine = async (user, path = '/v1/users/me/scheduled') => assertOk(await user.at.get(path), 200).scheduled;
// The time has come, or has been for a while.
const comes = (ones, ago = 0) => stack.sql(`UPDATE scheduled SET due_at = UTC_TIMESTAMP(3) - INTERVAL ${ago} SECOND,
  send_at = UTC_TIMESTAMP(3) - INTERVAL ${ago} SECOND WHERE id IN (${[ones].flat().map(({ id }) => id)})`);
const gone = (user, one) => until(async () => !(await mine(user)).some(({ id }) => id === one.id), 15000, 'the message to be sent');
const failed = (user, one) => until(async () => (await mine(user)).find(({ id, failed: slug }) => id === one.id && slug), 15000, 'the message to fail');
const said = async (room) => assertOk(await host.at.get(`/v1/rooms/${room.id}/messages`), 200).messages;
const lastEvent = async (user) => assertOk(await user.at.get('/v1/users/me/events?limit=1000'), 200).events.at(-1);

test('a message for later is told to the own devices, and listed', async () => {
  const room = await scene();
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const heard = eventOn(own, 'scheduled.created');
  const message = { client_id: 'once', body: '내일 봐요', send_at: inSeconds(3600) };
  const one = assertOk(await ann.at.post(pathOf(room), message), 201);
  assert.match(one.created_at, TIME);
  assert.deepEqual(one, { id: one.id, room: room.id, ...message, created_at: one.created_at });
  const { seq, mid, ...data } = await heard;
  assert.deepEqual(data, one);
  assert.deepEqual(assertOk(await ann.at.post(pathOf(room), message), 201), one);
  assertProblem(await ann.at.post(pathOf(room), { ...message, body: 'another' }), 'client-id-reused');
  assert.equal((await lastEvent(ann)).seq, seq);
  const other = await planned(ann, await scene());
  assert.deepEqual(await mine(ann, pathOf(room)), [one]);
  assert.deepEqual(await mine(ann), [one, other]);
  const page = assertOk(await ann.at.get('/v1/users/me/scheduled?limit=1'), 200);
  assert.deepEqual(page, { scheduled: [one], next: one.id });
  assert.deepEqual(await mine(ann, `/v1/users/me/scheduled?cursor=${page.next}`), [other]);
  assert.deepEqual(await mine(bob), []);
  for (const path of ['/v1/users/me/scheduled', pathOf(room)]) assertInvalid(await ann.at.get(`${path}?cursor=x`), 'cursor');
});

test('it is sent when its time has come, and everybody sees it', async () => {
  const room = await scene();
  const { seq: reply_to } = assertOk(await say(stack, bob, room, '언제?'), 201);
  const one = await planned(ann, room, { reply_to });
  const [inside, own] = [await subscribed(await client(stack, bob), channelOf(room)), await subscribed(await client(stack, ann), `private-user-${ann.id}`)];
  const [heard, removed] = [eventOn(inside, 'message.created', 15000), eventOn(own, 'scheduled.removed', 15000)];
  await comes(one);
  const message = await heard;
  assert.deepEqual([message.sender, message.body, message.reply_to, message.client_id], [ann.id, '내일 봐요', reply_to, `scheduled-${one.id}`]);
  const { seq, mid, ...data } = await removed;
  assert.deepEqual(data, { id: one.id, room: room.id, message: message.seq });
  assert.deepEqual((await said(room)).at(-1), message);
  assert.deepEqual(await mine(ann, pathOf(room)), []);
});

test('what is due is sent in its order, once, whoever is killed meanwhile', async () => {
  const room = await scene();
  const ones = [];
  for (let i = 0; i < 12; i++) ones.push(await planned(i % 2 ? ann : bob, room, { body: `m${i}` }));
  await stack.sql(`UPDATE scheduled SET due_at = UTC_TIMESTAMP(3) - INTERVAL 60 - id MOD 60 SECOND WHERE id IN (${ones.map(({ id }) => id)})`);
  const order = (await stack.sql(`SELECT body FROM scheduled WHERE id IN (${ones.map(({ id }) => id)}) ORDER BY due_at, id`)).flat();
  await until(async () => (await said(room)).length > 0, 15000, 'the first to be sent');
  await killFeeder(stack);
  for (const one of ones) await gone(ones.indexOf(one) % 2 ? ann : bob, one);
  assert.deepEqual((await said(room)).map(({ body }) => body).sort(), ones.map(({ body }) => body).sort());
  assert.deepEqual((await said(room)).map(({ body }) => body), order);
});

test('one that was sent before a crash is not sent again', async () => {
  const room = await scene();
  const one = await planned(ann, room);
  const { seq } = assertOk(await say(stack, ann, room, one.body, `scheduled-${one.id}`), 201); // as the feeder did
  await comes(one);
  await gone(ann, one);
  assert.equal((await said(room)).length, 1);
  assert.equal((await lastEvent(ann)).data.message, seq);
  const masked = await planned(ann, room);
  const other = assertOk(await say(stack, ann, room, '** 봐요', `scheduled-${masked.id}`), 201); // with other words masked
  await comes(masked);
  await gone(ann, masked);
  assert.equal((await said(room)).length, 2);
  assert.equal((await lastEvent(ann)).data.message, other.seq);
});

test('it is changed and taken back until it is sent', async () => {
  const room = await scene();
  const one = await planned(ann, room, { reply_to: assertOk(await say(stack, bob, room), 201).seq });
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const heard = eventOn(own, 'scheduled.updated');
  const send_at = inSeconds(7200);
  const now = assertOk(await ann.at.patch(pathOf(room, one), { body: 'changed', send_at }), 200);
  assert.deepEqual(now, { ...one, body: 'changed', send_at });
  const { seq, mid, ...data } = await heard;
  assert.deepEqual(data, now);
  assert.deepEqual(assertOk(await ann.at.patch(pathOf(room, one), {}), 200), now);
  assert.equal((await lastEvent(ann)).seq, seq);
  const { reply_to, ...rest } = now;
  assert.deepEqual(assertOk(await ann.at.patch(pathOf(room, one), { reply_to: 0 }), 200), rest);
  assertInvalid(await ann.at.patch(pathOf(room, one), { body: '', send_at: inSeconds(1), reply_to: -1 }), 'body', 'reply_to');
  assertInvalid(await ann.at.patch(pathOf(room, one), { send_at: inSeconds(1) }), 'send_at');
  await stack.sql(`UPDATE scheduled SET taken = 1 WHERE id = ${one.id}`);
  assertProblem(await ann.at.patch(pathOf(room, one), { body: 'too late' }), 'conflict');
  assertProblem(await ann.at.del(pathOf(room, one)), 'conflict');
  await stack.sql(`UPDATE scheduled SET taken = 0 WHERE id = ${one.id}`);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [bob, 'not-found'], [stranger, 'not-found']]) {
    assertProblem(await user.at.patch(pathOf(room, one), { body: 'mine' }), slug);
    assertProblem(await user.at.del(pathOf(room, one)), slug);
  }
  assertProblem(await ann.at.del(pathOf(await scene(), one)), 'not-found');
  const removed = eventOn(own, 'scheduled.removed');
  assertOk(await ann.at.del(pathOf(room, one)), 204);
  assert.equal((await removed).message, undefined);
  assertProblem(await ann.at.del(pathOf(room, one)), 'not-found');
});

test('what can not be sent stays with the reason, and is tried again at a new time', async () => {
  const room = await scene();
  const one = await planned(ann, room);
  await mute(stack, room, ann);
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const heard = eventOn(own, 'scheduled.failed', 15000);
  await comes(one);
  assert.equal((await heard).failed, 'muted');
  assert.equal((await failed(ann, one)).failed, 'muted');
  await mute(stack, room, ann, -1);
  const again = assertOk(await ann.at.patch(pathOf(room, one), { send_at: inSeconds(60) }), 200);
  assert.equal(again.failed, undefined);
  await comes(one);
  await gone(ann, one);
  assert.equal((await said(room)).length, 1);
});

test('each refusal has its reason', async () => {
  const [left, forgotten, deleted, late] = [await scene(), await scene(), await scene(), await scene()];
  const hidden = await scene({ kind: 'group' });
  const direct = await directRoom(stack, ann, bob);
  const refused = [
    [await planned(bob, left), 'not-member', () => bob.at.del(`/v1/rooms/${left.id}/members/me`)],
    [await planned(bob, hidden), 'not-found', () => bob.at.del(`/v1/rooms/${hidden.id}/members/me`)],
    [await planned(bob, deleted), 'not-found', () => host.at.del(`/v1/rooms/${deleted.id}`)],
    [await planned(bob, direct), 'not-sendable', () => ann.at.del(`/v1/rooms/${direct.id}/members/me`)],
    [await planned(bob, forgotten, { reply_to: 999 }), 'invalid-fields', () => {}],
    [await planned(bob, late), 'too-late', () => {}],
  ];
  for (const [, , happens] of refused) await happens();
  await comes(refused.map(([one]) => one), 3600);
  await comes(refused.at(-1)[0], 90000);
  for (const [one, slug] of refused) assert.equal((await failed(bob, one)).failed, slug);
  for (const [one] of refused) assertOk(await bob.at.del(pathOf({ id: one.room }, one)), 204);
});

test('in slow mode it waits, and others do not wait for it', async () => {
  const [slow, other] = [await scene(), await scene()];
  assertOk(await host.at.patch(`/v1/rooms/${slow.id}`, { slow_seconds: 600 }), 200);
  assertOk(await say(stack, ann, slow), 201);
  const [first, second] = [await planned(ann, slow), await planned(ann, other)];
  await comes([first, second]);
  await gone(ann, second);
  assert.equal((await mine(ann, pathOf(slow)))[0].failed, undefined);
  await stack.sql(`UPDATE member SET sent_at = NULL WHERE room = ${slow.id}`);
  await comes(first);
  await gone(ann, first);
});

test('a closed account sends nothing, an erased one has nothing to send', async () => {
  const room = await scene();
  const [closed, erased] = (await people(stack, 2)).map((user) => ({ ...user, at: api(stack, user) }));
  for (const user of [closed, erased]) await joinRoom(stack, user, room);
  const one = await planned(closed, room);
  await planned(erased, room);
  await stack.sql(`UPDATE user SET state = 'disabled' WHERE id = ${closed.id}`);
  await comes(one);
  await until(async () => (await stack.sql(`SELECT 1 FROM scheduled WHERE id = ${one.id} AND failed = 'account-disabled'`)).length > 0, 15000, 'it to fail');
  assertOk(await erased.at.call('DELETE', '/v1/users/me', { password: erased.password, messages: 'keep' }), 204);
  assert.deepEqual(await stack.sql(`SELECT id FROM scheduled WHERE user = ${erased.id}`), []);
});

test('only members plan, what may be said, not too soon and not too much', async () => {
  const room = await scene();
  assertInvalid(await ann.at.post(pathOf(room), {}), 'client_id', 'body', 'send_at');
  for (const send_at of [inSeconds(5), inSeconds(-60), inSeconds(367 * 86400), 'tomorrow', '2026-12-31']) assertInvalid(await plan(ann, room, { send_at }), 'send_at');
  assertProblem(await plan(nobody, room), 'unauthenticated');
  assertProblem(await plan(stranger, room), 'not-member');
  assertProblem(await stranger.at.get(pathOf(room)), 'not-member');
  assertProblem(await plan(stranger, await scene({ kind: 'group' })), 'not-found');
  assertOk(await host.at.post(`/v1/rooms/${room.id}/words`, { word: 'pork', action: 'refuse' }), 201);
  await until(async () => (await plan(ann, room, { body: 'pork' })).status === 422, 10000, 'the word to be refused');
  assertProblem(await plan(stranger, room, { body: 'pork' }), 'not-member');
  await stack.sql(`DELETE FROM scheduled WHERE user = ${ann.id};
    INSERT INTO scheduled (user, room, client_id, body, send_at, due_at, created_at)
      SELECT ${ann.id}, ${room.id}, CONCAT('n', seq), 'x', '2090-01-01', '2090-01-01', UTC_TIMESTAMP(3) FROM seq_1_to_97`);
  const answers = await Promise.all(Array.from({ length: 6 }, () => plan(ann, room)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 201, 409, 409, 409]);
  for (const answer of answers.filter(({ status }) => status === 409)) assertProblem(answer, 'limit-reached');
});
