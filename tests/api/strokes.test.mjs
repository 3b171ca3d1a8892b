// GET /v1/rooms/:room/strokes, POST /v1/rooms/:room/strokes, DELETE /v1/rooms/:room/strokes, DELETE /v1/rooms/:room/strokes/:stroke
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, directRoom, headOf, mute, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

let count = 0;
const pathOf = (room) => `/v1/rooms/${room.id}/strokes`;
const stroke = (more = {}) => ({ client_id: `s${++count}`, color: 'blue', width: 10, points: [[0, 0], [4095, 2559]], ...more });
const draw = (user, room, more) => user.at.post(pathOf(room), stroke(more));
const drawn = async (...args) => assertOk(await draw(...args), 201);
const remove = (user, room, { id }) => user.at.del(`${pathOf(room)}/${id}`);
const clear = (user, room) => user.at.del(pathOf(room));
const board = async (user, room, query = '') => assertOk(await user.at.get(pathOf(room) + query), 200);
const list = async (user, room) => (await board(user, room)).strokes;
const ear = async (user, room) => subscribed(await client(stack, user), channelOf(room));
const rest = ({ seq, mid, ...data }) => data;
// So many at once, which nobody is told of.
const fill = (room, n, user = bob) => stack.sql(`INSERT INTO stroke SELECT ${room.id}, 1000000 + seq, 1000000 + seq, ${user.id}, CONCAT('f', seq), 'red', 5,
  '[[1,2]]', UTC_TIMESTAMP(3) FROM seq_1_to_${n}`);

test('what one draws all see, and who comes late finds it', async () => {
  const room = await scene();
  const heard = await ear(bob, room);
  const told = eventOn(heard, 'stroke.created');
  const one = await drawn(ann, room, { client_id: 'a line' });
  assert.match(one.created_at, TIME);
  assert.deepEqual(one, { room: room.id, id: one.id, line: one.id, author: ann.id, client_id: 'a line', color: 'blue', width: 10, points: [[0, 0], [4095, 2559]], created_at: one.created_at });
  assert.deepEqual(rest(await told), one);
  assert.equal((await told).seq, one.id);
  const two = await drawn(bob, room, { color: 'black', width: 64, points: [[7, 7]] });
  assert.deepEqual(await board(host, room), { strokes: [one, two], next: null, seq: two.id });
  assert.equal((await board(host, room)).seq, await headOf(stack, room));
  const { strokes, next } = await board(host, room, '?limit=1');
  assert.deepEqual([strokes, next], [[one], one.id]);
  assert.deepEqual((await board(host, room, `?limit=1&cursor=${next}`)).strokes, [two]);
  assertInvalid(await host.at.get(`${pathOf(room)}?cursor=x`), 'cursor');
});

test('the same call again draws nothing', async () => {
  const room = await scene();
  const body = stroke();
  const first = assertOk(await ann.at.post(pathOf(room), body), 201);
  const head = await headOf(stack, room);
  assertOk(await ann.at.post(pathOf(room), body), 201, first);
  assert.equal(await headOf(stack, room), head);
  assert.notEqual(assertOk(await bob.at.post(pathOf(room), body), 201).id, first.id, 'another one may say the same');
  const at = await scene();
  const same = stroke();
  const answers = await Promise.all(Array.from({ length: 8 }, () => ann.at.post(pathOf(at), same)));
  assert.equal(new Set(answers.map((answer) => assertOk(answer, 201).id)).size, 1, 'also at the same time');
  assert.equal((await list(ann, at)).length, 1);
});

test('a line of several strokes is taken off as a whole', async () => {
  const room = await scene();
  const heard = await ear(host, room);
  const first = await drawn(ann, room);
  const [second, other] = [await drawn(ann, room, { line: first.id }), await drawn(ann, room)];
  assert.equal(second.line, first.id);
  for (const line of [second.id, other.id + 1000]) assertInvalid(await draw(ann, room, { line }), 'line');
  assertInvalid(await draw(bob, room, { line: first.id }), 'line');
  const gone = eventOn(heard, 'stroke.deleted');
  assertOk(await remove(ann, room, second), 204);
  assert.deepEqual(rest(await gone), { room: room.id, line: first.id });
  assert.deepEqual(await list(bob, room), [other]);
  assertInvalid(await draw(ann, room, { line: first.id }), 'line');
  assertProblem(await remove(ann, room, first), 'not-found');
});

