// COMMIT in doubt: the database has stored the message, and its answer never reaches the worker; or
// the question never reached the database. The sender can't tell, and need not: the same client_id
// again decides. Then every wire is slow, slices, stalls and breaks under load.
import { Load } from './load.mjs';
import { openProxy } from './proxy.mjs';
import { makeRooms, people, sleep, startChaos, until } from './kit.mjs';

const ERRORS = [500, 502, 504];

// The workers meet the proxy once their own connections are gone.
async function reconnect(stack) {
  const rows = await stack.sql("SELECT id FROM information_schema.processlist WHERE user = 'maru'");
  for (const [id] of rows) await stack.sql(`KILL CONNECTION ${id}`).catch(() => {});
}

async function cutMany(t, stack, load, wire, n) {
  let doubted = 0;
  for (let i = 0; i < n; i++) {
    const user = load.users[i % load.users.length];
    const words = ` of ${user.id} `; // of load.mjs: no statement has them, also of those that others prepare meanwhile
    const cut = i % 3 === 2 ? wire.cutRequest(words) : wire.cutAnswer(words);
    const before = load.answers.length;
    const [ack] = await Promise.all([load.send(user, load.rooms[i % load.rooms.length], { again: 1 }), cut]);
    doubted += load.answers[before].status === 503;
    if (!ack) throw new Error('a message was refused');
  }
  t.say(`${n} answers or questions cut: ${doubted} times 503, and all repeated twice`);
  return doubted;
}

const faults = [
  ['20 ms each way', { latency: 20 }, { latency: 0 }],
  ['1 byte at a time', { slice: 1 }, { slice: 0 }],
  ['stalled upwards', { stall: 'up' }, { stall: null }],
  ['stalled downwards', { stall: 'down' }, { stall: null }],
];

async function spoil(t, load, name, wire, ms) {
  const took = [];
  for (const [what, on, off] of faults) {
    const acked = load.acks.length;
    wire.set(on);
    await sleep(ms);
    wire.set(off);
    wire.reset();
    const since = performance.now();
    await until(() => load.acks.length > acked + 5, 20000, `messages to be accepted after ${name} was ${what}`);
    took.push((performance.now() - since).toFixed(0));
  }
  t.say(`${name}: slow, sliced, stalled either way, cut, ${took.join(', ')} ms until the next messages; ${wire.count} connections`);
}

export async function run(t) {
  const stack = await startChaos({ conf: { workers: 4 } });
  const users = await people(stack, 6);
  const rooms = await makeRooms(stack, 3, users);
  // An answer that is cut after its head leaves the client waiting: nginx does not tell it.
  const load = new Load(stack, { users, rooms, patience: 5000 });
  users.forEach((user) => load.listen(user));
  await load.ready();
  const db = await openProxy(stack.conf.db_socket);
  await reconnect(stack);
  const n = t.long ? 1000 : 60;
  const doubted = await cutMany(t, stack, load, db, n);
  const wires = { 'the wire to mariadbd': db, 'the wire to maru-api': await openProxy(stack.conf.api_socket),
    'the wire to maru-push': await openProxy(stack.conf.push_socket) };
  const quiet = load.answers.length;
  for (const { ws } of load.receivers) ws.terminate(); // to come back through the proxy
  load.run(60);
  for (const [name, wire] of Object.entries(wires)) await spoil(t, load, name, wire, t.long ? 10000 : 1000);
  await load.stop();
  for (const wire of Object.values(wires)) wire.set({ latency: 0 });
  const ms = await load.converged(3000);
  const report = await t.check(load);
  for (const wire of Object.values(wires)) wire.close();
  t.bar('doubt_503', doubted, `of_${n}`, `>=${n}`);
  t.bar('doubt_doubled_or_lost', report.count('I1', 'I3', 'I10'), 'messages', '<=0');
  t.bar('wires_bad_answers', load.answers.slice(quiet).filter(({ status }) => ERRORS.includes(status)).length, 'answers', '<=0');
  t.bar('wires_converged', ms / 1000, 's', '<=2');
  load.close();
  await stack.stop();
}
