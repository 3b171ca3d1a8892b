// The programs in examples/ do what they say, run as somebody would run them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, symlinkSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { freshName, root, startStack, until } from '../harness.mjs';
import { assertOk, say } from './check.mjs';
import { cast, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann } = all;
const messages = async (room) => assertOk(await ann.at.get(`/v1/rooms/${room.id}/messages`), 200).messages;

async function botIn(room) {
  const bot = assertOk(await host.at.post('/v1/bots', { name: freshName('b'), nickname: 'echo' }), 201);
  assertOk(await host.at.post(`/v1/rooms/${room.id}/members`, { user: bot.id }), 201);
  return bot;
}

// Runs a program until the test file ends.
function run(command, args, bot, more = {}) {
  const child = spawn(command, args, { env: { ...process.env, MARU: stack.url, TOKEN: bot.token, ...more } });
  const program = { child, said: '' };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { program.said += text; });
  after(() => child.kill());
  return program;
}

async function answers(room, bot, program, ask) {
  const echo = async () => (await messages(room)).filter(({ sender }) => sender === bot.id).map(({ body }) => body);
  await until(async () => {
    if (program.child.exitCode !== null) throw new Error(program.said);
    return (await ann.at.get(`/v1/rooms/${room.id}/commands`)).body.commands.some(({ bot: id }) => id === bot.id);
  }, 20000, 'its command');
  await ask();
  return until(async () => {
    const said = await echo();
    return said.length > 0 && said;
  }, 20000, 'an answer');
}

const command = (room, text) => ann.at.post(`/v1/rooms/${room.id}/commands`, { client_id: text, text });

test('the bot in JavaScript answers its command, and whoever names it', async () => {
  const room = await roomOfFour(stack, all);
  const bot = await botIn(room);
  const dir = mkdtempSync(join(stack.dir, 'example.'));
  copyFileSync(join(root, 'examples/bot.mjs'), join(dir, 'bot.mjs'));
  symlinkSync(join(root, 'tests/node_modules'), join(dir, 'node_modules'));
  const program = run('node', [join(dir, 'bot.mjs')], bot);
  await until(() => program.said.includes('listening'), 20000, 'it to listen');
  assert.deepEqual(await answers(room, bot, program, async () => assertOk(await command(room, '/echo 여보세요'), 200)), ['여보세요']);
  assertOk(await say(stack, ann, room, `@${bot.name} 안녕`), 201);
  await until(async () => (await messages(room)).at(-1).body === `네? @${bot.name} 안녕`, 20000, 'an answer to its name');
  assert.equal(program.said, 'listening\n');
});

test('the bot in PHP answers its command, also what was asked while it did not run, and nothing twice', async () => {
  const room = await roomOfFour(stack, all);
  const bot = await botIn(room);
  const state = { STATE: join(stack.dir, 'bot.seq') };
  const program = run('php', [join(root, 'examples/bot.php')], bot, state);
  assert.deepEqual(await answers(room, bot, program, async () => assertOk(await command(room, '/echo 여보세요'), 200)), ['여보세요']);
  program.child.kill();
  assertOk(await command(room, '/echo 거기'), 200);
  const again = run('php', [join(root, 'examples/bot.php')], bot, state);
  await until(async () => (await messages(room)).filter(({ sender }) => sender === bot.id).length === 2, 20000, 'the second answer');
  assert.deepEqual((await messages(room)).filter(({ sender }) => sender === bot.id).map(({ body }) => body), ['여보세요', '거기']);
  assert.equal(program.said + again.said, '');
});
