// Deliveries: maru-push against bench/reference.c, which does nothing but send(), and against itself
// with more connections; then memory, and readers that stop. Clients stand directly at the daemon's
// socket: no nginx, no database.
//
//   make bench-push [ROUNDS=5] [SECS=1]
//
// Times are the processor time of the server alone, per delivery. Whatever is compared is measured in
// turn, within seconds, and the bar is on the median of the rounds' ratios: the machine may be noisy.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root, sleep, until } from '../tests/harness.mjs';
import { bar, median, printBars } from './bar.mjs';

const env = (name, fallback) => Number(process.env[name] || fallback);
const rounds = env('ROUNDS', 5);
const seconds = env('SECS', 1);
const build = join(root, process.env.MARU_BUILD ?? 'build');
const loads = join(root, process.argv.find((a) => a.startsWith('--loads='))?.slice(8) ?? 'build/bench');
const dir = mkdtempSync(join(tmpdir(), 'maru-bench.'));
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill();
  rmSync(dir, { recursive: true, force: true });
});

const READERS = 2000;
const FEW = 100;
const MANY = 15000;
const HANDSHAKES = 2500;
const BURST = 200;

// ---- a server and its clients ----------------------------------------------------------------------

let servers = 0;

// Settings are maru.conf's defaults; the secrets are asked for, but nobody needs them here.
function startServer(program) {
  const own = (name) => join(dir, `${name}${servers}`);
  const [push, bus] = [own('push'), own('bus')];
  servers++;
  if (program === 'reference') return { push, bus, process: run(join(loads, 'reference'), [push, bus]) };
  writeFileSync(own('conf'), `app_secret = ${'a'.repeat(32)}\ntoken_secret = ${'t'.repeat(32)}\n`
    + `push_socket = ${push}\nbus_socket = ${bus}\nlog_level = warn\n`);
  return { push, bus, process: run(join(build, 'maru-push'), ['-c', own('conf')]) };
}

function run(program, args, stdin = 'ignore', stdout = 'inherit') {
  const child = spawn(program, args, { stdio: [stdin, stdout, 'inherit'] });
  child.on('error', (error) => { throw error; });
  child.on('exit', (code) => {
    if (code) throw new Error(`${program} ended with ${code}`);
  });
  children.add(child);
  return child;
}

// A server of its own with clients, which obey orders; see bench/push.c.
class Crowd {
  async start(program = 'maru-push') {
    this.server = startServer(program);
    const { push, bus, process: { pid } } = this.server;
    await until(() => existsSync(push) && existsSync(bus), 5000, `${program} to listen`);
    this.clients = run(join(loads, 'push'), [push, bus, String(pid)], 'pipe', 'pipe');
    this.answers = createInterface({ input: this.clients.stdout })[Symbol.asyncIterator]();
    return this;
  }

  async order(...words) {
    this.clients.stdin.write(`${words.join(' ')}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`no answer to "${words.join(' ')}"`);
    return JSON.parse(value);
  }

  // Microseconds of the server's processor for one delivery.
  async cost(channel, size = 1) {
    return (await this.order('burst', channel, seconds, size)).us;
  }

  // Bytes, exactly: the count in /proc/PID/status lags behind.
  resident() {
    return Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.server.process.pid}/smaps_rollup`, 'utf8'))[1]) * 1024;
  }

  // The clients first: to them an end of the server is an error.
  async stop() {
    this.clients.stdin.end();
    for (const child of [this.clients, this.server.process]) {
      if (child === this.server.process) child.kill();
      await until(() => child.exitCode !== null || child.signalCode !== null, 20000, 'a process to end');
    }
  }
}

// A server with so many subscribers of the channel "all".
async function opened(program, count) {
  const crowd = await new Crowd().start(program);
  await crowd.order('open', 'all', count);
  return crowd;
}

const us = (numbers) => `${median(numbers).toFixed(3)} us`;
const ratio = (a, b) => median(a.map((x, i) => x / b[i]));

// Calls measure(i) for each of the names in turn, so many rounds; the results by name.
async function alternately(names, measure) {
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of names) results[name].push(await measure(name));
  return results;
}

// ---- against the bare send() -----------------------------------------------------------------------

