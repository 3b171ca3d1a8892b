// A private Maru for a test file, and short ways to talk to it.
//
//   const stack = await startStack();          // stopped when the test file ends, at the latest
//   const ann = await signUp(stack);           // { id, name, password, token, refresh, ... }
//   const { status, body } = await api(stack, ann).post('/v1/rooms', { name: 'tea' });
//   const pusher = await client(stack, ann);   // a stock pusher-js client, connected
//   const room = pusher.subscribe(`presence-room-${body.id}`);
//   const message = await eventOn(room, 'message.created');
//
// Everything is started and stopped by tools/stack.sh; nothing here knows how.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Pusher from 'pusher-js';
import { checkAnswer, checkFrame } from './contract.mjs';
import { freePort } from './freeport.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export { freePort, sleep };

// Debian 12's Node does not have this one yet.
Headers.prototype.getSetCookie ??= function getSetCookie() {
  return (this.get('set-cookie') ?? '').split(/, (?=[^ ;,]+=)/).filter(Boolean);
};

const agent = new Agent({ keepAlive: false });
const stackSh = join(root, 'tools/stack.sh');
const running = new Set();

// Runs a command to its end; rejects with everything it said if it fails.
function run(command, args, { env = {}, input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env } });
    let out = '';
    let all = '';
    child.stdout.on('data', (data) => { out += data; all += data; });
    child.stderr.on('data', (data) => { all += data; });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ${args.join(' ')} failed (${code}):\n${all}`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

export class Stack {
  constructor({ conf = {}, build = process.env.MARU_BUILD ?? 'build' } = {}) {
    this.dir = mkdtempSync(join(tmpdir(), 'maru-test.'));
    this.build = build;
    // All tests come from one address; whoever tests the throttles sets them.
    this.settings = Object.entries({ signup_attempts: 1000000, room_attempts: 1000000, search_attempts: 1000000, ...conf }).map(([key, value]) => `${key}=${value}`);
    this.clients = new Set();
  }

  stackSh(...args) {
    return run(stackSh, args, { env: { MARU_BUILD: this.build } });
  }

  async up() {
    running.add(this);
    for (let attempt = 1; ; attempt++) {
      // If somebody gets it first, the next one.
      this.port = await freePort();
      try {
        await this.stackSh('up', this.dir, String(this.port), ...this.settings);
        return this;
      } catch (error) {
        if (attempt === 3 || !/port \d+ is taken|Address already in use/.test(error.message)) {
          await this.stop();
          throw error;
        }
      }
    }
  }

  get url() { return `http://127.0.0.1:${this.port}`; }

  // maru.conf as it was written; the secrets are here.
  get conf() {
    const lines = readFileSync(join(this.dir, 'maru.conf'), 'utf8').matchAll(/^(\w+) = (.*)$/gm);
    return Object.fromEntries([...lines].map(([, key, value]) => [key, value]));
  }

  pid(program) {
    return Number(readFileSync(join(this.dir, 'pid', `${program}.pid`), 'utf8'));
  }

  get pids() {
    return { db: this.pid('db'), push: this.pid('push'), api: this.pid('api'), nginx: this.pid('nginx') };
  }

  log(program) { return readFileSync(join(this.dir, 'log', `${program}.log`), 'utf8'); }

  // start and stop are orderly; kill is not, and waits until the process is gone.
  start(program) { return this.stackSh('start', this.dir, program); }
  stopProgram(program) { return this.stackSh('stop', this.dir, program); }
  async restart(program) {
    await this.stopProgram(program);
    await this.start(program);
  }
  signal(program, signal) { process.kill(this.pid(program), signal); }
  async kill(program, signal = 'SIGKILL') {
    const pid = this.pid(program);
    process.kill(pid, signal);
    await until(() => !isAlive(pid), 20000, `${program} to end after ${signal}`);
  }
  startDb() { return this.start('db'); }
  stopDb() { return this.stopProgram('db'); }
  killDb() { return this.kill('db'); }
  startPush() { return this.start('push'); }
  stopPush() { return this.stopProgram('push'); }
  killPush() { return this.kill('push'); }
  startApi() { return this.start('api'); }
  stopApi() { return this.stopProgram('api'); }
  killApi() { return this.kill('api'); }

  // Asks the database as its root; rows as arrays of strings, NULL as null.
  async sql(text) {
    const socket = this.conf.db_socket;
    const out = await run('mariadb', ['--no-defaults', '--default-character-set=utf8mb4', '-uroot',
      '-S', socket, '--batch', '--skip-column-names', 'maru'], { input: text });
    const word = (field) => field === 'NULL' ? null
      : field.replace(/\\([tn0\\])/g, (_, c) => ({ t: '\t', n: '\n', 0: '\0', '\\': '\\' })[c]);
    return out.split('\n').slice(0, -1).map((line) => line.split('\t').map(word));
  }

  async stop() {
    if (!running.delete(this)) return;
    for (const pusher of this.clients) pusher.disconnect();
    await this.stackSh('down', this.dir).catch(() => {});
    const report = this.sanitizerReport();
    rmSync(this.dir, { recursive: true, force: true });
    if (report) throw new Error(`a sanitizer complains:\n${report}`);
  }

  sanitizerReport() {
    try {
      for (const name of readdirSync(join(this.dir, 'log'))) {
        const text = readFileSync(join(this.dir, 'log', name), 'utf8');
        const at = text.search(/(ERROR|WARNING): \w+Sanitizer|runtime error:/);
        if (at >= 0) return `${name}: ${text.slice(at, at + 8000)}`;
      }
    } catch { /* it never got as far as a log */ }
    return '';
  }
}

