// GET /v1/notifications, PUT /v1/notifications/read, PUT /v1/notifications/:notification/read and
// /v1/rooms/:room/notification-rule: what somebody is told of by itself.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, say } from './check.mjs';
import { killFeeder, listen } from './listener.mjs';

const stack = await startStack();
after(() => stack.stop());

const nobody = api(stack);

// Three people of their own in a room of their own.
async function three(room = {}) {
  const [host, ann, bob] = await people(stack, 3);
  const made = await createRoom(stack, host, room);
  for (const user of [ann, bob]) await (room.kind === 'group' ? putIntoGroup(stack, user, made) : joinRoom(stack, user, made));
  const [hosts, anns, bobs] = [host, ann, bob].map((user) => api(stack, user));
  return { host, ann, bob, hosts, anns, bobs, room: made };
}

const post = async (user, room, message) => assertOk(await api(stack, user).post(`/v1/rooms/${room.id}/messages`, { client_id: `n${Math.random()}`, ...message }), 201);
const list = async (who, query = '') => assertOk(await who.get(`/v1/notifications${query}`), 200);
const brief = ({ kind, room, message, by_user, unread }) => [kind, room, message, by_user, unread];
const listed = async (who, query) => (await list(who, query)).notifications.map(brief);
const read = async (who, room, seq) => assertOk(await who.put(`/v1/rooms/${room.id}/read-cursor`, { seq }), 200);
const rule = async (who, room, change) => assertOk(await who.put(`/v1/rooms/${room.id}/notification-rule`, change), 200);
const ofRoom = async (who, room) => assertOk(await who.get('/v1/users/me/unread'), 200).rooms.find((one) => one.room === room.id);
const eventually = (act, expected, what) => until(async () => JSON.stringify(await act()) === JSON.stringify(expected), 10000, what);
const ear = (user) => listen(stack, user, `private-user-${user.id}`);
const heard = (listener) => listener.heard().map(({ type, data: { seq, mid, created_at, ...data } }) => [type, data]);

test('whoever is mentioned, or answered, is told on the own stream and has it in the list with the message', async () => {
  const { host, ann, bob, anns, hosts, room } = await three();
  const toasts = await ear(ann);
  const first = await post(host, room, { body: `@${ann.name} look` });
  const own = await post(ann, room, { body: 'what?' });
  const answer = await post(bob, room, { body: 'that', reply_to: own.seq });
  const both = await post(bob, room, { body: `@${ann.name} again`, reply_to: own.seq });
  const rows = [['mention', both], ['reply', answer], ['mention', first]].map(([kind, { seq, sender }]) => [kind, room.id, seq, sender, true]);
  assert.deepEqual(await listed(anns), rows);
  const { notifications, messages, unread, next } = await list(anns);
  assert.deepEqual([messages.map(({ seq, body }) => [seq, body]), unread, next],
    [[both, answer, first].map(({ seq, body }) => [seq, body]), 3, null]);
  await toasts.until(3);
  assert.deepEqual(heard(toasts), [...notifications].reverse().map(({ created_at, ...rest }) => ['notification.created', rest]));
  assert.deepEqual(await listed(anns, '?kind=reply'), [rows[1]]);
  assert.deepEqual((await list(anns, '?limit=2')).next, notifications[1].id);
  assert.deepEqual(await listed(anns, `?limit=2&cursor=${notifications[1].id}`), [rows[2]]);
  assert.deepEqual(await listed(hosts), [], 'nobody is told of what they say themselves');
  assertInvalid(await anns.get('/v1/notifications?kind=news'), 'kind');
  assertInvalid(await anns.get('/v1/notifications?unread=x'), 'unread');
  await toasts.close();
});

test('a message that is sent twice tells once', async () => {
  const { host, ann, anns, room } = await three();
  for (let i = 0; i < 2; i++) assertOk(await say(stack, host, room, `@${ann.name}`, 'the same'), 201);
  assert.equal((await list(anns)).unread, 1);
});

test('what is read on one device is withdrawn on all: by the cursor, one by one, all', async () => {
  const { host, ann, anns, bobs, room } = await three();
  const sent = [];
  for (let i = 0; i < 5; i++) sent.push((await post(host, room, { body: `@${ann.name} ${i}` })).seq);
  const ids = (await list(anns)).notifications.map(({ id }) => id).reverse();
  const toasts = await ear(ann);
  await read(anns, room, sent[1]);
  assertOk(await anns.put(`/v1/notifications/${ids[3]}/read`), 204);
  assertOk(await anns.put(`/v1/notifications/${ids[3]}/read`), 204);
  assert.deepEqual((await list(anns, '?unread=1')).notifications.map(({ id }) => id), [ids[4], ids[2]]);
  assertOk(await anns.put('/v1/notifications/read'), 204);
  assertOk(await anns.put('/v1/notifications/read'), 204);
  await toasts.until(3);
  assert.deepEqual(heard(toasts), [[ids[0], ids[1]], [ids[3]], [ids[2], ids[4]]].map((these) => ['notification.withdrawn', { ids: these, deleted: false }]));
  assert.deepEqual((await listed(anns)).map(([, , , , unread]) => unread), [false, false, false, false, false]);
  assert.equal((await list(anns)).unread, 0);
  assertProblem(await bobs.put(`/v1/notifications/${ids[3]}/read`), 'not-found');
  assertProblem(await anns.put('/v1/notifications/1/read'), 'not-found');
  await toasts.close();
});

