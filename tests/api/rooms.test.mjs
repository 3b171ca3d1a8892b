import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, signUp, startStack, subscribed, until } from '../harness.mjs';
import {
  MID, ROOM_PASSWORD, TIME, assertInvalid, assertNoSecret, assertOk, assertProblem, createRoom, joinRoom, people,
  say, shared,
} from './check.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const nobody = api(stack);
const [host, member, stranger] = await people(stack, 3);
const [hosts, members, strangers] = [host, member, stranger].map((user) => api(stack, user));

// An event without its place in the stream, which must be one.
function place({ seq, mid, ...rest }) {
  assert.ok(Number.isSafeInteger(seq) && seq > 0);
  assert.match(mid, MID);
  return rest;
}

// ---- creating

test('a new room is answered whole, with its defaults', async () => {
  const answer = await hosts.post('/v1/rooms', { title: 'tea', kind: 'public' });
  const { id, created_at: createdAt } = answer.body;
  assertOk(answer, 201, {
    id, kind: 'public', title: 'tea', description: '', locked: false, hidden: false, host: host.id, category: 0, tags: [],
    cover: '', history: 'all', slow_seconds: 0, retention: 0, guests: false, member_count: 1, max_members: 1000, likes: 0, created_at: createdAt,
    joined: true, liked: false,
  });
  assert.match(createdAt, TIME);
  assertOk(await hosts.get(`/v1/rooms/${id}`), 200, answer.body);
  assertOk(await strangers.get(`/v1/rooms/${id}`), 200, { ...answer.body, joined: false });
});

test('every field of a new room is kept as it was written', async () => {
  const wanted = { title: ' 차 마시는 방 🍵 ', kind: 'public', description: 'a\nb\t"c" \\ <d> \u202e\u0001', max_members: 7 };
  const room = assertOk(await hosts.post('/v1/rooms', wanted), 201);
  assert.deepEqual({ ...room, ...wanted }, room);
});

test('a secret room is locked and never shows its password', async () => {
  const room = await createRoom(stack, host, { kind: 'secret' });
  assert.equal(room.locked, true);
  assert.equal('password' in room, false);
  const [[stored]] = await stack.sql(`SELECT password FROM room WHERE id = ${room.id}`);
  assert.match(stored, /^\$argon2id\$/);
});

test('creators and the lobby are told of a new room, groups only to their creator', async () => {
  const pusher = await client(stack, host);
  const [own, lobby] = await Promise.all([subscribed(pusher, `private-user-${host.id}`), subscribed(pusher, 'lobby')]);
  const heard = [];
  lobby.bind_global((name, data) => { if (!name.startsWith('pusher')) heard.push([name, data]); });
  const group = await (async () => {
    const added = eventOn(own, 'room.added');
    const room = await createRoom(stack, host, { kind: 'group' });
    assert.deepEqual(place(await added), shared(room));
    return room;
  })();
  for (const kind of ['public', 'secret']) {
    const [added, created] = [eventOn(own, 'room.added'), eventOn(lobby, 'room.created')];
    const room = await createRoom(stack, host, { kind });
    assert.deepEqual(place(await added), shared(room));
    assert.deepEqual(place(await created), shared(room));
  }
  assert.equal(heard.length, 2);
  assert.ok(heard.every(([name, { id }]) => name === 'room.created' && id !== group.id));
  assertNoSecret(JSON.stringify(heard));
});

test('the fields of a new room have their limits', async () => {
  const create = (change) => hosts.post('/v1/rooms', { title: 'tea', kind: 'public', ...change });
  for (const good of [{ title: '가'.repeat(100) }, { title: '🙂'.repeat(100) }, { description: '🙂'.repeat(1000) }, { description: '' },
    { max_members: 1 }, { max_members: 10000 }, { kind: 'secret', password: 'x' }, { kind: 'secret', password: 'x'.repeat(128) }]) {
    assertOk(await create(good), 201);
  }
  for (const [change, field] of [
    [{ title: '' }, 'title'], [{ title: '   ' }, 'title'], [{ title: 'a\nb' }, 'title'], [{ title: 'x'.repeat(101) }, 'title'],
    [{ title: '🙂'.repeat(101) }, 'title'], [{ title: 5 }, 'title'], [{ title: null }, 'title'],
    [{ kind: '' }, 'kind'], [{ kind: 'Public' }, 'kind'], [{ kind: 'dm' }, 'kind'], [{ kind: 'public|secret' }, 'kind'], [{ kind: 1 }, 'kind'],
    [{ description: 'x'.repeat(1001) }, 'description'], [{ description: [] }, 'description'],
    [{ max_members: 0 }, 'max_members'], [{ max_members: -1 }, 'max_members'], [{ max_members: 10001 }, 'max_members'],
    [{ max_members: 1.5 }, 'max_members'], [{ max_members: '5' }, 'max_members'], [{ max_members: true }, 'max_members'],
    [{ kind: 'secret' }, 'password'], [{ kind: 'secret', password: '' }, 'password'], [{ kind: 'secret', password: 'x'.repeat(129) }, 'password'],
    [{ kind: 'secret', password: 12345678 }, 'password'], [{ password: 'x' }, 'password'], [{ kind: 'group', password: 'x' }, 'password'],
  ]) {
    assertInvalid(await create(change), field);
  }
  assertInvalid(await hosts.post('/v1/rooms', {}), 'title', 'kind');
});

