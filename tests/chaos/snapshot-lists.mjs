// What a person has outside of rooms: the own stream (which rooms one is in, the profile, friends, what one
// has hidden) and the lobby (the list of rooms and their categories). Everything else about a room is told by
// that room.
import WebSocket from 'ws';
import { call } from './load.mjs';
import { until } from './kit.mjs';
import { sit } from './snapshot-room.mjs';
import { between, compare, get, pick, replay, stir, telling } from './snapshot-state.mjs';

const NO_CATEGORY = 4000000000; // of this history: others keep theirs at the same time

const OPS = 24;
const SAID = 8; // messages that can be hidden
const KINDS = ['public', 'public', 'public', 'group', 'group', 'secret'];
const PASSWORD = 'open sesame';

// ---- the two states

// Of the rooms one is in, what can't change.
const unchanging = ({ id, kind, locked, created_at, partner }) => ({ id, kind, locked, created_at, ...(partner ? { partner: partner.id } : {}) });

// Who was asked does not tell of a new profile before the answer.
function befriend(state, { seq, mid, ...row }) {
  state.friends[row.id] = row.state === 'sent' ? { ...row, nickname: '', avatar: '', status_message: '' } : row;
}

const remember = (state, { seq, mid, ...todo }) => { state.todos[todo.id] = todo; };
const schedule = (state, { seq, mid, ...row }) => { state.scheduled[row.id] = row; };

function forgetTold(state, matches) {
  for (const [id, told] of Object.entries(state.told)) if (matches(told)) delete state.told[id];
}

export const ofUser = {
  'room.added': (state, room) => { state.mine[room.id] = unchanging(room); },
  'room.removed': (state, { id }) => {
    delete state.mine[id];
    forgetTold(state, ({ room }) => room === id);
  },
  'message.hidden': (state, { room, message }) => { state.hidden[`${room} ${message}`] = true; },
  'friend.requested': befriend,
  'friend.added': befriend,
  'friend.updated': befriend,
  'friend.removed': (state, { id }) => { delete state.friends[id]; },
  'user.updated': (state, { seq, mid, ...profile }) => { state.profile = profile; },
  'settings.updated': (state, { seq, mid, ...settings }) => { state.settings = settings; },
  'room.liked': (state, { room }) => { state.liked[room] = true; },
  'room.unliked': (state, { room }) => { delete state.liked[room]; },
  'block.added': (state, { id }) => {
    state.blocked[id] = true;
    forgetTold(state, ({ by_user: by }) => by === id);
  },
  'block.removed': (state, { id }) => { delete state.blocked[id]; },
  'poll.answered': (state, { room, message, options }) => { state.answers[`${room} ${message}`] = options; },
  'scheduled.created': schedule,
  'scheduled.updated': schedule,
  'scheduled.failed': schedule,
  'scheduled.removed': (state, { id }) => { delete state.scheduled[id]; },
  'todo.created': remember,
  'todo.updated': remember,
  'todo.deleted': (state, { id }) => { delete state.todos[id]; },
  'desk.updated': sit,
  'desk.left': (state, { user }) => { delete state.desks[user]; },
  'call.ringing': (state, { call: { id } }) => { state.rung[id] = true; },
  'call.silenced': (state, { id }) => { delete state.rung[id]; },
  'reminder.created': (state, { id, text }) => { state.reminders[id] = text; },
  'reminder.deleted': (state, { id }) => { delete state.reminders[id]; },
  'reminder.due': (state, { id }) => { delete state.reminders[id]; },
  'report.updated': (state, { id, state: how }) => { state.reports[id] = how; },
  'notification.created': (state, { seq, mid, ...told }) => { state.told[told.id] = told; },
  'notification.withdrawn': (state, { ids, deleted }) => {
    for (const id of ids) if (deleted) delete state.told[id]; else if (state.told[id]) state.told[id].unread = false;
  },
  'rule.updated': (state, { seq, mid, room, level }) => { state.rules[room] = level; },
};

