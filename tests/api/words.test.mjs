// GET /v1/words, POST /v1/words, DELETE /v1/words/:word, GET /v1/rooms/:room/words, POST /v1/rooms/:room/words,
// DELETE /v1/rooms/:room/words/:word
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { freshName, startStack, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, createRoom, say } from './check.mjs';
import { cast, directRoom, headOf, roomOfFour } from './ranks.mjs';

// One worker, which knows at once what it was told itself; in `busy` there are others, who hear of it later.
const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 1 } });
after(() => stack.stop());
const busy = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => busy.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

const pathOf = (room, word) => `/v1${room ? `/rooms/${room.id}` : ''}/words${word === undefined ? '' : `/${word.id ?? word}`}`;
const add = (user, room, word, action = 'refuse') => user.at.post(pathOf(room), { word, action });
const list = async (user, room) => assertOk(await user.at.get(pathOf(room)), 200).words;
const remove = (user, room, word) => user.at.del(pathOf(room, word));

const refused = async (room, body, user = ann) => assertProblem(await say(stack, user, room, body), 'refused-word');
const taken = async (room, body, as = body, user = ann) => assert.equal(assertOk(await say(stack, user, room, body), 201).body, as);

test('moderators keep the words of their room', async () => {
  const room = await scene();
  const head = await headOf(stack, room);
  const first = assertOk(await add(moderator, room, '나쁜말', 'refuse'), 201);
  assert.match(first.created_at, TIME);
  assert.deepEqual(first, { id: first.id, room: room.id, word: '나쁜말', action: 'refuse', created_at: first.created_at });
  const second = assertOk(await add(host, room, 'Darn', 'mask'), 201);
  for (const user of [moderator, host, admin]) assert.deepEqual(await list(user, room), [first, second]);
  assertProblem(await add(host, room, 'darn', 'refuse'), 'conflict');
  assertOk(await remove(moderator, room, second), 204);
  assertProblem(await remove(moderator, room, second), 'not-found');
  assert.deepEqual(await list(host, room), [first]);
  assert.equal(await headOf(stack, room), head);
  const page = assertOk(await host.at.get(`${pathOf(room)}?limit=1&cursor=0`), 200);
  assert.deepEqual(page, { words: [first], next: null });
});

test('a refused word is not taken, however it is written', async () => {
  const room = await scene();
  assertOk(await add(host, room, 'Sp am'), 201);
  assertOk(await add(host, room, '바보'), 201);
  await refused(room, 'sp am');
  const message = assertOk(await say(stack, host, room, 'plain'), 201);
  const notice = assertOk(await host.at.post(`/v1/rooms/${room.id}/notices`, { body: 'plain' }), 201);
  const head = await headOf(stack, room);
  for (const body of ['SP AM', 'xxsp amxx', 'ｓｐ ａｍ', 's\u200bp \u00a0am', '이 바보야', '바보'.normalize('NFD')]) {
    assertProblem(await say(stack, ann, room, body), 'refused-word');
    assertProblem(await host.at.post(`/v1/rooms/${room.id}/notices`, { body }), 'refused-word');
    assertProblem(await host.at.patch(`/v1/rooms/${room.id}/notices/${notice.id}`, { body }), 'refused-word');
    assertProblem(await host.at.patch(`/v1/rooms/${room.id}/messages/${message.seq}`, { body }), 'refused-word');
  }
  assert.equal(await headOf(stack, room), head);
  assertOk(await say(stack, ann, room, 'sp-am'), 201);
  assertOk(await say(stack, ann, await scene(), 'sp am'), 201);
});

test('a masked word is stored with stars, in whatever is written', async () => {
  const room = await scene();
  assertOk(await add(host, room, 'darn', 'mask'), 201);
  await taken(room, 'oh DARN it, darned', 'oh **** it, ****ed');
  const message = assertOk(await say(stack, ann, room, 'plain'), 201);
  const path = `/v1/rooms/${room.id}/messages/${message.seq}`;
  assert.equal(assertOk(await ann.at.patch(path, { body: 'd\u200barn 🙂' }), 200).body, '**** 🙂');
  const notice = assertOk(await host.at.post(`/v1/rooms/${room.id}/notices`, { body: 'no darn words' }), 201);
  assert.equal(notice.body, 'no **** words');
  assert.equal(assertOk(await host.at.patch(`/v1/rooms/${room.id}/notices/${notice.id}`, { body: 'ＤＡＲＮ' }), 200).body, '****');
  const rest = JSON.stringify([assertOk(await bob.at.get(`/v1/rooms/${room.id}/messages`), 200), assertOk(await bob.at.get(`/v1/rooms/${room.id}/events`), 200)]);
  assert.doesNotMatch(rest, /darn/i);
});