// conf: settings for maru.conf, and for MariaDB with "db." before the name. build: directory.
export function startStack(options) {
  return new Stack(options).up();
}

// Whatever a test forgot, or could not reach because it failed: an open websocket would keep its file
// from ending. If even that is not reached, the end of the process stops everything.
if (/\.test\.mjs$/.test(process.argv[1] ?? '')) {
  after(async () => { for (const stack of running) await stack.stop(); });
}
process.on('exit', () => {
  for (const stack of running) {
    spawnSync(stackSh, ['down', stack.dir], { detached: true });
    rmSync(stack.dir, { recursive: true, force: true });
  }
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

// A killed process stays a zombie until somebody reaps it, which is none of ours to wait for.
function isAlive(pid) {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

// Resolves with the first truthy value of check(), which may be asynchronous.
export async function until(check, ms = 15000, what = String(check)) {
  for (const end = Date.now() + ms; ;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await sleep(20);
  }
}

// ---- HTTP ------------------------------------------------------------------------------------------

// One request by node:http. (fetch of Debian 13's Node loses bodies of several megabytes: "Body has
// already been read".)
function send(url, method, headers, body) {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method, headers, agent }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const got = new Headers();
        for (let i = 0; i < answer.rawHeaders.length; i += 2) got.append(answer.rawHeaders[i], answer.rawHeaders[i + 1]);
        resolve({ status: answer.statusCode, headers: got, text: Buffer.concat(parts).toString() });
      });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

// What fetch would call a body that comes without a type.
function bodyOf(body) {
  if (body === undefined) return [undefined];
  if (body instanceof Uint8Array) return [body];
  if (body instanceof URLSearchParams) return [body.toString(), 'application/x-www-form-urlencoded;charset=UTF-8'];
  if (typeof body === 'string') return [body, 'text/plain;charset=UTF-8'];
  return [JSON.stringify(body), 'application/json'];
}

// get, del: (path, headers); post, put, patch: (path, body, headers). A body that is no string is
// sent as JSON. All resolve with { status, headers, body }, the body parsed if it is JSON.
export function api(stack, { token, headers: always = {} } = {}) {
  async function call(method, path, body, headers = {}) {
    const [bytes, type] = bodyOf(body);
    const all = new Headers({ ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(type ? { 'Content-Type': type } : {}) });
    for (const [name, value] of Object.entries({ ...always, ...headers })) all.set(name, value);
    if (bytes !== undefined || method !== 'GET') all.set('Content-Length', String(Buffer.byteLength(bytes ?? '')));
    const answer = await send(stack.url + path, method, Object.fromEntries(all), bytes);
    const json = /json/.test(answer.headers.get('content-type') ?? '');
    const seen = { status: answer.status, headers: answer.headers, body: json && answer.text ? JSON.parse(answer.text) : answer.text };
    checkAnswer(method, path, seen);
    return seen;
  }
  return {
    get: (path, headers) => call('GET', path, undefined, headers),
    del: (path, headers) => call('DELETE', path, undefined, headers),
    post: (path, body, headers) => call('POST', path, body, headers),
    put: (path, body, headers) => call('PUT', path, body, headers),
    patch: (path, body, headers) => call('PATCH', path, body, headers),
    call,
  };
}

function expectStatus(answer, status, what) {
  if (answer.status !== status) throw new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export function freshName(prefix = 'u') {
  return prefix + randomBytes(5).toString('hex');
}

// Creates an account and logs in as an app does (tokens in the body, no cookies).
export async function signUp(stack, name = freshName(), password = 'correct horse battery') {
  const nobody = api(stack);
  const user = expectStatus(await nobody.post('/v1/users', { name, password, nickname: name }), 201, 'sign-up');
  return { ...user, name, password, ...await logIn(stack, name, password) };
}

export async function logIn(stack, name, password) {
  const session = expectStatus(await api(stack).post('/v1/sessions', { name, password }), 201, 'login');
  return { token: session.access_token, refresh: session.refresh_token, session };
}

// ---- websocket -------------------------------------------------------------------------------------

// The socket library below pusher-js leaves a timer of 30 s behind if the server closes first; no
// test file shall wait for that.
const plainSetTimeout = globalThis.setTimeout;
globalThis.setTimeout = (call, ms, ...args) => {
  const timer = plainSetTimeout(call, ms, ...args);
  return ms === 30000 ? timer.unref() : timer;
};

// A stock pusher-js client. Without a user it may subscribe to public channels only.
export async function client(stack, user, options = {}) {
  const pusher = new Pusher(stack.conf.app_key ?? 'maru', {
    cluster: 'x',
    wsHost: '127.0.0.1',
    wsPort: stack.port,
    forceTLS: false,
    enabledTransports: ['ws'],
    enableStats: false,
    channelAuthorization: {
      endpoint: `${stack.url}/v1/realtime/auth`,
      transport: 'ajax',
      headers: user ? { Authorization: `Bearer ${user.token}` } : {},
    },
    ...options,
  });
  stack.clients.add(pusher);
  // pusher-js would keep what is thrown here to itself.
  pusher.connection.bind('message', ({ event, channel, data }) => {
    try {
      if (channel) checkFrame(channel, event, data);
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  });
  await connected(pusher);
  return pusher;
}

export function connected(pusher, ms = 5000) {
  return new Promise((resolve, reject) => {
    const { connection } = pusher;
    if (connection.state === 'connected') return resolve(pusher);
    const timer = setTimeout(() => done(reject, new Error(`not connected after ${ms} ms: ${connection.state}`)), ms);
    const onConnected = () => done(resolve, pusher);
    const onFailed = () => done(reject, new Error('the connection failed'));
    const done = (settle, value) => {
      clearTimeout(timer);
      connection.unbind('connected', onConnected);
      connection.unbind('failed', onFailed);
      settle(value);
    };
    connection.bind('connected', onConnected);
    connection.bind('failed', onFailed);
  });
}

// The data of the next such event on a channel, or on a whole client.
export function eventOn(channel, name, ms = 5000, accept = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      channel.unbind(name, listener);
      reject(new Error(`no ${name} on ${channel.name ?? 'the connection'} within ${ms} ms`));
    }, ms);
    function listener(data) {
      if (!accept(data)) return;
      clearTimeout(timer);
      channel.unbind(name, listener);
      resolve(data);
    }
    channel.bind(name, listener);
  });
}

// Subscribes and resolves with the channel once the server has agreed.
export function subscribed(pusher, name, ms = 5000) {
  const channel = pusher.subscribe(name);
  if (channel.subscribed) return Promise.resolve(channel);
  return new Promise((resolve, reject) => {
    const done = (settle, value) => {
      clearTimeout(timer);
      channel.unbind('pusher:subscription_succeeded', onSuccess);
      channel.unbind('pusher:subscription_error', onError);
      settle(value);
    };
    const timer = setTimeout(() => done(reject, new Error(`${name}: no answer within ${ms} ms`)), ms);
    const onSuccess = () => done(resolve, channel);
    const onError = (error) => done(reject, new Error(`${name} refused: ${JSON.stringify(error)}`));
    channel.bind('pusher:subscription_succeeded', onSuccess);
    channel.bind('pusher:subscription_error', onError);
  });
}
