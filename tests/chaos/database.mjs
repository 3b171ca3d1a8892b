// mariadbd stands still, is killed, is stopped and comes back: everybody is told so in time, nobody is
// told a lie, and it goes on at once.
import { connect } from 'node:net';
import { call, Load } from './load.mjs';
import { makeRooms, people, quantile, sleep, startChaos, until } from './kit.mjs';

const SENDERS = 32; // twice the workers: half of them have to queue
const ANSWER_S = 5;
const BACK_S = 2;

// Each sender has one message at a time under way, and keeps on trying.
function crowd(load) {
  let stopped = false;
  const all = load.users.slice(0, SENDERS).map(async (user, i) => {
    while (!stopped) await load.send(user, load.rooms[i % load.rooms.length]);
  });
  return () => {
    stopped = true;
    return Promise.all(all);
  };
}

// ready: when it was seen that somebody listens; closed: when it was known last that nobody does.
async function socketReady(path) {
  for (let closed = performance.now(); ;) {
    const tried = performance.now();
    const isReady = await new Promise((resolve) => {
      const socket = connect(path);
      socket.on('connect', () => { socket.destroy(); resolve(true); });
      socket.on('error', () => resolve(false));
    });
    if (isReady) return { closed, ready: performance.now() };
    closed = tried;
    await sleep(2);
  }
}

const firstAck = (load, since) => until(() => load.acks.findLast(({ end }) => end > since), 20000, 'a 201').then(({ end }) =>
  Math.min(...load.acks.filter((ack) => ack.end > since).map((ack) => ack.end), end));

// What mariadbd had answered before it stood still is on its way, on a slow machine for a while, but not for ever.
async function untilQuiet(load) {
  const end = performance.now() + 2000;
  for (let n = -1; n !== load.acks.length && performance.now() < end; await sleep(200)) n = load.acks.length;
  return performance.now();
}

// Answers of 201 that nobody can have meant: to what was sent while it stood still, or later than all others.
const liesOf = (load, stopped, quiet, to) => load.answers.filter(({ at, ms, status }) => status === 201 && at + ms < to && (at > stopped || at + ms > quiet)).length;

async function hang(t, stack, load, seconds) {
  const stop = crowd(load);
  await until(() => load.acks.length > SENDERS * 4, 10000, 'the crowd to talk');
  stack.signal('db', 'SIGSTOP');
  await sleep(50); // a signal takes its time, too
  const from = performance.now();
  const quiet = await untilQuiet(load);
  await sleep(from + seconds * 1000 - performance.now());
  const to = performance.now();
  stack.signal('db', 'SIGCONT');
  const back = await firstAck(load, to) - to;
  await stop();
  // Whatever was asked or answered while it stood still.
  const answers = load.answers.filter(({ at, ms }) => at < to && at + ms > from);
  const times = answers.map(({ ms }) => ms);
  const lies = liesOf(load, from, quiet, to);
  const ended = answers.filter(({ at, ms }) => at + ms < to);
  const wrong = ended.filter(({ status }) => status !== 503 && status !== 201).length;
  t.say(`stopped for ${seconds} s with ${SENDERS} senders: ${ended.length} answers, p50 ${quantile(times, 0.5).toFixed(0)} p99 ${quantile(times, 0.99).toFixed(0)}`
    + ` max ${quantile(times, 1).toFixed(0)} ms; first 201 ${back.toFixed(0)} ms after it went on`);
  return { slowest: quantile(times, 1) / 1000, lies, wrong, back: back / 1000 };
}

async function restart(t, stack, load, how) {
  const stop = crowd(load);
  const n = load.acks.length;
  await until(() => load.acks.length > n + SENDERS * 2, 10000, 'the crowd to talk');
  const workers = stack.workers.join();
  await (how === 'kill' ? stack.killDb() : stack.stopDb());
  const down = performance.now();
  const quiet = await untilQuiet(load);
  await sleep(Math.random() * 1000);
  const [{ closed, ready }] = await Promise.all([socketReady(stack.conf.db_socket), stack.startDb()]);
  const back = await firstAck(load, ready) - ready;
  await stop();
  const lies = liesOf(load, down, quiet, closed);
  if (stack.workers.join() !== workers) t.say(`workers have ended: ${stack.log('api').split('\n').filter((line) => /was killed|ended with|stuck/.test(line)).join('\n')}`);
  return { back: back / 1000, lies, died: stack.workers.join() === workers ? 0 : 1 };
}

export async function run(t) {
  const stack = await startChaos({ conf: { workers: 16 } });
  const users = await people(stack, SENDERS);
  const rooms = await makeRooms(stack, 8, users);
  const load = new Load(stack, { users, rooms });
  users.slice(0, 4).forEach((user) => load.listen(user));
  await load.ready();
  const hung = await hang(t, stack, load, t.long ? 60 : 12);
  const restarts = [];
  for (let i = 0; i < (t.long ? 50 : 4); i++) restarts.push(await restart(t, stack, load, i % 2 ? 'kill' : 'stop'));
  const ready = await call(stack, users[0], 'GET', '/v1/readyz');
  const ms = await load.converged(5000);
  await t.check(load);
  const worst = Math.max(...restarts.map(({ back }) => back));
  t.say(`${restarts.length} restarts: first 201 at most ${(worst * 1000).toFixed(0)} ms after the socket was up; readyz ${ready.status}`);
  t.bar('db_stopped_answer', hung.slowest, 's', `<=${ANSWER_S}`);
  t.bar('db_stopped_not_503', hung.wrong, 'answers', '<=0');
  t.bar('db_stopped_false_201', hung.lies + restarts.reduce((n, { lies }) => n + lies, 0), 'answers', '<=0');
  t.bar('db_stopped_back', hung.back, 's', `<=${BACK_S}`);
  t.bar('db_restart_back', worst, 's', `<=${BACK_S}`);
  t.bar('db_restart_workers_died', restarts.reduce((n, { died }) => n + died, 0), 'times', '<=0');
  t.bar('db_converged', ms / 1000, 's', '<=2');
  load.close();
  await stack.stop();
}
