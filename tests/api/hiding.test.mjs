// A hidden room, a group and a conversation of two can't be told from none by who is not in them: not by counters, lists,
// searches, presence or what the lobby hears, and not by how much work an answer is. That the answers are those of a room that
// does not exist, word for word, is seen to for every endpoint by matrix.test.mjs.
import assert from 'node:assert/strict';
import { fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import test, { after } from 'node:test';
import { api, client, startStack, subscribed } from '../harness.mjs';
import { ROOM_PASSWORD, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, say } from './check.mjs';
import { MATRIX_CONF, contextOf, readTable } from './matrix.mjs';
import { calls } from './matrixcalls.mjs';
import { build, missing, populate } from './matrixworld.mjs';

const stack = await startStack({ conf: { ...MATRIX_CONF, workers: 1 } });
const world = await populate(stack);
after(async () => {
  world.db.close();
  await stack.stop();
});

const { stranger, host, admin } = world.rooms;
const [ann, bob] = await people(stack, 2);
const anns = api(stack, ann);

const search = (title) => stranger.at.get(`/v1/rooms?q=${encodeURIComponent(title)}`);

const KINDS = ['hidden', 'group', 'direct'];

// One of a kind, whose title (or partner) nobody else has.
async function make(kind, options = {}) {
  if (kind === 'direct') return assertOk(await host.at.put(`/v1/direct-rooms/${ann.id}`, {}), 201);
  return createRoom(stack, host, { kind: kind === 'hidden' ? 'secret' : kind, ...(kind === 'hidden' ? { hidden: true } : {}), ...options });
}

// ---- what can be counted, listed, searched and heard

// All that somebody outside can learn of rooms without a number of one.
async function outlook(title, category) {
  const questions = ['/v1/rooms?total=1', '/v1/rooms?total=1&sort=members', '/v1/rooms?total=1&sort=likes', '/v1/rooms?total=1&kind=secret', '/v1/rooms?total=1&tag=unheard',
    `/v1/rooms?total=1&category=${category}`, `/v1/rooms?total=1&q=${title}`, '/v1/rooms?total=1&free=1', '/v1/categories?include=rooms', '/v1/users/me/rooms?total=1',
    '/v1/users/me/rooms?total=1&liked=1', '/v1/sync?since=lobby:0', '/v1/users/me/events', '/v1/users/me/reports'];
  const answers = {};
  for (const question of questions) answers[question] = assertOk(await stranger.at.get(question), 200);
  return answers;
}

test('no counter, list, search or event tells strangers of such a room, whatever happens in it', async () => {
  const { id: category } = assertOk(await admin.at.post('/v1/categories', { name: 'hall' }), 201);
  const title = 'zymurgical';
  const before = await outlook(title, category);
  const lobby = await subscribed(await client(stack, stranger), 'lobby');
  const heard = [];
  lobby.bind_global((name) => { if (!name.startsWith('pusher:')) heard.push(name); });
  for (const kind of KINDS) {
    const room = await make(kind, { title, category, tags: ['unheard'] });
    const path = `/v1/rooms/${room.id}`;
    assertOk(await say(stack, host, room), 201);
    assertOk(await host.at.post(`${path}/notices`, { body: title }), 201);
    if (kind === 'direct') continue;
    assertOk(await host.at.put(`${path}/like`), 200);
    assertOk(await host.at.patch(path, { description: title, slow_seconds: 1 }), 200);
    if (kind === 'hidden') await joinRoom(stack, ann, room, ROOM_PASSWORD);
    else await putIntoGroup(stack, ann, room);
    assertOk(await host.at.put(`${path}/host`, { user: ann.id }), 200);
  }
  assert.deepEqual(await outlook(title, category), before);
  // Whatever was told to the lobby has come when this has.
  const listed = await createRoom(stack, host, { title: 'fence' });
  await new Promise((resolve) => { lobby.bind('room.created', ({ id }) => { if (id === listed.id) resolve(); }); if (heard.includes('room.created')) resolve(); });
  assert.deepEqual(heard, ['room.created']);
});

test('a room that is hidden takes itself out of everything that a stranger knew it by', async () => {
  const room = await createRoom(stack, host, { kind: 'secret', title: 'xylographic', tags: ['unheard'] });
  assertOk(await stranger.at.put(`/v1/rooms/${room.id}/like`), 200);
  assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { hidden: true }), 200);
  for (const question of ['/v1/rooms?total=1&q=xylographic', '/v1/rooms?total=1&tag=unheard', '/v1/users/me/rooms?total=1&liked=1']) {
    const { rooms, total } = assertOk(await stranger.at.get(question), 200);
    assert.deepEqual([rooms, total], [[], 0], question);
  }
  assertProblem(await stranger.at.del(`/v1/rooms/${room.id}/like`), 'not-found');
  assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { hidden: false }), 200);
  assert.deepEqual(assertOk(await search('xylographic'), 200).rooms.map(({ id }) => id), [room.id]);
});

