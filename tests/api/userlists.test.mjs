import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, freshName, logIn, signUp, startStack, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, people } from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const nobody = api(stack);
const ann = await signUp(stack);
const anns = api(stack, ann);

async function person(nickname) {
  const name = freshName();
  const password = 'correct horse battery';
  const user = assertOk(await nobody.post('/v1/users', { name, nickname, password }), 201);
  return { ...user, password, ...await logIn(stack, name, password) };
}
const search = (q, query = '', user = anns) => user.get(`/v1/users?q=${encodeURIComponent(q)}${query}`);
const found = async (q, user) => assertOk(await search(q, '', user), 200).users.map(({ id }) => id);

test('any part of a nickname finds people, whatever its letters look like', async () => {
  const seoul = await person('서울의 봄');
  const spring = await person('Spring 봄날');
  for (const q of ['봄', '서울', '울의', '서울의봄', 'ㅅㅇㅇ', '울의 봄']) assert.ok((await found(q)).includes(seoul.id), q);
  for (const q of ['봄', 'spring', 'PRIN', 'ｓｐｒｉｎｇ', 'g 봄']) assert.ok((await found(q)).includes(spring.id), q);
  for (const q of ['서울봄', '여름', 'sprint', '봄봄', '.*', '%']) assert.deepEqual(await found(q), [], q);
  const { users } = assertOk(await search('서울의 봄'), 200);
  const { id, name, nickname, avatar, status_message: status, created_at: at } = seoul;
  assert.deepEqual(users, [{ id, name, nickname, avatar, status_message: status, created_at: at }]);
});

test('a whole account name finds its owner, once', async () => {
  const user = await person('somebody else');
  assert.deepEqual(await found(user.name), [user.id]);
  assert.deepEqual(await found(user.name.slice(0, -1)), []);
  assert.deepEqual(await found(ann.name), [ann.id], 'whose nickname is the same');
});

test('a question is needed, and somebody who asks', async () => {
  for (const query of ['', '?q=', '?q=%20', `?q=${'x'.repeat(101)}`]) assertInvalid(await anns.get(`/v1/users${query}`), 'q');
  assertProblem(await nobody.get('/v1/users?q=ann'), 'unauthenticated');
  assertInvalid(await search('x', '&limit=x'), 'limit');
});

test('many are found page by page', async () => {
  const many = [];
  for (let i = 0; i < 7; i++) many.push((await person(`쪽 ${i}`)).id);
  const pages = [];
  for (let cursor = 0; cursor !== null;) {
    const { users, next } = assertOk(await search('쪽', `&limit=3&cursor=${cursor}`), 200);
    pages.push(users.map(({ id }) => id));
    cursor = next;
  }
  assert.deepEqual(pages, [many.slice(0, 3), many.slice(3, 6), many.slice(6)]);
});

test('a new nickname is found and the old one no more', async () => {
  const user = await person('하늘');
  assertOk(await api(stack, user).patch('/v1/users/me', { nickname: '바다' }), 200);
  assert.deepEqual(await found('하늘'), []);
  assert.deepEqual(await found('바다'), [user.id]);
});

test('nobody is found who does not want to be, nor where one blocks the other', async () => {
  const user = await person('은하수');
  const users = api(stack, user);
  const byName = () => found(user.name);
  assertOk(await users.patch('/v1/users/me/settings', { found: 'hidden' }), 200);
  assert.deepEqual([await found('은하수'), await byName()], [[], []]);
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM gram WHERE kind = 2 AND id = ${user.id}`), [['0']]);
  assertOk(await users.patch('/v1/users/me', { nickname: '은하수 너머' }), 200);
  assert.deepEqual(await found('은하수'), []);
  assertOk(await users.patch('/v1/users/me/settings', { found: 'shown' }), 200);
  assert.deepEqual([await found('은하수'), await byName()], [[user.id], [user.id]]);
  for (const [from, to] of [[user, ann], [ann, user]]) {
    await stack.sql(`INSERT INTO block (user, other, created_at) VALUES (${from.id}, ${to.id}, UTC_TIMESTAMP(3))`);
    assert.deepEqual([await found('은하수'), await byName()], [[], []]);
    await stack.sql('DELETE FROM block');
  }
  await stack.sql(`UPDATE user SET state = 'disabled' WHERE id = ${user.id}`);
  assert.deepEqual([await found('은하수'), await byName()], [[], []]);
});

test('accounts from before there was a search are found after a while', async () => {
  await stack.sql(`INSERT INTO user (name, nickname, password, created_at)
    SELECT CONCAT('old-', seq), CONCAT('옛날 ', seq), '!', UTC_TIMESTAMP(3) FROM seq_1_to_120`);
  await until(async () => (await found('옛날 120')).length === 1, 20000);
  assert.equal((await found('옛날')).length, 50);
  assert.deepEqual(await stack.sql('SELECT COUNT(*) FROM user WHERE indexed = 0'), [['0']]);
});

test('where people are to see each other everybody who wants to be found is listed', async () => {
  const open = await startStack({ conf: { lobby_presence: 'on' } });
  try {
    const [one, two, three] = await people(open, 3);
    const list = async (query = '') => {
      const { users, next } = assertOk(await api(open, one).get(`/v1/users${query}`), 200);
      return [users.map(({ id }) => id), next];
    };
    assert.deepEqual(await list(), [[one.id, two.id, three.id], null]);
    assert.deepEqual(await list('?limit=2'), [[one.id, two.id], two.id]);
    assert.deepEqual(await list(`?limit=2&cursor=${two.id}`), [[three.id], null]);
    assert.deepEqual(await list(`?q=${three.name}`), [[three.id], null]);
    assertInvalid(await api(open, one).get('/v1/users?q='), 'q');
    assertOk(await api(open, two).patch('/v1/users/me/settings', { found: 'hidden' }), 200);
    await open.sql(`INSERT INTO block VALUES (${three.id}, ${one.id}, UTC_TIMESTAMP(3))`);
    assert.deepEqual(await list(), [[one.id], null]);
    assertProblem(await api(open).get('/v1/users'), 'unauthenticated');
  } finally {
    await open.stop();
  }
});
