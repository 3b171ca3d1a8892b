import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test, { after } from 'node:test';
import { api, client, eventOn, freshName, logIn, signUp, startStack, subscribed } from '../harness.mjs';
import {
  JWT_HEADER, TIME, assertInvalid, assertOk, assertProblem, b64, claims, createRoom, fcgi, forge, rawSocket, say, subscribeRaw,
} from './check.mjs';

const ATTEMPTS = 8;
const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: ATTEMPTS, access_ttl: 600, refresh_ttl: 86400 } });
after(() => stack.stop());

const nobody = api(stack);
const ann = await signUp(stack);
const bob = await signUp(stack);

const me = (token) => api(stack, { token }).get('/v1/users/me');
// As if it had been used a while ago.
const ageUse = (token) => stack.sql(`UPDATE refresh_token SET used_at = used_at - INTERVAL 11 SECOND
  WHERE hash = UNHEX('${createHash('sha256').update(token).digest('hex')}')`);
const refresh = (token) => nobody.post('/v1/sessions/refresh', { refresh_token: token });
const login = (name, password) => nobody.post('/v1/sessions', { name, password });
const publicUser = ({ id, name, nickname, avatar, status_message, role, created_at }) => ({
  id, name, nickname, avatar, status_message, role, created_at,
});

// The cookies that an answer sets: name -> { value, attributes }.
function cookies({ headers }) {
  return Object.fromEntries(headers.getSetCookie().map((line) => {
    const [, name, value, attributes] = line.match(/^([^=]+)=([^;]*); (.*)$/);
    return [name, { value, attributes }];
  }));
}

// ---- login

test('logging in answers two tokens and the account', async () => {
  const answer = await login(ann.name, ann.password);
  const { access_token: access, refresh_token: token } = answer.body;
  assertOk(answer, 201, { access_token: access, expires_in: 600, refresh_token: token, user: publicUser(ann) });
  assert.match(token, /^[\w-]{43}$/);
  const { sub, sid, iat, exp, ...rest } = claims(access);
  assert.deepEqual(rest, {});
  assert.equal(sub, String(ann.id));
  assert.ok(Number.isSafeInteger(sid));
  assert.equal(exp - iat, 600);
  assertOk(await me(access), 200, publicUser(ann));
});

test('the tokens come as cookies too that no script can read', async () => {
  const answer = await login(ann.name, ann.password);
  assert.deepEqual(cookies(answer), {
    maru_access: { value: answer.body.access_token, attributes: 'Path=/; Max-Age=600; HttpOnly; SameSite=Lax' },
    maru_refresh: { value: answer.body.refresh_token, attributes: 'Path=/v1/sessions; Max-Age=86400; HttpOnly; SameSite=Lax' },
  });
});

test('under TLS the cookies are secure and bound to their host', async () => {
  const answer = await fcgi(stack, { REQUEST_METHOD: 'POST', REQUEST_URI: '/v1/sessions', REQUEST_SCHEME: 'https' },
    JSON.stringify({ name: ann.name, password: ann.password }));
  assert.equal(answer.status, 201);
  assert.deepEqual(cookies(answer), {
    '__Host-maru_access': { value: answer.body.access_token, attributes: 'Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure' },
    '__Secure-maru_refresh': { value: answer.body.refresh_token, attributes: 'Path=/v1/sessions; Max-Age=86400; HttpOnly; SameSite=Lax; Secure' },
  });
  const withCookie = (cookie) => fcgi(stack, { REQUEST_URI: '/v1/users/me', REQUEST_SCHEME: 'https', HTTP_COOKIE: cookie });
  assert.equal((await withCookie(`__Host-maru_access=${answer.body.access_token}`)).status, 200);
  assert.equal((await withCookie(`maru_access=${answer.body.access_token}`)).status, 401);
});

test('two logins are two sessions', async () => {
  const one = await logIn(stack, ann.name, ann.password);
  const two = await logIn(stack, ann.name, ann.password);
  assert.notEqual(claims(one.token).sid, claims(two.token).sid);
  assert.notEqual(one.refresh, two.refresh);
});

