// A private Maru to break: people and rooms made by SQL, processes found and killed, crash points
// armed, the truth read from the database. Only processes of its own stack are ever touched.
import { createHmac } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, api, root, sleep, until } from '../harness.mjs';
import { digest } from './checker.mjs';

export { api, root, sleep, until };
export const build = process.env.MARU_BUILD ?? 'build-chaos';
export const tools = join(root, build, 'tests/chaos');

// mariadbd as tools/stack.sh starts it comes from here, with slowsync.so in front.
const wrappers = join(tmpdir(), `maru-chaos-bin.${process.pid}`);
mkdirSync(wrappers, { recursive: true });
writeFileSync(join(wrappers, 'mariadbd'), `#!/bin/sh
exec env LD_PRELOAD="${join(tools, 'slowsync.so')}" /usr/sbin/mariadbd "$@"
`, { mode: 0o755 });
process.env.PATH = `${wrappers}:${process.env.PATH}`;
process.on('exit', () => rmSync(wrappers, { recursive: true, force: true }));

// ---- processes

export const isRunning = (pid) => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

const childrenOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
      .filter(isRunning);
  } catch {
    return [];
  }
};

export function killPid(pid, signal = 'SIGKILL') {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // it ended before
  }
}

export class Chaos extends Stack {
  constructor({ conf = {}, ...rest } = {}) {
    super({ build, ...rest, conf: { workers: 4, login_attempts: 1000000, log_level: 'warn', ...conf } });
    this.crashDir = join(this.dir, 'crash');
    this.slowsync = join(this.dir, 'slowsync');
    mkdirSync(this.crashDir);
  }

  stackSh(...args) {
    process.env.MARU_CRASH_DIR = this.crashDir;
    process.env.MARU_SLOWSYNC = this.slowsync;
    return super.stackSh(...args);
  }

  async up() {
    await super.up();
    this.feederPid = Math.min(...childrenOf(this.pid('api')));
    return this;
  }

  get children() { return childrenOf(this.pid('api')); }
  get workers() { return this.children.filter((pid) => pid !== this.feederPid); }

  // The parent starts a missing feeder before missing workers, so it has the lowest of the new pids.
  async killFeeder() {
    const before = new Set(this.children);
    killPid(this.feederPid);
    const fresh = () => this.children.filter((pid) => !before.has(pid));
    await until(() => fresh().length > 0, 10000, 'a new feeder');
    this.feederPid = Math.min(...fresh());
  }

  async startApi() {
    await super.startApi();
    await this.allWorkers();
    this.feederPid = Math.min(...this.children);
  }

  // For programs that are started from here on.
  configure(key, value) {
    const file = join(this.dir, 'maru.conf');
    writeFileSync(file, readFileSync(file, 'utf8').replace(new RegExp(`^${key} = .*$`, 'm'), `${key} = ${value}`));
  }

  allWorkers(n = Number(this.conf.workers)) {
    return until(() => this.children.length >= n + 1, 20000, 'all workers to be there');
  }

  // Crash points, see shared/crash.h.
  arm(point, what = 'kill') { writeFileSync(join(this.crashDir, point), what); }
  isArmed(point) { return existsSync(join(this.crashDir, point)); }
  disarm(point) { rmSync(join(this.crashDir, point), { force: true }); }
  // Resolves when a process took it.
  taken(point, ms = 15000) { return until(() => !this.isArmed(point), ms, `somebody to reach ${point}`); }

  holdSync() { writeFileSync(this.slowsync, ''); }
  releaseSync() { rmSync(this.slowsync, { force: true }); }

  // message_send that waits at the marks of schema.sql while chaos_arm names the room. Not InnoDB: a
  // condition in a procedure locks the row that it reads.
  async instrument() {
    const text = readFileSync(join(root, 'schema.sql'), 'utf8');
    const body = /CREATE OR REPLACE PROCEDURE message_send[\s\S]*?\nEND\/\//.exec(text)[0];
    const wait = (_, point) => `
      WHILE EXISTS (SELECT 1 FROM chaos_arm WHERE point = '${point}' AND room = p_room) DO DO SLEEP(0.005); END WHILE;`;
    const instrumented = body.replace(/^ *-- @(\w+)$/gm, wait);
    if (instrumented.split('chaos_arm').length !== 3) throw new Error('schema.sql has lost its marks');
    await this.sql(`CREATE TABLE IF NOT EXISTS chaos_arm (point VARCHAR(20) NOT NULL, room BIGINT UNSIGNED NOT NULL,
      PRIMARY KEY (point, room)) ENGINE=MEMORY;\nDELIMITER //\n${instrumented}\nDELIMITER ;`);
  }

  // The database connections of workers whose current statement matches.
  async busy(like) {
    const rows = await this.sql(`SELECT id FROM information_schema.processlist
      WHERE user = 'maru' AND command <> 'Sleep' AND info LIKE '${like}'`);
    return rows.map(([id]) => Number(id));
  }
}

export const startChaos = (options) => new Chaos(options).up();

// What a setting is without being set, from shared/conf.def.
export const defaultOf = (key) =>
  Number(new RegExp(`^NUMBER\\(${key}, (\\d+)`, 'm').exec(readFileSync(join(root, 'shared/conf.def'), 'utf8'))[1]);

