// Deliveries: maru-push against bench/reference.c, which does nothing but send(), and against itself
// with more connections; then memory, and readers that stop. Clients stand directly at the daemon's
// socket: no nginx, no database.
//
//   make bench-push [ROUNDS=5] [SECS=1]
import { sleep } from '../tests/harness.mjs';
import { bar, median, printBars } from './bar.mjs';
import { alternately, BURST, Crowd, opened, ratio, READERS, rounds, startPush, startReference, us } from './crowd.mjs';

const FEW = 100;
const MANY = 15000;
const HANDSHAKES = 2500; // in a second; push_handshakes lets in a few more

// ---- against the bare send() -----------------------------------------------------------------------

async function againstReference() {
  const ours = await opened(startPush, READERS);
  const reference = await opened(startReference, READERS);
  const { one, bare, burst } = await alternately(['one', 'bare', 'burst'], (name) =>
    (name === 'bare' ? reference : ours).cost('all', name === 'burst' ? BURST : 1));
  console.log(`per delivery to ${READERS}: ${us(one)} one at a time, ${us(burst)} in bursts of ${BURST},`
    + ` ${us(bare)} by a bare send()`);
  bar('push_delivery_ratio', ratio(one, bare), 'x', '<=1.25');
  bar('push_burst_ratio', ratio(burst, bare), 'x', '<=0.15');
  await ours.stop();
  await reference.stop();
}

// ---- with many connections -------------------------------------------------------------------------

// Resolves with a server that has 15,000 idle subscribers, and what they took.
async function fill() {
  const crowd = await new Crowd().start();
  const first = await crowd.open('many', 1000, HANDSHAKES);
  await sleep(500);
  const before = crowd.resident();
  const rest = await crowd.open('many', MANY - 1000, HANDSHAKES);
  await sleep(500);
  return { crowd, seconds: first + rest, bytes: (crowd.resident() - before) / (MANY - 1000) };
}

// What one delivery costs with 100 connections is the base, all of the price of an event included: the
// reading of the packet, the wake-up of the loop, their hundredth part in each delivery. The kernel's
// own part grows when its sockets no longer fit into the processor's cache, by as much as it does for
// the bare server: push_flat_15000 is with that, push_flat_own without.
async function manyConnections() {
  const fills = [];
  for (let i = 0; i < 3; i++) {
    await fills.at(-1)?.crowd.stop();
    fills.push(await fill());
  }
  const places = { few: [await opened(startPush, FEW), 'all'], many: [fills.at(-1).crowd, 'many'],
    idle: [fills.at(-1).crowd, 'few'], bareFew: [await opened(startReference, FEW), 'all'],
    bareMany: [await opened(startReference, MANY), 'all'] };
  await places.idle[0].order('open', 'few', FEW);
  const { few, many, idle, bareFew, bareMany } = await alternately(Object.keys(places), (name) =>
    places[name][0].cost(places[name][1]));
  console.log(`per delivery: ${us(few)} to ${FEW} connections, ${us(many)} to ${MANY}, ${us(idle)} to ${FEW}`
    + ` beside ${MANY} idle ones; by a bare send() ${us(bareFew)} to ${FEW}, ${us(bareMany)} to ${MANY}`);
  bar('push_flat_15000', ratio(many, few), 'x', '<=1.2');
  bar('push_flat_own', median(many.map((cost, i) => cost / few[i] / (bareMany[i] / bareFew[i]))), 'x', '<=1.2');
  bar('push_flat_idle', ratio(idle, few), 'x', '<=1.2');
  bar('push_idle_connection_bytes', Math.round(median(fills.map(({ bytes }) => bytes))), 'bytes', '<=2048');
  bar('push_connect_15000', median(fills.map((f) => f.seconds)), 's', '<=10');
  for (const crowd of new Set(Object.values(places).map(([crowd]) => crowd))) await crowd.stop();
}

// ---- readers that stop -----------------------------------------------------------------------------

const RATE = 50; // messages per second, to 2,000 readers
const SLOW = READERS / 100;
const PAIRS = 4; // of measurements, before those who stopped are given up

// 100 messages; of each the slowest hundredth of the readers counts.
const pace = async (crowd) => (await crowd.order('pace', 'all', 2, RATE)).p99;

// A server whose readers have stopped, beside one where all read, in turn, each as often the first as the
// other. The first 200 messages after the stop fill the sockets, which hold some 160; then queues fill.
async function slowRound(healthy) {
  const crowd = await opened(startPush, READERS);
  const memory = crowd.resident();
  await crowd.order('stop', 'all', SLOW);
  await crowd.order('pace', 'all', 2, 100);
  const pairs = [];
  for (let i = 0; i < PAIRS; i++) {
    const [first, second] = i % 2 === 0 ? [healthy, crowd] : [crowd, healthy];
    const [a, b] = [await pace(first), await pace(second)];
    pairs.push(i % 2 === 0 ? { without: a, stopped: b } : { without: b, stopped: a });
  }
  if ((await crowd.order('pace', 'all', 0.1, RATE)).stopped !== SLOW)
    throw new Error('stopped readers are gone too early to measure anything');
  return { crowd, memory, pairs };
}

// Until the server gives up those who stopped; how long that takes, and how much memory.
async function giveUp({ crowd, memory }) {
  let peak = 0;
  const watch = setInterval(() => { peak = Math.max(peak, crowd.resident()); }, 50);
  const gone = await crowd.order('gone', 'all');
  clearInterval(watch);
  bar('push_slow_rss_mb', (peak - memory) / 2 ** 20, 'MB', '<=64');
  bar('push_slow_gone', gone.seconds, 's', '<=35');
}

async function slowReaders() {
  const healthy = await opened(startPush, READERS);
  const pairs = [];
  for (let i = 1; i <= rounds; i++) {
    const round = await slowRound(healthy);
    pairs.push(...round.pairs);
    if (i === rounds) await giveUp(round);
    await round.crowd.stop();
  }
  const ms = (of) => (median(pairs.map(of)) / 1000).toFixed(1);
  console.log(`p99 ${ms((p) => p.without)} ms, with ${SLOW} of ${READERS} readers stopped ${ms((p) => p.stopped)} ms`);
  bar('push_slow_p99_ratio', median(pairs.map((p) => p.stopped / p.without)), 'x', '<=1.1');
  await healthy.stop();
}

await againstReference();
await manyConnections();
await slowReaders();
process.exitCode = printBars() ? 0 : 1;
