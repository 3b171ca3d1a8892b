// GET /v1/rooms/:room/todos, POST /v1/rooms/:room/todos, PATCH /v1/rooms/:room/todos/:todo, DELETE /v1/rooms/:room/todos/:todo,
// GET /v1/todos, POST /v1/todos, PATCH /v1/todos/:todo, DELETE /v1/todos/:todo
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, signUp, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, directRoom, headOf, mute, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

let count = 0;
const pathOf = (room) => (room ? `/v1/rooms/${room.id}/todos` : '/v1/todos');
const add = (user, room, text = 'sweep', more = {}) => user.at.post(pathOf(room), { client_id: `t${++count}`, text, ...more });
const added = async (...args) => assertOk(await add(...args), 201);
const change = (user, room, { id }, what) => user.at.patch(`${pathOf(room)}/${id}`, what);
const remove = (user, room, { id }) => user.at.del(`${pathOf(room)}/${id}`);
const list = async (user, room, query = '') => assertOk(await user.at.get(pathOf(room) + query), 200).todos;
const texts = async (user, room) => (await list(user, room)).map(({ text }) => text);

test('what one adds all see, and what another ticks', async () => {
  const room = await scene();
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'todo.created');
  const one = await added(ann, room, '마루 쓸기', { due_on: '2026-12-24', assignee: bob.id });
  assert.match(one.created_at, TIME);
  assert.deepEqual(one, { room: room.id, id: one.id, place: one.place, text: '마루 쓸기', author: ann.id, assignee: bob.id, due_on: '2026-12-24', created_at: one.created_at });
  const { seq, mid, ...heard } = await told;
  assert.deepEqual(heard, one);
  assert.equal(seq, one.id);
  const ticked = eventOn(inside, 'todo.updated');
  const done = assertOk(await change(bob, room, one, { done: true }), 200);
  assert.match(done.done_at, TIME);
  assert.equal(done.done_by, bob.id);
  assert.equal((await ticked).done_by, bob.id);
  assert.deepEqual(assertOk(await change(ann, room, one, { done: true }), 200), done, 'who has done it first has done it');
  const open = assertOk(await change(ann, room, one, { done: false, due_on: '', assignee: 0, text: '마루 닦기' }), 200);
  assert.deepEqual(open, { room: room.id, id: one.id, place: one.place, text: '마루 닦기', author: ann.id, created_at: one.created_at });
  assert.deepEqual(await list(host, room), [open]);
  const gone = eventOn(inside, 'todo.deleted');
  assertOk(await remove(ann, room, one), 204);
  assert.deepEqual([(await gone).id, (await gone).room], [one.id, room.id]);
  assert.deepEqual(await list(host, room), []);
  assertProblem(await remove(ann, room, one), 'not-found');
});

test('a call that is repeated adds nothing, and a change of nothing is no event', async () => {
  const room = await scene();
  const body = { client_id: 'again', text: 'once' };
  const first = assertOk(await ann.at.post(pathOf(room), body), 201);
  assertOk(await ann.at.post(pathOf(room), body), 201, first);
  assert.notEqual(assertOk(await bob.at.post(pathOf(room), body), 201).id, first.id, 'another one may say the same');
  const head = await headOf(stack, room);
  assertOk(await change(ann, room, first, {}), 200, first);
  assertOk(await change(ann, room, first, { text: 'once', done: false }), 200, first);
  assert.equal(await headOf(stack, room), head);
});

test('the order is what people make of it', async () => {
  const room = await scene();
  const [a, b] = [await added(ann, room, 'a'), await added(ann, room, 'b')];
  const c = await added(ann, room, 'c', { after: a.id });
  assert.deepEqual(await texts(bob, room), ['b', 'a', 'c']);
  assertOk(await change(bob, room, c, { after: 0 }), 200);
  assert.deepEqual(await texts(bob, room), ['c', 'b', 'a']);
  assertOk(await change(bob, room, c, { after: b.id }), 200);
  assert.deepEqual(await texts(bob, room), ['b', 'c', 'a']);
  assertInvalid(await change(bob, room, c, { after: c.id }), 'after');
  assertInvalid(await change(bob, room, c, { after: 999999 }), 'after');
  assert.deepEqual((await list(bob, room, '?limit=2')).map(({ text }) => text), ['b', 'c']);
  const { next } = assertOk(await bob.at.get(`${pathOf(room)}?limit=2`), 200);
  assert.deepEqual((await list(bob, room, `?limit=2&cursor=${next}`)).map(({ text }) => text), ['a']);
});

