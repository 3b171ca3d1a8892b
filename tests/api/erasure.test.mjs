// DELETE /v1/users/me: an account goes, with all that tells who it was.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, freshName, logIn, signUp, startStack, subscribed, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, rawSocket, say, subscribeRaw } from './check.mjs';
import { channelOf } from './listener.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const nobody = api(stack);
const bob = await signUp(stack);
const bobs = api(stack, bob);
const erase = (user, messages = 'keep', password = user.password) => api(stack, user).call('DELETE', '/v1/users/me', { password, messages });
const events = async (room) => assertOk(await bobs.get(`/v1/rooms/${room.id}/events?limit=1000`), 200).events;
const count = async (what) => Number((await stack.sql(`SELECT COUNT(*) FROM ${what}`))[0][0]);
const done = () => until(async () => await count('erase_job') === 0 && await count('erase_stream') === 0, 60000, 'the rest of the work');

test('an account that is erased leaves, is logged out everywhere and can not come back', async () => {
  const ann = await signUp(stack);
  const phone = await logIn(stack, ann.name, ann.password);
  const room = await createRoom(stack, ann);
  await joinRoom(stack, bob, room);
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, phone, `private-user-${ann.id}`);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = [eventOn(inside, 'member.left'), eventOn(inside, 'room.updated')];
  const answer = await erase(ann);
  assertOk(answer, 204);
  assert.match(answer.headers.get('set-cookie'), /maru_access=; .*Max-Age=0/);
  await socket.closed;
  const [left, updated] = await Promise.all(told);
  assert.deepEqual([left.id, left.name, left.nickname, left.avatar], [ann.id, `~${ann.id}`, '', '']);
  assert.equal(updated.host, bob.id);
  for (const { token } of [ann, phone]) assertProblem(await api(stack, { token }).get('/v1/users/me'), 'unauthenticated');
  assertProblem(await nobody.post('/v1/sessions/refresh', { refresh_token: ann.refresh }), 'unauthenticated');
  for (const name of [ann.name, `~${ann.id}`]) {
    for (const password of [ann.password, '!']) assertProblem(await nobody.post('/v1/sessions', { name, password }), 'bad-login');
  }
  const { members } = assertOk(await bobs.get(`/v1/rooms/${room.id}/members`), 200);
  assert.deepEqual(members.map(({ id }) => id), [bob.id]);
  assertProblem(await bobs.get(`/v1/users/${ann.id}`), 'not-found');
  await done();
});

test('nothing of the person stays in the row, and the name is free', async () => {
  const ann = await signUp(stack);
  const anns = api(stack, ann);
  assertOk(await anns.patch('/v1/users/me', { nickname: '서울 앤', status_message: 'here' }), 200);
  await stack.sql(`UPDATE user SET email = '${ann.name}@example.org', role = 'admin', seen_at = UTC_TIMESTAMP(3) WHERE id = ${ann.id};
    INSERT INTO identity VALUES ('kakao', 's${ann.id}', ${ann.id}, UTC_TIMESTAMP(3));
    INSERT INTO block VALUES (${ann.id}, ${bob.id}, UTC_TIMESTAMP(3)); INSERT INTO hidden VALUES (${ann.id}, 1, 1);
    INSERT INTO email_code (purpose, user, email, hash, expires_at) VALUES ('reset', ${ann.id}, 'x@y.z', REPEAT('x', 32), UTC_TIMESTAMP(3))`);
  assertOk(await erase(ann), 204);
  assert.deepEqual(await stack.sql(`SELECT name, nickname, password, status, avatar, email, role, state, found, seen_at FROM user WHERE id = ${ann.id}`),
    [[`~${ann.id}`, '', '!', '', '', null, 'user', 'erased', 'hidden', null]]);
  await done();
  for (const table of ['session', 'identity', 'block', 'hidden', 'email_code', 'member', 'friend', 'room_like']) {
    assert.equal(await count(`${table} WHERE user = ${ann.id}`), 0, table);
  }
  for (const table of ['gram', 'gram_text']) assert.equal(await count(`${table} WHERE kind = 2 AND id = ${ann.id}`), 0, table);
  assert.equal(await count(`event WHERE kind = 2 AND stream = ${ann.id}`), 0);
  assert.equal(await count(`throttle WHERE name LIKE '%${ann.name}%'`), 0);
  assert.deepEqual(assertOk(await bobs.get(`/v1/users?q=${encodeURIComponent('서울 앤')}`), 200).users, []);
  assertOk(await nobody.post('/v1/users', { name: ann.name, nickname: 'x', password: 'correct horse' }), 201);
});

