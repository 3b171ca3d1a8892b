// Nine places at which a process dies, each many times. A trial is a fresh room with senders and
// receivers; something dies at the very place, is replaced, and in the end every invariant holds.
import { Load } from './load.mjs';
import { killPid, makeRooms, people, sleep, startChaos, until } from './kit.mjs';

const RATE = 80;
const SETTLE_MS = 2000;
const OLD_MS = 1050; // a worker that dies younger is replaced later, on purpose

const killWorkers = (stack) => stack.children.filter((pid) => pid !== stack.feederPid).forEach((pid) => killPid(pid));
const running = (load, n) => until(() => load.acks.length >= n, 15000, `${n} messages to be accepted`);

// A worker takes it, whoever comes first.
const api = (point) => async ({ stack }) => {
  stack.arm(point);
  await stack.taken(point);
};

const push = (point) => async ({ stack }) => {
  stack.arm(point);
  await stack.taken(point);
  await stack.start('push');
};

// One receiver was away and gets what it missed when the daemon dies over it.
async function duringCatchUp({ stack, load }) {
  const [away] = load.receivers;
  away.leave();
  await running(load, load.acks.length + 8);
  stack.arm('push.during_catchup');
  away.come();
  await stack.taken('push.during_catchup');
  await stack.start('push');
}

// All workers die while the procedure stands at a mark. It goes on alone and commits; or the
// database notices and rolls back.
const inProcedure = (point) => async ({ stack, load, trial }) => {
  const [room] = load.rooms;
  await stack.sql(`INSERT INTO chaos_arm VALUES ('${point}', ${room})`);
  const [connection] = await until(async () => {
    const found = await stack.busy('%SLEEP(0.005)%');
    return found.length > 0 && found;
  }, 10000, `a connection to wait ${point}`);
  killWorkers(stack);
  if (trial % 2 === 1) await stack.sql(`KILL CONNECTION ${connection}`).catch(() => {});
  await stack.sql(`DELETE FROM chaos_arm`);
};

// The log is being synced: what is committed is visible, and not yet safe.
async function duringCommit({ stack, trial }) {
  stack.holdSync();
  try {
    await until(async () => (await stack.busy('COMMIT')).length > 0, 10000, 'a connection in COMMIT');
    if (trial % 2 === 0) killWorkers(stack);
    else await stack.kill('db');
  } finally {
    stack.releaseSync();
  }
  if (trial % 2 === 1) await stack.startDb();
}

const points = [
  ['before BEGIN', api('api.before_begin')],
  ['after the seq UPDATE', inProcedure('after_seq')],
  ['after INSERT', inProcedure('after_insert')],
  ['during COMMIT', duringCommit],
  ['after COMMIT, before notify', api('api.after_commit')],
  ['after notify, before the answer', api('api.after_notify')],
  ['push: before fan-out', push('push.before_fanout')],
  ['push: in the middle of fan-out', push('push.mid_fanout')],
  ['push: during catch-up', duringCatchUp],
];

async function attempt(t, stack, users, die, trial) {
  const rooms = await makeRooms(stack, 1, users);
  const load = new Load(stack, { users: users.slice(0, 3), rooms, receivers: { jitter: 100 } });
  try {
    for (const user of users) load.listen(user);
    await load.ready();
    load.run(RATE);
    await running(load, 10);
    await die({ stack, load, trial });
    await running(load, load.acks.length + 10);
    await load.stop();
    const ms = await load.converged(SETTLE_MS);
    const report = await t.check(load);
    if (ms === Infinity) t.say(`trial ${trial}: not converged after ${SETTLE_MS} ms`);
    return { ok: ms !== Infinity && report.total === 0, ms };
  } finally {
    load.close();
  }
}

export async function run(t) {
  const trials = t.long ? 50 : 2;
  const stack = await startChaos();
  await stack.instrument();
  const users = await people(stack, 4);
  let good = 0;
  let died = performance.now();
  for (const [name, die] of points) {
    let passed = 0;
    let slowest = 0;
    for (let trial = 0; trial < trials; trial++) {
      await stack.allWorkers();
      await sleep(Math.max(0, died + OLD_MS - performance.now()));
      const { ok, ms } = await attempt(t, stack, users, async (what) => {
        await die(what);
        died = performance.now();
      }, trial);
      passed += ok;
      slowest = Math.max(slowest, ms);
    }
    t.say(`killed ${name}: ${passed}/${trials}, all screens at the head after at most ${slowest.toFixed(0)} ms`);
    good += passed;
  }
  t.bar('crash_points', good, `of_${points.length * trials}`, `>=${points.length * trials}`);
  await stack.stop();
}
