// The mailer: what lies in the table mail is delivered once, whatever the server does.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test, { after } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { assertOk, people } from './check.mjs';
import { Mailbox, OddMailServer } from './mailbox.mjs';

const odd = await new OddMailServer().open();
const stack = await startStack({ conf: { smtp_url: odd.url, smtp_from: 'no-reply@chat.example.org', mail_attempts: 1000 } });
after(() => stack.stop());

const waiting = async () => Number((await stack.sql('SELECT COUNT(*) FROM mail'))[0][0]);
const emptied = () => until(async () => await waiting() === 0, 20000, 'the table to be empty');
const logged = (pattern, from = 0) => until(() => pattern.test(stack.log('api').slice(from)), 15000, String(pattern));
const put = (address, subject = 's', { tries = 0, due = '1 SECOND', made = '1 SECOND' } = {}) => stack.sql(`INSERT INTO mail (address, body, tries, next_at, created_at)
  VALUES ('${address}', CONCAT('To: <${address}>\\r\\nSubject: ${subject}\\r\\n\\r\\n', TO_BASE64('hello'), '\\r\\n'), ${tries},
    UTC_TIMESTAMP(3) - INTERVAL ${due}, UTC_TIMESTAMP(3) - INTERVAL ${made})`);
const mailers = () => [...stack.log('api').matchAll(/maru-api\[(\d+)\].* the mailer delivers letters/g)].map(([, pid]) => Number(pid));
const isRunning = (pid) => { try { return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')); } catch { return false; } };
const mailer = () => mailers().find(isRunning);
const forget = () => { odd.letters.length = 0; odd.answer = () => undefined; };
const hurry = () => stack.sql('UPDATE mail SET next_at = UTC_TIMESTAMP(3)');

test('letters are delivered in order, each once, with the right envelope', async () => {
  const lines = [];
  odd.answer = (verb, line) => { lines.push(line); };
  for (let i = 0; i < 5; i++) await put(`p${i}@example.org`, `n${i}`);
  await emptied();
  assert.deepEqual(odd.letters.map(({ headers }) => headers.subject), ['n0', 'n1', 'n2', 'n3', 'n4']);
  assert.deepEqual(lines.filter((line) => /^(MAIL|RCPT)/.test(line)).slice(0, 2),
    ['MAIL FROM:<no-reply@chat.example.org>', 'RCPT TO:<p0@example.org>']);
});

test('a letter that is put off comes again, others overtake it', async () => {
  forget();
  const from = stack.log('api').length;
  odd.answer = (verb, line) => (verb === 'RCPT' && line.includes('slow@') ? '450 come back' : undefined);
  await put('slow@example.org');
  await put('quick@example.org');
  await until(() => odd.letters.length === 1);
  assert.equal(odd.letters[0].headers.to, '<quick@example.org>');
  await until(async () => Number((await stack.sql('SELECT tries FROM mail'))[0]?.[0]) >= 2, 15000, 'a second try');
  odd.answer = () => undefined;
  await hurry();
  await emptied();
  assert.equal(odd.letters.length, 2);
  await logged(/smtp_url does not take letter \d+: .*trying again/, from);
  await logged(/smtp_url takes letters again/, from);
  assert.doesNotMatch(stack.log('api'), /@example\.org/, 'addresses are not logged');
});

test('pauses double up to five minutes', async () => {
  forget();
  odd.answer = (verb) => (verb === 'TEXT' ? '451 not now' : undefined);
  for (const [tries, pause] of [[0, 1], [3, 8], [8, 256], [9, 300], [4000000, 300]]) {
    await put('a@example.org', 's', { tries });
    const [left] = await until(async () => (await stack.sql(`SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), next_at) FROM mail
      WHERE tries = ${tries + 1}`))[0], 10000, `try ${tries + 1}`);
    assert.ok(Number(left) <= pause && Number(left) >= pause - 2 - pause / 10, `${left} of ${pause}`);
    await stack.sql('DELETE FROM mail');
  }
});

test('what is refused for good is dropped at once, with a line in the log', async () => {
  for (const verb of ['MAIL', 'RCPT', 'DATA', 'TEXT']) {
    forget();
    const from = stack.log('api').length;
    odd.answer = (said) => (said === verb ? '550 never' : undefined);
    await put('nobody@example.org');
    await emptied();
    await logged(/letter \d+ is dropped after 1 tries: /, from);
  }
});

test('a server that refuses us keeps no letter from coming later', async () => {
  for (const [verb, says] of [['CONNECT', '554 go away'], ['CONNECT', '421 busy'], ['EHLO', '550 who are you'], ['MAIL', '530 log in first'], ['TEXT', null]]) {
    forget();
    let tried = false;
    odd.answer = (said) => {
      if (says === null && said === verb) { for (const socket of odd.sockets) socket.destroy(); tried = true; return null; }
      if (said === verb) tried = true;
      return said === verb ? says : said === 'HELO' ? says : undefined;
    };
    await put('a@example.org');
    await until(() => tried);
    await until(async () => Number((await stack.sql('SELECT tries FROM mail'))[0]?.[0]) >= 1, 10000, `${verb} ${says}`);
    forget();
    await hurry();
    await emptied();
    assert.equal(odd.letters.length, 1);
  }
});

test('after a day it is given up', async () => {
  forget();
  const from = stack.log('api').length;
  odd.answer = (verb) => (verb === 'RCPT' ? '450 come back' : undefined);
  await put('a@example.org', 's', { tries: 290, made: '25 HOUR' });
  await emptied();
  await logged(/letter \d+ is dropped after 291 tries: it is too old/, from);
});

test('a server that is away, or never answers, holds up nobody', async () => {
  forget();
  odd.answer = (verb) => (verb === 'CONNECT' ? null : undefined);
  await put('a@example.org');
  await until(() => odd.sockets.size > 0);
  const [ann] = await people(stack, 1);
  for (let i = 0; i < 10; i++) assertOk(await api(stack, ann).get('/v1/users/me'), 200);
  const pid = mailer();
  await stack.stopApi();
  assert.ok(!isRunning(pid), 'it stops in the middle of a call');
  assert.equal(await waiting(), 1);
  await odd.close();
  await stack.startApi();
  await until(async () => Number((await stack.sql('SELECT tries FROM mail'))[0]?.[0]) >= 1, 10000, 'a try');
  odd.answer = () => undefined;
  await odd.open();
  await hurry();
  await emptied();
  assert.equal(odd.letters.length, 1);
});

test('kill -9 loses nothing', async () => {
  forget();
  odd.answer = (verb) => (verb === 'TEXT' ? null : undefined);
  await put('a@example.org');
  await until(() => odd.letters.length === 1);
  process.kill(mailer(), 'SIGKILL');
  odd.answer = () => undefined;
  await emptied();
  assert.equal(odd.letters.length, 2, 'it comes twice where the answer was lost');
});

const set = (change) => {
  const path = `${stack.dir}/maru.conf`;
  writeFileSync(path, `${readFileSync(path, 'utf8')}\n${Object.entries(change).map(([key, value]) => `${key} = ${value}\n`).join('')}`);
};

test('it logs in where it has a name, and waits where that is refused', async () => {
  forget();
  await stack.stopApi();
  set({ smtp_user: 'maru', smtp_password: 'a secret of smtp' });
  const from = stack.log('api').length;
  let says = '535 no';
  const lines = [];
  odd.answer = (verb, line) => {
    const code = line.startsWith('AG'); // base64 of the NUL in front
    if (code) lines.push(line);
    return code ? says : { EHLO: '250-odd\r\n250 AUTH PLAIN', AUTH: '334 ' }[verb];
  };
  await stack.startApi();
  await put('a@example.org');
  await logged(/does not take letter \d+: Login denied/, from);
  says = '235 yes';
  await hurry();
  await emptied();
  assert.equal(odd.letters.length, 1);
  assert.equal(Buffer.from(lines.at(-1), 'base64').toString(), '\0maru\0a secret of smtp');
  assert.doesNotMatch(stack.log('api'), /a secret of smtp/);
  await stack.stopApi();
  set({ smtp_user: '', smtp_password: '' });
  await stack.startApi();
});

test('a real server gets it, with STARTTLS where that is required', async () => {
  const box = await new Mailbox().open();
  await stack.stopApi();
  set({ smtp_url: box.url });
  await stack.startApi();
  await put('a@example.org', 'first');
  await until(() => box.letters.length === 1);
  assert.equal(box.letters[0].text, 'hello');
  await emptied();

  const from = stack.log('api').length;
  set({ smtp_tls: 'required' });
  stack.signal('api', 'SIGHUP');
  await logged(/the mailer delivers letters/, from);
  await put('a@example.org', 'second');
  await logged(/does not take letter \d+: .*STARTTLS/, from);
  await box.stop();
  await box.open({ tls: true });
  await hurry();
  await logged(/the mailer delivers letters/, from);
  await until(async () => Number((await stack.sql('SELECT tries FROM mail'))[0]?.[0]) >= 2, 15000, 'a try with TLS');
  assert.equal(box.letters.length, 1, 'a certificate that nobody signed is not believed');
  set({ smtp_tls: 'off' });
  await stack.stopApi();
  await stack.startApi();
  await hurry();
  await emptied();
  assert.equal(box.letters.length, 2);
});
