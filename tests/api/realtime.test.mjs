import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test, { after } from 'node:test';
import { api, client, eventOn, logIn, startStack, subscribed } from '../harness.mjs';
import {
  ROOM_PASSWORD, assertOk, assertProblem, claims, createRoom, joinRoom, people, putIntoGroup, rawSocket, say, subscribeRaw,
} from './check.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, stranger] = await people(stack, 3);
const room = await createRoom(stack, host);
const secret = await createRoom(stack, host, { kind: 'secret' });
const group = await createRoom(stack, host, { kind: 'group' });
await joinRoom(stack, ann, room);
await joinRoom(stack, ann, secret, ROOM_PASSWORD);
await putIntoGroup(stack, ann, group);

const auth = (user, body, headers) => api(stack, user).post('/v1/realtime/auth', body, headers);
const single = (user, channel, id = '123.456') => auth(user, { socket_id: id, channel_name: channel });

// A grant must be what claim.h promises: signed for this socket, channel and data, with who and when.
function assertGrant(grant, user, channel, { id = '123.456', before, presence } = {}) {
  const { auth: text, channel_data: data = '', ...rest } = grant;
  assert.deepEqual(rest, {});
  const [key, signature, claim, ...more] = text.split(':');
  assert.deepEqual([key, more], ['maru', []]);
  const expected = createHmac('sha256', stack.conf.app_secret).update(`claims:${id}:${channel}:${data}:${claim}`).digest('hex');
  assert.equal(signature, expected);
  const [who, session, time] = claim.split('.').map(Number);
  assert.equal(who, user.id);
  assert.equal(session, claims(user.token).sid);
  assert.ok(time >= before - 1000 && time <= Date.now() + 1000, `signed at ${time}`);
  assert.equal('channel_data' in grant, presence);
  if (!presence) return;
  const { blocks, ...shown } = JSON.parse(data);
  assert.deepEqual(shown, { user_id: String(user.id), user_info: { name: user.name, nickname: user.nickname, avatar: user.avatar } });
  assert.deepEqual(Object.keys(blocks), ['at']);
  assert.ok(Number.isSafeInteger(blocks.at) && blocks.at >= 0);
}

test('a member may listen in a room, with the name that the others see', async () => {
  for (const { id } of [room, secret, group]) {
    const before = Date.now();
    const grant = assertOk(await single(ann, `presence-room-${id}`), 200);
    assertGrant(grant, ann, `presence-room-${id}`, { before, presence: true });
  }
});

test('everybody may listen on the own channel', async () => {
  const before = Date.now();
  assertGrant(assertOk(await single(ann, `private-user-${ann.id}`), 200), ann, `private-user-${ann.id}`, { before, presence: false });
});

test('a form is as good as JSON, as pusher-js sends it', async () => {
  const before = Date.now();
  const form = new URLSearchParams({ socket_id: '123.456', channel_name: `presence-room-${room.id}` });
  assertGrant(assertOk(await auth(ann, form), 200), ann, `presence-room-${room.id}`, { before, presence: true });
  for (const type of ['application/x-www-form-urlencoded; charset=UTF-8', 'application/x-www-form-urlencoded', 'Application/X-WWW-Form-URLEncoded']) {
    assertOk(await auth(ann, `channel_name=presence%2Droom-${room.id}&x=1&socket_id=123.456`, { 'Content-Type': type }), 200);
  }
  assertOk(await auth(ann, JSON.stringify({ socket_id: '1.1', channel_name: `private-user-${ann.id}` }),
    { 'Content-Type': 'Application/JSON; charset=utf-8' }), 200);
});

test('everything else is refused', async () => {
  const refused = {
    [`private-user-${host.id}`]: 'forbidden', [`private-user-0${ann.id}`]: 'forbidden', [`private-user-${ann.id} `]: 'forbidden',
    [`private-user-${ann.id}x`]: 'forbidden', 'private-user-': 'forbidden', 'private-user-18446744073709551617': 'forbidden',
    [`private-User-${ann.id}`]: 'forbidden', [`presence-user-${ann.id}`]: 'forbidden', [`private-room-${room.id}`]: 'forbidden',
    [`presence-room-0${room.id}`]: 'forbidden', [`presence-room-${room.id}-x`]: 'forbidden', [`private-encrypted-user-${ann.id}`]: 'forbidden',
    [`presence-room-+${room.id}`]: 'forbidden', 'presence-room-': 'forbidden', 'presence-room-0': 'forbidden', lobby: 'forbidden',
    'private-anything': 'forbidden', 'presence-anything': 'forbidden', '': 'forbidden', [`presence-room-${room.id}:x`]: 'forbidden',
    'presence-room-999999': 'not-found', 'presence-room-9007199254740993': 'forbidden',
  };
  for (const [channel, slug] of Object.entries(refused)) assertProblem(await single(ann, channel), slug);
});