test('where there is no gap any more all get new places, and everybody is told', async () => {
  const room = await scene();
  const [low, high] = [await added(ann, room, 'low'), await added(ann, room, 'high', { after: 0 })];
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const known = new Map((await list(bob, room)).map((todo) => [todo.id, todo.place]));
  for (const type of ['todo.created', 'todo.updated']) inside.bind(type, ({ id, place }) => known.set(id, place));
  await Promise.all(Array.from({ length: 4 }, async (_, i) => {
    for (let j = 0; j < 10; j++) await added(i % 2 ? ann : bob, room, `${i} ${j}`, { after: high.id });
  }));
  const now = await list(bob, room);
  assert.equal(now.length, 42);
  assert.deepEqual([now[0].id, now.at(-1).id], [high.id, low.id]);
  assert.equal(new Set(now.map(({ place }) => place)).size, 42);
  const last = eventOn(inside, 'todo.updated', 5000, ({ text }) => text === 'last');
  assertOk(await change(ann, room, low, { text: 'last' }), 200);
  await last;
  assert.deepEqual([...known].sort(([, a], [, b]) => a - b).map(([id]) => id), now.map(({ id }) => id), 'who only listened has the same order');
});

test('the own list is for oneself, on all devices', async () => {
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = ['todo.created', 'todo.updated', 'todo.deleted'].map((type) => eventOn(own, type));
  const one = await added(ann, null, 'read chapter 3', { due_on: '2026-12-01' });
  assert.equal(one.room, undefined);
  assert.equal((await told[0]).text, 'read chapter 3');
  assert.deepEqual(await list(bob, null), []);
  for (const answer of [change(bob, null, one, { done: true }), remove(bob, null, one)]) assertProblem(await answer, 'not-found');
  assertInvalid(await add(ann, null, 'x', { assignee: ann.id }), 'assignee');
  assertOk(await change(ann, null, one, { done: true }), 200);
  assert.equal((await told[1]).done_by, ann.id);
  assertOk(await remove(ann, null, one), 204);
  assert.equal((await told[2]).id, one.id);
  assert.deepEqual(await list(ann, null), []);
});

test('who may not is told so, and nothing is different', async () => {
  const room = await scene();
  const one = await added(ann, room);
  const head = await headOf(stack, room);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [stranger, 'not-member'], [admin, 'not-member']]) {
    for (const answer of [user.at.get(pathOf(room)), add(user, room), change(user, room, one, { done: true }), remove(user, room, one)]) assertProblem(await answer, slug);
  }
  assertProblem(await remove(bob, room, one), 'forbidden');
  await mute(stack, room, bob);
  for (const answer of [add(bob, room), change(bob, room, one, { done: true })]) assertProblem(await answer, 'muted');
  assertInvalid(await add(ann, room, 'x', { assignee: stranger.id }), 'assignee');
  assertInvalid(await change(ann, room, one, { assignee: stranger.id }), 'assignee');
  assertInvalid(await add(ann, room, ''), 'text');
  assertInvalid(await add(ann, room, 'x'.repeat(501)), 'text');
  assertInvalid(await add(ann, room, 'a\nb'), 'text');
  assertInvalid(await add(ann, room, 'x', { due_on: '2026-02-30' }), 'due_on');
  assertInvalid(await ann.at.post(pathOf(room), { text: 'x' }), 'client_id');
  assertInvalid(await change(ann, room, one, { author: bob.id }), 'author');
  const other = await scene();
  assertProblem(await change(ann, other, one, { done: true }), 'not-found');
  assertProblem(await change(ann, null, one, { done: true }), 'not-found');
  assert.equal(await headOf(stack, room), head);
  assertOk(await remove(moderator, room, one), 204);
});

