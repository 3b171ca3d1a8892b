// GET /v1/study-sessions, POST /v1/study-sessions, PATCH /v1/study-sessions/:session, DELETE /v1/study-sessions/:session
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { client, eventOn, startStack, subscribed } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, roomOfFour } from './ranks.mjs';
import { HOUR, MINUTE, settle, stats, studied } from './studykit.mjs';
import { dayOf } from './zonedays.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { ann, bob } = all;
const DAY = '2026-03-10';
const time = (text) => `${DAY}T${text}.000Z`;
const add = (user, from, to) => user.at.post('/v1/study-sessions', { started_at: time(from), ended_at: time(to) });
const added = async (...args) => assertOk(await add(...args), 201);
const change = (user, { id }, what) => user.at.patch(`/v1/study-sessions/${id}`, what);
const remove = (user, { id }) => user.at.del(`/v1/study-sessions/${id}`);
const list = async (user, date = DAY) => assertOk(await user.at.get(`/v1/study-sessions?date=${date}`), 200).sessions;
const forget = (user) => stack.sql(`DELETE FROM study_session WHERE user = ${user.id}`);

test('what was measured is listed by days, whole also over midnight, oldest first', async () => {
  await studied(stack, ann, [[Date.parse(time('22:00:00')), Date.parse(time('22:00:00')) + 4 * HOUR], [Date.parse(time('09:00:00')), Date.parse(time('10:00:00'))]], { room: 7 });
  const both = await list(ann);
  assert.deepEqual(both.map(({ id, ...rest }) => rest), [{ room: 7, started_at: time('09:00:00'), ended_at: time('10:00:00') },
    { room: 7, started_at: time('22:00:00'), ended_at: '2026-03-11T02:00:00.000Z' }]);
  assert.deepEqual(await list(ann, '2026-03-11'), [both[1]]);
  assert.deepEqual([await list(ann, '2026-03-12'), await list(bob)], [[], []]);
  assertProblem(await ann.at.get('/v1/study-sessions?date=march'), 'invalid-fields', ['date']);
  await forget(ann);
});

test('what one corrects or adds is marked, in the day as well', async () => {
  await studied(stack, ann, [[Date.parse(time('09:00:00')), Date.parse(time('10:00:00'))]], { room: 7 });
  const [measured] = await list(ann);
  const own = await added(ann, '12:00:00', '12:30:00');
  assert.deepEqual(own, { id: own.id, started_at: time('12:00:00'), ended_at: time('12:30:00'), corrected: true });
  assert.deepEqual(await list(ann), [measured, own]);
  const [day] = (await stats(ann, `?period=day&date=${DAY}`)).days;
  assert.deepEqual(day, { date: DAY, studied: 90 * MINUTE, corrected: 30 * MINUTE });
  const shorter = assertOk(await change(ann, measured, { ended_at: time('09:45:00') }), 200);
  assert.deepEqual(shorter, { ...measured, ended_at: time('09:45:00'), corrected: true });
  assert.deepEqual((await stats(ann, `?period=day&date=${DAY}`)).days, [{ date: DAY, studied: 75 * MINUTE, corrected: 75 * MINUTE }]);
  assert.deepEqual(assertOk(await change(ann, own, {}), 200), own);
  assertOk(await remove(ann, own), 204);
  assertProblem(await remove(ann, own), 'not-found');
  assert.deepEqual(await list(ann), [shorter]);
  await forget(ann);
});

test('a session has a length, ends by now, lasts a day at most, and overlaps nothing', async () => {
  const one = await added(ann, '09:00:00', '10:00:00');
  for (const [from, to] of [['09:59:59', '11:00:00'], ['08:00:00', '09:00:01'], ['09:10:00', '09:20:00'], ['08:00:00', '11:00:00']])
    assertInvalid(await add(ann, from, to), 'started_at');
  const next = await added(ann, '10:00:00', '11:00:00');
  assertInvalid(await change(ann, next, { started_at: time('09:30:00') }), 'started_at');
  assertOk(await change(ann, next, { started_at: time('10:30:00') }), 200);
  await added(bob, '09:00:00', '10:00:00');
  for (const [from, to] of [['12:00:00', '12:00:00'], ['12:00:00', '11:00:00']]) assertInvalid(await add(ann, from, to), 'ended_at');
  assertInvalid(await ann.at.post('/v1/study-sessions', { started_at: '2026-03-01T00:00:00.000Z', ended_at: '2026-03-02T00:00:00.001Z' }), 'ended_at');
  const soon = new Date(Date.now() + HOUR).toISOString();
  assertInvalid(await ann.at.post('/v1/study-sessions', { started_at: new Date().toISOString(), ended_at: soon }), 'ended_at');
  assertInvalid(await ann.at.post('/v1/study-sessions', {}), 'started_at', 'ended_at');
  assertInvalid(await ann.at.post('/v1/study-sessions', { started_at: 'noon', ended_at: time('12:00:00') }), 'started_at');
  assert.equal((await list(ann)).length, 2);
  assert.deepEqual((await list(ann))[0], one);
  await Promise.all([ann, bob].map(forget));
});

test('of many that are added at once and overlap, one is there', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => add(ann, '09:00:00', '10:00:00')));
  assert.deepEqual(answers.map(({ status }) => status).filter((status) => status === 201).length, 1);
  assert.equal((await list(ann)).length, 1);
  await forget(ann);
});

test('a day takes a hundred', async () => {
  const from = Date.parse(time('08:00:00'));
  await studied(stack, ann, Array.from({ length: 100 }, (_, i) => [from + i * MINUTE, from + i * MINUTE + 1000]));
  assertProblem(await add(ann, '15:00:00', '15:10:00'), 'limit-reached');
  await forget(ann);
});

test('nobody sees or changes what another one has studied', async () => {
  const one = await added(ann, '09:00:00', '10:00:00');
  for (const answer of [await change(bob, one, { ended_at: time('09:30:00') }), await remove(bob, one)]) assertProblem(answer, 'not-found');
  assert.deepEqual([await list(ann), await list(bob)], [[one], []]);
  await forget(ann);
});

test('where one sits, the room hears that today is another one; what runs is not overlapped', async () => {
  const room = await roomOfFour(stack, all);
  await settle(ann, { time_zone: 'UTC' });
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const sat = eventOn(inside, 'desk.updated');
  const { since } = assertOk(await ann.at.put(`/v1/rooms/${room.id}/desk`, {}), 200);
  await sat; // or it would pass for that of the session
  await stack.sql(`UPDATE desk SET since = since - INTERVAL 1 HOUR WHERE user = ${ann.id}`);
  const ended = new Date(Date.parse(since) - HOUR);
  const body = { started_at: new Date(ended - MINUTE).toISOString(), ended_at: ended.toISOString() };
  assertInvalid(await ann.at.post('/v1/study-sessions', { ...body, ended_at: new Date(Date.parse(since) - HOUR + 1).toISOString() }), 'started_at');
  const told = eventOn(inside, 'desk.updated');
  const one = assertOk(await ann.at.post('/v1/study-sessions', body), 201);
  const isToday = dayOf(ended - MINUTE, 'UTC') === dayOf(Date.now(), 'UTC');
  const heard = await told;
  assert.ok(!isToday || heard.today === MINUTE, JSON.stringify(heard));
  assert.equal(heard.state, 'studying');
  const again = eventOn(inside, 'desk.updated');
  assertOk(await remove(ann, one), 204);
  assert.equal((await again).today, 0);
});
