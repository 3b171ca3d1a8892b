// A real relay for calls: Debian's coturn on loopback, with conf/turnserver.conf.
//
//   const turn = await startTurn();       // { urls, secret, port, log(), stop() }
//   startStack({ conf: turnConf(turn) })
//
// Loopback addresses are what it denies on a real host; `loopback: false` leaves that as it is. conf: further settings of
// coturn, instead of those that stand there: '' for a flag, null for none, a list for several.
// As a program, `TURN_SECRET=... node tests/turn.mjs DIR PORT`, it serves until it is told to stop.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './freeport.mjs';
import { binding } from './turnclient.mjs';

const shipped = join(dirname(dirname(fileURLToPath(import.meta.url))), 'conf/turnserver.conf');
const START_MS = 20000;

export const hasIPv6 = Object.values(networkInterfaces()).flat().some(({ address }) => address === '::1');

// The settings of Maru for a relay; more: further ones.
export const turnConf = ({ urls, secret }, more = {}) => ({ turn_urls: urls.join(', '), turn_secret: secret, ...more });

// What conf/turnserver.conf says, but for these settings.
function write(path, settings) {
  const kept = readFileSync(shipped, 'utf8').split('\n').filter((line) => /^[a-z]/.test(line) && !(line.split('=')[0] in settings));
  const own = Object.entries(settings).flatMap(([key, values]) => [values].flat().filter((value) => value !== null)
    .map((value) => (value === '' ? key : `${key}=${value}`)));
  writeFileSync(path, [...kept, ...own, ''].join('\n'), { mode: 0o600 });
}

export async function startTurn({ dir, port: wanted, secret = randomBytes(32).toString('hex'), loopback = true, conf = {} } = {}) {
  const own = dir ? resolve(dir) : mkdtempSync(join(tmpdir(), 'maru-turn.'));
  const port = wanted ?? await freePort();
  mkdirSync(own, { recursive: true });
  const file = join(own, 'turnserver.conf');
  write(file, {
    realm: 'localhost', 'static-auth-secret': secret, 'listening-port': port, 'listening-ip': '127.0.0.1', 'relay-ip': '127.0.0.1',
    'no-tls': '', 'tls-listening-port': null, syslog: null, 'log-file': 'stdout', pidfile: join(own, 'pid'), userdb: join(own, 'turndb'),
    ...loopback && { 'allow-loopback-peers': '', 'allowed-peer-ip': '127.0.0.1' }, ...conf });
  // It does not outlive this process, however that goes.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'turnserver', '-c', file], { cwd: own, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  let end;
  const ended = new Promise((resolve) => child.on('close', resolve).on('error', (error) => { end = error; resolve(); }));
  ended.then(() => { end ??= new Error('it ended'); });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { said = (said + data).slice(-100000); });
  const stop = async () => {
    if (!end) child.kill('SIGKILL');
    await ended;
    if (dir === undefined) rmSync(own, { recursive: true, force: true });
  };
  for (const last = Date.now() + START_MS; !await binding(port); await sleep(50)) {
    if (!end && Date.now() < last) continue;
    await stop();
    throw new Error(`coturn does not start: ${end?.message ?? 'it does not answer'}\n${said}`);
  }
  const urls = ['udp', 'tcp'].map((transport) => `turn:127.0.0.1:${port}?transport=${transport}`);
  return { urls, secret, port, pid: child.pid, ended, log: () => said, stop };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [dir, port] = process.argv.slice(2);
  const turn = await startTurn({ dir, port: Number(port), secret: process.env.TURN_SECRET });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => turn.stop().then(() => process.exit(0)));
  console.log(`ready at ${turn.urls.join(' ')}`);
  await turn.ended;
}
