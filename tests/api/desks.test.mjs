// GET /v1/rooms/:room/desks, PUT /v1/rooms/:room/desk, DELETE /v1/rooms/:room/desk
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, headOf, roomOfFour, setAdmin } from './ranks.mjs';
import { DAY, HOUR, MINUTE, settle, stats, studied } from './studykit.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4, desk_beat: 1, presence_linger: 0 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann, bob, stranger } = all;
const scene = () => roomOfFour(stack, all);
const sit = (user, room, state) => user.at.put(`/v1/rooms/${room.id}/desk`, state ? { state } : {});
const sits = async (...args) => assertOk(await sit(...args), 200);
const leave = (user, room) => user.at.del(`/v1/rooms/${room.id}/desk`);
const desks = async (user, room) => assertOk(await user.at.get(`/v1/rooms/${room.id}/desks`), 200).desks;
const sessions = async (user) => (await stack.sql(`SELECT room, TIMESTAMPDIFF(MICROSECOND, started_at, ended_at) DIV 1000 FROM study_session
  WHERE user = ${user.id} ORDER BY id`)).map(([room, ms]) => ({ room: Number(room), ms: Number(ms) }));
const forget = (user) => stack.sql(`DELETE FROM study_session WHERE user = ${user.id}`);
const row = async (user) => (await stack.sql(`SELECT room, since IS NOT NULL, missed FROM desk WHERE user = ${user.id}`))[0];
// As if it had been so for a while.
const earlier = (user, ms) => stack.sql(`UPDATE desk SET since = since - INTERVAL ${ms} * 1000 MICROSECOND WHERE user = ${user.id}`);
const enter = async (user, room) => {
  const pusher = await client(stack, user);
  return { pusher, channel: await subscribed(pusher, channelOf(room)), leave: () => pusher.disconnect() };
};
// On a slow machine who is not there would have left before anything is asked.
const sitsInside = async (user, room) => {
  await enter(user, room);
  return sits(user, room);
};
const near = (ms, expected) => assert.ok(ms >= expected && ms < expected + 2 * MINUTE, `${ms} is not about ${expected}`);

test('one sits down, pauses, goes on and leaves; the room and the own devices hear it', async () => {
  const room = await scene();
  const inside = (await enter(host, room)).channel;
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  await enter(ann, room);
  const [told, toldOwn] = [eventOn(inside, 'desk.updated'), eventOn(own, 'desk.updated')];
  const desk = await sits(ann, room);
  assert.match(desk.since, TIME);
  assert.deepEqual(desk, { room: room.id, user: ann.id, state: 'studying', sat_at: desk.since, since: desk.since, today: 0, day_began_at: desk.day_began_at, day_ends_at: desk.day_ends_at });
  assert.equal(Date.parse(desk.day_ends_at) - Date.parse(desk.day_began_at), 24 * HOUR);
  for (const { seq, mid, ...heard } of [await told, await toldOwn]) assert.deepEqual(heard, desk);
  assert.deepEqual(await desks(bob, room), [desk]);
  const head = await headOf(stack, room);
  assert.deepEqual(await sits(ann, room), desk, 'twice is once');
  assert.equal(await headOf(stack, room), head, 'nothing happened, so no seq is used');
  await earlier(ann, 10 * MINUTE);
  const paused = await sits(ann, room, 'paused');
  assert.deepEqual([paused.state, paused.since], ['paused', undefined]);
  const [{ ms, room: where }] = await sessions(ann);
  near(ms, 10 * MINUTE);
  assert.equal(where, room.id);
  assert.ok(paused.today <= ms, 'some of it may be of yesterday');
  assert.deepEqual(await sits(ann, room, 'paused'), paused);
  const again = await sits(ann, room, 'studying');
  assert.deepEqual([again.state, again.sat_at, again.today], ['studying', desk.sat_at, paused.today]);
  const [gone, goneOwn] = [eventOn(inside, 'desk.left'), eventOn(own, 'desk.left')];
  assertOk(await leave(ann, room), 204);
  for (const { seq, mid, ...heard } of [await gone, await goneOwn]) assert.deepEqual(heard, { room: room.id, user: ann.id });
  assert.deepEqual(await desks(bob, room), []);
  assertProblem(await leave(ann, room), 'not-found');
  await forget(ann);
});

