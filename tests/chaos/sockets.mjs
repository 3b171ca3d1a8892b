// maru-push dies with thousands of websockets open. They all come back, each after a pause of its own,
// and get what they missed from the daemon and the feeder: the REST API must not drown.
import WebSocket from 'ws';
import { Load } from './load.mjs';
import { makeRooms, people, quantile, sleep, startChaos, until } from './kit.mjs';

const ROOM_SIZE = 20;
const RATE = 60;

// Milliseconds until a websocket is greeted again.
async function greeted(stack, since) {
  for (;;) {
    const ok = await new Promise((resolve) => {
      const ws = new WebSocket(`ws://127.0.0.1:${stack.port}/app/maru?protocol=7&client=chaos&version=1`, { handshakeTimeout: 2000 });
      ws.on('message', () => { resolve(true); ws.terminate(); });
      ws.on('error', () => resolve(false));
      ws.on('close', () => resolve(false));
    });
    if (ok) return performance.now() - since;
    await sleep(20);
  }
}

async function openAll(load, users, rooms, jitter) {
  for (let i = 0; i < users.length; i++) {
    load.listen(users[i], [rooms[Math.floor(i / ROOM_SIZE)]], { jitter });
    if (i % 20 === 19) await sleep(20); // a thousand a second
  }
  const open = () => load.receivers.filter(({ rooms: [room], state }) => state.get(room).confirmed).length;
  await until(() => open() === users.length, 60000, `${users.length} sockets, ${open()} are open`);
}

export async function run(t) {
  const sockets = t.long ? 10000 : 1000;
  const jitter = t.long ? 20000 : 5000;
  const stack = await startChaos({ conf: { workers: 8 } });
  const users = await people(stack, sockets);
  const rooms = [];
  for (let i = 0; i < sockets; i += ROOM_SIZE) rooms.push(...await makeRooms(stack, 1, users.slice(i, i + ROOM_SIZE)));
  const load = new Load(stack, { users, rooms });
  // Everybody talks in the own room.
  const talk = () => {
    const i = Math.floor(Math.random() * sockets);
    return load.send(users[i], rooms[Math.floor(i / ROOM_SIZE)]);
  };
  await openAll(load, users, rooms, jitter);
  const sending = new Set();
  const timer = setInterval(() => {
    const message = talk().finally(() => sending.delete(message));
    sending.add(message);
  }, 1000 / RATE);
  await sleep(3000);
  const before = load.sum('connections');
  await stack.killPush();
  const died = performance.now();
  const [accepting] = await Promise.all([greeted(stack, died), stack.startPush()]);
  await until(() => load.receivers.every(({ rooms: [room], state, conn }) => conn > 1 && state.get(room).confirmed && !state.get(room).loading),
    60000, 'everybody to be back').catch((error) => t.say(error.message));
  const back = load.receivers.map(({ log }) => log.filter(({ k, t: at }) => k === 'sub' && at > died)[0]?.t - died);
  clearInterval(timer);
  await Promise.all(sending);
  const ms = await load.converged(5000);
  const report = await t.check(load);
  const [recovered, not] = [load.sum('recovered'), load.sum('unrecovered')];
  t.say(`${sockets} sockets in ${rooms.length} rooms; greeted again after ${accepting.toFixed(0)} ms; with a jitter of ${jitter / 1000} s they were back`
    + ` after p50 ${(quantile(back, 0.5) / 1000).toFixed(1)} p99 ${(quantile(back, 0.99) / 1000).toFixed(1)} max ${(quantile(back, 1) / 1000).toFixed(1)} s`
    + ` by ${load.sum('connections') - before} connections; ${recovered} recovered, ${not} read by REST`);
  t.bar('sockets_accepting', accepting / 1000, 's', '<=2');
  t.bar('sockets_back', Math.max(...back.map((at) => (at > 0 ? at : Infinity))) / 1000, 's', '<=30');
  t.bar('sockets_lost', report.total, 'violations', '<=0');
  t.bar('sockets_not_by_rest', recovered / (recovered + not) * 100, '%', '>=95');
  t.bar('sockets_converged', ms / 1000, 's', '<=2');
  load.close();
  await stack.stop();
}
