// A snapshot of a room and the events since are the room as it is now, over random histories: sent,
// changed, deleted, answered, reacted to, joined, left, kicked, banned, renamed. The events are taken from
// REST and, as they were pushed, from a websocket; and the snapshot is read while all this goes on, as
// clients do, so that it holds some of what the events tell again.
import { isDeepStrictEqual } from 'node:util';
import { call } from './load.mjs';
import { Receiver } from './receiver.mjs';
import { makeRooms, people, startChaos, until } from './kit.mjs';

const EMOJI = ['👍', '🎉', '마'];
const OPS = 14;
const AT_ONCE = 6;

const pick = (list) => list[Math.floor(Math.random() * list.length)];

// ---- the state of a room as a client keeps it

const withoutCount = ({ joined, member_count, ...room }) => room;
const message = ({ reactions = [], ...rest }) =>
  ({ ...rest, reactions: Object.fromEntries(reactions.map(({ emoji, count, mine }) => [emoji, { count, mine }])) });

// Later versions stay: a snapshot may already hold what an event tells.
function put(state, data) {
  const known = state.messages[data.seq];
  if (known && (known.rev ?? 0) > (data.rev ?? 0)) return;
  state.messages[data.seq] = { ...message(data), reactions: data.deleted_at ? {} : known?.reactions ?? {} };
}

function react(state, { message: seq, emoji, user, count }, added) {
  const { reactions } = state.messages[seq];
  const mine = user === state.me ? added : reactions[emoji]?.mine ?? false;
  if (count === 0) delete reactions[emoji];
  else reactions[emoji] = { count, mine };
}

// Every event of a room, and what it does to the state.
const apply = {
  'message.created': put,
  'message.updated': (state, data) => put(state, data.message),
  'message.deleted': (state, data) => put(state, data.message),
  'reaction.added': (state, data) => react(state, data, true),
  'reaction.removed': (state, data) => react(state, data, false),
  'member.joined': (state, { seq, mid, room, ...member }) => { state.members[member.id] = member; },
  'member.left': (state, { id }) => { delete state.members[id]; },
  'member.kicked': (state, { id }) => { delete state.members[id]; },
  'member.banned': (state, { id }) => { delete state.members[id]; },
  'member.unbanned': () => {},
  'room.updated': (state, { seq, mid, ...room }) => { state.room = withoutCount(room); },
};

function replay(snapshot, events) {
  const state = structuredClone(snapshot);
  for (const { type, data } of events) {
    if (!apply[type]) throw new Error(`what is ${type}?`);
    apply[type](state, data);
  }
  // Who is host stands in the room; a deleted message has no reactions whatever came later.
  for (const member of Object.values(state.members)) member.role = member.id === state.room.host ? 'host' : 'member';
  for (const one of Object.values(state.messages)) if (one.deleted_at) one.reactions = {};
  return state;
}

// ---- reading

