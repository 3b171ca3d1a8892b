// GET /v1/study-stats
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack } from '../harness.mjs';
import { assertOk, assertProblem } from './check.mjs';
import { cast, roomOfFour } from './ranks.mjs';
import { HOUR, MINUTE, daysBoth, daysOf, randomSessions, settle, stats, studied } from './studykit.mjs';
import { addDays, dayOf } from './zonedays.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const all = await cast(stack);
const { ann, bob, stranger } = all;
const at = (text) => Date.parse(text);
const forget = (user) => stack.sql(`DELETE FROM study_session WHERE user = ${user.id}`);

test('from ten minutes before midnight to ten after, ten minutes are of each day, where one is', async () => {
  await settle(ann, { time_zone: 'Asia/Seoul' });
  await studied(stack, ann, [[at('2026-03-10T23:50+09:00'), at('2026-03-11T00:10+09:00')]]);
  const week = await stats(ann, '?date=2026-03-11');
  assert.deepEqual(daysOf(week), { '2026-03-10': 10 * MINUTE, '2026-03-11': 10 * MINUTE });
  assert.deepEqual([week.time_zone, week.period, week.from, week.to, week.studied], ['Asia/Seoul', 'week', '2026-03-09', '2026-03-15', 20 * MINUTE]);
  assert.equal(week.days.length, 7);
  await settle(ann, { time_zone: 'UTC' });
  assert.deepEqual(daysOf(await stats(ann, '?date=2026-03-11')), { '2026-03-10': 20 * MINUTE }, 'days are those of the zone of now');
  await forget(ann);
});

test('a day is as long as the clocks make it, when summer time begins and when it ends', async () => {
  await settle(ann, { time_zone: 'Europe/Berlin' });
  for (const [day, hours] of [['2026-03-29', 23], ['2026-10-25', 25], ['2026-06-01', 24]]) {
    const from = at(`${addDays(day, -1)}T12:00Z`);
    await studied(stack, ann, [[from, from + 24 * HOUR], [from + 24 * HOUR, from + 48 * HOUR]]);
    assert.equal(daysOf(await stats(ann, `?date=${day}`))[day], hours * HOUR, day);
    await forget(ann);
  }
  // 01:50 to 03:10 on the clock: twenty minutes went by in the night that lost an hour, two hours and twenty in the other.
  await studied(stack, ann, [[at('2026-03-29T01:50+01:00'), at('2026-03-29T03:10+02:00')], [at('2026-10-25T01:50+02:00'), at('2026-10-25T03:10+01:00')]]);
  assert.deepEqual(daysOf(await stats(ann, '?date=2026-03-29')), { '2026-03-29': 20 * MINUTE });
  assert.deepEqual(daysOf(await stats(ann, '?date=2026-10-25')), { '2026-10-25': 140 * MINUTE });
  await settle(ann, { day_start: 2 }); // an hour that comes twice, and one that never comes
  assert.deepEqual(daysOf(await stats(ann, '?date=2026-03-29')), { '2026-03-28': 10 * MINUTE, '2026-03-29': 10 * MINUTE });
  assert.deepEqual(daysOf(await stats(ann, '?date=2026-10-25')), { '2026-10-24': 10 * MINUTE, '2026-10-25': 130 * MINUTE });
  await settle(ann, { day_start: 0, time_zone: 'UTC' });
  await forget(ann);
});

test('a day may begin at another hour, and a week on Sunday', async () => {
  await settle(ann, { time_zone: 'Asia/Seoul', day_start: 4, week_start: 'sunday' });
  await studied(stack, ann, [[at('2026-03-15T03:00+09:00'), at('2026-03-15T05:00+09:00')]]); // a Sunday
  const week = await stats(ann, '?date=2026-03-15');
  assert.deepEqual([week.from, week.to, week.day_start, week.week_start], ['2026-03-15', '2026-03-21', 4, 'sunday']);
  assert.deepEqual(daysOf(week), { '2026-03-15': HOUR });
  assert.deepEqual(daysOf(await stats(ann, '?date=2026-03-14')), { '2026-03-14': HOUR });
  await settle(ann, { time_zone: 'UTC', day_start: 0, week_start: 'monday' });
  await forget(ann);
});

