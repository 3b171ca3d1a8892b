// /v1/direct-rooms: the one room of two people, from the first message to the last who leaves.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { MID, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';
import { channelOf, listen } from './listener.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

// The ids of the first two people and the first room make every mistake between 1, 2 and "1_2" possible.
const [first, second, stranger] = await people(stack, 3);
const firstRoom = await createRoom(stack, first);

const of = (user) => api(stack, user);
const open = (user, other, body) => of(user).put(`/v1/direct-rooms/${other.id ?? other}`, body);
const leave = (user, room) => of(user).del(`/v1/rooms/${room.id}/members/me`);
const get = async (user, room) => assertOk(await of(user).get(`/v1/rooms/${room.id}`), 200);
const mine = async (user) => assertOk(await of(user).get('/v1/users/me/rooms'), 200).rooms;
const history = async (user, room) => assertOk(await of(user).get(`/v1/rooms/${room.id}/messages?limit=100`), 200).messages.map(({ body }) => body);
const eventsOf = async (user, path) => assertOk(await of(user).get(`${path}/events?limit=1000`), 200).events;
const own = (user) => eventsOf(user, '/v1/users/me');
const types = async (user) => (await own(user)).map(({ type }) => type);
const block = (user, other) => stack.sql(`INSERT INTO block VALUES (${user.id}, ${other.id}, UTC_TIMESTAMP(3))`);
const allow = (user, whom) => stack.sql(`UPDATE user SET direct = '${whom}' WHERE id = ${user.id}`);
const count = async (table, where) => Number((await stack.sql(`SELECT COUNT(*) FROM ${table} WHERE ${where}`))[0][0]);
const place = ({ seq, mid, ...data }) => {
  assert.match(mid, MID);
  return data;
};
const partnerOf = ({ id, name, nickname, avatar, status_message }) => ({ id, name, nickname, avatar, status_message });
const personal = async (user) => subscribed(await client(stack, user), `private-user-${user.id}`);

async function two() {
  const [ann, bob] = await people(stack, 2);
  return [ann, bob, assertOk(await open(ann, bob), 201)];
}

// ---- opening

test('the first call makes the room, both are told who the other is, and it stays the one room', async () => {
  const [ann, bob] = await people(stack, 2);
  const told = [eventOn(await personal(ann), 'room.added'), eventOn(await personal(bob), 'room.added')];
  const answer = await open(ann, bob);
  const { id, created_at: createdAt } = answer.body;
  assert.match(createdAt, TIME);
  const room = {
    id, kind: 'direct', title: '', description: '', locked: false, hidden: false, host: 0, category: 0, tags: [], cover: '',
    history: 'joined', slow_seconds: 0, retention: 0, guests: false, member_count: 2, max_members: 2, likes: 0, created_at: createdAt, sendable: true,
  };
  const seen = { joined: true, liked: false };
  assertOk(answer, 201, { ...room, ...seen, partner: partnerOf(bob) });
  const [anns, bobs] = await Promise.all(told);
  assert.deepEqual(place(anns), { ...room, partner: partnerOf(bob) });
  assert.deepEqual(place(bobs), { ...room, partner: partnerOf(ann) });
  assertOk(await open(ann, bob), 200, answer.body);
  assertOk(await open(bob, ann, {}), 200, { ...answer.body, partner: partnerOf(ann) });
  assert.deepEqual(await get(bob, { id }), { ...answer.body, partner: partnerOf(ann) });
  assert.deepEqual([await mine(ann), await mine(bob)], [[answer.body], [{ ...answer.body, partner: partnerOf(ann) }]]);
  assert.deepEqual([await types(ann), await types(bob)], [['room.added'], ['room.added']]);
  assertOk(await say(stack, ann, { id }, 'hello'), 201);
  assertOk(await say(stack, bob, { id }, 'hello yourself'), 201);
  assert.deepEqual(await history(bob, { id }), ['hello', 'hello yourself']);
  const members = assertOk(await of(ann).get(`/v1/rooms/${id}/members`), 200).members;
  assert.deepEqual(members.map((member) => [member.id, member.role]), [[ann.id, 'member'], [bob.id, 'member']]);
});

