// maructl: the words of its command line become requests, and what they do is told to everybody whom it concerns.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { api, client, eventOn, root, signUp, startStack, subscribed } from '../harness.mjs';
import { assertOk, assertProblem, createRoom, joinRoom, say } from '../api/check.mjs';
import { channelOf } from '../api/listener.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

// { code, out, err } of one run.
function run(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, stack.build, 'maructl'), args);
    const seen = { out: '', err: '' };
    child.stdout.on('data', (data) => { seen.out += data; });
    child.stderr.on('data', (data) => { seen.err += data; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...seen }));
  });
}
const conf = () => join(stack.dir, 'maru.conf');
const ctl = (...words) => run('-c', conf(), ...words);

// What a command prints that must not fail; with --json the answer.
async function done(...words) {
  const { code, out, err } = await ctl(...words);
  assert.deepEqual({ code, err }, { code: 0, err: '' }, words.join(' '));
  return out;
}
const answer = async (...words) => JSON.parse(await done('--json', ...words));

async function refused(code, pattern, ...words) {
  const seen = await ctl(...words);
  assert.equal(seen.code, code, `${words.join(' ')}: ${JSON.stringify(seen)}`);
  assert.match(seen.err, pattern);
  assert.equal(seen.out, '');
}

const rows = async (table) => Number((await stack.sql(`SELECT COUNT(*) FROM ${table}`))[0][0]);

test('on a fresh host it works, and makes the first admin', async () => {
  assert.match(await done('stats'), /^users: 0$/m);
  const ann = await signUp(stack);
  assertProblem(await api(stack, ann).get('/v1/admin/stats'), 'forbidden');
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = eventOn(own, 'user.updated');
  assert.match(await done('users', 'promote', ann.name), /^role: admin$/m);
  assert.equal((await told).role, 'admin');
  assertOk(await api(stack, ann).get('/v1/admin/stats'), 200);
  const [noted] = assertOk(await api(stack, ann).get('/v1/audit'), 200).audit;
  const [[operator]] = await stack.sql("SELECT id FROM user WHERE name = '~maructl'");
  assert.deepEqual([noted.actor, noted.action, noted.user, noted.data], [Number(operator), 'user.updated', ann.id, { state: 'active', role: 'admin' }]);
  assert.match(await done('users', 'demote', String(ann.id)), /^role: user$/m);
  assertProblem(await api(stack, ann).get('/v1/admin/stats'), 'forbidden');
});

test('the account in whose name it acts is nobody', async () => {
  const ann = await signUp(stack);
  const [[id]] = await stack.sql("SELECT id FROM user WHERE name = '~maructl'");
  assertProblem(await api(stack, ann).get(`/v1/users/${id}`), 'not-found');
  assertProblem(await api(stack, ann).put(`/v1/friends/${id}`), 'not-found');
  assert.deepEqual(assertOk(await api(stack, ann).get('/v1/users?q=maructl'), 200).users, []);
  assert.equal((await api(stack).post('/v1/sessions', { name: '~maructl', password: '!' })).status, 401);
  for (const act of ['disable', 'enable', 'promote', 'demote']) await refused(1, /There is no such thing/, 'users', act, '~maructl');
  const [[before]] = await stack.sql("SELECT auto_increment FROM information_schema.tables WHERE table_schema = 'maru' AND table_name = 'user'");
  await done('stats');
  assert.deepEqual(await stack.sql("SELECT auto_increment FROM information_schema.tables WHERE table_schema = 'maru' AND table_name = 'user'"), [[before]]);
});