test('who has read the room already is not told, nor who is not a member any more', async () => {
  const { host, ann, bob, anns, bobs, room } = await three();
  const own = await post(ann, room, { body: 'a question' });
  const theirs = await post(bob, room, { body: 'another' });
  assertOk(await bobs.del(`/v1/rooms/${room.id}/members/me`), 204);
  await post(host, room, { body: 'an answer', reply_to: theirs.seq });
  assert.deepEqual(await listed(bobs), []);
  const answer = await post(host, room, { body: 'an answer', reply_to: own.seq });
  assert.equal((await list(anns)).unread, 1);
  assertOk(await anns.del(`/v1/rooms/${room.id}/members/me`), 204);
  assert.deepEqual(await list(anns), { notifications: [], messages: [], unread: 0, next: null });
  assert.deepEqual(await stack.sql(`SELECT * FROM notification WHERE message = ${answer.seq} AND room = ${room.id}`), []);
});

test('a change mentions more people, or fewer; a deletion takes all back', async () => {
  const { host, ann, bob, hosts, anns, bobs, room } = await three();
  const { seq } = await post(host, room, { body: `@${ann.name}` });
  const [{ id }] = (await list(anns)).notifications;
  const toasts = await ear(ann);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}/messages/${seq}`, { body: `@${bob.name}` }), 200);
  await eventually(() => listed(bobs), [['mention', room.id, seq, host.id, true]], 'bob');
  await toasts.until(1);
  assert.deepEqual(heard(toasts), [['notification.withdrawn', { ids: [id], deleted: true }]]);
  assert.deepEqual(await listed(anns), []);
  assertOk(await hosts.del(`/v1/rooms/${room.id}/messages/${seq}`), 204);
  await eventually(() => listed(bobs), [], 'nothing');
  assert.deepEqual((await list(bobs)).messages, []);
  const more = await post(host, room, { body: `@${ann.name} @${bob.name}` });
  assertOk(await hosts.post(`/v1/rooms/${room.id}/purges`, { user: host.id }), 200);
  for (const who of [anns, bobs]) await eventually(() => listed(who), [], 'nothing after a purge');
  assert.deepEqual(await stack.sql(`SELECT * FROM notification WHERE message = ${more.seq} AND room = ${room.id}`), []);
  await toasts.close();
});

test('what a worker left that died after its COMMIT is done by the feeder, once', async () => {
  const { host, ann, anns, room } = await three();
  const own = await post(ann, room, { body: 'a question' });
  const [[session]] = await stack.sql(`SELECT MAX(id) FROM session WHERE user = ${host.id}`);
  const toasts = await ear(ann);
  await killFeeder(stack);
  await stack.sql(`CALL message_send(${host.id}, ${session}, ${room.id}, 'left', 'an answer', 4711, ${own.seq}, NULL, NULL, NULL, NULL, NULL, NULL)`);
  await eventually(() => listed(anns), [['reply', room.id, own.seq + 1, host.id, true]], 'the feeder');
  await toasts.until(1);
  assert.deepEqual(toasts.heard().map(({ type }) => type), ['notification.created']);
  assert.deepEqual(await stack.sql('SELECT * FROM alert'), []);
  await toasts.close();
});

test('rules: all, mentions, none, and quiet for a while; the own devices hear of it', async () => {
  const { host, ann, anns, room } = await three();
  const inGroup = await three({ kind: 'group' });
  const path = `/v1/rooms/${room.id}/notification-rule`;
  assertOk(await anns.get(path), 200, { room: room.id, level: 'mentions' });
  assertOk(await inGroup.anns.get(`/v1/rooms/${inGroup.room.id}/notification-rule`), 200, { room: inGroup.room.id, level: 'all' });
  const toasts = await ear(ann);
  assert.deepEqual(await rule(anns, room, { level: 'none' }), { room: room.id, level: 'none' });
  await rule(anns, room, { level: 'none' });
  await rule(anns, room, {});
  await post(host, room, { body: `@${ann.name}` });
  assert.deepEqual(await listed(anns), []);
  assert.deepEqual([await ofRoom(anns, room)].map(({ unread, mentions, level }) => [unread, mentions, level]), [[1, 1, 'none']]);
  const quiet = await rule(anns, room, { level: 'all', quiet_seconds: 3600 });
  assert.equal(quiet.level, 'all');
  assert.ok(new Date(quiet.quiet_until) > Date.now());
  await post(host, room, { body: `@${ann.name}` });
  assert.deepEqual(await listed(anns), []);
  assert.deepEqual(await rule(anns, room, { quiet_seconds: 0 }), { room: room.id, level: 'all' });
  const last = await post(host, room, { body: `@${ann.name}` });
  assert.deepEqual(await listed(anns), [['mention', room.id, last.seq, host.id, true]]);
  await toasts.until(4);
  assert.deepEqual(heard(toasts).map(([type, { level }]) => [type, level]),
    [['rule.updated', 'none'], ['rule.updated', 'all'], ['rule.updated', 'all'], ['notification.created', undefined]]);
  for (const wrong of [{ level: 'some' }, { quiet_seconds: -1 }, { quiet_seconds: 31536001 }, { until: 'x' }]) assertInvalid(await anns.put(path, wrong), Object.keys(wrong)[0]);
  await toasts.close();
});

test('whoever one blocks tells one nothing, and what they told before is not shown', async () => {
  const { host, ann, bob, anns, room } = await three();
  const own = await post(ann, room, { body: 'a question' });
  await post(bob, room, { body: 'an answer', reply_to: own.seq });
  assert.equal((await list(anns)).unread, 1);
  assertOk(await anns.put(`/v1/blocks/${bob.id}`), 201);
  await post(bob, room, { body: 'an answer', reply_to: own.seq });
  assert.deepEqual(await list(anns), { notifications: [], messages: [], unread: 0, next: null });
  assert.equal((await ofRoom(anns, room)).unread, 0);
  await post(host, room, { body: `@${ann.name}`, reply_to: own.seq });
  assert.equal((await list(anns)).unread, 1);
});

test('@all is one mark of the room, which counts among the mentions of each member', async () => {
  const { host, anns, bobs, room } = await three({ kind: 'group' });
  const { seq } = await post(host, room, { body: '@all dinner' });
  for (const who of [anns, bobs]) assert.deepEqual([await ofRoom(who, room)].map(({ unread, mentions }) => [unread, mentions]), [[1, 1]]);
  assert.deepEqual(await listed(anns), []);
  await read(anns, room, seq);
  assert.equal((await ofRoom(anns, room)).mentions, 0);
});

test('GET /v1/mentions: what mentions one, whatever the rule, newest first, page by page', async () => {
  const { host, ann, bob, anns, hosts, room } = await three();
  const other = await createRoom(stack, host);
  await joinRoom(stack, ann, other);
  const inbox = async (query = '') => assertOk(await anns.get(`/v1/mentions${query}`), 200);
  assert.deepEqual(await inbox(), { messages: [], next: null });
  await rule(anns, room, { level: 'none' });
  const sent = [];
  for (const [i, where] of [room, other, room, other, room].entries()) sent.unshift(await post(host, where, { body: `@${ann.name} ${i}` }));
  await post(bob, room, { body: `@${host.name}` });
  const places = ({ messages }) => messages.map((one) => [one.room, one.seq, one.body]);
  const all = sent.map((one) => [one.room, one.seq, one.body]);
  assert.deepEqual(places(await inbox()), all);
  const first = await inbox('?limit=2');
  const second = await inbox(`?limit=2&cursor=${first.next}`);
  const third = await inbox(`?limit=2&cursor=${second.next}`);
  assert.deepEqual([first, second, third].flatMap(places), all);
  assert.equal(third.next, null);
  assertOk(await hosts.del(`/v1/rooms/${room.id}/messages/${sent[0].seq}`), 204);
  assertOk(await anns.del(`/v1/rooms/${other.id}/members/me`), 204);
  assert.deepEqual(places(await inbox()), [all[2], all[4]]);
  assertOk(await anns.put(`/v1/blocks/${host.id}`), 201);
  assert.deepEqual(places(await inbox()), []);
  assertInvalid(await anns.get('/v1/mentions?limit=x'), 'limit');
  for (const wrong of ['x', '1', '1:2', '1:2:3:4', '1:2:', `${'9'.repeat(19)}:1:1`]) assertInvalid(await anns.get(`/v1/mentions?cursor=${wrong}`), 'cursor');
  assertProblem(await nobody.get('/v1/mentions'), 'unauthenticated');
});

test('nobody for somebody else, and nothing of rooms that are not theirs', async () => {
  const { host, ann, room, hosts } = await three();
  const group = await three({ kind: 'group' });
  await post(host, room, { body: `@${ann.name}` });
  const outside = api(stack, group.bob);
  for (const call of [(who, at) => who.get(`/v1/rooms/${at.id}/notification-rule`), (who, at) => who.put(`/v1/rooms/${at.id}/notification-rule`, { level: 'none' })]) {
    assertProblem(await call(outside, room), 'not-member');
    assertProblem(await call(hosts, group.room), 'not-found');
    assertProblem(await call(nobody, room), 'unauthenticated');
  }
  for (const answer of [await nobody.get('/v1/notifications'), await nobody.put('/v1/notifications/read'), await nobody.put('/v1/notifications/1/read')]) assertProblem(answer, 'unauthenticated');
  assert.deepEqual((await list(outside)).unread, 0);
});

test('what an account was told goes with it', async () => {
  const { host, ann, anns, room } = await three();
  await post(host, room, { body: `@${ann.name}` });
  assertOk(await anns.call('DELETE', '/v1/users/me', { password: ann.password, messages: 'keep' }), 204);
  await until(async () => (await stack.sql(`SELECT * FROM notification WHERE user = ${ann.id}`)).length === 0, 10000, 'the erasure');
});
