// POST /v1/rooms/:room/purges
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { client, eventOn, startStack, subscribed } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, joinRoom, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, directRoom, headOf, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

const purge = (user, room, body) => user.at.post(`/v1/rooms/${room.id}/purges`, body);
const words = async (user, room, body, id) => assertOk(await say(stack, user, room, body, id), 201);
const history = async (room, user = host) => assertOk(await user.at.get(`/v1/rooms/${room.id}/messages?limit=100`), 200).messages;
const events = async (room, query = '') => assertOk(await host.at.get(`/v1/rooms/${room.id}/events?limit=1000${query}`), 200).events;

// What a client does with the event.
function applyPurge(messages, { seq: rev, user, after: first, until, deleted_at: deletedAt }) {
  return messages.map(({ reactions, ...one }) => (one.sender === user && one.seq > first && one.seq <= until && !one.deleted_at
    ? { ...one, body: '', rev, deleted_at: deletedAt } : { ...one, ...(reactions ? { reactions } : {}) }));
}

test('everything that somebody said is gone, and one event says so', async () => {
  const room = await scene();
  const said = [];
  for (let i = 0; i < 4; i++) said.push(await words(i % 2 ? bob : ann, room, `words ${i}`), await words(ann, room, `more ${i}`));
  assertOk(await ann.at.patch(`/v1/rooms/${room.id}/messages/${said[1].seq}`, { body: 'changed' }), 200);
  assertOk(await ann.at.del(`/v1/rooms/${room.id}/messages/${said[3].seq}`), 204);
  for (const { seq } of said) {
    if (seq === said[3].seq) continue;
    assertOk(await host.at.put(`/v1/rooms/${room.id}/messages/${seq}/reactions/x`), 204);
    assertOk(await host.at.put(`/v1/rooms/${room.id}/pins/${seq}`), 204);
  }
  const before = await history(room);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'messages.purged');
  const answer = assertOk(await purge(moderator, room, { user: ann.id }), 200);
  const { seq, mid, ...data } = await told;
  assert.match(data.deleted_at, TIME);
  assert.deepEqual(data, {
    room: room.id, user: ann.id, after: said[0].seq - 1, until: said[7].seq, count: 5, deleted_at: data.deleted_at,
  });
  assert.deepEqual(answer, { ...data, more: false, strokes: 0, todos: 0 });
  assert.deepEqual((await events(room)).at(-1), { seq, mid, type: 'messages.purged', data: { ...data, seq, mid } });
  assert.deepEqual(await history(room), applyPurge(before, { seq, ...data }));
  assert.deepEqual((await history(room)).filter(({ body }) => body).map(({ seq: left }) => left), [said[2].seq, said[6].seq]);
  const { pins } = assertOk(await ann.at.get(`/v1/rooms/${room.id}/pins`), 200);
  assert.deepEqual(pins.map(({ message }) => message), [said[6].seq, said[2].seq]);
  assert.deepEqual(await stack.sql(`SELECT message FROM reaction WHERE room = ${room.id}`), [[String(said[2].seq)], [String(said[6].seq)]]);
  assert.deepEqual(await stack.sql(`SELECT seq FROM message WHERE room = ${room.id} AND sender = ${ann.id} AND body <> ''`), []);
});

test('a second purge finds nothing and takes no seq; what comes later stays', async () => {
  const room = await scene();
  await words(ann, room);
  assert.equal(assertOk(await purge(host, room, { user: ann.id }), 200).count, 1);
  const head = await headOf(stack, room);
  const nothing = (user) => ({ room: room.id, user, count: 0, more: false, strokes: 0, todos: 0 });
  assertOk(await purge(host, room, { user: ann.id }), 200, nothing(ann.id));
  for (const user of [bob.id, stranger.id, 999999999, Number.MAX_SAFE_INTEGER]) assertOk(await purge(host, room, { user }), 200, nothing(user));
  assert.equal(await headOf(stack, room), head);
  const later = await words(ann, room, 'later');
  assert.deepEqual((await history(room)).at(-1), later);
});

test('with seconds only what was said lately goes', async () => {
  const room = await scene();
  const said = [];
  for (let i = 0; i < 4; i++) said.push(await words(ann, room, `m${i}`));
  await stack.sql(`UPDATE message SET created_at = created_at - INTERVAL 2 HOUR WHERE room = ${room.id} AND seq <= ${said[1].seq}`);
  const { after: first, until, count } = assertOk(await purge(host, room, { user: ann.id, seconds: 3600 }), 200);
  assert.deepEqual([first, until, count], [said[2].seq - 1, said[3].seq, 2]);
  assert.deepEqual((await history(room)).map(({ body }) => body), ['m0', 'm1', '', '']);
  assert.equal(assertOk(await purge(host, room, { user: ann.id, seconds: 315360000 }), 200).count, 2);
});

