// The systems that are compared, each started in private, filled with people, and stopped:
//
//   const maru = await stageMaru({ rooms: 100, size: 10 });
//   const node = await stageNode({ rooms: 100, size: 10, stack: maru.stack });
//   ... load one of them ...
//   for (const stage of [node, maru]) await stage.stop();
//
// The rival on Node uses the MariaDB process of Maru, in a schema of its own: both meet the very same
// settings, and "db" is watched for both. So only one of them may be loaded at a time.
//
// A stage is { name, port, usersFile, watches, memory(), stored(), reseed(), stop() }:
//   name          as bench/chat calls it
//   usersFile     one line "user session token" for each connection; connection i is in room
//                 FIRST_ROOM + i / size
//   watches       { db: 123, ... }, the numbers of the sessions in which its programs run
//   memory()      { db: 45.6, ... }, megabytes of each
//   stored()      resolves with { rows, gaps }: messages since it was filled, rooms whose numbers have a gap
//   reseed({ rooms, size })  other people in other rooms; all clients must be gone
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root, startStack } from '../tests/harness.mjs';
import { accessToken, checkHistory, emptyHistory, FIRST_ROOM } from './seed.mjs';

const rivals = join(root, 'bench/rivals');

// ---- what all stages share -------------------------------------------------------------------------

// A program in a private directory and in a session of its own.
class Program {
  static running = new Set();

  constructor(prefix) {
    this.dir = mkdtempSync(join(tmpdir(), prefix));
    Program.running.add(this);
  }

  start(command, args, env = {}) {
    this.child = spawn(command, args,
      { cwd: this.dir, detached: true, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
    this.ended = new Promise((resolve) => {
      this.child.on('error', resolve);
      this.child.on('exit', (code, signal) => resolve(new Error(`${command} ended with ${signal ?? code}`)));
    });
    // Its end is an error as long as nobody asked for it.
    this.ended.then((error) => { if (Program.running.has(this)) throw error; });
    return this.child;
  }

  get pid() { return this.child.pid; }

  async stop() {
    if (!Program.running.delete(this)) return;
    this.child.kill();
    await this.ended;
    rmSync(this.dir, { recursive: true, force: true });
  }
}
process.on('exit', () => {
  for (const { child, dir } of Program.running) {
    child?.kill();
    rmSync(dir, { recursive: true, force: true });
  }
});

// Megabytes of all processes of a session. A page that several of them share counts once.
function sessionMb(session) {
  let kb = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '');
      if (Number(afterName.split(' ')[3]) !== session) continue;
      kb += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
    } catch { /* it has just ended */ }
  }
  return kb / 1024;
}

const memoryOf = (watches) =>
  Object.fromEntries(Object.entries(watches).map(([name, session]) => [name, sessionMb(session)]));

// token(user) => "session token". User i + 1 is connection i.
function writeUsers(file, count, token) {
  writeFileSync(file, Array.from({ length: count }, (_, i) => `${i + 1} ${token(i + 1)}\n`).join(''));
}

// ---- Maru ------------------------------------------------------------------------------------------

// Everybody comes from one address, all at once. MariaDB gets what a small server would give it: with the
// 64 MB of a private stack its log is full after a minute of load, and then all wait for its pages.
const OPEN = { log_level: 'warn', push_address_connections: 0, push_handshakes: 0,
  'db.innodb-buffer-pool-size': '512M', 'db.innodb-log-file-size': '512M' };

// Streams stay when their rooms go: a counter that goes back would be news to maru-push.
async function seedMaru(stack, usersFile, { rooms, size }) {
  await stack.sql(`
    START TRANSACTION;
    DELETE FROM user;
    DELETE FROM room;
    INSERT INTO user (id, name, nickname, password, created_at)
      SELECT seq, CONCAT('bench', seq), CONCAT('bench', seq), 'none', UTC_TIMESTAMP(3)
        FROM seq_1_to_${rooms * size};
    INSERT INTO session (id, user, address, agent, created_at, seen_at, expires_at)
      SELECT id, id, '127.0.0.1', 'bench', created_at, created_at, created_at + INTERVAL 1 DAY FROM user;
    INSERT INTO room (id, kind, title, host, members, max_members, created_at)
      SELECT ${FIRST_ROOM} + seq, 'public', CONCAT('room ', seq), seq * ${size} + 1, ${size}, ${size},
        UTC_TIMESTAMP(3) FROM seq_0_to_${rooms - 1};
    INSERT INTO member (room, user, joined_at)
      SELECT ${FIRST_ROOM} + (id - 1) DIV ${size}, id, created_at FROM user;
    INSERT IGNORE INTO stream (kind, id) SELECT 1, id FROM room UNION ALL SELECT 2, id FROM user;
    COMMIT`);
  await emptyHistory(stack);
  const { token_secret: secret } = stack.conf;
  writeUsers(usersFile, rooms * size, (user) => `${user} ${accessToken(secret, user, user)}`);
}

