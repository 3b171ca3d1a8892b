// Hooks, by which other programs post into a room: POST /v1/rooms/:room/hooks, GET /v1/rooms/:room/hooks,
// DELETE /v1/rooms/:room/hooks/:hook, POST /v1/hooks/*token.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import test, { after } from 'node:test';
import { promisify } from 'node:util';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, rawHttp, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, directRoom, headOf, mute, roomOfFour } from './ranks.mjs';

const PUBLIC_URL = 'https://chat.example.org';
const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4, public_url: PUBLIC_URL } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);
const make = (user, room, name = 'build') => user.at.post(`/v1/rooms/${room.id}/hooks`, { name });
const list = async (room) => assertOk(await host.at.get(`/v1/rooms/${room.id}/hooks`), 200).hooks;
const post = (hook, body, headers) => nobody.at.post(`/v1/hooks/${hook.token}`, body, headers);
const membersOf = async (room) => assertOk(await host.at.get(`/v1/rooms/${room.id}/members`), 200).members;
const curl = async (...args) => JSON.parse((await promisify(execFile)('curl', ['-s', ...args])).stdout);

async function hooked(options) {
  const room = await scene(options);
  return { room, hook: assertOk(await make(host, room), 201) };
}

test('a hook is an address that is told once, and a member of the room', async () => {
  const room = await scene();
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'member.joined');
  const { token, url, ...hook } = assertOk(await make(moderator, room, 'build 🔨'), 201);
  assert.match(hook.created_at, TIME);
  assert.match(token, /^[A-Za-z0-9_-]{32}$/);
  assert.equal(url, `${PUBLIC_URL}/v1/hooks/${token}`);
  assert.deepEqual(hook, { id: hook.id, room: room.id, name: 'build 🔨', by_user: moderator.id, created_at: hook.created_at });
  const { id, nickname, bot } = await told;
  assert.deepEqual([id, nickname, bot], [hook.id, 'build 🔨', true]);
  assert.deepEqual(await list(room), [hook]);
  const [[hash]] = await stack.sql(`SELECT HEX(hash) FROM room_hook WHERE bot = ${hook.id}`);
  assert.equal(hash.toLowerCase(), createHash('sha256').update(token).digest('hex'));
  assert.deepEqual(assertOk(await ann.at.get(`/v1/users?q=${encodeURIComponent('build 🔨')}`), 200).users, [], 'nobody finds it outside of the room');
  assertProblem(await ann.at.put(`/v1/direct-rooms/${hook.id}`, {}), 'unreachable');
  const { audit: [entry] } = assertOk(await host.at.get(`/v1/audit?room=${room.id}`), 200);
  assert.deepEqual([entry.action, entry.actor, entry.user], ['hook.created', moderator.id, hook.id]);
});