test('the own is taken off by oneself, anything by those who keep order; they clear the board', async () => {
  const room = await scene();
  const [one, two] = [await drawn(ann, room), await drawn(ann, room)];
  assertProblem(await remove(bob, room, one), 'forbidden');
  assertProblem(await clear(bob, room), 'forbidden');
  assertOk(await remove(moderator, room, one), 204);
  assertOk(await remove(host, room, two), 204);
  await drawn(ann, room);
  await drawn(bob, room);
  const heard = await ear(bob, room);
  const cleared = eventOn(heard, 'strokes.cleared');
  assertOk(await clear(moderator, room), 204);
  assert.deepEqual(rest(await cleared), { room: room.id });
  assert.deepEqual(await list(ann, room), []);
  const head = await headOf(stack, room);
  assertOk(await clear(host, room), 204);
  assert.equal(await headOf(stack, room), head, 'nothing happened');
  await drawn(ann, room);
  assertOk(await clear(admin, room), 204);
  const group = await scene({ kind: 'group' });
  await drawn(ann, group);
  assertOk(await clear(bob, group), 204, undefined, 'a small circle has no order to keep');
});

test('who may not is told so, and nothing is different', async () => {
  const room = await scene();
  const one = await drawn(ann, room);
  const head = await headOf(stack, room);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [stranger, 'not-member'], [admin, 'not-member']]) {
    for (const answer of [user.at.get(pathOf(room)), draw(user, room), remove(user, room, one)]) assertProblem(await answer, slug);
  }
  assertProblem(await clear(stranger, room), 'forbidden');
  assertProblem(await clear(nobody, room), 'unauthenticated');
  await mute(stack, room, bob);
  await mute(stack, room, moderator);
  assertProblem(await draw(bob, room), 'muted');
  assertProblem(await clear(moderator, room), 'muted');
  assertProblem(await remove(moderator, room, one), 'muted');
  const other = await scene();
  assertProblem(await remove(ann, other, one), 'not-found');
  assertProblem(await clear(ann, { id: 999999 }), 'not-found');
  assert.equal(await headOf(stack, room), head);
  const hidden = await scene({ kind: 'group' });
  for (const answer of [stranger.at.get(pathOf(hidden)), draw(stranger, hidden), clear(stranger, hidden)]) assertProblem(await answer, 'not-found');
});

test('only what can be drawn is taken', async () => {
  const room = await scene();
  const bad = [undefined, null, 'x', {}, [], [[1]], [[1, 2, 3]], [[1, '2']], [[1.5, 2]], [[1.0, 2.5]], [[-1, 2]], [[1, -1]], [[4096, 2]], [[1, 2560]], [{ x: 1, y: 2 }], [[1, 2], null],
    [1, 2], [[[1], 2]], Array.from({ length: 257 }, () => [1, 2])];
  for (const points of bad) assertInvalid(await draw(ann, room, { points }), 'points');
  for (const color of ['', 'Blue', '#ff0000', 'black|gray', 'url(x)', 7]) assertInvalid(await draw(ann, room, { color }), 'color');
  for (const width of [0, 65, -1, 1.5, '10', null]) assertInvalid(await draw(ann, room, { width }), 'width');
  for (const line of [0, -1, '1', 1.5]) assertInvalid(await draw(ann, room, { line }), 'line');
  for (const client_id of ['', 'x'.repeat(65), 7, undefined]) assertInvalid(await draw(ann, room, { client_id }), 'client_id');
  assertInvalid(await draw(ann, room, { author: bob.id }), 'author');
  for (const body of [[], [[1, 2]]]) assertProblem(await ann.at.post(pathOf(room), body), 'bad-json');
  assert.deepEqual(await list(ann, room), []);
  const most = Array.from({ length: 256 }, (_, i) => [4000 + (i % 96), 2300 + i]);
  assert.deepEqual((await drawn(ann, room, { points: most })).points, most);
  assert.deepEqual((await list(bob, room))[0].points, most);
});

test('a board that is full says so, and goes on once it is cleared', async () => {
  const room = await scene();
  await fill(room, 1999);
  const last = await drawn(ann, room);
  const again = await draw(ann, room);
  assertProblem(again, 'limit-reached');
  assert.match(again.body.detail, /2000 .* clear/);
  assertOk(await remove(ann, room, last), 204);
  await drawn(ann, room);
  assertProblem(await draw(ann, room), 'limit-reached');
  const seen = [];
  for (let cursor = 0; cursor !== null;) {
    const { strokes, next } = await board(bob, room, `?limit=100&cursor=${cursor}`);
    seen.push(...strokes);
    cursor = next;
  }
  assert.equal(new Set(seen.map(({ id }) => id)).size, 2000);
  assertOk(await clear(host, room), 204);
  await drawn(ann, room);
});