// conf: settings as for startStack; { 'db.log_bin': 'binlog' } gives MariaDB a binary log. Besides what
// every stage has: stack and durable(level), which sets innodb_flush_log_at_trx_commit for
// every system that uses this MariaDB.
export async function stageMaru({ rooms, size, conf = {} }) {
  const stack = await startStack({ conf: { ...OPEN, ...conf } });
  const usersFile = join(stack.dir, 'users.txt');
  await seedMaru(stack, usersFile, { rooms, size });
  spawnSync('sync'); // else the kernel writes the new files down after half a minute, and all wait for that
  return {
    name: 'maru',
    stack,
    port: stack.port,
    usersFile,
    get watches() { return stack.pids; },
    memory: () => memoryOf(stack.pids),
    async stored() {
      const { stored, gaps } = await checkHistory(stack);
      return { rows: stored, gaps };
    },
    durable: (level) => stack.sql(`SET GLOBAL innodb_flush_log_at_trx_commit = ${level}`),
    reseed: (people) => seedMaru(stack, usersFile, people),
    stop: () => stack.stop(),
  };
}

// ---- Node ------------------------------------------------------------------------------------------

function createRival(stack, password) {
  return stack.sql(`
    CREATE OR REPLACE DATABASE rival CHARACTER SET utf8mb4;
    CREATE OR REPLACE USER rival@localhost IDENTIFIED BY '${password}';
    GRANT SELECT, INSERT, UPDATE, DELETE ON rival.* TO rival@localhost;
    USE rival;
    ${readFileSync(join(rivals, 'node/schema.sql'), 'utf8')}`);
}

async function seedNode(stack, usersFile, secret, { rooms, size }) {
  await stack.sql(`
    USE rival;
    TRUNCATE messages;
    TRUNCATE users;
    TRUNCATE rooms;
    INSERT INTO users (id, nickname) SELECT seq, CONCAT('bench', seq) FROM seq_1_to_${rooms * size};
    INSERT INTO rooms (id, title)
      SELECT ${FIRST_ROOM} + seq, CONCAT('room ', seq) FROM seq_0_to_${rooms - 1}`);
  writeUsers(usersFile, rooms * size, (user) => `0 ${accessToken(secret, user)}`);
}

// stack: Maru's, for its MariaDB, which must outlive this stage. Its messages are numbered all together,
// not by room: gaps is always 0.
export async function stageNode({ rooms, size, stack }) {
  const [secret, password] = [randomBytes(32).toString('hex'), randomBytes(16).toString('hex')];
  const node = new Program('maru-node.');
  const usersFile = join(node.dir, 'users.txt');
  await createRival(stack, password);
  await seedNode(stack, usersFile, secret, { rooms, size });
  const child = node.start(process.execPath, [join(rivals, 'node/server.mjs')], {
    NODE_ENV: 'production', PORT: '0', JWT_SECRET: secret,
    DB_SOCKET: stack.conf.db_socket, DB_USER: 'rival', DB_PASSWORD: password, DB_NAME: 'rival',
  });
  const { value: greeting } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const port = Number(/:(\d+)$/.exec(greeting)[1]);
  const watches = { db: stack.pids.db, node: node.pid };
  return {
    name: 'node',
    port,
    usersFile,
    watches,
    memory: () => memoryOf(watches),
    stored: async () => ({ rows: Number((await stack.sql('SELECT COUNT(*) FROM rival.messages'))[0][0]), gaps: 0 }),
    reseed: (people) => seedNode(stack, usersFile, secret, people),
    stop: () => node.stop(),
  };
}

// The first of the people of a stage, as whom one can ask: { token, room }.
export function firstUser({ usersFile }) {
  const [, , token] = readFileSync(usersFile, 'utf8').split('\n', 1)[0].split(' ');
  return { token, room: FIRST_ROOM };
}
