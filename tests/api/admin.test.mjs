import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, logIn, signUp, startStack } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, createRoom, people, rawSocket, say, subscribeRaw } from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const nobody = api(stack);
const [admin, ann] = await people(stack, 2);
const promote = (user) => stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${user.id}`);
await promote(admin);
const admins = api(stack, admin);
const change = (user, body, by = admins) => by.patch(`/v1/admin/users/${user.id}`, body);
const users = async (query = '') => assertOk(await admins.get(`/v1/admin/users${query}`), 200).users;
const ids = async (query) => (await users(query)).map(({ id }) => id);
const login = (user) => nobody.post('/v1/sessions', { name: user.name, password: user.password });
const seen = (user, more = {}) => ({ id: user.id, name: user.name, nickname: user.nickname, avatar: user.avatar, status_message: '',
  role: 'user', state: 'active', created_at: user.created_at, ...more });

test('all of this is for admins only', async () => {
  for (const [user, slug] of [[nobody, 'unauthenticated'], [api(stack, ann), 'forbidden']]) {
    assertProblem(await user.get('/v1/admin/users'), slug);
    assertProblem(await user.get('/v1/admin/users?q=a&state=active'), slug);
    assertProblem(await user.get('/v1/admin/stats'), slug);
    assertProblem(await change(admin, { state: 'disabled' }, user), slug);
    assertProblem(await change({ id: 999999 }, { role: 'admin' }, user), slug);
    assertProblem(await change(ann, { role: 'admin' }, user), slug);
  }
  assert.equal((await users()).find(({ id }) => id === ann.id).role, 'user');
});

test('accounts are listed page by page, by state, and found by the beginning of a name', async () => {
  const [one, two] = await people(stack, 2);
  await stack.sql(`UPDATE user SET state = 'disabled', nickname = '100% 서울' WHERE id = ${one.id};
    UPDATE user SET email = 'two@example.org' WHERE id = ${two.id}`);
  assert.deepEqual(await users(`?q=${two.name}`), [seen(two, { email: 'two@example.org' })]);
  assert.ok((await ids()).length >= 4);
  assert.deepEqual(await ids('?state=disabled'), [one.id]);
  assert.deepEqual(await ids('?state=erased'), []);
  assert.deepEqual(await ids('?q=TWO@example.org'), [two.id]);
  assert.deepEqual(await ids(`?q=${encodeURIComponent('100% ')}`), [one.id]);
  assert.deepEqual(await ids(`?q=${one.name.slice(0, 8)}`), [one.id]);
  assert.deepEqual(await ids(`?q=${one.name.slice(0, 8)}&state=active`), []);
  for (const q of ['%25', '_', '서울', "x' OR 1=1 -- ", '%5C', 'u_']) assert.deepEqual(await ids(`?q=${encodeURIComponent(decodeURIComponent(q))}`), [], q);
  for (const query of ['?state=x', '?state=']) assertInvalid(await admins.get(`/v1/admin/users${query}`), 'state');
  for (const q of ['', 'x'.repeat(255)]) assertInvalid(await admins.get(`/v1/admin/users?q=${q}`), 'q');
  const first = assertOk(await admins.get('/v1/admin/users?limit=2'), 200);
  assert.deepEqual(first.users.map(({ id }) => id), [admin.id, ann.id]);
  assert.equal(first.next, ann.id);
  assert.deepEqual(await ids(`?limit=2&cursor=${first.next}`), [one.id, two.id]);
  await stack.sql(`UPDATE user SET state = 'active' WHERE id = ${one.id}`);
});

test('an account that is closed is out within moments and may not log in until it is opened', async () => {
  const user = await signUp(stack);
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, user, `private-user-${user.id}`);
  assertOk(await change(user, { state: 'disabled' }), 200, seen(user, { state: 'disabled' }));
  await socket.closed;
  assertProblem(await api(stack, user).get('/v1/users/me'), 'unauthenticated');
  assertProblem(await nobody.post('/v1/sessions/refresh', { refresh_token: user.refresh }), 'unauthenticated');
  assertProblem(await login(user), 'account-disabled');
  assertProblem(await login({ ...user, password: 'wrong password' }), 'bad-login');
  assert.deepEqual(assertOk(await admins.get(`/v1/users?q=${user.name}`), 200).users, []);
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM gram WHERE kind = 2 AND id = ${user.id}`), [['0']]);
  const { seen_at: seenAt, ...opened } = assertOk(await change(user, { state: 'active' }), 200);
  assert.match(seenAt ?? opened.created_at, TIME);
  assert.deepEqual(opened, seen(user));
  assert.equal(assertOk(await admins.get(`/v1/users?q=${user.name}`), 200).users.length, 1);
  await logIn(stack, user.name, user.password);
});

