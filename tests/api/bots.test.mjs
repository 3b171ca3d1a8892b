// Bots: POST /v1/bots, GET /v1/bots, GET /v1/bots/:bot, PATCH /v1/bots/:bot, DELETE /v1/bots/:bot, POST /v1/bots/:bot/token,
// and what their tokens are good for.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test, { after } from 'node:test';
import { api, client, eventOn, freshName, signUp, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, createRoom, forge, joinRoom, people, putIntoGroup, rawSocket, say, subscribeRaw } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, mute, roomOfFour, setModerator } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const TOKEN = /^maru_[A-Za-z0-9_-]{43}$/;

const withApi = (user) => ({ ...user, at: api(stack, user) });
const newcomer = async () => withApi(await signUp(stack));

async function makeBot(owner = host, more = {}) {
  const { token, ...bot } = assertOk(await owner.at.post('/v1/bots', { name: freshName('b'), nickname: 'helper', ...more }), 201);
  return withApi({ ...bot, token, made: bot });
}

const add = (user, room, bot) => user.at.post(`/v1/rooms/${room.id}/members`, { user: bot.id });
const membersOf = async (room, user = host) => assertOk(await user.at.get(`/v1/rooms/${room.id}/members`), 200).members.map(({ id }) => id);

// A room of the host with a bot of the host in it.
async function roomWithBot(options) {
  const bot = await makeBot();
  const room = await roomOfFour(stack, all, options);
  assertOk(await add(host, room, bot), 201);
  return { bot, room };
}

test('a bot is an account with a token, which is told once', async () => {
  const { at, token, made, ...bot } = await makeBot(host, { nickname: '도우미', avatar: 'preset-3' });
  assert.match(token, TOKEN);
  assert.match(bot.created_at, TIME);
  assert.deepEqual(made, { id: bot.id, name: bot.name, nickname: '도우미', avatar: 'preset-3', status_message: '', bot: true, owner: host.id, state: 'active',
    created_at: bot.created_at });
  assertOk(await host.at.get(`/v1/bots/${bot.id}`), 200, made);
  assert.deepEqual(assertOk(await host.at.get('/v1/bots?limit=100'), 200).bots.at(-1), made);
  const { owner, state, ...shown } = made;
  assertOk(await at.get('/v1/users/me'), 200, { ...shown, role: 'user' });
  assertOk(await ann.at.get(`/v1/users/${bot.id}`), 200, shown);
  assert.deepEqual(assertOk(await ann.at.get(`/v1/users?q=${encodeURIComponent('도우미')}`), 200).users, [shown]);
  assert.equal(assertOk(await ann.at.get(`/v1/users/${host.id}`), 200).bot, undefined, 'people are not marked');
  const [[hash]] = await stack.sql(`SELECT HEX(hash) FROM session WHERE user = ${bot.id}`);
  assert.equal(hash.toLowerCase(), createHash('sha256').update(token).digest('hex'), 'nothing else of the token is stored');
});

test('who may not make a bot does not, and nothing that is wrong makes one', async () => {
  const good = { name: freshName('b'), nickname: 'x' };
  assertProblem(await nobody.at.post('/v1/bots', good), 'unauthenticated');
  assertInvalid(await host.at.post('/v1/bots', {}), 'name', 'nickname');
  assertInvalid(await host.at.post('/v1/bots', { ...good, name: 'UP' }), 'name');
  assertInvalid(await host.at.post('/v1/bots', { ...good, avatar: 'preset-99' }), 'avatar');
  assertInvalid(await host.at.post('/v1/bots', { ...good, owner: ann.id }), 'owner');
  assertProblem(await host.at.post('/v1/bots', { ...good, name: ann.name }), 'name-taken');
  assertOk(await admin.at.post('/v1/words', { word: 'zzbotword', action: 'refuse' }), 201);
  // Each worker reads words every two seconds. Until then each try makes a bot, and somebody makes fifty a day only.
  const refused = await until(async () => {
    const answer = await (await newcomer()).at.post('/v1/bots', { name: freshName('b'), nickname: 'a zzbotword' });
    return answer.status === 422 && answer;
  });
  assertProblem(refused, 'refused-word');
  assert.deepEqual(await stack.sql(`SELECT id FROM user WHERE name = '${good.name}'`), []);
});