test('what is posted is a message like others, once for each client_id', async () => {
  const { room, hook } = await hooked();
  const inside = await subscribed(await client(stack, ann), channelOf(room));
  const told = eventOn(inside, 'message.created');
  const message = assertOk(await post(hook, { text: '빌드 성공 ✅', client_id: 'build-1' }), 200);
  assert.deepEqual(message, { room: room.id, seq: await headOf(stack, room), mid: message.mid, sender: hook.id, client_id: 'build-1', body: '빌드 성공 ✅',
    created_at: message.created_at });
  assert.deepEqual(await told, message);
  assertOk(await post(hook, { body: '빌드 성공 ✅', client_id: 'build-1' }), 200, message);
  assertOk(await post(hook, { text: '빌드 성공 ✅' }, { 'Idempotency-Key': 'build-1' }), 200, message);
  assertProblem(await post(hook, { text: 'something else' }, { 'Idempotency-Key': 'build-1' }), 'client-id-reused');
  assert.equal(await headOf(stack, room), message.seq);
  const [one, two] = [assertOk(await post(hook, { text: 'again' }), 200), assertOk(await post(hook, { text: 'again' }), 200)];
  assert.equal(two.seq, one.seq + 1, 'without a client_id each is another');
  const { messages } = assertOk(await ann.at.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.deepEqual(messages, [message, one, two]);
});

test('what posts to Slack posts here', async () => {
  const { room, hook } = await hooked();
  const url = `${stack.url}/v1/hooks/${hook.token}`;
  assert.equal((await curl('-d', 'payload={"text":"from a form"}', url)).body, 'from a form');
  assert.equal((await curl('--data-urlencode', 'payload={"text": "a=b&c 한글", "channel": "#general"}', url)).body, 'a=b&c 한글');
  assert.equal((await curl('-H', 'Content-type: application/json', '--data', '{"text":"Hello, World!"}', url)).body, 'Hello, World!');
  assert.equal(assertOk(await post(hook, { text: 'x', username: 'Ann', icon_emoji: ':ghost:', attachments: [{ text: 'y' }] }), 200).sender, hook.id);
  assert.equal((await membersOf(room)).find(({ id }) => id === hook.id).nickname, 'build', 'nobody else\'s name is taken');
});

test('what is no message changes nothing', async () => {
  const { room, hook } = await hooked();
  const head = await headOf(stack, room);
  for (const body of [{}, { text: '' }, { text: 7 }, { text: null }, { text: 'x'.repeat(4001) }, { username: 'x' }]) assertInvalid(await post(hook, body), 'text');
  assertInvalid(await post(hook, { text: 'x', client_id: 'x'.repeat(65) }), 'client_id');
  assertInvalid(await post(hook, { text: 'x' }, { 'Idempotency-Key': 'x'.repeat(65) }), 'client_id');
  assertInvalid(await post(hook, new URLSearchParams({ text: 'x' })), 'payload');
  assertProblem(await post(hook, new URLSearchParams({ payload: 'no json' })), 'bad-json');
  assertProblem(await post(hook, new URLSearchParams({ payload: '{"text":"x","text":"y"}' })), 'bad-json');
  assertProblem(await post(hook, 'text'), 'unsupported-media-type');
  assert.equal(await headOf(stack, room), head);
});

test('an unknown token is as good as a removed one', async () => {
  const { hook } = await hooked();
  for (const token of ['A'.repeat(32), hook.token.slice(0, -1), `${hook.token}A`, hook.token.toLowerCase(), '%C3%A4']) {
    assertProblem(await nobody.at.post(`/v1/hooks/${token}`, { text: 'x' }), 'not-found');
  }
  assertProblem(await nobody.at.get(`/v1/hooks/${hook.token}`), 'method-not-allowed');
  assertProblem(await api(stack, hook).get('/v1/users/me'), 'unauthenticated');
  assertProblem(await api(stack, { token: `maru_${hook.token}` }).get('/v1/users/me'), 'unauthenticated');
});

test('a removed hook is dead at once, and its bot gone', async () => {
  const { room, hook } = await hooked();
  const said = assertOk(await post(hook, { text: 'the last words' }), 200);
  const inside = await subscribed(await client(stack, ann), channelOf(room));
  const told = eventOn(inside, 'member.left');
  assertOk(await moderator.at.del(`/v1/rooms/${room.id}/hooks/${hook.id}`), 204);
  assert.equal((await told).id, hook.id);
  assertProblem(await post(hook, { text: 'x' }), 'not-found');
  assertProblem(await host.at.del(`/v1/rooms/${room.id}/hooks/${hook.id}`), 'not-found');
  assert.deepEqual(await list(room), []);
  const { messages } = assertOk(await ann.at.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.equal(messages.find(({ seq }) => seq === said.seq).body, 'the last words');
  assert.deepEqual(await stack.sql(`SELECT state, nickname FROM user WHERE id = ${hook.id}`), [['erased', '']]);
});

test('moderators make, see and remove hooks, and only those of their room', async () => {
  const { room, hook } = await hooked();
  const other = await scene();
  for (const [user, slug] of [[nobody, 'unauthenticated'], [stranger, 'forbidden'], [ann, 'forbidden']]) {
    for (const answer of [make(user, room), user.at.get(`/v1/rooms/${room.id}/hooks`), user.at.del(`/v1/rooms/${room.id}/hooks/${hook.id}`)]) assertProblem(await answer, slug);
  }
  assertProblem(await host.at.del(`/v1/rooms/${other.id}/hooks/${hook.id}`), 'not-found');
  assertProblem(await host.at.del(`/v1/rooms/${room.id}/hooks/${ann.id}`), 'not-found');
  for (const user of [host, moderator, admin]) assertOk(await make(user, other), 201);
  await mute(stack, room, moderator);
  assertProblem(await make(moderator, room), 'muted');
  const hidden = await scene({ kind: 'group' });
  assertProblem(await make(stranger, hidden), 'not-found');
  const direct = await directRoom(stack, ann, bob);
  assertProblem(await make(ann, direct), 'forbidden');
  assert.equal((await list(room)).length, 1);
  for (const body of [{}, { name: '' }, { name: 'x'.repeat(31) }]) assertInvalid(await host.at.post(`/v1/rooms/${room.id}/hooks`, body), 'name');
});

test('who removes or mutes the bot silences the hook; slow mode and words hold for it', async () => {
  const { room, hook } = await hooked();
  await mute(stack, room, hook);
  assertProblem(await post(hook, { text: 'x' }), 'muted');
  await stack.sql(`UPDATE member SET muted_until = NULL WHERE user = ${hook.id}`);
  assertOk(await host.at.post(`/v1/rooms/${room.id}/words`, { word: 'zzhookword', action: 'refuse' }), 201);
  // Each worker reads words every two seconds. Until then each try is a post, and a hook has sixty a minute only.
  const refused = await until(async () => {
    const answer = await post(hook, { text: 'a zzhookword' });
    await stack.sql(`DELETE FROM throttle WHERE name = 'hook:${hook.id}'`);
    return answer.status === 422 && answer;
  });
  assertProblem(refused, 'refused-word');
  assertOk(await admin.at.post('/v1/words', { word: 'zznamed', action: 'refuse' }), 201);
  await until(async () => (await make(host, room, 'zznamed hook')).status === 422);
  assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { slow_seconds: 600 }), 200);
  assertOk(await post(hook, { text: 'one' }), 200);
  assertProblem(await post(hook, { text: 'two' }), 'slow-mode');
  assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { slow_seconds: 0 }), 200);
  assertOk(await ann.at.put(`/v1/blocks/${hook.id}`), 201);
  const { messages } = assertOk(await ann.at.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.ok(messages.filter(({ sender }) => sender === hook.id).every(({ hidden }) => hidden === true));
  assertOk(await ann.at.del(`/v1/blocks/${hook.id}`), 204);
  assertOk(await moderator.at.del(`/v1/rooms/${room.id}/members/${hook.id}`), 204);
  assertProblem(await post(hook, { text: 'x' }), 'not-member');
  assertOk(await host.at.del(`/v1/rooms/${room.id}/hooks/${hook.id}`), 204);
});

