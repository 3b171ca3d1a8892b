// The send path: maru through nginx against the database alone, in alternating rounds on the same
// machine, so that the ratio means something however noisy the machine is; then memory, a restart of
// the database, and life without maru-push.
//
//   make bench-core [ROUNDS=3] [SECS=5] [WARMUP=2] [CONF='workers=8 db.key=value']
//
// Prints what it sees, and at the end one line per bar; ends with status 1 if one is short.
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { api, sleep, startStack, until } from '../tests/harness.mjs';
import { bar, printBars } from './bar.mjs';
import { env } from './load.mjs';
import { emptyHistory, FIRST_ROOM, nameOf, PASSWORD, seed, SENDERS } from './seed.mjs';
import { sendRates } from './sends.mjs';

const rounds = env('ROUNDS', 3);
const seconds = env('SECS', 5);
const warmup = env('WARMUP', 2);
const conf = Object.fromEntries((process.env.CONF ?? '').split(' ').filter(Boolean)
  .map((setting) => setting.split(/=(.*)/s, 2)));

// ---- memory ----------------------------------------------------------------------------------------

function residentMb(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

const childrenOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

// After the load, and after logins: Argon2 must give its memory back.
async function workerMemory(stack) {
  const logIn = (i) => api(stack).post('/v1/sessions', { name: nameOf(i + 1), password: PASSWORD });
  const answers = [];
  for (let i = 0; i < 4; i++)
    answers.push(...await atOnce(SENDERS, logIn));
  const refused = answers.filter(({ status }) => status !== 201);
  if (refused.length > 0) throw new Error(`${refused.length} logins failed: ${JSON.stringify(refused[0].body)}`);
  const sizes = childrenOf(stack.pid('api')).map((pid) => ({ name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), mb: residentMb(pid) }));
  const workers = sizes.filter(({ name }) => name === 'maru-worker').map(({ mb }) => mb);
  console.log(`${workers.length} workers, VmRSS ${Math.min(...workers).toFixed(1)} to ${Math.max(...workers).toFixed(1)} MB; beside them`
    + sizes.filter(({ name }) => name !== 'maru-worker').map(({ name, mb }) => ` ${name} ${mb.toFixed(1)} MB`));
  bar('worker_rss', Math.max(...workers), 'MB', '<8');
}

// ---- without the database, without maru-push -------------------------------------------------------

// Resolves with the answers to n requests at a time.
const atOnce = (n, request) => Promise.all(Array.from({ length: n }, (_, i) => request(i)));

const post = (stack, sender, id, room = FIRST_ROOM) =>
  api(stack, sender).post(`/v1/rooms/${room}/messages`, { client_id: id, body: `message ${id}` });

// Resolves with the time at which the database takes connections.
async function socketReady(path) {
  for (;;) {
    const ready = await new Promise((resolve) => {
      const socket = createConnection(path);
      socket.on('connect', () => { socket.destroy(); resolve(true); });
      socket.on('error', () => resolve(false));
    });
    if (ready) return performance.now();
    await sleep(2);
  }
}

async function firstStored(stack, sender, id) {
  while ((await post(stack, sender, id)).status !== 201) await sleep(5);
  return performance.now();
}

async function databaseRestart(stack, [sender]) {
  await stack.stopDb();
  const answers = await atOnce(64, (i) => post(stack, sender, `down-${i}`));
  const wrong = answers.filter(({ status, headers }) => status !== 503 || !(Number(headers.get('retry-after')) > 0));
  const started = performance.now();
  const [ready, stored] = await Promise.all(
    [socketReady(stack.conf.db_socket), firstStored(stack, sender, 'up'), stack.startDb()]);
  console.log(`MariaDB took ${((ready - started) / 1000).toFixed(2)} s to start; the first message was stored`
    + ` ${Math.max(0, stored - ready).toFixed(0)} ms later`);
  bar('db_down_not_503', wrong.length, 'answers', '<=0');
  bar('db_recovery', Math.max(0, stored - ready) / 1000, 's', '<=2');
  // All workers have to be back, not only the first.
  await until(async () => (await atOnce(64, (i) => post(stack, sender, `back-${i}`)))
    .every(({ status }) => status === 201), 10000, 'every worker to reach the database again');
}

async function pushDown(stack, [sender]) {
  const room = FIRST_ROOM + 1;
  const stored = [];
  let failed = 0;
  await emptyHistory(stack);
  await stack.stopPush();
  for (let i = 0; i < 200; i += 10) {
    const answers = await atOnce(10, (k) => post(stack, sender, `alone-${i + k}`, room));
    for (const { status, body } of answers) {
      if (status === 201) stored.push(body.seq);
      else failed++;
    }
  }
  stored.sort((a, b) => a - b);
  const history = [];
  for (let after = stored[0] - 1; history.length < stored.length;) {
    const { body } = await api(stack, sender).get(`/v1/rooms/${room}/messages?after=${after}&limit=100`);
    if (body.messages.length === 0) break;
    history.push(...body.messages.map(({ seq }) => seq));
    after = history.at(-1);
  }
  await stack.startPush();
  bar('push_down_posts_failed', failed, 'requests', '<=0');
  bar('push_down_missing', stored.filter((seq, i) => history[i] !== seq).length, 'messages', '<=0');
}

// ---- all of it -------------------------------------------------------------------------------------

const stack = await startStack({ conf: { log_level: 'warn', signup_attempts: 1000, login_attempts: 1000, ...conf } });
await sleep(500);
bar('push_idle_rss', residentMb(stack.pid('push')), 'MB', '<10');
const { senders, file } = await seed(stack);
await sendRates(stack, file, { rounds, warmup, seconds, limits: ['>=0.60', '>=0.42'] });
await workerMemory(stack);
await databaseRestart(stack, senders);
await pushDown(stack, senders);
await stack.stop();
process.exitCode = printBars() ? 0 : 1;
