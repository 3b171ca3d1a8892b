// Clients of the library in a network that breaks their connections at random, while the rooms that they are in are never
// quiet; then each is held against what the server has.
//
//   const found = await storm(stack, { events: 3000, clients: 3, rooms: 3, cutMs: 150 });
//   // { events, cuts, lost, doubled, disordered, unsent, resets, shown, seconds }
import { Agent, request } from 'node:http';
import { cut, openTcpProxy } from '../chaos/proxy.mjs';
import { signUp, sleep, until } from '../harness.mjs';
import { newClient, open, record } from './kit.mjs';

const TALKERS = 4; // who fill the rooms without the library, each one request at a time
const AHEAD = 5; // messages of one client in one outbox
const EMOJI = '👍';
const WEIGHTS = [['say', 70], ['edit', 10], ['react', 10], ['unreact', 5], ['delete', 5]];

const any = (list) => list[Math.floor(Math.random() * list.length)];

// Requests that no proxy disturbs, over connections that are kept.
function caller(stack) {
  const agent = new Agent({ keepAlive: true });
  return (user, method, path, body) => new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const sending = request(stack.url + path, { method, agent, headers: { Authorization: `Bearer ${user.token}`,
      'Content-Length': Buffer.byteLength(text), ...(text ? { 'Content-Type': 'application/json' } : {}) } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const all = Buffer.concat(parts).toString();
        if (answer.statusCode < 300) resolve(all ? JSON.parse(all) : null);
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${all}`));
      });
    });
    sending.on('error', reject);
    sending.end(text);
  });
}

async function found(call, users, count) {
  const rooms = [];
  for (let i = 0; i < count; i++) {
    const { id } = await call(users[0], 'POST', '/v1/rooms', { title: `storm ${i}`, kind: 'public', max_members: 100 });
    for (const user of users.slice(1)) await call(user, 'PUT', `/v1/rooms/${id}/members/me`, {});
    rooms.push(id);
  }
  return rooms;
}

// ---- the weather

// What can happen to a network. Each ends with connections that were cut; resolves with how many.
const faults = {
  async one(proxy) {
    const pairs = [...proxy.pairs];
    if (pairs.length === 0) return 0;
    cut(any(pairs).client);
    return 1;
  },
  async all(proxy) {
    const n = proxy.pairs.size;
    proxy.reset();
    return n;
  },
  async swallowed(proxy) { // for a moment nothing arrives, and nobody knows
    proxy.set({ blackhole: true });
    await sleep(50 + Math.random() * 200);
    proxy.set({ blackhole: false });
    return faults.all(proxy);
  },
  async torn(proxy) { // in the middle of a frame
    proxy.set({ slice: 7, sliced: any(['up', 'down']) });
    await sleep(20 + Math.random() * 80);
    const n = await faults.all(proxy);
    proxy.set({ slice: 0 });
    return n;
  },
  async stuck(proxy) {
    proxy.set({ stall: any(['up', 'down', 'both']) });
    await sleep(50 + Math.random() * 300);
    const n = await faults.one(proxy);
    proxy.set({ stall: null });
    return n;
  },
};
const kinds = ['one', 'one', 'one', 'one', 'all', 'swallowed', 'torn', 'stuck'];

class Weather {
  cuts = 0;
  #over = false;

  constructor(proxy, ms) {
    this.done = this.#rage(proxy, ms);
  }

  async #rage(proxy, ms) {
    while (!this.#over) {
      await sleep(ms * (0.5 + Math.random()));
      this.cuts += await faults[any(kinds)](proxy);
    }
  }

  end() {
    this.#over = true;
    return this.done;
  }
}

// ---- those who talk

function choice() {
  let dice = Math.random() * 100;
  return WEIGHTS.find(([, weight]) => (dice -= weight) < 0)[0];
}

// One after the other, until enough has happened.
async function talk(call, user, rooms, budget) {
  const said = new Map(rooms.map((room) => [room, []])); // the seqs of their last messages
  for (let n = 0; budget.left > 0; n++) {
    budget.left--;
    const room = any(rooms);
    const mine = said.get(room);
    const what = mine.length > 0 ? choice() : 'say';
    const at = `/v1/rooms/${room}/messages`;
    if (what === 'say') {
      const { seq } = await call(user, 'POST', at, { client_id: `s${user.id}-${n}`, body: `${n} of ${user.id}` });
      mine.push(seq);
      if (mine.length > 20) mine.shift();
      continue;
    }
    const seq = any(mine);
    const path = `${at}/${seq}`;
    const reaction = `${path}/reactions/${encodeURIComponent(EMOJI)}`;
    const acts = { edit: ['PATCH', path, { body: `edited ${n}` }], delete: ['DELETE', path], react: ['PUT', reaction], unreact: ['DELETE', reaction] };
    // Of a message that is gone there is nothing to change.
    await call(user, ...acts[what]).catch((error) => { if (!/ (403|404|409|422) /.test(error.message)) throw error; });
    if (what === 'delete') mine.splice(mine.indexOf(seq), 1);
  }
}

// A client writes by its outbox, as much as it can, in every room.
class Writer {
  written = [];
  #offs = [];

  constructor(seat, budget) {
    this.seat = seat;
    this.room = seat.room;
    const more = () => {
      while (budget.left > 0 && this.room.outbox.items.length < AHEAD) {
        budget.left--;
        this.written.push(this.room.send(`${this.written.length} from ${seat.user.id}`).id);
      }
    };
    this.#offs.push(this.room.outbox.on('sent', () => queueMicrotask(more)));
    more();
  }

  // Those that are not in the room once and in the order of writing.
  unsent(rows) {
    const wanted = new Set(this.written);
    const stored = rows.filter(([, sender, id]) => Number(sender) === this.seat.user.id && wanted.has(id)).map(([, , id]) => id);
    return stored.filter((id, i) => id !== this.written[i]).length + Math.abs(this.written.length - stored.length);
  }
}

// ---- the reckoning

async function logOf(call, user, room) {
  const all = [];
  for (;;) {
    const { events, head } = await call(user, 'GET', `/v1/rooms/${room}/events?after=${all.at(-1)?.seq ?? 0}&limit=1000`);
    all.push(...events);
    if (all.length === 0 || all.at(-1).seq >= head) return all;
  }
}

// What one seat heard, held against the log from where it began.
function compare({ heard, from }, log) {
  const expected = log.filter(({ seq }) => seq > from);
  const name = ({ seq, mid, type }) => `${seq} ${mid} ${type}`;
  const names = new Set(heard.map(name));
  return {
    lost: expected.filter((event) => !names.has(name(event))).length,
    doubled: heard.length - names.size,
    disordered: heard.filter(({ seq }, i) => i > 0 && seq <= heard[i - 1].seq).length,
  };
}

// How many of the newest messages a seat shows otherwise than the server does.
async function misshown(call, { user, room }) {
  const { messages } = await call(user, 'GET', `/v1/rooms/${room.id}/messages?limit=50`);
  const look = (message) => JSON.stringify([message?.body, message?.deleted_at, message?.rev, (message?.reactions ?? []).map(({ emoji, count, mine }) => [emoji, count, mine])]);
  return messages.filter((message) => look(message) !== look(room.timeline.get(message.seq))).length;
}

async function seatsOf(users, rooms, stack, port) {
  const seats = [];
  for (const user of users) {
    const client = newClient(stack, { at: `http://127.0.0.1:${port}`, login: { token: user.token } });
    await client.start();
    for (const id of rooms) {
      const room = await open(client, id);
      const seat = { user, client, room, from: room.head, heard: record(room), resets: 0 };
      room.on('reset', () => seat.resets++);
      seats.push(seat);
    }
  }
  return seats;
}

async function reckon(stack, call, talkers, rooms, seats, writers) {
  const sum = { events: 0, lost: 0, doubled: 0, disordered: 0, unsent: 0, misshown: 0, resets: 0, heard: 0 };
  for (const room of rooms) {
    const log = await logOf(call, talkers[0], room);
    const rows = await stack.sql(`SELECT seq, sender, client_id FROM message WHERE room = ${room} ORDER BY seq`);
    sum.events += log.length;
    for (const seat of seats.filter((one) => one.room.id === room)) {
      for (const [what, n] of Object.entries(compare(seat, log))) sum[what] += n;
      sum.resets += seat.resets;
      sum.heard += seat.heard.length;
      sum.misshown += await misshown(call, seat);
    }
    for (const writer of writers.filter((one) => one.room.id === room)) sum.unsent += writer.unsent(rows);
  }
  return sum;
}

// Some of the events are made by the clients, through the storm, the others beside it. cutMs: on the average from one fault to the next.
export async function storm(stack, { events, clients = 4, rooms: count = 4, cutMs = 200, onProgress = () => {} }) {
  const call = caller(stack);
  const users = [];
  for (let i = 0; i < clients + TALKERS; i++) users.push(await signUp(stack));
  const talkers = users.slice(clients);
  const rooms = await found(call, users, count);
  const proxy = await openTcpProxy(stack.port);
  const seats = await seatsOf(users.slice(0, clients), rooms, stack, proxy.port);
  const weather = new Weather(proxy, cutMs);
  // Some of what is done changes nothing: a reaction that is there already.
  const budget = { left: Math.ceil(events * 1.2) };
  const writers = seats.map((seat) => new Writer(seat, budget));
  const began = performance.now();
  const timer = setInterval(() => onProgress({ left: budget.left, cuts: weather.cuts }), 5000);
  try {
    await Promise.all(talkers.map((user) => talk(call, user, rooms, budget)));
    await weather.end();
    await until(() => seats.every(({ room }) => room.outbox.items.length === 0), 120000, 'all to be sent');
    const heads = new Map((await stack.sql(`SELECT id, head FROM stream WHERE kind = 1`)).map((row) => row.map(Number)));
    await until(() => seats.every(({ room }) => room.head === heads.get(room.id)), 120000, 'all to be heard');
    return { ...await reckon(stack, call, talkers, rooms, seats, writers), cuts: weather.cuts, seconds: (performance.now() - began) / 1000 };
  } finally {
    clearInterval(timer);
    await weather.end();
    proxy.close();
  }
}