test('a list shows who the partner is in each direct room, and rooms of other kinds have none', async () => {
  const [ann, ...others] = await people(stack, 4);
  const tea = await createRoom(stack, ann);
  for (const other of others) assertOk(await open(other, ann), 201);
  const rooms = await mine(ann);
  assert.deepEqual(rooms.map(({ partner }) => partner?.id), [...others].reverse().map(({ id }) => id).concat(undefined));
  assert.deepEqual(rooms.at(-1), tea);
});

test('of a hundred first calls from both sides one makes the room', async () => {
  const [ann, bob] = await people(stack, 2);
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 ? open(ann, bob) : open(bob, ann))));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(99).fill(200), 201]);
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  assert.equal(await count('direct', `low = ${ann.id} AND high = ${bob.id}`), 1);
  assert.equal(await count('member', `user IN (${ann.id}, ${bob.id})`), 2);
  assert.deepEqual([await types(ann), await types(bob)], [['room.added'], ['room.added']]);
});

test('not with oneself, and nothing in a body', async () => {
  const [ann, bob] = await people(stack, 2);
  assertInvalid(await open(ann, ann), 'user');
  assertInvalid(await open(ann, bob, { title: 'x', user: stranger.id, members: [1] }), 'title', 'user', 'members');
  assertProblem(await api(stack).put(`/v1/direct-rooms/${ann.id}`), 'unauthenticated');
  for (const id of [0, -1, 'x', '1_2', '1e3']) assertProblem(await open(ann, id), 'not-found');
  assert.deepEqual(await types(ann), []);
});

test('who is not to be reached is so for any reason alike', async () => {
  const [ann, gone, off, blocker, friendly, shy] = await people(stack, 6);
  await stack.sql(`UPDATE user SET state = 'erased' WHERE id = ${gone.id}; UPDATE user SET state = 'disabled' WHERE id = ${off.id}`);
  await block(blocker, ann);
  await allow(friendly, 'friends');
  await allow(shy, 'nobody');
  const refusals = [];
  for (const other of [{ id: 999999999 }, gone, off, blocker, friendly, shy]) refusals.push(assertProblem(await open(ann, other), 'unreachable'));
  const same = ({ request_id, instance, ...rest }) => rest;
  for (const refusal of refusals) assert.deepEqual(same(refusal), same(refusals[0]));
  // A request is not enough to be a friend.
  assertOk(await of(ann).put(`/v1/friends/${friendly.id}`), 201);
  assertProblem(await open(ann, friendly), 'unreachable');
  assertOk(await of(friendly).put(`/v1/friends/${ann.id}`), 200);
  const room = assertOk(await open(ann, friendly), 201);
  // The setting is about beginning.
  await allow(friendly, 'nobody');
  assert.equal(assertOk(await open(ann, friendly), 200).id, room.id);
  assertOk(await leave(ann, room), 204);
  assert.equal(assertOk(await open(ann, friendly), 200).id, room.id);
  assert.equal(assertOk(await open(shy, ann), 201).sendable, true);
  assert.equal(assertProblem(await open(blocker, ann), 'conflict').detail, 'you block this person');
  for (const user of [gone, off, blocker]) assert.deepEqual(await mine(user).catch(() => []), []);
});

test('nobody begins with one stranger after the other', async () => {
  const [ann, bob, eve] = await people(stack, 3);
  const room = assertOk(await open(ann, bob), 201);
  await stack.sql(`UPDATE throttle SET hits = 100 WHERE name = 'direct:${ann.id}'`);
  assertProblem(await open(ann, eve), 'throttled');
  assertOk(await open(ann, bob), 200, room);
  assertOk(await leave(ann, room), 204);
  assertOk(await open(ann, bob), 200);
  assert.deepEqual(await own(eve), []);
  assertOk(await open(eve, ann), 201);
});

// ---- who may not

