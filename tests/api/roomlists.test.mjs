// GET /v1/rooms and GET /v1/users/me/rooms: searching, conditions, orders, pages and numbers.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, signUp, startStack, until } from '../harness.mjs';
import { ROOM_PASSWORD, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup } from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const nobody = api(stack);
const [host, ann, stranger] = await people(stack, 3);
const [hosts, anns, strangers] = [host, ann, stranger].map((user) => api(stack, user));

const query = (values) => new URLSearchParams(values).toString();
const list = async (values, who = strangers) => assertOk(await who.get(`/v1/rooms?${query(values)}`), 200);
const ids = ({ rooms }) => rooms.map(({ id }) => id);
const found = async (values, who) => ids(await list(values, who));

// Every page of a list.
async function pages(values, who) {
  const all = [];
  for (let cursor = ''; cursor !== null;) {
    const { rooms, next } = await list({ ...values, cursor }, who);
    assert.ok(rooms.length <= values.limit);
    assert.ok(rooms.length === Number(values.limit) || next === null);
    all.push(...rooms.map(({ id }) => id));
    cursor = next;
  }
  return all;
}

const create = async (title, room = {}) => createRoom(stack, host, { title, ...room });

// What other endpoints will be able to set.
async function set(room, { category = 0, tags = [], members, likes, hidden = 0 }) {
  const sets = [`category = ${category}`, `hidden = ${hidden}`];
  if (members !== undefined) sets.push(`members = ${members}`);
  if (likes !== undefined) sets.push(`likes = ${likes}`);
  await stack.sql(`UPDATE room SET ${sets.join(', ')} WHERE id = ${room.id};
    ${tags.map((tag) => `INSERT INTO room_tag SELECT id, '${tag}', listed FROM room WHERE id = ${room.id};`).join('')}
    CALL rooms_recount()`);
  return room;
}

const CATEGORY = 4711;
const shelf = []; // in the order of creation
async function fillShelf() {
  for (const [i, room] of [
    { title: 'alpha one', tags: ['Tea', 'green'], members: 3, likes: 9 },
    { title: 'alpha two', tags: ['tea'], members: 3, likes: 1, kind: 'secret' },
    { title: 'beta three', tags: ['coffee'], members: 10, likes: 1 },
    { title: 'alpha four', tags: ['tea', 'coffee'], members: 1, likes: 0, max_members: 5 },
    { title: 'beta five', tags: ['tea'], members: 5, likes: 5, max_members: 5, kind: 'secret' },
    { title: 'alpha six', tags: [], members: 2, likes: 9, max_members: 2 },
  ].entries()) {
    const made = await create(`shelf ${room.title}`, { kind: room.kind ?? 'public', max_members: room.max_members ?? 1000 });
    shelf.push(await set(made, { ...room, category: i === 2 ? CATEGORY + 1 : CATEGORY }));
  }
}
await fillShelf();

// ---- searching

test('any part of a title finds a room, whatever the case or the form of its letters', async () => {
  const room = await create('Zürich Quartett №5');
  for (const q of ['Zürich Quartett №5', 'zü', 'QUARTETT', 'art', 'tt n', 'ttno', 'q', 'Zu\u0308rich', 'ＱＵＡＲ', 'no5', ' zürich  ']) {
    assert.deepEqual(await found({ q }), [room.id], q);
  }
  for (const q of ['quartettz', 'zurich', 'quartet 5', 'ztt', '6']) assert.deepEqual(await found({ q }), [], q);
});

test('Korean, Japanese, Chinese and emoji are found by any part', async () => {
  const korean = await create('매일 아침 스터디 모임');
  const japanese = await create('東京で日本語');
  const emoji = await create('🍵 and 👩‍👩‍👧');
  for (const q of ['스터디', '터디', '터', '아침스터', '침 스', '매일 아침 스터디 모임', '\u1109\u1173\u1110\u1165']) assert.deepEqual(await found({ q }), [korean.id], q);
  for (const q of ['日本', '京で日', '語', 'で']) assert.deepEqual(await found({ q }), [japanese.id], q);
  for (const q of ['🍵', '🍵and', '👩‍👧']) assert.deepEqual(await found({ q }), [emoji.id], q);
});

