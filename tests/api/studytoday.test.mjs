// GET /v1/study-today
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack } from '../harness.mjs';
import { assertOk, assertProblem } from './check.mjs';
import { cast, roomOfFour } from './ranks.mjs';
import { settle, stats, studied } from './studykit.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const all = await cast(stack);
const { ann, bob } = all;
const today = async (user) => assertOk(await user.at.get('/v1/study-today'), 200);

test('it says of today what the statistics say of it, by the days of the person', async () => {
  // The day began twelve to thirteen hours ago, whenever this runs.
  await settle(ann, { time_zone: 'UTC', day_start: (new Date().getUTCHours() + 12) % 24, study_goal: 90 });
  const now = Date.now();
  await studied(stack, ann, [[now - 40 * 3600000, now - 39 * 3600000], [now - 5000, now - 2000]]);
  const own = await today(ann);
  assert.deepEqual([own.time_zone, own.goal, own.today.studied, own.desk], ['UTC', 90, 3000, undefined]);
  assert.deepEqual(own.today, (await stats(ann)).today);
});

test('it says where one sits, to nobody else', async () => {
  const room = await roomOfFour(stack, all);
  await stack.sql(`INSERT INTO desk (user, room, sat_at, seen_at) VALUES (${bob.id}, ${room.id}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`);
  const { desk } = await today(bob);
  assert.deepEqual([desk.room, desk.user, desk.state], [room.id, bob.id, 'paused']);
  assert.equal((await today(ann)).desk, undefined);
  assertProblem(await api(stack).get('/v1/study-today'), 'unauthenticated');
});