test('only who knows the password erases, and says what becomes of the messages', async () => {
  const ann = await signUp(stack);
  assertProblem(await erase({ password: 'x' }), 'unauthenticated');
  assertProblem(await erase(ann, 'keep', 'wrong password'), 'bad-password');
  assertInvalid(await erase(ann, 'some'), 'messages');
  assertInvalid(await api(stack, ann).del('/v1/users/me'), 'messages');
  assertInvalid(await api(stack, ann).call('DELETE', '/v1/users/me', { messages: 'keep' }), 'password');
  assertInvalid(await api(stack, ann).call('DELETE', '/v1/users/me', { messages: 'keep', password: ann.password, user: bob.id }), 'user');
  await stack.sql(`UPDATE throttle SET hits = 1000 WHERE name = 'login:${ann.name}'`);
  assertProblem(await erase(ann), 'throttled');
  assertOk(await api(stack, ann).get('/v1/users/me'), 200);
  assert.equal(await count('erase_job'), 0);
});

test('an account that never had a password needs none', async () => {
  const ann = await signUp(stack);
  await stack.sql(`UPDATE user SET password = '!' WHERE id = ${ann.id}`);
  assertOk(await api(stack, ann).call('DELETE', '/v1/users/me', { messages: 'erase' }), 204);
  await done();
});

test('the name goes from the logs of all rooms that the person ever was in, and from those of friends', async () => {
  const ann = await signUp(stack);
  const anns = api(stack, ann);
  const nickname = `Nick ${freshName()}`;
  assertOk(await anns.patch('/v1/users/me', { nickname, status_message: `status of ${nickname}` }), 200);
  const rooms = [await createRoom(stack, bob), await createRoom(stack, bob)];
  for (const room of rooms) await joinRoom(stack, ann, room);
  assertOk(await anns.del(`/v1/rooms/${rooms[0].id}/members/me`), 204);
  assertOk(await bobs.put(`/v1/rooms/${rooms[0].id}/bans/${ann.id}`, {}), 201);
  assertOk(await anns.patch('/v1/users/me', { nickname }), 200);
  assertOk(await say(stack, ann, rooms[1], 'what was said'), 201);
  await stack.sql(`INSERT INTO friend (user, other, state, created_at)
      VALUES (${ann.id}, ${bob.id}, 'friend', UTC_TIMESTAMP(3)), (${bob.id}, ${ann.id}, 'friend', UTC_TIMESTAMP(3));
    CALL stream_advance(2, ${bob.id}, 5);
    INSERT INTO event SELECT 2, id, head, 5, 'friend.added',
      '{"id":${ann.id},"name":"${ann.name}","nickname":"${nickname}","seq":1,"mid":"5"}', UTC_TIMESTAMP(3), NULL
      FROM stream WHERE kind = 2 AND id = ${bob.id}`);
  const holds = async (word) => count(`event WHERE data LIKE '%${word}%'`);
  assert.ok(await holds(ann.name) >= 5 && await holds(nickname) >= 4);
  const before = [await events(rooms[0]), await events(rooms[1])];
  assertOk(await erase(ann), 204);
  await done();
  assert.deepEqual([await holds(ann.name), await holds(nickname)], [0, 0]);
  for (const [i, room] of rooms.entries()) {
    const now = await events(room);
    now.slice(0, before[i].length).forEach(({ seq, mid, type, data }, k) => {
      assert.deepEqual({ seq, mid, type }, { seq: before[i][k].seq, mid: before[i][k].mid, type: before[i][k].type });
      if (data.id === ann.id) assert.equal(data.nickname ?? '', '');
      else assert.deepEqual(data, before[i][k].data);
    });
  }
  assert.equal((await events(rooms[1])).find(({ type }) => type === 'message.created').data.body, 'what was said');
});

test('the name goes where the person was never told: once blocked, or asked in vain', async () => {
  const [ann, carol, dan] = await people(stack, 3);
  const of = (user) => api(stack, user);
  assertOk(await of(carol).put(`/v1/blocks/${ann.id}`), 201);
  assertOk(await of(carol).del(`/v1/blocks/${ann.id}`), 204);
  assertOk(await of(ann).put(`/v1/blocks/${dan.id}`), 201);
  assertOk(await of(dan).put(`/v1/friends/${ann.id}`), 201); // who does not hear of it
  assertOk(await of(dan).del(`/v1/friends/${ann.id}`), 204);
  const streams = `FROM event WHERE kind = 2 AND stream IN (${carol.id}, ${dan.id}) AND data LIKE '%${ann.name}%'`;
  assert.deepEqual(await stack.sql(`SELECT type ${streams} ORDER BY type`), [['block.added'], ['friend.updated']]);
  assertOk(await erase(ann), 204);
  await done();
  assert.deepEqual(await stack.sql(`SELECT type, data ${streams}`), []);
});

