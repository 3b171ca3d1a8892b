// People come and go in every bad manner, round after round, and when all are gone everything that
// they had is given back: descriptors, threads and database connections to the last one. Memory is
// compared between the first round after the warm-up and the last one, so that it shows what leaks and
// not what an allocator keeps.
import { connect } from 'node:net';
import { left } from './checker.mjs';
import { call, Load } from './load.mjs';
import { makeRooms, people, resources, sleep, startChaos, until, websockets } from './kit.mjs';
import { Proxy, cut, openTcpProxy } from './proxy.mjs';

const ROOMS = 3;
const SENDERS = 6;
const RATE = 200;
const WARM_UP = 3; // rounds: until then each worker has seen everything
const KEPT = 256; // events of each room that maru-push keeps
const QUIET_MS = 15000;

const HANDSHAKE = 'GET /app/maru?protocol=7&client=chaos&version=1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
  + 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n';

// ---- ways to go

const ways = [
  ({ ws }) => ws.close(),
  ({ ws }) => ws.terminate(), // FIN, without a word
  ({ ws }) => cut(ws._socket),
  // The head of a frame of 300 bytes, and some of them.
  ({ ws }) => ws._socket.write(Buffer.from([0x81, 0xfe, 0x01, 0x2c, 1, 2, 3, 4, 5, 6, 7]), () => cut(ws._socket)),
];

function go(receiver, i) {
  receiver.closed = true;
  ways[i % ways.length](receiver);
}

// Gets so many bytes of the handshake across.
function halfHandshake(where, bytes) {
  return new Promise((resolve) => {
    const socket = connect(where, () => socket.write(HANDSHAKE.slice(0, bytes), () => setTimeout(() => cut(socket), 20)));
    socket.on('error', () => {});
    socket.on('close', resolve);
  });
}

// ---- a round

// Where a client may connect: nginx or the daemon itself, whole or one byte at a time.
async function openDoors(stack) {
  const path = `${stack.conf.push_socket}.sliced`;
  const inner = await new Proxy(stack.conf.push_socket).listen(path);
  const outer = await openTcpProxy(stack.port);
  for (const wire of [inner, outer]) wire.set({ slice: 1, sliced: 'up' }); // what the daemon has to put together
  const front = `ws://127.0.0.1:${stack.port}`;
  return { at: [front, front, front, `ws://127.0.0.1:${outer.port}`, `ws+unix://${path}:`],
    raw: [{ port: stack.port, host: '127.0.0.1' }, { path: stack.conf.push_socket }],
    close: () => { inner.close(); outer.close(); } };
}

const unsubscribe = ({ ws, rooms }) =>
  ws.send(JSON.stringify({ event: 'pusher:unsubscribe', data: { channel: `presence-room-${rooms[0]}` } }));

async function kickAndJoin({ stack, users: [host] }, guest) {
  const path = `/v1/rooms/${guest.rooms[0]}/members`;
  const kicked = await call(stack, host, 'DELETE', `${path}/${guest.user}`);
  const joined = await call(stack, guest.who, 'PUT', `${path}/me`, {});
  if (kicked.status !== 204 || joined.status !== 201) throw new Error(`kick ${kicked.status}, join ${joined.status}`);
}

// One wave of guests: come, hear, are kicked or unsubscribe or not, and go.
async function wave(load, guests, doors) {
  const all = guests.map((user, i) => load.listen(user, [load.rooms[i % ROOMS]], { at: doors.at[i % doors.at.length], live: false }));
  const strangers = doors.raw.flatMap((where) => [1, 40, 100, HANDSHAKE.length - 1, HANDSHAKE.length].map((bytes) => halfHandshake(where, bytes)));
  await Promise.all(all.map((guest) => guest.ready()));
  await sleep(150);
  all.filter((_, i) => i % 5 === 0).forEach(unsubscribe);
  await Promise.all(all.filter((_, i) => i % 10 === 1).map((guest) => kickAndJoin(load, guest)));
  await sleep(50);
  all.forEach((guest, i) => go(guest, Math.floor(i / doors.at.length)));
  await Promise.all(strangers);
}

// Resolves with what is held when that is what was held before, or when it won't be in time.
async function quiet(stack, before) {
  for (const end = performance.now() + QUIET_MS; ;) {
    const now = await resources(stack);
    const { fds, threads, connections, processes } = left(before, now);
    if (performance.now() > end || fds + threads + connections + processes === 0) return now;
    await sleep(200);
  }
}

// What is held when nothing happens, the first time: nobody is connected any more.
async function settled(stack) {
  await until(() => websockets(stack) === 0, QUIET_MS, 'all websockets to be gone');
  await sleep(1000);
  return resources(stack);
}

async function round(load, hosts, guests, doors, waves) {
  const talkers = hosts.map((user) => load.listen(user));
  await Promise.all(talkers.map((talker) => talker.ready()));
  load.run(RATE);
  for (let i = 0; i < waves; i++) await wave(load, guests, doors);
  await until(() => load.acks.length > ROOMS * KEPT, 30000, 'the memory of all rooms to be full');
  await load.stop();
  if (await load.converged(3000) === Infinity) throw new Error('not converged at the end of a round');
  for (const talker of talkers) {
    talker.close();
    talker.live = false; // as far as it was there
  }
}

export async function run(t) {
  const [rounds, waves, n] = t.long ? [100, 3, 120] : [5, 2, 80];
  const stack = await startChaos({ conf: { push_history_bytes: 1048576 } }); // soon full
  const hosts = await people(stack, SENDERS);
  const guests = await people(stack, n);
  const rooms = await makeRooms(stack, ROOMS, [...hosts, ...guests]);
  const load = new Load(stack, { users: hosts, rooms });
  const doors = await openDoors(stack);
  const seen = [];
  for (let i = 0; i < WARM_UP + rounds; i++) {
    await round(load, hosts, guests, doors, waves);
    seen.push(await (i === 0 ? settled(stack) : quiet(stack, seen[0])));
    const { push, api, db } = seen.at(-1);
    t.say(`round ${i + 1}: maru-push ${push.kb} kB, ${push.fds} descriptors, maru-api ${api.reduce((sum, { kb }) => sum + kb, 0)} kB,`
      + ` ${api.reduce((sum, { fds }) => sum + fds, 0)} descriptors, ${db} database connections`);
  }
  doors.close();
  await t.check(load);
  const last = left(seen[0], seen.at(-1));
  const growth = left(seen[WARM_UP], seen.at(-1)).growth;
  t.say(`${load.receivers.length} clients came and went in ${seen.length} rounds, ${load.acks.length} messages, ${load.sum('events')} deliveries`);
  t.bar('resources_processes_lost', last.processes, 'processes', '<=0');
  t.bar('resources_fds_left', last.fds, 'descriptors', '<=0');
  t.bar('resources_threads_left', last.threads, 'threads', '<=0');
  t.bar('resources_db_connections_left', last.connections, 'connections', '<=0');
  t.bar('resources_rss_growth', growth, '%', '<=5');
  await stack.stop();
}