async function againstReference() {
  const ours = await opened('maru-push', READERS);
  const reference = await opened('reference', READERS);
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

// As many in a second as push_handshakes lets in; resolves with the seconds it took.
async function open(crowd, count) {
  const begun = performance.now();
  for (let left = count; left > 0; left -= HANDSHAKES) {
    const next = performance.now() + 1000;
    await crowd.order('open', 'many', Math.min(left, HANDSHAKES));
    if (left > HANDSHAKES) await sleep(Math.max(0, next - performance.now()));
  }
  return (performance.now() - begun) / 1000;
}

// Resolves with a server that has 15,000 idle subscribers, and what they took.
async function fill() {
  const crowd = await new Crowd().start();
  const first = await open(crowd, 1000);
  await sleep(500);
  const before = crowd.resident();
  const rest = await open(crowd, MANY - 1000);
  await sleep(500);
  return { crowd, seconds: first + rest, bytes: (crowd.resident() - before) / (MANY - 1000) };
}

// What one delivery costs with 100 connections is the base, all of the price of an event included: the
// reading of the packet, the wake-up of the loop, their hundredth part in each delivery. The kernel's
// own part grows when its sockets no longer fit into the processor's cache, by as much as it does for
// the bare server: that is taken out of push_flat_15000.
async function manyConnections() {
  const fills = [];
  for (let i = 0; i < 3; i++) {
    await fills.at(-1)?.crowd.stop();
    fills.push(await fill());
  }
  const places = { few: [await opened('maru-push', FEW), 'all'], many: [fills.at(-1).crowd, 'many'],
    idle: [fills.at(-1).crowd, 'few'], bareFew: [await opened('reference', FEW), 'all'],
    bareMany: [await opened('reference', MANY), 'all'] };
  await places.idle[0].order('open', 'few', FEW);
  const { few, many, idle, bareFew, bareMany } = await alternately(Object.keys(places), (name) =>
    places[name][0].cost(places[name][1]));
  console.log(`per delivery: ${us(few)} to ${FEW} connections, ${us(many)} to ${MANY}, ${us(idle)} to ${FEW}`
    + ` beside ${MANY} idle ones; by a bare send() ${us(bareFew)} to ${FEW}, ${us(bareMany)} to ${MANY}`);
  bar('push_flat_15000', median(many.map((cost, i) => cost / few[i] / (bareMany[i] / bareFew[i]))), 'x', '<=1.2');
  bar('push_flat_idle', ratio(idle, few), 'x', '<=1.2');
  bar('push_idle_connection_bytes', Math.round(median(fills.map(({ bytes }) => bytes))), 'bytes', '<=2048');
  bar('push_connect_15000', median(fills.map((f) => f.seconds)), 's', '<=10');
  for (const crowd of new Set(Object.values(places).map(([crowd]) => crowd))) await crowd.stop();
}

// ---- readers that stop -----------------------------------------------------------------------------

const RATE = 20; // messages per second, to 2,000 readers
const SLOW = READERS / 100;

// Each round measures without and with stopped readers, and has fresh ones in place of those gone.
// The first 200 messages after the stop fill their sockets, which hold some 160; then times are taken
// while their queues fill, which hold 256.
async function slowReaders() {
  const crowd = await opened('maru-push', READERS);
  const runs = [];
  for (let i = 0; i < 3; i++) {
    const before = await crowd.order('pace', 'all', 5, RATE);
    const memory = crowd.resident();
    await crowd.order('stop', 'all', SLOW);
    await crowd.order('pace', 'all', 2, 100);
    const during = await crowd.order('pace', 'all', 5, RATE);
    if (during.stopped !== SLOW) throw new Error('stopped readers are gone too early to measure anything');
    let peak = 0;
    const watch = setInterval(() => { peak = Math.max(peak, crowd.resident()); }, 50);
    const gone = await crowd.order('gone', 'all');
    clearInterval(watch);
    runs.push({ ratio: during.p99 / before.p99, grown: (peak - memory) / 2 ** 20, gone: gone.seconds });
    console.log(`p99 ${(before.p99 / 1000).toFixed(1)} ms, with ${SLOW} of ${READERS} readers stopped`
      + ` ${(during.p99 / 1000).toFixed(1)} ms; they are gone after ${gone.seconds.toFixed(1)} s`);
    await crowd.order('open', 'all', SLOW);
  }
  bar('push_slow_p99_ratio', median(runs.map((r) => r.ratio)), 'x', '<=1.1');
  bar('push_slow_rss_mb', Math.max(...runs.map((r) => r.grown)), 'MB', '<=64');
  bar('push_slow_gone', Math.max(...runs.map((r) => r.gone)), 's', '<=35');
  await crowd.stop();
}

await againstReference();
await manyConnections();
await slowReaders();
process.exitCode = printBars() ? 0 : 1;
