// 30 % of the notifies are dropped, 30 % doubled, 30 % shuffled, between the workers and maru-push,
// which is killed several times meanwhile: what it knew is gone then, and what it hears has holes.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Load } from './load.mjs';
import { makeRooms, people, sleep, startChaos, tools, until } from './kit.mjs';

const PERCENT = '30';
const LISTENERS = 20;
const RATE = 450;

// The daemon, which makes its socket anew with every start, keeps it; the workers get another one.
async function openBusProxy(stack) {
  const path = stack.conf.bus_socket;
  const child = spawn(join(tools, 'busproxy'), [`${path}.lossy`, path, PERCENT, PERCENT, PERCENT],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data) => { out += data; });
  const ended = new Promise((resolve) => { child.on('close', () => resolve(JSON.parse(out))); });
  await stack.stopApi();
  stack.configure('bus_socket', `${path}.lossy`);
  await stack.startApi();
  stack.configure('bus_socket', path);
  return { close: () => { child.kill('SIGTERM'); return ended; } };
}

// Kills maru-push after each part of the deliveries; resolves when all were made.
async function killPushMeanwhile(stack, load, deliveries, kills) {
  const delivered = (n) => until(() => load.sum('events') >= n, 600000, `${n} deliveries`);
  for (let i = 1; i <= kills; i++) {
    await delivered(deliveries * i / (kills + 1));
    await stack.killPush();
    await sleep(Math.random() * 300);
    await stack.startPush();
  }
  await delivered(deliveries);
}

export async function run(t) {
  const deliveries = t.long ? 1e6 : 1e5;
  const kills = t.long ? 50 : 5;
  const stack = await startChaos({ conf: { workers: 8 } });
  const users = await people(stack, LISTENERS);
  const rooms = await makeRooms(stack, 10, users);
  const proxy = await openBusProxy(stack);
  const load = new Load(stack, { users, rooms });
  users.forEach((user) => load.listen(user));
  await load.ready();
  const since = performance.now();
  load.run(RATE);
  await killPushMeanwhile(stack, load, deliveries, kills);
  await load.stop();
  const ms = await load.converged(5000);
  const seconds = (performance.now() - since) / 1000;
  await sleep(100);
  const { events, dropped, doubled, shuffled } = await proxy.close();
  const report = await t.check(load);
  t.say(`${events} notifies in ${seconds.toFixed(0)} s: ${dropped} dropped, ${doubled} doubled, ${shuffled} shuffled; maru-push killed ${kills} times`);
  t.say(`${load.sum('events')} deliveries, ${load.sum('connections')} connections, ${load.sum('recovered')} recovered,`
    + ` ${load.sum('unrecovered')} told to reload, at the head after ${ms.toFixed(0)} ms`);
  t.bar('bus_deliveries', load.sum('events'), 'events', `>=${deliveries}`);
  t.bar('bus_faults', Math.min(dropped / events, doubled / (events - dropped)) * 100, '%', '>=25');
  t.bar('bus_missing_doubled_disordered', report.count('I4', 'I5', 'I6', 'I9'), 'events', '<=0');
  t.bar('bus_converged', ms / 1000, 's', '<=2');
  load.close();
  await stack.stop();
}