test('strangers get no right: to a group they may not even know of', async () => {
  assertProblem(await single(stranger, `presence-room-${room.id}`), 'not-member');
  assertProblem(await single(stranger, `presence-room-${secret.id}`), 'not-member');
  assertProblem(await single(stranger, `presence-room-${group.id}`), 'not-found');
  assertProblem(await single(undefined, `presence-room-${room.id}`), 'unauthenticated');
  assertProblem(await single(undefined, 'lobby'), 'unauthenticated');
});

test('a socket_id is two numbers with a dot between', async () => {
  for (const good of ['1.1', '0.0', '123456789012345678.1234567890123456789']) {
    assertOk(await single(ann, `private-user-${ann.id}`, good), 200);
  }
  for (const bad of ['', '1', '1.', '.1', '1.1.1', '1,1', 'a.b', '1.1 ', ' 1.1', '-1.1', '1.1:private-user-2', '1.1\n', '1'.repeat(39) + '.1', 1.1, null, ['1.1']]) {
    assert.match(assertProblem(await single(ann, `private-user-${ann.id}`, bad), 'bad-request').detail, /socket_id/);
  }
  assertProblem(await auth(ann, { channel_name: `private-user-${ann.id}` }), 'bad-request');
  assertProblem(await auth(ann, {}), 'bad-request');
  assertProblem(await auth(ann, undefined), 'bad-request');
});

test('a channel must be named, with at most 200 bytes', async () => {
  for (const channel of [undefined, null, 1, ['x'], {}, 'x'.repeat(201), '한'.repeat(67)]) {
    assertProblem(await single(ann, channel), 'bad-request');
  }
  assertProblem(await single(ann, 'x'.repeat(200)), 'forbidden');
});

test('many channels at once get each its own answer', async () => {
  const before = Date.now();
  const names = [`presence-room-${room.id}`, `private-user-${ann.id}`, `private-user-${host.id}`, 'presence-room-999999', 'lobby',
    `presence-room-${secret.id}`, `presence-room-${room.id}`];
  const { channels, ...rest } = assertOk(await auth(ann, { socket_id: '123.456', channels: names }), 200);
  assert.deepEqual(rest, {});
  assert.deepEqual(Object.keys(channels).sort(), [...new Set(names)].sort());
  assertGrant(channels[names[0]], ann, names[0], { before, presence: true });
  assertGrant(channels[names[1]], ann, names[1], { before, presence: false });
  assertGrant(channels[names[5]], ann, names[5], { before, presence: true });
  assert.deepEqual(channels[names[2]], { status: 403, error: 'This is not allowed' });
  assert.deepEqual(channels[names[3]], { status: 404, error: 'There is no such thing' });
  assert.deepEqual(channels[names[4]], { status: 403, error: 'This is not allowed' });
  const strange = assertOk(await auth(stranger, { socket_id: '1.1', channels: [`presence-room-${room.id}`, `presence-room-${group.id}`] }), 200);
  assert.deepEqual(strange.channels, {
    [`presence-room-${room.id}`]: { status: 403, error: 'Join the room first' },
    [`presence-room-${group.id}`]: { status: 404, error: 'There is no such thing' },
  });
});

test('at most a hundred channels are asked for at once', async () => {
  const names = (n) => Array.from({ length: n }, (_, i) => `private-x-${i}`);
  assert.equal(Object.keys(assertOk(await auth(ann, { socket_id: '1.1', channels: names(100) }), 200).channels).length, 100);
  assertProblem(await auth(ann, { socket_id: '1.1', channels: names(101) }), 'bad-request');
  assertOk(await auth(ann, { socket_id: '1.1', channels: [] }), 200, { channels: {} });
});

test('a list of channels is a list of names', async () => {
  for (const channels of ['lobby', { lobby: 1 }, 1, true, null, [1], [null], ['lobby', {}], ['x'.repeat(201)]]) {
    assertProblem(await auth(ann, { socket_id: '1.1', channels }), 'bad-request');
  }
});

const signIn = (user, body, headers) => api(stack, user).post('/v1/realtime/user-auth', body, headers);

// What maru-push checks: signed for this socket, with who, which session and when.
function assertSignIn(answer, user, { id = '123.456', before }) {
  const { auth: text, user_data: data, ...rest } = assertOk(answer, 200);
  assert.deepEqual(rest, {});
  const expected = createHmac('sha256', stack.conf.app_secret).update(`${id}::user::${data}`).digest('hex');
  assert.equal(text, `maru:${expected}`);
  const { maru, ...person } = JSON.parse(data);
  assert.deepEqual(person, { id: String(user.id), user_info: { name: user.name, nickname: user.nickname, avatar: user.avatar }, watchlist: [] });
  assert.equal(maru.session, claims(user.token).sid);
  assert.ok(maru.time >= before - 1000 && maru.time <= Date.now() + 1000, `signed at ${maru.time}`);
}