test('initial consonants find Korean titles', async () => {
  const room = await create('자격증 스터디');
  const other = await create('코딩 스터디 ㅋㅋㅠㅠ');
  for (const [q, expected] of [['ㅈㄱㅈ', [room]], ['ㅅㅌㄷ', [other, room]], ['ㅈㅅㅌ', [room]], ['ㄷㅅ', [other]], ['ㄷ ㅅ', [other]],
    ['ㅌ', [other, room]], ['스ㅌ', [other, room]], ['코ㄷ', [other]], ['ㅋㅋ', [other]], ['ㅠㅠ', [other]], ['ㅋㄷ', [other]], ['ㅌㅌ', []]]) {
    const seen = (await found({ q })).filter((id) => id >= room.id);
    assert.deepEqual(seen, expected.map(({ id }) => id), q);
  }
});

test('what looks like a pattern or SQL is text', async () => {
  const room = await create('100%_a.*b[c]^$|\\d(x)');
  for (const q of ['%', '_', '.*', '[c]', '^$', '|', '\\d', '(x)', '0%_a.*b[', '\\']) assert.deepEqual(await found({ q }), [room.id], q);
  for (const q of ["' OR 1=1 -- ", '\\E', '[^z]', '(?i)', "%' ", '\\Q']) assert.deepEqual(await found({ q }), [], q);
});

test('a search for nothing, too much or no text is refused', async () => {
  for (const q of ['%20', '%E3%80%80', '%00x', 'x'.repeat(101)]) {
    const answer = await strangers.get(`/v1/rooms?q=${q}`);
    if (q === '%00x') assertOk(answer, 200); // no value at all, as everywhere
    else assertInvalid(answer, 'q');
  }
  assertInvalid(await strangers.get('/v1/rooms?q=%FF'), 'q');
  assertInvalid(await strangers.get('/v1/rooms?tag=%FF'), 'tag');
  assertOk(await strangers.get(`/v1/rooms?q=${'x'.repeat(100)}`), 200, { rooms: [], next: null });
  assert.ok((await found({ q: '' })).length > 0);
});

test('a new title is found and the old one no more; a deleted room not at all', async () => {
  const room = await create('first-name');
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'second-name' }), 200);
  assert.deepEqual([await found({ q: 'first-name' }), await found({ q: 'second-name' })], [[], [room.id]]);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { description: 'x' }), 200);
  assert.deepEqual(await found({ q: 'second-name' }), [room.id]);
  assertOk(await hosts.del(`/v1/rooms/${room.id}`), 204);
  assert.deepEqual(await found({ q: 'second-name' }), []);
  assert.deepEqual(await stack.sql(`SELECT (SELECT COUNT(*) FROM gram WHERE kind = 1 AND id = ${room.id}),
    (SELECT COUNT(*) FROM gram_text WHERE kind = 1 AND id = ${room.id})`), [['0', '0']]);
});

test('many new rooms and new titles at the same time: each is found by the title that it has', async () => {
  const made = await Promise.all(Array.from({ length: 30 }, () => create('parallel 평행')));
  assert.deepEqual(await found({ q: 'ㅍㅎ', limit: 100 }), made.map(({ id }) => id).sort((a, b) => b - a));
  const [room] = made;
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => hosts.patch(`/v1/rooms/${room.id}`, { title: `title-${String.fromCharCode(97 + i)}x` })));
  for (const answer of answers) assertOk(answer, 200);
  const { title } = assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200);
  assert.deepEqual(await found({ q: title }), [room.id]);
  for (let i = 0; i < 20; i++) assert.deepEqual(await found({ q: `-${String.fromCharCode(97 + i)}x` }), title === `title-${String.fromCharCode(97 + i)}x` ? [room.id] : []);
  const [[rows]] = await stack.sql(`SELECT COUNT(*) FROM gram WHERE kind = 1 AND id = ${room.id}`);
  assert.equal(Number(rows), new Set([...title, ...Array.from(title, (_, i) => title.slice(i, i + 2))]).size);
});

