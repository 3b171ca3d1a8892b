// Password resets: who reads the mailbox gets in, nobody learns who has an account.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, logIn, startStack, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, people } from './check.mjs';
import { Mailbox } from './mailbox.mjs';

const box = await new Mailbox().open();
const stack = await startStack({ conf: { smtp_url: box.url, smtp_from: 'no-reply@chat.example.org', mail_attempts: 20 } });
after(() => stack.stop());
const nobody = api(stack);
const [ann, bob, eve] = await people(stack, 3);
const address = ({ name }) => `Box-${name}@example.org`;
for (const user of [ann, bob, eve]) await stack.sql(`UPDATE user SET email = '${address(user)}' WHERE id = ${user.id}`);
const ask = (email) => nobody.post('/v1/password-resets', { email });
const reset = (email, code, password = 'another long password') => nobody.put('/v1/password-resets', { email, code, new_password: password });
const wrong = (code) => String((Number(code) + 1) % 1000000).padStart(6, '0');
const emptied = () => until(async () => (await stack.sql('SELECT COUNT(*) FROM mail'))[0][0] === '0', 10000, 'the table to be empty');

test('a code brings a new password, and ends every session', async () => {
  const email = address(ann);
  assertOk(await ask(email.toLowerCase()), 202);
  const code = await box.code(email);
  assert.equal(box.to(email)[0].headers.subject, 'Reset your password');
  assertOk(await reset(email.toUpperCase(), code), 204);
  assertProblem(await api(stack, ann).get('/v1/users/me'), 'unauthenticated');
  assertProblem(await nobody.post('/v1/sessions/refresh', { refresh_token: ann.refresh }), 'unauthenticated');
  assertProblem(await nobody.post('/v1/sessions', { name: ann.name, password: ann.password }), 'bad-login');
  const fresh = await logIn(stack, ann.name, 'another long password');
  assertOk(await api(stack, fresh).get('/v1/users/me'), 200);
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM event WHERE kind = 4 AND type = 'session.ended' AND data LIKE '%"user":${ann.id},%'`), [['1']]);
  assertProblem(await reset(email, code), 'bad-code');
  assert.ok(!stack.log('api').includes(code));
});

test('nobody learns whose an address is', async () => {
  const known = await ask(address(bob));
  const unknown = await ask('nobody@example.org');
  assert.deepEqual([known.status, known.body], [unknown.status, unknown.body]);
  assert.equal(known.status, 202);
  const code = await box.code(address(bob));
  await emptied();
  assert.equal(box.to('nobody@example.org').length, 0);
  for (const [email, tried] of [['nobody@example.org', code], [address(eve), code], [address(bob), wrong(code)], [address(bob), 'x'], ['nobody@example.org', 'x']])
    assertProblem(await reset(email, tried), 'bad-code');
  assertOk(await reset(address(bob), code), 204);
});

test('five tries, ten minutes, the newest one only', async () => {
  const email = address(eve);
  await ask(email);
  const first = await box.code(email);
  await ask(email);
  const second = await box.code(email, 2);
  if (first !== second) assertProblem(await reset(email, first), 'bad-code');
  await stack.sql('UPDATE email_code SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND');
  assertProblem(await reset(email, second), 'bad-code');
  await stack.sql('UPDATE email_code SET tries = 0, expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE');
  await Promise.all(Array.from({ length: 5 }, async () => assertProblem(await reset(email, wrong(second)), 'bad-code')));
  assertProblem(await reset(email, second), 'bad-code');
  assertOk(await api(stack, eve).get('/v1/users/me'), 200);
});

test('a code for one thing is none for another, nor for an address that was left', async () => {
  const email = address(eve);
  await ask(email);
  const code = await box.code(email, 3);
  assertProblem(await api(stack, eve).put('/v1/email-verifications', { code }), 'bad-code');
  assertOk(await api(stack, eve).del('/v1/users/me/email'), 204);
  await stack.sql(`UPDATE user SET email = '${email}' WHERE id = ${eve.id}`);
  assertProblem(await reset(email, code), 'bad-code');
});

test('a closed account gets no letter', async () => {
  const [dan] = await people(stack, 1);
  await stack.sql(`UPDATE user SET email = '${address(dan)}', state = 'disabled' WHERE id = ${dan.id}`);
  assertOk(await ask(address(dan)), 202);
  await emptied();
  assert.equal(box.to(address(dan)).length, 0);
});

test('what is malformed', async () => {
  assertInvalid(await ask('x'), 'email');
  assertInvalid(await nobody.post('/v1/password-resets', {}), 'email');
  assertInvalid(await nobody.put('/v1/password-resets', { email: 'a@example.org', code: '1', new_password: 'short' }), 'new_password');
  assertInvalid(await nobody.put('/v1/password-resets', { email: 'a@example.org' }), 'code', 'new_password');
});

test('guesses are counted, per network', async () => {
  assertProblem(await reset('nobody@example.org', '123456'), 'bad-code');
  await stack.sql("UPDATE throttle SET hits = 1000 WHERE name LIKE 'reset-from:%'");
  assertProblem(await reset('nobody@example.org', '123456'), 'throttled');
  await stack.sql("DELETE FROM throttle WHERE name LIKE 'reset-from:%'");
});

test('letters are counted, per address', async () => {
  for (let i = 0; i < 20; i++) assertOk(await ask('crowd@example.org'), 202);
  assertProblem(await ask('Crowd@example.org'), 'throttled');
});
