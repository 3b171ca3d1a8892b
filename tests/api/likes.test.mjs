// PUT and DELETE /v1/rooms/:room/like, GET /v1/rooms/:room/likes: liking rooms.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { ROOM_PASSWORD, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup } from './check.mjs';
import { listen } from './listener.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const nobody = api(stack);
const [host, ann, bob] = await people(stack, 3);
const [hosts, anns, bobs] = [host, ann, bob].map((user) => api(stack, user));

const pathOf = (room) => `/v1/rooms/${room.id ?? room}/like`;
const like = (who, room) => who.put(pathOf(room));
const unlike = (who, room) => who.del(pathOf(room));
const likers = async (who, room, query = '') => assertOk(await who.get(`/v1/rooms/${room.id}/likes${query}`), 200);
const events = async (who) => {
  const all = [];
  for (let after = 0; ;) {
    const { events: page } = assertOk(await who.get(`/v1/users/me/events?after=${after}&limit=1000`), 200);
    if (page.length === 0) return all.filter(({ type }) => /liked/.test(type)).map(({ type, data: { seq, mid, ...data } }) => [type, data]);
    all.push(...page);
    after = page.at(-1).seq;
  }
};
const headOf = async (kind, id) => Number((await stack.sql(`SELECT head FROM stream WHERE kind = ${kind} AND id = ${id}`))[0][0]);

test('liking and no longer liking, told to the own devices and, by a signal, to the lobby', async () => {
  const room = await createRoom(stack, host);
  const pusher = await client(stack, ann);
  const [own, lobby] = await Promise.all([subscribed(pusher, `private-user-${ann.id}`), subscribed(pusher, 'lobby')]);
  const before = [await headOf(1, room.id), await headOf(3, 0)];
  for (const [act, type, liked, likes] of [[like, 'room.liked', true, 1], [unlike, 'room.unliked', false, 0]]) {
    const told = [eventOn(own, type), eventOn(lobby, 'room.likes', 5000, (data) => data.room === room.id)];
    assertOk(await act(anns, room), 200, { liked, likes });
    const [{ seq, mid, ...event }, signal] = await Promise.all(told);
    assert.deepEqual([event, signal], [{ room: room.id, likes }, { room: room.id, likes }]);
    assert.ok(seq > 0 && mid);
    const { liked: seen, likes: number } = assertOk(await anns.get(`/v1/rooms/${room.id}`), 200);
    assert.deepEqual([seen, number], [liked, likes]);
    assert.equal(assertOk(await bobs.get(`/v1/rooms/${room.id}`), 200).liked, false);
  }
  assert.deepEqual((await events(anns)).slice(-2), [['room.liked', { room: room.id, likes: 1 }], ['room.unliked', { room: room.id, likes: 0 }]]);
  assert.deepEqual([await headOf(1, room.id), await headOf(3, 0)], before, 'neither the room nor the lobby keeps it');
});

test('the same again changes nothing and is told to nobody', async () => {
  const room = await createRoom(stack, host);
  assertOk(await unlike(anns, room), 200, { liked: false, likes: 0 });
  assertOk(await like(anns, room), 200, { liked: true, likes: 1 });
  const head = await headOf(2, ann.id);
  for (let i = 0; i < 3; i++) assertOk(await like(anns, room), 200, { liked: true, likes: 1 });
  assert.equal(await headOf(2, ann.id), head);
  assertOk(await like(hosts, room), 200, { liked: true, likes: 2 });
  assertOk(await unlike(anns, room), 200, { liked: false, likes: 1 });
  assertOk(await unlike(anns, room), 200, { liked: false, likes: 1 });
  assert.equal(await headOf(2, ann.id), head + 1);
  assert.deepEqual(await likers(bobs, room), { likes: [{ id: host.id, nickname: host.nickname, avatar: host.avatar }], next: null });
});

test('who likes a room is listed page by page', async () => {
  const room = await createRoom(stack, host);
  const crowd = await people(stack, 5);
  for (const user of [...crowd].reverse()) assertOk(await like(api(stack, user), room), 200);
  const all = crowd.map(({ id, nickname, avatar }) => ({ id, nickname, avatar }));
  assert.deepEqual(await likers(anns, room), { likes: all, next: null });
  assert.deepEqual(await likers(anns, room, '?limit=2'), { likes: all.slice(0, 2), next: crowd[1].id });
  assert.deepEqual(await likers(anns, room, `?limit=3&cursor=${crowd[1].id}`), { likes: all.slice(2), next: null });
  assertInvalid(await anns.get(`/v1/rooms/${room.id}/likes?limit=x`), 'limit');
  assertInvalid(await anns.get(`/v1/rooms/${room.id}/likes?cursor=x`), 'cursor');
});