test('rooms that are older than searches are indexed when the api starts, and only once', async () => {
  await stack.sql(`INSERT INTO room (kind, title, host, members, max_members, created_at)
      SELECT ELT(1 + seq MOD 3, 'public', 'secret', 'group'), CONCAT('앤티크 ', seq), ${host.id}, 1, 10, UTC_TIMESTAMP(3) FROM seq_1_to_75;
    INSERT INTO stream (kind, id) SELECT 1, id FROM room WHERE title LIKE '앤티크 %'`);
  const old = (await stack.sql("SELECT id FROM room WHERE title LIKE '앤티크 %' AND kind <> 'group' ORDER BY id DESC")).flat().map(Number);
  assert.deepEqual(await found({ q: 'ㅇㅌㅋ', limit: 100 }), []);
  await stack.restart('api');
  await until(async () => (await list({ q: '앤티크', total: 1, limit: 1 })).total === old.length, 20000, 'old rooms to be found');
  assert.deepEqual(await found({ q: 'ㅇㅌㅋ', limit: 100 }), old);
  assert.deepEqual(await stack.sql("SELECT COUNT(*) FROM gram_text t JOIN room r ON r.id = t.id WHERE t.kind = 1 AND r.kind = 'group'"), [['0']]);
});

test('groups and hidden rooms are neither found nor counted, not even by their members', async () => {
  const mark = 'wombat';
  const open = await create(`${mark} a`);
  const secret = await create(`${mark} b`, { kind: 'secret' });
  const hidden = await set(await create(`${mark} c`, { kind: 'secret' }), { hidden: 1, tags: [mark] });
  const group = await create(`${mark} d`, { kind: 'group' });
  await stack.sql(`INSERT INTO room_tag VALUES (${group.id}, '${mark}', 0); UPDATE room SET category = 7700 WHERE id IN (${hidden.id}, ${group.id})`);
  for (const who of [hosts, strangers]) {
    const { rooms, total } = await list({ q: mark, total: 1 }, who);
    assert.deepEqual([rooms.map(({ id }) => id), total], [[secret.id, open.id], 2]);
    for (const sort of ['new', 'members', 'likes']) {
      assert.deepEqual(await list({ tag: mark, sort, total: 1 }, who), { rooms: [], next: null, total: 0 });
      assert.deepEqual(await list({ category: 7700, sort, total: 1 }, who), { rooms: [], next: null, total: 0 });
      assert.ok(!(await found({ sort, limit: 100 }, who)).some((id) => id === hidden.id || id === group.id));
    }
  }
  assertInvalid(await strangers.get('/v1/rooms?kind=group'), 'kind');
});

test('a room of the list looks as it does alone', async () => {
  const room = await create('as it is alone');
  await joinRoom(stack, ann, room);
  assertOk(await anns.put(`/v1/rooms/${room.id}/like`), 200);
  for (const who of [anns, strangers]) {
    const alone = assertOk(await who.get(`/v1/rooms/${room.id}`), 200);
    assert.deepEqual((await list({ q: 'as it is alone' }, who)).rooms, [alone]);
  }
});

// ---- conditions and orders

// The places of rooms on the shelf, and how many there are.
async function places(values) {
  const whole = await list({ ...values, total: 1, limit: 100 });
  const [rooms, small] = [ids(whole), await pages({ ...values, limit: 2 })];
  assert.deepEqual(small, rooms, JSON.stringify(values));
  assert.equal(whole.total, rooms.length, JSON.stringify(values));
  return rooms.map((id) => shelf.findIndex((room) => room.id === id)).filter((i) => i >= 0);
}