test('nobody can give a room an id, a host or a number of members', async () => {
  const before = await stack.sql('SELECT COUNT(*) FROM room');
  assertInvalid(await hosts.post('/v1/rooms', { title: 'tea', kind: 'public', id: 1, host: member.id, member_count: 9,
    locked: false, seq: 5, role: 'host' }), 'id', 'host', 'member_count', 'locked', 'seq', 'role');
  assert.deepEqual(await stack.sql('SELECT COUNT(*) FROM room'), before);
});

// ---- lists

test('the list shows public and secret rooms to everybody, newest first, page by page', async () => {
  const rooms = [];
  for (const kind of ['public', 'secret', 'group', 'public', 'secret']) rooms.push(await createRoom(stack, host, { kind }));
  await joinRoom(stack, member, rooms[3]);
  const listed = rooms.filter(({ kind }) => kind !== 'group').reverse();
  const expected = listed.map((room) => ({ ...room, joined: room.id === rooms[3].id, member_count: room.id === rooms[3].id ? 2 : 1 }));
  const first = assertOk(await members.get('/v1/rooms?limit=3'), 200);
  assert.deepEqual(first, { rooms: expected.slice(0, 3), next: listed[2].id });
  const second = assertOk(await members.get(`/v1/rooms?limit=1&cursor=${first.next}`), 200);
  assert.deepEqual(second.rooms, expected.slice(3));
  // From page to page through all of them: each room once, in order, and an end.
  const ids = [];
  for (let cursor = ''; cursor !== null;) {
    const { rooms: page, next } = assertOk(await members.get(`/v1/rooms?limit=7&cursor=${cursor}`), 200);
    assert.ok(page.length > 0 && page.length <= 7);
    ids.push(...page.map(({ id }) => id));
    cursor = next;
  }
  const all = await stack.sql("SELECT id FROM room WHERE kind <> 'group' ORDER BY id DESC");
  assert.deepEqual(ids.map(String), all.flat());
});

test('the own list shows the rooms one is in, groups too', async () => {
  const ann = await signUp(stack);
  const anns = api(stack, ann);
  assertOk(await anns.get('/v1/users/me/rooms'), 200, { rooms: [], next: null });
  const rooms = [];
  for (const kind of ['public', 'secret', 'group']) rooms.unshift(await createRoom(stack, ann, { kind }));
  const other = await createRoom(stack, host);
  assertOk(await anns.get('/v1/users/me/rooms'), 200, { rooms, next: null });
  await joinRoom(stack, ann, other);
  assertOk(await anns.get('/v1/users/me/rooms?limit=2'), 200,
    { rooms: [{ ...other, member_count: 2 }, rooms[0]], next: rooms[0].id });
  assertOk(await anns.get(`/v1/users/me/rooms?limit=2&cursor=${rooms[0].id}`), 200, { rooms: rooms.slice(1), next: null });
});

test('a limit is kept between 1 and 100 and must be a number', async () => {
  const ann = await signUp(stack);
  const anns = api(stack, ann);
  await stack.sql(`INSERT INTO room (kind, title, host, members, max_members, created_at)
      SELECT 'public', CONCAT('r', seq), ${ann.id}, 1, 10, UTC_TIMESTAMP(3) FROM seq_1_to_120;
    INSERT INTO member (room, user, joined_at) SELECT id, ${ann.id}, UTC_TIMESTAMP(3) FROM room WHERE host = ${ann.id}`);
  for (const path of ['/v1/rooms', '/v1/users/me/rooms']) {
    for (const [query, length] of [['', 50], ['?limit=', 50], ['?limit=0', 1], ['?limit=1', 1], ['?limit=100', 100], ['?limit=101', 100],
      ['?limit=18446744073709551615', 100], ['?other=1&limit=2', 2], ['?cursor=18446744073709551615', 50]]) {
      assert.equal(assertOk(await anns.get(path + query), 200).rooms.length, length, path + query);
    }
    for (const bad of ['-1', 'x', '1x', '1.5', '%201', '0x10', '18446744073709551616', '٣']) {
      assertInvalid(await anns.get(`${path}?limit=${encodeURIComponent(bad).replace('%25', '%')}`), 'limit');
      assertInvalid(await anns.get(`${path}?cursor=${encodeURIComponent(bad).replace('%25', '%')}`), 'cursor');
    }
    assertOk(await anns.get(`${path}?cursor=0`), 200, { rooms: [], next: null });
  }
});

