// Whoever may not listen any more hears nothing that comes after: kicked, left, logged out, of a deleted room; also if
// maru-push was never told.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, logIn, startStack, until } from '../harness.mjs';
import { assertOk, assertProblem, createRoom, joinRoom, people, rawSocket, say } from './check.mjs';
import * as kit from './listener.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const [host, ann, bob] = await people(stack, 3);
const [hosts, bobs] = [host, bob].map((user) => api(stack, user));

// A room of the host, Ann and Bob, whose last event is 2.
async function roomOfThree() {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  await joinRoom(stack, bob, room);
  return room;
}

// All of it in this stack.
const [listen, grantFor, happenBehindTheBack, leaveBehindTheBack, restartPush] = [
  kit.listen, kit.grantFor, kit.happenBehindTheBack, kit.leaveBehindTheBack, kit.restartPush,
].map((call) => (...args) => call(stack, ...args));
const { channelOf } = kit;

const log = async (room) => assertOk(await hosts.get(`/v1/rooms/${room.id}/events?limit=1000`), 200).events;

async function assertSilenceFor(listener, room, speaker = host) {
  const witness = await listen(speaker, channelOf(room));
  const { length } = listener.heard();
  assertOk(await say(stack, speaker, room, 'not for them'), 201);
  await witness.until(1);
  listener.socket.send('pusher:ping', {});
  const pongs = listener.socket.events.filter(({ event }) => event === 'pusher:pong').length;
  await until(() => listener.socket.events.filter(({ event }) => event === 'pusher:pong').length > pongs);
  assert.equal(listener.heard().length, length);
  await witness.close();
}

test('whoever is kicked hears that as the last, and an old grant opens nothing', async () => {
  const room = await roomOfThree();
  const listener = await listen(bob, channelOf(room));
  const spare = await rawSocket(stack);
  const old = await grantFor(bob, spare, channelOf(room));
  const again = await grantFor(bob, listener.socket, channelOf(room));
  assertOk(await hosts.del(`/v1/rooms/${room.id}/members/${bob.id}`), 204);
  await until(listener.gone);
  assert.deepEqual(listener.heard().map(({ type, data }) => [type, data.id]), [['member.kicked', bob.id]]);
  await assertSilenceFor(listener, room);
  assert.equal((await listen(bob, channelOf(room), undefined, { socket: spare, grant: old })).ok, false);
  assert.equal((await listen(bob, channelOf(room), undefined, { socket: listener.socket, grant: again })).ok, false);
  assertProblem(await bobs.post('/v1/realtime/auth', { socket_id: spare.id, channel_name: channelOf(room) }), 'not-member');
  spare.ws.terminate();
  await listener.close();
});

test('an old grant opens nothing in a maru-push that never heard of the kick', async () => {
  for (const known of [false, true]) {
    const room = await roomOfThree();
    await restartPush();
    const others = known && await listen(ann, channelOf(room));
    const socket = await rawSocket(stack);
    const grant = await grantFor(bob, socket, channelOf(room));
    await leaveBehindTheBack(bob, room);
    assertOk(await say(stack, host, room, 'not for him'), 201);
    const listener = await listen(bob, channelOf(room), undefined, { socket, grant });
    if (listener.ok) await until(listener.gone, 10000, 'the end of the subscription');
    await assertSilenceFor(listener, room);
    assert.deepEqual(listener.heard().map(({ type }) => type).filter((type) => type !== 'member.kicked'), []);
    assert.equal((await listen(bob, channelOf(room), undefined, { socket, grant })).ok, false);
    socket.ws.terminate();
    if (others) await others.close();
  }
});

test('a kick that nobody was told of ends the subscription before anything later', async () => {
  const room = await roomOfThree();
  const listener = await listen(bob, channelOf(room));
  await leaveBehindTheBack(bob, room);
  assertOk(await say(stack, host, room, 'not for him'), 201);
  await until(listener.gone, 10000, 'the end of the subscription');
  assert.deepEqual(listener.heard().map(({ type }) => type), ['member.kicked']);
  await listener.close();
});

test('whoever is kicked and comes back listens again', async () => {
  const room = await roomOfThree();
  const first = await listen(bob, channelOf(room));
  assertOk(await hosts.del(`/v1/rooms/${room.id}/members/${bob.id}`), 204);
  await until(first.gone);
  assertOk(await say(stack, host, room, 'while he is out'), 201);
  await joinRoom(stack, bob, room);
  const second = await listen(bob, channelOf(room), first.last(), { socket: first.socket });
  assert.equal(second.info.recovered, true);
  await second.until(2);
  assert.deepEqual(second.heard().map(({ type }) => type), ['message.created', 'member.joined']);
  assertOk(await say(stack, host, room, 'again'), 201);
  await second.until(3);
  assert.equal(second.gone(), false);
  await first.close();
});

