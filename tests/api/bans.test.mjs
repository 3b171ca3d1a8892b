import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, signUp, startStack, subscribed, until } from '../harness.mjs';
import {
  MID, ROOM_PASSWORD, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, rawSocket, say,
} from './check.mjs';
import { channelOf, grantFor, listen } from './listener.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const [host, ann, bob, stranger] = await people(stack, 4);
const [hosts, anns, bobs, strangers] = [host, ann, bob, stranger].map((user) => api(stack, user));
const nobody = api(stack);

const pathOf = (room, user) => `/v1/rooms/${room.id}/bans/${user.id}`;
const ban = (room, user, body) => hosts.put(`/v1/rooms/${room.id}/bans/${user.id ?? user}`, body);
const lift = (room, user) => hosts.del(`/v1/rooms/${room.id}/bans/${user.id ?? user}`);
const list = async (room) => assertOk(await hosts.get(`/v1/rooms/${room.id}/bans`), 200).bans;
const join = (user, room, body) => api(stack, user).put(`/v1/rooms/${room.id}/members/me`, body);
const events = async (room) => assertOk(await hosts.get(`/v1/rooms/${room.id}/events?limit=1000`), 200).events;
const head = async (room) => Number((await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`))[0][0]);
const members = async (room) => (await stack.sql(`SELECT user FROM member WHERE room = ${room.id} ORDER BY user`)).flat().map(Number);
const place = ({ seq, mid, ...data }) => {
  assert.match(mid, MID);
  return data;
};

// A room of the host, Ann and Bob, whose last event is 2.
async function roomOfThree() {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  await joinRoom(stack, bob, room);
  return room;
}

// The end of a ban that was given seconds.
const expire = (room, user) => stack.sql(`UPDATE ban SET until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE room = ${room.id} AND user = ${user.id}`);

// ---- banning

test('the host bans a member, who is out, is told, and does not come back', async () => {
  const room = await roomOfThree();
  const inside = await subscribed(await client(stack, ann), channelOf(room));
  const own = await subscribed(await client(stack, bob), `private-user-${bob.id}`);
  const told = [eventOn(inside, 'member.banned'), eventOn(own, 'room.removed')];
  const answer = await ban(room, bob, { reason: 'too loud' });
  const { created_at: createdAt } = answer.body;
  assert.match(createdAt, TIME);
  assertOk(answer, 201, {
    room: room.id, id: bob.id, name: bob.name, nickname: bob.nickname, by_user: host.id, reason: 'too loud', created_at: createdAt,
  });
  const [banned, removed] = await Promise.all(told);
  assert.equal(banned.seq, 3);
  assert.deepEqual(place(banned), answer.body);
  assert.deepEqual(place(removed), { id: room.id });
  assertProblem(await say(stack, bob, room), 'not-member');
  assertProblem(await bobs.get(`/v1/rooms/${room.id}/events`), 'not-member');
  assertProblem(await bobs.post('/v1/realtime/auth', { socket_id: '1.1', channel_name: channelOf(room) }), 'not-member');
  assert.equal(assertProblem(await join(bob, room), 'banned').detail, undefined);
  assertOk(await bobs.get(`/v1/rooms/${room.id}`), 200, { ...room, member_count: 2, joined: false });
  assert.deepEqual(await members(room), [host.id, ann.id]);
  assert.equal(await head(room), 3);
});

test('whoever is banned hears that as the last, and an old grant opens nothing', async () => {
  const room = await roomOfThree();
  const listener = await listen(stack, bob, channelOf(room));
  const witness = await listen(stack, ann, channelOf(room));
  const spare = await rawSocket(stack);
  const old = await grantFor(stack, bob, spare, channelOf(room));
  assertOk(await ban(room, bob), 201);
  assertOk(await say(stack, host, room, 'not for him'), 201);
  await until(listener.gone);
  await witness.until(2);
  listener.socket.send('pusher:ping', {});
  await listener.socket.next('pusher:pong');
  assert.deepEqual(listener.heard().map(({ type, data }) => [type, data.id]), [['member.banned', bob.id]]);
  assert.equal((await listen(stack, bob, channelOf(room), undefined, { socket: spare, grant: old })).ok, false);
  spare.ws.terminate();
  await listener.close();
  await witness.close();
});

test('somebody who was never in the room is banned too, and the room hears of it', async () => {
  const room = await roomOfThree();
  const inside = await subscribed(await client(stack, ann), channelOf(room));
  const told = eventOn(inside, 'member.banned');
  const before = await stack.sql(`SELECT head FROM stream WHERE kind = 2 AND id = ${stranger.id}`);
  const answer = await ban(room, stranger, {});
  assertOk(answer, 201, { room: room.id, id: stranger.id, by_user: host.id, reason: '', created_at: answer.body.created_at });
  assert.deepEqual(place(await told), answer.body);
  assertProblem(await join(stranger, room), 'banned');
  assert.deepEqual(await stack.sql(`SELECT head FROM stream WHERE kind = 2 AND id = ${stranger.id}`), before);
  assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).member_count, 3);
});

test('a ban names only those whom the room has met', async () => {
  const room = await roomOfThree();
  assertOk(await say(stack, ann, room), 201);
  assertOk(await anns.del(`/v1/rooms/${room.id}/members/me`), 204);
  const named = async (user) => 'name' in (await ban(room, user, { reason: `${Math.random()}` })).body;
  assert.deepEqual([await named(bob), await named(ann), await named(stranger)], [true, true, false]);
  assert.deepEqual([await named(bob), await named(ann), await named(stranger)], [true, true, false]);
  assert.deepEqual((await list(room)).map(({ name }) => name), [ann.name, bob.name, undefined]);
  assert.doesNotMatch(JSON.stringify([await list(room), await events(room)]), new RegExp(stranger.name));
});

test('the same ban again is the same ban; another reason or end is told', async () => {
  const room = await roomOfThree();
  const first = assertOk(await ban(room, bob, { reason: 'noise' }), 201);
  assertOk(await ban(room, bob, { reason: 'noise' }), 200, first);
  assert.equal(await head(room), 3);
  assertOk(await ban(room, bob, { reason: 'more noise' }), 200, { ...first, reason: 'more noise' });
  const limited = assertOk(await ban(room, bob, { seconds: 3600 }), 200);
  assert.deepEqual(limited, { ...first, reason: '', until: limited.until });
  assertOk(await ban(room, bob), 200, { ...first, reason: '' });
  assertOk(await ban(room, bob, {}), 200, { ...first, reason: '' });
  assert.deepEqual((await events(room)).slice(2).map(({ type, data }) => [type, data.reason, 'until' in data]),
    [['member.banned', 'noise', false], ['member.banned', 'more noise', false], ['member.banned', '', true], ['member.banned', '', false]]);
  assert.deepEqual(await list(room), [{ ...first, reason: '' }]);
});

test('a ban for some time ends by itself', async () => {
  const room = await roomOfThree();
  const before = Date.now();
  const { until: end } = assertOk(await ban(room, bob, { seconds: 600 }), 201);
  assert.match(end, TIME);
  assert.ok(Math.abs(new Date(end) - before - 600000) < 60000, end);
  assert.equal(assertProblem(await join(bob, room), 'banned').detail, `until ${end}`);
  await expire(room, bob);
  assert.deepEqual(await list(room), []);
  assertProblem(await lift(room, bob), 'not-found');
  await joinRoom(stack, bob, room);
  assert.deepEqual((await events(room)).map(({ type }) => type), ['member.joined', 'member.joined', 'member.banned', 'member.joined']);
  assertOk(await ban(room, bob), 201);
  assert.deepEqual(await members(room), [host.id, ann.id]);
});

test('a ban that has run out is a new one the next time', async () => {
  const room = await roomOfThree();
  assertOk(await ban(room, bob, { seconds: 1, reason: 'once' }), 201);
  await expire(room, bob);
  assertOk(await ban(room, ann, { seconds: 1 }), 201); // sweeps
  assert.deepEqual(await stack.sql(`SELECT user FROM ban WHERE room = ${room.id}`), [[String(ann.id)]]);
  assertOk(await ban(room, bob, { seconds: 60 }), 201);
  assert.deepEqual((await list(room)).map(({ id }) => id).filter((id) => id === bob.id), [bob.id]);
});

// ---- the list, and lifting

test('a lifted ban is told, and the door is open again', async () => {
  const room = await roomOfThree();
  const inside = await subscribed(await client(stack, ann), channelOf(room));
  const was = assertOk(await ban(room, bob, { reason: 'by mistake' }), 201);
  const told = eventOn(inside, 'member.unbanned');
  assertOk(await lift(room, bob), 204);
  assert.deepEqual(place(await told), was);
  assert.deepEqual(await list(room), []);
  assertProblem(await lift(room, bob), 'not-found');
  assert.equal(await head(room), 4);
  await joinRoom(stack, bob, room);
  assert.deepEqual(await members(room), [host.id, ann.id, bob.id]);
});

test('the list of bans goes page by page in the order of the ids', async () => {
  const room = await createRoom(stack, host);
  const crowd = await people(stack, 5);
  const all = [];
  for (const user of [...crowd].reverse()) all.unshift(assertOk(await ban(room, user), 201));
  assert.deepEqual(await list(room), all);
  const path = `/v1/rooms/${room.id}/bans`;
  const first = assertOk(await hosts.get(`${path}?limit=3`), 200, { bans: all.slice(0, 3), next: crowd[2].id });
  assertOk(await hosts.get(`${path}?limit=3&cursor=${first.next}`), 200, { bans: all.slice(3), next: null });
  assertInvalid(await hosts.get(`${path}?limit=many`), 'limit');
  assertInvalid(await hosts.get(`${path}?cursor=x`), 'cursor');
});

test('bans outlive the host who made them, and the next host may lift them', async () => {
  const room = await roomOfThree();
  assertOk(await ban(room, bob), 201);
  assertOk(await hosts.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertProblem(await join(bob, room), 'banned');
  assertProblem(await lift(room, bob), 'forbidden');
  assertOk(await anns.del(pathOf(room, bob)), 204);
  await joinRoom(stack, bob, room);
});

test('a room without a host takes a banned person no more than before', async () => {
  const room = await createRoom(stack, host);
  assertOk(await ban(room, bob), 201);
  assertOk(await hosts.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertProblem(await join(bob, room), 'banned');
  assert.equal(assertOk(await strangers.get(`/v1/rooms/${room.id}`), 200).host, 0);
});

test('a deleted room takes its bans along', async () => {
  const room = await roomOfThree();
  assertOk(await ban(room, bob), 201);
  assertOk(await ban(room, stranger), 201);
  assertOk(await hosts.del(`/v1/rooms/${room.id}`), 204);
  assertProblem(await join(bob, room), 'not-found');
  assertProblem(await ban(room, bob), 'not-found');
  await until(async () => (await stack.sql(`SELECT COUNT(*) FROM ban WHERE room = ${room.id}`))[0][0] === '0', 20000, 'the bans to be erased');
});

// ---- who may not

test('somebody who is no more than a member neither bans nor lifts nor reads the list', async () => {
  const room = await roomOfThree();
  assertOk(await ban(room, stranger), 201);
  const before = await head(room);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [strangers, 'forbidden'], [anns, 'forbidden']]) {
    assertProblem(await user.put(pathOf(room, bob), { reason: 'x' }), slug);
    assertProblem(await user.put(pathOf(room, host)), slug);
    assertProblem(await user.put(pathOf(room, ann)), slug);
    assertProblem(await user.del(pathOf(room, stranger)), slug);
    assertProblem(await user.del(pathOf(room, bob)), slug);
    assertProblem(await user.get(`/v1/rooms/${room.id}/bans`), slug);
  }
  assert.equal(await head(room), before);
  assert.deepEqual((await list(room)).map(({ id }) => id), [stranger.id]);
  assert.deepEqual(await members(room), [host.id, ann.id, bob.id]);
});

test('moderators keep the list, but ban nobody who stands above or beside them', async () => {
  const room = await roomOfThree();
  await joinRoom(stack, stranger, room);
  for (const user of [ann, stranger]) assertOk(await hosts.patch(`/v1/rooms/${room.id}/members/${user.id}`, { role: 'moderator' }), 200);
  const before = await head(room);
  assertProblem(await anns.put(pathOf(room, ann)), 'forbidden');
  assert.match(assertProblem(await anns.put(pathOf(room, host)), 'forbidden').detail, /host/);
  assert.match(assertProblem(await anns.put(pathOf(room, stranger)), 'forbidden').detail, /moderator/);
  assert.equal(await head(room), before);
  const banned = assertOk(await anns.put(pathOf(room, bob), { reason: 'x' }), 201);
  assert.equal(banned.by_user, ann.id);
  assertOk(await strangers.get(`/v1/rooms/${room.id}/bans`), 200, { bans: [banned], next: null });
  assertOk(await strangers.del(pathOf(room, bob)), 204);
  assertOk(await ban(room, ann), 201); // the host
  assertProblem(await anns.get(`/v1/rooms/${room.id}/bans`), 'forbidden');
  assertProblem(await anns.put(pathOf(room, bob)), 'forbidden');
});

test('the host of one room is nobody in another', async () => {
  const [mine, other] = [await createRoom(stack, ann), await roomOfThree()];
  assertProblem(await anns.put(pathOf(other, bob)), 'forbidden');
  assertOk(await anns.put(pathOf(mine, bob)), 201);
  assertProblem(await ban(mine, bob), 'forbidden');
  assertProblem(await lift(mine, bob), 'forbidden');
  assertProblem(await join(bob, mine), 'banned');
  assertOk(await join(bob, other), 200);
});

test('the host cannot be banned, nor somebody who does not exist', async () => {
  const room = await roomOfThree();
  assert.match(assertProblem(await ban(room, host), 'forbidden').detail, /themselves/);
  for (const id of [999999999, '9223372036854775807', 0, -1, 'x', '1e3', `${bob.id}%20OR%201=1`, "'%20OR%20''='"]) {
    assertProblem(await ban(room, id), 'not-found');
    assertProblem(await lift(room, id), 'not-found');
  }
  for (const id of [999999999, 0, 'x']) assertProblem(await ban({ id }, bob), 'not-found');
  assert.equal(await head(room), 2);
  assert.deepEqual(await members(room), [host.id, ann.id, bob.id]);
});

test('a ban takes a line of up to 200 characters and a number of seconds, and nothing else', async () => {
  const room = await roomOfThree();
  for (const reason of [1, null, true, [], {}, 'x'.repeat(201), '가'.repeat(201), 'a\nb', 'a\u0000b', ' ', '\u200b', '\u007fx']) {
    const answer = await ban(room, bob, { reason });
    if (reason === 'a\u0000b') assert.ok([400, 422].includes(answer.status));
    else assertInvalid(answer, 'reason');
  }
  for (const seconds of [0, -1, 1.5, '60', null, true, [], 315360001, 1e300, Number.MAX_SAFE_INTEGER]) assertInvalid(await ban(room, bob, { seconds }), 'seconds');
  assertInvalid(await ban(room, bob, { until: '2030-01-01T00:00:00.000Z', user: ann.id, by_user: ann.id, known: true, room: 1 }),
    'until', 'user', 'by_user', 'known', 'room');
  assertProblem(await ban(room, bob, []), 'bad-json');
  assert.equal(await head(room), 2);
  for (const reason of ['가'.repeat(200), '🙂'.repeat(200), '']) assert.equal((await ban(room, bob, { reason })).body.reason, reason);
  assertOk(await ban(room, ann, { seconds: 315360000 }), 201);
});

test('SQL and markup in a reason are text', async () => {
  const room = await roomOfThree();
  assertOk(await ban(room, bob), 201);
  for (const reason of ["'); DROP TABLE ban; -- ", '" OR ""="', '\\', '%', '${1}', '<img src=x onerror=alert(1)>', '</script>&lt;', '😀 뷁']) {
    const stored = assertOk(await ban(room, bob, { reason }), 200);
    assert.equal(stored.reason, reason);
    assert.deepEqual(await list(room), [stored]);
    assert.equal((await events(room)).at(-1).data.reason, reason);
  }
});

// ---- rooms that not everybody may know

test('a secret room tells of a ban only to whoever knows its password', async () => {
  const room = await createRoom(stack, host, { kind: 'secret' });
  await joinRoom(stack, ann, room, ROOM_PASSWORD);
  assertOk(await ban(room, ann), 201);
  assertOk(await ban(room, stranger), 201);
  for (const user of [ann, stranger]) {
    const wrong = [assertProblem(await join(user, room), 'bad-room-password'), assertProblem(await join(user, room, { password: 'x' }), 'bad-room-password')];
    const others = [assertProblem(await join(bob, room), 'bad-room-password'), assertProblem(await join(bob, room, { password: 'x' }), 'bad-room-password')];
    const same = ({ request_id, ...rest }) => rest;
    assert.deepEqual(wrong.map(same), others.map(same));
    assertProblem(await join(user, room, { password: ROOM_PASSWORD }), 'banned');
  }
  assert.deepEqual(await members(room), [host.id]);
});

test('a group is as good as missing for whoever is banned from it', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  await putIntoGroup(stack, ann, room);
  assertOk(await ban(room, ann), 201);
  assertOk(await ban(room, stranger), 201);
  for (const user of [ann, stranger]) {
    assertProblem(await join(user, room), 'not-found');
    assertProblem(await api(stack, user).get(`/v1/rooms/${room.id}`), 'not-found');
    assertProblem(await api(stack, user).get(`/v1/rooms/${room.id}/bans`), 'not-found');
    assertProblem(await api(stack, user).put(pathOf(room, bob)), 'not-found');
  }
});

test('a full room says banned to the banned, and takes somebody else in their place', async () => {
  const room = await createRoom(stack, host, { max_members: 2 });
  await joinRoom(stack, bob, room);
  assertOk(await ban(room, bob), 201);
  await joinRoom(stack, ann, room);
  assertProblem(await join(bob, room), 'banned');
  assertProblem(await join(stranger, room), 'room-full');
});

// ---- races

test('of eight equal bans at the same time one is the first, and one event tells it', async () => {
  const room = await roomOfThree();
  const answers = await Promise.all(Array.from({ length: 8 }, () => ban(room, bob, { reason: 'race' })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
  assert.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1);
  assert.equal(await head(room), 3);
});

test('a ban wins against joins that come at the same time', async () => {
  const room = await createRoom(stack, host);
  for (let round = 0; round < 10; round++) {
    const joins = Array.from({ length: 6 }, () => join(bob, room));
    const [{ status }, ...came] = await Promise.all([ban(room, bob), ...joins]);
    assert.equal(status, 201);
    for (const answer of came) if (![200, 201].includes(answer.status)) assertProblem(answer, 'banned');
    assert.deepEqual(await members(room), [host.id]);
    assertProblem(await join(bob, room), 'banned');
    assertOk(await lift(room, bob), 204);
  }
  assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).member_count, 1);
  const log = await events(room);
  assert.deepEqual(log.map(({ seq }) => seq), log.map((_, i) => i + 1));
  // Between a ban and its end nobody joined.
  let banned = false;
  for (const { type } of log) {
    assert.ok(type !== 'member.joined' || !banned, JSON.stringify(log.map((event) => event.type)));
    if (type === 'member.banned') banned = true;
    if (type === 'member.unbanned') banned = false;
  }
});

test('a join that waits for the room while the ban is made is refused', async () => {
  const room = await createRoom(stack, host);
  const banning = stack.sql(`START TRANSACTION;
    UPDATE stream SET head = head WHERE kind = 1 AND id = ${room.id};
    INSERT INTO ban VALUES (${room.id}, ${bob.id}, ${host.id}, '', NULL, UTC_TIMESTAMP(3), 0);
    DO SLEEP(1); COMMIT`);
  await until(async () => (await stack.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep'"))[0][0] === '1');
  const answer = await join(bob, room);
  await banning;
  assertProblem(answer, 'banned');
  assert.deepEqual(await members(room), [host.id]);
});

test('nothing that a banned person sends at the same time comes after the ban', async () => {
  const room = await roomOfThree();
  const talk = Array.from({ length: 30 }, (_, i) => say(stack, bob, room, `bob ${i}`));
  const { body } = await ban(room, bob);
  assert.equal(body.id, bob.id);
  for (const answer of await Promise.all(talk)) if (answer.status !== 201) assertProblem(answer, 'not-member');
  const log = await events(room);
  const at = log.findIndex(({ type }) => type === 'member.banned');
  assert.ok(at >= 0 && log.slice(at).every(({ type }) => type !== 'message.created'));
});

test('leaving and being banned at the same time removes once', async () => {
  for (let round = 0; round < 5; round++) {
    const room = await roomOfThree();
    const [left, banned] = await Promise.all([bobs.del(`/v1/rooms/${room.id}/members/me`), ban(room, bob)]);
    assert.ok(left.status === 204 || left.status === 403, String(left.status));
    assert.equal(banned.status, 201);
    assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).member_count, 2);
    assertProblem(await join(bob, room), 'banned');
  }
});

test('after a storm of bans, lifts and joins the count is right and no seq is missing', async () => {
  const room = await createRoom(stack, host);
  const crowd = [ann, bob, await signUp(stack)];
  await Promise.all(crowd.flatMap((user) => Array.from({ length: 12 }, async (_, i) => {
    const { status, body } = await [() => join(user, room), () => ban(room, user), () => lift(room, user)][i % 3]();
    assert.ok([200, 201, 204, 403, 404].includes(status), JSON.stringify(body));
  })));
  const inside = await members(room);
  assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).member_count, inside.length);
  assert.ok((await list(room)).every(({ id }) => !inside.includes(id)));
  const log = await events(room);
  assert.deepEqual(log.map(({ seq }) => seq), Array.from({ length: await head(room) }, (_, i) => i + 1));
});