// ---- changing

test('the host changes each field of a room, and room and lobby are told', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, member, room);
  const pusher = await client(stack, member);
  const [inside, lobby] = await Promise.all([subscribed(pusher, `presence-room-${room.id}`), subscribed(pusher, 'lobby')]);
  let expected = { ...room, member_count: 2 };
  for (const change of [{ title: '새 이름' }, { description: 'green\nand black' }, { max_members: 2 }, { title: 'both', description: '' }]) {
    const told = [eventOn(inside, 'room.updated'), eventOn(lobby, 'room.updated')];
    expected = { ...expected, ...change };
    assertOk(await hosts.patch(`/v1/rooms/${room.id}`, change), 200, expected);
    for (const event of await Promise.all(told)) assert.deepEqual(place(event), shared(expected));
  }
  assertOk(await members.get(`/v1/rooms/${room.id}`), 200, expected);
});

test('the changes of a group are told to the group only', async () => {
  const pusher = await client(stack, host);
  const lobby = await subscribed(pusher, 'lobby');
  const heard = [];
  lobby.bind_global((name, data) => { if (!name.startsWith('pusher')) heard.push(data.id); });
  const room = await createRoom(stack, host, { kind: 'group' });
  const inside = await subscribed(pusher, `presence-room-${room.id}`);
  const told = eventOn(inside, 'room.updated');
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'inner circle' }), 200);
  assert.equal((await told).title, 'inner circle');
  const fence = eventOn(lobby, 'room.created');
  const listed = await createRoom(stack, host);
  await fence;
  assert.deepEqual(heard, [listed.id]);
});

test('a change of nothing leaves the room as it is', async () => {
  const room = await createRoom(stack, host);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, {}), 200, room);
});

test('the limits of a change are those of a new room', async () => {
  const [open, secret] = [await createRoom(stack, host), await createRoom(stack, host, { kind: 'secret' })];
  for (const [change, ...fields] of [[{ title: ' ' }, 'title'], [{ title: null }, 'title'], [{ description: 'x'.repeat(1001) }, 'description'],
    [{ max_members: 0 }, 'max_members'], [{ password: '' }, 'password'], [{ kind: 'group' }, 'kind'], [{ host: member.id }, 'host'],
    [{ member_count: 0, id: 1 }, 'member_count', 'id']]) {
    assertInvalid(await hosts.patch(`/v1/rooms/${secret.id}`, change), ...fields);
  }
  assertInvalid(await hosts.patch(`/v1/rooms/${open.id}`, { password: 'x' }), 'password');
  assertOk(await hosts.get(`/v1/rooms/${open.id}`), 200, open);
  assertOk(await hosts.get(`/v1/rooms/${secret.id}`), 200, secret);
});

test('a new password of a secret room takes the place of the old one', async () => {
  const room = await createRoom(stack, host, { kind: 'secret' });
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { password: 'new password' }), 200, room);
  assertProblem(await members.put(`/v1/rooms/${room.id}/members/me`, { password: ROOM_PASSWORD }), 'bad-room-password');
  await joinRoom(stack, member, room, 'new password');
});

test('of two changes at the same time none is lost', async () => {
  const room = await createRoom(stack, host);
  const changes = Array.from({ length: 10 }, (_, i) => (i % 2 ? { title: `t${i}` } : { description: `d${i}` }));
  for (const answer of await Promise.all(changes.map((change) => hosts.patch(`/v1/rooms/${room.id}`, change)))) assertOk(answer, 200);
  const { events, head } = assertOk(await hosts.get(`/v1/rooms/${room.id}/events`), 200);
  assert.deepEqual(events.map(({ seq }) => seq), Array.from({ length: 10 }, (_, i) => i + 1));
  assert.equal(head, 10);
  const { title, description } = events.at(-1).data;
  const now = assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200);
  assert.deepEqual([now.title, now.description], [title, description]);
});