// Members and likes are counted, but the lobby is not told of each.
function list(state, { seq, mid, joined, liked, member_count, likes, host, ...room }) {
  state.listed[room.id] = room;
  state.hosts[room.id] = host;
}

function unlist(state, { id }) {
  delete state.listed[id];
  delete state.hosts[id];
}

function categorize(state, { id, name, place }) {
  state.categories[id] = { name, place };
}

function uncategorize(state, { id }) {
  delete state.categories[id];
  for (const room of Object.values(state.listed)) if (room.category === id) room.category = 0;
}

export const ofLobby = {
  'room.created': list,
  'room.updated': list,
  'room.deleted': unlist,
  'category.created': categorize,
  'category.updated': categorize,
  'category.deleted': uncategorize,
};

// ---- reading

const ownChannel = (w) => `private-user-${w.me.id}`;

// All pages of a list of rooms, newest first, down to the first room of this history.
async function readRooms(w, path) {
  const all = [];
  for (let cursor = ''; cursor !== null;) {
    const { rooms, next } = await get(w, `${path}${path.includes('?') ? '' : '?'}limit=100${cursor}`);
    all.push(...rooms);
    cursor = next === null || next < w.den ? null : `&cursor=${next}`;
  }
  return all;
}

// A row that goes from one list to another meanwhile is told by an event; the older list is read first.
async function readFriends(w) {
  const all = [];
  for (const state of ['sent', 'received', 'friend']) all.push(...(await get(w, `/v1/friends?state=${state}&limit=100`)).friends);
  return all;
}

// The heads first: what the rest tells is at least as new.
async function snapshot(w) {
  const { streams } = await get(w, '/v1/sync');
  const [profile, mine, listed, { messages }, { categories }, { reports }, settings] = await Promise.all([get(w, '/v1/users/me'),
    readRooms(w, '/v1/users/me/rooms'), readRooms(w, '/v1/rooms'), get(w, `/v1/rooms/${w.den}/messages?limit=100`), get(w, '/v1/categories'),
    get(w, '/v1/users/me/reports?limit=100'), get(w, '/v1/users/me/settings')]);
  const seen = new Set(messages.map(({ seq }) => seq));
  const friends = { friends: {} };
  for (const row of await readFriends(w)) befriend(friends, row);
  const liked = await readRooms(w, '/v1/users/me/rooms?liked=1&');
  const { scheduled } = await get(w, '/v1/users/me/scheduled?limit=100');
  const { blocks } = await get(w, '/v1/blocks?limit=100');
  const { reminders } = await get(w, '/v1/reminders?limit=100');
  const { todos } = await get(w, '/v1/todos?limit=100');
  const study = { desks: {} };
  const { desk } = await get(w, '/v1/study-stats');
  if (desk) sit(study, desk);
  const { calls } = await get(w, '/v1/calls');
  const rung = Object.fromEntries(calls.filter(({ members }) => members.some(({ user, state }) => user === w.me.id && state === 'ringing')).map(({ id }) => [id, true]));
  const { notifications } = await get(w, '/v1/notifications?limit=100');
  const { rooms } = await get(w, '/v1/users/me/unread');
  const lobby = { listed: {}, hosts: {}, categories: {} };
  for (const room of listed) list(lobby, room);
  for (const category of categories) categorize(lobby, category);
  return {
    user: { head: streams[ownChannel(w)].head, state: { profile, settings, mine: Object.fromEntries(mine.map((room) => [room.id, unchanging(room)])), ...friends,
      liked: Object.fromEntries(liked.map(({ id }) => [id, true])),
      todos: Object.fromEntries(todos.map((todo) => [todo.id, todo])), ...study, rung,
      reminders: Object.fromEntries(reminders.map(({ id, text }) => [id, text])),
      told: Object.fromEntries(notifications.map((told) => [told.id, told])),
      rules: { [w.den]: rooms.find(({ room }) => room === w.den).level },
      blocked: Object.fromEntries(blocks.map(({ id }) => [id, true])),
      reports: Object.fromEntries(reports.filter(({ state }) => state !== 'open').map(({ id, state }) => [id, state])),
      scheduled: Object.fromEntries(scheduled.map((row) => [row.id, row])),
      answers: Object.fromEntries(messages.filter(({ poll }) => poll?.mine.length > 0).map(({ seq, poll }) => [`${w.den} ${seq}`, poll.mine])),
      hidden: Object.fromEntries(w.said.filter((seq) => !seen.has(seq)).map((seq) => [`${w.den} ${seq}`, true])) } },
    lobby: { head: streams.lobby.head, state: lobby },
  };
}