test('no login slips through while the account is being closed', async () => {
  const user = await signUp(stack);
  await Promise.all([...Array.from({ length: 8 }, () => login(user)), change(user, { state: 'disabled' }), login(user), login(user)]);
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM session WHERE user = ${user.id}`), [['0']]);
});

test('an admin makes another one, who is told, and nobody changes themselves', async () => {
  const user = await signUp(stack);
  assertOk(await change(user, { role: 'admin' }), 200, seen(user, { role: 'admin' }));
  const { events } = assertOk(await api(stack, user).get('/v1/users/me/events'), 200);
  assert.deepEqual(events.map(({ type, data }) => [type, data.role]), [['user.updated', 'admin']]);
  assertOk(await change(user, { role: 'admin', state: 'active' }), 200);
  assert.equal(assertOk(await api(stack, user).get('/v1/users/me/events'), 200).head, 1);
  assertInvalid(await change(admin, { role: 'user' }), 'role');
  assertInvalid(await change(admin, { state: 'disabled' }), 'state');
  assertOk(await change(admin, { role: 'admin' }), 200);
  assertOk(await change(user, { role: 'user' }), 200);
  assertProblem(await api(stack, user).get('/v1/admin/stats'), 'forbidden');
});

test('two admins who depose each other leave one', async () => {
  for (let i = 0; i < 5; i++) {
    const two = await people(stack, 2);
    await Promise.all(two.map(promote));
    await Promise.all([change(two[1], { role: 'user' }, api(stack, two[0])), change(two[0], { role: 'user' }, api(stack, two[1]))]);
    assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM user WHERE role = 'admin' AND id IN (${two[0].id}, ${two[1].id})`), [['1']]);
  }
});

test('an account that does not exist or is erased is missing, and other fields are refused', async () => {
  const user = await signUp(stack);
  assertInvalid(await change(user, { state: 'erased', role: 'god', name: 'x' }), 'name', 'state', 'role');
  assertProblem(await change({ id: 999999 }, { state: 'disabled' }), 'not-found');
  assertOk(await api(stack, user).call('DELETE', '/v1/users/me', { password: user.password, messages: 'keep' }), 204);
  assertProblem(await change(user, { state: 'active' }), 'not-found');
  assert.deepEqual(await ids('?state=erased'), [user.id]);
});

test('the numbers of what there is', async () => {
  const room = await createRoom(stack, ann);
  assertOk(await say(stack, ann, room), 201);
  const stats = assertOk(await admins.get('/v1/admin/stats'), 200);
  assert.deepEqual(Object.keys(stats), ['users', 'bots', 'disabled', 'erased', 'sessions', 'rooms', 'room_events', 'messages_about']);
  const [[active, sessions]] = await stack.sql("SELECT (SELECT COUNT(*) FROM user WHERE state = 'active'), (SELECT COUNT(*) FROM session)");
  assert.deepEqual([stats.users, stats.sessions, stats.rooms, stats.room_events, stats.erased], [Number(active), Number(sessions), 1, 1, 1]);
  assert.match((await users())[0].created_at, TIME);
});