test('of too many sessions those end that were not used for longest', async () => {
  const old = await signUp(stack);
  const used = await logIn(stack, old.name, old.password);
  await stack.sql(`UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 2 DAY WHERE id = ${claims(old.token).sid};
    INSERT INTO session (user, address, agent, created_at, seen_at, expires_at)
      SELECT ${old.id}, '', '', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) - INTERVAL 1 DAY, UTC_TIMESTAMP(3) + INTERVAL 1 DAY FROM seq_1_to_98`);
  assertOk(await me(old.token), 200);
  const pusher = await client(stack, old);
  await subscribed(pusher, `private-user-${old.id}`);
  const ended = eventOn(pusher.connection, 'disconnected');
  const now = await logIn(stack, old.name, old.password);
  await ended;
  assertProblem(await me(old.token), 'unauthenticated');
  assertProblem(await refresh(old.refresh), 'unauthenticated');
  for (const { token } of [used, now]) assertOk(await me(token), 200);
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM session WHERE user = ${old.id}`), [['100']]);
});

test('a wrong password and an unknown name get the same answer', async () => {
  const wrong = assertProblem(await login(ann.name, 'correct horse batterz'), 'bad-login');
  const unknown = assertProblem(await login(freshName(), 'correct horse battery'), 'bad-login');
  assert.deepEqual({ ...wrong, request_id: '' }, { ...unknown, request_id: '' });
});

test('a name that no account can have is refused like any unknown one', async () => {
  for (const name of ['홍길동', 'Ann', '🙂', "' OR '1'='1", '\\', '%', 'a'.repeat(100), `${ann.name} `, ann.name.toUpperCase()]) {
    assertProblem(await login(name, ann.password), 'bad-login');
  }
});

test('a name that is too long is refused before anything is looked up', async () => {
  assertInvalid(await login('한'.repeat(100), ann.password), 'name');
  assertInvalid(await login('a'.repeat(101), ann.password), 'name');
});

test('a login needs a name and a password and nothing else', async () => {
  assertInvalid(await nobody.post('/v1/sessions', {}), 'name', 'password');
  assertInvalid(await login('', ''), 'name', 'password');
  assertInvalid(await login(ann.name, 'x'.repeat(129)), 'password');
  assertInvalid(await nobody.post('/v1/sessions', { name: ann.name, password: ann.password, user: 1, remember: true }),
    'user', 'remember');
});

test('the session remembers address and browser, and only the hash of the refresh token', async () => {
  const answer = await nobody.post('/v1/sessions', { name: ann.name, password: ann.password },
    { 'User-Agent': `Browser/1.0 ${'x'.repeat(300)}`, 'X-Forwarded-For': '203.0.113.9', 'X-Real-IP': '203.0.113.9' });
  const { sid } = claims(answer.body.access_token);
  assert.deepEqual(await stack.sql(`SELECT user, address, agent FROM session WHERE id = ${sid}`),
    [[String(ann.id), '127.0.0.1', `Browser/1.0 ${'x'.repeat(188)}`]]);
  assert.deepEqual(await stack.sql(`SELECT LOWER(HEX(hash)), used_at FROM refresh_token WHERE session = ${sid}`),
    [[createHash('sha256').update(answer.body.refresh_token).digest('hex'), null]]);
});

test('passwords are stored as salted argon2id hashes', async () => {
  const rows = await stack.sql('SELECT password FROM user');
  for (const [hash] of rows) assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]+\$[\w+/]+$/);
  assert.equal(new Set(rows.map(([hash]) => hash)).size, rows.length);
});

// ---- who is asking

test('the token counts as a bearer token and as a cookie', async () => {
  const ask = (headers) => nobody.get('/v1/users/me', headers);
  for (const headers of [{ Authorization: `Bearer ${ann.token}` }, { Authorization: `bearer ${ann.token}` },
    { Cookie: `maru_access=${ann.token}` }, { Cookie: `theme=dark; maru_access=${ann.token}; lang=ko` },
    { Cookie: `xmaru_access=1;maru_access=${ann.token}` }]) {
    assertOk(await ask(headers), 200, publicUser(ann));
  }
  for (const headers of [{}, { Authorization: '' }, { Authorization: 'Bearer' }, { Authorization: 'Bearer ' },
    { Authorization: `Basic ${b64('ann:password')}` }, { Authorization: ann.token }, { Authorization: `Token ${ann.token}` },
    { Authorization: `Basic x`, Cookie: `maru_access=${ann.token}` },
    { Cookie: 'maru_access' }, { Cookie: 'maru_access=' }, { Cookie: `MARU_ACCESS=${ann.token}` },
    { Cookie: `maru_refresh=${ann.refresh}` }, { Authorization: `Bearer ${ann.refresh}` }]) {
    assertProblem(await ask(headers), 'unauthenticated');
  }
});

test('the header wins over the cookie', async () => {
  assertOk(await nobody.get('/v1/users/me', { Authorization: `Bearer ${ann.token}`, Cookie: `maru_access=${bob.token}` }),
    200, publicUser(ann));
});

const payload = (user, change) => ({ ...claims(user.token), ...change });

test('a token made with the secret is accepted, so the forgeries below fail for their own reasons', async () => {
  const now = Math.floor(Date.now() / 1000);
  assertOk(await me(forge(stack, payload(ann, { exp: now + 60 }))), 200, publicUser(ann));
});

test('an expired token says that it has expired', async () => {
  const now = Math.floor(Date.now() / 1000);
  for (const exp of [now - 1, now - 100000, 0, -1, undefined]) {
    assertProblem(await me(forge(stack, payload(ann, { exp }))), 'token-expired');
  }
});

test('forged tokens are nobody', async () => {
  const body = payload(ann);
  const [, , mac] = ann.token.split('.');
  const forged = {
    'alg none without a signature': `${b64({ alg: 'none', typ: 'JWT' })}.${b64(body)}.`,
    'alg none with the old signature': `${b64({ alg: 'none', typ: 'JWT' })}.${b64(body)}.${mac}`,
    'alg none, signed': forge(stack, body, { header: { alg: 'none', typ: 'JWT' } }),
    'alg RS256, signed with the secret': forge(stack, body, { header: { alg: 'RS256', typ: 'JWT' } }),
    'alg HS512, signed as HS256': forge(stack, body, { header: { alg: 'HS512', typ: 'JWT' } }),
    'a key id': forge(stack, body, { header: { ...JWT_HEADER, kid: '../../dev/null' } }),
    'a key of its own': forge(stack, body, { header: { ...JWT_HEADER, jwk: { kty: 'oct', k: 'AA' } } }),
    'a wrong secret': forge(stack, body, { secret: 'x'.repeat(64) }),
    'an empty secret': forge(stack, body, { secret: '' }),
    'the application secret': forge(stack, body, { secret: stack.conf.app_secret }),
    'another user, old signature': `${b64(JWT_HEADER)}.${b64(payload(bob))}.${mac}`,
    'cut at the end': ann.token.slice(0, -1),
    'cut to two parts': ann.token.split('.').slice(0, 2).join('.'),
    'cut in the middle': ann.token.slice(0, 60),
    'one letter': 'e',
    'dots only': '..',
    'one more part': `${ann.token}.x`,
    'padding': `${ann.token}=`,
    'another last letter': ann.token.slice(0, -1) + (ann.token.endsWith('A') ? 'B' : 'A'),
    'a huge one': forge(stack, { ...body, x: 'x'.repeat(5800) }),
    'garbage': 'A'.repeat(7900),
    'no user': forge(stack, payload(ann, { sub: undefined })),
    'a user that is a number': forge(stack, payload(ann, { sub: ann.id })),
    'no session': forge(stack, payload(ann, { sid: undefined })),
    'a payload that is a list': forge(stack, [body]),
    'a payload that is no JSON': forge(stack, 'x'),
    'the session of somebody else': forge(stack, payload(ann, { sid: claims(bob.token).sid })),
    'a session that never was': forge(stack, payload(ann, { sid: 999999 })),
    'a user that never was': forge(stack, payload(ann, { sub: '999999' })),
  };
  for (const [what, token] of Object.entries(forged)) {
    const answer = await me(token);
    assert.equal(answer.status, 401, what);
    assertProblem(answer, 'unauthenticated');
  }
});

test('a forged token opens no other door either', async () => {
  const room = await createRoom(stack, ann);
  const mallory = { token: forge(stack, payload(ann), { secret: 'x'.repeat(64) }) };
  const they = api(stack, mallory);
  assertProblem(await say(stack, mallory, room), 'unauthenticated');
  assertProblem(await they.get(`/v1/rooms/${room.id}/messages`), 'unauthenticated');
  assertProblem(await they.del(`/v1/rooms/${room.id}`), 'unauthenticated');
  assertProblem(await they.post('/v1/realtime/auth', { socket_id: '1.1', channel_name: `presence-room-${room.id}` }), 'unauthenticated');
});

// ---- refresh

test('refreshing gives a new pair for the same session', async () => {
  const before = await logIn(stack, ann.name, ann.password);
  const answer = await refresh(before.refresh);
  const { access_token: access, refresh_token: token } = answer.body;
  assertOk(answer, 200, { access_token: access, expires_in: 600, refresh_token: token, user: publicUser(ann) });
  assert.notEqual(token, before.refresh);
  assert.equal(claims(access).sid, claims(before.token).sid);
  assert.equal(cookies(answer).maru_refresh.value, token);
  assert.equal(cookies(answer).maru_access.value, access);
  assertOk(await me(access), 200);
  assertOk(await refresh(token), 200);
});

test('a browser refreshes with its cookie alone', async () => {
  const { refresh: token } = await logIn(stack, ann.name, ann.password);
  assertOk(await nobody.post('/v1/sessions/refresh', undefined, { Cookie: `maru_refresh=${token}` }), 200);
});

test('using a refresh token twice ends the session with all that belongs to it, and no other', async () => {
  const other = await logIn(stack, ann.name, ann.password);
  const first = await logIn(stack, ann.name, ann.password);
  const room = await createRoom(stack, first);
  const second = assertOk(await refresh(first.refresh), 200);
  assertOk(await me(second.access_token), 200);
  await ageUse(first.refresh);
  assert.match(assertProblem(await refresh(first.refresh), 'unauthenticated').detail, /used before/);
  assertProblem(await me(first.token), 'unauthenticated');
  assertProblem(await me(second.access_token), 'unauthenticated');
  assertProblem(await say(stack, { token: second.access_token }, room), 'unauthenticated');
  assertProblem(await refresh(second.refresh_token), 'unauthenticated');
  assertProblem(await refresh(first.refresh), 'unauthenticated');
  assertOk(await me(other.token), 200);
  assertOk(await refresh(other.refresh), 200);
});

test('of two who use one refresh token at the same time one gets nothing, and the session goes on', async () => {
  const { token, refresh: once } = await logIn(stack, ann.name, ann.password);
  const answers = await Promise.all([refresh(once), refresh(once)]);
  const winner = answers.find(({ status }) => status === 200);
  const loser = answers.find((answer) => answer !== winner);
  assertProblem(loser, 'renewed');
  assert.equal(loser.headers.get('set-cookie'), null);
  assertOk(await me(token), 200);
  assertOk(await refresh(winner.body.refresh_token), 200);
});

test('what is no refresh token of ours refreshes nothing', async () => {
  for (const token of ['x', 'A'.repeat(43), 'A'.repeat(100), ann.token.slice(0, 100), "' OR 1=1 -- "]) {
    assertProblem(await refresh(token), 'unauthenticated');
  }
  assertProblem(await nobody.post('/v1/sessions/refresh', {}), 'unauthenticated');
  assertProblem(await nobody.post('/v1/sessions/refresh'), 'unauthenticated');
  assertInvalid(await refresh(''), 'refresh_token');
  assertInvalid(await refresh('A'.repeat(101)), 'refresh_token');
  assertInvalid(await refresh(1), 'refresh_token');
});

test('a login that lay unused too long is over', async () => {
  const { token, refresh: late } = await logIn(stack, ann.name, ann.password);
  await stack.sql(`UPDATE session SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE id = ${claims(token).sid}`);
  assertProblem(await me(token), 'unauthenticated');
  assertProblem(await refresh(late), 'unauthenticated');
});

test('a refresh makes the login last again', async () => {
  const { token, refresh: early } = await logIn(stack, ann.name, ann.password);
  const left = () => stack.sql(`SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), expires_at) > 86000 FROM session WHERE id = ${claims(token).sid}`);
  await stack.sql(`UPDATE session SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 60 SECOND WHERE id = ${claims(token).sid}`);
  assert.deepEqual(await left(), [['0']]);
  assertOk(await refresh(early), 200);
  assert.deepEqual(await left(), [['1']]);
});

// ---- logout

test('logging out ends the session at once and clears the cookies', async () => {
  const phone = await logIn(stack, ann.name, ann.password);
  const room = await createRoom(stack, phone);
  const answer = await api(stack, phone).del('/v1/sessions/current');
  assertOk(answer, 204);
  assert.deepEqual(cookies(answer), {
    maru_access: { value: '', attributes: 'Path=/; Max-Age=0; HttpOnly; SameSite=Lax' },
    maru_refresh: { value: '', attributes: 'Path=/v1/sessions; Max-Age=0; HttpOnly; SameSite=Lax' },
  });
  assertProblem(await me(phone.token), 'unauthenticated');
  assertProblem(await say(stack, phone, room), 'unauthenticated');
  assertProblem(await refresh(phone.refresh), 'unauthenticated');
  assertProblem(await api(stack, phone).del('/v1/sessions/current'), 'unauthenticated');
  assertOk(await me(ann.token), 200);
});

test('logging out needs somebody who is logged in', async () => {
  assertProblem(await nobody.del('/v1/sessions/current'), 'unauthenticated');
});

// Two devices of one user, each with a live socket; the way in which the first one's session ends.
async function cutOne(end) {
  const [one, two] = [await logIn(stack, ann.name, ann.password), await logIn(stack, ann.name, ann.password)];
  const channel = `private-user-${ann.id}`;
  const sockets = await Promise.all([one, two].map(async (user) => {
    const socket = await rawSocket(stack);
    const answer = await subscribeRaw(stack, socket, user, channel);
    assert.equal(answer.event, 'pusher_internal:subscription_succeeded');
    return socket;
  }));
  const start = Date.now();
  await end(one);
  const code = await Promise.race([sockets[0].closed, new Promise((resolve) => setTimeout(resolve, 5000, 'still open').unref())]);
  const ms = Date.now() - start;
  assert.ok(code >= 4000 && code < 4100, `the socket of the session that ended: ${code}`); // Pusher: do not reconnect
  assert.ok(ms < 2000, `cut after ${ms} ms`);
  // The other device still hears what happens.
  assertOk(await api(stack, two).patch('/v1/users/me', { nickname: freshName() }), 200);
  await sockets[1].next('user.updated');
  assert.ok(!sockets[0].events.some(({ event }) => event === 'user.updated'));
  sockets[1].ws.close();
}

test('logging out cuts the live sockets of the session within two seconds, and no others', async () => {
  await cutOne(async (session) => assertOk(await api(stack, session).del('/v1/sessions/current'), 204));
});

test('a refresh token used twice cuts the live sockets of its session', async () => {
  await cutOne(async (session) => {
    assertOk(await refresh(session.refresh), 200);
    await ageUse(session.refresh);
    assertProblem(await refresh(session.refresh), 'unauthenticated');
  });
});

test('a stock client that was logged out is not let in again', async () => {
  const phone = await logIn(stack, bob.name, bob.password);
  const pusher = await client(stack, phone);
  await subscribed(pusher, `private-user-${bob.id}`);
  const gone = new Promise((resolve) => pusher.connection.bind('state_change', ({ current }) => {
    if (current !== 'connected') resolve(current);
  }));
  assertOk(await api(stack, phone).del('/v1/sessions/current'), 204);
  assert.ok(['disconnected', 'failed'].includes(await gone), 'the close code tells it not to come back');
  const again = await client(stack, phone);
  const refused = eventOn(again.subscribe(`private-user-${bob.id}`), 'pusher:subscription_error');
  assert.equal((await refused).status, 401);
});

// ---- limits; the last two tests use up what the address may do

test('after too many wrong passwords an account is closed for a while, even to the right one', async () => {
  const carl = await signUp(stack);
  for (let i = 0; i < ATTEMPTS - 1; i++) assertProblem(await login(carl.name, 'wrong password'), 'bad-login');
  assertOk(await login(carl.name, carl.password), 201); // which starts the count anew
  for (let i = 0; i < ATTEMPTS; i++) assertProblem(await login(carl.name, 'wrong password'), 'bad-login');
  for (const password of ['wrong password', carl.password]) {
    const answer = await login(carl.name, password);
    assertProblem(answer, 'throttled');
    const wait = Number(answer.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= 301, `Retry-After: ${wait}`);
  }
  assertOk(await login(bob.name, bob.password), 201);
  assertOk(await me(carl.token), 200);
  await stack.sql(`UPDATE throttle SET until = UTC_TIMESTAMP(3) WHERE name = 'login:${carl.name}'`);
  assertOk(await login(carl.name, carl.password), 201);
});

test('an address that fails with many accounts is refused for all of them', async () => {
  let answer;
  let tries = 0;
  while ((answer = await login(freshName(), 'wrong password')).status === 401) assert.ok(++tries <= 5 * ATTEMPTS);
  assertProblem(answer, 'throttled');
  assertProblem(await login(bob.name, bob.password), 'throttled');
  const other = await fcgi(stack, { REQUEST_METHOD: 'POST', REQUEST_URI: '/v1/sessions', REMOTE_ADDR: '198.51.100.4' },
    JSON.stringify({ name: bob.name, password: bob.password }));
  assert.equal(other.status, 201);
  const sameNetwork = await fcgi(stack, { REQUEST_METHOD: 'POST', REQUEST_URI: '/v1/sessions', REMOTE_ADDR: '127.0.0.200' },
    JSON.stringify({ name: bob.name, password: bob.password }));
  assert.equal(sameNetwork.status, 429);
});

// ---- the list of them

test('one sees where one is logged in, and which of these is this one: GET /v1/sessions', async () => {
  await stack.sql('DELETE FROM throttle'); // what the tests above have used up
  const user = await signUp(stack);
  const phone = await nobody.post('/v1/sessions', { name: user.name, password: user.password }, { 'User-Agent': 'Phone/1' });
  const expired = await logIn(stack, user.name, user.password);
  await stack.sql(`UPDATE session SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE id = ${claims(expired.token).sid}`);
  const list = async (token, query = '') => assertOk(await api(stack, { token }).get(`/v1/sessions${query}`), 200);
  const { sessions, next } = await list(phone.body.access_token);
  assert.equal(next, null);
  assert.deepEqual(sessions.map(({ id, current, agent, address }) => [id, current, agent, address]), [
    [claims(user.token).sid, false, '', '127.0.0.1'], [claims(phone.body.access_token).sid, true, 'Phone/1', '127.0.0.1']]);
  for (const session of sessions) {
    assert.deepEqual(Object.keys(session), ['id', 'address', 'agent', 'created_at', 'seen_at', 'expires_at', 'current']);
    for (const key of ['created_at', 'seen_at', 'expires_at']) assert.match(session[key], TIME);
  }
  const page = await list(user.token, '?limit=1');
  assert.equal(page.next, sessions[0].id);
  assert.equal((await list(user.token, `?cursor=${page.next}`)).sessions[0].id, sessions[1].id);
  assertProblem(await nobody.get('/v1/sessions'), 'unauthenticated');
});

test('one ends another session of the own, and its sockets go', async () => {
  const user = await signUp(stack);
  const other = await logIn(stack, user.name, user.password);
  const id = claims(other.token).sid;
  const end = (token, session) => api(stack, { token }).del(`/v1/sessions/${session}`);
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, other, `private-user-${user.id}`);
  assertProblem(await end(undefined, id), 'unauthenticated');
  assertProblem(await end(bob.token, id), 'not-found');
  assertProblem(await end(user.token, 999999), 'not-found');
  assertOk(await me(other.token), 200);
  assertOk(await end(user.token, id), 204);
  await socket.closed;
  assertProblem(await me(other.token), 'unauthenticated');
  assertProblem(await refresh(other.refresh), 'unauthenticated');
  assertProblem(await end(user.token, id), 'not-found');
  assertOk(await me(user.token), 200);
  assertOk(await end(user.token, claims(user.token).sid), 204);
  assertProblem(await me(user.token), 'unauthenticated');
});

test('one ends all other sessions at once', async () => {
  const user = await signUp(stack);
  const others = [await logIn(stack, user.name, user.password), await logIn(stack, user.name, user.password)];
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, others[1], `private-user-${user.id}`);
  assertProblem(await nobody.del('/v1/sessions'), 'unauthenticated');
  assertOk(await api(stack, user).del('/v1/sessions'), 204);
  await socket.closed;
  for (const { token, refresh: used } of others) {
    assertProblem(await me(token), 'unauthenticated');
    assertProblem(await refresh(used), 'unauthenticated');
  }
  assertOk(await me(user.token), 200);
  assertOk(await refresh(user.refresh), 200);
  assertOk(await me(bob.token), 200);
});