async function readLobby(w, after) {
  const all = [];
  for (let more = true; more;) {
    const { streams: { lobby } } = await get(w, `/v1/sync?since=lobby:${all.at(-1)?.seq ?? after}`);
    all.push(...lobby.events);
    more = lobby.more;
  }
  return all;
}

// Others use the lobby, too, and rooms outlive their history: of the lists of rooms only those of this one.
function onlyOwn(w, state) {
  const own = (object, ids) => Object.fromEntries(Object.entries(object).filter(([id]) => ids.has(Number(id))));
  const lists = Object.keys(state).filter((part) => ['mine', 'liked', 'listed', 'hosts', 'categories'].includes(part));
  return { ...state, ...Object.fromEntries(lists.map((part) => [part, own(state[part], part === 'categories' ? w.categories : w.own)])) };
}

// Hears both channels from a moment on; events are { seq, type, data }.
class Ear {
  constructor(w) {
    this.heard = { lobby: [], [ownChannel(w)]: [] };
    this.answered = 0;
    this.ws = new WebSocket(`ws://127.0.0.1:${w.stack.port}/app/maru?protocol=7&client=chaos&version=1`);
    this.ws.on('error', () => {});
    this.ws.on('message', (text) => {
      const { event, channel, data } = JSON.parse(text);
      const value = typeof data === 'string' ? JSON.parse(data) : data;
      if (event === 'pusher:connection_established') this.#subscribe(w, value.socket_id);
      else if (event === 'pusher_internal:subscription_succeeded') this.answered++;
      else if (value?.mid !== undefined && channel) this.heard[channel].push({ seq: value.seq, type: event, data: value });
    });
  }

  async #subscribe({ stack, me }, socket_id) {
    for (const channel of Object.keys(this.heard)) {
      const grant = channel === 'lobby' ? {}
        : (await call(stack, me, 'POST', '/v1/realtime/auth', { socket_id, channel_name: channel })).body;
      this.ws.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel, ...grant } }));
    }
  }

  ready() { return until(() => this.answered === 2, 5000, 'the own channel and the lobby'); }
  reached(channel, head, from) {
    return head === from || until(() => this.heard[channel].at(-1)?.seq >= head, 5000, `${channel} to be pushed up to ${head}`);
  }
}

// ---- a random history

const act = async (w, user, method, path, body) => (await call(w.stack, user, method, `/v1${path}`, body)).status;
const tomorrow = () => new Date(Date.now() + 86400000).toISOString();
const any = (w) => (w.rooms.length > 0 ? pick(w.rooms) : { id: w.den, host: w.me });

async function create(w, user, kind = pick(KINDS)) {
  const secret = kind === 'secret' ? { password: PASSWORD } : {};
  const { status, body } = await call(w.stack, user, 'POST', '/v1/rooms', { title: `room ${Math.random()}`, kind, ...secret });
  if (status !== 201) throw new Error(`POST of a room: ${status}`);
  w.own.add(body.id);
  return { id: body.id, host: user };
}

