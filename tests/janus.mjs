// A real Janus for calls of many: Debian's, on loopback, with the files of conf/janus.
//
//   const janus = await startJanus();       // { url, secret, adminKey, port, pid, log(), kill(), start(), stop() }
//   startStack({ conf: janusConf(janus) })
//
// Its websockets are 100 ports above its HTTP, as in conf/janus; tools/stack.sh counts on that. `hasJanus`: whether this host
// has one at all, as not every distribution does.
// As a program, `SFU_SECRET=... SFU_ADMIN_KEY=... node tests/janus.mjs DIR PORT`, it serves until it is told to stop.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, isFree } from './freeport.mjs';

const shipped = join(dirname(dirname(fileURLToPath(import.meta.url))), 'conf/janus');
const START_MS = 20000;
const WEBSOCKETS = 100; // ports above

export const hasJanus = spawnSync('janus', ['--help']).error === undefined;
/** For tests: why they are left out, false if they are not. */
export const noJanus = hasJanus ? false : 'this host has no janus';

// The settings of Maru for it; more: further ones.
export const janusConf = ({ url, secret, adminKey }, more = {}) => ({ sfu_url: url, sfu_secret: secret, sfu_admin_key: adminKey, ...more });

// Where Debian has its plugins, by architecture.
function library() {
  const place = readdirSync('/usr/lib').map((name) => `/usr/lib/${name}/janus`).find((path) => existsSync(path));
  return place ?? '/usr/lib/janus';
}

// What conf/janus says, but for these settings.
function write(dir, settings) {
  for (const file of readdirSync(shipped).filter((name) => name.endsWith('.jcfg'))) {
    let text = readFileSync(join(shipped, file), 'utf8').replace(/\/usr\/lib\/[^/"]+\/janus/g, library());
    for (const [key, value] of Object.entries(settings)) text = text.replace(new RegExp(`^(\\t#?${key} = ).*$`, 'm'), (_, before) => before.replace('#', '') + JSON.stringify(value));
    writeFileSync(join(dir, file), text, { mode: 0o600 });
  }
}

async function twoPorts() {
  for (;;) {
    const port = await freePort();
    if (port + WEBSOCKETS < 65536 && await isFree(port + WEBSOCKETS)) return port;
  }
}

export async function startJanus({ dir, port: wanted, secret = randomBytes(32).toString('hex'), adminKey = randomBytes(16).toString('hex') } = {}) {
  const own = dir ? resolve(dir) : mkdtempSync(join(tmpdir(), 'maru-janus.'));
  const port = wanted ?? await twoPorts();
  const url = `http://127.0.0.1:${port}/janus`;
  const media = 20000 + port % 20 * 1000; // so that several do not look for the same ports
  mkdirSync(own, { recursive: true });
  write(own, { configs_folder: own, token_auth_secret: secret, admin_key: adminKey, port, ws_port: port + WEBSOCKETS,
    rtp_port_range: `${media}-${media + 999}`, ice_ignore_list: 'docker,vmnet,fe80', debug_level: 4 });
  let said = '', child, ended;

  const answers = () => fetch(`${url}/info`).then(({ ok }) => ok, () => false);
  const kill = async () => {
    child?.kill('SIGKILL');
    await ended;
  };
  const stop = async () => {
    await kill();
    if (dir === undefined) rmSync(own, { recursive: true, force: true });
  };
  const start = async () => {
    let end;
    // It does not outlive this process, however that goes.
    child = spawn('setpriv', ['--pdeathsig', 'KILL', 'janus', '-F', own, '-C', join(own, 'janus.jcfg')], { cwd: own, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    ended = new Promise((done) => child.on('close', done).on('error', (error) => { end = error; done(); }));
    ended.then(() => { end ??= new Error('it ended'); });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { said = (said + data).slice(-200000); });
    for (const last = Date.now() + START_MS; !await answers(); await sleep(50)) {
      if (!end && Date.now() < last) continue;
      await stop();
      throw new Error(`Janus does not start: ${end?.message ?? 'it does not answer'}\n${said}`);
    }
  };
  await start();
  return { url, secret, adminKey, port, websocket: `ws://127.0.0.1:${port + WEBSOCKETS}`, log: () => said, kill, start, stop, get pid() { return child.pid; }, get ended() { return ended; } };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [dir, port] = process.argv.slice(2);
  const janus = await startJanus({ dir, port: Number(port), secret: process.env.SFU_SECRET, adminKey: process.env.SFU_ADMIN_KEY });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => janus.stop().then(() => process.exit(0)));
  console.log(`ready at ${janus.url}`);
  await janus.ended;
}
