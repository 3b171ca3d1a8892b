// People without an account: POST /v1/guests, PUT /v1/guests/me, GET /v1/rooms/:room/door, and what they may do otherwise.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { api, client, eventOn, freshName, logIn, root, startStack, subscribed, until } from '../harness.mjs';
import { ROOM_PASSWORD, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { setAdmin } from './ranks.mjs';
import { MATRIX_CONF, closeMatrix, openMatrix, readTable, routeOf, tryLine } from './matrix.mjs';

const stack = await startStack({ conf: { ...MATRIX_CONF, guest_attempts: 100000 } });
const matrix = await openMatrix(stack);
after(async () => {
  closeMatrix(matrix);
  await stack.stop();
});

const PASSWORD = 'correct horse battery';
const nobody = api(stack);
const [host, ann] = (await people(stack, 2)).map((user) => ({ ...user, at: api(stack, user) }));

const openRoom = (more) => createRoom(stack, host, { guests: true, ...more });
const enter = (room, more, at = nobody) => at.post('/v1/guests', { nickname: '지나가던 이', room: room.id, ...more });
const asGuest = ({ access_token: token, refresh_token: refresh, user }) => ({ ...user, token, refresh, at: api(stack, { token }) });
const guestIn = async (room, more) => asGuest(assertOk(await enter(room, more), 201));
const membersOf = async (room) => assertOk(await host.at.get(`/v1/rooms/${room.id}/members`), 200).members;
const usersInAll = async () => Number((await stack.sql('SELECT COUNT(*) FROM user'))[0][0]);

test('somebody comes in under a name, talks, and is told from the others', async () => {
  const room = await openRoom({ title: 'shop' });
  const inside = await subscribed(await client(stack, host), channelOf(room));
  const told = [eventOn(inside, 'member.joined'), eventOn(inside, 'message.created')];
  assertOk(await nobody.get(`/v1/rooms/${room.id}/door`), 200, { id: room.id, guests: true, title: 'shop', description: '', cover: '', locked: false });
  const answer = await enter(room);
  assert.match(answer.headers.get('set-cookie'), /maru_access=/, 'a browser gets cookies');
  const guest = asGuest(assertOk(answer, 201));
  assert.match(guest.created_at, TIME);
  assert.match(guest.name, /^guest-[0-9a-f]{12}$/);
  assert.deepEqual([guest.nickname, guest.guest, guest.role], ['지나가던 이', true, 'user']);
  const { token, refresh, at, ...me } = guest;
  assertOk(await at.get('/v1/users/me'), 200, me);
  assertOk(await say(stack, guest, room, '우전 있어요?'), 201);
  const [joined, message] = await Promise.all(told);
  assert.deepEqual([joined.id, joined.guest, message.sender], [guest.id, true, guest.id]);
  assert.equal(guest.guest, (await membersOf(room)).find(({ id }) => id === guest.id).guest);
  assert.equal((await membersOf(room)).find(({ id }) => id === host.id).guest, undefined, 'others are not marked');
  assert.deepEqual(assertOk(await at.get(`/v1/rooms/${room.id}/messages`), 200).messages.map(({ body }) => body), ['우전 있어요?']);
  const own = await subscribed(await client(stack, guest), channelOf(room));
  const heard = eventOn(own, 'message.created');
  assertOk(await say(stack, host, room, '있어요'), 201);
  assert.equal((await heard).body, '있어요');
});

test('the login of a guest is renewed like others', async () => {
  const guest = await guestIn(await openRoom());
  const renewed = asGuest(assertOk(await nobody.post('/v1/sessions/refresh', { refresh_token: guest.refresh }), 200));
  assertOk(await renewed.at.get('/v1/users/me'), 200);
});

test('a room that lets no guests in is as good as missing', async () => {
  const rooms = [await createRoom(stack, host), await createRoom(stack, host, { kind: 'secret' }), await createRoom(stack, host, { kind: 'group' }),
    await openRoom({ kind: 'secret', hidden: true }), { id: 99999999 }];
  const visitor = await guestIn(await openRoom());
  const before = await usersInAll();
  for (const room of rooms) {
    assertOk(await nobody.get(`/v1/rooms/${room.id}/door`), 200, { id: room.id, guests: false });
    for (const password of [undefined, ROOM_PASSWORD]) {
      assertProblem(await enter(room, { password }), 'not-found');
      assertProblem(await visitor.at.put(`/v1/rooms/${room.id}/members/me`, { password }), 'not-found');
    }
    assertProblem(await visitor.at.get(`/v1/rooms/${room.id}`), 'not-found');
  }
  assert.equal(await usersInAll(), before);
  const other = await openRoom();
  assertOk(await visitor.at.get(`/v1/rooms/${other.id}`), 200);
  assertOk(await visitor.at.put(`/v1/rooms/${other.id}/members/me`, {}), 201);
});

test('a host opens the door and shuts it; who is in stays', async () => {
  const room = await createRoom(stack, host);
  assert.equal(room.guests, false);
  assert.equal(assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { guests: true }), 200).guests, true);
  const guest = await guestIn(room);
  assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { guests: false }), 200);
  assertProblem(await enter(room), 'not-found');
  assertOk(await say(stack, guest, room), 201);
  assertInvalid(await host.at.post('/v1/rooms', { title: 'x', kind: 'group', guests: true }), 'guests');
  const group = await createRoom(stack, host, { kind: 'group' });
  assertInvalid(await host.at.patch(`/v1/rooms/${group.id}`, { guests: true }), 'guests');
});

