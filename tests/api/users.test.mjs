import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, freshName, logIn, signUp, startStack, subscribed } from '../harness.mjs';
import { MID, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom } from './check.mjs';

const SIGNUPS = 60;
const stack = await startStack({ conf: { signup_attempts: SIGNUPS, login_attempts: 1000 } });
after(() => stack.stop());

const nobody = api(stack);
const account = (change) => ({ name: freshName(), nickname: 'Ann', password: 'correct horse', ...change });
const create = (change) => nobody.post('/v1/users', account(change));

// What an account has that was just made, beside a picture of ten.
const profile = { status_message: '', role: 'user' };
const PRESET = /^preset-([1-9]|10)$/;

test('signing up answers the account and nothing else', async () => {
  const name = freshName();
  const answer = await create({ name, nickname: ' 마루 🙂 ' });
  const { id, avatar, created_at: createdAt } = answer.body;
  assertOk(answer, 201, { ...profile, id, name, nickname: ' 마루 🙂 ', avatar, created_at: createdAt });
  assert.match(avatar, PRESET);
  assert.ok(Number.isSafeInteger(id) && id > 0);
  assert.match(createdAt, TIME);
  assert.equal(answer.headers.get('set-cookie'), null);
});

test('a new account gets the next id and can log in', async () => {
  const one = await signUp(stack);
  const two = await signUp(stack);
  assert.ok(two.id > one.id);
  assert.equal(two.session.user.id, two.id);
});

test('a name has 3 to 20 small letters, digits, underscores and hyphens', async () => {
  for (const name of ['abc', 'a_-', '0123456789abcdefghij']) assertOk(await create({ name }), 201);
  for (const name of ['', 'ab', '0123456789abcdefghijk', 'Ann', 'an n', 'ann.', 'ann\n', '마루마루', 'änn', '../ann',
    'ann\u200b', "ann'--"]) {
    assertInvalid(await create({ name }), 'name');
  }
});

test('a taken name answers 409 and changes nothing', async () => {
  const ann = await signUp(stack);
  assertProblem(await create({ name: ann.name, password: 'another password' }), 'name-taken');
  await logIn(stack, ann.name, ann.password);
  assertProblem(await nobody.post('/v1/sessions', { name: ann.name, password: 'another password' }), 'bad-login');
});

test('of eight who take one name at the same time exactly one gets it', async () => {
  const name = freshName();
  const answers = await Promise.all(Array.from({ length: 8 }, () => create({ name })));
  const won = answers.filter(({ status }) => status === 201);
  assert.equal(won.length, 1);
  for (const answer of answers.filter((each) => each !== won[0])) assertProblem(answer, 'name-taken');
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM user WHERE name = '${name}'`), [['1']]);
});

test('a nickname is one visible line of up to 30 characters', async () => {
  for (const nickname of ['가'.repeat(30), '🙂'.repeat(30), 'x', ' x ', '<b>&"\\\'', 'ا\u202eب']) {
    assert.equal(assertOk(await create({ nickname }), 201).nickname, nickname);
  }
  for (const nickname of ['', ' ', '      ', '\t', 'a\nb', 'a\rb', 'a\u0001', '\u007fx', 'x'.repeat(31), '🙂'.repeat(31)]) {
    assertInvalid(await create({ nickname }), 'nickname');
  }
});

test('a nickname of nothing but invisible characters is refused', async () => {
  for (const nickname of ['\u3000', '\u00a0\u00a0', '\u200b', '\u3164', '\u2028', '\ufeff']) {
    assertInvalid(await create({ nickname }), 'nickname');
  }
});

test('a password has 8 to 128 bytes and all of them count', async () => {
  for (const password of ['1234567', '', '비밀', 'x'.repeat(129), '비'.repeat(43)]) {
    assertInvalid(await create({ password }), 'password');
  }
  for (const [password, wrong] of [['12345678', '1234567'], ['비밀번', '비밀본'], ['x'.repeat(128), `${'x'.repeat(127)}y`],
    [' blanks ', 'blanks'], ['Case Matters', 'case matters']]) {
    const { name } = assertOk(await create({ password }), 201);
    await logIn(stack, name, password);
    assertProblem(await nobody.post('/v1/sessions', { name, password: wrong }), 'bad-login');
  }
});

test('everything that is wrong with a sign-up is told at once', async () => {
  assertInvalid(await nobody.post('/v1/users', {}), 'name', 'nickname', 'password');
  assertInvalid(await nobody.post('/v1/users'), 'name', 'nickname', 'password');
  assertInvalid(await nobody.post('/v1/users', { name: 1, nickname: null, password: ['x'] }), 'name', 'nickname', 'password');
});

test('nobody can give himself an id, a role or a date', async () => {
  const name = freshName();
  const answer = await create({ name, id: 1, role: 'admin', created_at: '2000-01-01T00:00:00.000Z', is_admin: true });
  assertInvalid(answer, 'id', 'role', 'created_at', 'is_admin');
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM user WHERE name = '${name}'`), [['0']]);
});