const ops = [
  async (w, user) => {
    w.rooms.push(await create(w, user));
    return 201;
  },
  (w, user) => act(w, user, 'PUT', `/rooms/${any(w).id}/members/me`, { password: PASSWORD }),
  (w, user) => act(w, user, 'PUT', `/rooms/${any(w).id}/members/me`, {}),
  (w, user) => (w.rooms.length > 0 ? act(w, user, 'DELETE', `/rooms/${any(w).id}/members/me`) : 204),
  (w) => { // who made it is host, unless it was handed over
    const { id, host } = any(w);
    return act(w, host, 'PATCH', `/rooms/${id}`, { title: `room ${Math.random()}`, description: `text ${Math.random()}` });
  },
  (w) => {
    const { id, host } = any(w);
    return id === w.den ? 204 : act(w, host, 'DELETE', `/rooms/${id}/members/${pick(w.users).id}`);
  },
  (w) => {
    const { id, host } = any(w);
    return id === w.den ? 204 : act(w, host, 'DELETE', `/rooms/${id}`);
  },
  async (w, user) => {
    const { status, body } = await call(w.stack, user, 'PUT', `/v1/direct-rooms/${pick(w.users).id}`);
    if (status < 300) w.direct = body.id;
    if (status < 300) w.own.add(body.id);
    return status;
  },
  (w, user) => (w.direct === undefined ? 204 : act(w, user, 'DELETE', `/rooms/${w.direct}/members/me`)),
  (w, user) => act(w, user, 'PUT', `/friends/${pick(w.users).id}`),
  (w, user) => act(w, user, 'PUT', `/friends/${pick(w.users).id}`),
  (w, user) => act(w, user, 'PATCH', `/friends/${pick(w.users).id}`, { favorite: Math.random() < 0.5, alias: `a${Math.random()}`.slice(0, 9) }),
  (w, user) => act(w, user, 'DELETE', `/friends/${pick(w.users).id}`),
  (w, user) => act(w, user, 'PUT', `/rooms/${w.den}/like`), // others end, which the lobby tells
  (w) => act(w, w.me, 'DELETE', `/rooms/${w.den}/like`), // of whoever looks: by chance alone it hardly ever is
  // Some come while the history goes on.
  (w, user) => act(w, user, 'POST', `/rooms/${w.den}/commands`, { client_id: `${Math.random()}`, text: `/remind ${pick(['1s', '1h', '1h'])} ${Math.random()}` }),
  async (w, user) => {
    const [reminder] = (await get({ ...w, me: user }, '/v1/reminders')).reminders;
    return reminder ? act(w, user, 'DELETE', `/reminders/${reminder.id}`) : 204;
  },
  (w, user) => act(w, user, 'PUT', `/blocks/${pick(w.users).id}`),
  (w, user) => act(w, user, 'DELETE', `/blocks/${pick(w.users).id}`),
  (w) => {
    const { id, host } = any(w);
    return act(w, host, 'PATCH', `/rooms/${id}`, { hidden: Math.random() < 0.5 }); // secret ones, that is
  },
  (w) => {
    const { id, host } = any(w);
    return act(w, host, 'PATCH', `/rooms/${id}`, { category: pick([0, ...w.categories]), tags: [`tag ${Math.random()}`.slice(0, 20)] });
  },
  async (w) => {
    const { status, body } = await call(w.stack, w.keeper, 'POST', '/v1/categories', { name: `c${Math.random()}` });
    if (status === 201) w.categories.add(body.id);
    return status;
  },
  (w) => act(w, w.keeper, 'PATCH', `/categories/${pick([NO_CATEGORY, ...w.categories])}`, { place: Math.floor(Math.random() * 9) }),
  (w) => act(w, w.keeper, 'DELETE', `/categories/${pick([NO_CATEGORY, ...w.categories])}`),
  (w, user) => act(w, user, 'PATCH', '/users/me', { nickname: `n${Math.random()}` }),
  (w, user) => act(w, user, 'PATCH', '/users/me', { status_message: `s${Math.random()}`, avatar: `preset-${pick([1, 2, 3])}` }),
  (w, user) => act(w, user, 'PATCH', '/users/me/settings', { day_start: pick([0, 1, 2]), locale: pick(['en', 'ko']) }),
  (w, user) => act(w, user, 'DELETE', `/rooms/${w.den}/messages/${pick(w.said)}?scope=me`),
  (w, user) => act(w, user, 'PUT', `/rooms/${w.den}/polls/${w.poll}/vote`, { options: [pick([0, 1])] }),
  (w, user) => act(w, user, 'PUT', `/rooms/${w.den}/polls/${w.poll}/vote`, { options: [pick([0, 1])] }),
  async (w) => { // the keeper of time is the database: some are due, and some can't be sent
    const { status, body } = await call(w.stack, w.me, 'POST', `/v1/rooms/${w.den}/scheduled`, { client_id: `s${Math.random()}`, body: 'later', send_at: tomorrow() });
    if (status !== 201) return status;
    w.scheduled.push(body.id);
    if (Math.random() < 0.5) await w.stack.sql(`UPDATE scheduled SET due_at = UTC_TIMESTAMP(3), reply_to = ${pick(['NULL', 99999])} WHERE id = ${body.id}`);
    return status;
  },
  async (w) => {
    const { status, body } = await call(w.stack, w.me, 'POST', '/v1/todos', { client_id: `t${Math.random()}`, text: 'read' });
    if (status === 201) w.todos.push(body.id);
    return status;
  },
  (w) => act(w, w.me, 'PATCH', `/todos/${pick([1, ...w.todos])}`, pick([{ done: true }, { done: false }, { text: `write ${Math.random()}` }])),
  (w) => act(w, w.me, 'DELETE', `/todos/${pick([1, ...w.todos])}`),
  (w) => act(w, w.me, 'PUT', `/rooms/${w.den}/desk`, { state: pick(['studying', 'paused']) }),
  (w) => act(w, w.me, 'DELETE', `/rooms/${w.den}/desk`),
  async (w) => { // somebody rings me from a call in the den, which is theirs to end
    const peer = `window-of-snapshot-${w.den}`;
    const { body } = await call(w.stack, w.users[1], 'POST', `/v1/rooms/${w.den}/calls`, { peer });
    w.call = body.id ?? w.call;
    return act(w, w.users[1], 'PUT', `/calls/${w.call}/members/${w.me.id}`);
  },
  (w) => act(w, w.me, 'PUT', `/calls/${w.call ?? 1}/members/me`, { peer: `window-of-snapshot-${w.den}` }),
  (w) => act(w, w.me, 'DELETE', `/calls/${w.call ?? 1}/members/me`),
  (w) => act(w, w.users[1], 'DELETE', `/calls/${w.call ?? 1}/members/me`),
  (w) => act(w, w.me, 'PATCH', `/rooms/${w.den}/scheduled/${pick([1, ...w.scheduled])}`, { body: `later ${Math.random()}` }),
  (w) => act(w, w.me, 'DELETE', `/rooms/${w.den}/scheduled/${pick([1, ...w.scheduled])}`),
  async (w) => { // the others answer what was said in the den, and take it back
    const { status, body } = await call(w.stack, pick(w.users.slice(1)), 'POST', `/v1/rooms/${w.den}/messages`,
      { client_id: `${Math.random()}`, body: 'well', reply_to: pick(w.said) });
    if (status === 201) w.answers.push(body);
    return status;
  },
  (w) => {
    const { seq, sender } = pick(w.answers) ?? { seq: 1, sender: w.users[1].id };
    return act(w, w.users.find(({ id }) => id === sender), 'DELETE', `/rooms/${w.den}/messages/${seq}`);
  },
  (w) => act(w, w.me, 'PUT', `/rooms/${w.den}/read-cursor`, { seq: (pick(w.answers) ?? { seq: 1 }).seq }),
  (w) => act(w, w.me, 'PUT', `/rooms/${w.den}/notification-rule`, { level: pick(['all', 'all', 'mentions', 'none']) }),
  async (w) => { // who made the den judges what is said there; at most 20 in an hour
    const { status, body } = await call(w.stack, w.me, 'POST', '/v1/reports', { room: w.den, user: w.users[1].id, reason: 'other' });
    return status === 201 ? act(w, w.me, 'PATCH', `/reports/${body.id}`, { state: pick(['resolved', 'dismissed']) }) : status;
  },
];