test('the clock goes on from what was studied today, where one is', async () => {
  const room = await scene();
  await settle(ann, { time_zone: 'Asia/Seoul' });
  const noon = Math.floor((Date.now() + 9 * HOUR) / (24 * HOUR)) * 24 * HOUR - 9 * HOUR; // midnight there
  await studied(stack, ann, [[noon - HOUR, noon - 10 * MINUTE], [noon - 5 * MINUTE, noon + 1000]]);
  const { today, day_ends_at: ends } = await sits(ann, room);
  assert.equal(today, 1000);
  assert.equal(Date.parse(ends), noon + 24 * HOUR);
  await leave(ann, room);
  await settle(ann, { time_zone: 'UTC' });
  await forget(ann);
});

test('who has another day from now on tells the room', async () => {
  const room = await scene();
  const inside = (await enter(host, room)).channel;
  const { since, day_ends_at: ends } = await sits(ann, room);
  const told = eventOn(inside, 'desk.updated', 5000, ({ day_ends_at: now }) => now !== ends);
  await settle(ann, { day_start: 1 });
  const heard = await told;
  assert.deepEqual([heard.user, heard.since], [ann.id, since]);
  // An hour later, or in the first hour of a day that of the day before: 23 hours earlier.
  assert.equal((Date.parse(heard.day_ends_at) - Date.parse(ends) + DAY) % DAY, HOUR);
  const head = await headOf(stack, room);
  await settle(ann, { locale: 'ko', study_goal: 30 });
  assert.equal(await headOf(stack, room), head, 'nothing else is of interest there');
  await settle(ann, { day_start: 0 });
  await leave(ann, room);
});

test('who is in the room goes on, in one window or two; who is not has left when they were seen last', async () => {
  const room = await scene();
  const inside = (await enter(host, room)).channel;
  const [one, two] = [await enter(ann, room), await enter(ann, room)];
  await sits(ann, room);
  const seen = async () => (await stack.sql(`SELECT seen_at FROM desk WHERE user = ${ann.id}`))[0]?.[0];
  const begin = await seen();
  await until(async () => await seen() > begin, 10000, 'to be seen');
  one.leave();
  await stack.sql(`UPDATE desk SET missed = 3 WHERE user = ${ann.id}`);
  await until(async () => (await row(ann))[2] === '0', 10000, 'to be seen in the other window');
  const gone = eventOn(inside, 'desk.left', 20000);
  two.leave();
  const { user } = await gone;
  assert.equal(user, ann.id);
  assert.equal(await row(ann), undefined);
  const [{ ms }] = await sessions(ann);
  assert.ok(ms < 60 * 1000, `${ms} ms`);
  assert.equal((await sessions(ann)).length, 1, 'two windows count once');
  await forget(ann);
});

test('who never came into the room has studied nothing, and who appears offline is there while connected', async () => {
  const room = await scene();
  await sits(bob, room);
  await earlier(bob, HOUR);
  await stack.sql(`UPDATE desk SET since = seen_at WHERE user = ${bob.id}`);
  await until(async () => await row(bob) === undefined, 20000, 'to be gone');
  assert.deepEqual(await sessions(bob), []);
  assertOk(await bob.at.put('/v1/users/me/presence', { appear: 'offline' }), 200);
  const hidden = await enter(bob, room);
  await sits(bob, room);
  await stack.sql(`UPDATE desk SET missed = 5 WHERE user = ${bob.id}`);
  await until(async () => (await row(bob))[2] === '0', 10000, 'to be seen');
  hidden.leave();
  await until(async () => await row(bob) === undefined, 20000, 'to be gone');
  assertOk(await bob.at.put('/v1/users/me/presence', { appear: 'online' }), 200);
  await forget(bob);
});

test('while push is away nothing ends, and a long time without it is not counted', async () => {
  const room = await scene();
  await enter(ann, room);
  await sits(ann, room);
  await earlier(ann, 10 * MINUTE);
  await stack.stopPush();
  await stack.sql(`UPDATE desk SET seen_at = seen_at - INTERVAL 5 MINUTE, missed = 0 WHERE user = ${ann.id}`);
  await stack.startPush();
  await until(async () => { // however long a connection takes here
    await stack.sql(`UPDATE desk SET missed = 0 WHERE user = ${ann.id}`);
    return (await sessions(ann)).length === 1;
  }, 20000, 'to begin anew');
  const [{ ms }] = await sessions(ann);
  near(ms, 5 * MINUTE);
  assert.equal((await row(ann))[1], '1', 'the clock runs');
  await leave(ann, room);
  await forget(ann);
});