let ann;
async function someone() {
  ann ??= await signUp(stack);
  return ann;
}

test('the own account is the one of the token', async () => {
  const { id, name, nickname, avatar, created_at: createdAt } = await someone();
  assertOk(await api(stack, ann).get('/v1/users/me'), 200, { ...profile, id, name, nickname, avatar, created_at: createdAt });
  assertProblem(await nobody.get('/v1/users/me'), 'unauthenticated');
});

test('a new nickname is answered, stored and told to all devices of the user', async () => {
  const me = api(stack, await someone());
  const channel = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = eventOn(channel, 'user.updated');
  const changed = assertOk(await me.patch('/v1/users/me', { nickname: '앤' }), 200);
  assert.deepEqual(changed, {
    ...profile, id: ann.id, name: ann.name, nickname: '앤', avatar: ann.avatar, created_at: ann.created_at,
  });
  assertOk(await me.get('/v1/users/me'), 200, changed);
  const { seq, mid, ...event } = await told;
  assert.deepEqual(event, changed);
  assert.ok(seq > 0);
  assert.match(mid, MID);
});

test('a change of nothing changes nothing and takes no seq', async () => {
  const me = api(stack, await someone());
  const head = () => stack.sql(`SELECT head FROM stream WHERE kind = 2 AND id = ${ann.id}`);
  const before = [await head(), (await me.get('/v1/users/me')).body];
  assertOk(await me.patch('/v1/users/me', {}), 200, before[1]);
  assertOk(await me.patch('/v1/users/me'), 200, before[1]);
  assertInvalid(await me.patch('/v1/users/me', { nickname: ' ' }), 'nickname');
  assertInvalid(await me.patch('/v1/users/me', { nickname: null }), 'nickname');
  assert.deepEqual([await head(), (await me.get('/v1/users/me')).body], before);
});

test('name, id and password of an account are not changed along with the nickname', async () => {
  const me = api(stack, await someone());
  const before = (await me.get('/v1/users/me')).body;
  assertInvalid(await me.patch('/v1/users/me', { nickname: 'x', name: 'other', id: 99, password: 'other password' }),
    'name', 'id', 'password');
  assertOk(await me.get('/v1/users/me'), 200, before);
});

test('a status message and a picture are told to the own devices and to the rooms', async () => {
  const user = await signUp(stack);
  const me = api(stack, user);
  const room = await createRoom(stack, user);
  const pusher = await client(stack, user);
  const [own, inside] = [await subscribed(pusher, `private-user-${user.id}`), await subscribed(pusher, `presence-room-${room.id}`)];
  assert.equal(inside.members.me.info.avatar, user.avatar);
  const told = [eventOn(own, 'user.updated'), eventOn(inside, 'member.updated')];
  const avatar = user.avatar === 'preset-3' ? 'preset-4' : 'preset-3';
  const changed = assertOk(await me.patch('/v1/users/me', { status_message: '공부 중 📚', avatar }), 200);
  assert.deepEqual(changed, { ...profile, id: user.id, name: user.name, nickname: user.nickname, created_at: user.created_at,
    status_message: '공부 중 📚', avatar });
  for (const event of await Promise.all(told)) {
    assert.equal(event.status_message, '공부 중 📚');
    assert.equal(event.avatar, avatar);
    assert.equal(event.nickname, user.nickname);
  }
  const { members } = assertOk(await me.get(`/v1/rooms/${room.id}/members`), 200);
  assert.deepEqual([members[0].status_message, members[0].avatar], ['공부 중 📚', avatar]);
  assert.equal(assertOk(await me.patch('/v1/users/me', { status_message: '', avatar: '' }), 200).avatar, '');
});

test('a status message is one line of up to 200 characters, a picture one of ten', async () => {
  const me = api(stack, await someone());
  for (const avatar of ['preset-1', 'preset-9', 'preset-10', '']) assertOk(await me.patch('/v1/users/me', { avatar }), 200);
  for (const avatar of ['preset-0', 'preset-11', 'preset-', 'preset-1x', 'preset-01', 'x', 'http://x/y.png', '../x', 1, null]) {
    assertInvalid(await me.patch('/v1/users/me', { avatar }), 'avatar');
  }
  assertOk(await me.patch('/v1/users/me', { status_message: '상'.repeat(200) }), 200);
  for (const status of ['x'.repeat(201), 'a\nb', '\u200b', 7]) {
    assertInvalid(await me.patch('/v1/users/me', { status_message: status }), 'status_message');
  }
  assertInvalid(await me.patch('/v1/users/me', { email: 'a@b.c', state: 'disabled' }), 'email', 'state');
});

