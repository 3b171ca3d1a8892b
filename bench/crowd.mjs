// Servers of a bench, each with many clients that obey orders; see bench/push.c. What they have in
// common: bench/push.mjs and bench/fanout.mjs.
//
// Times are the processor time of the server alone, per delivery. Whatever is compared is measured in
// turn, within seconds, and the bar is on the median of the rounds' ratios: the machine may be noisy.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root, sleep, until } from '../tests/harness.mjs';
import { median } from './bar.mjs';
import { env, loadOf } from './load.mjs';

export const rounds = env('ROUNDS', 5);
export const seconds = env('SECS', 1);
const build = join(root, process.env.MARU_BUILD ?? 'build');
export const dir = mkdtempSync(join(tmpdir(), 'maru-bench.'));
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill();
  rmSync(dir, { recursive: true, force: true });
});

export const READERS = 2000;
export const BURST = 200;

// ---- servers ---------------------------------------------------------------------------------------

let files = 0;

// A file name that nobody else uses.
export const fresh = (name) => join(dir, `${name}${files++}`);

export function run(program, args, { stdio = ['ignore', 'inherit'], ...options } = {}) {
  const child = spawn(program, args, { stdio: [...stdio, 'inherit'], ...options });
  child.on('error', (error) => { throw error; });
  child.on('exit', (code) => {
    if (code) throw new Error(`${program} ended with ${code}`);
  });
  children.add(child);
  return child;
}

// What starts a server resolves with { dialect, server, key, processes }, see bench/dialect.h, once it
// takes connections. All that is in `processes` is counted, and stopped in that order.
async function onBus(program, args, push, bus) {
  const processes = [run(program, args)];
  await until(() => existsSync(push) && existsSync(bus), 5000, `${program} to listen`);
  return { dialect: 'pusher', server: push, key: bus, processes };
}

export function startReference() {
  const [push, bus] = [fresh('push'), fresh('bus')];
  return onBus(loadOf('reference'), [push, bus], push, bus);
}

// Settings are maru.conf's defaults; the secrets are asked for, but nobody needs them here.
export function startPush() {
  const [push, bus, conf] = [fresh('push'), fresh('bus'), fresh('conf')];
  writeFileSync(conf, `app_secret = ${'a'.repeat(32)}\ntoken_secret = ${'t'.repeat(32)}\n`
    + `push_socket = ${push}\nbus_socket = ${bus}\nlog_level = warn\n`);
  return onBus(join(build, 'maru-push'), ['-c', conf], push, bus);
}

// ---- a server and its clients ----------------------------------------------------------------------

export class Crowd {
  async start(startServer = startPush) {
    const { dialect, server, key = '', processes } = await startServer();
    this.processes = processes;
    this.clients = run(loadOf('push'), [dialect, server, key, ...processes.map(({ pid }) => String(pid))],
      { stdio: ['pipe', 'pipe'] });
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

  // Opens so many connections that subscribe to a channel, at most `atOnce` of them in a second;
  // resolves with the seconds it took.
  async open(channel, count, atOnce) {
    const begun = performance.now();
    for (let left = count; left > 0; left -= atOnce) {
      const next = performance.now() + 1000;
      await this.order('open', channel, Math.min(left, atOnce));
      if (left > atOnce) await sleep(Math.max(0, next - performance.now()));
    }
    return (performance.now() - begun) / 1000;
  }

  // Bytes, exactly: the count in /proc/PID/status lags behind.
  resident() {
    const kilobytes = ({ pid }) => Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
    return this.processes.reduce((sum, process) => sum + kilobytes(process) * 1024, 0);
  }

  // The clients first: to them an end of the server is an error.
  async stop() {
    this.clients.stdin.end();
    for (const child of [this.clients, ...this.processes]) {
      if (child !== this.clients) child.kill();
      await until(() => child.exitCode !== null || child.signalCode !== null, 20000, 'a process to end');
    }
  }
}

// A server with so many subscribers of one channel.
export async function opened(startServer, count, channel = 'all') {
  const crowd = await new Crowd().start(startServer);
  await crowd.order('open', channel, count);
  return crowd;
}

// ---- figures ---------------------------------------------------------------------------------------

export const us = (numbers) => `${median(numbers).toFixed(3)} us`;
export const ratio = (a, b) => median(a.map((x, i) => x / b[i]));

// Calls measure(name) for each of the names in turn, so many rounds; the results by name.
export async function alternately(names, measure) {
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of names) results[name].push(await measure(name));
  return results;
}