test('an invite that has died, was withdrawn or is of a room that is gone is as none', async () => {
  const gone = await make('group', { title: 'gone' });
  const used = await make('hidden', { title: 'used' });
  const invite = async (room, body) => assertOk(await host.at.post(`/v1/rooms/${room.id}/invites`, body), 201).code;
  const codes = [await invite(gone, {}), await invite(used, {}), await invite(used, { uses: 1 })];
  assertOk(await host.at.del(`/v1/rooms/${gone.id}`), 204);
  assertOk(await host.at.del(`/v1/rooms/${used.id}/invites/${codes[1]}`), 204);
  assertOk(await anns.post(`/v1/invites/${codes[2]}/uses`), 201);
  const none = 'A'.repeat(22);
  for (const code of codes) {
    for (const ask of [(one) => stranger.at.get(`/v1/invites/${one}`), (one) => stranger.at.post(`/v1/invites/${one}/uses`)]) {
      const [{ request_id: _, ...body }, { request_id: __, ...expected }] = [assertProblem(await ask(code), 'not-found'), assertProblem(await ask(none), 'not-found')];
      assert.deepEqual({ ...body, instance: '' }, { ...expected, instance: '' });
    }
  }
});

test('whoever meets only in such a room is offline to everybody else', async () => {
  const room = await make('group', { title: 'meeting' });
  await putIntoGroup(stack, bob, room);
  await subscribed(await client(stack, bob), `presence-room-${room.id}`);
  const { presence } = assertOk(await host.at.get(`/v1/presence?users=${bob.id}`), 200);
  assert.deepEqual(presence, [{ id: bob.id, online: true }]);
  const others = assertOk(await stranger.at.get(`/v1/presence?users=${bob.id},9999999`), 200).presence;
  assert.deepEqual(others, [{ id: bob.id, online: false }, { id: 9999999, online: false }]);
});

// ---- how much work an answer is

// The statements that the one worker sends to the database, by MariaDB's general log, and how often it computes Argon2,
// which alone needs so much memory that the kernel has to find some.
const log = `${stack.dir}/log/general.log`;
const FAULTS = 1000;
let file;
let read = 0;

// What came to the log since the last time.
function news() {
  file ??= openSync(log);
  const bytes = Buffer.alloc(fstatSync(file).size - read);
  readSync(file, bytes, 0, bytes.length, read);
  read += bytes.length;
  return bytes.toString();
}

function statements() {
  const text = news();
  const entries = [...text.matchAll(/^(?:\d{6} +\d+:\d\d:\d\d|\t)\t *(\d+) (Execute|Query)\t(.*)$/gm)];
  // The feeder asks, too.
  const worker = entries.find(([, , , statement]) => /AS alive FROM session/.test(statement))?.[1];
  // Whether words were changed is asked every two seconds, whatever for.
  return entries.filter(([, thread, , statement]) => thread === worker && !/FROM word_change/.test(statement))
    .map(([, , , statement]) => statement.replace(/'[^']*'|\d+/g, '?'));
}

// Of the worker: the others, as the one that makes the index for searching, work at the same time.
function faults() {
  const pid = stack.pid('api');
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    .filter((child) => readFileSync(`/proc/${child}/comm`, 'utf8') === 'maru-worker\n')
    .reduce((sum, child) => sum + Number(readFileSync(`/proc/${child}/stat`, 'utf8').replace(/.*\) /, '').split(' ')[7]), 0);
}

async function work(ask) {
  statements();
  const before = faults();
  await ask();
  return { hashes: faults() - before > FAULTS ? 1 : 0, statements: statements() };
}

test('an answer costs as many statements and as much hashing as that of a room that does not exist', async () => {
  await stack.sql(`SET GLOBAL log_output = 'FILE'; SET GLOBAL general_log_file = '${log}'; SET GLOBAL general_log = ON`);
  assert.equal((await work(() => stranger.at.post('/v1/sessions', { name: 'nobody', password: 'wrong' }))).hashes, 1);
  const differing = [];
  // What is searched for is in their titles and in no other, or nowhere.
  for (const kind of ['hidden', 'group']) await make(kind, { title: '꽃쉼뜰곁' });
  const [real, none] = [await work(() => search('꽃쉼뜰곁')), await work(() => search('뷁쀍됽쀨'))];
  assert.deepEqual(real, none);
  for (const kind of KINDS) {
    const s = await build(world, kind);
    const lines = readTable().filter((line) => line.kind === kind && ['404', 'as-none'].includes(line.cells.stranger) && !/^WS |rooms\?q=/.test(line.name));
    assert.ok(lines.length > 40);
    for (const { name } of lines) {
      const c = contextOf(world, s, kind, 'stranger');
      if (calls[name].make) c.target = await calls[name].make(c);
      await world.db.ask('DELETE FROM throttle');
      for (let i = 0; i < 2; i++) { // what a worker remembers it has read by then
        const [real, none] = [await work(() => calls[name].call(c)), await work(() => calls[name].call({ ...c, room: missing(c.room), isMissing: true, title: 'no such hall' }))];
        if (i === 1 && JSON.stringify(real) !== JSON.stringify(none)) differing.push({ name, kind, real, none });
      }
    }
  }
  assert.deepEqual(differing, []);
});