// ---- what processes hold

function holdings(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rss = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'); // status counts in batches, and is behind
  return { pid, kb: Number(/^Rss:\s+(\d+)/m.exec(rss)[1]), threads: Number(/^Threads:\s+(\d+)/m.exec(status)[1]),
    fds: readdirSync(`/proc/${pid}/fd`).length };
}

// { push: { pid, kb, threads, fds }, api: [the same of its parent, the feeder and each worker], db: connections }
export async function resources(stack) {
  const [[, db]] = await stack.sql("SHOW GLOBAL STATUS LIKE 'Threads_connected'");
  return { push: holdings(stack.pid('push')), api: [stack.pid('api'), ...stack.children].map(holdings), db: Number(db) };
}

// How many websockets maru-push holds: of a Unix connection the side that was accepted has the name.
export const websockets = (stack) => readFileSync('/proc/net/unix', 'utf8').split('\n')
  .filter((line) => line.endsWith(` ${stack.conf.push_socket}`) && / 03 +\d+ /.test(line)).length;

// ---- people and rooms

function accessToken(secret, user, session) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.`
    + part({ sub: String(user), sid: session, iat: now, exp: now + 86400 });
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

let lastName = 0;

// n people, logged in: [{ id, session, token }]. Nobody needs their passwords.
export async function people(stack, n) {
  const prefix = `c${++lastName}x`;
  const rows = await stack.sql(`
    INSERT INTO user (name, nickname, password, created_at)
      SELECT CONCAT('${prefix}', s.seq), CONCAT('${prefix}', s.seq), '', UTC_TIMESTAMP(3) FROM seq_1_to_${n} s;
    INSERT INTO stream (kind, id) SELECT 2, id FROM user WHERE name LIKE '${prefix}%';
    INSERT INTO session (user, address, agent, created_at, seen_at, expires_at)
      SELECT id, '127.0.0.1', 'chaos', created_at, created_at, created_at + INTERVAL 1 DAY
        FROM user WHERE name LIKE '${prefix}%';
    SELECT s.user, s.id FROM session s JOIN user u ON u.id = s.user WHERE u.name LIKE '${prefix}%' ORDER BY s.user`);
  const secret = stack.conf.token_secret;
  return rows.map(([user, session]) =>
    ({ id: Number(user), session: Number(session), token: accessToken(secret, user, Number(session)) }));
}

let lastRoom = 1000;

// n rooms, the first person their host, all of them members: [id].
export async function makeRooms(stack, n, members) {
  const first = lastRoom + 1;
  lastRoom += n;
  const ids = members.map(({ id }) => id);
  await stack.sql(`
    INSERT INTO room (id, kind, title, host, members, max_members, created_at)
      SELECT seq, 'public', CONCAT('room ', seq), ${ids[0]}, ${ids.length}, 100000, UTC_TIMESTAMP(3)
        FROM seq_${first}_to_${lastRoom};
    INSERT INTO stream (kind, id) SELECT 1, seq FROM seq_${first}_to_${lastRoom};
    INSERT INTO member (room, user, joined_at)
      SELECT r.seq, u.id, UTC_TIMESTAMP(3) FROM seq_${first}_to_${lastRoom} r
        JOIN user u ON u.id IN (${ids.join(',')});`);
  return Array.from({ length: n }, (_, i) => first + i);
}

// ---- the truth

export async function heads(stack, rooms) {
  const rows = await stack.sql(`SELECT id, head FROM stream WHERE kind = 1 AND id IN (${rooms.join(',')})`);
  return new Map(rows.map(([id, head]) => [Number(id), Number(head)]));
}

// All that is stored of these rooms, as checker.mjs wants it: room -> { head, rows: [row] }.
export async function readRows(stack, rooms) {
  const list = rooms.join(',');
  const truth = new Map([...await heads(stack, rooms)].map(([room, head]) => [room, { head, rows: [] }]));
  const messages = await stack.sql(`SELECT room, seq, mid, sender, client_id, body FROM message WHERE room IN (${list})`);
  for (const [room, seq, mid, sender, client_id, body] of messages) {
    truth.get(Number(room)).rows.push({ seq: Number(seq), mid, type: 'message.created', sender: Number(sender), client_id,
      digest: digest('message.created', { sender: Number(sender), client_id, body }) });
  }
  const events = await stack.sql(`SELECT stream, seq, mid, type, HEX(data) FROM event WHERE kind = 1 AND stream IN (${list})`);
  for (const [room, seq, mid, type, hex] of events) {
    const data = JSON.parse(Buffer.from(hex, 'hex'));
    truth.get(Number(room)).rows.push({ seq: Number(seq), mid, type, digest: digest(type, data) });
  }
  for (const { rows } of truth.values()) rows.sort((a, b) => a.seq - b.seq);
  return truth;
}

// ---- data directories

export const copyData = (stack, name) => cpSync(join(stack.dir, 'data'), join(stack.dir, name), { recursive: true });
export function replaceData(stack, name) {
  rmSync(join(stack.dir, 'data'), { recursive: true });
  cpSync(join(stack.dir, name), join(stack.dir, 'data'), { recursive: true });
}

// ---- figures

export function quantile(numbers, q) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}
