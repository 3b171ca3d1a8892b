// /v1/presence and /v1/users/me/presence: who is online, for whom to see.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, rawSocket, TIME } from './check.mjs';
import { channelOf, listen } from './listener.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, stranger] = await people(stack, 3);
const [hosts, anns, strangers] = [host, ann, stranger].map((user) => api(stack, user));
const room = await createRoom(stack, host);
await joinRoom(stack, ann, room);

async function presence(who, ...users) {
  const { presence: list } = assertOk(await who.get(`/v1/presence?users=${users.map((user) => user.id ?? user).join(',')}`), 200);
  assert.deepEqual(list.map(({ id }) => id), users.map((user) => user.id ?? user));
  return list.map(({ online }) => online);
}

// A connection that is known to be this user's.
const connect = (user) => listen(stack, user, `private-user-${user.id}`);

test('who shares a room is seen, with any number of windows; a stranger is as good as nobody', async () => {
  assert.deepEqual(await presence(hosts, ann, stranger, 999999999, host), [false, false, false, false]);
  const windows = [await connect(ann), await connect(ann)];
  const others = [await connect(stranger)];
  assert.deepEqual(await presence(hosts, ann, stranger, 999999999), [true, false, false]);
  assert.deepEqual(await presence(strangers, ann, stranger), [false, true]);
  await windows[0].close();
  assert.deepEqual(await presence(hosts, ann), [true]);
  await windows[1].close();
  await others[0].close();
  await until(async () => !(await presence(hosts, ann))[0]);
});

test('friends see each other without a room, and nobody sees past a block', async () => {
  const [one, two, three] = await people(stack, 3);
  const [ones, twos, threes] = [one, two, three].map((user) => api(stack, user));
  const windows = await Promise.all([one, two, three].map(connect));
  const block = (user, other) => stack.sql(`INSERT INTO block VALUES (${user.id}, ${other.id}, UTC_TIMESTAMP(3))`);
  assertOk(await ones.put(`/v1/friends/${two.id}`), 201);
  assert.deepEqual([await presence(ones, one, two), await presence(twos, one, two)], [[true, false], [false, true]]);
  assertOk(await twos.put(`/v1/friends/${one.id}`), 200);
  assert.deepEqual([await presence(ones, one, two), await presence(twos, one, two)], [[true, true], [true, true]]);
  assert.deepEqual(await presence(threes, one, two), [false, false]);
  await block(one, two);
  assert.deepEqual([await presence(ones, one, two), await presence(twos, one, two)], [[true, false], [false, true]]);
  const shared = await createRoom(stack, two);
  await joinRoom(stack, three, shared);
  assert.deepEqual([await presence(twos, three), await presence(threes, two)], [[true], [true]]);
  await block(three, two);
  assert.deepEqual([await presence(twos, three), await presence(threes, two)], [[false], [false]]);
  await Promise.all(windows.map((window) => window.close()));
});

test('when they were last seen is told to the same people, if they like', async () => {
  const window = await connect(ann);
  await window.close();
  const seen = async (who) => assertOk(await who.get(`/v1/presence?users=${ann.id}`), 200).presence[0].seen_at;
  await until(() => seen(hosts));
  assert.match(await seen(hosts), TIME);
  assert.ok(Math.abs(Date.parse(await seen(hosts)) - Date.now()) < 60000);
  assert.equal(await seen(strangers), undefined);
  assertOk(await anns.put('/v1/users/me/presence', { last_seen: 'hidden' }), 200, { appear: 'online', last_seen: 'hidden' });
  assert.equal(await seen(hosts), undefined);
  assertOk(await anns.put('/v1/users/me/presence', { last_seen: 'shown' }), 200);
});