test('a session is no longer than a day', async () => {
  const room = await scene();
  const inside = await enter(ann, room);
  await sits(ann, room);
  await earlier(ann, 24 * HOUR);
  await until(async () => (await sessions(ann)).length === 1, 10000, 'to begin anew');
  near((await sessions(ann))[0].ms, 24 * HOUR);
  assert.equal((await row(ann))[1], '1');
  inside.leave();
  await leave(ann, room);
  await forget(ann);
});

test('one sits at one desk: the other is left, also when both are asked for at once', async () => {
  const [one, two] = [await scene(), await scene()];
  const inside = (await enter(host, one)).channel;
  await enter(ann, two);
  await sitsInside(ann, one);
  await earlier(ann, MINUTE);
  const left = eventOn(inside, 'desk.left');
  await sits(ann, two);
  assert.equal((await left).room, one.id);
  near((await sessions(ann))[0].ms, MINUTE);
  assert.deepEqual([(await desks(bob, one)).length, (await desks(bob, two)).length], [0, 1]);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => sit(ann, i % 2 ? one : two)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].filter((status) => status !== 200 && status !== 503), []);
  assert.equal((await stack.sql(`SELECT COUNT(*) FROM desk WHERE user = ${ann.id}`))[0][0], '1');
  assert.equal((await desks(bob, one)).length + (await desks(bob, two)).length, 1);
  await stack.sql(`DELETE FROM desk WHERE user = ${ann.id}`);
  await forget(ann);
});

test('who leaves the room, is thrown out, or whose room ends has left the desk, and keeps the time', async () => {
  const room = await scene();
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  await sitsInside(ann, room);
  await earlier(ann, MINUTE);
  const left = eventOn(own, 'desk.left');
  assertOk(await ann.at.del(`/v1/rooms/${room.id}/members/me`), 204);
  assert.equal((await left).room, room.id);
  assert.deepEqual(await desks(host, room), []);
  await sitsInside(bob, room);
  await earlier(bob, MINUTE);
  assertOk(await host.at.del(`/v1/rooms/${room.id}/members/${bob.id}`), 204);
  assert.equal(await row(bob), undefined);
  for (const user of [ann, bob]) near((await sessions(user))[0].ms, MINUTE);
  const other = await scene();
  await sitsInside(ann, other);
  await earlier(ann, HOUR);
  assertOk(await host.at.del(`/v1/rooms/${other.id}`), 204);
  await until(async () => await row(ann) === undefined, 20000, 'to have left');
  near((await sessions(ann))[1].ms, HOUR);
  await Promise.all([ann, bob].map(forget));
});

test('members alone sit and see who does, and nobody leaves for another one', async () => {
  const room = await scene();
  for (const answer of [await sit(stranger, room), await stranger.at.get(`/v1/rooms/${room.id}/desks`)]) assertProblem(answer, 'not-member');
  await setAdmin(stack, stranger);
  assertProblem(await sit(stranger, room), 'not-member');
  await setAdmin(stack, stranger, 'user');
  assertInvalid(await sit(ann, room, 'sleeping'), 'state');
  await sitsInside(ann, room);
  assertProblem(await leave(bob, room), 'not-found');
  assert.equal((await desks(host, room)).length, 1, 'nobody leaves for another one');
  assertOk(await leave(ann, room), 204);
});

test('many are listed in pages', async () => {
  const room = await scene();
  for (const user of [host, ann, bob]) await sitsInside(user, room);
  const first = assertOk(await ann.at.get(`/v1/rooms/${room.id}/desks?limit=2`), 200);
  const rest = assertOk(await ann.at.get(`/v1/rooms/${room.id}/desks?limit=2&cursor=${first.next}`), 200);
  assert.deepEqual([first.desks.length, rest.desks.length, rest.next], [2, 1, null]);
  assert.deepEqual([...first.desks, ...rest.desks].map(({ user }) => user), [host, ann, bob].map(({ id }) => id).sort((a, b) => a - b));
});

test('with the account goes what it studied', async () => {
  const room = await scene();
  await sitsInside(bob, room);
  await earlier(bob, HOUR);
  assertOk(await leave(bob, room), 204);
  assert.equal((await sessions(bob)).length, 1);
  await sits(bob, room);
  assertOk(await bob.at.call('DELETE', '/v1/users/me', { password: 'correct horse battery', messages: 'keep' }), 204);
  assert.deepEqual([await sessions(bob), await row(bob), await desks(host, room)], [[], undefined, []]);
});
