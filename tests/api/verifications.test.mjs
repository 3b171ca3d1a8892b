// E-mail addresses: only who reads the mailbox gets one, and nobody else learns of it.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, people } from './check.mjs';
import { Mailbox } from './mailbox.mjs';

const box = await new Mailbox().open();
const stack = await startStack({ conf: { smtp_url: box.url, smtp_from: 'no-reply@chat.example.org', mail_attempts: 8 } });
after(() => stack.stop());
const [ann, bob, eve] = await people(stack, 3);
let last = 0;
const fresh = () => `person${++last}@example.org`;
const ask = (user, email) => api(stack, user).post('/v1/email-verifications', { email });
const confirm = (user, code) => api(stack, user).put('/v1/email-verifications', { code });
const emailOf = async (user) => assertOk(await api(stack, user).get('/v1/users/me/email'), 200).email;
const wrong = (code) => String((Number(code) + 1) % 1000000).padStart(6, '0');

test('a letter brings a code, the code brings the address', async () => {
  const email = fresh();
  assert.equal(await emailOf(ann), null);
  const pusher = await client(stack, ann);
  const own = await subscribed(pusher, `private-user-${ann.id}`);
  assertOk(await ask(ann, email), 202);
  const code = await box.code(email);
  assert.equal(await emailOf(ann), null);
  const told = eventOn(own, 'email.updated');
  assertOk(await confirm(ann, code), 200, { email });
  const { seq, mid, ...data } = await told;
  assert.deepEqual(data, { email });
  assert.equal(await emailOf(ann), email);
  const { body } = await api(stack, ann).get('/v1/users/me/events?after=0');
  assert.ok(JSON.stringify(body).includes('"email.updated"'));

  const gone = eventOn(own, 'email.updated');
  assertOk(await api(stack, ann).del('/v1/users/me/email'), 204);
  assert.equal((await gone).email, null);
  const heads = () => stack.sql(`SELECT head FROM stream WHERE kind = 2 AND id = ${ann.id}`);
  const before = await heads();
  assertOk(await api(stack, ann).del('/v1/users/me/email'), 204);
  assert.deepEqual(await heads(), before, 'nothing happened, nothing is told');
});

test('the letter is in the language of the account, and clean', async () => {
  const [mina] = await people(stack, 1);
  await stack.sql(`UPDATE user SET locale = 'ko-KR' WHERE id = ${mina.id}`);
  const [english, korean] = [fresh(), fresh()];
  await ask(bob, english);
  await ask(mina, korean);
  await box.code(english);
  await box.code(korean);
  const [{ raw, headers, text }] = box.to(korean);
  assert.equal(headers.subject, '이메일 주소를 확인해 주세요');
  assert.match(text, /^\d{6}\n\n이메일 주소를 확인하는 코드입니다/);
  assert.equal(headers.from, 'Maru <no-reply@chat.example.org>');
  assert.equal(headers['auto-submitted'], 'auto-generated');
  assert.match(headers['message-id'], /^<[0-9a-f]{32}@chat\.example\.org>$/);
  assert.match(headers.date, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} 20\d\d \d\d:\d\d:\d\d \+0000$/);
  assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 60000);
  assert.match(raw, /^[\t\n\r -~]*$/, 'ASCII on the way');
  assert.ok(raw.split('\n').every((line) => line.length <= 78));
  assert.equal(box.to(english)[0].headers.subject, 'Confirm your e-mail address');
});

test('wrong, old, used, replaced, tried too often, of somebody else: all the same', async () => {
  const email = fresh();
  assertProblem(await confirm(bob, '000000x'), 'bad-code');
  await ask(bob, email);
  const first = await box.code(email);
  assertProblem(await confirm(eve, first), 'bad-code');
  await ask(bob, email);
  const second = await box.code(email, 2);
  if (first !== second) assertProblem(await confirm(bob, first), 'bad-code');
  await stack.sql('UPDATE email_code SET expires_at = UTC_TIMESTAMP(3)');
  assertProblem(await confirm(bob, second), 'bad-code');
  await stack.sql('UPDATE email_code SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE, tries = 0');
  for (let i = 0; i < 4; i++) assertProblem(await confirm(bob, wrong(second)), 'bad-code');
  assertOk(await confirm(bob, second), 200, { email });
  assertProblem(await confirm(bob, second), 'bad-code');
  await ask(bob, email);
  const third = await box.code(email, 3);
  const answers = await Promise.all(Array.from({ length: 12 }, () => confirm(bob, wrong(third))));
  answers.forEach((answer) => assertProblem(answer, 'bad-code'));
  assert.deepEqual(await stack.sql(`SELECT tries FROM email_code WHERE user = ${bob.id}`), [['5']]);
  assertProblem(await confirm(bob, third), 'bad-code');
});