// ---- others

const profileOf = ({ id, name, nickname, avatar, created_at }) => ({ id, name, nickname, avatar, status_message: '', created_at });

test('a profile has what everybody may know, for whoever may find the person', async () => {
  const [one, two] = [await signUp(stack), await signUp(stack)];
  const look = (user, id = one.id) => api(stack, user).get(`/v1/users/${id}`);
  assertOk(await look(two), 200, profileOf(one));
  assertOk(await look(one), 200, profileOf(one));
  assertProblem(await look({}), 'unauthenticated');
  for (const id of [999999, '0', 'x', '-1']) assertProblem(await look(two, id), 'not-found');
  await stack.sql(`UPDATE user SET found = 'hidden' WHERE id = ${one.id}`);
  const unseen = assertProblem(await look(two), 'not-found');
  const missing = assertProblem(await look(two, 999999), 'not-found');
  assert.deepEqual({ ...unseen, request_id: '', instance: '' }, { ...missing, request_id: '', instance: '' });
  const room = await createRoom(stack, one);
  await joinRoom(stack, two, room);
  assertOk(await look(two), 200, profileOf(one));
  await stack.sql(`INSERT INTO block (user, other, created_at) VALUES (${one.id}, ${two.id}, UTC_TIMESTAMP(3))`);
  assertOk(await look(two), 200, profileOf(one)); // as the list of members shows them: anything else would tell
  assertOk(await look(one, two.id), 200, profileOf(two));
  assertOk(await api(stack, two).del(`/v1/rooms/${room.id}/members/me`), 204);
  await stack.sql(`UPDATE user SET found = 'shown' WHERE id = ${one.id}`);
  assertProblem(await look(two), 'not-found');
  assertOk(await look(one, two.id), 200, profileOf(two));
});

test('a hidden person is seen by friends and by whom they have asked, not by who asks them', async () => {
  const [one, two] = [await signUp(stack), await signUp(stack)];
  const look = () => api(stack, two).get(`/v1/users/${one.id}`);
  await stack.sql(`UPDATE user SET found = 'hidden' WHERE id = ${one.id}`);
  for (const [state, slug] of [['sent', 'not-found'], ['received'], ['friend']]) {
    await stack.sql(`REPLACE INTO friend (user, other, state, created_at) VALUES (${two.id}, ${one.id}, '${state}', UTC_TIMESTAMP(3))`);
    if (slug) assertProblem(await look(), slug);
    else assertOk(await look(), 200, profileOf(one));
  }
  await stack.sql(`UPDATE user SET state = 'erased' WHERE id = ${one.id}`);
  assertProblem(await look(), 'not-found');
});

test('an account needs somebody logged in to be changed', async () => {
  assertProblem(await nobody.patch('/v1/users/me', { nickname: 'x' }), 'unauthenticated');
});

test('a change that changes nothing is told to nobody, and nobody changes all the time', async () => {
  const one = await signUp(stack);
  const room = await createRoom(stack, one);
  const change = (profile) => api(stack, one).patch('/v1/users/me', profile);
  const heads = () => stack.sql(`SELECT kind, id, head FROM stream WHERE kind = 1 AND id = ${room.id} OR kind = 2 AND id = ${one.id}`);
  const before = await heads();
  assertOk(await change({ nickname: one.nickname, avatar: one.avatar, status_message: '' }), 200);
  assert.deepEqual(await heads(), before);
  await stack.sql(`INSERT INTO throttle (name, hits, until) VALUES ('profile:${one.id}', 98, UTC_TIMESTAMP(3) + INTERVAL 1 HOUR)`);
  const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => change({ status_message: text })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 429, 429, 429]);
  assertProblem(await change({ nickname: 'again' }), 'throttled');
  assertOk(await change({}), 200);
});

test('one address creates only so many accounts in an hour', async () => {
  let answer;
  let created = 0;
  while ((answer = await create()).status === 201) assert.ok(++created <= SIGNUPS);
  assertProblem(answer, 'throttled');
  const wait = Number(answer.headers.get('retry-after'));
  assert.ok(wait > 0 && wait <= 3601, `Retry-After: ${wait}`);
  assertProblem(await create(), 'throttled');
  await logIn(stack, (await someone()).name, ann.password);
});