test('somebody has at most twenty, also if they ask for many at once, and makes fifty a day', async () => {
  const owner = await newcomer();
  const answers = await Promise.all(Array.from({ length: 24 }, () => owner.at.post('/v1/bots', { name: freshName('b'), nickname: 'x' })));
  const made = answers.filter(({ status }) => status === 201).map(({ body }) => body);
  assert.equal(made.length, 20);
  for (const answer of answers.filter(({ status }) => status !== 201)) assertProblem(answer, 'limit-reached');
  assertOk(await owner.at.del(`/v1/bots/${made[0].id}`), 204);
  await stack.sql(`UPDATE throttle SET hits = 50 WHERE name = 'bots:${owner.id}'`);
  assertProblem(await owner.at.post('/v1/bots', { name: freshName('b'), nickname: 'x' }), 'throttled');
  await stack.sql(`DELETE FROM throttle WHERE name = 'bots:${owner.id}'`);
  await makeBot(owner);
});

test('nicknames that have to be the only ones are that for bots, too', async () => {
  const strict = await startStack({ conf: { unique_nicknames: 'on' } });
  const owner = await signUp(strict);
  const at = api(strict, owner);
  assertProblem(await at.post('/v1/bots', { name: freshName('b'), nickname: owner.nickname }), 'nickname-taken');
  const bot = assertOk(await at.post('/v1/bots', { name: freshName('b'), nickname: 'only one' }), 201);
  assertProblem(await at.patch(`/v1/bots/${bot.id}`, { nickname: owner.nickname }), 'nickname-taken');
  await strict.stop();
});

test('only their owner sees, changes and rotates bots; admins see and delete all', async () => {
  const bot = await makeBot();
  const path = `/v1/bots/${bot.id}`;
  for (const [user, slug] of [[nobody, 'unauthenticated'], [ann, 'not-found'], [admin, 'not-found']]) {
    for (const answer of [user.at.get(path), user.at.patch(path, { nickname: 'mine' }), user.at.post(`${path}/token`)]) assertProblem(await answer, slug);
  }
  for (const [user, slug] of [[nobody, 'unauthenticated'], [ann, 'not-found']]) assertProblem(await user.at.del(path), slug);
  for (const id of [host.id, 99999999]) {
    for (const answer of [host.at.get(`/v1/bots/${id}`), host.at.patch(`/v1/bots/${id}`, { nickname: 'x' }), host.at.post(`/v1/bots/${id}/token`),
      host.at.del(`/v1/bots/${id}`), admin.at.del(`/v1/bots/${id}`)]) assertProblem(await answer, 'not-found');
  }
  assertProblem(await nobody.at.get('/v1/bots'), 'unauthenticated');
  assertProblem(await ann.at.get('/v1/bots?all=1'), 'forbidden');
  assertInvalid(await ann.at.get('/v1/bots?all=yes'), 'all');
  assertOk(await ann.at.get('/v1/bots'), 200, { bots: [], next: null });
  let seen = [];
  for (let cursor = 0; cursor !== null;) {
    const page = assertOk(await admin.at.get(`/v1/bots?all=1&cursor=${cursor}`), 200);
    seen = seen.concat(page.bots);
    cursor = page.next;
  }
  assert.deepEqual(seen.find(({ id }) => id === bot.id), bot.made);
  assertOk(await bot.at.get('/v1/users/me'), 200);
  assertOk(await admin.at.del(path), 204);
  const { audit: [entry] } = assertOk(await admin.at.get('/v1/audit'), 200);
  assert.deepEqual([entry.action, entry.user], ['bot.deleted', bot.id]);
  assertProblem(await bot.at.get('/v1/users/me'), 'unauthenticated');
});