test('conditions can be combined freely, in every order', async () => {
  const rooms = [
    { word: 'alpha', tags: ['tea', 'green'], members: 3, likes: 9, kind: 'public', full: false, category: CATEGORY },
    { word: 'alpha', tags: ['tea'], members: 3, likes: 1, kind: 'secret', full: false, category: CATEGORY },
    { word: 'beta', tags: ['coffee'], members: 10, likes: 1, kind: 'public', full: false, category: CATEGORY + 1 },
    { word: 'alpha', tags: ['tea', 'coffee'], members: 1, likes: 0, kind: 'public', full: false, category: CATEGORY },
    { word: 'beta', tags: ['tea'], members: 5, likes: 5, kind: 'secret', full: true, category: CATEGORY },
    { word: 'alpha', tags: [], members: 2, likes: 9, kind: 'public', full: true, category: CATEGORY },
  ];
  const choices = {
    q: [undefined, 'SHELF ALPHA', 'shelf'], tag: [undefined, 'TEA', 'coffee'], category: [undefined, CATEGORY],
    kind: [undefined, 'public', 'secret'], free: [undefined, 1], sort: [undefined, 'members', 'likes'],
  };
  const all = Object.entries(choices).reduce((lists, [name, values]) => lists.flatMap((one) =>
    values.map((value) => (value === undefined ? one : { ...one, [name]: value }))), [{}]);
  for (const want of all) {
    const matches = rooms.map((room, i) => ({ ...room, i })).filter((room) => (!want.q || `shelf ${room.word}`.includes(want.q.toLowerCase()))
      && (!want.tag || room.tags.includes(want.tag.toLowerCase())) && (!want.category || room.category === want.category)
      && (!want.kind || room.kind === want.kind) && (!want.free || !room.full));
    const value = ({ members, likes }) => ({ members, likes, undefined: 0 })[want.sort];
    const expected = matches.sort((a, b) => value(b) - value(a) || b.i - a.i).map(({ i }) => i);
    assert.deepEqual(await places(want), expected, JSON.stringify(want));
  }
});

test('a search with more than 500 rooms goes from page to page, and counts to 1000', async () => {
  await stack.sql(`INSERT INTO room (kind, title, host, members, max_members, likes, created_at)
      SELECT 'public', 'qqqq', 0, 1 + seq % 7, 1000, seq % 11, UTC_TIMESTAMP(3) FROM seq_1_to_1100;
    CALL rooms_recount();
    INSERT INTO gram_text SELECT 1, id, 'qqqq' FROM room WHERE title = 'qqqq';
    INSERT INTO gram SELECT 1, g, id FROM room, (SELECT 'q' AS g UNION SELECT 'qq') gs WHERE title = 'qqqq'`);
  for (const [sort, order] of [['new', 'id DESC'], ['members', 'members DESC, id DESC'], ['likes', 'likes DESC, id DESC']]) {
    const expected = await stack.sql(`SELECT id FROM room WHERE title = 'qqqq' ORDER BY ${order}`);
    for (const q of ['qqq', 'qq']) assert.deepEqual((await pages({ q, sort, limit: 100 })).map(String), expected.flat(), `${q} by ${sort}`);
  }
  const { total, total_is_more: more } = await list({ q: 'qq', total: 1, limit: 1 });
  assert.deepEqual([total, more], [1000, true]);
  await stack.sql("DELETE FROM room WHERE title = 'qqqq' ORDER BY id LIMIT 100");
  const exact = await list({ q: 'q q', total: 1, limit: 1 });
  assert.deepEqual([exact.total, 'total_is_more' in exact], [1000, false]);
  assert.equal((await list({ q: 'qqqqq', total: 1 })).total, 0);
  assert.ok((await list({ total: 1, limit: 1 })).total > 1000);
  await stack.sql("DELETE FROM room WHERE title = 'qqqq'; CALL rooms_recount()");
});

test('words that are not known are refused', async () => {
  for (const [name, values] of Object.entries({ sort: ['old', 'NEW', 'new|members', 'ne', "new' "], kind: ['direct', 'Public', 'x'], free: ['yes', '2', '01'],
    total: ['true', '-1'], category: ['x', '-1', '1.5', "1' OR 1=1"], limit: ['x'], cursor: ['x', '-1', '1:2'] })) {
    for (const value of values) assertInvalid(await strangers.get(`/v1/rooms?${query({ [name]: value })}`), name);
  }
  for (const cursor of ['x', '12', '1:', ':1', '1:2:3', '-1:2', '1:x', '1;2', '1234567890123456789:1', '1:%00']) {
    assertInvalid(await strangers.get(`/v1/rooms?${query({ sort: 'likes', cursor })}`), 'cursor');
  }
  assertOk(await strangers.get('/v1/rooms?sort=members&cursor=0:1'), 200, { rooms: [], next: null });
  assertOk(await strangers.get('/v1/rooms?sort=&kind=&free=&total=&q=&tag=&category=&limit=&cursor='), 200);
  for (const path of ['/v1/rooms?q=tea', '/v1/users/me/rooms?role=host']) assertProblem(await nobody.get(path), 'unauthenticated');
});