test('a password is asked for, and what is wrong lets nobody in', async () => {
  const room = await openRoom({ kind: 'secret' });
  assert.equal(assertOk(await nobody.get(`/v1/rooms/${room.id}/door`), 200).locked, true);
  const before = await usersInAll();
  for (const password of [undefined, '', 'salmon']) assertProblem(await enter(room, { password }), 'bad-room-password');
  assertInvalid(await nobody.post('/v1/guests', {}), 'nickname', 'room');
  assertInvalid(await enter(room, { nickname: '' }), 'nickname');
  assertInvalid(await enter(room, { nickname: 'a\nb' }), 'nickname');
  assertInvalid(await enter({ id: 0 }), 'room');
  assertInvalid(await enter(room, { role: 'admin' }), 'role');
  assert.equal(await usersInAll(), before);
  const guest = await guestIn(room, { password: ROOM_PASSWORD });
  assert.ok((await membersOf(room)).some(({ id }) => id === guest.id));
});

test('a name that is no name to bear lets nobody in', async () => {
  const room = await openRoom();
  await setAdmin(stack, host);
  assertOk(await host.at.post('/v1/words', { word: 'zzguest', action: 'refuse' }), 201);
  // Each worker reads words every two seconds.
  const answer = await until(async () => {
    const tried = await enter(room, { nickname: 'a zzguest' });
    return tried.status === 422 && tried;
  });
  assertProblem(answer, 'refused-word');
  await setAdmin(stack, host, 'user');
});

