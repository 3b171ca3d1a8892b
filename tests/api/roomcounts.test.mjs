// The numbers of listed rooms that lists tell are kept beside the rooms: whatever happens, and however much of it at once, they
// are what one counts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { api, root, startStack } from '../harness.mjs';
import { ROOM_PASSWORD, assertInvalid, assertOk, createRoom, people } from './check.mjs';

const stack = await startStack({ conf: { workers: 8 } });
after(() => stack.stop());

const users = await people(stack, 6);
const [admin, host, other] = users;
const [admins, hosts] = [admin, host].map((user) => api(stack, user));
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${admin.id}`);

const addCategory = async (name) => assertOk(await admins.post('/v1/categories', { name }), 201).id;
const total = async (query) => assertOk(await hosts.get(`/v1/rooms?total=1&limit=1&${query}`), 200).total;
const roomsOf = async (id) => assertOk(await hosts.get('/v1/categories'), 200).categories.find((one) => one.id === id)?.rooms;

// Zeros are as good as no row.
const kept = () => stack.sql('SELECT category, kind, rooms FROM room_count WHERE rooms <> 0 ORDER BY category, kind');
const counted = () => stack.sql(`
  SELECT category, kind, COUNT(*) FROM room WHERE listed = 1 AND category > 0 GROUP BY category, kind
  UNION ALL SELECT 0, kind, COUNT(*) FROM room WHERE listed = 1 GROUP BY kind ORDER BY 1, 2`);
async function assertExact() {
  assert.deepEqual(await kept(), await counted());
  const wrong = await stack.sql('SELECT t.room, t.tag FROM room_tag t LEFT JOIN room r ON r.id = t.room WHERE t.listed <> COALESCE(r.listed, -1)');
  assert.deepEqual(wrong, []);
}

test('a room is counted while it is listed, where it is', async () => {
  const [here, there] = [await addCategory('here'), await addCategory('there')];
  const shown = async () => [await roomsOf(here), await roomsOf(there), await total(''), await total('kind=secret'), await total('tag=tea'),
    await total(`category=${here}`), await total(`category=${there}&kind=secret`), await total('free=1&kind=secret')];
  assert.deepEqual(await shown(), [0, 0, 0, 0, 0, 0, 0, 0]);
  const room = await createRoom(stack, host, { kind: 'secret', category: here, tags: ['tea', 'milk'], max_members: 2 });
  const path = `/v1/rooms/${room.id}`;
  const steps = [
    [() => hosts.patch(path, { title: 'else' }), [1, 0, 1, 1, 1, 1, 0, 1]],
    [() => hosts.patch(path, { hidden: true, category: there }), [0, 0, 0, 0, 0, 0, 0, 0]],
    [() => hosts.patch(path, { tags: ['tea'] }), [0, 0, 0, 0, 0, 0, 0, 0]],
    [() => hosts.patch(path, { hidden: false }), [0, 1, 1, 1, 1, 0, 1, 1]],
    [() => hosts.patch(path, { category: here }), [1, 0, 1, 1, 1, 1, 0, 1]],
    [() => hosts.patch(path, { category: here, tags: [] }), [1, 0, 1, 1, 0, 1, 0, 1]],
    [() => hosts.patch(path, { category: 0, tags: ['tea'] }), [0, 0, 1, 1, 1, 0, 0, 1]],
    [() => api(stack, other).put(`${path}/members/me`, { password: ROOM_PASSWORD }), [0, 0, 1, 1, 1, 0, 0, 0]],
    [() => hosts.del(path), [0, 0, 0, 0, 0, 0, 0, 0]],
  ];
  for (const [step, expected] of steps) {
    const { status, body } = await step();
    assert.ok(status < 300, JSON.stringify(body));
    assert.deepEqual(await shown(), expected, String(step));
    await assertExact();
  }
  for (const kind of ['group', 'public']) await createRoom(stack, host, { kind, category: here });
  assert.deepEqual(await shown(), [1, 0, 1, 0, 0, 1, 0, 0]);
  const deleted = await stack.sql('SELECT COALESCE(MAX(head), 0) FROM stream WHERE kind = 3');
  assertOk(await admins.del(`/v1/categories/${here}`), 204);
  const [[data]] = await stack.sql(`SELECT data FROM event WHERE kind = 3 AND seq > ${deleted[0][0]}`);
  assert.equal(JSON.parse(data).rooms, 1);
  assert.deepEqual(await shown(), [undefined, 0, 1, 0, 0, 0, 0, 0]);
  assert.deepEqual(await stack.sql(`SELECT * FROM room_count WHERE category = ${here}`), []);
  await assertExact();
});

test('what is refused counts nothing', async () => {
  const before = await kept();
  for (const wrong of [{ tags: ['a', 'A'] }, { category: 4711 }, { hidden: true }]) {
    for (const kind of ['public', 'group']) assertInvalid(await hosts.post('/v1/rooms', { title: 't', kind, ...wrong }), Object.keys(wrong)[0]);
  }
  assert.deepEqual(await kept(), before);
  await assertExact();
});

// Everybody does something to any room or category, as it comes.
test('the numbers are exact however much happens at once', async () => {
  const everybody = users.map((user) => api(stack, user));
  let categories = [];
  for (let i = 0; i < 4; i++) categories.push(await addCategory(`busy ${i}`));
  const rooms = await Promise.all(users.flatMap((user, i) => Array.from({ length: 5 }, (_, k) => createRoom(stack, user,
    { kind: k % 2 ? 'secret' : 'public', category: categories[(i + k) % 4], tags: ['busy'] }).then((room) => ({ ...room, i })))));
  for (let round = 0; round < 4; round++) {
    const doomed = categories[0];
    const any = (list, n) => list[n % list.length];
    const calls = rooms.flatMap(({ id, kind, i }, n) => {
      const [mine, path] = [everybody[i], `/v1/rooms/${id}`];
      return [
        mine.patch(path, { category: any(categories, n + round) }),
        kind === 'secret' ? mine.patch(path, { hidden: (n + round) % 3 > 0 }) : mine.patch(path, { tags: ['busy', `r${round}`] }),
        mine.post('/v1/rooms', { title: 'new', kind: 'public', category: any(categories, n * 3 + round), tags: ['busy'] }),
        ...(n % 4 === round ? [mine.del(path), mine.del(path)] : []),
      ];
    });
    const answers = await Promise.all([...calls, admins.del(`/v1/categories/${doomed}`)]);
    for (const { status, body } of answers) assert.ok([200, 201, 204, 404, 422].includes(status), JSON.stringify(body));
    assert.equal(answers.at(-1).status, 204);
    await assertExact();
    categories = [...categories.slice(1), await addCategory(`busy ${round + 4}`)];
  }
  const [[tagged]] = await stack.sql("SELECT COUNT(*) FROM room WHERE listed = 1 AND JSON_CONTAINS(tags, '\"busy\"')");
  assert.equal(await total('tag=busy'), Number(tagged));
});

test('the schema counts what was there before there were numbers', async () => {
  for (let i = 0; i < 3; i++) await createRoom(stack, host, { category: await addCategory(`old ${i}`), tags: ['seen'] });
  const before = await kept();
  assert.ok(before.length > 4);
  const listed = await stack.sql('SELECT room, tag FROM room_tag WHERE listed = 1 ORDER BY room, tag');
  await createRoom(stack, host, { kind: 'secret', hidden: true, tags: ['unseen'] });
  await stack.sql(`DELETE FROM room_count; ALTER TABLE room_tag DROP KEY shown, DROP COLUMN listed, ADD KEY tag (tag, room);
    ALTER TABLE room DROP KEY seats, ADD KEY fullest (listed, members, id)`);
  for (let i = 0; i < 2; i++) {
    await stack.sql(readFileSync(join(root, 'schema.sql'), 'utf8'));
    assert.deepEqual(await kept(), before);
    assert.deepEqual(await stack.sql('SELECT room, tag FROM room_tag WHERE listed = 1 ORDER BY room, tag'), listed);
    await assertExact();
  }
  assert.deepEqual(await stack.sql("SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = 'maru' AND index_name IN ('fullest', 'seats', 'shown')"
    + " OR (table_schema = 'maru' AND table_name = 'room_tag' AND index_name = 'tag') ORDER BY 1"), [['seats'], ['shown']]);
});
