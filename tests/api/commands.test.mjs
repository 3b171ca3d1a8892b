// What begins with "/": GET /v1/rooms/:room/commands, POST /v1/rooms/:room/commands;
// GET /v1/bots/:bot/commands, PUT /v1/bots/:bot/commands/*name, DELETE /v1/bots/:bot/commands/*name.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, freshName, startStack, subscribed } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, headOf, mute, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann, bob, stranger, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);
let last = 0;
const run = (user, room, text, clientId = `c${++last}`) => user.at.post(`/v1/rooms/${room.id}/commands`, { client_id: clientId, text });
const list = async (user, room) => assertOk(await user.at.get(`/v1/rooms/${room.id}/commands`), 200).commands;

async function botIn(room, owner = host) {
  const bot = assertOk(await owner.at.post('/v1/bots', { name: freshName('b'), nickname: 'a bot' }), 201);
  assertOk(await owner.at.post(`/v1/rooms/${room.id}/members`, { user: bot.id }), 201);
  return { ...bot, at: api(stack, bot) };
}

const define = (user, bot, name, body = { description: 'repeats it', usage: '<text>' }) => user.at.put(`/v1/bots/${bot.id}/commands/${name}`, body);
const invoked = async (bot) => assertOk(await bot.at.get('/v1/users/me/events?limit=1000'), 200).events.filter(({ type }) => type === 'command.invoked')
  .map(({ data: { seq, mid, ...data } }) => data);

test('help tells the asker alone what can be typed', async () => {
  const room = await scene();
  const head = await headOf(stack, room);
  const { reply } = assertOk(await run(ann, room, '/help'), 200);
  assert.equal(reply.code, 'help');
  assert.deepEqual(reply.args.commands, await list(ann, room));
  for (const name of ['help', 'poll', 'remind', 'roll']) assert.equal(reply.args.commands.find((one) => one.name === name).code, `command.${name}`);
  assert.equal(await headOf(stack, room), head);
});

test('a roll is a message that nobody can type, and a repeated call the same one', async () => {
  const room = await scene();
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'message.created');
  const rolled = assertOk(await run(ann, room, '/roll 3d6', 'once'), 201);
  const { roll: { sides, rolls, sum } } = rolled.content;
  assert.deepEqual([rolled.type, rolled.sender, sides, rolls.length, sum], ['roll', ann.id, 6, 3, rolls.reduce((a, b) => a + b)]);
  assert.ok(rolls.every((one) => one >= 1 && one <= 6));
  assert.equal(rolled.body, `🎲 3d6: ${rolls.join(' + ')} = ${sum}`);
  assert.deepEqual(await told, rolled);
  assertOk(await run(ann, room, '/roll 3d6', 'once'), 201, rolled);
  assertOk(await bob.at.get(`/v1/rooms/${room.id}/messages/${rolled.seq}`), 200, rolled);
  const typed = assertOk(await say(stack, ann, room, rolled.body), 201);
  assert.equal(typed.type, undefined);
  const seen = new Set();
  for (let i = 0; i < 40; i++) seen.add(assertOk(await run(host, room, '/roll'), 201).content.roll.sum);
  assert.ok(seen.size > 1, 'dice fall on more than one side');
  for (const text of ['/roll 2d', '/roll 21d6', '/roll 2d1', '/roll x']) assertInvalid(await run(ann, room, text), 'text');
  assertProblem(await run(ann, room, '/roll 2d6', 'once'), 'client-id-reused');
});

test('a poll is asked in one line', async () => {
  const room = await scene();
  const asked = assertOk(await run(ann, room, '/poll 점심? | 김밥 |  라면 |떡볶이', 'lunch'), 201);
  assert.deepEqual([asked.type, asked.sender, asked.body], ['poll', ann.id, '점심?']);
  assert.deepEqual(asked.content.poll.options, ['김밥', '라면', '떡볶이']);
  assert.equal(assertOk(await run(ann, room, '/poll 점심? | 김밥 |  라면 |떡볶이', 'lunch'), 201).seq, asked.seq);
  for (const args of ['', 'tea?', 'tea? | yes', 'tea? | yes |', 'tea? | yes | yes', '| yes | no', `tea? | yes | ${'x'.repeat(101)}`,
    `tea? ${Array.from({ length: 21 }, (_, i) => `| ${i}`).join(' ')}`]) assertInvalid(await run(ann, room, `/poll ${args}`), 'text');
});

test('what is no command is told so, and changes nothing', async () => {
  const room = await scene();
  const head = await headOf(stack, room);
  for (const text of ['hello', '/', '/ roll', '//', '/Roll', '/nothing here', `/${'x'.repeat(33)}`, '/한글']) {
    assertInvalid(await run(ann, room, text), 'text');
  }
  assertInvalid(await ann.at.post(`/v1/rooms/${room.id}/commands`, {}), 'client_id', 'text');
  assert.equal(await headOf(stack, room), head);
});

