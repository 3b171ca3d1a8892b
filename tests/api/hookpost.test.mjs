// The courier: what lies in the table hook is posted, signed and in order, whatever the receiver does. What maru-push
// would send is said by busend.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import PusherServer from 'pusher';
import { startStack, until } from '../harness.mjs';
import { OPS, takeBus } from './busend.mjs';
import { assertOk, createRoom, joinRoom, people, say } from './check.mjs';
import { channelOf, listen, sayBehindTheBack } from './listener.mjs';

const accept = (res) => res.end();
const refuse = (status, headers = {}) => (res) => { res.writeHead(status, headers); res.end(); };

// Takes webhooks; how it answers is answer(res). posts: each as the stock library reads it.
class Receiver {
  posts = [];
  answer = accept;
  server = createServer((req, res) => this.take(req, res));

  take(req, res) {
    const parts = [];
    req.on('data', (part) => parts.push(part));
    req.on('end', () => {
      const rawBody = Buffer.concat(parts).toString();
      const hook = this.library.webhook({ headers: req.headers, rawBody });
      this.posts.push({ method: req.method, url: req.url, headers: req.headers, valid: hook.isValid(), time: hook.getTime(), events: hook.getEvents() });
      this.answer(res);
    });
  }
  get library() { return new PusherServer({ appId: '1', key: 'maru', secret: this.secret, host: 'x' }); }
  async open() {
    await new Promise((resolve) => { this.server.listen(this.port ?? 0, '127.0.0.1', resolve); });
    this.port = this.server.address().port;
    return this;
  }
  async close() {
    const closed = new Promise((resolve) => { this.server.close(resolve); });
    this.server.closeAllConnections();
    await closed;
  }
  get events() { return this.posts.flatMap(({ events }) => events); }
  async got(n, ms = 15000) {
    await until(() => this.posts.length >= n, ms, `${n} posts`);
    return this.posts[n - 1];
  }
  forget() { this.posts.length = 0; }
}

const receiver = await new Receiver().open();
const url = `http://127.0.0.1:${receiver.port}/hooks?from=maru`;
const stack = await startStack({ conf: { webhook_url: url, webhook_queue: 1000 } });
receiver.secret = stack.conf.app_secret;
let bus;
before(async () => { bus = await takeBus(stack); });
after(async () => {
  await bus.close();
  await stack.stop();
  await receiver.close();
});

