// Missed calls among the notifications: whoever was rung, and neither answered nor declined, finds it there, once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import test, { after } from 'node:test';
import { api, root, startStack, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, people, putIntoGroup, say } from './check.mjs';
import { killFeeder, listen } from './listener.mjs';
import { directRoom, headOf } from './ranks.mjs';

// Nobody in a call stays in its channel here, and nobody is lost for that.
const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 8, call_ring: 600, call_lost: 250, presence_linger: 0 } });
after(() => stack.stop());

const newcomers = async (n) => (await people(stack, n)).map((user) => ({ ...user, at: api(stack, user) }));
const ear = (user) => listen(stack, user, `private-user-${user.id}`);
const begins = async (user, room) => assertOk(await user.at.post(`/v1/rooms/${room.id}/calls`, { peer: randomUUID() }), 201);
const joins = async (user, call) => assertOk(await user.at.put(`/v1/calls/${call.id}/members/me`, { peer: randomUUID() }), 200);
const leaves = async (user, call) => assertOk(await user.at.del(`/v1/calls/${call.id}/members/me`), 204);
const rings = async (user, call, other) => assertOk(await user.at.put(`/v1/calls/${call.id}/members/${other.id}`), 200);
const list = async (user, query = '') => assertOk(await user.at.get(`/v1/notifications${query}`), 200);
const missed = async (user) => (await list(user, '?kind=call')).notifications;
const callers = async (user) => (await missed(user)).map(({ call, by_user: by }) => [call, by]);
const types = (ear) => ear.heard().map(({ type }) => type);
const isOver = (call) => until(async () => (await stack.sql(`SELECT 1 FROM room_call WHERE id = ${call.id}`)).length === 0, 15000, 'the call to end');
const isQuiet = (user) => until(async () => (await stack.sql(`SELECT 1 FROM call_member WHERE user = ${user.id}`)).length === 0, 15000, 'the ringing to end');
const tooLong = (user) => stack.sql(`UPDATE call_member SET rings_until = UTC_TIMESTAMP(3) WHERE user = ${user.id}`);

// Two in a room of two, and the device of the second.
async function two() {
  const [ann, bob] = await newcomers(2);
  const room = await directRoom(stack, ann, bob);
  return { ann, bob, room, device: await ear(bob) };
}

// Three in a group, and the device of the third.
async function three() {
  const [ann, bob, carl] = await newcomers(3);
  const room = await createRoom(stack, ann, { kind: 'group' });
  for (const user of [bob, carl]) await putIntoGroup(stack, user, room);
  return { ann, bob, carl, room, device: await ear(carl) };
}

for (const [how, end] of Object.entries({
  'nobody answers in time': ({ bob }) => tooLong(bob),
  'the caller gives up': ({ ann }, call) => leaves(ann, call),
  'the caller is gone': ({ ann }) => stack.sql(`UPDATE call_member SET missed = 250 WHERE user = ${ann.id}`),
  'the caller begins another call': async ({ ann }) => begins(ann, await createRoom(stack, ann)),
  'the caller leaves the room': ({ ann, room }) => ann.at.del(`/v1/rooms/${room.id}/members/me`),
})) {
  test(`${how}: who was rung hears of a missed call, and finds it in the list`, async () => {
    const w = await two();
    const call = await begins(w.ann, w.room);
    await end(w, call);
    await isOver(call);
    await w.device.until(3);
    const [, silenced, told] = w.device.heard();
    assert.deepEqual(types(w.device), ['call.ringing', 'call.silenced', 'notification.created']);
    const { seq, mid, ...row } = told.data;
    assert.deepEqual(row, { id: seq, kind: 'call', room: w.room.id, call: call.id, by_user: w.ann.id, unread: true, created_at: row.created_at });
    assert.ok(silenced.seq < seq);
    assert.deepEqual(await list(w.bob), { notifications: [row], messages: [], unread: 1, next: null });
    assert.deepEqual((await list(w.bob, '?kind=mention')).notifications, []);
    assert.deepEqual((await list(w.ann)).notifications, [], 'who called has missed nothing');
    await w.device.close();
  });
}

test('who is connected nowhere has missed a call as well', async () => {
  const { ann, bob, room, device } = await two();
  await device.close();
  const call = await begins(ann, room);
  await isOver(call);
  assert.deepEqual(await callers(bob), [[call.id, ann.id]]);
});

