import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, signUp, startStack, subscribed } from '../harness.mjs';
import { MID, assertInvalid, assertOk, assertProblem } from './check.mjs';

const stack = await startStack();
after(() => stack.stop());

const ann = await signUp(stack);
const anns = api(stack, ann);
const get = () => anns.get('/v1/users/me/settings');
const set = (body) => anns.patch('/v1/users/me/settings', body);
const fresh = {
  time_zone: 'UTC', locale: 'en', day_start: 0, week_start: 'monday', receipts: 'shown', direct: 'everybody', found: 'shown', study_goal: 0,
};

test('a new account has the settings that most people want', async () => {
  assertOk(await get(), 200, fresh);
  assertProblem(await api(stack).get('/v1/users/me/settings'), 'unauthenticated');
  assertProblem(await api(stack).patch('/v1/users/me/settings', {}), 'unauthenticated');
});

test('settings are changed one by one or together, and told to the own devices', async () => {
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = eventOn(own, 'settings.updated');
  const changed = { ...fresh, time_zone: 'Asia/Seoul', locale: 'ko-KR', day_start: 5 };
  assertOk(await set({ time_zone: 'Asia/Seoul', locale: 'ko-KR', day_start: 5 }), 200, changed);
  const { seq, mid, ...data } = await told;
  assert.deepEqual(data, changed);
  assert.match(mid, MID);
  const { events } = assertOk(await anns.get(`/v1/users/me/events?after=${seq - 1}`), 200);
  assert.deepEqual(events, [{ seq, mid, type: 'settings.updated', data: { ...data, seq, mid } }]);
  const all = { ...changed, day_start: 0, week_start: 'sunday', receipts: 'hidden', direct: 'nobody', found: 'hidden', study_goal: 90 };
  assertOk(await set({ day_start: 0, week_start: 'sunday', receipts: 'hidden', direct: 'nobody', found: 'hidden', study_goal: 90 }), 200, all);
  assertOk(await get(), 200, all);
  assertOk(await set(fresh), 200, fresh);
});

test('a change of nothing takes no seq', async () => {
  const head = () => stack.sql(`SELECT head FROM stream WHERE kind = 2 AND id = ${ann.id}`);
  const before = await head();
  assertOk(await set({}), 200, fresh);
  assertOk(await set({ locale: 'en', day_start: 0 }), 200, fresh);
  assert.deepEqual(await head(), before);
});

test('a time zone is one that the system knows', async () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT-9']) {
    assertOk(await set({ time_zone: zone }), 200, { ...fresh, time_zone: zone });
  }
  for (const zone of ['', 'Asia', 'Asia/', 'Asia//Seoul', 'Asia/Nowhere', '../../../etc/passwd', '/etc/passwd', 'Asia/../UTC', 'zone.tab',
    'tzdata', 'posix/UTC', 'right/UTC', 'localtime', 'asia/seoul', '서울', 'U'.repeat(65), 9, null]) {
    assertInvalid(await set({ time_zone: zone }), 'time_zone');
  }
  assertOk(await set(fresh), 200, fresh);
});

test('a language is a tag of BCP 47', async () => {
  for (const locale of ['ko', 'ko-KR', 'zh-Hant-TW', 'de-CH-1996', 'fil', 'x'.repeat(8)]) assertOk(await set({ locale }), 200, { ...fresh, locale });
  for (const locale of ['', 'k', 'ko_KR', 'ko-', '-ko', 'ko--KR', 'x'.repeat(9), 'ko-'.padEnd(13, 'x'), 'k0', 'ko KR', '한국', 'en-GB;q=1', 1]) {
    assertInvalid(await set({ locale }), 'locale');
  }
  assertOk(await set(fresh), 200, fresh);
});

test('everything that is wrong is told and nothing is changed then', async () => {
  assertInvalid(await set({ day_start: 24, week_start: 'friday', receipts: true, direct: 'x', found: '', study_goal: 1441, theme: 'dark' }),
    'theme', 'day_start', 'week_start', 'receipts', 'direct', 'found', 'study_goal');
  assertInvalid(await set({ day_start: -1 }), 'day_start');
  assertInvalid(await set({ time_zone: 'Mars/Base', locale: '??', receipts: 'hidden' }), 'time_zone', 'locale');
  assertInvalid(await set({ user: 1 }), 'user');
  assertOk(await get(), 200, fresh);
});