test('who appears offline is present nowhere, from now on, and hears everything', async () => {
  const watcher = await listen(stack, host, channelOf(room));
  const before = await listen(stack, ann, channelOf(room));
  await until(() => watcher.frames().some(({ event }) => event === 'pusher_internal:member_added'));
  assertOk(await anns.put('/v1/users/me/presence', { appear: 'offline' }), 200, { appear: 'offline', last_seen: 'shown' });
  assert.equal(await before.socket.closed, 4200);
  await until(() => watcher.frames().some(({ event }) => event === 'pusher_internal:member_removed'), 10000);
  const hidden = await listen(stack, ann, channelOf(room));
  assert.equal(hidden.ok, true);
  assert.deepEqual(hidden.info.presence.ids, [String(host.id)]);
  assert.deepEqual(await presence(hosts, ann), [false]);
  const newcomer = await listen(stack, host, channelOf(room));
  assert.deepEqual(newcomer.info.presence.ids, [String(host.id)]);
  await hosts.post(`/v1/rooms/${room.id}/messages`, { client_id: 'a', body: 'can you hear me?' });
  await hidden.until(1);
  await hidden.close();
  assertOk(await anns.put('/v1/users/me/presence', { appear: 'online' }), 200);
  const again = await listen(stack, ann, channelOf(room));
  assert.deepEqual(again.info.presence.ids.sort(), [host.id, ann.id].map(String).sort());
  const added = () => watcher.frames().filter(({ event, data }) => event === 'pusher_internal:member_added' && data.includes(`"${ann.id}"`)).length;
  await until(() => added() >= 2); // on another connection
  assert.equal(added(), 2);
  await Promise.all([again, newcomer, watcher].map((one) => one.close()));
});

// GET /v1/rooms/:room/presence
test('who is in a room right now is told to its members', async () => {
  const inside = async (who) => assertOk(await who.get(`/v1/rooms/${room.id}/presence`), 200).users.map(({ id }) => Number(id)).sort();
  await until(async () => (await inside(hosts)).length === 0, 10000);
  const windows = [await listen(stack, host, channelOf(room)), await listen(stack, ann, channelOf(room)), await listen(stack, ann, channelOf(room))];
  assert.deepEqual(await inside(anns), [host.id, ann.id].sort());
  await Promise.all(windows.map((window) => window.close()));
  await until(async () => (await inside(hosts)).length === 0, 10000);
  assertProblem(await strangers.get(`/v1/rooms/${room.id}/presence`), 'not-member');
  assertProblem(await api(stack).get(`/v1/rooms/${room.id}/presence`), 'unauthenticated');
  assertProblem(await hosts.get('/v1/rooms/999999999/presence'), 'not-found');
});

test('a client can\'t hide somebody, nor show who hides', async () => {
  const socket = await rawSocket(stack);
  const grant = assertOk(await hosts.post('/v1/realtime/auth', { socket_id: socket.id, channel_name: channelOf(room) }), 200);
  const data = JSON.parse(grant.channel_data);
  socket.send('pusher:subscribe', { channel: channelOf(room), ...grant, channel_data: JSON.stringify({ ...data, hidden: true }) });
  await until(() => socket.events.some(({ event }) => event === 'pusher:subscription_error'));
  socket.ws.terminate();
});

test('who only listens hears the room, and nobody sees them there', async () => {
  const channel = channelOf(room);
  const socket = await rawSocket(stack);
  const { channels } = assertOk(await anns.post('/v1/realtime/auth', { socket_id: socket.id, channels: [channel], quiet: [channel] }), 200);
  socket.send('pusher:subscribe', { channel, ...channels[channel] });
  await socket.next('pusher_internal:subscription_succeeded');
  assert.deepEqual(assertOk(await hosts.get(`/v1/rooms/${room.id}/presence`), 200).users, []);
  await hosts.post(`/v1/rooms/${room.id}/messages`, { client_id: 'quiet', body: 'psst' });
  await socket.next('message.created');
  socket.ws.terminate();
});

test('only ids, not too many, and only for those who are logged in', async () => {
  assertProblem(await api(stack).get(`/v1/presence?users=${ann.id}`), 'unauthenticated');
  assertProblem(await api(stack).get('/v1/users/me/presence'), 'unauthenticated');
  assertProblem(await api(stack).put('/v1/users/me/presence', {}), 'unauthenticated');
  for (const users of ['', '0', '-1', 'x', '1,,2', '1,x', '1;2', '99999999999999999999', '1%00', Array(101).fill(1).join(',')])
    assertInvalid(await hosts.get(`/v1/presence?users=${users}`), 'users');
  assertInvalid(await hosts.get('/v1/presence'), 'users');
  assertInvalid(await hosts.put('/v1/users/me/presence', { appear: 'away' }), 'appear');
  assertInvalid(await hosts.put('/v1/users/me/presence', { last_seen: true }), 'last_seen');
  assertOk(await hosts.put('/v1/users/me/presence', {}), 200, { appear: 'online', last_seen: 'shown' });
  assertOk(await hosts.get('/v1/users/me/presence'), 200, { appear: 'online', last_seen: 'shown' });
});