test('a secret room may be liked before joining; a body does not matter', async () => {
  const room = await createRoom(stack, host, { kind: 'secret' });
  assertOk(await anns.put(pathOf(room), { user: bob.id, likes: 99 }), 200, { liked: true, likes: 1 });
  assert.deepEqual((await likers(bobs, room)).likes.map(({ id }) => id), [ann.id]);
});

test('a room that one may not know of can neither be liked nor asked about, like one that is not', async () => {
  const group = await createRoom(stack, host, { kind: 'group' });
  const hidden = await createRoom(stack, host, { kind: 'secret' });
  await joinRoom(stack, ann, hidden, ROOM_PASSWORD);
  await stack.sql(`UPDATE room SET hidden = 1 WHERE id = ${hidden.id}`);
  const direct = await createRoom(stack, host, { kind: 'group' });
  await stack.sql(`UPDATE room SET kind = 'direct' WHERE id = ${direct.id}`);
  const same = ({ request_id, instance, ...rest }) => rest;
  for (const room of [group, hidden, direct, { id: 999999999 }]) {
    const answers = [await like(bobs, room), await unlike(bobs, room), await bobs.get(`/v1/rooms/${room.id}/likes`)];
    for (const answer of answers) assert.deepEqual(same(assertProblem(answer, 'not-found')), same(assertProblem(await like(bobs, 999999998), 'not-found')));
    for (const answer of [await like(nobody, room), await unlike(nobody, room), await nobody.get(`/v1/rooms/${room.id}/likes`)]) assertProblem(answer, 'unauthenticated');
  }
  for (const id of [0, -1, 'x']) assertProblem(await like(bobs, id), 'not-found');
  await putIntoGroup(stack, ann, group);
  assertOk(await like(anns, group), 200, { liked: true, likes: 1 });
  assertOk(await like(anns, hidden), 200, { liked: true, likes: 1 });
  for (const act of [like, unlike]) assertProblem(await act(hosts, direct), 'forbidden');
  assertOk(await hosts.del(`/v1/rooms/${hidden.id}`), 204);
  assertProblem(await unlike(anns, hidden), 'not-found');
});

test('the lobby hears nothing of rooms that it does not list', async () => {
  const lobby = await listen(stack, bob, 'lobby');
  const [group, open] = [await createRoom(stack, host, { kind: 'group' }), await createRoom(stack, host)];
  assertOk(await like(hosts, group), 200);
  assertOk(await like(hosts, open), 200);
  await lobby.until(2);
  const told = lobby.frames().filter(({ event }) => event === 'room.likes').map(({ data }) => JSON.parse(data));
  assert.deepEqual(told, [{ room: open.id, likes: 1 }]);
  await lobby.close();
});

test('fifty people at the same time, and each of them twice: the number is exact', async () => {
  const room = await createRoom(stack, host);
  const crowd = await people(stack, 50);
  const apis = crowd.map((user) => api(stack, user));
  const answers = await Promise.all([...apis, ...apis].map((who) => like(who, room)));
  for (const answer of answers) assertOk(answer, 200);
  assert.equal(assertOk(await anns.get(`/v1/rooms/${room.id}`), 200).likes, 50);
  assert.deepEqual([...new Set(answers.map(({ body }) => body.likes))].sort((a, b) => a - b).slice(-1), [50]);
  assert.deepEqual((await likers(anns, room)).likes.map(({ id }) => id), crowd.map(({ id }) => id));
  assert.deepEqual((await Promise.all(apis.map(events))).map((list) => list.length), crowd.map(() => 1));
  await Promise.all(apis.slice(0, 20).flatMap((who) => [unlike(who, room), unlike(who, room)]));
  assert.equal(assertOk(await anns.get(`/v1/rooms/${room.id}`), 200).likes, 30);
});

test('liking, joining, leaving and being removed at the same time never stand in each other\'s way', async () => {
  const room = await createRoom(stack, host);
  const crowd = await people(stack, 8);
  await Promise.all(crowd.flatMap((user, i) => {
    const who = api(stack, user);
    const me = `/v1/rooms/${room.id}/members/me`;
    return [() => who.put(me, {}), () => like(who, room), () => who.del(me), () => unlike(who, room), () => who.put(me, {}), () => like(who, room),
      () => hosts.del(`/v1/rooms/${room.id}/members/${user.id}`), () => hosts.patch(`/v1/rooms/${room.id}`, { title: `t${i}` })]
      .map(async (act) => {
        const { status, body } = await act();
        assert.ok([200, 201, 204, 403, 404].includes(status), JSON.stringify(body));
      });
  }));
  const { likes, member_count: members } = assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200);
  const [[stored, inside]] = await stack.sql(`SELECT (SELECT COUNT(*) FROM room_like WHERE room = ${room.id}), (SELECT COUNT(*) FROM member WHERE room = ${room.id})`);
  assert.deepEqual([likes, members].map(String), [stored, inside]);
  assert.doesNotMatch(stack.log('api'), /Deadlock/i);
});
