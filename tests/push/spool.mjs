// A maru-push alone with a directory of files for a bucket, and no other program.
//
//   const push = await startPush({ ...s3Conf(swift) }, env);
//   const name = push.put(bytes);  push.drop(object);  await push.empty();  await push.metrics()
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, openSync, closeSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, until } from '../harness.mjs';

export const objectName = () => randomBytes(16).toString('hex');
export const keyOf = (name) => `${name.slice(0, 2)}/${name}`;

// Puts a file where maru-push looks for it, as maru-api does.
export function putInto(files, bytes, name = objectName()) {
  writeFileSync(join(files, 'tmp', name), bytes);
  renameSync(join(files, 'tmp', name), join(files, 'ready', name));
  return name;
}

// The file is there a moment before anybody listens.
const answers = (path) => new Promise((resolve) => {
  const socket = connect(path).on('error', () => resolve(false)).on('connect', () => {
    socket.destroy();
    resolve(true);
  });
});

export async function startPush(conf, { env = {}, build = process.env.MARU_BUILD ?? 'build' } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'maru-push.'));
  const at = (...names) => join(dir, ...names);
  const files = at('files');
  for (const name of ['tmp', 'ready', 'gone']) mkdirSync(join(files, name), { recursive: true });
  const settings = { app_secret: 'a'.repeat(40), token_secret: 'b'.repeat(40), db_socket: '/nowhere', push_socket: at('push.sock'), bus_socket: at('bus.sock'), files_dir: files, log_level: 'debug', ...conf };
  writeFileSync(at('maru.conf'), Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`).join(''));
  let child;
  let ended;
  const push = {
    dir, files, build,
    get pid() { return child.pid; },
    log: () => readFileSync(at('log'), 'utf8'),
    // more: further environment.
    async start(more = {}) {
      rmSync(at('push.sock'), { force: true });
      const log = openSync(at('log'), 'a');
      child = spawn(join(root, build, 'maru-push'), ['-c', at('maru.conf')], { stdio: ['ignore', log, log], env: { ...process.env, ...env, ...more } });
      closeSync(log);
      ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
      await until(async () => child.exitCode !== null || child.signalCode !== null || await answers(at('push.sock')), 10000, 'maru-push');
    },
    ended: () => ended,
    async end(signal = 'SIGTERM') { child.kill(signal); return ended; },
    put: (bytes, name) => putInto(files, bytes, name),
    drop: (object) => writeFileSync(join(files, 'gone', object), ''),
    ready: () => readdirSync(join(files, 'ready')),
    gone: () => readdirSync(join(files, 'gone')),
    empty: (ms = 20000) => until(() => push.ready().length === 0 && push.gone().length === 0, ms, 'an empty spool').catch((error) => { throw new Error(`${error.message}\n${push.log().slice(-3000)}`); }),
    // The values of maru_store_..., without that prefix and without _total.
    metrics: () => new Promise((resolve, reject) => {
      request({ socketPath: at('push.sock'), path: '/metrics' }, (answer) => {
        let text = '';
        answer.on('data', (data) => { text += data; });
        answer.on('end', () => resolve(Object.fromEntries([...text.matchAll(/^maru_store_(\w+?)(?:_total)? (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]))));
      }).on('error', reject).end();
    }),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) await push.end();
      const complaint = /(ERROR|WARNING): \w+Sanitizer|runtime error:/.exec(push.log()) && push.log();
      rmSync(dir, { recursive: true, force: true });
      if (complaint) throw new Error(complaint.slice(-8000));
    },
  };
  await push.start();
  return push;
}