test('nobody draws faster than people do', async () => {
  const room = await scene();
  await drawn(bob, room);
  await stack.sql(`UPDATE throttle SET hits = 600 WHERE name = 'strokes:${bob.id}'`);
  const body = stroke();
  const held = await bob.at.post(pathOf(room), body);
  assertProblem(held, 'throttled');
  assert.ok(Number(held.headers.get('retry-after')) >= 1);
  await drawn(ann, room);
  await stack.sql(`DELETE FROM throttle WHERE name = 'strokes:${bob.id}'`);
  assertOk(await bob.at.post(pathOf(room), body), 201);
});

test('many draw at once, some take theirs off, and who only listens has the same board', async () => {
  const room = await scene();
  const heard = await ear(host, room);
  const known = new Map();
  const drop = (gone) => { for (const one of known.values()) if (gone(one)) known.delete(one.id); };
  heard.bind('stroke.created', (data) => known.set(data.id, rest(data)));
  heard.bind('stroke.deleted', ({ line }) => drop((one) => one.line === line));
  heard.bind('strokes.cleared', ({ seq }) => drop(({ id }) => id < seq));
  await Promise.all([ann, bob, moderator].map(async (user) => {
    for (let i = 0; i < 12; i++) {
      const first = await drawn(user, room);
      if (user === moderator && i === 6) assertOk(await clear(user, room), 204);
      else if (i % 3 === 0) await remove(user, room, first); // unless it was cleared
      else await draw(user, room, { line: first.id });
    }
  }));
  const { strokes, seq } = await board(ann, room);
  await drawn(ann, room, { points: [[5, 5]] });
  await until(() => [...known.values()].some(({ points }) => points[0][0] === 5));
  drop(({ id }) => id > seq);
  assert.deepEqual([...known.values()].sort((a, b) => a.id - b.id), strokes);
});

test('a conversation that the other has left gets nothing new', async () => {
  const room = await directRoom(stack, ann, bob);
  const one = await drawn(ann, room);
  assertProblem(await remove(bob, room, one), 'forbidden');
  assertOk(await bob.at.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertProblem(await draw(ann, room), 'not-sendable');
  assertProblem(await remove(ann, room, one), 'not-sendable');
  assertOk(await clear(ann, room), 204);
});

test('what was taken off can not be read in the log either', async () => {
  const room = await scene();
  const logged = async () => assertOk(await bob.at.get(`/v1/rooms/${room.id}/events?limit=1000`), 200).events.filter(({ type }) => type === 'stroke.created').map(({ data }) => data);
  const before = await drawn(ann, room);
  const [gone, kept] = [await drawn(ann, room), await drawn(bob, room)];
  await drawn(ann, room, { line: gone.id });
  assertOk(await remove(ann, room, gone), 204);
  const log = await logged();
  assert.deepEqual(log.map(({ points }) => points), [before.points, [], kept.points, []]);
  assert.deepEqual(rest(log[1]), { ...gone, points: [] });
  assertOk(await clear(host, room), 204);
  assert.deepEqual((await logged()).map(({ points }) => points), [[], [], [], []]);
});

test('what a room forgets goes from its board, too', async () => {
  const room = await scene();
  const old = await drawn(ann, room);
  const young = await drawn(ann, room);
  await drawn(bob, room); // the last event stays anyway
  await stack.sql(`UPDATE event SET created_at = UTC_TIMESTAMP(3) - INTERVAL 8 DAY WHERE kind = 1 AND stream = ${room.id} AND seq <= ${old.id};
    UPDATE room SET floor = ${old.id} WHERE id = ${room.id}`); // not erased yet, and not shown any more
  assert.equal((await list(bob, room))[0].id, young.id);
  assert.equal(await stack.sql(`SELECT id FROM stroke WHERE room = ${room.id} AND id = ${old.id}`).then((rows) => rows.length), 1);
  assert.deepEqual((await board(bob, room, '?limit=1')).strokes, [young]);
  await stack.sql(`UPDATE room SET retention = 7 WHERE id = ${room.id}`);
  await until(async () => (await stack.sql(`SELECT id FROM stroke WHERE room = ${room.id} ORDER BY id`))[0][0] === String(young.id), 60000, 'the old stroke to be erased');
  assert.equal((await list(bob, room)).length, 2);
});

test('nothing is left of a room that is deleted', async () => {
  const room = await scene();
  await fill(room, 1200);
  await drawn(ann, room);
  assertOk(await host.at.del(`/v1/rooms/${room.id}`), 204);
  assertProblem(await ann.at.get(pathOf(room)), 'not-found');
  await until(async () => (await stack.sql(`SELECT COUNT(*) FROM stroke WHERE room = ${room.id}`))[0][0] === '0', 20000);
  await until(async () => (await stack.sql(`SELECT COUNT(*) FROM purge_room WHERE room = ${room.id}`))[0][0] === '0', 20000);
  assert.deepEqual(await stack.sql(`SELECT type FROM event WHERE kind = 1 AND stream = ${room.id}`), [['room.deleted']]);
});
