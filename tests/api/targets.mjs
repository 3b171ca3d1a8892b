// Servers that take webhooks, and a Maru for which the clock and the names of hosts can be set (elsewhere.c).
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Stack, api, root, until } from '../harness.mjs';
import { assertOk, claims, forge, people } from './check.mjs';

// Networks of the targets of tests: one address, so that all others of this host stay closed.
export const OPEN = '127.0.0.77';
export const HOOKS = { room_webhooks: 'on', outbound_allow: `${OPEN}/32` };

export class Elsewhere extends Stack {
  stackSh(...args) {
    this.ahead ??= 0;
    Object.assign(process.env, { LD_PRELOAD: join(root, this.build, 'tests/api/elsewhere.so'),
      MARU_AHEAD: join(this.dir, 'ahead'), MARU_NAMES: join(this.dir, 'names') });
    const done = super.stackSh(...args);
    for (const name of ['LD_PRELOAD', 'MARU_AHEAD', 'MARU_NAMES']) delete process.env[name];
    return done;
  }

  // Lets wall time pass for maru-api.
  pass(ms) {
    this.ahead += ms;
    writeFileSync(join(this.dir, 'ahead'), String(this.ahead));
  }

  // People whose tokens outlive that.
  async people(n) {
    const all = await people(this, n);
    return all.map((user) => ({ ...user, token: forge(this, { ...claims(user.token), exp: Math.floor(Date.now() / 1000) + 30 * 86400 }) }));
  }

  // { name: [address, ...] }: what it means the first time, and then.
  name(names) {
    writeFileSync(join(this.dir, 'names'), Object.entries(names).map(([name, list]) => `${name} ${list.join(' ')}\n`).join(''));
  }
}

export const accept = (res) => res.end();
export const refuse = (status, headers = {}) => (res) => { res.writeHead(status, headers); res.end(); };

// Takes posts; answer(res, post) answers them. posts: { id, time, signature, body, raw, headers }, in the order in which they came.
export class Target {
  posts = [];
  answer = accept;

  async open(host = OPEN) {
    this.host = host;
    this.server = createServer((req, res) => this.take(req, res));
    await new Promise((resolve) => { this.server.listen(this.port ?? 0, host, resolve); });
    this.port = this.server.address().port;
    return this;
  }

  take(req, res) {
    const parts = [];
    req.on('data', (part) => parts.push(part));
    req.on('end', () => {
      const raw = Buffer.concat(parts).toString();
      const post = { id: req.headers['webhook-id'], time: Number(req.headers['webhook-timestamp']), signature: req.headers['webhook-signature'],
        method: req.method, path: req.url, headers: req.headers, raw, body: JSON.parse(raw || 'null') };
      this.posts.push(post);
      this.answer(res, post);
    });
  }

  async close() {
    const closed = new Promise((resolve) => { this.server.close(resolve); });
    this.server.closeAllConnections();
    await closed;
  }

  get url() { return `http://${this.host}:${this.port}/hook`; }
  get seqs() { return this.posts.map(({ body }) => body.seq); }
  got(n, ms = 20000) { return until(() => this.posts.length >= n, ms, `${n} posts, not ${this.posts.length}`); }
}

// As https://github.com/standard-webhooks/standard-webhooks verifies a call.
export function isSigned(secret, { id, time, raw, signature }) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return signature === `v1,${createHmac('sha256', key).update(`${id}.${time}.${raw}`).digest('base64')}`;
}

export async function hook(stack, host, room, url, events = ['message.created']) {
  return assertOk(await api(stack, host).post(`/v1/rooms/${room.id}/webhooks`, { url, events }), 201);
}

export const deliveries = async (stack, user, { room, id }, query = '') =>
  assertOk(await api(stack, user).get(`/v1/rooms/${room}/webhooks/${id}/deliveries${query}`), 200);

// The webhook as it is when all that happened was posted or given up.
export async function settled(stack, user, { room, id }, ms = 20000) {
  await until(async () => (await stack.sql(`SELECT 1 FROM webhook w JOIN stream s ON s.kind = 1 AND s.id = w.room
    WHERE w.id = ${id} AND w.waiting = 0 AND (w.seen = s.head OR w.state <> 'active')`)).length > 0, ms, 'all to be posted');
  return assertOk(await api(stack, user).get(`/v1/rooms/${room}/webhooks`), 200).webhooks.find((one) => one.id === id);
}

const isRunning = (pid) => { try { return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')); } catch { return false; } };

// The pid of the process that posts to webhooks.
export const poster = (stack) => until(() => [...stack.log('api').matchAll(/maru-api\[(\d+)\].* the poster posts what happens/g)]
  .map(([, pid]) => Number(pid)).find(isRunning), 20000, 'a poster');

// Each id came once, in the order of seq.
export function assertInOrder(target, expected) {
  assert.deepEqual(target.seqs, expected);
  assert.equal(new Set(target.posts.map(({ id }) => id)).size, expected.length);
}