test('only members see and carry out commands, and who may not write rolls nothing', async () => {
  const room = await scene();
  const hidden = await scene({ kind: 'group' });
  for (const [user, place, slug] of [[nobody, room, 'unauthenticated'], [stranger, room, 'not-member'], [stranger, hidden, 'not-found']]) {
    assertProblem(await run(user, place, '/help'), slug);
    assertProblem(await run(user, place, '/roll'), slug);
    assertProblem(await user.at.get(`/v1/rooms/${place.id}/commands`), slug);
  }
  const bot = await botIn(room);
  assertOk(await define(host, bot, 'echo'), 200);
  assertProblem(await run(bot, room, '/roll'), 'not-for-bots');
  await mute(stack, room, ann);
  assertProblem(await run(ann, room, '/roll'), 'muted');
  assertProblem(await run(ann, room, '/echo x'), 'muted');
  await stack.sql(`UPDATE throttle SET hits = 60 WHERE name = 'commands:${ann.id}'`);
  assertProblem(await run(ann, room, '/help'), 'throttled');
  await stack.sql('DELETE FROM throttle');
  assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { slow_seconds: 600 }), 200);
  assertOk(await run(bob, room, '/roll'), 201);
  assertProblem(await run(bob, room, '/roll'), 'slow-mode');
  const direct = assertOk(await ann.at.put(`/v1/direct-rooms/${bob.id}`, {}), 201);
  assertOk(await run(bob, direct, '/roll'), 201);
  assertOk(await bob.at.del(`/v1/rooms/${direct.id}/members/me`), 204);
  assertProblem(await run(ann, direct, '/roll'), 'not-sendable');
});

test('a command of a bot is told to the bot, with what stands behind it', async () => {
  const room = await scene();
  const bot = await botIn(room);
  assertOk(await define(host, bot, 'echo'), 200, { name: 'echo', description: 'repeats it', usage: '<text>' });
  assertOk(await define(bot, bot, 'wave', { description: 'waves' }), 200, { name: 'wave', description: 'waves', usage: '' });
  assert.deepEqual((await list(ann, room)).slice(-2), [{ name: 'echo', description: 'repeats it', usage: '<text>', bot: bot.id },
    { name: 'wave', description: 'waves', usage: '', bot: bot.id }]);
  const own = await subscribed(await client(stack, bot), `private-user-${bot.id}`);
  const told = eventOn(own, 'command.invoked');
  assertOk(await run(ann, room, '/echo   여러 말  ', 'e1'), 200, { reply: { code: 'delivered', args: { bot: bot.id } } });
  const { seq, mid, ...data } = await told;
  assert.deepEqual(data, { room: room.id, user: ann.id, name: 'echo', text: '여러 말', client_id: 'e1' });
  assert.deepEqual(await invoked(bot), [data]);
  const elsewhere = await scene();
  assertInvalid(await run(ann, elsewhere, '/echo x'), 'text');
  assertOk(await ann.at.put(`/v1/blocks/${bot.id}`), 201);
  assertInvalid(await run(ann, room, '/echo x'), 'text');
  assert.equal((await list(ann, room)).find(({ name }) => name === 'echo'), undefined);
  assertOk(await ann.at.del(`/v1/blocks/${bot.id}`), 204);
  assertOk(await bot.at.put(`/v1/blocks/${ann.id}`), 201);
  assertInvalid(await run(ann, room, '/echo x'), 'text');
  assertOk(await host.at.del(`/v1/rooms/${room.id}/members/${bot.id}`), 204);
  assertInvalid(await run(bob, room, '/echo x'), 'text');
  assert.equal((await invoked(bot)).length, 1);
});

test('of two bots with the same command the eldest has it', async () => {
  const room = await scene();
  const bots = [await botIn(room), await botIn(room)];
  for (const bot of bots) assertOk(await define(host, bot, 'tea'), 200);
  assert.equal(assertOk(await run(ann, room, '/tea'), 200).reply.args.bot, bots[0].id);
  assertOk(await host.at.del(`/v1/bots/${bots[0].id}/commands/tea`), 204);
  assert.equal(assertOk(await run(ann, room, '/tea'), 200).reply.args.bot, bots[1].id);
});

test('its owner and the bot itself say what a bot can do, nobody else', async () => {
  const room = await scene();
  const bot = await botIn(room);
  const other = await botIn(room, host);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [ann, 'not-found'], [other, 'not-found']]) {
    assertProblem(await define(user, bot, 'mine'), slug);
    assertProblem(await user.at.get(`/v1/bots/${bot.id}/commands`), slug);
    assertProblem(await user.at.del(`/v1/bots/${bot.id}/commands/mine`), slug);
  }
  assertProblem(await host.at.get(`/v1/bots/${host.id}/commands`), 'not-found');
  for (const name of ['UP', 'a%20b', 'x'.repeat(33), 'roll', 'help', '%ED%95%9C']) {
    assertInvalid(await define(host, bot, name), 'name');
    assertInvalid(await host.at.del(`/v1/bots/${bot.id}/commands/${name}`), 'name');
  }
  assertInvalid(await define(host, bot, 'x', {}), 'description');
  assertInvalid(await define(host, bot, 'x', { description: 'x'.repeat(101) }), 'description');
  assertInvalid(await define(host, bot, 'x', { description: 'x', usage: 'x'.repeat(101) }), 'usage');
  for (let i = 0; i < 20; i++) assertOk(await define(host, bot, `c${i}`), 200);
  assertProblem(await define(host, bot, 'c20'), 'limit-reached');
  assertOk(await define(host, bot, 'c19', { description: 'changed' }), 200);
  assert.equal(assertOk(await bot.at.get(`/v1/bots/${bot.id}/commands`), 200).commands.length, 20);
  assertOk(await host.at.del(`/v1/bots/${bot.id}/commands/c0`), 204);
  assertProblem(await host.at.del(`/v1/bots/${bot.id}/commands/c0`), 'not-found');
  assertOk(await host.at.del(`/v1/bots/${bot.id}`), 204);
  assert.deepEqual(await stack.sql(`SELECT name FROM bot_command WHERE bot = ${bot.id}`), []);
});