let last = 0;
const occupied = (n) => Array.from({ length: n }, () => ({ name: 'channel_occupied', channel: `c${++last}` }));
const waiting = async () => Number((await stack.sql('SELECT COUNT(*) FROM hook'))[0][0]);
const emptied = () => until(async () => await waiting() === 0, 10000, 'the table to be empty');
const couriers = () => [...stack.log('api').matchAll(/maru-api\[(\d+)\].* the courier posts webhooks/g)].map(([, pid]) => Number(pid));
const isRunning = (pid) => { try { return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')); } catch { return false; } };
const courier = () => couriers().find(isRunning);
const logged = (pattern, from = 0) => until(() => pattern.test(stack.log('api').slice(from)), 10000, String(pattern));

test('an event is posted as Pusher posts it', async () => {
  const event = { name: 'client_event', channel: 'private-a', event: 'client-x', data: '"\\ 안녕 🙂 \u2028', socket_id: '1.2', user_id: 'mina' };
  const from = Date.now();
  bus.hook(event);
  const { time, events, ...post } = await receiver.got(1);
  assert.deepEqual(events, [event]);
  assert.ok(time >= from - 5 && time <= Date.now() + 5);
  assert.equal(post.valid, true);
  assert.equal(post.method, 'POST');
  assert.equal(post.url, '/hooks?from=maru');
  const { 'x-pusher-signature': signature, 'content-length': length, ...headers } = post.headers;
  assert.match(signature, /^[0-9a-f]{64}$/);
  assert.ok(length > 0);
  assert.deepEqual(headers, { host: `127.0.0.1:${receiver.port}`, 'user-agent': headers['user-agent'], accept: '*/*',
    'content-type': 'application/json', 'x-pusher-key': 'maru' });
  assert.match(headers['user-agent'], /^Maru\/\d/);
  await emptied();
});

test('many are posted in order, in batches, each once', async () => {
  receiver.forget();
  const events = occupied(750);
  bus.hook(...events);
  await until(() => receiver.events.length >= 750, 10000);
  assert.deepEqual(receiver.events, events);
  assert.ok(receiver.posts.every(({ valid, events: batch }) => valid && batch.length <= 100));
  assert.ok(receiver.posts.length < 40, `${receiver.posts.length} posts`);
  await emptied();
  assert.equal(receiver.events.length, 750);
});

test('a body stays below a size, whatever the events weigh', async () => {
  receiver.forget();
  bus.hook(...Array.from({ length: 60 }, (_, i) => ({ name: 'client_event', channel: 'private-a', data: 'x'.repeat(10240), i })));
  await until(() => receiver.events.length >= 60, 10000);
  assert.deepEqual(receiver.events.map(({ i }) => i), Array.from({ length: 60 }, (_, i) => i));
  assert.ok(receiver.posts.length >= 3);
  assert.ok(receiver.posts.every(({ headers }) => Number(headers['content-length']) <= 262144 + 100));
});

test('what is no event is not stored', async () => {
  receiver.forget();
  bus.hook('', 'x', '[]', '"x"', '{"a":1', '{"a":1,"a":2}', ...occupied(1));
  await receiver.got(1);
  assert.equal(receiver.events.length, 1);
  await logged(/sent a webhook event that is no JSON object/);
  await emptied();
});

test('after an error the same is posted again, before anything newer', async () => {
  for (const answer of [refuse(500), refuse(404), refuse(301, { Location: '/elsewhere' }), refuse(302, { Location: `http://127.0.0.1:${receiver.port}/elsewhere` }),
    (res) => res.destroy(), (res) => { res.writeHead(100); res.destroy(); }, (res) => { res.socket.end('nonsense\r\n\r\n'); }]) {
    receiver.forget();
    receiver.answer = answer;
    const events = occupied(2);
    bus.hook(events[0]);
    await receiver.got(1);
    bus.hook(events[1]);
    await until(async () => await waiting() === 2);
    receiver.answer = accept;
    await emptied();
    assert.deepEqual(receiver.posts[0].events, events.slice(0, 1));
    assert.deepEqual(receiver.posts.at(-1).events, events);
    assert.ok(receiver.posts.every(({ url: path, valid }) => valid && path === '/hooks?from=maru'));
  }
  await logged(/webhook_url answers 500; trying again/);
  await logged(/webhook_url takes events again/);
});

test('a receiver that is away gets everything when it is back', async () => {
  receiver.forget();
  await receiver.close();
  const events = occupied(5);
  const from = stack.log('api').length;
  bus.hook(...events);
  await logged(/webhook_url does not answer: Failed to connect.*trying again/, from);
  await until(async () => await waiting() === 5);
  receiver.server = createServer((req, res) => receiver.take(req, res));
  await receiver.open();
  await until(() => receiver.events.length >= 5, 15000);
  assert.deepEqual(receiver.events, events);
  await emptied();
});

test('an answer without end is not waited for, and counts', async () => {
  receiver.forget();
  receiver.answer = (res) => {
    res.writeHead(200);
    const timer = setInterval(() => res.write('x'.repeat(65536)), 1);
    res.on('close', () => clearInterval(timer));
  };
  bus.hook(...occupied(1));
  await receiver.got(1);
  await emptied();
  receiver.answer = accept;
  assert.equal(receiver.posts.length, 1);
});

test('a receiver that never answers holds up nobody, and is tried again', async () => {
  receiver.forget();
  receiver.answer = () => {};
  await bus.close();
  await stack.startPush();
  const [ann, bob] = await people(stack, 2);
  const room = await createRoom(stack, ann);
  await joinRoom(stack, bob, room);
  await stack.sql(`INSERT INTO hook (body, created_at) VALUES ('{"name":"by hand"}', UTC_TIMESTAMP(3))`);
  await receiver.got(1);
  const ear = await listen(stack, bob, channelOf(room));
  for (let i = 0; i < 20; i++) assertOk(await say(stack, ann, room), 201);
  await sayBehindTheBack(stack, ann, room); // what the feeder alone finds
  await ear.until(21);
  assert.equal(receiver.posts.length, 1);
  receiver.answer = accept;
  assert.deepEqual((await receiver.got(2, 20000)).events, [{ name: 'by hand' }]);
  await ear.close();
  bus = await takeBus(stack);
  await emptied();
});

test('kill -9 of the courier loses nothing; a batch may come twice', async () => {
  receiver.forget();
  const events = occupied(300);
  for (let i = 0; i < 3; i++) {
    const held = [];
    receiver.answer = (res) => held.push(res);
    const from = receiver.posts.length;
    bus.hook(...events.slice(i * 100, i * 100 + 100));
    await receiver.got(from + 1);
    process.kill(courier(), 'SIGKILL');
    receiver.answer = accept;
    held.forEach((res) => res.destroy());
    await receiver.got(from + 2);
  }
  await emptied();
  const seen = new Set(receiver.events.map(({ channel }) => channel));
  assert.deepEqual([...seen], events.map(({ channel }) => channel), 'the first time each, in order');
  await until(() => courier());
});

test('the database may go and come back', async () => {
  receiver.forget();
  const events = occupied(3);
  await stack.stopDb();
  bus.hook(...events);
  await stack.startDb();
  await until(() => receiver.events.length >= 3, 15000);
  assert.deepEqual(receiver.events, events);
  await emptied();
});

test('the oldest go when too many wait', async () => {
  receiver.forget();
  receiver.answer = refuse(503);
  const events = occupied(1500);
  const newest = events.at(-1).channel;
  bus.hook(...events);
  await until(async () => (await stack.sql('SELECT body FROM hook ORDER BY id DESC LIMIT 1'))[0]?.[0].includes(`"${newest}"`));
  // The size is looked at once a second, when something comes: some more may be there.
  await until(async () => { bus.hook(...occupied(1)); return await waiting() <= 1200; }, 10000, 'the table to be trimmed');
  await logged(/dropped the oldest \d+ webhook events, as 1000 wait; \d+ since the start/);
  await stack.sql('DELETE FROM hook');
  receiver.answer = accept;
  const [later] = occupied(1);
  bus.hook(later);
  await until(() => receiver.events.at(-1)?.channel === later.channel, 10000);
  await emptied();
});

// Changes settings of the running stack, as an administrator does it.
async function reload(change) {
  const path = join(stack.dir, 'maru.conf');
  const kept = readFileSync(path, 'utf8').split('\n').filter((line) => !Object.keys(change).some((key) => line.startsWith(`${key} =`)));
  writeFileSync(path, `${kept.join('\n')}\n${Object.entries(change).map(([key, value]) => `${key} = ${value}\n`).join('')}`);
  const feeders = () => bus.packets.filter(({ op }) => op === OPS.feeder).length;
  const known = feeders();
  stack.signal('api', 'SIGHUP');
  await until(() => feeders() > known, 10000, 'the feeder with these settings');
}

test('there is one courier through every reload, and none without an address', async () => {
  receiver.forget();
  receiver.answer = () => {};
  const events = occupied(1);
  bus.hook(...events);
  await receiver.got(1);
  const old = courier();
  receiver.answer = accept;
  await reload({});
  await until(() => !isRunning(old), 5000, 'the old courier to stop in the middle of a request');
  await emptied();
  assert.deepEqual(receiver.posts.at(-1).events, events);
  assert.equal(couriers().filter(isRunning).length, 1);
  await reload({ webhook_url: '' });
  await until(() => courier() === undefined);
  const [unheard, heard] = occupied(2);
  bus.hook(unheard);
  await reload({ webhook_url: url });
  bus.hook(heard);
  await until(() => receiver.events.at(-1)?.channel === heard.channel, 10000);
  assert.ok(!receiver.events.some(({ channel }) => channel === unheard.channel), 'nothing is stored that nobody posts');
  assert.doesNotMatch(stack.log('api'), /courier \d+ (ended|was killed by signal (?!9))/);
});

test('after webhook_retry seconds what can not be posted is dropped, and newer events follow', async () => {
  await reload({ webhook_retry: 1 });
  receiver.forget();
  receiver.answer = refuse(500);
  const [old, fresh] = occupied(2);
  bus.hook(old);
  await logged(/dropped 1 webhook events that could not be posted for 1 s; 1 since the start/);
  assert.ok(receiver.posts.length >= 2);
  assert.equal(await waiting(), 0);
  receiver.answer = accept;
  bus.hook(fresh);
  await until(() => receiver.events.at(-1)?.channel === fresh.channel);
  await reload({ webhook_retry: 300 });
});

test('a server that can not prove its name gets nothing', async () => {
  const pem = (name) => join(stack.dir, name);
  assert.equal(spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost',
    '-keyout', pem('key.pem'), '-out', pem('cert.pem')]).status, 0);
  const posts = [];
  const tls = createTlsServer({ key: readFileSync(pem('key.pem')), cert: readFileSync(pem('cert.pem')) }, (req, res) => { posts.push(req.url); res.end(); });
  await new Promise((resolve) => { tls.listen(0, '127.0.0.1', resolve); });
  let shaken = false;
  tls.on('tlsClientError', () => { shaken = true; });
  await reload({ webhook_url: `https://localhost:${tls.address().port}/` });
  bus.hook(...occupied(1));
  await until(() => shaken, 15000, 'the courier to look at the certificate');
  await logged(/does not answer: SSL certificate problem/);
  assert.deepEqual(posts, []);
  assert.equal(await waiting(), 1);
  await reload({ webhook_url: url });
  await emptied();
  await new Promise((resolve) => { tls.close(resolve); });
});

test('it stops with all the others, in the middle of a request', async () => {
  receiver.forget();
  receiver.answer = () => {};
  const events = occupied(1);
  bus.hook(...events);
  await receiver.got(1);
  const pid = courier();
  await stack.stopApi();
  assert.ok(!isRunning(pid));
  assert.equal(await waiting(), 1);
  receiver.answer = accept;
  await stack.startApi();
  assert.deepEqual((await receiver.got(2)).events, events);
  await emptied();
});
