// 30 % of the notifies are dropped, 30 % doubled, 30 % shuffled, between the workers and maru-push.
import { spawn } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { Load } from './load.mjs';
import { makeRooms, people, sleep, startChaos, tools, until } from './kit.mjs';

const PERCENT = '30';
const LISTENERS = 20;
const RATE = 450;

async function openBusProxy(stack) {
  const path = stack.conf.bus_socket;
  renameSync(path, `${path}.real`);
  const child = spawn(join(tools, 'busproxy'), [path, `${path}.real`, PERCENT, PERCENT, PERCENT],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data) => { out += data; });
  const ended = new Promise((resolve) => { child.on('close', () => resolve(JSON.parse(out))); });
  await stack.stopApi(); // whose processes are connected to the daemon itself
  await stack.startApi();
  return { close: () => { child.kill('SIGTERM'); return ended; } };
}

export async function run(t) {
  const deliveries = t.long ? 1e6 : 1e5;
  const stack = await startChaos({ conf: { workers: 8 } });
  const users = await people(stack, LISTENERS);
  const rooms = await makeRooms(stack, 10, users);
  const proxy = await openBusProxy(stack);
  const load = new Load(stack, { users, rooms });
  users.forEach((user) => load.listen(user));
  await load.ready();
  const since = performance.now();
  load.run(RATE);
  await until(() => load.acks.length >= deliveries / LISTENERS, 600000, 'all messages to be accepted');
  await load.stop();
  const ms = await load.converged(5000);
  const seconds = (performance.now() - since) / 1000;
  await sleep(100);
  const { events, dropped, doubled, shuffled } = await proxy.close();
  const report = await t.check(load);
  t.say(`${events} notifies in ${seconds.toFixed(0)} s: ${dropped} dropped, ${doubled} doubled, ${shuffled} shuffled;`
    + ` ${load.sum('events')} deliveries, ${load.sum('unrecovered')} told to reload, at the head after ${ms.toFixed(0)} ms`);
  t.bar('bus_deliveries', load.sum('events'), 'events', `>=${deliveries}`);
  t.bar('bus_faults', Math.min(dropped, doubled) / events * 100, '%', '>=20');
  t.bar('bus_missing_doubled_disordered', report.count('I4', 'I5', 'I6', 'I9'), 'events', '<=0');
  t.bar('bus_converged', ms / 1000, 's', '<=2');
  load.close();
  await stack.stop();
}
