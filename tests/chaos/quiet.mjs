// A worker dies between COMMIT and notify, and nothing else happens in the room: the event has to be
// on every screen all the same, because the counter row tells of it.
import { Load } from './load.mjs';
import { makeRooms, people, quantile, sleep, startChaos, until } from './kit.mjs';

const LISTENERS = 4;
const PACE_MS = 300; // workers that die young are replaced later, on purpose
const ROOMS_EACH = 20; // one receiver's rooms

export async function run(t) {
  const trials = t.long ? 100 : 20;
  const stack = await startChaos({ conf: { workers: 8 } });
  const users = await people(stack, LISTENERS);
  const rooms = await makeRooms(stack, trials, users);
  const load = new Load(stack, { users, rooms });
  for (let i = 0; i < trials; i += ROOMS_EACH)
    users.forEach((user) => load.listen(user, rooms.slice(i, i + ROOMS_EACH)));
  await load.ready();
  const died = new Map();
  for (const [i, room] of rooms.entries()) {
    stack.arm('api.after_commit');
    const sent = load.send(users[i % users.length], room, { give_up: 0 });
    await stack.taken('api.after_commit');
    died.set(room, performance.now());
    if (await sent !== null) throw new Error('a worker that was killed has answered 201');
    await sleep(PACE_MS * (0.5 + Math.random()));
  }
  await until(() => load.sum('events') >= trials * LISTENERS, 10000, 'every event to arrive').catch((error) => t.say(error.message));
  const delays = load.receivers.flatMap(({ log }) =>
    log.filter(({ k }) => k === 'event').map((event) => event.t - died.get(event.room)));
  const missing = trials * LISTENERS - delays.length;
  await t.check(load);
  t.say(`${trials} workers killed after COMMIT; ${delays.length} screens told after p50 ${quantile(delays, 0.5).toFixed(0)} ms,`
    + ` p99 ${quantile(delays, 0.99).toFixed(0)} ms, max ${quantile(delays, 1).toFixed(0)} ms`);
  t.bar('quiet_missing', missing, 'events', '<=0');
  t.bar('quiet_p99', quantile(delays, 0.99) / 1000, 's', '<=2');
  t.bar('quiet_max', quantile(delays, 1) / 1000, 's', '<=3');
  load.close();
  await stack.stop();
}
