// Reminders: /remind, GET /v1/reminders, DELETE /v1/reminders/:reminder, and the event when it is time.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, signUp, startStack, subscribed, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem } from './check.mjs';
import { cast, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { ann, bob, nobody } = all;
const room = await roomOfFour(stack, all);
let last = 0;
const remind = (user, args, clientId = `r${++last}`) => user.at.post(`/v1/rooms/${room.id}/commands`, { client_id: clientId, text: `/remind ${args}` });
const made = async (user, args, clientId) => assertOk(await remind(user, args, clientId), 200).reply.args;
const list = async (user) => assertOk(await user.at.get('/v1/reminders'), 200).reminders;
const eventsOf = async (user) => assertOk(await user.at.get('/v1/users/me/events?limit=1000'), 200).events.filter(({ type }) => type.startsWith('reminder.'));
const inMs = (row) => Date.parse(row.due_at) - Date.parse(row.created_at);

test('what one wants to hear of is kept, listed, and taken back', async () => {
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = eventOn(own, 'reminder.created');
  const answer = assertOk(await remind(ann, '10m 물 마시기', 'water'), 200);
  assert.equal(answer.reply.code, 'reminder');
  const row = answer.reply.args;
  assert.deepEqual([row.room, row.text], [room.id, '물 마시기']);
  assert.ok(Math.abs(inMs(row) - 600000) < 60000);
  const { seq, mid, ...data } = await told;
  assert.deepEqual(data, row);
  assert.deepEqual(await made(ann, '10m 물 마시기', 'water'), row, 'a repeated call makes no second one');
  assert.deepEqual(await list(ann), [row]);
  assert.deepEqual(await list(bob), []);
  assertProblem(await bob.at.del(`/v1/reminders/${row.id}`), 'not-found');
  assertProblem(await nobody.at.get('/v1/reminders'), 'unauthenticated');
  assertProblem(await nobody.at.del(`/v1/reminders/${row.id}`), 'unauthenticated');
  assertOk(await ann.at.del(`/v1/reminders/${row.id}`), 204);
  assertProblem(await ann.at.del(`/v1/reminders/${row.id}`), 'not-found');
  assert.deepEqual(await list(ann), []);
  assert.deepEqual((await eventsOf(ann)).map(({ type, data: { id } }) => [type, id]), [['reminder.created', row.id], ['reminder.deleted', row.id]]);
});

test('a time of the day is one in the zone of the person', async () => {
  assertOk(await bob.at.patch('/v1/users/me/settings', { time_zone: 'Asia/Seoul' }), 200);
  const tomorrow = new Date(Date.now() + 86400000).toISOString().slice(0, 10);
  assert.equal((await made(bob, `${tomorrow} 20:30 tea`)).due_at, `${tomorrow}T11:30:00.000Z`);
  assert.match((await made(bob, '09:00 tea')).due_at, /T00:00:00\.000Z$/);
  assertOk(await bob.at.patch('/v1/users/me/settings', { time_zone: 'UTC' }), 200);
  assert.match((await made(bob, '09:00 tea')).due_at, /T09:00:00\.000Z$/);
});

test('what is no time, or no text, or too far away, is told so', async () => {
  const before = await list(ann);
  for (const args of ['', 'tea', '10m', '10x tea', '25:00 tea', '2020-01-01 09:00 tea', '400d tea', `10m ${'x'.repeat(501)}`, '0s tea']) {
    assertInvalid(await remind(ann, args), 'text');
  }
  assert.deepEqual(await list(ann), before);
});

test('somebody has at most a hundred, also if they ask for many at once', async () => {
  const dan = await signUp(stack);
  const at = api(stack, dan);
  assertOk(await at.put(`/v1/rooms/${room.id}/members/me`, {}), 201);
  await stack.sql(`INSERT INTO reminder (user, room, client_id, text, due_at, created_at)
    SELECT ${dan.id}, ${room.id}, CONCAT('many', seq), 'x', UTC_TIMESTAMP(3) + INTERVAL 1 DAY, UTC_TIMESTAMP(3) FROM seq_1_to_95`);
  const answers = await Promise.all(Array.from({ length: 10 }, () => remind({ at }, '1h x')));
  assert.equal(answers.filter(({ status }) => status === 200).length, 5);
  for (const answer of answers.filter(({ status }) => status !== 200)) assertProblem(answer, 'limit-reached');
  assertOk(await at.call('DELETE', '/v1/users/me', { password: dan.password, messages: 'keep' }), 204);
  assert.deepEqual(await stack.sql(`SELECT id FROM reminder WHERE user = ${dan.id}`), [], 'with the account they go');
});

test('when it is time the person is told, once', async () => {
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = eventOn(own, 'reminder.due', 20000);
  const row = await made(ann, '1s 지금');
  const { seq, mid, ...data } = await told;
  assert.deepEqual(data, row);
  assert.deepEqual(await list(ann), []);
  assertProblem(await ann.at.del(`/v1/reminders/${row.id}`), 'not-found');
});

test('what became due while nothing ran is told afterwards, each once', async () => {
  const rows = [await made(ann, '1h a'), await made(ann, '1h b'), await made(ann, '1h c')];
  await stack.stopApi();
  await stack.sql(`UPDATE reminder SET due_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR WHERE user = ${ann.id}`);
  await stack.startApi();
  await until(async () => (await list(ann)).length === 0, 20000);
  const due = (await eventsOf(ann)).filter(({ type, data }) => type === 'reminder.due' && rows.some(({ id }) => id === data.id));
  assert.deepEqual(due.map(({ data: { id } }) => id).sort((a, b) => a - b), rows.map(({ id }) => id));
});
