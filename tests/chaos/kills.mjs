// kill -9 at random under load: a worker, the feeder, maru-push, mariadbd, nginx, in turn, each at a
// random moment of its cycle.
import { Load } from './load.mjs';
import { killPid, makeRooms, people, sleep, startChaos, until } from './kit.mjs';

const RATE = 360; // what a kill takes away still leaves more than MIN_RATE
const MIN_RATE = 300;
const SETTLE_MS = 2000;

const victims = {
  worker: async (stack) => { killPid(stack.workers[Math.floor(Math.random() * stack.workers.length)]); },
  feeder: (stack) => stack.killFeeder(),
  push: async (stack) => {
    await stack.killPush();
    await sleep(Math.random() * 300);
    await stack.startPush();
  },
  mariadbd: async (stack) => {
    await stack.killDb();
    await sleep(Math.random() * 300);
    await stack.startDb();
  },
  nginx: async (stack) => {
    await stack.kill('nginx');
    await sleep(Math.random() * 300);
    await stack.start('nginx'); // which ends the workers that the killed one left
  },
};

// 20 cycles in CI are 4 of each kind.
const CYCLES = { short: 20, long: 200 };

export async function run(t) {
  const cycles = t.long ? CYCLES.long : CYCLES.short;
  const stack = await startChaos({ conf: { workers: 8 } });
  const users = await people(stack, 12);
  const rooms = await makeRooms(stack, 8, users);
  const load = new Load(stack, { users, rooms });
  const kinds = Object.keys(victims);
  const took = new Map(kinds.map((kind) => [kind, 0]));
  users.forEach((user) => load.listen(user));
  await load.ready();
  load.run(RATE);
  await until(() => load.acks.length > RATE / 2, 10000, 'the load to run');
  const before = { acks: load.acks.length, at: performance.now() };
  for (let cycle = 0; cycle < cycles; cycle++) {
    const kind = kinds[cycle % kinds.length];
    await sleep(600 + Math.random() * 600);
    const since = performance.now();
    const acked = load.acks.length;
    await victims[kind](stack);
    await until(() => load.acks.length > acked, 15000, `a message to be accepted after ${kind} was killed`);
    took.set(kind, Math.max(took.get(kind), performance.now() - since));
    await stack.allWorkers();
  }
  const rate = (load.acks.length - before.acks) / (performance.now() - before.at) * 1000;
  await load.stop();
  const ms = await load.converged(SETTLE_MS + 1000);
  const report = await t.check(load);
  t.say(`${cycles} cycles at ${rate.toFixed(0)} msg/s: ${load.acks.length} messages accepted, ${load.sum('events')} deliveries,`
    + ` ${load.answers.length - load.acks.length} refused and repeated`);
  t.say(`longest until the next 201: ${[...took].map(([kind, time]) => `${kind} ${time.toFixed(0)} ms`).join(', ')}`);
  t.say(`receivers: ${load.sum('connections')} connections, ${load.sum('recovered')} recovered, ${load.sum('unrecovered')} told to reload,`
    + ` ${load.sum('resets')} resets; at the head after ${ms.toFixed(0)} ms`);
  t.bar('kill_rate', rate, 'msg/s', `>=${MIN_RATE}`);
  t.bar('kill_lost', report.count('I1'), 'messages', '<=0');
  t.bar('kill_doubled_or_disordered', report.count('I3', 'I4', 'I7'), 'events', '<=0');
  t.bar('kill_gaps', report.count('I2', 'I9'), 'gaps', '<=0');
  t.bar('kill_converged', ms / 1000, 's', `<=${SETTLE_MS / 1000}`);
  load.close();
  await stack.stop();
}