test('for everybody else the room is not there', async () => {
  const [ann, bob, room] = await two();
  assertOk(await say(stack, ann, room, 'between us'), 201);
  await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${stranger.id}`);
  const admin = of(stranger);
  for (const [other, slug] of [[of(second), 'not-found'], [admin, 'not-found'], [api(stack), 'unauthenticated']]) {
    const paths = ['', '/members', '/messages', '/messages/1', '/events', '/presence', '/bans'];
    for (const path of paths) assertProblem(await other.get(`/v1/rooms/${room.id}${path}`), slug);
    assertProblem(await other.put(`/v1/rooms/${room.id}/members/me`, {}), slug);
    assertProblem(await other.post(`/v1/rooms/${room.id}/messages`, { client_id: 'x', body: 'x' }), slug);
    assertProblem(await other.patch(`/v1/rooms/${room.id}`, { title: 'x' }), slug);
    assertProblem(await other.del(`/v1/rooms/${room.id}`), slug);
    assertProblem(await other.del(`/v1/rooms/${room.id}/members/${bob.id}`), slug);
    assertProblem(await other.put(`/v1/rooms/${room.id}/bans/${bob.id}`), slug);
  }
  assertProblem(await of(second).post('/v1/realtime/auth', { socket_id: '1.1', channel_name: channelOf(room) }), 'not-found');
  assert.ok(!assertOk(await of(second).get('/v1/rooms?limit=100'), 200).rooms.some(({ kind }) => kind === 'direct'));
  await stack.sql(`UPDATE user SET role = 'user' WHERE id = ${stranger.id}`);
});

test('the two have no rank over each other, and the room has nothing to change', async () => {
  const [ann, bob, room] = await two();
  for (const body of [{ title: 'x' }, { password: 'x' }, { max_members: 3 }]) assertProblem(await of(ann).patch(`/v1/rooms/${room.id}`, body), 'forbidden');
  for (const path of [`/members/${bob.id}`, '', `/bans/${bob.id}`]) assertProblem(await of(ann).del(`/v1/rooms/${room.id}${path}`), 'forbidden');
  assertProblem(await of(ann).put(`/v1/rooms/${room.id}/bans/${bob.id}`), 'forbidden');
  assertProblem(await of(ann).get(`/v1/rooms/${room.id}/bans`), 'forbidden');
  assertOk(await of(ann).put(`/v1/rooms/${room.id}/members/me`, {}), 200);
  assertInvalid(await of(ann).post('/v1/rooms', { title: 'x', kind: 'direct' }), 'kind');
  assert.deepEqual(await eventsOf(bob, `/v1/rooms/${room.id}`), []);
});

test('what is said in room 1 never comes to the two, nor what they say to anybody', async () => {
  assert.deepEqual([first.id, second.id, firstRoom.id], [1, 2, 1]);
  const room = assertOk(await open(first, second), 201);
  await joinRoom(stack, stranger, firstRoom);
  const [inRoom, direct, elsewhere, lobby] = [await listen(stack, stranger, channelOf(firstRoom)), await listen(stack, second, channelOf(room)),
    await listen(stack, stranger, `private-user-${stranger.id}`), await listen(stack, stranger, 'lobby')];
  for (let i = 0; i < 5; i++) {
    assertOk(await say(stack, first, firstRoom, `room ${i}`), 201);
    assertOk(await say(stack, first, room, `direct ${i}`), 201);
  }
  // The lists of directs change, too: only the two hear of it.
  assertOk(await leave(second, room), 204);
  assertOk(await open(second, first), 200);
  assertOk(await say(stack, stranger, firstRoom, 'the end'), 201);
  await inRoom.until(6);
  await direct.until(5);
  const said = (where) => where.heard().filter(({ type }) => type === 'message.created').map(({ data }) => data.body);
  assert.deepEqual(said(inRoom), ['room 0', 'room 1', 'room 2', 'room 3', 'room 4', 'the end']);
  assert.deepEqual(said(direct), ['direct 0', 'direct 1', 'direct 2', 'direct 3', 'direct 4']);
  assert.deepEqual(elsewhere.heard(), []);
  assert.ok(lobby.heard().every(({ data }) => data.id !== room.id));
  assert.deepEqual(await history(stranger, firstRoom), said(inRoom));
  await Promise.all([inRoom, direct, elsewhere, lobby].map((one) => one.close()));
});

test('the 51st message arrives, and all the others', async () => {
  const [ann, bob, room] = await two();
  const inside = await listen(stack, bob, channelOf(room));
  const said = Array.from({ length: 60 }, (_, i) => `message ${i + 1}`);
  for (const body of said) assertOk(await say(stack, ann, room, body), 201);
  await inside.until(60);
  assert.deepEqual(inside.heard().map(({ data }) => data.body), said);
  assert.deepEqual(await history(bob, room), said);
  await inside.close();
});

// ---- leaving and coming back

test('who leaves is gone for the partner, who cannot send until they are back', async () => {
  const [ann, bob, room] = await two();
  assertOk(await say(stack, ann, room, 'before'), 201);
  const [inside, told] = [await subscribed(await client(stack, ann), channelOf(room)), await personal(bob)];
  let heard = [eventOn(inside, 'member.left'), eventOn(told, 'room.removed')];
  assertOk(await leave(bob, room), 204);
  const [left, removed] = await Promise.all(heard);
  assert.deepEqual([left.id, left.seq, place(removed)], [bob.id, 2, { id: room.id }]);
  const alone = { ...room, member_count: 1, sendable: false, reason: 'partner_left' };
  assert.deepEqual([await get(ann, room), await mine(ann), await mine(bob)], [alone, [alone], []]);
  assertOk(await open(ann, bob), 200, alone);
  assertProblem(await say(stack, ann, room, 'anybody there?'), 'not-sendable');
  for (const answer of [await of(bob).get(`/v1/rooms/${room.id}`), await of(bob).put(`/v1/rooms/${room.id}/members/me`, {}),
    await say(stack, bob, room), await leave(bob, room)]) assertProblem(answer, 'not-found');

  heard = [eventOn(inside, 'member.joined'), eventOn(told, 'room.added')];
  const back = assertOk(await open(bob, ann), 200, { ...room, partner: partnerOf(ann) });
  const [joined, added] = await Promise.all(heard);
  assert.deepEqual([joined.id, joined.seq], [bob.id, 3]);
  const { joined: isMember, liked, ...event } = back;
  assert.deepEqual(place(added), event);
  assert.deepEqual(await get(ann, room), room);
  // Only what came after.
  assert.deepEqual(await history(bob, room), []);
  assert.deepEqual((await eventsOf(bob, `/v1/rooms/${room.id}`)).map(({ seq, type }) => [seq, type]), [[3, 'member.joined']]);
  assertProblem(await of(bob).get(`/v1/rooms/${room.id}/messages/1`), 'not-found');
  assertProblem(await of(bob).get(`/v1/rooms/${room.id}/events?after=1`), 'reload');
  const { streams } = assertOk(await of(bob).get(`/v1/sync?since=${channelOf(room)}:1`), 200);
  assert.deepEqual(streams[channelOf(room)], { head: 3, reload: true });
  assertOk(await say(stack, ann, room, 'after'), 201);
  assert.deepEqual([await history(bob, room), await history(ann, room)], [['after'], ['before', 'after']]);
});

test('when both have left the room is erased with all that was said, and the next one is new', async () => {
  const [ann, bob, room] = await two();
  assertOk(await say(stack, ann, room, 'secret'), 201);
  assertOk(await leave(ann, room), 204);
  assertOk(await leave(bob, room), 204);
  assert.equal(await count('direct', `room = ${room.id}`) + await count('room', `id = ${room.id}`) + await count('member', `room = ${room.id}`), 0);
  await until(async () => await count('message', `room = ${room.id}`) === 0, 20000, 'the messages to be erased');
  assert.deepEqual([await types(ann), await types(bob)], [['room.added', 'room.removed'], ['room.added', 'room.removed']]);
  const next = assertOk(await open(bob, ann), 201);
  assert.notEqual(next.id, room.id);
  assert.deepEqual(await history(ann, next), []);
  assert.equal(next.sendable, true);
});

test('a new name is seen by the partner', async () => {
  const [ann, bob, room] = await two();
  const told = eventOn(await subscribed(await client(stack, bob), channelOf(room)), 'member.updated');
  assertOk(await of(ann).patch('/v1/users/me', { nickname: 'Ann the second' }), 200);
  assert.equal((await told).nickname, 'Ann the second');
  assert.deepEqual((await get(bob, room)).partner, { ...partnerOf(ann), nickname: 'Ann the second' });
});

// ---- races

test('the last one leaving and the other coming back at the same time leave one whole room', async () => {
  for (let round = 0; round < 12; round++) {
    const [ann, bob, room] = await two();
    assertOk(await leave(bob, room), 204);
    const [left, back] = await Promise.all(round % 2 ? [leave(ann, room), open(bob, ann)] : [open(bob, ann), leave(ann, room)].reverse());
    assert.equal(left.status, 204, JSON.stringify(left.body));
    assert.ok([200, 201].includes(back.status), JSON.stringify(back.body));
    const [[pairs, id]] = await stack.sql(`SELECT COUNT(*), MAX(room) FROM direct WHERE low = ${ann.id} AND high = ${bob.id}`);
    assert.deepEqual([pairs, Number(id)], ['1', back.body.id]);
    assert.equal(back.body.id === room.id, back.status === 200);
    const now = await get(bob, back.body);
    assert.deepEqual([now.member_count, now.sendable], back.status === 200 ? [1, false] : [2, true]);
    assert.equal(await count('member', `room = ${now.id}`), now.member_count);
    assert.equal(await count('member', `room = ${room.id}`), room.id === now.id ? 1 : 0);
  }
});

test('after a storm of opening, leaving and sending both sides agree, and no seq is missing', async () => {
  const [ann, bob] = await people(stack, 2);
  await Promise.all([[ann, bob], [bob, ann]].flatMap(([user, other]) => Array.from({ length: 25 }, async (_, i) => {
    const opened = await open(user, other);
    // Whoever lost three times against others is told to try again.
    assert.ok([200, 201, 503].includes(opened.status), JSON.stringify(opened.body));
    if (opened.status === 503) return;
    const { status, body } = i % 2 ? await leave(user, opened.body) : await say(stack, user, opened.body);
    assert.ok([201, 204, 403, 404].includes(status), JSON.stringify(body));
  })));
  const { status, body: room } = await open(ann, bob);
  assert.ok([200, 201].includes(status), JSON.stringify(room));
  assert.equal(await count('member', `room = ${room.id}`), room.member_count);
  assert.equal(room.sendable, room.member_count === 2);
  assert.equal(await count('room', `kind = 'direct' AND members <> (SELECT COUNT(*) FROM member WHERE room = room.id)`), 0);
  assert.equal(await count('room', `kind = 'direct' AND id NOT IN (SELECT room FROM direct)`), 0);
  assert.equal(await count('direct', 'room NOT IN (SELECT id FROM room)'), 0);
  for (const user of [ann, bob]) {
    const log = await own(user);
    assert.deepEqual(log.map(({ seq }) => seq), log.map((_, i) => i + 1));
    const state = new Set();
    for (const { type, data } of log) {
      if (type === 'room.added') state.add(data.id);
      else state.delete(data.id);
    }
    assert.deepEqual([...state], (await mine(user)).map(({ id }) => id));
  }
  const seqs = (await stack.sql(`SELECT seq FROM event WHERE kind = 1 AND stream = ${room.id} UNION ALL
    SELECT seq FROM message WHERE room = ${room.id} ORDER BY seq`)).flat().map(Number);
  assert.deepEqual(seqs, seqs.map((_, i) => i + 1));
});

test('a block that is made while somebody opens the room wins, or leaves it open: never half', async () => {
  const [ann, bob] = await people(stack, 2);
  const blocking = stack.sql(`START TRANSACTION;
    SELECT head FROM stream WHERE kind = 2 AND id = ${ann.id} FOR UPDATE;
    INSERT INTO block VALUES (${bob.id}, ${ann.id}, UTC_TIMESTAMP(3));
    DO SLEEP(1); COMMIT`);
  await until(async () => (await stack.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep'"))[0][0] === '1');
  const answer = await open(ann, bob);
  await blocking;
  assertProblem(answer, 'unreachable');
  assert.equal(await count('direct', `low = ${ann.id} AND high = ${bob.id}`), 0);
});