test('the same message again is the same one, masked or not, and also after the words changed', async () => {
  const room = await scene();
  const before = assertOk(await say(stack, ann, room, 'heck and darn', 'before'), 201);
  const heck = assertOk(await add(host, room, 'heck', 'mask'), 201);
  await taken(room, 'heck', '****');
  assertOk(await say(stack, ann, room, 'heck and darn', 'before'), 201, before);
  const masked = assertOk(await say(stack, ann, room, 'what the heck', 'masked'), 201);
  assert.equal(masked.body, 'what the ****');
  for (let i = 0; i < 4; i++) assertOk(await say(stack, ann, room, 'what the heck', 'masked'), 201, masked);
  assertProblem(await say(stack, ann, room, 'what the hell', 'masked'), 'client-id-reused');
  assertOk(await add(host, room, 'darn', 'refuse'), 201);
  await refused(room, 'darn');
  assertOk(await say(stack, ann, room, 'heck and darn', 'before'), 201, before);
  assertProblem(await say(stack, ann, room, 'other darn words', 'before'), 'client-id-reused');
  assertOk(await remove(host, room, heck), 204);
  await taken(room, 'heck');
});

test('admins keep the words that hold anywhere', async () => {
  const [room, group, direct] = [await scene(), await scene({ kind: 'group' }), await directRoom(stack, ann, bob)];
  const word = assertOk(await add(admin, undefined, 'forbidden-word'), 201);
  assert.deepEqual(Object.keys(word).sort(), ['action', 'created_at', 'id', 'word']);
  const mask = assertOk(await add(admin, undefined, 'hidden-word', 'mask'), 201);
  assert.deepEqual(await list(admin), [word, mask]);
  await taken(room, 'hidden-word', '***********');
  for (const where of [room, group, direct]) {
    assertProblem(await say(stack, ann, where, 'a Forbidden-Word'), 'refused-word');
    assert.equal(assertOk(await say(stack, ann, where, 'a hidden-word'), 201).body, 'a ***********');
  }
  for (const [user, slug] of [[nobody, 'unauthenticated'], [ann, 'forbidden'], [host, 'forbidden']]) {
    assertProblem(await user.at.get(pathOf()), slug);
    assertProblem(await add(user, undefined, 'x'), slug);
    assertProblem(await remove(user, undefined, word), slug);
  }
  assertProblem(await remove(host, room, word), 'not-found'); // it is not the room's
  assertProblem(await add(admin, undefined, 'Forbidden-Word', 'mask'), 'conflict');
  assertInvalid(await add(admin, undefined, ''), 'word');
  const own = assertOk(await add(host, room, 'own'), 201);
  assertProblem(await remove(admin, undefined, own), 'not-found');
  for (const one of [word, mask]) assertOk(await remove(admin, undefined, one), 204);
  await taken(room, 'a forbidden-word');
});

test('names, titles and descriptions have none of the words that hold anywhere', async () => {
  const room = await scene();
  const words = [assertOk(await add(admin, undefined, 'unwelcome'), 201), assertOk(await add(admin, undefined, 'starry', 'mask'), 201)];
  for (const text of ['an UNWELCOME text', 'how starry']) {
    assertProblem(await host.at.post('/v1/rooms', { title: text, kind: 'public' }), 'refused-word');
    assertProblem(await host.at.post('/v1/rooms', { title: 'tea', kind: 'group', description: text }), 'refused-word');
    assertProblem(await host.at.patch(`/v1/rooms/${room.id}`, { title: text }), 'refused-word');
    assertProblem(await host.at.patch(`/v1/rooms/${room.id}`, { description: text }), 'refused-word');
    assertProblem(await ann.at.patch(`/v1/rooms/${room.id}`, { title: text }), 'forbidden');
    assertProblem(await ann.at.patch('/v1/users/me', { nickname: text }), 'refused-word');
    assertProblem(await nobody.at.post('/v1/users', { name: freshName(), nickname: text, password: 'correct horse' }), 'refused-word');
  }
  assertOk(await add(host, room, 'lavender'), 201);
  assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { title: 'lavender tea' }), 200); // a room's own words are for what is said in it
  for (const one of words) assertOk(await remove(admin, undefined, one), 204);
  assertOk(await ann.at.patch('/v1/users/me', { nickname: 'starry' }), 200);
});