test('words that are no command change nothing', async () => {
  const before = await rows('user');
  for (const words of [['users'], ['users', 'promote'], ['user', 'list'], ['rooms', 'show', 'x=1'], ['sweep', 'x'], ['']]) await refused(2, /there is no such command/, ...words);
  const usage = await run();
  assert.deepEqual([usage.code, usage.out], [2, '']);
  assert.match(usage.err, /users promote USER/);
  assert.equal((await run('--nonsense')).code, 2);
  assert.deepEqual([(await run('--help')).code, (await run('--version')).code], [0, 0]);
  await refused(2, /no account of the name nobody/, 'users', 'disable', 'nobody');
  await refused(2, /no account of the name /, 'users', 'disable', '');
  await refused(2, /no account of the name ' OR/, 'users', 'disable', "' OR true; --");
  for (const id of ['-1', '1e3', '99999999999999999999', '7/members/8', '']) await refused(2, /must be a number/, 'rooms', 'show', id);
  await refused(2, /does not know bogus=1/, 'rooms', 'list', 'bogus=1');
  await refused(2, /does not know state=active/, 'users', 'disable', '1', 'state=active');
  await refused(2, /required: user=\.\.\./, 'rooms', 'purge', '1');
  await refused(1, /There is no such thing/, 'rooms', 'show', '999999');
  assert.equal(await rows('user'), before);
});

test('what looks like a number is text where text is wanted', async () => {
  const host = await signUp(stack);
  const room = await createRoom(stack, host);
  assert.equal((await answer('rooms', 'set', String(room.id), 'title=2026', 'description=42', 'max_members=30')).title, '2026');
  const shown = await answer('rooms', 'show', String(room.id));
  assert.deepEqual([shown.title, shown.description, shown.max_members], ['2026', '42', 30]);
  assert.equal((await answer('words', 'add', 'word=1234', 'action=mask')).word, '1234');
  assert.deepEqual((await answer('categories', 'add', 'name=7', 'place=3')), { ...(await answer('categories', 'list')).categories[0], name: '7', place: 3 });
  const bob = await signUp(stack);
  assert.equal((await answer('bans', 'set', String(room.id), bob.name, 'reason=17', 'seconds=60')).reason, '17');
});

test('it says which field is wrong, and changes nothing then', async () => {
  const room = await createRoom(stack, await signUp(stack));
  await refused(1, /^ {2}title must have/m, 'rooms', 'set', String(room.id), 'title=');
  await refused(1, /^ {2}max_members must be/m, 'rooms', 'set', String(room.id), 'max_members=many');
  await refused(1, /^ {2}action must be/m, 'words', 'add', 'word=x', 'action=shout');
  await refused(1, /^ {2}state must be/m, 'users', 'list', 'state=asleep');
  assert.equal((await answer('rooms', 'show', String(room.id))).title, room.title);
});

test('what it does reaches those who are there at once', async () => {
  const [host, ann] = [await signUp(stack), await signUp(stack)];
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  assertOk(await say(stack, ann, room, 'spam'), 201);
  const inside = await subscribed(await client(stack, host), channelOf(room));
  const purged = eventOn(inside, 'messages.purged');
  assert.equal((await answer('rooms', 'purge', String(room.id), `user=${ann.name}`)).count, 1);
  assert.equal((await purged).user, ann.id);
  const kicked = eventOn(inside, 'member.kicked');
  assert.equal(await done('rooms', 'kick', String(room.id), ann.name), 'done\n');
  assert.equal((await kicked).id, ann.id);
  const changed = eventOn(inside, 'room.updated');
  await done('rooms', 'set', String(room.id), 'slow_seconds=5');
  assert.equal((await changed).slow_seconds, 5);
  const gone = eventOn(inside, 'room.deleted');
  assert.equal(await done('rooms', 'delete', String(room.id)), 'done\n');
  await gone;
  assertProblem(await api(stack, host).get(`/v1/rooms/${room.id}`), 'not-found');
});

test('an account that it closes is logged out, and gets in again once it is opened', async () => {
  const ann = await signUp(stack);
  const pusher = await client(stack, ann);
  await subscribed(pusher, `private-user-${ann.id}`);
  const ended = eventOn(pusher.connection, 'disconnected');
  await done('users', 'disable', ann.name);
  await ended;
  assertProblem(await api(stack, ann).get('/v1/users/me'), 'unauthenticated');
  assert.notEqual((await api(stack).post('/v1/sessions', { name: ann.name, password: ann.password })).status, 201);
  await done('users', 'enable', ann.name);
  assertOk(await api(stack).post('/v1/sessions', { name: ann.name, password: ann.password }), 201);
});

test('a direct room is nobody else\'s business, here too', async () => {
  const [ann, bob] = [await signUp(stack), await signUp(stack)];
  const room = assertOk(await api(stack, ann).put(`/v1/direct-rooms/${bob.id}`), 201);
  for (const act of [['show'], ['set'], ['delete'], ['kick', ann.name]]) await refused(1, /There is no such thing/, 'rooms', act[0], String(room.id), ...act.slice(1));
});

test('no control character of a name gets to the terminal, and no secret', async () => {
  const ann = await signUp(stack);
  await stack.sql(`UPDATE user SET nickname = CONCAT('a', CHAR(27), '[31m', CHAR(7), _utf8mb4 x'C29B', '2J', CHAR(10), 'b\\tc', CHAR(127), '한') WHERE id = ${ann.id}`);
  const out = await done('users', 'list', `q=${ann.name}`);
  assert.match(out, /\ta \[31m 2J? ?|\ta \[31m/);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(out, /[\0-\x08\x0b-\x1f\x7f\u0080-\u009f]/);
  assert.equal(out.split('\n').length, 3);
  assert.match(out, /한/);
  const json = await ctl('--json', 'users', 'list');
  for (const text of [out, json.out]) assert.doesNotMatch(text, /argon2|password|token_secret/);
});

test('without settings or a database it says so', async () => {
  const missing = await run('-c', join(stack.dir, 'no such file'), 'stats');
  assert.deepEqual([missing.code, missing.out], [1, '']);
  assert.match(missing.err, /no such file: No such file or directory/);
  const broken = join(stack.dir, 'broken.conf');
  writeFileSync(broken, 'what is this\ndb_password = very-secret-indeed =\nport = -7\n');
  const wrong = await run('-c', broken, 'stats');
  assert.deepEqual([wrong.code, wrong.out], [1, '']);
  assert.doesNotMatch(wrong.err, /very-secret-indeed/);
  await stack.stopDb();
  await refused(1, /the database does not answer/, 'stats');
  await stack.startDb();
  await done('stats');
});