test('a changed bot looks different to all who see it', async () => {
  const { bot, room } = await roomWithBot();
  const inside = await subscribed(await client(stack, ann), channelOf(room));
  const own = await subscribed(await client(stack, bot), `private-user-${bot.id}`);
  const told = [eventOn(inside, 'member.updated'), eventOn(own, 'user.updated')];
  const changed = assertOk(await host.at.patch(`/v1/bots/${bot.id}`, { nickname: 'renamed', status_message: 'busy' }), 200);
  assert.deepEqual(changed, { ...bot.made, nickname: 'renamed', status_message: 'busy' });
  for (const { nickname, bot: marked } of await Promise.all(told)) assert.deepEqual([nickname, marked], ['renamed', true]);
  assertOk(await bot.at.patch('/v1/users/me', { status_message: 'by itself' }), 200);
  assert.equal(assertOk(await host.at.get(`/v1/bots/${bot.id}`), 200).status_message, 'by itself');
  assertInvalid(await host.at.patch(`/v1/bots/${bot.id}`, { avatar: 'x' }), 'avatar');
  // By now one worker knows that word, and the others do soon.
  const refused = await until(async () => {
    const answer = await host.at.patch(`/v1/bots/${bot.id}`, { nickname: 'a zzbotword' });
    return answer.status === 422 && answer;
  });
  assertProblem(refused, 'refused-word');
});