test('who answers, declines, calls somebody else or has left the room has missed nothing', async () => {
  const { ann, bob, room, device } = await two();
  const answered = await begins(ann, room);
  await joins(bob, answered);
  await leaves(ann, answered);
  const declined = await begins(ann, room);
  await leaves(bob, declined);
  await begins(ann, room);
  const other = await begins(bob, await createRoom(stack, bob));
  await leaves(bob, other);
  await begins(ann, room);
  assertOk(await bob.at.del(`/v1/rooms/${room.id}/members/me`), 204);
  assert.deepEqual(await stack.sql(`SELECT 1 FROM call_member WHERE user = ${bob.id}`), []);
  assert.deepEqual(await stack.sql(`SELECT 1 FROM notification WHERE user = ${bob.id}`), []);
  assert.ok(!types(device).includes('notification.created'));
  await device.close();
});

// Two are in a call, and one of them has rung the third for too long.
async function missedOfTwo() {
  const scene = await three();
  const { ann, bob, carl, room } = scene;
  const call = await begins(ann, room);
  await joins(bob, call);
  await rings(bob, call, carl);
  await tooLong(carl);
  await isQuiet(carl);
  return { ...scene, call };
}

test('in the call of many it is told who rang; of several times in a call the last is left', async () => {
  const { ann, bob, carl, room, device, call } = await missedOfTwo();
  const [{ id }] = await missed(carl);
  assert.deepEqual(await callers(carl), [[call.id, bob.id]]);
  await rings(ann, call, carl);
  for (const user of [bob, ann]) await leaves(user, call); // with the last the call is over
  assert.deepEqual(await callers(carl), [[call.id, ann.id]]);
  await device.until(7);
  assert.deepEqual(types(device), ['call.ringing', 'call.silenced', 'notification.created', 'call.ringing', 'call.silenced', 'notification.withdrawn', 'notification.created']);
  assert.deepEqual(device.heard()[5].data.ids, [id]);
  const again = await begins(ann, room);
  await rings(ann, again, carl);
  await leaves(ann, again);
  assert.deepEqual(await callers(carl), [[again.id, ann.id], [call.id, ann.id]], 'another call is another one');
  await device.close();
});

test('whoever wants nothing of the room is not told, nor while it is quiet, nor a bot', async () => {
  const { ann, carl, room, device } = await three();
  const isRungInVain = async () => {
    const call = await begins(ann, room);
    await rings(ann, call, carl);
    await leaves(ann, call);
  };
  const rule = async (change) => assertOk(await carl.at.put(`/v1/rooms/${room.id}/notification-rule`, change), 200);
  for (const change of [{ level: 'none' }, { level: 'all', quiet_seconds: 600 }]) {
    await rule(change);
    await isRungInVain();
    assert.deepEqual(await missed(carl), []);
  }
  await rule({ level: 'mentions', quiet_seconds: 0 });
  await stack.sql(`UPDATE user SET owner = ${ann.id} WHERE id = ${carl.id}`);
  await isRungInVain();
  await stack.sql(`UPDATE user SET owner = NULL WHERE id = ${carl.id}`);
  assert.deepEqual(await missed(carl), []);
  await isRungInVain();
  assert.equal((await missed(carl)).length, 1);
  await device.close();
});

test('whom one blocks leaves nothing: who rings as one blocks them, and what was there before', async () => {
  const { ann, bob, carl, device, call } = await missedOfTwo();
  await rings(ann, call, carl);
  assertOk(await carl.at.put(`/v1/blocks/${ann.id}`), 201);
  await tooLong(carl);
  await isQuiet(carl);
  assert.deepEqual(await callers(carl), [[call.id, bob.id]]);
  assertProblem(await ann.at.put(`/v1/calls/${call.id}/members/${carl.id}`), 'unreachable');
  assertOk(await carl.at.put(`/v1/blocks/${bob.id}`), 201);
  for (const user of [ann, bob]) await leaves(user, call);
  assert.deepEqual(await list(carl), { notifications: [], messages: [], unread: 0, next: null });
  assert.deepEqual(await stack.sql(`SELECT 1 FROM notification WHERE user = ${carl.id}`), []);
  await device.close();
});