test('a conversation that the other has left has nothing new to be done', async () => {
  const room = await directRoom(stack, ann, bob);
  const one = await added(ann, room);
  assertOk(await change(bob, room, one, { done: true }), 200);
  assertProblem(await remove(bob, room, one), 'forbidden');
  assertOk(await bob.at.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertProblem(await add(ann, room), 'not-sendable');
});

test('words that are refused in a room are refused here', async () => {
  const room = await scene();
  const one = await added(ann, room);
  assertOk(await host.at.post(`/v1/rooms/${room.id}/words`, { word: 'zztodo', action: 'refuse' }), 201);
  // Each worker reads words every two seconds.
  for (const attempt of [() => add(ann, room, 'a zztodo'), () => change(ann, room, one, { text: 'a zztodo' })]) {
    assertProblem(await until(async () => {
      const answer = await attempt();
      return answer.status === 422 && answer;
    }), 'refused-word');
  }
});

test('what does not exist or makes no sense is told so', async () => {
  const none = { id: 99999999 };
  assertProblem(await ann.at.get(pathOf(none)), 'not-found');
  assertProblem(await add(ann, none), 'not-found');
  for (const list of [null, await scene()]) {
    assertInvalid(await ann.at.get(`${pathOf(list)}?limit=many`), 'limit');
    const one = await added(ann, list);
    assertInvalid(await change(ann, list, one, { done: 'yes' }), 'done');
    assertInvalid(await change(ann, list, one, { text: '' }), 'text');
    assertProblem(await change(ann, list, none, { done: true }), 'not-found');
    assertOk(await remove(ann, list, one), 204);
  }
  for (const answer of [nobody.at.get('/v1/todos'), add(nobody, null), change(nobody, null, none, {}), remove(nobody, null, none)]) assertProblem(await answer, 'unauthenticated');
});

test('two hundred are enough, also if many are added at once', async () => {
  const room = await scene();
  await stack.sql(`INSERT INTO todo (kind, list, id, place, text, author, client_id, created_at)
    SELECT 1, ${room.id}, 100000 + seq, 1000 * seq, 'x', ${ann.id}, seq, UTC_TIMESTAMP(3) FROM seq_1_to_195`);
  const answers = await Promise.all(Array.from({ length: 12 }, () => add(bob, room)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 5);
  for (const answer of answers.filter(({ status }) => status !== 201)) assertProblem(answer, 'limit-reached');
  await stack.sql(`INSERT INTO todo (kind, list, id, place, text, author, client_id, created_at)
    SELECT 2, ${bob.id}, 100000 + seq, 1000 * seq, 'x', ${bob.id}, seq, UTC_TIMESTAMP(3) FROM seq_1_to_200`);
  assertProblem(await add(bob, null), 'limit-reached');
});

test('they are gone with their room, and with their owner', async () => {
  const room = await scene();
  await added(ann, room);
  assertOk(await host.at.del(`/v1/rooms/${room.id}`), 204);
  const one = await signUp(stack);
  const leaving = { ...one, at: api(stack, one) };
  const shared = await scene();
  assertOk(await leaving.at.put(`/v1/rooms/${shared.id}/members/me`, {}), 201);
  await added(leaving, null, 'private');
  const theirs = await added(ann, shared, 'for them', { assignee: leaving.id });
  assertOk(await leaving.at.call('DELETE', '/v1/users/me', { password: one.password, messages: 'keep' }), 204);
  assert.equal((await list(ann, shared)).find(({ id }) => id === theirs.id).assignee, undefined);
  for (const end = Date.now() + 15000; ;) {
    const [[left]] = await stack.sql(`SELECT COUNT(*) FROM todo WHERE (kind = 1 AND list = ${room.id}) OR (kind = 2 AND list = ${leaving.id})`);
    if (left === '0') break;
    assert.ok(Date.now() < end, `${left} are left`);
  }
});
