// What must hold when something breaks: a 201 is never taken back, nothing hangs, and everything
// comes back by itself.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { api, client, connected, eventOn, freshName, logIn, signUp, startStack, subscribed, until } from '../harness.mjs';
import { assertOk, assertProblem, createRoom, joinRoom, people, rawSocket, say, subscribeRaw } from './check.mjs';

const WORKERS = 4;
const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: WORKERS } });
after(() => stack.stop());

const nobody = api(stack);
const [ann, bob] = await people(stack, 2);
const [anns, bobs] = [ann, bob].map((user) => api(stack, user));

async function roomOfTwo() {
  const room = await createRoom(stack, ann);
  await joinRoom(stack, bob, room); // seq 1
  return room;
}

const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
const isRunning = (pid) => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
// Stops a program in the middle of whatever it does; none of its threads does anything more.
async function freeze(program) {
  const pid = stack.pid(program);
  process.kill(pid, 'SIGSTOP');
  await until(() => readdirSync(`/proc/${pid}/task`).every((task) => /\) T /.test(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8'))));
}
// The workers and whatever else maru-api has started.
const processes = () => children(stack.pid('api')).filter(isRunning);
const kill = (pids, signal) => pids.forEach((pid) => { try { process.kill(pid, signal); } catch { /* it ended before */ } });
const logged = (from) => stack.log('api').slice(from);
const answers = () => until(async () => (await nobody.get('/v1/readyz')).status === 200, 10000, 'maru-api to be ready');

// After a fault: all that was answered 201 is in the history once, unchanged, and no seq is missing.
async function assertHistory(room, accepted) {
  const { events, head } = assertOk(await bobs.get(`/v1/rooms/${room.id}/events?limit=1000`), 200);
  assert.deepEqual(events.map(({ seq }) => seq), Array.from({ length: head }, (_, i) => i + 1));
  const stored = new Map(events.filter(({ type }) => type === 'message.created').map(({ data }) => [data.client_id, data]));
  assert.equal(stored.size, events.filter(({ type }) => type === 'message.created').length, 'no client_id is there twice');
  for (const message of accepted) assert.deepEqual(stored.get(message.client_id), message);
  return stored;
}

// Sends one message after the other until stop(); each is either accepted or a 503, which is retried.
function chatter(room) {
  const accepted = [];
  let refused = 0;
  let stopped = false;
  const done = (async () => {
    for (let i = 0; !stopped; i++) {
      const id = `${freshName()}-${i}`;
      for (;;) {
        const answer = await say(stack, ann, room, `message ${i}`, id);
        if (answer.status === 201) {
          accepted.push(answer.body);
          break;
        }
        assert.equal(answer.status, 503, JSON.stringify(answer.body));
        assert.match(answer.headers.get('retry-after'), /^\d+$/);
        refused++;
      }
    }
  })();
  return { accepted, refused: () => refused, grown: (n) => until(() => accepted.length >= n, 15000, 'messages to be accepted'),
    stop: () => { stopped = true; return done; } };
}

// Holds what these statements lock; they must end with words that have "locked" in them. Resolves with a way to let go.
async function hold(statements) {
  const holder = spawn('mariadb', ['--no-defaults', '-uroot', '-S', stack.conf.db_socket, '-N', '--unbuffered', 'maru']);
  holder.stdin.write(`${statements};\n`);
  await new Promise((resolve, reject) => {
    holder.stdout.on('data', (text) => { if (String(text).includes('locked')) resolve(); });
    holder.on('close', () => reject(new Error('the lock was not got')));
  });
  return () => new Promise((resolve) => { holder.on('close', resolve); holder.stdin.end('ROLLBACK;\n'); });
}

// The counter of a room, as a transaction that does not end would.
const lock = (room) => hold(`START TRANSACTION; SELECT 'locked' FROM stream WHERE kind = 1 AND id = ${room.id} FOR UPDATE`);

// How many wait for such a lock; what the feeder asks for now and then is none of them. (The table innodb_lock_waits
// stays as it was for whoever asks it more often than every tenth of a second.)
const waiting = async () => Number((await stack.sql(
  "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'"))[0][0]);

// ---- the database

test('without the database everything is refused for a moment, sockets stay, and it all comes back by itself', async (t) => {
  const room = await roomOfTwo();
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, bob, `presence-room-${room.id}`);
  const before = assertOk(await say(stack, ann, room, 'before'), 201);
  await stack.stopDb();
  assertProblem(await say(stack, ann, room, 'during', 'retry'), 'unavailable');
  assertProblem(await anns.get(`/v1/rooms/${room.id}/messages`), 'unavailable');
  assertProblem(await anns.get('/v1/users/me'), 'unavailable');
  assertProblem(await anns.post('/v1/rooms', { title: 'x', kind: 'public' }), 'unavailable');
  assertProblem(await nobody.post('/v1/sessions', { name: ann.name, password: ann.password }), 'unavailable');
  assertProblem(await nobody.post('/v1/users', { name: freshName(), nickname: 'x', password: 'long enough' }), 'unavailable');
  assertProblem(await nobody.get('/v1/readyz'), 'unavailable');
  assertOk(await nobody.get('/v1/healthz'), 200);
  assertProblem(await nobody.get('/v1/users/me'), 'unauthenticated'); // needs no database
  socket.send('pusher:ping', {});
  await socket.next('pusher:pong');
  const workers = processes();
  await stack.startDb(); // returns once it answers
  const start = Date.now();
  const during = await until(async () => {
    const answer = await say(stack, ann, room, 'during', 'retry');
    return answer.status === 201 && answer.body;
  }, 10000);
  t.diagnostic(`first success ${Date.now() - start} ms after the database was back`);
  const told = await socket.next(({ event, data }) => event === 'message.created' && JSON.parse(data).client_id === 'retry');
  assert.deepEqual(JSON.parse(told.data), during);
  assert.equal(socket.ws.readyState, 1);
  assert.deepEqual(processes(), workers, 'no worker died of it');
  await assertHistory(room, [before, during]);
  socket.ws.close();
});

test('nothing that was accepted is lost when the database is killed in the middle', async () => {
  const room = await roomOfTwo();
  const talk = [chatter(room), chatter(room), chatter(room)];
  await Promise.all(talk.map(({ grown }) => grown(10)));
  await stack.killDb();
  await until(() => talk.every(({ refused }) => refused() > 0));
  await stack.startDb();
  const so_far = talk.map(({ accepted }) => accepted.length);
  await Promise.all(talk.map(({ grown }, i) => grown(so_far[i] + 5)));
  await Promise.all(talk.map(({ stop }) => stop()));
  await assertHistory(room, talk.flatMap(({ accepted }) => accepted));
});

test('a connection that the database closed between two requests is not noticed by anybody', async () => {
  const room = await roomOfTwo();
  const killAll = async () => {
    const rows = await stack.sql("SELECT id FROM information_schema.processlist WHERE user = 'maru' AND command = 'Sleep'");
    assert.ok(rows.length > 0);
    await stack.sql(rows.map(([id]) => `KILL CONNECTION ${id};`).join(' '));
  };
  const calls = [() => anns.get('/v1/users/me'), () => anns.get('/v1/rooms'), () => anns.get(`/v1/rooms/${room.id}`),
    () => anns.get(`/v1/rooms/${room.id}/messages`), () => anns.get(`/v1/rooms/${room.id}/events`), () => anns.get(`/v1/rooms/${room.id}/members`),
    () => say(stack, ann, room), () => anns.patch('/v1/users/me', { nickname: 'Ann' }), () => anns.post('/v1/rooms', { title: 'x', kind: 'public' }),
    () => nobody.post('/v1/sessions', { name: ann.name, password: ann.password }),
    () => nobody.post('/v1/users', { name: freshName(), nickname: 'x', password: 'long enough' }), () => nobody.get('/v1/readyz')];
  for (const call of calls) {
    await Promise.all(Array.from({ length: 2 * WORKERS }, () => nobody.get('/v1/readyz'))); // which connects the workers
    await killAll();
    const answer = await call();
    assert.ok([200, 201].includes(answer.status), JSON.stringify(answer.body));
  }
});

test('connections that are killed in the middle of requests cost a retry and nothing else', async () => {
  const room = await roomOfTwo();
  const talk = [chatter(room), chatter(room), chatter(room)];
  for (let round = 1; round <= 5; round++) {
    await Promise.all(talk.map(({ grown }) => grown(5 * round)));
    const rows = await stack.sql("SELECT id FROM information_schema.processlist WHERE user = 'maru'");
    await stack.sql(rows.map(([id]) => `KILL CONNECTION ${id};`).join(' ')).catch(() => {}); // some are gone by then
  }
  const so_far = talk.map(({ accepted }) => accepted.length);
  await Promise.all(talk.map(({ grown }, i) => grown(so_far[i] + 5)));
  await Promise.all(talk.map(({ stop }) => stop()));
  await assertHistory(room, talk.flatMap(({ accepted }) => accepted));
});

test('a room that somebody holds locked is busy for its own people only', async () => {
  const [room, other] = [await roomOfTwo(), await roomOfTwo()];
  const release = await lock(room);
  const stuck = say(stack, ann, room, 'stuck', 'stuck');
  await until(async () => await waiting() === 1);
  const sent = [];
  for (let i = 0; i < 10; i++) sent.push(assertOk(await say(stack, bob, other), 201));
  assertProblem(await stuck, 'unavailable');
  await release();
  const message = assertOk(await say(stack, ann, room, 'stuck', 'stuck'), 201);
  assert.equal(message.seq, 2);
  await assertHistory(room, [message]);
  await assertHistory(other, sent);
});

test('a database that hangs is given up on, and is used again when it goes on', async () => {
  const room = await roomOfTwo();
  const workers = processes();
  await freeze('db');
  let results;
  try {
    results = await Promise.all([say(stack, ann, room, 'hangs', 'hangs'), anns.get('/v1/rooms'),
      nobody.post('/v1/users', { name: freshName(), nickname: 'x', password: 'long enough' }), anns.patch('/v1/users/me', { nickname: 'x' })]);
  } finally {
    stack.signal('db', 'SIGCONT');
  }
  for (const { status, headers, body } of results) {
    assert.equal(status, 503, JSON.stringify(body));
    assert.match(headers.get('retry-after'), /^\d+$/);
  }
  await answers();
  const message = await until(async () => {
    const answer = await say(stack, ann, room, 'hangs', 'hangs');
    return answer.status === 201 && answer.body;
  }, 10000);
  await assertHistory(room, [message]);
  assert.deepEqual(processes(), workers, 'no worker died of it');
});

test('while the database takes no writes, reading goes on', async () => {
  const room = await roomOfTwo();
  await stack.sql('SET GLOBAL read_only = 1');
  try {
    assertProblem(await say(stack, ann, room, 'x', 'read only'), 'unavailable');
    assertProblem(await anns.patch('/v1/users/me', { nickname: 'x' }), 'unavailable');
    assertOk(await anns.get(`/v1/rooms/${room.id}/messages`), 200, { messages: [], next: null });
    assertOk(await nobody.get('/v1/readyz'), 200);
  } finally {
    await stack.sql('SET GLOBAL read_only = 0');
  }
  assert.equal(assertOk(await say(stack, ann, room, 'x', 'read only'), 201).seq, 2);
});

// ---- the push daemon

// If its first attempt comes too early, as it does after a polite good-bye, pusher-js makes the next
// one after 15 s. Nobody shall wait for that here.
const again = (pusher) => { pusher.disconnect(); pusher.connect(); };

for (const [how, down, comeBack] of [['stopped', () => stack.stopPush(), again], ['killed', () => stack.killPush(), () => {}]]) {
  test(`while maru-push is ${how} messages are taken, and it tells of new ones as soon as it is back`, async () => {
    const room = await roomOfTwo();
    const pusher = await client(stack, bob);
    const inside = await subscribed(pusher, `presence-room-${room.id}`);
    const lost = new Promise((resolve) => pusher.connection.bind('state_change', ({ previous }) => { if (previous === 'connected') resolve(); }));
    await down();
    const sent = [];
    for (let i = 0; i < 5; i++) sent.push(assertOk(await say(stack, ann, room, `unheard ${i}`), 201));
    await stack.startPush();
    await lost; // which it may take a second to say
    comeBack(pusher);
    await connected(pusher, 20000);
    await until(() => inside.subscribed);
    await assertHistory(room, sent);
    const told = eventOn(inside, 'message.created', 5000, ({ body }) => body === 'heard');
    const message = assertOk(await say(stack, ann, room, 'heard'), 201);
    assert.deepEqual(await told, message);
    await assertHistory(room, [...sent, message]);
  });
}

test('a maru-push that does not read keeps nobody waiting', async () => {
  const room = await roomOfTwo();
  await freeze('push');
  try {
    const sent = [];
    // More than its queue holds, in packets and in bytes.
    for (let i = 0; i < 20; i++) {
      const batch = await Promise.all(Array.from({ length: 20 }, () => say(stack, ann, room, 'x'.repeat(4000))));
      sent.push(...batch.map((answer) => assertOk(answer, 201)));
    }
    assert.equal(sent.length, 400);
    await assertHistory(room, sent);
  } finally {
    stack.signal('push', 'SIGCONT');
  }
  await answers();
});

// ---- maru-api itself

test('a killed worker is replaced while the others go on', async () => {
  const room = await roomOfTwo();
  const talk = chatter(room);
  const log = stack.log('api').length;
  const before = processes();
  for (let round = 1; round <= 3; round++) {
    await talk.grown(talk.accepted.length + 5);
    const [victim] = processes().filter((pid) => before.includes(pid));
    kill([victim], 'SIGKILL');
    await until(() => !isRunning(victim) && processes().length === before.length);
  }
  await talk.grown(talk.accepted.length + 5);
  await talk.stop();
  assert.equal(logged(log).match(/was killed by signal 9/g).length, 3);
  await assertHistory(room, talk.accepted);
});

test('when all workers die in the middle of a request its sender is told to try again, and the retry decides', async () => {
  const room = await roomOfTwo();
  const release = await lock(room);
  const cut = say(stack, ann, room, 'in doubt', 'in doubt');
  await until(async () => await waiting() === 1);
  const before = processes();
  kill(before, 'SIGKILL');
  const answer = await cut;
  assert.equal(answer.status, 503);
  assert.equal(answer.body.type, '/problems/unavailable');
  await release();
  await until(() => processes().length === before.length && processes().every((pid) => !before.includes(pid)));
  const retried = [await say(stack, ann, room, 'in doubt', 'in doubt'), await say(stack, ann, room, 'in doubt', 'in doubt')];
  const message = assertOk(retried[0], 201);
  assertOk(retried[1], 201, message);
  assert.equal(message.seq, 2);
  await assertHistory(room, [message]);
});

test('the feeder lives on when its connection is cut in the middle of a chore', async () => {
  const feeder = () => processes().find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'maru-feeder\n');
  // Who asks for calls that ring in vain; what comes next in that chore would be asked without a connection.
  const asking = async () => (await stack.sql("SELECT id FROM information_schema.processlist WHERE user = 'maru' AND info LIKE '%rings_until <= UTC_TIMESTAMP%'"))[0]?.[0];
  const before = feeder();
  const log = stack.log('api').length;
  const release = await hold("LOCK TABLES call_member WRITE; SELECT 'locked'");
  try {
    const cut = await until(asking);
    await stack.sql(`KILL ${cut}`);
    await until(async () => ![undefined, cut].includes(await asking()), 15000, 'the feeder to ask again');
    assert.equal(feeder(), before);
    assert.match(logged(log), /database: callwatch_late/);
  } finally {
    await release();
  }
});

