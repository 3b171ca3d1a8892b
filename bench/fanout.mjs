// Deliveries: maru-push against socket.io (bench/rivals/node) and Nchan, and memory per connection.
// One room, everybody hears what is said in it.
//
//   make bench-fanout [ROUNDS=5] [SECS=1]
//
// maru-push and the bare send() are reached as nginx reaches them, by a Unix socket; the rivals by TCP,
// which costs more. So Nchan is at a Unix socket, too, for the bar, and maru-push behind nginx besides,
// nginx's own time included. A Unix socket would save socket.io about a quarter one at a time and little in
// bursts, far from what its bars are about.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, root, sleep, until } from '../tests/harness.mjs';
import { bar, median, printBars } from './bar.mjs';
import { alternately, BURST, Crowd, fresh, opened, ratio, READERS, run, startPush, startReference, us } from './crowd.mjs';
import { withSbin } from './load.mjs';
import { accessToken, FIRST_ROOM } from './seed.mjs';

const FEW = 1000; // connections, before those whose memory is measured
const MANY = 10000;
const HANDSHAKES = 2500; // in a second

// ---- the rivals ------------------------------------------------------------------------------------

// Nobody asks for its database: a pool connects when it is used.
async function startSocketio() {
  const secret = 's'.repeat(32);
  const program = run('node', [join(root, 'bench/rivals/node/server.mjs')], { stdio: ['ignore', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', FANOUT: '1', PORT: '0', DB_SOCKET: '/nowhere', DB_USER: 'nobody',
      DB_PASSWORD: '', DB_NAME: 'none', JWT_SECRET: secret } });
  for await (const line of createInterface({ input: program.stdout })) {
    const port = /^listening on .*:(\d+)$/.exec(line)?.[1];
    if (port) return { dialect: 'socketio', server: port, key: accessToken(secret, 1), processes: [program] };
  }
  throw new Error('the Node rival does not listen');
}

// changes: what becomes of the lines that a configuration marks with "#@". One process, because the
// others of the comparison are one.
async function startNginx(file, changes, directives = '') {
  const home = fresh('nginx');
  mkdirSync(home);
  const text = readFileSync(join(root, file), 'utf8').replace(/^(.*?)\s*#@ (\w+)$/gm,
    (all, line, mark) => mark in changes ? line.replace(changes[mark][0], changes[mark][1].replace('@', home)) : line);
  writeFileSync(join(home, 'nginx.conf'), text);
  const nginx = run('nginx', ['-e', join(home, 'error.log'), '-p', home, '-c', join(home, 'nginx.conf'),
    '-g', `master_process off; ${directives}`], { env: withSbin });
  // It is written when the sockets are open.
  await until(() => existsSync(join(home, 'nginx.pid')), 5000, 'nginx to listen');
  return nginx;
}

async function startNchan(server, listen) {
  const nginx = await startNginx('bench/rivals/nchan.conf', { listen: ['127.0.0.1:80', listen] });
  return { dialect: 'nchan', server, processes: [nginx] };
}

async function startNchanTcp() {
  const port = String(await freePort());
  return startNchan(port, `127.0.0.1:${port}`);
}

function startNchanUnix() {
  const socket = fresh('nchan');
  return startNchan(socket, `unix:${socket}`);
}

async function startProxied() {
  const port = String(await freePort());
  const push = await startPush();
  const nginx = await startNginx('conf/nginx.conf', { pid: ['/run', '@'], log: ['/var/log/nginx', '@'],
    temp: ['/var/lib/nginx', '@'], listen: ['80', `127.0.0.1:${port}`], listen6: [/.*/, ''],
    sockets: ['/run/maru/push.sock', push.server] }, 'daemon off;');
  return { ...push, server: port, processes: [nginx, ...push.processes] };
}

// ---- deliveries ------------------------------------------------------------------------------------

const systems = {
  push: { title: 'maru-push', start: startPush },
  // A socket holds fewer messages than a burst has; this one can't wait.
  bare: { title: 'a bare send()', start: startReference, oneByOne: true },
  socketio: { title: 'socket.io', start: startSocketio },
  nchan: { title: 'Nchan', start: startNchanTcp },
  proxied: { title: 'maru-push and nginx before it', start: startProxied },
  // Neither can Nchan 1.3.6 at such a socket: it ends in a double free.
  nchanUnix: { title: 'Nchan at a Unix socket', start: startNchanUnix, oneByOne: true },
};
const CHANNEL = String(FIRST_ROOM); // socket.io's rooms are numbers; the others take any name

async function deliveries() {
  const names = Object.keys(systems);
  const crowds = {};
  for (const name of names) crowds[name] = await opened(systems[name].start, READERS, CHANNEL);
  const one = await alternately(names, (name) => crowds[name].cost(CHANNEL));
  const burst = await alternately(names.filter((name) => !systems[name].oneByOne), (name) =>
    crowds[name].cost(CHANNEL, BURST));
  console.log(`processor time per delivery to ${READERS}, one at a time and in bursts of ${BURST}:`);
  for (const name of names)
    console.log(`${systems[name].title.padEnd(30)} ${us(one[name])}  ${burst[name] ? us(burst[name]) : '-'}`);
  bar('fanout_one_socketio', ratio(one.push, one.socketio), 'x', '<=0.6');
  bar('fanout_one_nchan', ratio(one.push, one.nchanUnix), 'x', '<=1.0');
  bar('fanout_burst_socketio', ratio(burst.push, burst.socketio), 'x', '<=0.1');
  for (const name of names) await crowds[name].stop();
  return { title: 'Deliveries', columns: ['server', 'one at a time, us', `bursts of ${BURST}, us`],
    note: `Processor time of the server for one delivery of 256 bytes to ${READERS} subscribers. maru-push and the bare send() stand`
      + ' at a Unix socket, as nginx reaches them.',
    rows: names.map((name) => [systems[name].title, median(one[name]), burst[name] ? median(burst[name]) : NaN]) };
}

// ---- memory ----------------------------------------------------------------------------------------

// Bytes of a connection that is subscribed and idle.
async function connectionBytes({ start }) {
  const crowd = await new Crowd().start(start);
  await crowd.open(CHANNEL, FEW, HANDSHAKES);
  await sleep(1000);
  const before = crowd.resident();
  await crowd.open(CHANNEL, MANY - FEW, HANDSHAKES);
  await sleep(1000);
  const bytes = (crowd.resident() - before) / (MANY - FEW);
  await crowd.stop();
  return bytes;
}

async function memory() {
  const bytes = {};
  for (const name of ['push', 'socketio', 'nchan']) {
    bytes[name] = await connectionBytes(systems[name]);
    console.log(`${systems[name].title.padEnd(30)} ${bytes[name].toFixed(0).padStart(6)} bytes per idle connection of ${MANY}`);
  }
  bar('fanout_memory_socketio', bytes.push / bytes.socketio, 'x', '<=0.1667');
  return { title: 'Memory of a connection', columns: ['server', 'bytes'], note: `Idle and subscribed, from ${FEW} to ${MANY} of them.`,
    rows: Object.entries(bytes).map(([name, n]) => [systems[name].title, Math.round(n)]) };
}

// Resolves with { tables, charts } for bench/report.mjs. The bars are bench/bar.mjs's.
export async function measureFanout() {
  return { tables: [await deliveries(), await memory()], charts: [] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await measureFanout();
  process.exitCode = printBars() ? 0 : 1;
}
