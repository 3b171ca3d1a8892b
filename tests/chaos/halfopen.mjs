// Clients vanish without a word: their bytes are swallowed both ways, no FIN, no RST. maru-push has to
// find out by their silence, and their presence ends with them. Half of them come back on another way
// before that, while their ghosts still sit there, and miss nothing.
import { Load } from './load.mjs';
import { defaultOf, makeRooms, people, sleep, startChaos, until, websockets } from './kit.mjs';
import { openTcpProxy } from './proxy.mjs';

const SENDERS = 4;
const ROOM_SIZE = 20;
const RATE = 40;
const TICK_S = 1; // so often maru-push looks who is silent

// The last sign of life comes as late as can be: then the silence lasts longest.
async function fallSilent(ghosts, wire) {
  for (const { ws } of ghosts) ws.send('{"event":"pusher:ping","data":{}}');
  await sleep(200);
  wire.set({ blackhole: true });
  return performance.now();
}

// Resolves when all are back, on a new connection, at different times.
function comeBack(stack, ghosts, seconds) {
  return Promise.all(ghosts.map(async (ghost) => {
    await sleep(Math.random() * seconds * 1000);
    ghost.leave();
    ghost.at = `ws://127.0.0.1:${stack.port}`;
    ghost.come();
    await until(() => ghost.counts.connections === 2 && ghost.rooms.every((room) => ghost.state.get(room).confirmed), 10000,
      `${ghost.name} to be back`);
  }));
}

// How many of the ghosts are left, and the seconds after which the last one was dropped.
async function ghostsLeft(stack, others, seconds, since) {
  for (;;) {
    const left = websockets(stack) - others;
    const after = (performance.now() - since) / 1000;
    if (left <= 0 || after > seconds) return { left, after };
    await sleep(20);
  }
}

const idsOf = (receivers) => new Set(receivers.map(({ user }) => user));

export async function run(t) {
  const n = t.long ? 500 : 60;
  const [ping, hangup] = t.long ? [defaultOf('push_ping'), defaultOf('push_hangup')] : [2, 5];
  const stack = await startChaos({ conf: { push_ping: ping, push_hangup: hangup } });
  const users = await people(stack, SENDERS + n);
  const senders = users.slice(0, SENDERS);
  const rooms = [];
  for (let i = SENDERS; i < users.length; i += ROOM_SIZE)
    rooms.push(...await makeRooms(stack, 1, [...senders, ...users.slice(i, i + ROOM_SIZE)]));
  const load = new Load(stack, { users: senders, rooms });
  const witness = load.listen(users[0]);
  await load.ready();
  const wire = await openTcpProxy(stack.port);
  const ghosts = users.slice(SENDERS).map((user, i) =>
    load.listen(user, [rooms[Math.floor(i / ROOM_SIZE)]], { at: `ws://127.0.0.1:${wire.port}`, live: i % 2 === 0 }));
  const [back, away] = [ghosts.filter(({ live }) => live), ghosts.filter(({ live }) => !live)];
  await load.ready();
  load.run(RATE);
  await sleep(1000);
  const since = await fallSilent(ghosts, wire);
  await comeBack(stack, back, hangup / 2);
  const alive = websockets(stack) - 1 - back.length;
  const { left, after } = await ghostsLeft(stack, 1 + back.length, hangup + 20, since);
  await sleep(500); // what the witness is told is on its way
  await load.stop();
  const ms = await load.converged(5000);
  const report = await t.check(load);
  const gone = idsOf(witness.log.filter(({ k, t: at }) => k === 'member_removed' && at > since).map(({ who }) => ({ user: who })));
  const stay = [...idsOf(away)].filter((id) => !gone.has(id)).length;
  const flickered = [...idsOf(back)].filter((id) => gone.has(id)).length;
  const recovered = back.reduce((sum, { counts }) => sum + counts.recovered, 0);
  t.say(`${t.long ? 'the real settings' : 'shorter than the real settings'}: ping after ${ping} s, hang-up after ${hangup} s`);
  t.say(`${n} clients fell into a black hole; ${back.length} came back meanwhile, ${recovered} of them recovered, while ${alive} ghosts were there;`
    + ` the last was dropped after ${after.toFixed(1)} s, ${gone.size} people were seen to go`);
  t.bar('halfopen_ghosts_met', alive, 'connections', `>=${n}`);
  t.bar('halfopen_ghosts_left', left, 'connections', '<=0');
  t.bar('halfopen_dropped_after', after, 's', `<=${hangup + TICK_S}`);
  t.bar('halfopen_presence_wrong', stay + flickered, 'people', '<=0');
  t.bar('halfopen_not_recovered', back.length - recovered, 'clients', '<=0');
  t.bar('halfopen_resume_lost', report.count('I4', 'I5', 'I6', 'I9'), 'events', '<=0');
  t.bar('halfopen_converged', ms / 1000, 's', '<=2');
  load.close();
  wire.close();
  await stack.stop();
}