test('settings are read again without losing a request, and broken ones are not taken', async () => {
  const path = join(stack.dir, 'maru.conf');
  const original = readFileSync(path, 'utf8');
  const ttl = async () => (await logIn(stack, ann.name, ann.password)).session.expires_in;
  const room = await roomOfTwo();
  const talk = chatter(room);
  const reload = async (text, said) => {
    const log = stack.log('api').length;
    writeFileSync(path, text);
    stack.signal('api', 'SIGHUP');
    await until(() => logged(log).includes(said));
    return logged(log);
  };
  try {
    assert.equal(await ttl(), 900);
    const before = processes();
    await reload(`${original}access_ttl = 123\n`, 'settings were read again');
    await until(() => before.every((pid) => !isRunning(pid)) && processes().length === before.length);
    assert.equal(await ttl(), 123);
    const kept = processes();
    const log = await reload(`${original}access_ttl = soon\nnonsense\n`, 'the settings stay as they were');
    assert.match(log, /maru\.conf:\d+: access_ttl must be a whole number/);
    assert.match(log, /maru\.conf:\d+: expected `key = value`/);
    assert.equal(await ttl(), 123);
    assert.deepEqual(processes(), kept);
    await reload(original, 'settings were read again');
    await until(() => kept.every((pid) => !isRunning(pid)));
    assert.equal(await ttl(), 900);
  } finally {
    writeFileSync(path, original);
    await talk.stop();
  }
  assert.equal(talk.refused(), 0, 'no request was refused');
  await assertHistory(room, talk.accepted);
});

test('stopping finishes the requests at hand and leaves nothing behind', async (t) => {
  const room = await roomOfTwo();
  const [parent, all] = [stack.pid('api'), processes()];
  const release = await lock(room);
  const last = say(stack, ann, room, 'the last one');
  await until(async () => await waiting() === 1);
  const start = Date.now();
  process.kill(parent, 'SIGTERM');
  await until(() => stack.log('api').endsWith('stopping\n') || !isRunning(parent));
  await release();
  const message = assertOk(await last, 201);
  await until(() => [parent, ...all].every((pid) => !isRunning(pid)), 10000, 'maru-api to stop');
  t.diagnostic(`stopped after ${Date.now() - start} ms`);
  assert.ok(!existsSync(stack.conf.api_socket));
  await stack.startApi();
  await assertHistory(room, [message]);
});

test('without its parent no worker lives on', async () => {
  const all = processes();
  assert.ok(all.length >= WORKERS);
  await stack.killApi();
  await until(() => all.every((pid) => !isRunning(pid)), 10000, 'the workers to follow');
  await stack.startApi();
  assertOk(await nobody.get('/v1/readyz'), 200);
  await signUp(stack);
});