test('a room has at most ten hooks, and a hook at most sixty posts a minute', async () => {
  const room = await scene();
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => make(host, room, `hook ${i}`)));
  const made = answers.filter(({ status }) => status === 201);
  assert.equal(made.length, 10);
  for (const answer of answers.filter(({ status }) => status !== 201)) assertProblem(answer, 'limit-reached');
  assert.equal((await membersOf(room)).length, 14, 'who came too late left no bot behind');
  const [{ body: hook }] = made;
  assertOk(await post(hook, { text: 'x' }), 200);
  await stack.sql(`UPDATE throttle SET hits = 60 WHERE name = 'hook:${hook.id}'`);
  const late = await post(hook, { text: 'x' });
  assertProblem(late, 'throttled');
  assert.ok(Number(late.headers.get('retry-after')) <= 61);
  assertOk(await post(made[1].body, { text: 'x' }), 200);
  await stack.sql(`UPDATE room SET max_members = 14 WHERE id = ${room.id}`);
  assertOk(await host.at.del(`/v1/rooms/${room.id}/hooks/${hook.id}`), 204);
  await stack.sql(`UPDATE room SET max_members = 13 WHERE id = ${room.id}`);
  assertProblem(await make(host, room), 'room-full');
});

test('with a room its hooks go', async () => {
  const { room, hook } = await hooked({ kind: 'group' });
  assertOk(await host.at.del(`/v1/rooms/${room.id}`), 204);
  assertProblem(await post(hook, { text: 'x' }), 'not-found');
  await until(async () => (await stack.sql('SELECT room FROM purge_room UNION SELECT user FROM erase_job')).length === 0, 20000);
  assert.deepEqual(await stack.sql(`SELECT bot FROM room_hook WHERE room = ${room.id}`), []);
  assert.deepEqual(await stack.sql(`SELECT state, nickname FROM user WHERE id = ${hook.id}`), [['erased', '']]);
});

test('nicknames that have to be the only ones are that for hooks, too', async () => {
  const strict = await startStack({ conf: { unique_nicknames: 'on' } });
  const people = await cast(strict);
  const room = await roomOfFour(strict, people);
  assertProblem(await make(people.host, room, people.ann.nickname ?? people.ann.name), 'nickname-taken');
  const hook = assertOk(await make(people.host, room, 'the only one'), 201);
  assert.equal(hook.url, `/v1/hooks/${hook.token}`, 'without public_url only the path is known');
  await strict.stop();
});

test('no token of a hook gets into a log', async () => {
  const { hook } = await hooked();
  const path = `/v1/hooks/${hook.token}`;
  assertOk(await post(hook, { text: 'x' }), 200);
  for (const [method, address] of [['GET', path], ['POST', `${path}/`], ['POST', `${path}/x`], ['DELETE', path]]) await nobody.at.call(method, address);
  await nobody.at.post(path, 'x'.repeat(100000)); // nginx refuses this by itself, and says so in its log
  await rawHttp(stack, `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 70000000\r\nConnection: close\r\n\r\n`);
  for (const line of [' POST /v1/hooks/*token 200 ', ' DELETE /v1/hooks/ 405 ']) await until(() => stack.log('api').includes(line));
  for (const log of ['api', 'push', 'nginx']) assert.ok(!stack.log(log).includes(hook.token), log);
});