test('it is withdrawn by whoever reads on in the room, or by itself; what becomes of messages does not touch it', async () => {
  const { ann, bob, room, device } = await two();
  const before = await headOf(stack, room);
  const first = await begins(ann, room);
  await leaves(ann, first);
  const head = await headOf(stack, room);
  const second = await begins(ann, room);
  await leaves(ann, second);
  const [newer, older] = await missed(bob);
  const read = async (seq) => {
    assertOk(await bob.at.put(`/v1/rooms/${room.id}/read-cursor`, { seq }), 200);
    return (await list(bob, '?unread=1')).notifications.map(({ id }) => id);
  };
  assert.deepEqual(await read(before), [newer.id, older.id], 'what came before it has been read');
  assert.deepEqual(await read(head), [newer.id]);
  assertOk(await bob.at.put(`/v1/notifications/${newer.id}/read`), 204);
  await device.until(8);
  assert.deepEqual(device.heard().slice(6).map(({ type, data: { ids, deleted } }) => [type, ids, deleted]), [older.id, newer.id].map((id) => ['notification.withdrawn', [id], false]));
  assert.deepEqual((await missed(bob)).map(({ id, unread }) => [id, unread]), [[newer.id, false], [older.id, false]]);
  await device.close();

  const w = await three();
  const { seq } = assertOk(await say(stack, w.ann, w.room, 'come'), 201);
  const call = await begins(w.ann, w.room);
  await rings(w.ann, call, w.carl);
  await leaves(w.ann, call);
  assertOk(await say(stack, w.ann, w.room, `@${w.carl.name}`), 201);
  assertOk(await w.ann.at.post(`/v1/rooms/${w.room.id}/purges`, { user: w.ann.id }), 200);
  await until(async () => (await stack.sql('SELECT 1 FROM alert')).length === 0, 10000, 'the alerts');
  assert.deepEqual((await list(w.carl)).notifications.map(({ kind }) => kind), ['call']);
  assert.ok(seq < await headOf(stack, w.room));
  assertOk(await w.carl.at.del(`/v1/rooms/${w.room.id}/members/me`), 204);
  assert.deepEqual(await list(w.carl), { notifications: [], messages: [], unread: 0, next: null });
  await w.device.close();
});

test('with the room that is deleted while it rings there is nothing to be missed', async () => {
  const { ann, carl, room, device } = await three();
  await rings(ann, await begins(ann, room), carl);
  assertOk(await ann.at.del(`/v1/rooms/${room.id}`), 204);
  await device.until(3);
  assert.deepEqual(types(device), ['call.ringing', 'call.silenced', 'room.removed']);
  assert.deepEqual(await stack.sql(`SELECT 1 FROM notification WHERE user = ${carl.id}`), []);
  await device.close();
});

test('once per call, however many end it at the same time, and whoever is killed meanwhile', async () => {
  const { ann, bob, room, device } = await two();
  const trials = 12;
  for (let i = 0; i < trials; i++) {
    const call = await begins(ann, room);
    const ends = [...Array.from({ length: 3 }, () => ann.at.del(`/v1/calls/${call.id}/members/me`)), tooLong(bob)];
    if (i % 4 === 3) ends.push(killFeeder(stack));
    const answers = await Promise.all(ends);
    for (const answer of answers.slice(0, 3)) assert.ok([204, 404, 503].includes(answer.status), `${answer.status}`);
    await isOver(call);
    assert.deepEqual((await callers(bob))[0], [call.id, ann.id]);
  }
  assert.equal((await missed(bob)).length, trials);
  await device.until(3 * trials);
  assert.equal(types(device).filter((type) => type === 'notification.created').length, trials);
  await device.close();
});

test('a word that is no kind, and nobody for somebody else', async () => {
  const { ann, bob, room, device } = await two();
  const call = await begins(ann, room);
  await leaves(ann, call);
  const [{ id }] = await missed(bob);
  assertProblem(await ann.at.put(`/v1/notifications/${id}/read`), 'not-found');
  assertInvalid(await bob.at.get('/v1/notifications?kind=calls'), 'kind');
  assert.equal((await list(bob)).unread, 1);
  await device.close();
});

test('the schema brings a database of version 13 up to date, also while it rings', async () => {
  const { ann, bob, room, device } = await two();
  const tables = async () => Promise.all(['notification', 'call_member'].map((table) => stack.sql(`SELECT column_name, column_type, is_nullable, column_key FROM information_schema.columns
    WHERE table_schema = 'maru' AND table_name = '${table}' ORDER BY ordinal_position`)));
  const today = await tables();
  const call = await begins(ann, room);
  await stack.sql(`DELETE FROM notification WHERE kind = 'call';
    ALTER TABLE notification DROP KEY of_call, DROP COLUMN of_call, MODIFY COLUMN kind ENUM('mention', 'reply') NOT NULL;
    ALTER TABLE call_member DROP COLUMN rung_by;
    UPDATE meta SET version = 13`);
  assert.notDeepEqual(await tables(), today);
  for (let i = 0; i < 2; i++) {
    await stack.sql(readFileSync(join(root, 'schema.sql'), 'utf8'));
    assert.deepEqual(await tables(), today);
  }
  await leaves(ann, call);
  assert.deepEqual(await callers(bob), [[call.id, ann.id]]);
  await device.close();
});
