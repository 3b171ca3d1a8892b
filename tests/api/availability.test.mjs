import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, freshName, signUp, startStack } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem } from './check.mjs';

const stack = await startStack({ conf: { unique_nicknames: 'on', login_attempts: 1000 } });
after(() => stack.stop());

const nobody = api(stack);
const ask = (query) => nobody.get(`/v1/availability?${new URLSearchParams(query)}`);
const create = (nickname, name = freshName()) => nobody.post('/v1/users', { name, nickname, password: 'correct horse' });
const taken = { available: false, reason: 'taken' };
const invalid = { available: false, reason: 'invalid' };
const free = { available: true };

test('whoever signs up may ask first whether a name can be had: GET /v1/availability', async () => {
  const ann = await signUp(stack);
  assertOk(await ask({ name: ann.name }), 200, { name: taken });
  assertOk(await ask({ name: freshName() }), 200, { name: free });
  assertOk(await ask({ nickname: ann.nickname.toUpperCase() }), 200, { nickname: taken });
  assertOk(await ask({ name: freshName(), nickname: 'Nobody has it' }), 200, { name: free, nickname: free });
  for (const name of ['', 'ab', 'Ann', '마루마루', "x' OR '1", '~5x', '%00']) assertOk(await ask({ name }), 200, { name: invalid });
  for (const nickname of ['', ' ', 'x'.repeat(31), 'a\nb']) assertOk(await ask({ nickname }), 200, { nickname: invalid });
  assertInvalid(await nobody.get('/v1/availability'), 'name');
});

test('a nickname is the only one whatever its letters look like, and one keeps the own', async () => {
  const ann = await signUp(stack);
  assertOk(await create('Maru'), 201);
  for (const same of ['Maru', 'maru', 'MARU', 'ＭＡＲＵ', 'm\u200baru']) assertProblem(await create(same), 'nickname-taken');
  for (const other of ['maru2', '마루', '🙂', '🙃']) assertOk(await create(other), 201);
  assertProblem(await create('🙂'), 'nickname-taken');
  const me = api(stack, ann);
  assertProblem(await me.patch('/v1/users/me', { nickname: '마루' }), 'nickname-taken');
  assertOk(await me.patch('/v1/users/me', { nickname: ann.nickname }), 200);
  assertOk(await me.patch('/v1/users/me', { nickname: ann.nickname.toUpperCase() }), 200);
});

test('of ten who take one nickname at the same time exactly one gets it', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => create('서울')));
  const won = answers.filter(({ status }) => status === 201);
  assert.equal(won.length, 1);
  for (const answer of answers.filter((each) => each !== won[0])) assertProblem(answer, 'nickname-taken');
  const users = await Promise.all(Array.from({ length: 8 }, () => signUp(stack)));
  const changes = await Promise.all(users.map((user) => api(stack, user).patch('/v1/users/me', { nickname: '부산' })));
  assert.equal(changes.filter(({ status }) => status === 200).length, 1);
});

test('one address asks only so often', async () => {
  const small = await startStack({ conf: { signup_attempts: 1 } });
  try {
    const question = () => api(small).get('/v1/availability?name=anna');
    for (let i = 0; i < 20; i++) assertOk(await question(), 200, { name: free });
    assertProblem(await question(), 'throttled');
  } finally {
    await small.stop();
  }
});