const get = async (w, path) => {
  const { status, body } = await call(w.stack, w.me, 'GET', path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
};

const headOf = async (w) => (await get(w, `/v1/rooms/${w.room}/events?after=9007199254740991&limit=1`)).head;

// The head first: what the rest tells is at least as new.
async function snapshot(w) {
  const head = await headOf(w);
  const [room, { members }, { messages }] = await Promise.all(['', '/members?limit=100', '/messages?limit=100']
    .map((path) => get(w, `/v1/rooms/${w.room}${path}`)));
  return { head, state: { me: w.me.id, room: withoutCount(room),
    members: Object.fromEntries(members.map(({ room: _, ...member }) => [member.id, member])),
    messages: Object.fromEntries(messages.map((one) => [one.seq, message(one)])) } };
}

// ---- a random history

const act = (w, user, method, path, body) => call(w.stack, user, method, `/v1/rooms/${w.room}${path}`, body);
const anyMessage = (w) => (w.seqs.length > 0 ? pick(w.seqs) : 1);

const ops = [
  async (w, user) => {
    const reply = Math.random() < 0.3 && w.seqs.length > 0 ? { reply_to: pick(w.seqs) } : {};
    const { status, body } = await act(w, user, 'POST', '/messages', { client_id: `h${Math.random()}`, body: `text ${Math.random()}`, ...reply });
    if (status === 201) w.seqs.push(body.seq);
    return status;
  },
  async (w, user) => (await act(w, user, 'PATCH', `/messages/${anyMessage(w)}`, { body: `changed ${Math.random()}` })).status,
  async (w, user) => (await act(w, user, 'DELETE', `/messages/${anyMessage(w)}`)).status,
  async (w, user) => (await act(w, user, 'PUT', `/messages/${anyMessage(w)}/reactions/${encodeURIComponent(pick(EMOJI))}`)).status,
  async (w, user) => (await act(w, user, 'DELETE', `/messages/${anyMessage(w)}/reactions/${encodeURIComponent(pick(EMOJI))}`)).status,
  async (w, user) => (user === w.me ? 204 : (await act(w, user, 'PUT', '/members/me', {})).status),
  async (w, user) => (user === w.me ? 204 : (await act(w, user, 'DELETE', '/members/me')).status),
  async (w, user) => (pick(w.users) === w.me ? 204 : (await act(w, user, 'DELETE', `/members/${pick(w.users.filter((one) => one !== w.me)).id}`)).status),
  async (w, user) => (await act(w, user, 'PUT', `/bans/${pick(w.users.filter((one) => one !== w.me)).id}`, {})).status,
  async (w, user) => (await act(w, user, 'DELETE', `/bans/${pick(w.users).id}`)).status,
  async (w, user) => (await act(w, user, 'PATCH', '', { title: `room ${Math.random()}` })).status,
];

async function difference(w, name, before, events, now) {
  const later = events.filter(({ seq }) => seq > before.head && seq <= now.head);
  const got = replay(before.state, later);
  const want = replay(now.state, []);
  if (isDeepStrictEqual(got, want)) return 0;
  w.t.say(`room ${w.room}: ${name}, the snapshot at ${before.head} and ${later.length} events are not the room at ${now.head}`);
  for (const part of ['room', 'members', 'messages']) {
    for (const key of new Set([...Object.keys(got[part]), ...Object.keys(want[part])])) {
      if (!isDeepStrictEqual(got[part][key], want[part][key]))
        console.log(`      ${part} ${key}: ${JSON.stringify(got[part][key])}\n      should be ${JSON.stringify(want[part][key])}`);
    }
  }
  console.log(`      ${later.map(({ seq, type, data }) => `${seq} ${type} ${JSON.stringify(data)}`).join('\n      ')}`);
  return 1;
}

async function history(t, stack, users, room) {
  const w = { t, stack, users, room, me: users[0], seqs: [] };
  const receiver = new Receiver(stack, w.me, [room], { name: 'me', keep: true });
  await receiver.ready();
  const taken = [];
  const types = new Set();
  for (let i = 0; i < OPS; i++) {
    // Two at once, and now and then somebody reads.
    const now = [pick(ops)(w, pick(users)), pick(ops)(w, pick(users))];
    if (Math.random() < 0.25) taken.push(await snapshot(w));
    for (const status of await Promise.all(now)) if (status >= 500 || status === 0) throw new Error(`an operation ended with ${status}`);
  }
  const last = await snapshot(w);
  await until(() => receiver.state.get(room).cursor?.seq === last.head, 5000, 'the last event to be pushed');
  const { events } = await get(w, `/v1/rooms/${room}/events?after=0&limit=1000`);
  const pushed = receiver.log.filter(({ k }) => k === 'event').map(({ seq, type, data }) => ({ seq, type, data }));
  receiver.close();
  for (const { type } of events) types.add(type);
  let wrong = 0;
  for (const before of taken) {
    wrong += await difference(w, 'by REST', before, events, last);
    wrong += await difference(w, 'as pushed', before, pushed, last);
  }
  return { snapshots: taken.length, events: events.length, wrong: wrong > 0 ? 1 : 0, types };
}

export async function run(t) {
  const histories = t.long ? 10000 : 150;
  const stack = await startChaos({ conf: { workers: 8 } });
  const users = await people(stack, 4);
  const rooms = await makeRooms(stack, histories, users);
  const sum = { snapshots: 0, events: 0, wrong: 0 };
  const types = new Set();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let room = rooms.pop(); room !== undefined; room = rooms.pop()) {
      const result = await history(t, stack, users, room);
      for (const key of Object.keys(sum)) sum[key] += result[key];
      result.types.forEach((type) => types.add(type));
    }
  }));
  t.say(`${histories} histories, ${sum.events} events of ${types.size} types, ${sum.snapshots} snapshots taken in the middle, each replayed twice`);
  t.bar('snapshot_histories_wrong', sum.wrong, `of_${histories}`, '<=0');
  t.bar('snapshot_event_types', types.size, `of_${Object.keys(apply).length}`, `>=${Object.keys(apply).length}`);
  await stack.stop();
}
