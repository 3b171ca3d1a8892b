// Where calls go through: GET /v1/ice-servers. That a relay takes the credentials is shown in tests/e2e/turn.test.mjs.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test, { after } from 'node:test';
import { api, freshName, signUp, startStack } from '../harness.mjs';
import { assertOk, assertProblem, createRoom } from './check.mjs';

const SECRET = 'of coturn, and 32 characters long';
const UDP = 'turn:turn.example.org:3478?transport=udp';
const TLS = 'turns:turn.example.org:5349?transport=tcp';

const bare = await startStack();
const stack = await startStack({ conf: { stun_urls: 'stun:stun.example.org, stun:[2001:db8::1]:3478', turn_urls: `${UDP},${TLS}`, turn_secret: SECRET, turn_ttl: 600 } });
after(() => Promise.all([bare.stop(), stack.stop()]));

const ann = await signUp(stack);
const ask = (user, at = stack) => api(at, user).get('/v1/ice-servers');

test('a browser gets the servers as it takes them, with a name and a password of its own', async () => {
  const before = Math.floor(Date.now() / 1000);
  const answer = await ask(ann);
  const { ice_servers: [stun, turn], ttl, ...more } = assertOk(answer, 200);
  assert.deepEqual([ttl, more], [600, {}]);
  assert.deepEqual(stun, { urls: ['stun:stun.example.org', 'stun:[2001:db8::1]:3478'] });
  assert.deepEqual(turn.urls, [UDP, TLS]);
  const [end, user] = turn.username.split(':').map(Number);
  assert.equal(user, ann.id);
  assert.ok(end >= before + 600 && end <= Date.now() / 1000 + 600, turn.username);
  assert.equal(turn.credential, createHmac('sha1', SECRET).update(turn.username).digest('base64'));
  assert.equal(answer.headers.get('cache-control'), 'no-store');
});

test('everybody gets another name', async () => {
  const bob = await signUp(stack);
  const [one, other] = await Promise.all([ann, bob].map(async (user) => assertOk(await ask(user), 200).ice_servers[1]));
  assert.equal(other.username.split(':')[1], String(bob.id));
  assert.notEqual(one.credential, other.credential);
});

test('without servers the list is empty', async () => {
  assertOk(await ask(await signUp(bare), bare), 200, { ice_servers: [], ttl: 3600 });
});

test('nobody without an account may use the relay, and no bot', async () => {
  assertProblem(await ask(), 'unauthenticated');
  const room = await createRoom(stack, ann, { guests: true });
  const { access_token: token } = assertOk(await api(stack).post('/v1/guests', { nickname: 'passer-by', room: room.id }), 201);
  assertProblem(await ask({ token }), 'not-for-guests');
  const bot = assertOk(await api(stack, ann).post('/v1/bots', { name: freshName('b'), nickname: 'helper' }), 201);
  assertProblem(await ask(bot), 'not-for-bots');
});

test('maru-api does not start with a relay that has no secret', async () => {
  await assert.rejects(startStack({ conf: { turn_urls: UDP } }), /turn_urls needs turn_secret: 32 or more characters/);
});