test('friends and those who block the person are told that it is gone', async () => {
  const [ann, carl, dora] = await people(stack, 3);
  await stack.sql(`INSERT INTO friend (user, other, state, created_at)
      VALUES (${ann.id}, ${carl.id}, 'friend', UTC_TIMESTAMP(3)), (${carl.id}, ${ann.id}, 'friend', UTC_TIMESTAMP(3)),
        (${ann.id}, ${dora.id}, 'sent', UTC_TIMESTAMP(3));
    INSERT INTO block VALUES (${dora.id}, ${ann.id}, UTC_TIMESTAMP(3))`);
  const own = await subscribed(await client(stack, carl), `private-user-${carl.id}`);
  const told = eventOn(own, 'friend.removed', 10000);
  assertOk(await erase(ann), 204);
  await done();
  assert.equal((await told).id, ann.id);
  for (const [user, type] of [[carl, 'friend.removed'], [dora, 'block.removed']]) {
    const { events: all } = assertOk(await api(stack, user).get('/v1/users/me/events'), 200);
    assert.deepEqual(all.map((event) => [event.type, event.data.id]), [[type, ann.id]]);
  }
  assert.equal(await count(`friend WHERE ${ann.id} IN (user, other)`) + await count(`block WHERE other = ${ann.id}`), 0);
});

