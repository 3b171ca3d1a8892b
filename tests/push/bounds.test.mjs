// Where the operating system sets bounds: no descriptor is left, bytes wait in a socket that is closed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import test, { after } from 'node:test';
import { api, sleep, startStack, until } from '../harness.mjs';
import { greeted, joinBus, open } from './peer.mjs';

const stack = await startStack({ conf: { push_handshakes: 0, push_queue_events: 1000 } });
after(() => stack.stop());
const bus = joinBus(stack);
after(() => bus.close());

const direct = { direct: '127.0.0.1' };
const descriptors = () => readdirSync(`/proc/${stack.pid('push')}/fd`).length;
const limitFiles = (n) => execFileSync('prlimit', ['--pid', stack.pid('push'), `--nofile=${n}:`]);
// How many hundredths of a second it has computed.
const ticks = () => readFileSync(`/proc/${stack.pid('push')}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13)
  .reduce((sum, n) => sum + Number(n), 0);
const many = (n, make) => Promise.all(Array.from({ length: n }, make));

// Either it is greeted, or it is hung up on.
async function tryOne() {
  const socket = await open(stack, undefined, direct);
  await until(() => socket.events.length > 0 || socket.code !== undefined, 5000, 'an answer');
  return socket;
}

test('no descriptor is left: who is there is served, who comes is turned away, and nothing spins', async (t) => {
  const first = await greeted(stack, undefined, direct);
  await first.subscribe('shop');
  bus.publish('shop', 'news', { n: 0 });
  await first.next('news');
  const before = descriptors();
  t.after(() => limitFiles(10000));
  limitFiles(before + 10);
  const sockets = await many(30, tryOne);
  const inside = sockets.filter(({ code }) => code === undefined);
  assert.ok(inside.length >= 5 && inside.length <= 15, `${inside.length} came in`);
  for (const socket of inside) {
    await socket.next('pusher:connection_established');
    await socket.subscribe('shop');
  }
  const busy = ticks();
  await sleep(1000);
  assert.ok(ticks() - busy < 20, `${ticks() - busy} % of a core`);
  bus.publish('shop', 'news', { n: 1 });
  for (const socket of [first, ...inside]) await socket.next('news');
  const full = descriptors();
  for (const socket of inside.splice(0, 3)) await socket.close();
  await until(() => descriptors() <= full - 3, 5000, 'free descriptors');
  inside.push(...await many(3, () => greeted(stack, undefined, direct)));
  limitFiles(10000);
  inside.push(await greeted(stack));
  for (const socket of inside) await socket.close();
  await until(() => descriptors() === before, 5000, 'the descriptors of all');
  await first.close();
});

const queued = async () => Number(/^maru_push_queued (\d+)/m.exec((await api(stack).get('/metrics')).body)[1]);
const frame = JSON.stringify({ event: 'pusher:ping', data: { x: 'x'.repeat(1000) } });
const burst = (socket) => { for (let i = 0; i < 500; i++) socket.ws.send(frame); };

// Goes on sending until it has heard of its end.
async function flood(options) {
  const socket = await greeted(stack, undefined, options);
  while (socket.code === undefined && socket.ws.readyState === socket.ws.OPEN) {
    burst(socket);
    await sleep(1);
  }
  return (await socket.closed).code;
}

// The same by one who reads nothing before all of that was taken: the last bytes find its socket full.
async function floodBlindly() {
  const socket = await greeted(stack, undefined, direct);
  await socket.subscribe('shop');
  socket.ws.pause();
  for (let i = 0; i < 60; i++) bus.publish('shop', 'news', { big: 'x'.repeat(9000) });
  await until(async () => await queued() > 0, 5000, 'a full socket');
  burst(socket);
  burst(socket);
  await new Promise((resolve) => socket.ws.send(frame, resolve));
  socket.ws.on('message', () => socket.ws.send(frame));
  socket.ws.resume();
  return (await socket.closed).code;
}

for (const [name, run] of Object.entries({
  'at the socket': () => flood(direct), 'at the socket that is full': floodBlindly, 'through nginx': () => flood({}),
})) {
  test(`who floods is told so before the end, ${name}`, async () => {
    const before = descriptors();
    for (let i = 0; i < 20; i++) assert.equal(await run(), 4102, `flood ${i}`);
    await until(() => descriptors() === before, 5000, 'the descriptors of all');
  });
}