test('of many who use one code at once one succeeds', async () => {
  const [dan] = await people(stack, 1);
  const email = fresh();
  await ask(dan, email);
  const code = await box.code(email);
  const answers = await Promise.all(Array.from({ length: 5 }, () => confirm(dan, code)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403, 403, 403, 403]);
});

test('an address belongs to one account, which only its owner is told', async () => {
  const [dan, fay] = await people(stack, 2);
  const email = fresh();
  await ask(dan, email);
  assertOk(await confirm(dan, await box.code(email)), 200);
  assertOk(await ask(fay, email.toUpperCase()), 202);
  await until(() => box.to(email.toUpperCase()).length === 1);
  assertProblem(await confirm(fay, await box.code(email.toUpperCase())), 'email-taken');
  assert.equal(await emailOf(fay), null);
});

test('codes are not stored, told or logged', async () => {
  const email = fresh();
  const { body } = await ask(ann, email);
  assert.deepEqual(body, { expires_in: 600 });
  const code = await box.code(email);
  const rows = JSON.stringify(await stack.sql(`SELECT purpose, user, email, HEX(hash), tries FROM email_code WHERE user = ${ann.id}`));
  assert.ok(!rows.includes(`"${code}"`));
  assert.doesNotMatch(stack.log('api'), new RegExp(`\\b${code}\\b`));
  assert.ok(!stack.log('api').includes(email));
});

test('who may not, and what is no address', async () => {
  const nobody = api(stack);
  assertProblem(await nobody.post('/v1/email-verifications', { email: fresh() }), 'unauthenticated');
  assertProblem(await nobody.put('/v1/email-verifications', { code: '123456' }), 'unauthenticated');
  assertProblem(await nobody.get('/v1/users/me/email'), 'unauthenticated');
  assertProblem(await nobody.del('/v1/users/me/email'), 'unauthenticated');
  for (const email of ['', 'a', 'a@', '@example.org', 'a@b', 'a b@example.org', 'a@exam ple.org', 'a@example.org\r\nBcc: b@example.org', 'a@example.org\n', '<a@example.org>',
    'a@@example.org', 'a@example..org', '.a@example.org', 'a.@example.org', 'a@-example.org', 'a@example.org-', 'a@1.2.3.4', 'a@[1.2.3.4]', '김@example.org',
    'a,b@example.org', '"a"@example.org', 'a@example.org,b@example.org', `${'a'.repeat(65)}@example.org`, `a@${'b'.repeat(64)}.org`, `a@${'b.'.repeat(130)}org`, 7, null])
    assertInvalid(await ask(eve, email), 'email');
  assertInvalid(await api(stack, eve).post('/v1/email-verifications', { email: fresh(), user: ann.id }), 'user');
  assertInvalid(await api(stack, eve).put('/v1/email-verifications', {}), 'code');
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM email_code WHERE user = ${eve.id}`), [['0']]);
});

test('letters are counted, per account and per address', async () => {
  const [dan, ...many] = await people(stack, 10);
  for (let i = 0; i < 8; i++) assertOk(await ask(dan, fresh()), 202);
  assertProblem(await ask(dan, fresh()), 'throttled');
  const email = fresh();
  for (const user of many.slice(0, 8)) assertOk(await ask(user, email), 202);
  assertProblem(await ask(many[8], email.toUpperCase()), 'throttled');
});

test('a server without mail says so', async () => {
  await stack.stopApi();
  const { readFileSync, writeFileSync } = await import('node:fs');
  const path = `${stack.dir}/maru.conf`;
  writeFileSync(path, `${readFileSync(path, 'utf8')}\nsmtp_url =\n`);
  await stack.startApi();
  assertProblem(await ask(ann, fresh()), 'forbidden');
  assertProblem(await confirm(ann, '123456'), 'forbidden');
  assertProblem(await api(stack).post('/v1/password-resets', { email: fresh() }), 'forbidden');
  assertProblem(await api(stack).put('/v1/password-resets', { email: fresh(), code: '1', new_password: 'a long password' }), 'forbidden');
  assert.doesNotMatch(stack.log('api').slice(stack.log('api').lastIndexOf('ready:')), /the mailer/);
});