// ---- deleting

test('a deleted room is gone for everybody, with all that was said in it', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, member, room);
  for (let i = 0; i < 3; i++) assertOk(await say(stack, host, room), 201);
  const pusher = await client(stack, member);
  const [inside, lobby] = await Promise.all([subscribed(pusher, `presence-room-${room.id}`), subscribed(pusher, 'lobby')]);
  const told = [eventOn(inside, 'room.deleted'), eventOn(lobby, 'room.deleted')];
  assertOk(await hosts.del(`/v1/rooms/${room.id}`), 204);
  for (const event of await Promise.all(told)) assert.deepEqual(place(event), { ...shared(room), member_count: 2 });
  for (const user of [hosts, members, strangers]) {
    assertProblem(await user.get(`/v1/rooms/${room.id}`), 'not-found');
    assertProblem(await user.get(`/v1/rooms/${room.id}/messages`), 'not-found');
    assertProblem(await user.get(`/v1/rooms/${room.id}/events`), 'not-found');
    assertProblem(await user.get(`/v1/rooms/${room.id}/members`), 'not-found');
    assertProblem(await user.post(`/v1/rooms/${room.id}/messages`, { client_id: 'x', body: 'x' }), 'not-found');
    assertProblem(await user.put(`/v1/rooms/${room.id}/members/me`), 'not-found');
    assertProblem(await user.del(`/v1/rooms/${room.id}/members/me`), 'not-found');
    assertProblem(await user.patch(`/v1/rooms/${room.id}`, { title: 'x' }), 'not-found');
    assertProblem(await user.del(`/v1/rooms/${room.id}`), 'not-found');
    assert.ok(assertOk(await user.get('/v1/rooms'), 200).rooms.every(({ id }) => id !== room.id));
    assert.ok(assertOk(await user.get('/v1/users/me/rooms'), 200).rooms.every(({ id }) => id !== room.id));
  }
  assert.deepEqual(await stack.sql(`SELECT (SELECT COUNT(*) FROM member WHERE room = ${room.id}),
    (SELECT COUNT(*) FROM room WHERE id = ${room.id})`), [['0', '0']]);
  // The messages are erased bit by bit.
  await until(async () => (await stack.sql(`SELECT (SELECT COUNT(*) FROM message WHERE room = ${room.id}),
    (SELECT COUNT(*) FROM purge_room)`)).join() === '0,0', 20000, 'the messages to be erased');
});

test('who is in a deleted room and not looking at it is told on the own channel', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, member, room);
  const own = await subscribed(await client(stack, member), `private-user-${member.id}`);
  const removed = [];
  own.bind('room.removed', ({ id }) => removed.push(id));
  assertOk(await hosts.del(`/v1/rooms/${room.id}`), 204);
  const fence = eventOn(own, 'user.updated');
  assertOk(await members.patch('/v1/users/me', { nickname: 'fence' }), 200);
  await fence;
  assert.deepEqual(removed, [room.id]);
});

// ---- who may do what: see matrix.txt

test('what is no id of a room is no room', async () => {
  for (const id of ['0', '-1', '01', '1.0', '1e1', 'x', '9007199254740992', '18446744073709551617', '%31', "1'--", '1;', 'me']) {
    assertProblem(await hosts.get(`/v1/rooms/${id}`), 'not-found');
    assertProblem(await hosts.get(`/v1/rooms/${id}/messages`), 'not-found');
  }
  assertProblem(await hosts.get('/v1/rooms/9007199254740991'), 'not-found');
});

test('one account creates no more rooms than it may in an hour, however many are asked for at once', async () => {
  const small = await startStack({ conf: { room_attempts: 3 } });
  const [one, other] = [await signUp(small), await signUp(small)];
  assertInvalid(await api(small, one).post('/v1/rooms', { title: '', kind: 'public' }), 'title'); // does not count
  const answers = await Promise.all(Array.from({ length: 8 }, () => api(small, one).post('/v1/rooms', { title: 'x', kind: 'public' })));
  for (const answer of answers) {
    if (answer.status === 201) continue;
    assertProblem(answer, 'throttled');
    assert.match(answer.headers.get('retry-after'), /^\d+$/);
  }
  assert.equal(answers.filter(({ status }) => status === 201).length, 3);
  assertOk(await api(small, other).post('/v1/rooms', { title: 'x', kind: 'public' }), 201);
  assert.deepEqual(await small.sql('SELECT COUNT(*) FROM room'), [['4']]);
  await small.stop();
});