test('a kick and a return that nobody was told of leave the new subscription alone', async () => {
  const room = await roomOfThree();
  const witness = await listen(ann, channelOf(room)); // the stream is followed
  const member = await leaveBehindTheBack(bob, room);
  await stack.sql(`INSERT INTO member (room, user, joined_at) VALUES (${room.id}, ${bob.id}, UTC_TIMESTAMP(3));
    UPDATE room SET members = members + 1 WHERE id = ${room.id}`);
  await happenBehindTheBack(1, room.id, 'member.joined', member);
  const listener = await listen(bob, channelOf(room), { seq: witness.info.head, mid: (await log(room)).at(-3).mid });
  await witness.until(2);
  assertOk(await say(stack, host, room, 'for him'), 201);
  await until(() => listener.heard().some(({ type }) => type === 'message.created'));
  assert.equal(listener.gone(), false);
  await witness.close();
  await listener.close();
});

test('leaving ends the subscription, and the deletion of a room everybody\'s', async () => {
  const room = await roomOfThree();
  const [one, two] = [await listen(bob, channelOf(room)), await listen(ann, channelOf(room))];
  const old = await grantFor(ann, two.socket, channelOf(room));
  assertOk(await bobs.del(`/v1/rooms/${room.id}/members/me`), 204);
  await until(one.gone);
  assert.deepEqual(one.heard().map(({ type }) => type), ['member.left']);
  assertOk(await hosts.del(`/v1/rooms/${room.id}`), 204);
  await until(two.gone);
  assert.deepEqual(two.heard().map(({ type }) => type), ['member.left', 'room.deleted']);
  assert.deepEqual(one.heard().length, 1);
  assert.equal((await listen(ann, channelOf(room), undefined, { socket: two.socket, grant: old })).ok, false);
  await one.close();
  await two.close();
});

test('logging out closes the sockets of that login, even of a maru-push that stood still', async () => {
  for (const still of [false, true]) {
    const carol = { ...bob, ...await logIn(stack, bob.name, bob.password) };
    const other = await listen(bob, `private-user-${bob.id}`);
    const listener = await listen(carol, `private-user-${bob.id}`);
    const spare = await rawSocket(stack);
    const old = await grantFor(carol, spare, `private-user-${bob.id}`);
    if (still) stack.signal('push', 'SIGSTOP');
    assertOk(await api(stack, carol).del('/v1/sessions/current'), 204);
    if (still) stack.signal('push', 'SIGCONT');
    assert.equal(await listener.socket.closed, 4009);
    assert.equal((await listen(carol, `private-user-${bob.id}`, undefined, { socket: spare, grant: old })).ok, false);
    assert.equal(other.socket.ws.readyState, 1);
    spare.ws.terminate();
    await other.close();
  }
});

test('a logout that nobody was told of closes the sockets all the same', async () => {
  const carol = { ...bob, ...await logIn(stack, bob.name, bob.password) };
  const listener = await listen(carol, `private-user-${bob.id}`);
  const [[session]] = await stack.sql(`SELECT MAX(id) FROM session WHERE user = ${bob.id}`);
  await stack.sql(`DELETE FROM session WHERE id = ${session}`);
  await happenBehindTheBack(4, 0, 'session.ended', { user: bob.id, session: Number(session) });
  assert.equal(await listener.socket.closed, 4009);
});

test('nor does a grant help after a logout that nobody was told of', async () => {
  const carol = { ...bob, ...await logIn(stack, bob.name, bob.password) };
  const socket = await rawSocket(stack);
  const grant = await grantFor(carol, socket, `private-user-${bob.id}`);
  const [[session]] = await stack.sql(`SELECT MAX(id) FROM session WHERE user = ${bob.id}`);
  await stack.sql(`DELETE FROM session WHERE id = ${session}`);
  await happenBehindTheBack(4, 0, 'session.ended', { user: bob.id, session: Number(session) });
  const listener = await listen(carol, `private-user-${bob.id}`, undefined, { socket, grant });
  if (listener.ok) assert.equal(await socket.closed, 4009);
  else socket.ws.terminate();
});
