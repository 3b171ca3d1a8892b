// GET /v1/rooms/:room/study-ranking
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startStack } from '../harness.mjs';
import { assertOk, assertProblem } from './check.mjs';
import { cast, roomOfFour } from './ranks.mjs';
import { HOUR, MINUTE, settle, studied } from './studykit.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger } = all;
const ranking = async (user, room, query = '') => assertOk(await user.at.get(`/v1/rooms/${room.id}/study-ranking${query}`), 200);
const at = (text) => Date.parse(text);

test('who has studied longest in the room comes first, on the days of the asker', async () => {
  const [room, other] = [await roomOfFour(stack, all), await roomOfFour(stack, all)];
  const here = { room: room.id };
  await studied(stack, ann, [[at('2026-03-10T10:00Z'), at('2026-03-10T11:00Z')], [at('2026-03-11T10:00Z'), at('2026-03-11T11:00Z')]], here);
  await studied(stack, bob, [[at('2026-03-10T14:00Z'), at('2026-03-10T17:00Z')]], here);
  await studied(stack, bob, [[at('2026-03-10T18:00Z'), at('2026-03-10T18:30Z')]], { ...here, corrected: 1 });
  await studied(stack, host, [[at('2026-03-10T10:00Z'), at('2026-03-10T20:00Z')]], { room: other.id });
  await studied(stack, moderator, [[at('2026-03-08T10:00Z'), at('2026-03-08T20:00Z')]], here);
  assert.deepEqual(await ranking(ann, room, '?date=2026-03-10'), { period: 'week', from: '2026-03-09', to: '2026-03-15', ranking: [
    { user: bob.id, studied: 3.5 * HOUR, corrected: 30 * MINUTE }, { user: ann.id, studied: 2 * HOUR, corrected: 0 }] });
  const of = async (...args) => (await ranking(...args)).ranking.map(({ user, studied: ms }) => [user, ms]);
  assert.deepEqual(await of(host, room, '?period=day&date=2026-03-11'), [[ann.id, HOUR]]);
  assert.deepEqual(await of(host, room, '?period=month&date=2026-03-31'), [[moderator.id, 10 * HOUR], [bob.id, 3.5 * HOUR], [ann.id, 2 * HOUR]]);
  await settle(host, { time_zone: 'Asia/Seoul' }); // midnight there is 15:00
  assert.deepEqual(await of(host, room, '?period=day&date=2026-03-10'), [[ann.id, HOUR], [bob.id, HOUR]]);
  assert.deepEqual(await of(host, room, '?period=day&date=2026-03-11'), [[bob.id, 2.5 * HOUR], [ann.id, HOUR]]);
  await stack.sql(`DELETE FROM member WHERE room = ${room.id} AND user = ${bob.id}`);
  assert.deepEqual(await of(ann, room, '?date=2026-03-10'), [[ann.id, 2 * HOUR]], 'members only');
});

test('what runs counts up to when they were seen', async () => {
  const room = await roomOfFour(stack, all);
  await stack.sql(`INSERT INTO desk (user, room, sat_at, since, seen_at) SELECT ${ann.id}, ${room.id}, t, t, t + INTERVAL 90 SECOND
    FROM (SELECT UTC_TIMESTAMP(3) - INTERVAL 90 SECOND AS t) x`);
  const { ranking: [first], to } = await ranking(bob, room, '?period=month');
  assert.ok(first?.studied === 90 * 1000 || to.slice(0, 7) !== new Date().toISOString().slice(0, 7) || new Date().getUTCDate() === 1, JSON.stringify(first));
  assert.equal(first.user, ann.id);
});

test('members alone see it', async () => {
  const room = await roomOfFour(stack, all);
  assertProblem(await stranger.at.get(`/v1/rooms/${room.id}/study-ranking`), 'not-member');
  assertProblem(await ann.at.get(`/v1/rooms/${room.id}/study-ranking?period=year`), 'invalid-fields', ['period']);
  assertProblem(await ann.at.get(`/v1/rooms/${room.id}/study-ranking?date=x`), 'invalid-fields', ['date']);
});
