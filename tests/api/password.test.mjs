// PUT /v1/users/me/password: whoever knows the present one sets another, and is alone with the account afterwards.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, freshName, logIn, signUp, startStack, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, claims, fcgi, rawSocket } from './check.mjs';
import { grantFor, listen } from './listener.mjs';

const ATTEMPTS = 8;
const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: ATTEMPTS, workers: 4 } });
after(() => stack.stop());

const nobody = api(stack);
const NEW = 'another horse 🐴';
const change = (user, body = { password: user.password, new_password: NEW }) => api(stack, user).put('/v1/users/me/password', body);
const login = (name, password) => nobody.post('/v1/sessions', { name, password });
const refresh = (token) => nobody.post('/v1/sessions/refresh', { refresh_token: token });
const me = (session) => api(stack, session).get('/v1/users/me');
const again = async (user, password = user.password) => ({ ...user, ...await logIn(stack, user.name, password) });
const sessions = async (user) => (await stack.sql(`SELECT id FROM session WHERE user = ${user.id} ORDER BY id`)).flat().map(Number);
const stored = (user) => stack.sql(`SELECT password FROM user WHERE id = ${user.id}`);

test('the old password is refused from then on, the new one opens', async () => {
  const ann = await signUp(stack);
  const before = await stored(ann);
  assertOk(await change(ann), 204);
  assertProblem(await login(ann.name, ann.password), 'bad-login');
  assertOk(await login(ann.name, NEW), 201);
  assert.notDeepEqual(await stored(ann), before);
  assert.match((await stored(ann))[0][0], /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.ok(!stack.log('api').includes(NEW));
});

test('the session that changes it goes on, with its tokens and its socket', async () => {
  const ann = await signUp(stack);
  const own = await listen(stack, ann, `private-user-${ann.id}`);
  assertOk(await change(ann), 204);
  assertOk(await me(ann), 200);
  assertOk(await api(stack, ann).patch('/v1/users/me', { nickname: 'still here' }), 200);
  await own.until(1);
  assert.equal(own.socket.ws.readyState, 1);
  const { body } = await refresh(ann.refresh);
  assertOk(await me({ token: body.access_token }), 200);
  await own.close();
});

test('all other sessions end: their sockets within two seconds, their tokens and their grants for good', async () => {
  for (const still of [false, true]) {
    const ann = await signUp(stack);
    const bob = await signUp(stack);
    const others = [await again(ann), await again(ann), await again(ann)];
    const channel = `private-user-${ann.id}`;
    const own = await listen(stack, ann, channel);
    const bobs = await listen(stack, bob, `private-user-${bob.id}`);
    const listeners = await Promise.all(others.map((user) => listen(stack, user, channel)));
    const spare = await rawSocket(stack);
    const old = await grantFor(stack, others[0], spare, channel);
    if (still) stack.signal('push', 'SIGSTOP');
    assertOk(await change(ann), 204);
    if (still) stack.signal('push', 'SIGCONT');
    const start = Date.now();
    for (const { socket } of listeners) assert.equal(await socket.closed, 4009);
    assert.ok(Date.now() - start < 2000, `cut after ${Date.now() - start} ms`);
    assert.equal((await listen(stack, others[0], channel, undefined, { socket: spare, grant: old })).ok, false);
    for (const user of others) {
      assertProblem(await me(user), 'unauthenticated');
      assertProblem(await refresh(user.refresh), 'unauthenticated');
      assertProblem(await api(stack, user).post('/v1/realtime/auth', { socket_id: spare.id, channel_name: channel }), 'unauthenticated');
    }
    assert.deepEqual(await sessions(ann), [claims(ann.token).sid]);
    assertOk(await api(stack, ann).patch('/v1/users/me', { nickname: 'alone' }), 200);
    await own.until(1);
    assert.deepEqual([own.socket.ws.readyState, bobs.socket.ws.readyState], [1, 1]);
    assertOk(await me(bob), 200);
    for (const each of [own, bobs]) await each.close();
    spare.ws.terminate();
  }
});

test('one event for maru-push per session that ends', async () => {
  const ann = await signUp(stack);
  const others = [await again(ann), await again(ann)].map(({ token }) => claims(token).sid);
  const [[head]] = await stack.sql('SELECT head FROM stream WHERE kind = 4 AND id = 0');
  assertOk(await change(ann), 204);
  const rows = await stack.sql(`SELECT type, JSON_VALUE(data, '$.user'), JSON_VALUE(data, '$.session') FROM event
    WHERE kind = 4 AND stream = 0 AND seq > ${head} ORDER BY seq`);
  assert.deepEqual(rows, others.map((session) => ['session.ended', String(ann.id), String(session)]));
});

test('a wrong present password changes nothing, and says so without a login to renew', async () => {
  const ann = await signUp(stack);
  const other = await again(ann);
  const before = await stored(ann);
  for (const password of ['wrong password', NEW, ` ${ann.password}`, ann.password.toUpperCase(), 'x']) {
    const answer = await change(ann, { password, new_password: NEW });
    assertProblem(answer, 'bad-password');
    assert.equal(answer.headers.get('www-authenticate'), null);
  }
  assert.deepEqual(await stored(ann), before);
  assertOk(await me(other), 200);
  assertOk(await me(ann), 200);
  assertOk(await login(ann.name, ann.password), 201);
});

test('a new password is as long as that of a sign-up, and nothing else is taken', async () => {
  const ann = await signUp(stack);
  const { password } = ann;
  for (const bad of ['1234567', '', '비밀', 'x'.repeat(129), '비'.repeat(43), 1, null, [NEW], {}]) {
    assertInvalid(await change(ann, { password, new_password: bad }), 'new_password');
  }
  for (const bad of ['', 'x'.repeat(129), 1, null, [password]]) assertInvalid(await change(ann, { password: bad, new_password: NEW }), 'password');
  assertInvalid(await change(ann, {}), 'password', 'new_password');
  assertInvalid(await change(ann, { password, new_password: NEW, user: 1, id: 1, name: 'root' }), 'user', 'id', 'name');
  assertProblem(await api(stack, ann).put('/v1/users/me/password', [password]), 'bad-json');
  for (const good of ['12345678', 'x'.repeat(128), "'; DROP TABLE user; -- ", '\\" OR 1=1']) {
    assertOk(await change(ann, { password: ann.password, new_password: good }), 204);
    ann.password = good;
  }
  assertOk(await login(ann.name, ann.password), 201);
});

test('only somebody who is logged in changes a password, and only the own one', async () => {
  const [ann, bob] = [await signUp(stack), await signUp(stack)];
  assertProblem(await nobody.put('/v1/users/me/password', { password: ann.password, new_password: NEW }), 'unauthenticated');
  assertProblem(await change({ token: ann.refresh, password: ann.password }), 'unauthenticated');
  for (const path of [`/v1/users/${ann.id}/password`, `/v1/users/${ann.name}/password`]) {
    assert.equal((await api(stack, bob).put(path, { password: ann.password, new_password: NEW })).status, 404);
  }
  const out = await again(ann);
  assertOk(await api(stack, out).del('/v1/sessions/current'), 204);
  assertProblem(await change(out), 'unauthenticated');
  assertOk(await change(bob), 204);
  assertOk(await login(ann.name, ann.password), 201);
});

// ---- races

test('of six changes at the same time one is made; the others know the present password no more', async () => {
  const ann = await signUp(stack);
  const wanted = Array.from({ length: 6 }, (_, i) => `new password ${i}`);
  const answers = await Promise.all(wanted.map((password) => change(ann, { password: ann.password, new_password: password })));
  const done = wanted.filter((_, i) => answers[i].status === 204);
  assert.equal(done.length, 1);
  for (const answer of answers.filter(({ status }) => status !== 204)) assertProblem(answer, 'bad-password');
  assertOk(await login(ann.name, done[0]), 201);
});

test('of two sessions that change it at the same time one is left', async () => {
  for (let round = 0; round < 4; round++) {
    const ann = await signUp(stack);
    const both = [ann, await again(ann)];
    const answers = await Promise.all(both.map((user, i) => change(user, { password: ann.password, new_password: `new password ${i}` })));
    const winner = answers.findIndex(({ status }) => status === 204);
    assertProblem(answers[1 - winner], 'unauthenticated');
    assertOk(await me(both[winner]), 200);
    assert.deepEqual(await sessions(ann), [claims(both[winner].token).sid]);
    assertOk(await login(ann.name, `new password ${winner}`), 201);
  }
});

test('no login with the old password outlives the change', async () => {
  for (let round = 0; round < 5; round++) {
    const ann = await signUp(stack);
    const logins = Array.from({ length: 4 }, () => login(ann.name, ann.password));
    const [changed, ...came] = await Promise.all([change(ann), ...logins]);
    assertOk(changed, 204);
    for (const answer of came) {
      if (answer.status === 201) assertProblem(await me({ token: answer.body.access_token }), 'unauthenticated');
      else assertProblem(answer, 'bad-login');
    }
    assert.deepEqual(await sessions(ann), [claims(ann.token).sid]);
  }
});

test('a login that found the old password right before the change is not let in after it', async () => {
  const ann = await signUp(stack);
  const bob = await signUp(stack, freshName(), NEW);
  // Bob's hash for Ann, in a transaction that is still open when her old password is checked.
  const changing = stack.sql(`START TRANSACTION;
    UPDATE user SET password = (SELECT password FROM user WHERE id = ${bob.id}) WHERE id = ${ann.id};
    DO SLEEP(1); COMMIT`);
  await until(async () => (await stack.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep'"))[0][0] === '1');
  const answer = await login(ann.name, ann.password);
  await changing;
  assertProblem(answer, 'bad-login');
  assert.deepEqual(await sessions(ann), [claims(ann.token).sid]);
});

test('a refresh at the same time does not save a session', async () => {
  for (let round = 0; round < 4; round++) {
    const ann = await signUp(stack);
    const other = await again(ann);
    const [changed, renewed] = await Promise.all([change(ann), refresh(other.refresh)]);
    assertOk(changed, 204);
    if (renewed.status === 200) {
      assertProblem(await me({ token: renewed.body.access_token }), 'unauthenticated');
      assertProblem(await refresh(renewed.body.refresh_token), 'unauthenticated');
    } else assertProblem(renewed, 'unauthenticated');
    assert.deepEqual(await sessions(ann), [claims(ann.token).sid]);
  }
});

// ---- limits; the last test uses up what the address may do

test('guessing the present password counts like guessing at the login', async () => {
  const ann = await signUp(stack);
  const guess = () => change(ann, { password: 'guess', new_password: NEW });
  for (let i = 0; i < ATTEMPTS - 1; i++) assertProblem(await guess(), 'bad-password');
  assertOk(await change(ann, { password: ann.password, new_password: ann.password }), 204); // which starts the count anew
  for (let i = 0; i < ATTEMPTS / 2; i++) assertProblem(await guess(), 'bad-password');
  for (let i = 0; i < ATTEMPTS / 2; i++) assertProblem(await login(ann.name, 'guess'), 'bad-login');
  for (const answer of [await guess(), await change(ann), await login(ann.name, ann.password)]) {
    assertProblem(answer, 'throttled');
    const wait = Number(answer.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= 301, `Retry-After: ${wait}`);
  }
  assertOk(await me(ann), 200);
});

test('an address that guesses at many accounts is refused for all of them', async () => {
  const bob = await signUp(stack);
  let answer;
  for (let tries = 0; tries <= 5 * ATTEMPTS; tries++) {
    if (tries % (ATTEMPTS - 1) === 0) await stack.sql(`DELETE FROM throttle WHERE name = 'login:${bob.name}'`);
    answer = await change(bob, { password: 'guess', new_password: NEW });
    if (answer.status === 429) break;
  }
  assertProblem(answer, 'throttled');
  await stack.sql(`DELETE FROM throttle WHERE name = 'login:${bob.name}'`);
  assertProblem(await change(bob), 'throttled');
  const elsewhere = await fcgi(stack, { REQUEST_METHOD: 'PUT', REQUEST_URI: '/v1/users/me/password', REMOTE_ADDR: '198.51.100.4',
    HTTP_AUTHORIZATION: `Bearer ${bob.token}` }, JSON.stringify({ password: bob.password, new_password: 'from elsewhere' }));
  assert.equal(elsewhere.status, 204);
});