test('a bot in a room hears, says, edits and reacts like others', async () => {
  const { bot, room } = await roomWithBot();
  const inside = await subscribed(await client(stack, bot), channelOf(room));
  const heard = eventOn(inside, 'message.created');
  const asked = assertOk(await say(stack, ann, room, 'who is there?'), 201);
  assert.equal((await heard).body, 'who is there?');
  const other = await subscribed(await client(stack, ann), channelOf(room));
  const answered = eventOn(other, 'message.created');
  const said = assertOk(await say(stack, bot, room, 'me', 'once'), 201);
  assert.deepEqual(await answered, said);
  assert.equal(said.sender, bot.id);
  assertOk(await say(stack, bot, room, 'me', 'once'), 201, said);
  assertOk(await bot.at.patch(`/v1/rooms/${room.id}/messages/${said.seq}`, { body: 'I' }), 200);
  assertOk(await bot.at.put(`/v1/rooms/${room.id}/messages/${asked.seq}/reactions/%F0%9F%91%8D`), 204);
  const events = assertOk(await bot.at.get('/v1/users/me/events'), 200).events.map(({ type }) => type);
  assert.ok(events.includes('room.added'), 'it is told where it is');
  const { members } = assertOk(await ann.at.get(`/v1/rooms/${room.id}/members`), 200);
  assert.deepEqual(members.map(({ bot: marked }) => marked), [undefined, undefined, undefined, undefined, true]);
  await mute(stack, room, bot);
  assertProblem(await say(stack, bot, room), 'muted');
  assertOk(await ann.at.put(`/v1/blocks/${bot.id}`), 201);
  const { messages } = assertOk(await ann.at.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.equal(messages.find(({ seq }) => seq === said.seq).hidden, true, 'who blocks it does not see it');
  assertOk(await ann.at.del(`/v1/blocks/${bot.id}`), 204);
});

test('a bot is put into rooms by its owner, where that may put people, and by nobody else', async () => {
  const bot = await makeBot(ann);
  const room = await roomOfFour(stack, all);
  assertProblem(await add(ann, room, bot), 'forbidden');
  assertProblem(await add(host, room, bot), 'unreachable');
  assertProblem(await add(admin, room, bot), 'unreachable');
  await setModerator(stack, room, ann);
  assertOk(await add(ann, room, bot), 201);
  assertOk(await add(ann, room, bot), 200);
  assertOk(await moderator.at.del(`/v1/rooms/${room.id}/members/${bot.id}`), 204);
  assertOk(await host.at.put(`/v1/rooms/${room.id}/bans/${bot.id}`, {}), 201);
  assertProblem(await add(ann, room, bot), 'conflict');
  const group = await createRoom(stack, host, { kind: 'group' });
  await putIntoGroup(stack, ann, group);
  assertOk(await add(ann, group, bot), 201);
  const ours = assertOk(await ann.at.post('/v1/rooms', { title: 'us', kind: 'group', members: [bot.id] }), 201);
  assert.deepEqual(await membersOf(ours, ann), [ann.id, bot.id]);
});

test('a bot leaves a room with its owner, who would read on through it', async () => {
  for (const leave of [
    (room) => ann.at.del(`/v1/rooms/${room.id}/members/me`),
    (room) => host.at.del(`/v1/rooms/${room.id}/members/${ann.id}`),
    (room) => host.at.put(`/v1/rooms/${room.id}/bans/${ann.id}`, {}),
  ]) {
    const bot = await makeBot(ann);
    const room = await createRoom(stack, host, { kind: 'group' });
    await putIntoGroup(stack, ann, room);
    await putIntoGroup(stack, bob, room);
    assertOk(await add(ann, room, bot), 201);
    const inside = await subscribed(await client(stack, bob), channelOf(room));
    const told = eventOn(inside, 'member.left', 5000, ({ id }) => id === bot.id);
    const answer = await leave(room);
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    assert.equal((await told).bot, true);
    assert.deepEqual(await membersOf(room), [host.id, bob.id]);
    assert.equal(assertOk(await host.at.get(`/v1/rooms/${room.id}`), 200).member_count, 2);
    assertProblem(await bot.at.get(`/v1/rooms/${room.id}/messages`), 'not-found');
    assertProblem(await say(stack, bot, room), 'not-found');
    assert.equal(assertOk(await bot.at.get('/v1/users/me/events'), 200).events.at(-1).type, 'room.removed');
  }
});

test('a bot never becomes the host', async () => {
  const { bot, room } = await roomWithBot();
  await setModerator(stack, room, bot);
  assertInvalid(await host.at.put(`/v1/rooms/${room.id}/host`, { user: bot.id }), 'user');
  const helper = await makeBot(moderator);
  assertOk(await add(moderator, room, helper), 201);
  assertOk(await host.at.del(`/v1/rooms/${room.id}/members/me`), 204);
  assert.equal(assertOk(await ann.at.get(`/v1/rooms/${room.id}`), 200).host, moderator.id);
  const group = await createRoom(stack, ann, { kind: 'group' });
  assertOk(await add(ann, group, await makeBot(ann)), 201);
  assertOk(await ann.at.del(`/v1/rooms/${group.id}/members/me`), 204);
  assertProblem(await ann.at.get(`/v1/rooms/${group.id}`), 'not-found');
  assert.deepEqual(await stack.sql(`SELECT * FROM member WHERE room = ${group.id}`), [], 'a group of bots alone is gone');
  const empty = await createRoom(stack, ann);
  assertOk(await ann.at.del(`/v1/rooms/${empty.id}/members/me`), 204);
  assertOk(await admin.at.post(`/v1/rooms/${empty.id}/members`, { user: (await makeBot(admin)).id }), 201);
  assert.equal(assertOk(await admin.at.get(`/v1/rooms/${empty.id}`), 200).host, 0);
  await joinRoom(stack, bob, empty);
  assert.equal(assertOk(await bob.at.get(`/v1/rooms/${empty.id}`), 200).host, bob.id);
});

test('a bot does nothing that is for people', async () => {
  const bot = await makeBot();
  const room = await createRoom(stack, host);
  const { code } = assertOk(await host.at.post(`/v1/rooms/${room.id}/invites`, {}), 201);
  const calls = [['POST', '/v1/bots', { name: freshName('b'), nickname: 'x' }], ['GET', '/v1/bots'], ['GET', `/v1/bots/${bot.id}`],
    ['PATCH', `/v1/bots/${bot.id}`, { nickname: 'x' }], ['DELETE', `/v1/bots/${bot.id}`], ['POST', `/v1/bots/${bot.id}/token`],
    ['DELETE', '/v1/users/me', { messages: 'keep' }], ['PUT', '/v1/users/me/password', { password: '!', new_password: 'something longer' }],
    ['GET', '/v1/users/me/email'], ['DELETE', '/v1/users/me/email'], ['POST', '/v1/email-verifications', { email: 'bot@example.org' }],
    ['PUT', '/v1/email-verifications', { email: 'bot@example.org', code: '000000' }], ['GET', '/v1/sessions'], ['DELETE', '/v1/sessions'],
    ['DELETE', '/v1/sessions/1'], ['DELETE', '/v1/sessions/current'], ['GET', '/v1/users/me/identities'], ['DELETE', '/v1/users/me/identities/kakao'],
    ['POST', '/v1/oidc/kakao', {}], ['POST', '/v1/rooms', { title: 'x', kind: 'public' }], ['PUT', `/v1/rooms/${room.id}/members/me`, {}],
    ['PUT', `/v1/rooms/${room.id}/like`], ['POST', `/v1/invites/${code}/uses`], ['PUT', `/v1/direct-rooms/${ann.id}`, {}],
    ['PUT', `/v1/friends/${ann.id}`, {}], ['POST', '/v1/reports', { reason: 'spam', user: ann.id }],
    ['POST', `/v1/rooms/${room.id}/hooks`, { name: 'x' }], ['DELETE', `/v1/rooms/${room.id}/hooks/1`]];
  for (const [method, path, body] of calls) assertProblem(await bot.at.call(method, path, body), 'not-for-bots');
  assert.deepEqual(await membersOf(room), [host.id]);
  for (const password of ['!', bot.token, '']) assert.ok([401, 422].includes((await nobody.at.post('/v1/sessions', { name: bot.name, password })).status));
  assertProblem(await admin.at.get('/v1/admin/stats').then(() => bot.at.get('/v1/admin/stats')), 'forbidden');
});

test('a person writes to a bot first, and is nobody\'s friend by that', async () => {
  const bot = await makeBot();
  assertProblem(await ann.at.put(`/v1/friends/${bot.id}`, {}), 'unreachable');
  const direct = assertOk(await ann.at.put(`/v1/direct-rooms/${bot.id}`, {}), 201);
  assert.equal(direct.partner.bot, true);
  assertOk(await say(stack, ann, direct, 'hello?'), 201);
  assertOk(await say(stack, bot, direct, 'here I am'), 201);
  assertProblem(await host.at.get(`/v1/rooms/${direct.id}`), 'not-found');
});

test('an old token, a forged one and none are the same: nobody', async () => {
  const { bot, room } = await roomWithBot();
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, bot, channelOf(room));
  const { token, ...same } = assertOk(await host.at.post(`/v1/bots/${bot.id}/token`), 201);
  assert.deepEqual(same, bot.made);
  assert.match(token, TOKEN);
  assert.notEqual(token, bot.token);
  await socket.closed;
  const stolen = [bot.token, `${bot.token}x`, bot.token.slice(0, -1), 'maru_', `maru_${'A'.repeat(43)}`, bot.token.slice(5), token.toUpperCase(),
    forge(stack, { sub: String(bot.id), sid: 1, iat: 0, exp: 9999999999 })];
  for (const text of stolen) {
    const at = api(stack, { token: text });
    assertProblem(await at.get('/v1/users/me'), 'unauthenticated');
    assertProblem(await at.post(`/v1/rooms/${room.id}/messages`, { client_id: 'x', body: 'x' }), 'unauthenticated');
    assertProblem(await at.post('/v1/realtime/auth', { socket_id: '1.1', channel_name: channelOf(room) }), 'unauthenticated');
  }
  assertProblem(await nobody.at.get('/v1/users/me', { Cookie: `maru_access=${token}` }), 'unauthenticated');
  assertOk(await api(stack, { token }).get('/v1/users/me'), 200);
  assertOk(await say(stack, { token }, room), 201);
});