test('a full room stays as it is, however many come at once', async () => {
  const room = await openRoom({ max_members: 4 });
  const before = await usersInAll();
  const answers = await Promise.all(Array.from({ length: 12 }, () => enter(room)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 3);
  for (const answer of answers.filter(({ status }) => status !== 201)) assertProblem(answer, 'room-full');
  assert.equal(await usersInAll(), before + 3, 'who was not let in is nobody');
  assert.equal((await membersOf(room)).length, 4);
});

test('a guest becomes an account, and keeps rooms, messages and login', async () => {
  const room = await openRoom();
  const guest = await guestIn(room);
  const { seq } = assertOk(await say(stack, guest, room, 'before'), 201);
  assertProblem(await nobody.put('/v1/guests/me', { name: freshName(), password: PASSWORD }), 'unauthenticated');
  assertInvalid(await guest.at.put('/v1/guests/me', { name: 'UP', password: 'short' }), 'name', 'password');
  assertProblem(await guest.at.put('/v1/guests/me', { name: ann.name, password: PASSWORD }), 'name-taken');
  assertProblem(await guest.at.get('/v1/friends'), 'not-for-guests');
  const inside = await subscribed(await client(stack, host), channelOf(room));
  const told = eventOn(inside, 'member.updated');
  const name = freshName();
  const account = assertOk(await guest.at.put('/v1/guests/me', { name, password: PASSWORD }), 200);
  assert.deepEqual([account.id, account.name, account.guest], [guest.id, name, undefined]);
  assert.deepEqual([(await told).id, (await told).guest], [guest.id, undefined]);
  assertProblem(await guest.at.put('/v1/guests/me', { name: freshName(), password: PASSWORD }), 'conflict');
  assertOk(await guest.at.get('/v1/friends'), 200);
  const later = api(stack, await logIn(stack, name, PASSWORD));
  assert.equal(assertOk(await later.get(`/v1/rooms/${room.id}/messages/${seq}`), 200).sender, guest.id);
  assert.ok(assertOk(await ann.at.get(`/v1/users?q=${encodeURIComponent('지나가던')}`), 200).users.some(({ id }) => id === guest.id), 'it can be found now');
});

test('two attempts at once make one account', async () => {
  const guest = await guestIn(await openRoom());
  const names = [freshName(), freshName()];
  const answers = await Promise.all(names.map((name) => guest.at.put('/v1/guests/me', { name, password: PASSWORD })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  const winner = names[answers.findIndex(({ status }) => status === 200)];
  assert.deepEqual(await stack.sql(`SELECT name, guest FROM user WHERE id = ${guest.id}`), [[winner, '0']]);
});

test('guests have no power, no friends, and nobody finds them', async () => {
  const room = await openRoom();
  const guest = await guestIn(room);
  const path = `/v1/rooms/${room.id}`;
  assertInvalid(await host.at.patch(`${path}/members/${guest.id}`, { role: 'moderator' }), 'role');
  assertInvalid(await host.at.put(`${path}/host`, { user: guest.id }), 'user');
  assertProblem(await host.at.put(`/v1/friends/${guest.id}`, {}), 'unreachable');
  assertProblem(await host.at.put(`/v1/direct-rooms/${guest.id}`, {}), 'unreachable');
  assert.equal(assertOk(await ann.at.get(`/v1/users?q=${encodeURIComponent('지나가던')}`), 200).users.some(({ id }) => id === guest.id), false);
  await joinRoom(stack, ann, room);
  assertOk(await host.at.del(`${path}/members/me`), 204);
  assert.equal(assertOk(await ann.at.get(path), 200).host, ann.id, 'who came after the guest is the host');
  assertOk(await ann.at.del(`${path}/members/me`), 204);
  assert.equal(assertOk(await guest.at.get(path), 200).host, 0, 'nobody is');
  await guestIn(room);
  assert.equal(assertOk(await guest.at.get(path), 200).host, 0);
  assertOk(await ann.at.put(`${path}/members/me`, {}), 201);
  assert.equal(assertOk(await ann.at.get(path), 200).host, ann.id);
  assertOk(await ann.at.del(`${path}/members/${guest.id}`), 204);
});

test('who has logged out is erased; what was said stays, and who is there stays, too', async () => {
  const room = await openRoom();
  const [gone, here] = [await guestIn(room), await guestIn(room)];
  const { seq } = assertOk(await say(stack, gone, room, 'bye'), 201);
  assertOk(await gone.at.del('/v1/sessions/current'), 204);
  await until(async () => !(await membersOf(room)).some(({ id }) => id === gone.id), 30000, 'the guest leaves');
  assert.deepEqual(await stack.sql(`SELECT state, nickname, guest FROM user WHERE id = ${gone.id}`), [['erased', '', '0']]);
  assert.equal(assertOk(await here.at.get(`/v1/rooms/${room.id}/messages/${seq}`), 200).body, 'bye');
  const own = await guestIn(room);
  assertOk(await own.at.call('DELETE', '/v1/users/me', { messages: 'keep' }), 204);
});

test('a server may have no guests, and counts those of a network', async () => {
  const strict = await startStack({ conf: { guest_attempts: 2, signup_attempts: 1, unique_nicknames: 'on' } });
  const [owner] = await people(strict, 1);
  const room = await createRoom(strict, owner, { guests: true });
  assertProblem(await enter(room, { nickname: owner.nickname }, api(strict)), 'nickname-taken');
  const { access_token: token } = assertOk(await enter(room, {}, api(strict)), 201);
  assertProblem(await api(strict, { token }).put('/v1/guests/me', { name: freshName(), password: PASSWORD }), 'throttled');
  assertProblem(await enter(room, { nickname: 'third' }, api(strict)), 'throttled');
  await strict.stop();
  const none = await startStack({ conf: { guest_attempts: 0 } });
  const [other] = await people(none, 1);
  assertProblem(await enter(await createRoom(none, other, { guests: true }), {}, api(none)), 'forbidden');
  await none.stop();
});

// ---- each endpoint, by a guest in the place of the member in the matrix

const flags = new Map([...readFileSync(join(root, 'api/routes.def'), 'utf8').matchAll(/^ROUTE\((\w+), "([^"]+)", \w+, ([^)]*)\)/gm)]
  .map(([, method, path, list]) => [`${method} ${path}`, list.split(' | ')]));

function wordFor({ name, cells: { member } }) {
  const has = flags.get(routeOf(name)) ?? [];
  return has.includes('USER') && !has.includes('GUEST') ? 'not-for-guests' : member;
}

// Where a guest is told otherwise than a member although the endpoint is for both.
const OTHERWISE = { 'PUT /v1/guests/me, -': '200' };

const { rooms, pair } = matrix.world;
const mark = async (on) => {
  const who = `(${rooms.member.id}, ${pair.member.id})`;
  await matrix.world.db.ask(`UPDATE user SET guest = ${on} WHERE id IN ${who}; UPDATE session SET guest = ${on} WHERE user IN ${who}`);
};

for (const line of readTable().filter(({ cells }) => cells.member !== undefined)) {
  test(`a guest: ${line.name}, ${line.kind}`, async () => {
    const word = OTHERWISE[`${line.name}, ${line.kind}`] ?? wordFor(line);
    try {
      assert.deepEqual((await tryLine(matrix, { ...line, cells: { member: word } }, () => mark(1))).deviations, []);
    } finally {
      await mark(0);
    }
  });
}