test('what was said is erased if the person wants that, in every room and with one event each', async () => {
  const ann = await signUp(stack);
  const room = await createRoom(stack, bob);
  const left = await createRoom(stack, bob);
  for (const each of [room, left]) await joinRoom(stack, ann, each);
  const said = assertOk(await say(stack, ann, room, 'mine'), 201);
  assertOk(await say(stack, bob, room, 'not hers'), 201);
  assertOk(await bobs.put(`/v1/rooms/${room.id}/messages/${said.seq}/reactions/${encodeURIComponent('👍')}`), 204);
  const last = assertOk(await say(stack, ann, room, 'mine too'), 201);
  assertOk(await say(stack, ann, left, 'mine elsewhere'), 201);
  assertOk(await api(stack, ann).del(`/v1/rooms/${left.id}/members/me`), 204);
  assertOk(await erase(ann, 'erase'), 204);
  await done();
  const { messages } = assertOk(await bobs.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.deepEqual(messages.map(({ body, deleted_at: at }) => [body, Boolean(at)]), [['', true], ['not hers', false], ['', true]]);
  assert.equal(await count(`reaction WHERE room = ${room.id}`), 0);
  const purged = (await events(room)).filter(({ type }) => type === 'messages.purged');
  assert.equal(purged.length, 1);
  const { seq, mid, deleted_at: at, ...data } = purged[0].data;
  assert.deepEqual(data, { room: room.id, user: ann.id, after: said.seq - 1, until: last.seq, count: 2 });
  assert.deepEqual(messages.filter(({ sender }) => sender === ann.id).map(({ rev }) => rev), [seq, seq]);
  assert.equal(await count(`message WHERE sender = ${ann.id} AND body <> ''`), 0);
  assert.equal((await events(left)).filter(({ type }) => type === 'messages.purged').length, 1);
});

const draw = async (user, room, id) =>
  assertOk(await api(stack, user).post(`/v1/rooms/${room.id}/strokes`, { client_id: id, color: 'red', width: 9, points: [[1, 2], [30, 40]] }), 201);

test('what was drawn is erased whatever becomes of the messages, in steps that the room is told of', async () => {
  const ann = await signUp(stack);
  const [room, left, gone] = [await createRoom(stack, bob), await createRoom(stack, bob), await createRoom(stack, bob)];
  for (const each of [room, left, gone]) await joinRoom(stack, ann, each);
  const kept = await draw(bob, room, 'kept');
  const [first, there] = [await draw(ann, room, 'first'), await draw(ann, left, 'there')];
  await draw(ann, gone, 'lost');
  await stack.sql(`INSERT INTO stroke SELECT ${room.id}, 1000 + seq, 1000 + seq, ${ann.id}, CONCAT('f', seq), 'red', 5, '[[1,2]]', UTC_TIMESTAMP(3) FROM seq_1_to_1200`);
  const said = assertOk(await say(stack, ann, room, 'stays'), 201);
  assertOk(await api(stack, ann).del(`/v1/rooms/${left.id}/members/me`), 204);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'strokes.purged', 20000);
  assertOk(await bobs.del(`/v1/rooms/${gone.id}`), 204);
  assertOk(await erase(ann), 204);
  await done();
  assert.deepEqual([(await told).user, (await told).after], [ann.id, first.id - 1]);
  const purged = (await events(room)).filter(({ type }) => type === 'strokes.purged').map(({ data }) => data);
  assert.deepEqual(purged.map(({ user, count: n, until: last }) => [user, n, last]), [[ann.id, 500, 1499], [ann.id, 500, 1999], [ann.id, 201, 2200]]);
  assert.deepEqual(purged.slice(1).map(({ after: from }) => from), [1499, 1999]);
  const strokes = async (where) => assertOk(await bobs.get(`/v1/rooms/${where.id}/strokes`), 200).strokes;
  assert.deepEqual([await strokes(room), await strokes(left)], [[kept], []]);
  const { messages } = assertOk(await bobs.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.deepEqual(messages, [said]);
  const { data: { user, after: from, count: n } } = (await events(left)).find(({ type }) => type === 'strokes.purged');
  assert.deepEqual([user, from, n], [ann.id, there.id - 1, 1]);
  await until(async () => await count(`stroke WHERE author = ${ann.id}`) === 0, 20000, 'the deleted room to be erased');
  assert.equal(await count("event WHERE type = 'stroke.created' AND data LIKE '%[30%'"), 1, 'in the log there are only the points of others');
});

test('to-dos of rooms go with the messages, but for those that others have made theirs', async () => {
  const [ann, carl] = await people(stack, 2);
  const room = await createRoom(stack, bob);
  for (const user of [ann, carl]) await joinRoom(stack, user, room);
  const path = `/v1/rooms/${room.id}/todos`;
  const plan = async (user, text) => assertOk(await api(stack, user).post(path, { client_id: text, text }), 201);
  const [stays, own, ticked] = [await plan(ann, 'stays'), await plan(carl, 'goes'), await plan(carl, 'ticked')];
  assertOk(await bobs.patch(`${path}/${ticked.id}`, { done: true }), 200);
  assertOk(await erase(ann), 204);
  assertOk(await erase(carl, 'erase'), 204);
  await done();
  assert.deepEqual(assertOk(await bobs.get(path), 200).todos.map(({ id }) => id).sort(), [stays.id, ticked.id].sort());
  assert.deepEqual((await events(room)).filter(({ type }) => type === 'todo.deleted').map(({ data: { id } }) => id), [own.id]);
});

test('somebody in very many rooms leaves them all, though the server is killed meanwhile', async () => {
  const ann = await signUp(stack);
  await stack.sql(`INSERT INTO room (kind, title, host, members, max_members, likes, created_at)
      SELECT 'public', CONCAT('many ', seq), ${bob.id}, 2, 10, 1, UTC_TIMESTAMP(3) FROM seq_1_to_150;
    INSERT INTO stream (kind, id) SELECT 1, id FROM room WHERE title LIKE 'many %';
    INSERT INTO member (room, user, joined_at) SELECT id, ${bob.id}, UTC_TIMESTAMP(3) FROM room WHERE title LIKE 'many %';
    INSERT INTO member (room, user, joined_at) SELECT id, ${ann.id}, UTC_TIMESTAMP(3) FROM room WHERE title LIKE 'many %';
    INSERT INTO room_like (room, user, created_at) SELECT id, ${ann.id}, UTC_TIMESTAMP(3) FROM room WHERE title LIKE 'many %'`);
  assertOk(await erase(ann), 204);
  await stack.killApi();
  assert.equal(await count('erase_job'), 1);
  await stack.startApi();
  await done();
  assert.equal(await count(`member WHERE user = ${ann.id}`), 0);
  assert.deepEqual(await stack.sql(`SELECT DISTINCT r.members, r.likes, s.head FROM room r JOIN stream s ON s.kind = 1 AND s.id = r.id
    WHERE r.title LIKE 'many %'`), [['1', '0', '1']]);
});

test('a group of one is gone with the last one, a public room waits for its next host', async () => {
  const ann = await signUp(stack);
  const [group, open] = [await createRoom(stack, ann, { kind: 'group' }), await createRoom(stack, ann)];
  assertOk(await erase(ann), 204);
  await done();
  assert.equal(await count(`room WHERE id = ${group.id}`), 0);
  const { host, member_count: members } = assertOk(await bobs.get(`/v1/rooms/${open.id}`), 200);
  assert.deepEqual([host, members], [0, 0]);
  await joinRoom(stack, bob, open);
});

test('of several who erase one account at the same time one does it', async () => {
  const ann = await signUp(stack);
  const answers = await Promise.all(Array.from({ length: 4 }, () => erase(ann)));
  assert.equal(answers.filter(({ status }) => status === 204).length, 1);
  for (const answer of answers) assert.ok([204, 401, 403].includes(answer.status), String(answer.status));
  await done();
});
