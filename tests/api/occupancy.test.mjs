// GET /v1/rooms/occupancy: how many people are inside of rooms right now.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { ROOM_PASSWORD, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup } from './check.mjs';
import { channelOf, listen } from './listener.mjs';

const stack = await startStack({ conf: { presence_linger: 0 } });
after(() => stack.stop());

const [host, ann, stranger, admin] = await people(stack, 4);
const [hosts, anns, strangers, admins] = [host, ann, stranger, admin].map((user) => api(stack, user));
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${admin.id}`);
const open = await createRoom(stack, host);
const secret = await createRoom(stack, host, { kind: 'secret' });
const hidden = await createRoom(stack, host, { kind: 'secret', hidden: true });
const group = await createRoom(stack, host, { kind: 'group' });
const direct = await createRoom(stack, host, { kind: 'group' });
await joinRoom(stack, ann, open);
await joinRoom(stack, ann, secret, ROOM_PASSWORD);
for (const room of [hidden, group, direct]) await putIntoGroup(stack, ann, room);
await stack.sql(`UPDATE room SET kind = 'direct', host = 0 WHERE id = ${direct.id}`);
const all = [open, secret, hidden, group, direct];

async function occupancy(who, ...rooms) {
  const ids = rooms.map((room) => room.id ?? room);
  const { occupancy: list } = assertOk(await who.get(`/v1/rooms/occupancy?rooms=${ids.join(',')}`), 200);
  assert.deepEqual(list.map((entry) => [Object.keys(entry).join(), entry.id]), ids.map((id) => ['id,present', id]));
  return list.map(({ present }) => present);
}

test('who is inside is counted once, however many windows, and members who are away are not', async () => {
  assert.deepEqual(await occupancy(hosts, open), [0]);
  const windows = [await listen(stack, host, channelOf(open)), await listen(stack, ann, channelOf(open)), await listen(stack, ann, channelOf(open))];
  assert.deepEqual(await occupancy(hosts, open, secret, open), [2, 0, 2]);
  assert.deepEqual(await occupancy(strangers, open), [2]);
  await windows[0].close();
  await until(async () => (await occupancy(hosts, open))[0] === 1);
  assertOk(await anns.del(`/v1/rooms/${open.id}/members/me`), 204);
  await until(async () => (await occupancy(hosts, open))[0] === 0);
  await joinRoom(stack, ann, open);
  await Promise.all(windows.map((window) => window.close()));
});

test('a room that one may not know of is as good as empty, or none', async () => {
  const windows = await Promise.all(all.map((room) => listen(stack, host, channelOf(room))));
  assert.deepEqual(await occupancy(hosts, ...all, 999999), [1, 1, 1, 1, 1, 0]);
  assert.deepEqual(await occupancy(anns, ...all), [1, 1, 1, 1, 1]);
  assert.deepEqual(await occupancy(strangers, ...all, 999999), [1, 1, 0, 0, 0, 0]);
  assert.deepEqual(await occupancy(admins, ...all), [1, 1, 1, 1, 0]);
  await Promise.all(windows.map((window) => window.close()));
});

test('who appears offline is not counted', async () => {
  assertOk(await anns.put('/v1/users/me/presence', { appear: 'offline' }), 200);
  const window = await listen(stack, ann, channelOf(secret));
  await until(async () => (await occupancy(hosts, secret))[0] === 0);
  await window.close();
});

test('a hundred rooms and nothing but ids, for those who are logged in', async () => {
  const many = Array.from({ length: 100 }, (_, i) => i + 1000);
  assert.deepEqual(await occupancy(hosts, ...many), many.map(() => 0));
  for (const rooms of ['', '0', '-1', 'x', '1,,2', '1,x', '1-', '1&2', '1;2', '99999999999999999999', '1%00', [...many, 1].join(',')])
    assertInvalid(await hosts.get(`/v1/rooms/occupancy?rooms=${rooms.replace('&', '%26')}`), 'rooms');
  assertInvalid(await hosts.get('/v1/rooms/occupancy'), 'rooms');
  assertProblem(await api(stack).get(`/v1/rooms/occupancy?rooms=${open.id}`), 'unauthenticated');
  assertProblem(await hosts.post('/v1/rooms/occupancy', {}), 'method-not-allowed');
});
