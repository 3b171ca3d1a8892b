// PUT /v1/rooms/:room/read-cursor, GET /v1/rooms/:room/read-cursors, .../messages/:message/receipts, /v1/users/me/unread:
// who has read what.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, freshName, startStack, subscribed, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, say } from './check.mjs';
import { channelOf, listen } from './listener.mjs';

const stack = await startStack();
after(() => stack.stop());

const nobody = api(stack);
const [host, ann, bob, cat] = await people(stack, 4);
const [hosts, anns, bobs, cats] = [host, ann, bob, cat].map((user) => api(stack, user));

const read = (who, room, seq) => who.put(`/v1/rooms/${room.id}/read-cursor`, { seq });
const cursors = async (who, room, query = '') => assertOk(await who.get(`/v1/rooms/${room.id}/read-cursors${query}`), 200);
const listed = async (who, room) => (await cursors(who, room)).cursors.map(({ user, seq }) => [user, seq]);
const receipts = async (who, room, message, query = '') => assertOk(await who.get(`/v1/rooms/${room.id}/messages/${message}/receipts${query}`), 200);
const unread = async (who, room) => assertOk(await who.get('/v1/users/me/unread'), 200).rooms.find((one) => one.room === room.id);
const headOf = async (room) => Number((await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`))[0][0]);
const said = async (user, room, n = 1) => {
  let last;
  for (let i = 0; i < n; i++) last = assertOk(await say(stack, user, room), 201).seq;
  return last;
};
const settings = async (who, change) => assertOk(await who.patch('/v1/users/me/settings', change), 200);
const told = (listener, name) => listener.frames().filter(({ event }) => event === name).map(({ data }) => JSON.parse(data));

test('a cursor moves forward only, never beyond the end, and takes no seq', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  const joined = await headOf(room);
  const last = await said(host, room, 3);
  assert.deepEqual((await listed(anns, room)).find(([user]) => user === ann.id), [ann.id, joined], 'who joins has read what was there');
  assertOk(await read(anns, room, last - 1), 200, { seq: last - 1 });
  assertOk(await read(anns, room, joined), 200, { seq: last - 1 });
  assertInvalid(await read(anns, room, last + 1), 'seq');
  for (const seq of [-1, 1.5, 'x', null, undefined]) assertInvalid(await read(anns, room, seq), 'seq');
  assertInvalid(await anns.put(`/v1/rooms/${room.id}/read-cursor`, { seq: 1, user: host.id }), 'user');
  assertOk(await read(anns, room, last), 200, { seq: last });
  assert.equal(await headOf(room), last);
  const page = await cursors(anns, room);
  assert.deepEqual(page, { cursors: [{ user: host.id, seq: (await listed(hosts, room))[0][1] }, { user: ann.id, seq: last }], next: null, head: last, hidden: 0 });
  assert.deepEqual(await cursors(anns, room, '?limit=1'), { ...page, cursors: page.cursors.slice(0, 1), next: host.id });
  assert.deepEqual(await cursors(anns, room, `?limit=1&cursor=${host.id}`), { ...page, cursors: page.cursors.slice(1) });
  assertInvalid(await anns.get(`/v1/rooms/${room.id}/read-cursors?limit=x`), 'limit');
});

test('ten devices of one person at the same time: the furthest counts', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  const last = await said(host, room, 10);
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => read(anns, room, last - i)));
  for (const answer of answers) assertOk(answer, 200);
  assert.deepEqual((await listed(hosts, room)).find(([user]) => user === ann.id), [ann.id, last]);
});

test('the room hears it within a second, all that moved together, and the own devices at once', async () => {
  const room = await createRoom(stack, host);
  for (const user of [ann, bob, cat]) await joinRoom(stack, user, room);
  const last = await said(host, room, 5);
  const ear = await listen(stack, host, channelOf(room));
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const heard = eventOn(own, 'maru:read_own');
  assertOk(await read(anns, room, last - 2), 200);
  assert.deepEqual(await heard, { room: room.id, seq: last - 2 });
  await until(() => told(ear, 'maru:read').length === 1, 5000, 'the first');
  // All at once, as they have a second.
  for (const answer of await Promise.all([[bobs, last - 1], [anns, last], [cats, last]].map(([who, seq]) => read(who, room, seq)))) assertOk(answer, 200);
  await until(() => told(ear, 'maru:read').length === 2, 5000, 'the others together');
  assert.deepEqual(told(ear, 'maru:read'), [{ cursors: [{ seq: last - 2, users: [ann.id] }] },
    { cursors: [{ seq: last - 1, users: [bob.id] }, { seq: last, users: [ann.id, cat.id] }] }]);
  await ear.close();
});

test('who was there has read a message or not; not its sender, nor who came later', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  await joinRoom(stack, bob, room);
  const message = await said(ann, room);
  await joinRoom(stack, cat, room);
  const shown = ({ id, name, nickname, avatar }) => ({ id, name, nickname, avatar });
  const none = { read_count: 0, unread_count: 2, hidden_count: 0, next: null };
  assert.deepEqual(await receipts(cats, room, message), { receipts: [{ ...shown(host), read: false }, { ...shown(bob), read: false }], ...none });
  assertOk(await read(bobs, room, message), 200);
  const half = { read_count: 1, unread_count: 1, hidden_count: 0, next: null };
  assert.deepEqual(await receipts(anns, room, message, '?state=read'), { receipts: [{ ...shown(bob), read: true }], ...half });
  assert.deepEqual(await receipts(anns, room, message, '?state=unread'), { receipts: [{ ...shown(host), read: false }], ...half });
  assert.deepEqual((await receipts(anns, room, message, '?limit=1')).next, host.id);
  assertInvalid(await anns.get(`/v1/rooms/${room.id}/messages/${message}/receipts?state=seen`), 'state');
  assertProblem(await anns.get(`/v1/rooms/${room.id}/messages/${message + 1}/receipts`), 'not-found');
});

test('who hides receipts is in no list and no number; the room is told, and again when they are shown', async () => {
  const room = await createRoom(stack, host);
  for (const user of [ann, bob]) await joinRoom(stack, user, room);
  const message = await said(host, room, 2);
  const ear = await listen(stack, host, channelOf(room));
  await settings(anns, { receipts: 'hidden' });
  await ear.until(1);
  assert.deepEqual(ear.heard().map(({ type, data }) => [type, data.id, data.receipts]), [['member.updated', ann.id, 'hidden']]);
  assert.deepEqual((await listed(bobs, room)).map(([user]) => user), [host.id, bob.id]);
  assert.deepEqual((await listed(anns, room)).map(([user]) => user), [host.id, bob.id], 'they see the same numbers as everybody');
  assert.equal((await cursors(bobs, room)).hidden, 1);
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const heard = eventOn(own, 'maru:read_own');
  assertOk(await read(anns, room, message), 200);
  assert.deepEqual(await heard, { room: room.id, seq: message });
  assert.deepEqual(await receipts(bobs, room, message).then(({ receipts: list, ...rest }) => [list.map(({ id }) => id), rest]),
    [[bob.id], { next: null, read_count: 0, unread_count: 1, hidden_count: 1 }]);
  await settings(anns, { receipts: 'hidden', time_zone: 'Asia/Seoul' });
  await settings(anns, { receipts: 'shown' });
  await ear.until(2);
  assert.deepEqual(ear.heard().map(({ data }) => data.receipts), ['hidden', undefined], 'nothing in between');
  assert.deepEqual((await listed(bobs, room)).find(([user]) => user === ann.id), [ann.id, message]);
  await until(() => told(ear, 'maru:read').length > 0, 5000, 'where they are');
  assert.deepEqual(told(ear, 'maru:read'), [{ cursors: [{ seq: message, users: [ann.id] }] }]);
  await ear.close();
});

test('bots are no readers', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  const message = await said(host, room);
  const bot = assertOk(await hosts.post('/v1/bots', { name: freshName(), nickname: 'cursor bot' }), 201);
  assertOk(await hosts.post(`/v1/rooms/${room.id}/members`, { user: bot.id }), 201);
  const ear = await listen(stack, host, channelOf(room));
  assertOk(await read(api(stack, { token: bot.token }), room, message), 200);
  assertOk(await read(hosts, room, message), 200);
  await until(() => told(ear, 'maru:read').length > 0, 5000, 'the host');
  assert.deepEqual(told(ear, 'maru:read'), [{ cursors: [{ seq: message, users: [host.id] }] }]);
  assert.deepEqual(await listed(hosts, room), [[host.id, message]]);
  await ear.close();
});

test('the switch may be thrown twenty times an hour, and is not stored beyond', async () => {
  const [dan] = await people(stack, 1);
  const dans = api(stack, dan);
  for (let i = 0; i < 20; i++) await settings(dans, { receipts: i % 2 ? 'shown' : 'hidden' });
  assertProblem(await dans.patch('/v1/users/me/settings', { receipts: 'hidden' }), 'throttled');
  assert.equal(assertOk(await dans.get('/v1/users/me/settings'), 200).receipts, 'shown');
  await settings(dans, { locale: 'ko' });
});

test('whoever blocks somebody is not told what they have read', async () => {
  const room = await createRoom(stack, host);
  for (const user of [ann, bob]) await joinRoom(stack, user, room);
  const message = await said(bob, room);
  assertOk(await hosts.put(`/v1/blocks/${ann.id}`), 201);
  const [blocker, other] = [await listen(stack, host, channelOf(room)), await listen(stack, bob, channelOf(room))];
  assertOk(await read(anns, room, message), 200);
  assertOk(await read(bobs, room, message), 200);
  const last = (listener) => until(() => told(listener, 'maru:read').flatMap(({ cursors: list }) => list.flatMap(({ users }) => users)).includes(bob.id), 5000, 'bob');
  await Promise.all([last(blocker), last(other)]);
  const users = (listener) => told(listener, 'maru:read').flatMap(({ cursors: list }) => list.flatMap((one) => one.users));
  assert.deepEqual([users(blocker), users(other)], [[bob.id], [ann.id, bob.id]]);
  assert.deepEqual((await listed(hosts, room)).map(([user]) => user), [host.id, bob.id]);
  assert.deepEqual((await receipts(hosts, room, message)).receipts.map(({ id }) => id), [host.id]);
  assert.deepEqual((await receipts(hosts, room, message)).read_count, 0);
  assert.deepEqual((await receipts(bobs, room, message)).read_count, 1);
  for (const listener of [blocker, other]) await listener.close();
  assertOk(await hosts.del(`/v1/blocks/${ann.id}`), 204);
});

test('what waits for one in each room', async () => {
  const [eve, fay] = await people(stack, 2);
  const [eves, fays] = [eve, fay].map((user) => api(stack, user));
  assertOk(await eves.get('/v1/users/me/unread'), 200, { rooms: [], total: 0 });
  const [first, second] = [await createRoom(stack, host), await createRoom(stack, host, { kind: 'group' })];
  await said(host, first, 2);
  for (const user of [eve, fay]) await joinRoom(stack, user, first);
  await putIntoGroup(stack, eve, second);
  assert.deepEqual((await unread(eves, first)).unread, 0);
  const [a, b] = [await said(fay, first), await said(host, first)];
  await said(eve, first);
  await said(host, second, 3);
  const both = assertOk(await eves.get('/v1/users/me/unread'), 200);
  assert.deepEqual(both.rooms.map(({ room, unread: n, more }) => [room, n, more]), [[first.id, 2, false], [second.id, 3, false]]);
  assert.equal(both.total, 5);
  assert.deepEqual([both.rooms[0].head, both.rooms[0].read_seq < a], [await headOf(first), true]);
  assertOk(await hosts.del(`/v1/rooms/${first.id}/messages/${b}`), 204);
  assert.equal((await unread(eves, first)).unread, 1, 'not what is deleted');
  assertOk(await eves.put(`/v1/blocks/${fay.id}`), 201);
  assert.equal((await unread(eves, first)).unread, 0, 'nor of people whom one blocks');
  assertOk(await eves.del(`/v1/blocks/${fay.id}`), 204);
  assertOk(await read(eves, first, a), 200);
  assert.equal((await unread(eves, first)).unread, 0);
  assert.equal((await unread(fays, first)).unread, 1);
  assertOk(await eves.del(`/v1/rooms/${first.id}/members/me`), 204);
  assert.equal(await unread(eves, first), undefined);
});

test('where a great deal waits, what is next is counted', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  const at = await headOf(room);
  await stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
      SELECT ${room.id}, ${at} + seq, seq, ${host.id}, CONCAT('many', seq), 'x', UTC_TIMESTAMP(3) FROM seq_1_to_501;
    UPDATE stream SET head = head + 501, mid = 501 WHERE kind = 1 AND id = ${room.id}`);
  const one = await unread(anns, room);
  assert.deepEqual([one.unread, one.more], [500, true]);
  assertOk(await read(anns, room, at + 1), 200);
  const other = await unread(anns, room);
  assert.deepEqual([other.unread, other.more], [500, false]);
});

test('nobody but members, and nobody for somebody else', async () => {
  const [room, group] = [await createRoom(stack, host), await createRoom(stack, host, { kind: 'group' })];
  const message = await said(host, room);
  const inside = await said(host, group);
  const tries = (who, at, seq) => [read(who, at, seq), who.get(`/v1/rooms/${at.id}/read-cursors`), who.get(`/v1/rooms/${at.id}/messages/${seq}/receipts`)];
  for (const answer of await Promise.all(tries(bobs, room, message))) assertProblem(answer, 'not-member');
  for (const answer of await Promise.all(tries(bobs, group, inside))) assertProblem(answer, 'not-found');
  for (const answer of await Promise.all([...tries(nobody, room, message), nobody.get('/v1/users/me/unread')])) assertProblem(answer, 'unauthenticated');
  assert.deepEqual((await listed(hosts, room)).map(([user]) => user), [host.id]);
});