test('two rotations at once leave one token', async () => {
  const bot = await makeBot();
  const answers = await Promise.all(Array.from({ length: 6 }, () => host.at.post(`/v1/bots/${bot.id}/token`)));
  const alive = await Promise.all(answers.map(({ body }) => api(stack, body).get('/v1/users/me')));
  assert.equal(alive.filter(({ status }) => status === 200).length, 1);
  assert.equal((await stack.sql(`SELECT id FROM session WHERE user = ${bot.id}`)).length, 1);
});

test('a bot of a closed account is silent, and one that an admin closes', async () => {
  const owner = await newcomer();
  const bot = await makeBot(owner);
  const room = await createRoom(stack, owner);
  assertOk(await add(owner, room, bot), 201);
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, bot, channelOf(room));
  assertOk(await admin.at.patch(`/v1/admin/users/${owner.id}`, { state: 'disabled' }), 200);
  await socket.closed;
  assertProblem(await bot.at.get('/v1/users/me'), 'unauthenticated');
  assertProblem(await say(stack, bot, room), 'unauthenticated');
  assertOk(await admin.at.patch(`/v1/admin/users/${owner.id}`, { state: 'active' }), 200);
  assertProblem(await bot.at.get('/v1/users/me'), 'unauthenticated');
  const back = withApi({ token: assertOk(await nobody.at.post('/v1/sessions', { name: owner.name, password: owner.password }), 201).access_token });
  const { token } = assertOk(await back.at.post(`/v1/bots/${bot.id}/token`), 201);
  assertOk(await say(stack, { token }, room), 201);
  const seen = assertOk(await admin.at.patch(`/v1/admin/users/${bot.id}`, { state: 'disabled' }), 200);
  assert.equal(seen.bot, true);
  assertProblem(await api(stack, { token }).get('/v1/users/me'), 'unauthenticated');
  assertProblem(await back.at.post(`/v1/bots/${bot.id}/token`), 'account-disabled');
  assertInvalid(await admin.at.patch(`/v1/admin/users/${bot.id}`, { role: 'admin' }), 'role');
});

