// /v1/categories: what rooms are about.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { MID, TIME, assertInvalid, assertOk, assertProblem, createRoom, people } from './check.mjs';

const stack = await startStack({ conf: { workers: 4 } });
after(() => stack.stop());

const [admin, ann, bob] = await people(stack, 3);
const [admins, anns] = [admin, ann].map((user) => api(stack, user));
const nobody = api(stack);
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${admin.id}`);
const lobby = await subscribed(await client(stack, bob), 'lobby');

const create = (body, who = admins) => who.post('/v1/categories', body);
const list = async (query = '', who = anns) => assertOk(await who.get(`/v1/categories${query}`), 200).categories;
const forget = () => stack.sql('DELETE FROM category; UPDATE room SET category = 0');
const place = ({ seq, mid, ...rest }) => {
  assert.match(mid, MID);
  return rest;
};

test('an admin adds, renames, moves and deletes a category, and the lobby is told', async () => {
  const created = eventOn(lobby, 'category.created');
  const answer = await create({ name: '독서' });
  const { id, created_at: createdAt } = answer.body;
  assert.match(createdAt, TIME);
  assertOk(answer, 201, { id, name: '독서', place: 0, created_at: createdAt, rooms: 0 });
  assert.deepEqual(place(await created), answer.body);
  let expected = answer.body;
  for (const change of [{ name: '어학' }, { place: 3 }, { name: '코딩', place: 1000000 }, { place: 0 }]) {
    const updated = eventOn(lobby, 'category.updated');
    expected = { ...expected, ...change };
    assertOk(await admins.patch(`/v1/categories/${id}`, change), 200, expected);
    assert.deepEqual(place(await updated), expected);
  }
  const before = await stack.sql('SELECT head FROM stream WHERE kind = 3');
  assertOk(await admins.patch(`/v1/categories/${id}`, {}), 200, expected);
  assert.deepEqual(await stack.sql('SELECT head FROM stream WHERE kind = 3'), before);
  const deleted = eventOn(lobby, 'category.deleted');
  assertOk(await admins.del(`/v1/categories/${id}`), 204);
  assert.deepEqual(place(await deleted), expected);
  assertProblem(await admins.del(`/v1/categories/${id}`), 'not-found');
  assertProblem(await admins.patch(`/v1/categories/${id}`, { place: 1 }), 'not-found');
  assert.deepEqual(await list(), []);
});

test('the list is in its order, with the number of listed rooms and the newest of them', async () => {
  const made = [];
  for (const [name, at] of [['last', 9], ['second', 5], ['third', 5], ['first', 0]]) made.push(assertOk(await create({ name, place: at }), 201));
  assert.deepEqual((await list()).map(({ name }) => name), ['first', 'second', 'third', 'last']);
  const category = made[1].id;
  const rooms = [];
  for (let i = 0; i < 22; i++) rooms.unshift(await createRoom(stack, i % 2 ? ann : bob, { category, title: `r${i}` }));
  await createRoom(stack, ann, { category, kind: 'group' });
  await createRoom(stack, ann, { category, kind: 'secret', hidden: true });
  await createRoom(stack, ann);
  assert.deepEqual((await list()).map(({ rooms: n }) => n), [0, 22, 0, 0]);
  const [none, full] = await list('?include=rooms');
  assert.deepEqual(none, { ...made[3], newest: [] });
  assert.deepEqual(full, { ...made[1], rooms: 22, newest: rooms.slice(0, 20).map((room) => ({ ...room, joined: room.host === ann.id })) });
  for (const include of ['', 'members', 'Rooms']) assertInvalid(await anns.get(`/v1/categories?include=${include}`), 'include');
  await forget();
});

test('a category that is deleted leaves its rooms without one, seen or not', async () => {
  const [gone, kept] = [assertOk(await create({ name: 'gone' }), 201), assertOk(await create({ name: 'kept' }), 201)];
  const rooms = [];
  for (const kind of ['public', 'secret', 'group']) rooms.push(await createRoom(stack, ann, { kind, category: gone.id }));
  rooms.push(await createRoom(stack, ann, { kind: 'secret', hidden: true, category: gone.id }));
  const other = await createRoom(stack, ann, { category: kept.id });
  assertOk(await admins.del(`/v1/categories/${gone.id}`), 204);
  for (const room of rooms) assertOk(await anns.get(`/v1/rooms/${room.id}`), 200, { ...room, category: 0 });
  assertOk(await anns.get(`/v1/rooms/${other.id}`), 200, other);
  assertInvalid(await anns.patch(`/v1/rooms/${other.id}`, { category: gone.id }), 'category');
  await forget();
});

test('a room never ends in a category that is being deleted', async () => {
  for (let round = 0; round < 5; round++) {
    const { id } = assertOk(await create({ name: `doomed ${round}` }), 201);
    const room = await createRoom(stack, ann);
    const [deleted, ...others] = await Promise.all([
      admins.del(`/v1/categories/${id}`),
      ...Array.from({ length: 4 }, () => anns.post('/v1/rooms', { title: 'tea', kind: 'public', category: id })),
      ...Array.from({ length: 4 }, () => anns.patch(`/v1/rooms/${room.id}`, { category: id })),
      ...Array.from({ length: 4 }, (_, i) => anns.patch(`/v1/rooms/${room.id}`, { title: `t${i}` })),
    ]);
    assertOk(deleted, 204);
    for (const answer of others) assert.ok([200, 201, 422].includes(answer.status), JSON.stringify(answer.body));
    assert.deepEqual(await stack.sql(`SELECT id FROM room WHERE category = ${id}`), []);
  }
});

test('a name is given once, whatever its case', async () => {
  const tea = assertOk(await create({ name: 'Tea' }), 201);
  const milk = assertOk(await create({ name: 'Milk' }), 201);
  for (const name of ['Tea', 'tea', 'TEA ']) {
    assertProblem(await create({ name }), 'name-taken');
    assertProblem(await admins.patch(`/v1/categories/${milk.id}`, { name }), 'name-taken');
  }
  assertOk(await admins.patch(`/v1/categories/${tea.id}`, { name: 'TEA' }), 200, { ...tea, name: 'TEA' });
  const answers = await Promise.all(Array.from({ length: 8 }, () => create({ name: 'at once' })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
  await forget();
});

test('the fields have their limits', async () => {
  const one = assertOk(await create({ name: '가'.repeat(30) }), 201);
  for (const [field, ...values] of [['name', '', ' ', 'a\nb', 'x'.repeat(31), 5, null], ['place', -1, 1000001, 1.5, '1', null],
    ['rooms', 5], ['id', 7], ['created_at', '2020-01-01']]) {
    for (const value of values) {
      assertInvalid(await create({ name: 'fine', [field]: value }), field);
      assertInvalid(await admins.patch(`/v1/categories/${one.id}`, { [field]: value }), field);
    }
  }
  assertInvalid(await create({}), 'name');
  assert.equal((await list()).length, 1);
  await forget();
});

test('there are at most a hundred, however many are added at once', async () => {
  await stack.sql("INSERT INTO category (name, created_at) SELECT CONCAT('c', seq), UTC_TIMESTAMP(3) FROM seq_1_to_95");
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => create({ name: `more ${i}` })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(5).fill(201), ...Array(7).fill(409)]);
  assertProblem(answers.find(({ status }) => status === 409), 'limit-reached');
  assert.equal((await list()).length, 100);
  await forget();
});

test('only admins keep the list, and only those who are logged in see it', async () => {
  const { id } = assertOk(await create({ name: 'mine' }), 201);
  for (const [who, slug] of [[anns, 'forbidden'], [nobody, 'unauthenticated']]) {
    assertProblem(await create({ name: 'theirs' }, who), slug);
    assertProblem(await who.patch(`/v1/categories/${id}`, { name: 'theirs' }), slug);
    assertProblem(await who.del(`/v1/categories/${id}`), slug);
  }
  assertProblem(await nobody.get('/v1/categories'), 'unauthenticated');
  assert.deepEqual((await list()).map(({ name }) => name), ['mine']);
  await forget();
});

test('with open_categories everybody adds, and only admins change', async () => {
  const open = await startStack({ conf: { open_categories: 'on' } });
  try {
    const [one] = await people(open, 1);
    const ones = api(open, one);
    const { id } = assertOk(await create({ name: 'theirs' }, ones), 201);
    assertProblem(await ones.patch(`/v1/categories/${id}`, { name: 'x' }), 'forbidden');
    assertProblem(await ones.del(`/v1/categories/${id}`), 'forbidden');
    assertProblem(await create({ name: 'x' }, api(open)), 'unauthenticated');
  } finally {
    await open.stop();
  }
});

test('no statement reads all rooms', async () => {
  await stack.sql(`INSERT INTO room (kind, title, host, members, max_members, created_at, category, hidden)
    SELECT IF(seq % 3, 'public', 'secret'), 'r', 0, 0, 10, UTC_TIMESTAMP(3), seq % 50, seq % 2 AND NOT seq % 3 FROM seq_1_to_5000;
    ANALYZE TABLE room`);
  for (const statement of ['UPDATE room SET category = 0 WHERE listed IN (0, 1) AND category = 7',
    'SELECT COUNT(*) FROM room r WHERE r.listed = 1 AND r.category = 7',
    'SELECT * FROM room_view v WHERE v.listed = 1 AND v.category = 7 ORDER BY v.id DESC LIMIT 20']) {
    const [[, , , type, , key]] = await stack.sql(`EXPLAIN ${statement}`);
    assert.match(`${type} ${key}`, /^(ref|range) category$/, statement);
  }
});