test('everybody may sign in as the own person, by a form or JSON', async () => {
  const before = Date.now();
  assertSignIn(await signIn(ann, { socket_id: '123.456' }), ann, { before });
  assertSignIn(await signIn(ann, new URLSearchParams({ socket_id: '7.8', x: '1' })), ann, { before, id: '7.8' });
});

test('nobody signs in without a login, or without a socket_id', async () => {
  assertProblem(await signIn(undefined, { socket_id: '1.1' }), 'unauthenticated');
  for (const bad of [undefined, {}, { socket_id: '1' }, { socket_id: 1.1 }, { socket_id: '1.1::user::{}' }]) {
    assert.equal((await signIn(ann, bad)).status, 400);
  }
});

test('a sign-in is good for its socket alone, and ends with the session', async () => {
  const [one, two] = [await rawSocket(stack), await rawSocket(stack)];
  const login = { ...stranger, ...await logIn(stack, stranger.name, stranger.password) };
  const grant = assertOk(await signIn(login, { socket_id: one.id }), 200);
  two.send('pusher:signin', grant);
  assert.equal(await two.closed, 4009);
  one.send('pusher:signin', grant);
  const { data } = await one.next('pusher:signin_success');
  assert.equal(JSON.parse(data).user_data, grant.user_data);
  const late = await rawSocket(stack);
  const again = assertOk(await signIn(login, { socket_id: late.id }), 200);
  assertOk(await api(stack, login).del('/v1/sessions/current'), 204);
  assert.equal(await one.closed, 4009);
  late.send('pusher:signin', again);
  assert.equal(await late.closed, 4009);
});

test('a grant opens its channel on its socket and on no other', async () => {
  const [one, two] = [await rawSocket(stack), await rawSocket(stack)];
  const channel = `presence-room-${room.id}`;
  assert.equal((await subscribeRaw(stack, one, ann, channel)).event, 'pusher_internal:subscription_succeeded');
  const grant = assertOk(await single(ann, channel, one.id), 200);
  two.send('pusher:subscribe', { channel, ...grant });
  assert.equal((await two.next(({ event, channel: on }) => on === channel && event.startsWith('pusher'))).event, 'pusher:subscription_error');
  one.ws.close();
  two.ws.close();
});

test('a stock client hears an error for the channel of somebody else', async () => {
  const pusher = await client(stack, ann);
  await subscribed(pusher, `private-user-${ann.id}`);
  const refused = await eventOn(pusher.subscribe(`private-user-${host.id}`), 'pusher:subscription_error');
  assert.equal(refused.status, 403);
  const missing = await eventOn((await client(stack, stranger)).subscribe(`presence-room-${group.id}`), 'pusher:subscription_error');
  assert.equal(missing.status, 404);
});

test('presence shows the nickname as it is, whatever is in it', async () => {
  const nickname = '"\\ <b> 🙂 \u202e';
  assertOk(await api(stack, ann).patch('/v1/users/me', { nickname }), 200);
  const channel = await subscribed(await client(stack, ann), `presence-room-${room.id}`);
  assert.deepEqual(channel.members.me, { id: String(ann.id), info: { name: ann.name, nickname, avatar: ann.avatar } });
});

test('who left and came back gets nothing of what happened between, live neither', async () => {
  const closed = await createRoom(stack, host);
  await stack.sql(`UPDATE room SET history = 'joined' WHERE id = ${closed.id}`);
  await joinRoom(stack, ann, closed);
  const last = assertOk(await say(stack, host, closed, 'before'), 201);
  assertOk(await api(stack, ann).del(`/v1/rooms/${closed.id}/members/me`), 204);
  assertOk(await say(stack, host, closed, 'not for ann'), 201);
  await joinRoom(stack, ann, closed);
  const [[head]] = await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${closed.id}`);
  await stack.sql(`UPDATE member SET visible_from = ${Number(head) - 1} WHERE room = ${closed.id} AND user = ${ann.id}`);
  const channel = `presence-room-${closed.id}`;
  for (const after of [{ seq: last.seq, mid: last.mid }, { seq: last.seq }, { seq: last.seq + 2 }, { seq: 0 }]) {
    const socket = await rawSocket(stack);
    const grant = assertOk(await single(ann, channel, socket.id), 200);
    socket.send('pusher:subscribe', { channel, ...grant, after });
    const { event, data } = await socket.next(({ channel: on }) => on === channel);
    assert.equal(event, 'pusher_internal:subscription_succeeded');
    assert.equal(JSON.parse(data).recovered, after.seq >= Number(head) - 1, JSON.stringify(after));
    const { mid } = assertOk(await say(stack, host, closed, 'for all'), 201);
    await socket.next(({ data: text }) => text?.includes(mid));
    assert.doesNotMatch(JSON.stringify(socket.events), /not for ann|member\.left/);
    socket.ws.close();
  }
});
