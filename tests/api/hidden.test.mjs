// Hidden rooms: who does not know the password can't tell one from a room that does not exist.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { ROOM_PASSWORD, assertOk, assertProblem, createRoom, joinRoom, people } from './check.mjs';

const ATTEMPTS = 12;
const stack = await startStack({ conf: { login_attempts: ATTEMPTS } });
after(() => stack.stop());

const host = (await people(stack, 1))[0];
const hosts = api(stack, host);
const MISSING = { id: 999999999 };

const join = (user, room, body) => api(stack, user).put(`/v1/rooms/${room.id}/members/me`, body);
const leave = (user, room) => api(stack, user).del(`/v1/rooms/${room.id}/members/me`);
const members = async (room) => (await stack.sql(`SELECT user FROM member WHERE room = ${room.id} ORDER BY user`)).flat().map(Number);

async function hiddenRoom(room = {}) {
  const made = await createRoom(stack, host, { kind: 'secret', ...room });
  await stack.sql(`UPDATE room SET hidden = 1 WHERE id = ${made.id}`);
  return { ...made, hidden: true };
}

// A direct room is made here by hand.
async function directRoom() {
  const room = await createRoom(stack, host);
  await stack.sql(`UPDATE room SET kind = 'direct', host = 0 WHERE id = ${room.id}`);
  return room;
}

test('a hidden room opens to whoever has its password, and is told as any other', async () => {
  const [ann] = await people(stack, 1);
  const room = await hiddenRoom();
  const inside = await subscribed(await client(stack, host), `presence-room-${room.id}`);
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = [eventOn(inside, 'member.joined'), eventOn(own, 'room.added')];
  assertProblem(await api(stack, ann).get(`/v1/rooms/${room.id}`), 'not-found');
  const member = assertOk(await join(ann, room, { password: ROOM_PASSWORD }), 201);
  const [joined, added] = await Promise.all(told);
  assert.equal(joined.id, ann.id);
  assert.deepEqual([added.id, added.hidden, added.member_count], [room.id, true, 2]);
  assertOk(await join(ann, room), 200, member);
  assertOk(await join(ann, room, { password: 'wrong' }), 200, member);
  assertOk(await api(stack, ann).get(`/v1/rooms/${room.id}`), 200);
});

test('with no password or a wrong one it answers as a room that does not exist, or that is a group or direct', async () => {
  const [ann] = await people(stack, 1);
  const rooms = [MISSING, await hiddenRoom(), await createRoom(stack, host, { kind: 'group' }), await directRoom()];
  for (const body of [undefined, {}, { password: 'wrong' }]) {
    const answers = [];
    for (const room of rooms) answers.push(assertProblem(await join(ann, room, body), 'not-found'));
    for (const { request_id: id, instance, ...rest } of answers) assert.deepEqual(rest, { type: '/problems/not-found', title: answers[0].title, status: 404 });
  }
  // A group and a direct room have no password that would open them.
  for (const room of rooms.slice(2)) assertProblem(await join(ann, room, { password: ROOM_PASSWORD }), 'not-found');
  for (const room of rooms.slice(1)) assert.deepEqual(await members(room), [host.id]);
});

test('a hidden room whose password was taken away opens to none', async () => {
  const [ann] = await people(stack, 1);
  const room = await hiddenRoom();
  await stack.sql(`UPDATE room SET password = NULL WHERE id = ${room.id}`);
  for (const body of [undefined, { password: '' }, { password: ROOM_PASSWORD }]) assertProblem(await join(ann, room, body), 'not-found');
});

test('guessing ends after some attempts for the guesser, whichever rooms are tried', async () => {
  const [ann, bob] = await people(stack, 2);
  const [room, other] = [await hiddenRoom(), await hiddenRoom()];
  for (let i = 0; i < ATTEMPTS; i++) assertProblem(await join(ann, [MISSING, room, other][i % 3], { password: 'guess' }), 'not-found');
  for (const where of [MISSING, room, other]) {
    const answer = await join(ann, where, { password: ROOM_PASSWORD });
    assertProblem(answer, 'throttled');
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
  }
  assertProblem(await join(ann, room), 'not-found'); // nothing is guessed
  assertOk(await join(bob, room, { password: ROOM_PASSWORD }), 201);
});

test('being right takes back that attempt and no other', async () => {
  const [ann] = await people(stack, 1);
  const [room, target] = [await hiddenRoom(), await hiddenRoom()];
  for (let i = 0; i < ATTEMPTS; i++) {
    assertProblem(await join(ann, target, { password: 'guess' }), 'not-found');
    if (i === ATTEMPTS - 1) break;
    assertOk(await join(ann, room, { password: ROOM_PASSWORD }), 201);
    assertOk(await leave(ann, room), 204);
  }
  assertProblem(await join(ann, room, { password: ROOM_PASSWORD }), 'throttled');
});

test('parallel guesses over many rooms get no more attempts', async () => {
  const [ann] = await people(stack, 1);
  const room = await hiddenRoom();
  const answers = await Promise.all(Array.from({ length: 2 * ATTEMPTS }, (_, i) => join(ann, i % 2 ? room : MISSING, { password: 'guess' })));
  assert.ok(answers.filter(({ status }) => status === 404).length <= ATTEMPTS);
  for (const answer of answers) if (answer.status !== 404) assertProblem(answer, 'throttled');
});

test('whoever knows the password hears that they are banned or that the room is full; others do not', async () => {
  const [ann, bob] = await people(stack, 2);
  const room = await hiddenRoom({ max_members: 1 });
  assertOk(await hosts.put(`/v1/rooms/${room.id}/bans/${ann.id}`), 201);
  for (const user of [ann, bob]) assertProblem(await join(user, room, { password: 'wrong' }), 'not-found');
  assertProblem(await join(ann, room, { password: ROOM_PASSWORD }), 'banned');
  assertProblem(await join(bob, room, { password: ROOM_PASSWORD }), 'room-full');
});

test('a password that is changed while somebody tries the old one opens no more', async () => {
  const crowd = await people(stack, 5);
  const room = await hiddenRoom();
  const answers = await Promise.all([hosts.patch(`/v1/rooms/${room.id}`, { password: 'a new one' }), ...crowd.map((user) => join(user, room, { password: ROOM_PASSWORD }))]);
  assertOk(answers[0], 200);
  for (const answer of answers.slice(1)) if (answer.status !== 201) assertProblem(answer, 'not-found');
  assertProblem(await join((await people(stack, 1))[0], room, { password: ROOM_PASSWORD }), 'not-found');
});

test('a listed secret room says that it has a password', async () => {
  const [ann] = await people(stack, 1);
  const room = await createRoom(stack, host, { kind: 'secret' });
  assertProblem(await join(ann, room), 'bad-room-password');
  await joinRoom(stack, ann, room, ROOM_PASSWORD);
});
