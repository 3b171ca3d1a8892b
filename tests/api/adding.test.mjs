// Friends put each other into rooms.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { ROOM_PASSWORD, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, shared } from './check.mjs';

const stack = await startStack({ conf: { workers: 4 } });
after(() => stack.stop());

const [host, ann, bob, stranger] = await people(stack, 4);
const [hosts, strangers] = [host, stranger].map((user) => api(stack, user));
const nobody = api(stack);

const add = (caller, room, user) => caller.post(`/v1/rooms/${room.id}/members`, { user: user.id ?? user });
const members = async (room) => (await stack.sql(`SELECT user FROM member WHERE room = ${room.id} ORDER BY user`)).flat().map(Number);
const head = async (room) => Number((await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`))[0][0]);
const state = (one, other, word) => `INSERT INTO friend (user, other, state, created_at) VALUES (${one.id}, ${other.id}, '${word}', UTC_TIMESTAMP(3))`;
const befriend = (one, other) => stack.sql(`${state(one, other, 'friend')}; ${state(other, one, 'friend')}`);

async function friendsOfHost(n) {
  const crowd = await people(stack, n);
  for (const user of crowd) await befriend(host, user);
  return crowd;
}

test('a friend is put into a group, and all are told', async () => {
  const [friend] = await friendsOfHost(1);
  const room = await createRoom(stack, host, { kind: 'group' });
  const inside = await subscribed(await client(stack, host), `presence-room-${room.id}`);
  const own = await subscribed(await client(stack, friend), `private-user-${friend.id}`);
  const told = [eventOn(inside, 'member.joined'), eventOn(own, 'room.added')];
  const member = assertOk(await add(hosts, room, friend), 201);
  assert.deepEqual([member.id, member.role], [friend.id, 'member']);
  const [{ seq, mid, ...joined }, { seq: ownSeq, mid: ownMid, ...added }] = await Promise.all(told);
  assert.deepEqual(joined, member);
  assert.deepEqual(added, { ...shared(room), member_count: 2 });
  assertOk(await add(hosts, room, friend), 200, member);
  assert.equal(await head(room), 1);
  // Any member may.
  const [next] = await people(stack, 1);
  await befriend(friend, next);
  assertOk(await add(api(stack, friend), room, next), 201);
});

test('elsewhere only moderators and the host put people in, past the password', async () => {
  for (const kind of ['public', 'secret']) {
    const [friend, mod] = await friendsOfHost(2);
    await befriend(mod, friend);
    const room = await createRoom(stack, host, { kind });
    await joinRoom(stack, mod, room, kind === 'secret' ? ROOM_PASSWORD : undefined);
    for (const caller of [api(stack, mod), strangers]) assertProblem(await add(caller, room, friend), 'forbidden');
    assertProblem(await add(nobody, room, friend), 'unauthenticated');
    assertOk(await hosts.patch(`/v1/rooms/${room.id}/members/${mod.id}`, { role: 'moderator' }), 200);
    assertOk(await add(api(stack, mod), room, friend), 201);
  }
  const group = await createRoom(stack, host, { kind: 'group' });
  assertProblem(await add(strangers, group, stranger), 'not-found');
  assertProblem(await add(hosts, { id: 999999999 }, stranger), 'not-found');
});

test('nobody is put into a direct room', async () => {
  const [friend] = await friendsOfHost(1);
  const room = await createRoom(stack, host);
  await stack.sql(`UPDATE room SET kind = 'direct', host = 0 WHERE id = ${room.id}`);
  assertProblem(await add(hosts, room, friend), 'forbidden');
});

test('strangers, half friends, blocks, closed accounts and nobody at all answer alike', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  const [asked, asking, blocked, blocking, disabled] = await people(stack, 5);
  await stack.sql(`${state(host, asked, 'sent')}; ${state(asked, host, 'received')}; ${state(host, asking, 'received')}; ${state(asking, host, 'sent')}`);
  for (const user of [blocked, blocking, disabled]) await befriend(host, user);
  await stack.sql(`INSERT INTO block (user, other, created_at) VALUES (${host.id}, ${blocked.id}, NOW()), (${blocking.id}, ${host.id}, NOW());
    UPDATE user SET state = 'disabled' WHERE id = ${disabled.id}`);
  for (const user of [stranger, asked, asking, blocked, blocking, disabled, 999999999, 9007199254740993]) {
    const { request_id: id, ...rest } = assertProblem(await add(hosts, room, user), 'unreachable');
    assert.deepEqual(Object.keys(rest), ['type', 'title', 'status', 'instance']);
  }
  assert.deepEqual(await members(room), [host.id]);
  assert.equal(await head(room), 0);
  assertOk(await add(hosts, room, host), 200); // who is in the room is no secret
});

test('the body names one person and nothing else', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  for (const user of [0, -1, 1.5, '2', null, [ann.id]]) assertInvalid(await hosts.post(`/v1/rooms/${room.id}/members`, { user }), 'user');
  assertInvalid(await hosts.post(`/v1/rooms/${room.id}/members`, {}), 'user');
  assertInvalid(await hosts.post(`/v1/rooms/${room.id}/members`, { user: ann.id, role: 'moderator', by: bob.id }), 'role', 'by');
});

test('who is banned, or finds the room full, is not put in', async () => {
  const [friend, other] = await friendsOfHost(2);
  const room = await createRoom(stack, host, { kind: 'group', max_members: 1 });
  assertProblem(await add(hosts, room, friend), 'room-full');
  assertOk(await hosts.put(`/v1/rooms/${room.id}/bans/${other.id}`), 201);
  assert.match(assertProblem(await add(hosts, room, other), 'conflict').detail, /banned/);
  assert.deepEqual(await members(room), [host.id]);
});

test('of eight who put the same friend in at the same time one does', async () => {
  const [friend, ...crowd] = await friendsOfHost(8);
  const room = await createRoom(stack, host, { kind: 'group' });
  for (const user of crowd) {
    await putIntoGroup(stack, user, room);
    await befriend(user, friend);
  }
  const answers = await Promise.all([host, ...crowd].map((user) => add(api(stack, user), room, friend)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
  assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).member_count, 9);
});

test('friends who put each other into rooms at the same time never wait for each other in vain', async () => {
  const crowd = await people(stack, 4);
  for (const one of crowd) for (const other of crowd) if (one.id < other.id) await befriend(one, other);
  const rooms = await Promise.all(crowd.map((user) => createRoom(stack, user, { kind: 'group' })));
  const calls = rooms.flatMap((room, i) => crowd.filter((_, k) => k !== i).map((user) => add(api(stack, crowd[i]), room, user)));
  for (const answer of await Promise.all(calls)) assertOk(answer, 201);
  for (const room of rooms) assert.deepEqual(await members(room), crowd.map(({ id }) => id));
});

// ---- a group that is made with its people

const found = (caller, ids, more = {}) => caller.post('/v1/rooms', { title: 'tea', kind: 'group', members: ids, ...more });

test('a group can be made with friends in it, and each is told of the whole room', async () => {
  const friends = await friendsOfHost(3);
  const owns = await Promise.all([...friends, host].map(async (user) => subscribed(await client(stack, user), `private-user-${user.id}`)));
  const told = owns.map((own) => eventOn(own, 'room.added'));
  const room = assertOk(await found(hosts, friends.map(({ id }) => id).reverse()), 201);
  assert.equal(room.member_count, 4);
  for (const { seq, mid, ...added } of await Promise.all(told)) assert.deepEqual(added, shared(room));
  assert.deepEqual(await members(room), [host.id, ...friends.map(({ id }) => id)]);
  const { events } = assertOk(await api(stack, friends[0]).get(`/v1/rooms/${room.id}/events`), 200);
  assert.deepEqual(events.map(({ seq, type, data }) => [seq, type, data.id]), friends.map(({ id }, i) => [i + 1, 'member.joined', id]));
  const list = assertOk(await hosts.get(`/v1/rooms/${room.id}/members`), 200).members;
  assert.deepEqual(list.map(({ role }) => role), ['host', 'member', 'member', 'member']);
  assert.equal(assertOk(await found(hosts, []), 201).member_count, 1);
});

test('one who is no friend, and the group is not made', async () => {
  const [friend] = await friendsOfHost(1);
  const [[before]] = await stack.sql('SELECT COUNT(*) FROM room');
  for (const id of [stranger.id, 999999999, host.id]) assertProblem(await found(hosts, [friend.id, id]), 'unreachable');
  assertProblem(await found(hosts, [friend.id], { max_members: 1 }), 'room-full');
  assertProblem(await found(nobody, [friend.id]), 'unauthenticated');
  assert.deepEqual(await stack.sql('SELECT COUNT(*) FROM room'), [[before]]);
});

test('only a new group takes members, at most a hundred different ones', async () => {
  const [friend] = await friendsOfHost(1);
  for (const ids of [friend.id, {}, 'x', null, [String(friend.id)], [0], [-1], [1.5], [null], [friend.id, friend.id], Array.from({ length: 101 }, (_, i) => i + 1)]) {
    assertInvalid(await found(hosts, ids), 'members');
  }
  assertInvalid(await found(hosts, [friend.id], { kind: 'public' }), 'members');
  assertInvalid(await found(hosts, [friend.id], { kind: 'secret', password: ROOM_PASSWORD }), 'members');
  const room = await createRoom(stack, host, { kind: 'group' });
  assertInvalid(await hosts.patch(`/v1/rooms/${room.id}`, { members: [friend.id] }), 'members');
});

test('a hundred friends fit, and people who found groups with each other at the same time all can', async () => {
  const crowd = await people(stack, 101);
  await stack.sql(crowd.slice(1).map((user) => `${state(crowd[0], user, 'friend')}; ${state(user, crowd[0], 'friend')};`).join('\n'));
  assert.equal(assertOk(await found(api(stack, crowd[0]), crowd.slice(1).map(({ id }) => id)), 201).member_count, 101);
  const few = await people(stack, 5);
  for (const one of few) for (const other of few) if (one.id < other.id) await befriend(one, other);
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(few.map((one) => found(api(stack, one), few.filter(({ id }) => id !== one.id).map(({ id }) => id))));
    for (const answer of answers) assert.equal(assertOk(answer, 201).member_count, 5);
  }
});