// ---- my page

test('my page has tabs with their numbers', async () => {
  const me = await signUp(stack);
  const mine = api(stack, me);
  const tab = async (values) => {
    const { rooms, total, next } = assertOk(await mine.get(`/v1/users/me/rooms?${query({ ...values, total: 1 })}`), 200);
    assert.deepEqual([next, total], [null, rooms.length]);
    return rooms.map(({ id }) => id);
  };
  const [own, group] = [await createRoom(stack, me), await createRoom(stack, me, { kind: 'group' })];
  const [joined, led, seen] = [await create('joined'), await create('led'), await create('only liked')];
  for (const room of [joined, led]) await joinRoom(stack, me, room);
  await stack.sql(`UPDATE member SET role = 'moderator' WHERE room = ${led.id} AND user = ${me.id}`);
  for (const room of [joined, group, seen]) assertOk(await mine.put(`/v1/rooms/${room.id}/like`), 200);
  const of = (...rooms) => rooms.map(({ id }) => id);
  assert.deepEqual(await tab({}), of(led, joined, group, own));
  assert.deepEqual(await tab({ role: 'host' }), of(group, own));
  assert.deepEqual(await tab({ role: 'host', kind: 'group' }), of(group));
  assert.deepEqual(await tab({ role: 'moderator' }), of(led));
  assert.deepEqual(await tab({ role: 'member' }), of(joined));
  assert.deepEqual(await tab({ liked: 1 }), of(seen, joined, group));
  assert.deepEqual(await tab({ liked: 1, kind: 'public' }), of(seen, joined));
  assert.deepEqual(await tab({ liked: 1, role: 'member' }), of(joined));
  assert.deepEqual(await tab({ liked: 1, role: 'host' }), of(group));
  assert.deepEqual(await tab({ kind: 'direct' }), []);
  const first = assertOk(await mine.get('/v1/users/me/rooms?liked=1&limit=2&total=1'), 200);
  assert.deepEqual([first.rooms.map(({ id }) => id), first.next, first.total], [of(seen, joined), joined.id, 3]);
  const { rooms: rest } = assertOk(await mine.get(`/v1/users/me/rooms?liked=1&limit=2&cursor=${first.next}`), 200);
  assert.deepEqual(rest, [{ ...group, liked: true, likes: 1 }]);
  for (const [name, value] of [['role', 'admin'], ['role', 'h'], ['liked', '2'], ['kind', 'x'], ['total', 'x'], ['cursor', '1:1']]) {
    assertInvalid(await mine.get(`/v1/users/me/rooms?${query({ [name]: value })}`), name);
  }
});

test('a liked room that one may no longer know of is in no list', async () => {
  const me = await signUp(stack);
  const mine = api(stack, me);
  const group = await create('liked group', { kind: 'group' });
  await putIntoGroup(stack, me, group);
  const secret = await create('liked secret', { kind: 'secret' });
  await joinRoom(stack, me, secret, ROOM_PASSWORD);
  const gone = await create('liked and gone');
  for (const room of [group, secret, gone]) assertOk(await mine.put(`/v1/rooms/${room.id}/like`), 200);
  await set(secret, { hidden: 1 });
  const liked = async () => assertOk(await mine.get('/v1/users/me/rooms?liked=1&total=1'), 200);
  assert.deepEqual(ids(await liked()), [gone.id, secret.id, group.id]);
  for (const room of [group, secret]) assertOk(await mine.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertOk(await hosts.del(`/v1/rooms/${gone.id}`), 204);
  assert.deepEqual(await liked(), { rooms: [], next: null, total: 0 });
});