test('a deleted bot is gone from its rooms, and its token dead', async () => {
  const { bot, room } = await roomWithBot();
  const said = assertOk(await say(stack, bot, room, 'I was here'), 201);
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, bot, channelOf(room));
  assertOk(await host.at.del(`/v1/bots/${bot.id}`), 204);
  await socket.closed;
  assertProblem(await bot.at.get('/v1/users/me'), 'unauthenticated');
  assertProblem(await host.at.get(`/v1/bots/${bot.id}`), 'not-found');
  assertProblem(await host.at.post(`/v1/bots/${bot.id}/token`), 'not-found');
  assertProblem(await host.at.del(`/v1/bots/${bot.id}`), 'not-found');
  assert.ok(!(await membersOf(room)).includes(bot.id));
  const { messages } = assertOk(await ann.at.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.equal(messages.find(({ seq }) => seq === said.seq).body, 'I was here');
  assert.deepEqual(await stack.sql(`SELECT name, nickname, state FROM user WHERE id = ${bot.id}`), [[`~${bot.id}`, '', 'erased']]);
});

test('with an account that is erased its bots go', async () => {
  const owner = await newcomer();
  const bots = [await makeBot(owner), await makeBot(owner)];
  const room = await createRoom(stack, host, { kind: 'group' });
  await putIntoGroup(stack, owner, room);
  for (const bot of bots) assertOk(await add(owner, room, bot), 201);
  assertOk(await owner.at.call('DELETE', '/v1/users/me', { password: owner.password, messages: 'keep' }), 204);
  for (const bot of bots) assertProblem(await bot.at.get('/v1/users/me'), 'unauthenticated');
  await until(async () => (await stack.sql('SELECT user FROM erase_job')).length === 0, 20000);
  assert.deepEqual(await stack.sql(`SELECT state, nickname FROM user WHERE owner = ${owner.id}`), [['erased', ''], ['erased', '']]);
  assert.deepEqual(await membersOf(room), [host.id]);
});

test('bots are not counted as people', async () => {
  const before = assertOk(await admin.at.get('/v1/admin/stats'), 200);
  await makeBot();
  const { users, bots } = assertOk(await admin.at.get('/v1/admin/stats'), 200);
  assert.deepEqual([users, bots], [before.users, before.bots + 1]);
});
