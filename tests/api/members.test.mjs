import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, signUp, startStack, subscribed, until } from '../harness.mjs';
import {
  MID, ROOM_PASSWORD, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, rawSocket, say, shared,
  subscribeRaw,
} from './check.mjs';

const ATTEMPTS = 12;
const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: ATTEMPTS, presence_linger: 1 } });
after(() => stack.stop());

const [host, ann, bob] = await people(stack, 3);
const [hosts, anns, bobs] = [host, ann, bob].map((user) => api(stack, user));

const join = (user, room, body) => api(stack, user).put(`/v1/rooms/${room.id}/members/me`, body);
const leave = (user, room) => api(stack, user).del(`/v1/rooms/${room.id}/members/me`);
const names = (room) => stack.sql(`SELECT user FROM member WHERE room = ${room.id} ORDER BY user`).then((rows) => rows.flat().map(Number));
const events = async (room) => assertOk(await hosts.get(`/v1/rooms/${room.id}/events?limit=1000`), 200).events;

// A membership as everybody sees it.
const membership = (room, user, role, joinedAt) => ({
  room: room.id, id: user.id, name: user.name, nickname: user.nickname, avatar: user.avatar,
  status_message: user.status_message, role, joined_at: joinedAt,
});

async function gapless(room) {
  const list = await stack.sql(`SELECT seq FROM event WHERE kind = 1 AND stream = ${room.id}
    UNION ALL SELECT seq FROM message WHERE room = ${room.id} ORDER BY seq`);
  const [[head]] = await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`);
  assert.deepEqual(list.flat().map(Number), Array.from({ length: Number(head) }, (_, i) => i + 1));
}

// ---- joining

test('joining answers the membership, joining again the same one', async () => {
  const room = await createRoom(stack, host);
  const answer = await join(ann, room);
  const { joined_at: joinedAt } = answer.body;
  assert.match(joinedAt, TIME);
  assertOk(answer, 201, membership(room, ann, 'member', joinedAt));
  assertOk(await join(ann, room), 200, answer.body);
  assertOk(await join(ann, room, {}), 200, answer.body);
  assertOk(await anns.get(`/v1/rooms/${room.id}`), 200, { ...room, member_count: 2 });
  assert.equal((await events(room)).length, 1);
  const own = await join(host, room);
  assertOk(own, 200, membership(room, host, 'host', own.body.joined_at));
});

test('the room hears who joined, and the newcomer on all devices to which room', async () => {
  const room = await createRoom(stack, host);
  const inside = await subscribed(await client(stack, host), `presence-room-${room.id}`);
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = [eventOn(inside, 'member.joined'), eventOn(own, 'room.added')];
  const member = assertOk(await join(ann, room), 201);
  const [{ seq, mid, ...joined }, { seq: ownSeq, mid: ownMid, ...added }] = await Promise.all(told);
  assert.deepEqual(joined, member);
  assert.equal(seq, 1);
  assert.match(mid, MID);
  assert.deepEqual(added, { ...shared(room), member_count: 2 });
  assert.ok(ownSeq > 0);
  assert.match(ownMid, MID);
});

test('whoever is looking at a room is present in it by name', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  const inside = await subscribed(await client(stack, host), `presence-room-${room.id}`);
  const came = eventOn(inside, 'pusher:member_added');
  const pusher = await client(stack, ann);
  await subscribed(pusher, `presence-room-${room.id}`);
  assert.deepEqual(await came, { id: String(ann.id), info: { name: ann.name, nickname: ann.nickname, avatar: ann.avatar } });
  const went = eventOn(inside, 'pusher:member_removed');
  pusher.disconnect();
  assert.equal((await went).id, String(ann.id));
});

test('a secret room opens with its password only', async () => {
  const room = await createRoom(stack, host, { kind: 'secret' });
  assert.match(assertProblem(await join(ann, room), 'bad-room-password').detail, /password/);
  assertProblem(await join(ann, room, {}), 'bad-room-password');
  for (const password of ['', 'x', ROOM_PASSWORD.toUpperCase(), `${ROOM_PASSWORD} `, host.password]) {
    assertProblem(await join(ann, room, { password }), 'bad-room-password');
  }
  for (const password of [1, null, [ROOM_PASSWORD], 'x'.repeat(129)]) assertInvalid(await join(ann, room, { password }), 'password');
  assert.deepEqual(await names(room), [host.id]);
  assertOk(await join(ann, room, { password: ROOM_PASSWORD }), 201);
  assertOk(await join(ann, room), 200);
  assert.deepEqual(await names(room), [host.id, ann.id]);
});

test('a public room takes no notice of a password', async () => {
  const room = await createRoom(stack, host);
  assertOk(await join(ann, room, { password: 'whatever' }), 201);
});

test('nobody joins as somebody else or as host', async () => {
  const room = await createRoom(stack, host);
  assertInvalid(await join(ann, room, { user: bob.id, role: 'host', joined_at: '2000-01-01' }), 'user', 'role', 'joined_at');
  assert.deepEqual(await names(room), [host.id]);
});

test('guessing the password of a room ends after some attempts, for the guesser and this room', async () => {
  const [room, other] = [await createRoom(stack, host, { kind: 'secret' }), await createRoom(stack, host, { kind: 'secret' })];
  const guess = (user, where, password = 'guess') => join(user, where, { password });
  for (let i = 0; i < ATTEMPTS; i++) assertProblem(await guess(ann, room), 'bad-room-password');
  for (const password of ['guess', ROOM_PASSWORD]) {
    const answer = await guess(ann, room, password);
    assertProblem(answer, 'throttled');
    const wait = Number(answer.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= 301, `Retry-After: ${wait}`);
  }
  assertOk(await guess(ann, other, ROOM_PASSWORD), 201);
  assertOk(await guess(bob, room, ROOM_PASSWORD), 201);
  assert.deepEqual(await names(room), [host.id, bob.id]);
});

test('parallel guesses get no more attempts than those one after the other', async () => {
  const room = await createRoom(stack, host, { kind: 'secret' });
  const answers = await Promise.all(Array.from({ length: 3 * ATTEMPTS }, () => join(ann, room, { password: 'guess' })));
  const slugs = answers.map(({ body }) => body.type.split('/').pop());
  const tried = slugs.filter((slug) => slug === 'bad-room-password').length;
  assert.ok(tried <= ATTEMPTS, `${tried} attempts were made`);
  assert.equal(slugs.filter((slug) => slug === 'throttled').length, 3 * ATTEMPTS - tried);
});

// ---- limits

test('a full room takes nobody until somebody leaves', async () => {
  const room = await createRoom(stack, host, { max_members: 2 });
  assertOk(await join(ann, room), 201);
  assertProblem(await join(bob, room), 'room-full');
  assertOk(await join(ann, room), 200);
  assertOk(await leave(ann, room), 204);
  assertOk(await join(bob, room), 201);
  assertProblem(await join(ann, room), 'room-full');
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { max_members: 3 }), 200);
  assertOk(await join(ann, room), 201);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { max_members: 1 }), 200); // nobody is thrown out
  assert.deepEqual(await names(room), [host.id, ann.id, bob.id]);
  await gapless(room);
});

test('of a hundred who join at the same time exactly one gets the last seat', async () => {
  const room = await createRoom(stack, host, { max_members: 3 });
  await joinRoom(stack, ann, room);
  const crowd = await people(stack, 100);
  const answers = await Promise.all(crowd.map((user) => join(user, room)));
  const winners = crowd.filter((_, i) => answers[i].status === 201).map(({ id }) => id);
  assert.equal(winners.length, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) assertProblem(answer, 'room-full');
  assert.deepEqual(await names(room), [host.id, ann.id, ...winners].sort((a, b) => a - b));
  assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).member_count, 3);
  assert.deepEqual((await events(room)).map(({ seq, type, data }) => [seq, type, data.id]),
    [[1, 'member.joined', ann.id], [2, 'member.joined', winners[0]]]);
});

test('one who joins eight times at the same time is one member', async () => {
  const room = await createRoom(stack, host);
  const answers = await Promise.all(Array.from({ length: 8 }, () => join(ann, room)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
  assert.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1);
  assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).member_count, 2);
  await gapless(room);
});

test('after a storm of joining and leaving the count is the number of members and no seq is missing', async () => {
  const room = await createRoom(stack, host);
  const crowd = [ann, bob, ...await people(stack, 4)];
  await Promise.all(crowd.flatMap((user) => Array.from({ length: 8 }, async (_, i) => {
    const answer = await (i % 2 ? leave(user, room) : join(user, room));
    assert.ok([200, 201, 204, 403].includes(answer.status), JSON.stringify(answer.body));
  })));
  const members = await names(room);
  const { member_count: count, host: now } = assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200);
  assert.equal(count, members.length);
  assert.equal(now, host.id);
  await gapless(room);
  // Each person's events alternate: joined, left, joined ...
  for (const { id } of crowd) {
    const own = (await events(room)).filter(({ data }) => data.id === id).map(({ type }) => type);
    own.forEach((type, i) => assert.equal(type, i % 2 ? 'member.left' : 'member.joined'));
    assert.equal(own.length % 2 === 1, members.includes(id));
  }
});

// ---- leaving

test('leaving tells the room who went and all devices of the one who went', async () => {
  const room = await createRoom(stack, host);
  const member = await joinRoom(stack, ann, room);
  const inside = await subscribed(await client(stack, host), `presence-room-${room.id}`);
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = [eventOn(inside, 'member.left'), eventOn(own, 'room.removed')];
  assertOk(await leave(ann, room), 204);
  const [{ seq, mid, ...left }, { seq: ownSeq, mid: ownMid, ...removed }] = await Promise.all(told);
  assert.deepEqual(left, member);
  assert.equal(seq, 2);
  assert.match(mid, MID);
  assert.deepEqual(removed, { id: room.id });
  assert.ok(ownSeq > 0);
  assert.match(ownMid, MID);
  assertProblem(await leave(ann, room), 'not-member');
  assertOk(await anns.get(`/v1/rooms/${room.id}`), 200, { ...room, joined: false });
});

test('nothing that comes after leaving reaches the one who left', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  const socket = await rawSocket(stack);
  const channel = `presence-room-${room.id}`;
  await subscribeRaw(stack, socket, ann, channel);
  await subscribeRaw(stack, socket, ann, `private-user-${ann.id}`);
  assertOk(await say(stack, host, room, 'before'), 201);
  await socket.next('message.created');
  // Somebody talks all the time while she leaves.
  const talk = Array.from({ length: 20 }, (_, i) => say(stack, host, room, `while ${i}`));
  assertOk(await leave(ann, room), 204);
  await Promise.all(talk);
  assertOk(await say(stack, host, room, 'after'), 201);
  assertOk(await anns.patch('/v1/users/me', { nickname: 'fence' }), 200);
  await socket.next('user.updated');
  const { seq: leftAt } = (await events(room)).find(({ type }) => type === 'member.left');
  const seqs = socket.events.filter(({ channel: on, data }) => on === channel && data).map(({ data }) => JSON.parse(data).seq).filter(Boolean);
  assert.ok(seqs.length > 0 && seqs.every((seq) => seq <= leftAt), `left at ${leftAt}, got ${seqs}`);
  // Nor does she get in again by asking.
  assertProblem(await anns.post('/v1/realtime/auth', { socket_id: socket.id, channel_name: channel }), 'not-member');
  socket.ws.close();
});

test('a right to subscribe that was given before leaving is worth nothing after', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  const socket = await rawSocket(stack);
  const channel = `presence-room-${room.id}`;
  const grant = assertOk(await anns.post('/v1/realtime/auth', { socket_id: socket.id, channel_name: channel }), 200);
  assertOk(await leave(ann, room), 204);
  socket.send('pusher:subscribe', { channel, ...grant });
  const answer = await socket.next(({ event, channel: on }) => on === channel && event.startsWith('pusher'));
  assert.equal(answer.event, 'pusher:subscription_error');
  socket.ws.close();
});

test('a host who leaves hands the room to whoever is in it longest', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, bob, room); // whose id is the higher one
  await until(async () => (await stack.sql(`SELECT MAX(joined_at) < UTC_TIMESTAMP(3) FROM member WHERE room = ${room.id}`))[0][0] === '1');
  await joinRoom(stack, ann, room);
  assertOk(await leave(host, room), 204);
  assert.equal(assertOk(await anns.get(`/v1/rooms/${room.id}`), 200).host, bob.id);
  const { members } = assertOk(await anns.get(`/v1/rooms/${room.id}/members`), 200);
  assert.deepEqual(members.map(({ id, role }) => [id, role]), [[ann.id, 'member'], [bob.id, 'host']]);
  assertProblem(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'mine' }), 'forbidden');
  assertProblem(await anns.patch(`/v1/rooms/${room.id}`, { title: 'mine' }), 'forbidden');
  assertOk(await bobs.patch(`/v1/rooms/${room.id}`, { title: 'mine' }), 200);
  await joinRoom(stack, host, room);
  assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).host, bob.id);
});

test('a public room that everybody left waits for the next one, who becomes its host', async () => {
  const room = await createRoom(stack, host);
  assertOk(await say(stack, host, room, 'remember me'), 201);
  assertOk(await leave(host, room), 204);
  assertOk(await anns.get(`/v1/rooms/${room.id}`), 200, { ...room, host: 0, member_count: 0, joined: false });
  assertProblem(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'x' }), 'forbidden');
  assertProblem(await hosts.del(`/v1/rooms/${room.id}`), 'forbidden');
  const answer = await join(ann, room);
  assertOk(answer, 201, membership(room, { ...ann, nickname: 'fence' }, 'host', answer.body.joined_at));
  assertOk(await anns.get(`/v1/rooms/${room.id}`), 200, { ...room, host: ann.id });
  const { messages } = assertOk(await anns.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.deepEqual(messages.map(({ body }) => body), ['remember me']);
});

test('of many who join a room without a host exactly one becomes it', async () => {
  const room = await createRoom(stack, host);
  assertOk(await leave(host, room), 204);
  const answers = await Promise.all((await people(stack, 8)).map((user) => join(user, room)));
  assert.equal(answers.filter(({ body }) => body.role === 'host').length, 1);
  const { host: now } = assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200);
  assert.equal(answers.find(({ body }) => body.role === 'host').body.id, now);
});

test('a group is gone when its last member leaves', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  await putIntoGroup(stack, ann, room);
  assertOk(await say(stack, ann, room), 201);
  assertOk(await leave(host, room), 204);
  assertProblem(await hosts.get(`/v1/rooms/${room.id}`), 'not-found');
  assert.equal(assertOk(await anns.get(`/v1/rooms/${room.id}`), 200).host, ann.id);
  assertOk(await leave(ann, room), 204);
  assertProblem(await anns.get(`/v1/rooms/${room.id}`), 'not-found');
  assertProblem(await leave(ann, room), 'not-found');
  assert.deepEqual(await stack.sql(`SELECT (SELECT COUNT(*) FROM room WHERE id = ${room.id}),
    (SELECT COUNT(*) FROM member WHERE room = ${room.id})`), [['0', '0']]);
  // What was said is erased bit by bit.
  await until(async () => (await stack.sql(`SELECT COUNT(*) FROM message WHERE room = ${room.id}`))[0][0] === '0', 10000);
});

test('when all leave at the same time nobody is left and the host is nobody', async () => {
  const room = await createRoom(stack, host);
  await Promise.all([joinRoom(stack, ann, room), joinRoom(stack, bob, room)]);
  for (const answer of await Promise.all([host, ann, bob].map((user) => leave(user, room)))) assertOk(answer, 204);
  assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200, { ...room, host: 0, member_count: 0, joined: false });
  await gapless(room);
});

// ---- the list

test('the list of members goes page by page in the order of their ids', async () => {
  const room = await createRoom(stack, host);
  const crowd = await people(stack, 5);
  const joined = [(await join(host, room)).body];
  for (const user of crowd.toReversed?.() ?? [...crowd].reverse()) joined.push(await joinRoom(stack, user, room));
  joined.sort((a, b) => a.id - b.id);
  assertOk(await hosts.get(`/v1/rooms/${room.id}/members`), 200, { members: joined, next: null });
  const first = assertOk(await hosts.get(`/v1/rooms/${room.id}/members?limit=4`), 200);
  assert.deepEqual(first, { members: joined.slice(0, 4), next: joined[3].id });
  assertOk(await hosts.get(`/v1/rooms/${room.id}/members?limit=4&cursor=${first.next}`), 200, { members: joined.slice(4), next: null });
  assertOk(await hosts.get(`/v1/rooms/${room.id}/members?limit=6`), 200, { members: joined, next: null });
  assertOk(await hosts.get(`/v1/rooms/${room.id}/members?limit=0`), 200, { members: joined.slice(0, 1), next: joined[0].id });
  assertInvalid(await hosts.get(`/v1/rooms/${room.id}/members?limit=many`), 'limit');
});