// Somebody to keep the categories, and a room that all stay in, where there is something to hide.
async function furnish(w) {
  await w.stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${w.keeper.id}`);
  w.den = (await create(w, w.me, 'public')).id;
  for (const user of w.users.slice(1)) await act(w, user, 'PUT', `/rooms/${w.den}/members/me`, {});
  w.poll = (await call(w.stack, w.me, 'POST', `/v1/rooms/${w.den}/polls`, { client_id: 'poll', question: 'which?', options: ['one', 'two'] })).body.seq;
  for (let i = 0; i < SAID; i++)
    w.said.push((await call(w.stack, w.me, 'POST', `/v1/rooms/${w.den}/messages`, { client_id: `${i}`, body: `text ${i}` })).body.seq);
}

// logs: [name, events] of each way on which they came.
function judge(w, stream, table, taken, last, logs) {
  const [wrong, types] = [new Set(), new Set()];
  for (const before of taken) {
    for (const [name, all] of logs) {
      const later = between(all, before, last);
      const replayed = (events) => onlyOwn(w, replay(table, before.state, events));
      compare(w, `${stream} ${w.me.id} from ${before.head} to ${last.head}, ${name}`, replayed(later), onlyOwn(w, last.state), later, wrong);
      for (const type of telling(later, replayed)) types.add(`${stream} ${type}`);
    }
  }
  return { wrong, types };
}

// As roomHistory() of snapshot-room.mjs.
export async function listHistory(t, stack, users) {
  const w = { t, stack, users, me: users[0], keeper: users[1], rooms: [], own: new Set(), categories: new Set(), said: [], scheduled: [], todos: [], answers: [] };
  const ofOwn = ({ type, data }) => (type.startsWith('category.') ? w.categories : w.own).has(data.id);
  await furnish(w);
  for (const { id } of (await get(w, '/v1/calls')).calls) await act(w, w.me, 'DELETE', `/calls/${id}/members/me`); // those of the history before
  await act(w, w.me, 'PUT', `/rooms/${w.den}/desk`, {}); // that of the history before may end by itself
  const ear = new Ear(w);
  await ear.ready();
  const first = await snapshot(w);
  const taken = [first, ...await stir(w, OPS, ops, snapshot)];
  // What comes by itself has come: the rest is due in an hour, or tomorrow.
  const due = `SELECT 1 FROM scheduled WHERE user = ${w.me.id} AND due_at <= UTC_TIMESTAMP(3)
    UNION ALL SELECT 1 FROM reminder WHERE user = ${w.me.id} AND due_at <= UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE`;
  await until(async () => (await stack.sql(due)).length === 0, 15000, 'what is due to be sent');
  // The feeder takes back what was told of a message that is gone.
  await until(async () => (await stack.sql(`SELECT 1 FROM alert WHERE room = ${w.den}`)).length === 0, 10000, 'no alert to be left');
  const last = await snapshot(w);
  await ear.reached(ownChannel(w), last.user.head, first.user.head);
  await ear.reached('lobby', last.lobby.head, first.lobby.head);
  ear.ws.terminate();
  for (const id of w.categories) await act(w, w.keeper, 'DELETE', `/categories/${id}`); // there may not be many
  const { events } = await get(w, `/v1/users/me/events?after=${first.user.head}&limit=1000`);
  const rooms = (await readLobby(w, first.lobby.head)).filter(ofOwn);
  const user = judge(w, 'user', ofUser, taken.map((one) => one.user), last.user,
    [['by REST', events], ['as pushed', ear.heard[ownChannel(w)]]]);
  const lobby = judge(w, 'lobby', ofLobby, taken.map((one) => one.lobby), last.lobby,
    [['by REST', rooms], ['as pushed', ear.heard.lobby.filter(ofOwn)]]);
  return { snapshots: taken.length, events: events.length + rooms.length, wrong: [...user.wrong, ...lobby.wrong],
    types: [...user.types, ...lobby.types] };
}