test('one call deletes ten thousand messages, the next one the rest', async () => {
  const room = await scene();
  await stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
      SELECT ${room.id}, 10 + seq, seq, IF(seq % 4, ${ann.id}, ${bob.id}), seq, seq, UTC_TIMESTAMP(3) FROM seq_1_to_14000;
    UPDATE stream SET head = 14010, mid = 14000 WHERE kind = 1 AND id = ${room.id}`);
  const first = assertOk(await purge(host, room, { user: ann.id }), 200);
  assert.deepEqual([first.count, first.more, first.after], [10000, true, 10]);
  const second = assertOk(await purge(host, room, { user: ann.id }), 200);
  assert.deepEqual([second.count, second.more, second.until], [500, false, 14009]);
  assert.ok(second.after >= first.until);
  assert.deepEqual(await stack.sql(`SELECT sender, COUNT(*) FROM message WHERE room = ${room.id} AND body <> '' GROUP BY sender`), [[String(bob.id), '3500']]);
});

test('a message that was sent before is not sent again by a retry', async () => {
  const room = await scene();
  const message = await words(ann, room, 'once', 'the id');
  assertOk(await purge(host, room, { user: ann.id }), 200);
  assert.equal((await words(ann, room, 'once', 'the id')).seq, message.seq);
  assertProblem(await say(stack, ann, room, 'other', 'the id'), 'client-id-reused');
  assert.deepEqual((await history(room)).map(({ body }) => body), ['']);
});

let made = 0;
const draw = async (user, room, more = {}) =>
  assertOk(await user.at.post(`/v1/rooms/${room.id}/strokes`, { client_id: `s${++made}`, color: 'red', width: 9, points: [[1, 2], [3, 4]], ...more }), 201);
const board = async (room) => assertOk(await host.at.get(`/v1/rooms/${room.id}/strokes?limit=100`), 200).strokes;
const plan = async (user, room, more = {}) => assertOk(await user.at.post(`/v1/rooms/${room.id}/todos`, { client_id: `t${++made}`, text: `plan ${made}`, ...more }), 201);
const todos = async (room) => assertOk(await host.at.get(`/v1/rooms/${room.id}/todos`), 200).todos;
const told = async (room, type) => (await events(room)).filter((one) => one.type === type).map(({ data: { seq, mid, ...data } }) => data);

test('what somebody drew goes from the board and from the log, and one event says so', async () => {
  const [room, other] = [await scene(), await scene()];
  const elsewhere = await draw(ann, other);
  const first = await draw(ann, room);
  const kept = await draw(bob, room);
  const last = await draw(ann, room, { line: first.id });
  const message = await words(ann, room);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const heard = eventOn(inside, 'strokes.purged');
  const answer = assertOk(await purge(moderator, room, { user: ann.id }), 200);
  assert.deepEqual([answer.count, answer.strokes, answer.todos, answer.until], [1, 2, 0, message.seq]);
  const { seq, mid, ...data } = await heard;
  assert.deepEqual(data, { room: room.id, user: ann.id, after: first.id - 1, until: last.id, count: 2 });
  assert.deepEqual((await events(room)).at(-1), { seq, mid, type: 'strokes.purged', data: { ...data, seq, mid } });
  assert.deepEqual(await board(room), [kept]);
  assert.deepEqual(await board(other), [elsewhere]);
  assert.deepEqual((await told(room, 'stroke.created')).map(({ points }) => points), [[], kept.points, []]);
  const head = await headOf(stack, room);
  assert.equal(assertOk(await purge(moderator, room, { user: ann.id }), 200).strokes, 0);
  assert.equal(await headOf(stack, room), head);
  await draw(ann, room);
  const alone = assertOk(await purge(moderator, room, { user: ann.id }), 200);
  assert.deepEqual(alone, { room: room.id, user: ann.id, count: 0, more: false, strokes: 1, todos: 0 }, 'also where nothing was said');
  assert.equal(await headOf(stack, room), head + 2, 'the stroke and its end');
});

test('with seconds only what was drawn and written down lately goes', async () => {
  const room = await scene();
  const drawn = [await draw(ann, room), await draw(ann, room), await draw(ann, room)];
  const planned = [await plan(ann, room), await plan(ann, room)];
  for (const [table, id, where] of [['stroke', drawn[0].id, 'room'], ['todo', planned[0].id, 'kind = 1 AND list']])
    await stack.sql(`UPDATE ${table} SET created_at = created_at - INTERVAL 2 HOUR WHERE ${where} = ${room.id} AND id = ${id}`);
  const { strokes, todos: n } = assertOk(await purge(host, room, { user: ann.id, seconds: 3600 }), 200);
  assert.deepEqual([strokes, n], [2, 1]);
  assert.deepEqual((await board(room)).map(({ id }) => id), [drawn[0].id]);
  assert.deepEqual((await todos(room)).map(({ id }) => id), [planned[0].id]);
});

test('a board full of one person is empty after one call', async () => {
  const room = await scene();
  await stack.sql(`INSERT INTO stroke SELECT ${room.id}, 1000 + seq, 1000 + seq, ${ann.id}, CONCAT('f', seq), 'red', 5, '[[1,2]]', UTC_TIMESTAMP(3) FROM seq_1_to_2000`);
  assert.equal(assertOk(await purge(host, room, { user: ann.id }), 200).strokes, 2000);
  assert.deepEqual(await board(room), []);
});

test('to-dos go but for those that others have made theirs', async () => {
  const room = await scene();
  const change = async (user, { id }, body) => assertOk(await user.at.patch(`/v1/rooms/${room.id}/todos/${id}`, body), 200);
  const [own, mine, ticked, given, done, others] = [await plan(ann, room), await plan(ann, room, { assignee: ann.id }), await plan(ann, room),
    await plan(ann, room, { assignee: bob.id }), await plan(ann, room), await plan(bob, room)];
  await change(ann, ticked, { done: true });
  await change(bob, done, { done: true });
  const head = await headOf(stack, room);
  assert.deepEqual(assertOk(await purge(moderator, room, { user: ann.id }), 200), { room: room.id, user: ann.id, count: 0, more: false, strokes: 0, todos: 3 });
  assert.deepEqual(new Set((await todos(room)).map(({ id }) => id)), new Set([given.id, done.id, others.id]));
  assert.deepEqual(await told(room, 'todo.deleted'), [own, mine, ticked].map(({ id }) => ({ room: room.id, id })));
  assert.equal(await headOf(stack, room), head + 3);
});

test('moderators and the host purge those below them, admins everybody', async () => {
  const room = await scene();
  for (const user of [host, moderator, ann, bob]) await words(user, room);
  const head = await headOf(stack, room);
  const may = async (user, target) => {
    const answer = await purge(user, room, { user: target.id });
    if (answer.status === 200) return true;
    assertProblem(answer, 'forbidden');
    return false;
  };
  assertProblem(await purge(nobody, room, { user: ann.id }), 'unauthenticated');
  for (const user of [stranger, ann]) for (const target of [ann, bob, host, stranger]) assert.equal(await may(user, target), false);
  assert.equal(await may(moderator, host), false);
  await stack.sql(`UPDATE member SET role = 'moderator' WHERE room = ${room.id} AND user = ${bob.id}`);
  assert.equal(await may(moderator, bob), false);
  assert.equal(await headOf(stack, room), head);
  assert.equal(await may(moderator, ann), true);
  assert.equal(await may(moderator, moderator), true);
  assert.equal(await may(host, bob), true);
  assert.equal(await may(admin, host), true);
  assert.deepEqual((await history(room)).map(({ body }) => body), ['', '', '', '']);
  assertProblem(await purge(stranger, await scene({ kind: 'group' }), { user: ann.id }), 'not-found');
  const direct = await directRoom(stack, ann, bob);
  await words(bob, direct);
  assertProblem(await purge(ann, direct, { user: bob.id }), 'forbidden');
  for (const user of [stranger, admin]) assertProblem(await purge(user, direct, { user: bob.id }), 'not-found');
});

test('what somebody said who has left or is banned goes too, and nothing of other rooms', async () => {
  const [room, other] = [await scene(), await scene()];
  const kept = await words(ann, other, 'elsewhere');
  for (const user of [ann, bob]) await words(user, room);
  assertOk(await ann.at.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertOk(await host.at.put(`/v1/rooms/${room.id}/bans/${bob.id}`), 201);
  for (const user of [ann, bob]) assert.equal(assertOk(await purge(moderator, room, { user: user.id }), 200).count, 1);
  assert.deepEqual((await history(room)).map(({ body }) => body), ['', '']);
  assert.deepEqual(await history(other), [kept]);
  await joinRoom(stack, ann, room);
});

test('a purge takes a user and seconds, and nothing else', async () => {
  const room = await scene();
  for (const user of [0, -1, '1', 1.5, null, [ann.id]]) assertInvalid(await purge(host, room, { user }), 'user');
  assertInvalid(await purge(host, room, {}), 'user');
  for (const seconds of [0, -1, '60', 315360001]) assertInvalid(await purge(host, room, { user: ann.id, seconds }), 'seconds');
  assertInvalid(await purge(host, room, { user: ann.id, after: 0, until: 9, room: 1 }), 'after', 'until', 'room');
  assertProblem(await purge(host, { id: 99999 }, { user: ann.id }), 'not-found');
});

test('while somebody talks, a purge has all that came before it and nothing that came after', async () => {
  const room = await scene();
  const talk = Array.from({ length: 40 }, (_, i) => say(stack, ann, room, `m${i}`));
  const purges = Array.from({ length: 4 }, () => purge(host, room, { user: ann.id }));
  for (const answer of await Promise.all([...talk, ...purges])) assert.ok([200, 201].includes(answer.status), JSON.stringify(answer.body));
  const log = await events(room);
  const told = log.filter(({ type }) => type === 'messages.purged').map(({ data }) => data);
  for (const one of await history(room)) {
    const by = told.find(({ user, after: first, until, seq }) => user === one.sender && first < one.seq && one.seq <= until && seq > one.seq);
    assert.equal(one.body === '', by !== undefined, JSON.stringify([one, told]));
    if (by) assert.deepEqual([one.rev, one.deleted_at], [by.seq, by.deleted_at]);
  }
  assert.deepEqual(log.map(({ seq }) => seq), log.map((_, i) => i + 1));
});
