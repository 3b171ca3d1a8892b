// presence-lobby: who is online at all, where lobby_presence is on. GET /v1/presence, POST /v1/realtime/auth
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { assertOk, assertProblem, createRoom, people, rawSocket } from './check.mjs';
import { grantFor, listen } from './listener.mjs';

const HALL = 'presence-lobby';
const stack = await startStack({ conf: { lobby_presence: 'on', presence_linger: 0 } });
after(() => stack.stop());

const [ann, bob, cat] = await people(stack, 3);
const [anns, bobs] = [ann, bob].map((user) => api(stack, user));

const idsOf = ({ info }) => info.presence.ids.map(Number).sort((a, b) => a - b);
const members = (frames) => frames.filter(({ event }) => /member_(added|removed)$/.test(event))
  .map(({ event, data }) => [event.split('_').pop(), Number(JSON.parse(data).user_id)]);
async function online(who, ...users) {
  const { presence } = assertOk(await who.get(`/v1/presence?users=${users.map(({ id }) => id)}`), 200);
  return presence.map((person) => person.online);
}

test('everybody who is logged in sees who comes and goes, by name', async () => {
  const first = await listen(stack, ann, HALL);
  assert.deepEqual(idsOf(first), [ann.id]);
  const second = await listen(stack, bob, HALL);
  assert.deepEqual(idsOf(second), [ann.id, bob.id]);
  assert.deepEqual(second.info.presence.hash[ann.id], { name: ann.name, nickname: ann.nickname, avatar: ann.avatar });
  assert.equal('head' in second.info, false, 'there is no stream behind it');
  await until(() => members(first.frames()).length === 1);
  await second.close();
  await until(() => members(first.frames()).length === 2);
  assert.deepEqual(members(first.frames()), [['added', bob.id], ['removed', bob.id]]);
  await first.close();
});

test('a stock client finds everybody there', async () => {
  const pushers = [await client(stack, ann), await client(stack, bob)];
  const [first, hall] = [await subscribed(pushers[0], HALL), await subscribed(pushers[1], HALL)];
  assert.deepEqual([hall.members.count, hall.members.me.id, hall.members.get(String(ann.id)).info.name], [2, String(bob.id), ann.name]);
  const gone = eventOn(first, 'pusher:member_removed'); // so that no later test still sees Bob
  pushers[1].disconnect();
  await gone;
  pushers[0].disconnect();
});

test('who appears offline is in the hall unseen', async () => {
  assertOk(await bobs.put('/v1/users/me/presence', { appear: 'offline' }), 200);
  const [first, second] = [await listen(stack, ann, HALL), await listen(stack, bob, HALL)];
  assert.deepEqual(idsOf(second), [ann.id]);
  assert.deepEqual(await online(anns, ann, bob, cat), [true, false, false]);
  assert.deepEqual(members(first.frames()), []);
  await Promise.all([first.close(), second.close()]);
  assertOk(await bobs.put('/v1/users/me/presence', { appear: 'online' }), 200);
});

test('people without a common room see each other online, unless one blocks the other', async () => {
  const window = await listen(stack, bob, `private-user-${bob.id}`);
  assert.deepEqual(await online(anns, bob, cat), [true, false]);
  assert.deepEqual(await online(anns, { id: 999999 }), [false]);
  for (const [user, other] of [[ann, bob], [bob, ann]]) {
    await stack.sql(`INSERT INTO block (user, other, created_at) VALUES (${user.id}, ${other.id}, UTC_TIMESTAMP(3))`);
    assert.deepEqual(await online(anns, bob), [false]);
    assert.deepEqual(await online(bobs, bob), [true]);
    await stack.sql('DELETE FROM block');
  }
  await window.close();
});

test('whoever logs out is gone, and nobody comes in without a login or with somebody else\'s', async () => {
  assertProblem(await api(stack).post('/v1/realtime/auth', { socket_id: '1.1', channel_name: HALL }), 'unauthenticated');
  const socket = await rawSocket(stack);
  const grant = await grantFor(stack, ann, socket, HALL);
  const forged = { ...grant, channel_data: grant.channel_data.replace(`"${ann.id}"`, `"${bob.id}"`) };
  assert.equal((await listen(stack, ann, HALL, undefined, { socket, grant: forged })).ok, false);
  socket.ws.terminate();
  const [first, gone] = [await listen(stack, ann, HALL), await listen(stack, cat, HALL)];
  assertOk(await api(stack, cat).del('/v1/sessions/current'), 204);
  await gone.socket.closed;
  await until(() => members(first.frames()).some(([what, id]) => what === 'removed' && id === cat.id));
  await first.close();
});

test('nobody talks to everybody there', async () => {
  const [first, second] = [await listen(stack, ann, HALL), await listen(stack, bob, HALL)];
  second.socket.ws.send(JSON.stringify({ event: 'client-shout', channel: HALL, data: { text: 'buy!' } }));
  const refusal = await second.socket.next('pusher:error');
  assert.equal(refusal.data.code ?? JSON.parse(refusal.data).code, 4301);
  first.socket.send('pusher:ping', {});
  await first.socket.next('pusher:pong');
  assert.ok(first.frames().every(({ event }) => event !== 'client-shout'));
  await Promise.all([first.close(), second.close()]);
});

test('where the setting is off, the hall is closed and only common rooms show people', async () => {
  const closed = await startStack();
  try {
    const [one, two] = await people(closed, 2);
    const ones = api(closed, one);
    assertProblem(await ones.post('/v1/realtime/auth', { socket_id: '1.1', channel_name: HALL }), 'forbidden');
    const { channels } = assertOk(await ones.post('/v1/realtime/auth', { socket_id: '1.1', channels: [HALL, 'presence-lobby-1'] }), 200);
    assert.deepEqual(Object.values(channels).map(({ status }) => status), [403, 403]);
    await createRoom(closed, one);
    const window = await listen(closed, two, `private-user-${two.id}`);
    assert.deepEqual(await online(ones, two), [false]);
    await window.close();
  } finally {
    await closed.stop();
  }
});