test('who may not write in a room does not learn its words', async () => {
  const room = await scene({ kind: 'group' });
  const open = await scene();
  for (const where of [room, open]) assertOk(await add(host, where, 'password'), 201);
  await refused(room, 'password');
  await refused(open, 'password');
  assertProblem(await say(stack, stranger, room, 'password'), 'not-found');
  assertProblem(await say(stack, stranger, open, 'password'), 'not-member');
  assertProblem(await nobody.at.post(`/v1/rooms/${open.id}/messages`, { client_id: 'x', body: 'password' }), 'unauthenticated');
  assertProblem(await ann.at.post(`/v1/rooms/${open.id}/notices`, { body: 'password' }), 'forbidden');
  const message = assertOk(await say(stack, ann, open, 'hello'), 201);
  assertProblem(await bob.at.patch(`/v1/rooms/${open.id}/messages/${message.seq}`, { body: 'password' }), 'forbidden');
});

test('only moderators and the host see and change the words of a room', async () => {
  const room = await scene();
  const word = assertOk(await add(host, room, 'secretly'), 201);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [stranger, 'forbidden'], [ann, 'forbidden']]) {
    assertProblem(await user.at.get(pathOf(room)), slug);
    assertProblem(await add(user, room, 'x'), slug);
    assertProblem(await remove(user, room, word), slug);
  }
  assertProblem(await stranger.at.get(pathOf(await scene({ kind: 'group' }))), 'not-found');
  assertProblem(await add(ann, await directRoom(stack, ann, bob), 'x'), 'forbidden');
  assertProblem(await add(host, { id: 999999 }, 'x'), 'not-found');
  const other = await createRoom(stack, ann);
  assertProblem(await remove(ann, other, word), 'not-found');
  assert.deepEqual(await list(host, room), [word]);
});

test('a word is a line of up to 100 characters with an action', async () => {
  const room = await scene();
  for (const word of ['', ' ', '\u200b', 'a\nb', 'x'.repeat(101), 5, null]) assertInvalid(await add(host, room, word), 'word');
  for (const action of ['drop', '', null, 1]) assertInvalid(await add(host, room, 'x', action), 'action');
  assertInvalid(await host.at.post(pathOf(room), {}), 'word', 'action');
  assertInvalid(await host.at.post(pathOf(room), { word: 'x', action: 'mask', room: 0, id: 1 }), 'room', 'id');
  for (const word of ["'); DROP TABLE word; -- ", '%', '_', '.*', '뷁'.repeat(100)]) assertOk(await add(host, room, word), 201);
  await refused(room, '.*');
  assertOk(await say(stack, ann, room, 'anything'), 201);
});

test('a room has at most a thousand words, however many come at once', async () => {
  const others = await cast(busy);
  const room = await createRoom(busy, others.host);
  await busy.sql(`INSERT INTO word (room, word, action, created_at)
    SELECT ${room.id}, CONCAT('word', seq, 'x'), 'mask', UTC_TIMESTAMP(3) FROM seq_1_to_995`);
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => add(others.host, room, `another ${i}`)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(5).fill(201), ...Array(7).fill(409)]);
  assertProblem(await add(others.host, room, 'one more'), 'limit-reached');
  await busy.sql(`UPDATE word SET room = 0 WHERE room = ${room.id}`);
  assertProblem(await add(others.admin, undefined, 'one more'), 'limit-reached');
  await busy.sql('DELETE FROM word WHERE room = 0; UPDATE word_change SET changes = changes + 1');
});

test('all workers hear of a word, and eight equal sends at once are one message whatever they know', async () => {
  const others = await cast(busy);
  const room = await roomOfFour(busy, others);
  assertOk(await add(others.host, room, 'darn', 'mask'), 201);
  await until(async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => say(busy, others.ann, room, 'darn')));
    return answers.every(({ body }) => body.body === '****');
  }, 20000, 'all workers to know the word');
  const { body: said } = await say(busy, others.ann, room, 'darn it', 'one');
  for (const answer of await Promise.all(Array.from({ length: 8 }, () => say(busy, others.ann, room, 'darn it', 'one')))) assertOk(answer, 201, said);
});