test('last week\'s Tuesday is in last week alone; months have their own length', async () => {
  const tuesday = at('2026-03-10T10:00Z');
  await studied(stack, ann, [[tuesday, tuesday + 90 * MINUTE]]);
  assert.deepEqual(daysOf(await stats(ann, '?date=2026-03-12')), { '2026-03-10': 90 * MINUTE });
  assert.deepEqual(daysOf(await stats(ann, '?date=2026-03-17')), {});
  const month = await stats(ann, '?period=month&date=2026-03-31');
  assert.deepEqual([month.from, month.to, month.days.length, month.studied], ['2026-03-01', '2026-03-31', 31, 90 * MINUTE]);
  assert.equal((await stats(ann, '?period=month&date=2028-02-10')).days.length, 29);
  assert.deepEqual((await stats(ann, '?period=day&date=2026-03-10')).days, [{ date: '2026-03-10', studied: 90 * MINUTE, corrected: 0 }]);
  await forget(ann);
});

test('a streak is of days in a row that reach the goal; today may still', async () => {
  const today = dayOf(Date.now(), 'UTC');
  const on = (days, minutes) => studied(stack, ann, [[at(`${addDays(today, -days)}T00:00Z`), at(`${addDays(today, -days)}T00:00Z`) + minutes * MINUTE]]);
  assert.equal((await stats(ann)).streak, 0);
  for (const days of [1, 2, 3]) await on(days, 60);
  await on(5, 60);
  assert.equal((await stats(ann)).streak, 3);
  await settle(ann, { study_goal: 61 });
  const missed = await stats(ann);
  assert.deepEqual([missed.streak, missed.goal], [0, 61]);
  await settle(ann, { study_goal: 60 });
  assert.equal((await stats(ann)).streak, 3);
  await on(4, 60);
  assert.equal((await stats(ann)).streak, 5);
  await settle(ann, { study_goal: 0 });
  await studied(stack, ann, [[Date.now() - 1, Date.now()]]);
  const { streak, today: now } = await stats(ann);
  assert.deepEqual([streak, now.date], [dayOf(Date.now() - 1, 'UTC') === today ? 6 : 5, dayOf(Date.now(), 'UTC')]);
  await forget(ann);
});

test('what runs is in it, and nobody sees what another one studies', async () => {
  const room = await roomOfFour(stack, all);
  await stack.sql(`INSERT INTO desk (user, room, sat_at, since, seen_at) SELECT ${bob.id}, ${room.id}, t, t, t + INTERVAL 90 SECOND
    FROM (SELECT UTC_TIMESTAMP(3) - INTERVAL 90 SECOND AS t) x`);
  const own = await stats(bob, '?period=day');
  const today = own.desk.since.slice(0, 10);
  assert.ok(own.today.date > today || own.today.studied === 90 * 1000, JSON.stringify(own));
  assert.equal(own.desk.state, 'studying');
  assert.equal(own.desk.today, 0);
  const other = await stats(ann);
  assert.deepEqual([other.studied, other.desk], [0, undefined]);
  assertProblem(await api(stack).get('/v1/study-stats'), 'unauthenticated');
  await stack.sql(`DELETE FROM desk WHERE user = ${bob.id}`);
});

test('what is no day or period is refused', async () => {
  for (const date of ['2026-02-29', '2026-1-1', 'today', '0001-01-01', '9999-12-31'])
    assertProblem(await ann.at.get(`/v1/study-stats?date=${date}`), 'invalid-fields', ['date']);
  assertProblem(await ann.at.get('/v1/study-stats?period=year'), 'invalid-fields', ['period']);
});

test('in any zone the days are those that JavaScript knows, and their sum is that of the sessions', async () => {
  const zones = Intl.supportedValuesOf('timeZone');
  for (let i = 0; i < 12; i++) {
    const zone = zones[Math.floor(Math.random() * zones.length)];
    const dayStart = Math.floor(Math.random() * 24);
    if ((await stranger.at.patch('/v1/users/me/settings', { time_zone: zone, day_start: dayStart })).status !== 200) continue; // not known here
    const { found, expected } = await daysBoth(stack, stranger, randomSessions(60, 30 * HOUR), zone, dayStart);
    assert.deepEqual(found, expected, `${zone}, from ${dayStart} o'clock`);
    await forget(stranger);
  }
  assertOk(await stranger.at.patch('/v1/users/me/settings', { time_zone: 'UTC', day_start: 0 }), 200);
});
