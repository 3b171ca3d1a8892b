// Who is logged in: signing up, logging in and out, and access tokens that end meanwhile.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, freshName, startStack, until } from '../harness.mjs';
import { MaruClient, MemoryStore, PASSWORD, connected, member, newClient, newRoom, problemOf, tap, told } from './kit.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, access_ttl: 10 } });
after(() => stack.stop());

const refreshes = (wire) => wire.calls.filter((call) => call === 'POST /v1/sessions/refresh').length;

test('signing up logs in; logging out forgets everything, and the server does, too', async () => {
  const store = new MemoryStore();
  const client = newClient(stack, { store });
  const seen = [];
  client.on('me', (me) => seen.push(me?.name ?? null));
  assert.equal(client.me, null);
  const name = freshName();
  const me = await client.signUp(name, '마루', PASSWORD);
  assert.deepEqual([me.name, me.nickname, client.me.id], [name, '마루', me.id]);
  await client.start();
  await connected(client);
  const token = client.session.access;
  let ended = 0;
  client.on('ended', () => ended++);
  await client.logOut();
  assert.equal(ended, 0); // it was no surprise
  assert.equal(client.me, null);
  assert.equal(client.state, 'stopped');
  assert.deepEqual(['me', 'expires', 'access', 'refresh'].map((key) => store.get(key)), [null, null, null, null]);
  assert.deepEqual([seen[0], seen.at(-1)], [name, null]);
  assert.equal((await api(stack, { token }).get('/v1/users/me')).status, 401);
  assert.equal((await problemOf(() => client.rest.get('/v1/users/me'))).status, 401);
  const again = await client.logIn(name, PASSWORD);
  assert.equal(again.id, me.id);
  assert.equal((await client.rest.get('/v1/users/me')).nickname, '마루');
});

test('a wrong password is a Problem, and leaves nobody logged in', async () => {
  const { me } = await member(stack);
  const client = newClient(stack);
  const problem = await problemOf(() => client.logIn(me.name, 'wrong horse'));
  assert.deepEqual([problem.status, problem.slug], [401, 'bad-login']);
  assert.equal(client.me, null);
});

test('the login lasts with the store, into another client', async () => {
  const store = new MemoryStore();
  const first = await member(stack, { store });
  const second = newClient(stack, { store });
  assert.equal(second.me.id, first.me.id);
  await second.start();
  await connected(second);
  assert.equal((await second.rest.get('/v1/users/me')).id, first.me.id);
});

test('a token that is about to end is renewed first, once for all who wait', async () => {
  const store = new MemoryStore();
  const client = await member(stack, { store });
  const before = client.session.refresh; // two access tokens of one second are the same
  store.set('expires', String(Date.now() + 1000));
  const wire = tap();
  try {
    const all = await Promise.all(Array.from({ length: 8 }, () => client.rest.get('/v1/users/me')));
    assert.ok(all.every(({ id }) => id === client.me.id));
    assert.equal(refreshes(wire), 1);
    assert.ok(wire.calls.indexOf('POST /v1/sessions/refresh') < wire.calls.indexOf('GET /v1/users/me'));
    assert.notEqual(client.session.refresh, before);
    await client.rest.get('/v1/users/me');
    assert.equal(refreshes(wire), 1);
  } finally {
    wire.close();
  }
});

test('a token that is refused is renewed, once for all who were refused', async () => {
  const store = new MemoryStore();
  const client = await member(stack, { store });
  const old = api(stack, { token: client.session.access });
  store.set('expires', String(Date.now() + 3600e3)); // it does not know that it ends
  await until(async () => (await old.get('/v1/users/me')).status === 401, 20000, 'the token to end');
  const wire = tap();
  try {
    const id = await newRoom(client);
    const all = await Promise.all(Array.from({ length: 8 }, () => client.rest.get('/v1/rooms/{room}', { room: id })));
    assert.ok(all.every((room) => room.id === id));
    assert.equal(refreshes(wire), 1);
  } finally {
    wire.close();
  }
});

test('two clients with one store renew at the same moment, and both go on', async () => {
  const store = new MemoryStore();
  const one = await member(stack, { store });
  const two = newClient(stack, { store });
  store.set('expires', String(Date.now()));
  const answers = await Promise.all([one, two, one, two].map((client) => client.rest.get('/v1/users/me')));
  assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
});

test('a login that the server has ended is over here, too', async () => {
  const client = await member(stack);
  await connected(client);
  const other = newClient(stack);
  await other.logIn(client.me.name, PASSWORD);
  const ended = told(client, 'ended');
  await other.rest.delete('/v1/sessions', {});
  await ended;
  assert.equal(client.me, null);
  assert.equal(client.state, 'stopped');
  assert.equal((await other.rest.get('/v1/users/me')).id, other.me.id);
});

test('a bot has one token, which is not renewed', async () => {
  const owner = await member(stack);
  const made = await owner.rest.post('/v1/bots', {}, { name: freshName('b'), nickname: '차' });
  const bot = newClient(stack, { login: { token: made.token } });
  await bot.start();
  assert.equal(bot.me.id, made.id);
  await connected(bot);
  await owner.rest.post('/v1/bots/{bot}/token', { bot: made.id }, undefined);
  const wire = tap();
  try {
    assert.equal((await problemOf(() => bot.rest.get('/v1/users/me'))).status, 401);
    assert.equal(refreshes(wire), 0);
  } finally {
    wire.close();
  }
});

test('who is not logged in can ask for what is open to all, and is not told of an end', async () => {
  const client = newClient(stack);
  let ended = 0;
  client.on('ended', () => ended++);
  assert.equal((await problemOf(() => client.start())).status, 401);
  assert.ok(Array.isArray((await client.rest.get('/v1/oidc')).providers));
  assert.equal(ended, 0);
});

test('nothing works without a server, and says so', async () => {
  const client = new MaruClient({ url: 'http://127.0.0.1:1', login: 'tokens', store: new MemoryStore() });
  const problem = await problemOf(() => client.logIn('nobody', PASSWORD));
  assert.deepEqual([problem.status, problem.slug, problem.passing], [0, 'network', true]);
});
