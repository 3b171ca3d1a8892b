// The history of a room: sent, changed, deleted, answered, reacted to, pinned, purged, joined, left, kicked, banned,
// renamed, handed over, with notices on top, and at last the room is deleted.
import { call } from './load.mjs';
import { Receiver } from './receiver.mjs';
import { upload } from '../api/filekit.mjs';
import { wav } from '../api/wav.mjs';
import { until } from './kit.mjs';
import { between, compare, get, pick, replay, stir, telling } from './snapshot-state.mjs';

const EMOJI = ['👍', '🎉', '마'];
const OPS = 20;
const sound = wav(200);

// ---- the state of a room as a client keeps it

const withoutCount = ({ joined, liked, member_count, ...room }) => room;
// Nobody has voted where nothing says how a poll stands; what one chose is told on the own stream.
const noVotes = ({ options }) => ({ counts: options.map(() => 0), voters: 0 });
function standing({ content, poll }) {
  if (!content?.poll) return {};
  const { mine, ...rest } = poll ?? noVotes(content.poll);
  return { poll: rest };
}
const message = ({ reactions = [], poll, ...rest }) =>
  ({ ...rest, ...standing({ ...rest, poll }), reactions: Object.fromEntries(reactions.map(({ emoji, count, mine }) => [emoji, { count, mine }])) });

// Later versions stay: a snapshot may already hold what an event tells.
function put(state, data) {
  const known = state.messages[data.seq];
  if (known && (known.rev ?? 0) > (data.rev ?? 0)) return;
  const kept = data.deleted_at ? {} : { ...(known?.poll ? { poll: known.poll } : {}), ...(known ? { reactions: known.reactions } : {}) };
  state.messages[data.seq] = { ...message(data), ...kept, ...(known?.replies ? { replies: known.replies } : {}) };
  if (data.deleted_at) delete state.pins[data.seq];
}

function purge(state, { seq: rev, user, after, until, deleted_at }) {
  for (const one of Object.values(state.messages)) {
    if (one.sender !== user || one.seq <= after || one.seq > until) continue;
    untrack(state, ({ message: at }) => at === one.seq);
    if (one.deleted_at) continue; // the log has messages as they are now
    Object.assign(one, { body: '', rev, deleted_at, reactions: {} });
    for (const part of ['content', 'poll', 'entities']) delete one[part];
    delete state.pins[one.seq];
  }
}

// Answers in a thread are counted, deleted ones, too.
function say(state, data) {
  put(state, data);
  const root = state.messages[data.thread];
  if (root && data.seq > (root.replies?.last ?? 0)) root.replies = { count: (root.replies?.count ?? 0) + 1, last: data.seq };
}

// Who has confirmed is no event; later versions stay.
function notify(state, { seq, mid, confirmed, confirmations, ...notice }) {
  if ((state.notices[notice.id]?.edited_at ?? '') <= (notice.edited_at ?? '')) state.notices[notice.id] = notice;
}

const remember = (state, { seq, mid, ...todo }) => { state.todos[todo.id] = todo; };
// At midnight `today` begins anew without an event: clients know when that is.
export const sit = (state, { seq, mid, today, day_began_at: began, day_ends_at: ends, ...desk }) => { state.desks[desk.user] = desk; };
const meet = (state, { seq, mid, ...call }) => { state.calls[call.id] = call; };
// Where the music is does not change as it goes on: the tracks are longer than any history.
function play(state, { track, state: how, position, since }) {
  state.music = { track, how, from: since === null ? position : Date.parse(since) - position };
}
function untrack(state, gone) {
  for (const { id } of Object.values(state.tracks).filter(gone)) delete state.tracks[id];
  if (state.music.track !== null && !state.tracks[state.music.track]) play(state, { track: null, state: 'paused', position: 0, since: null });
}
const draw = (state, { seq, mid, ...stroke }) => { state.strokes[stroke.id] = stroke; };
function takeOff(state, gone) {
  for (const one of Object.values(state.strokes).filter(gone)) delete state.strokes[one.id];
}
const pinUp = (state, { seq, mid, ...pin }) => { state.pins[pin.message] = pin; };

function react(state, { message: seq, emoji, user, count }, added) {
  const { reactions } = state.messages[seq];
  const mine = user === state.me.id ? added : reactions[emoji]?.mine ?? false;
  if (count === 0) delete reactions[emoji];
  else reactions[emoji] = { count, mine };
}

function count(state, { seq, mid, room, message: at, ...poll }) {
  if (!state.messages[at].deleted_at) state.messages[at].poll = poll;
}

function enter(state, { seq, mid, room, nickname, ...member }) {
  state.members[member.id] = member;
  state.nicknames[member.id] = nickname;
}

function leave(state, { id }) {
  delete state.members[id];
  delete state.desks[id];
  delete state.nicknames[id];
}

// Every event of a room, and what it does to the state.
export const ofRoom = {
  'message.created': say,
  'message.updated': (state, data) => put(state, data.message),
  'message.deleted': (state, data) => { put(state, data.message); untrack(state, ({ message: at }) => at === data.message.seq); },
  'reaction.added': (state, data) => react(state, data, true),
  'reaction.removed': (state, data) => react(state, data, false),
  'poll.voted': count,
  'poll.closed': count,
  'member.joined': enter,
  'member.left': leave,
  'member.updated': enter,
  'member.kicked': leave,
  'member.banned': (state, data) => { leave(state, data); state.banned[data.id] = true; },
  'member.unbanned': (state, { id }) => { delete state.banned[id]; },
  'room.updated': (state, { seq, mid, ...room }) => { state.room = withoutCount(room); },
  'messages.purged': purge,
  'notice.created': notify,
  'notice.updated': notify,
  'notice.deleted': (state, { id }) => { delete state.notices[id]; },
  'todo.created': remember,
  'todo.updated': remember,
  'todo.deleted': (state, { id }) => { delete state.todos[id]; },
  'desk.updated': sit,
  'desk.left': (state, { user }) => { delete state.desks[user]; },
  'call.started': meet,
  'call.updated': meet,
  'call.ended': (state, { id }) => { delete state.calls[id]; },
  'track.added': (state, { seq, mid, ...track }) => { state.tracks[track.id] = track; },
  // What is played then is told, too.
  'track.removed': (state, { id }) => { delete state.tracks[id]; },
  'music.updated': play,
  'stroke.created': draw,
  'stroke.deleted': (state, { line }) => takeOff(state, (one) => one.line === line),
  'strokes.cleared': (state, { seq }) => takeOff(state, (one) => one.id < seq),
  'strokes.purged': (state, { user, after, until }) => takeOff(state, ({ author, id }) => author === user && id > after && id <= until),
  'pin.added': pinUp,
  'pin.removed': (state, { message: seq }) => { delete state.pins[seq]; },
  'room.deleted': (state) => { state.gone = { gone: true }; },
};

// A deleted message has no reactions and no pin whatever came later.
function finish(state) {
  for (const one of Object.values(state.messages)) {
    if (!one.deleted_at) continue;
    one.reactions = {};
    delete state.pins[one.seq];
  }
  return state;
}

// ---- reading

const act = (w, user, method, path, body) => call(w.stack, user, method, `/v1/rooms/${w.room}${path}`, body);
const headOf = async (w) => (await get(w, `/v1/rooms/${w.room}/events?after=9007199254740991&limit=1`)).head;

// Whoever is host or moderator now may read them.
async function readBans(w) {
  for (;;) {
    for (const user of w.users) {
      const { status, body } = await act(w, user, 'GET', '/bans?limit=100');
      if (status === 200) return Object.fromEntries(body.bans.map(({ id }) => [id, true]));
    }
  }
}

// The head first: what the rest tells is at least as new.
async function snapshot(w) {
  const head = await headOf(w);
  const [room, { members }, { messages }, { notices }, { pins }, { todos }, { desks }, { strokes }] = await Promise.all(['', '/members?limit=100', '/messages?limit=100', '/notices', '/pins', '/todos', '/desks', '/strokes?limit=100']
    .map((path) => get(w, `/v1/rooms/${w.room}${path}`)));
  const state = { me: { id: w.me.id }, gone: { gone: false }, room: withoutCount(room), members: {}, nicknames: {}, banned: await readBans(w),
    messages: Object.fromEntries(messages.map((one) => [one.seq, message(one)])), notices: {}, pins: {}, todos: {}, desks: {}, calls: {}, tracks: {}, strokes: {} };
  for (const notice of notices) notify(state, notice);
  for (const pin of pins) pinUp(state, pin);
  for (const todo of todos) remember(state, todo);
  for (const desk of desks) sit(state, desk);
  for (const stroke of strokes) draw(state, stroke);
  const music = await get(w, `/v1/rooms/${w.room}/music`);
  for (const track of music.tracks) state.tracks[track.id] = track;
  play(state, music);
  for (const one of (await get(w, '/v1/calls')).calls.filter(({ room: of }) => of === w.room)) meet(state, one);
  for (const member of members) enter(state, member);
  return { head, state };
}

// ---- a random history

const hostOf = async (w) => {
  const { host } = await get(w, `/v1/rooms/${w.room}`);
  return w.users.find(({ id }) => id === host) ?? w.me;
};
const newPeer = () => `window-of-snapshot-${Math.random()}`.replace('.', '-');
const ofCall = (w, user, method, whom, body) => call(w.stack, user, method, `/v1/calls/${w.call ?? 1}/members/${whom}`, body);
const anyPoll = (w) => (w.polls.length > 0 ? pick(w.polls) : 1);
const anyMessage = (w) => (w.seqs.length > 0 ? pick(w.seqs) : 1);

const ops = [
  async (w, user) => {
    const reply = Math.random() < 0.3 && w.seqs.length > 0 ? { reply_to: pick(w.seqs) } : {};
    const text = pick(['text', '**text**', `text to @${pick(w.users).name} https://maru.example`]);
    const { status, body } = await act(w, user, 'POST', '/messages', { client_id: `h${Math.random()}`, body: `${text} ${Math.random()}`, format: 'markdown', ...reply });
    if (status === 201) w.seqs.push(body.seq);
    return status;
  },
  async (w, user) => (w.seqs.length === 0 ? 204
    : (await act(w, user, 'POST', '/messages', { client_id: `h${Math.random()}`, body: `answer ${Math.random()}`, thread: pick(w.seqs) })).status),
  async (w, user) => (await act(w, user, 'PATCH', `/messages/${anyMessage(w)}`, { body: `changed ${Math.random()}` })).status,
  async (w, user) => (await act(w, user, 'DELETE', `/messages/${anyMessage(w)}`)).status,
  async (w, user) => {
    const path = `/messages/${anyMessage(w)}/reactions/${encodeURIComponent(pick(EMOJI))}`;
    const { status } = await act(w, user, 'PUT', path);
    if (status < 300) w.reactions.push({ user, path });
    return status;
  },
  async (w) => { // by chance alone hardly ever one that is there
    const { user, path } = w.reactions.length > 0 ? pick(w.reactions) : { user: pick(w.users), path: '/messages/1/reactions/x' };
    return (await act(w, user, 'DELETE', path)).status;
  },
  async (w, user) => {
    const { status, body } = await act(w, user, 'POST', '/polls', { client_id: `p${Math.random()}`, question: 'which?', options: ['one', 'two', 'three'], multiple: true });
    if (status === 201) w.polls.push(body.seq);
    if (status === 201) w.seqs.push(body.seq);
    return status;
  },
  async (w, user) => (await act(w, user, 'PUT', `/polls/${anyPoll(w)}/vote`, { options: pick([[0], [1], [0, 2]]) })).status,
  async (w, user) => (await act(w, user, 'DELETE', `/polls/${anyPoll(w)}/vote`)).status,
  async (w) => (await act(w, await hostOf(w), 'POST', `/polls/${anyPoll(w)}/close`)).status,
  async (w) => (await act(w, await hostOf(w), 'PUT', `/pins/${anyMessage(w)}`)).status,
  async (w) => (await act(w, await hostOf(w), 'DELETE', `/pins/${anyMessage(w)}`)).status,
  async (w) => (await act(w, await hostOf(w), 'POST', '/purges', { user: pick(w.users).id })).status,
  async (w) => {
    const { status, body } = await act(w, await hostOf(w), 'POST', '/notices', { body: `notice ${Math.random()}` });
    if (status === 201) w.notices.push(body.id);
    return status;
  },
  async (w) => (await act(w, await hostOf(w), 'PATCH', `/notices/${pick(w.notices) ?? 1}`, { body: `changed ${Math.random()}` })).status,
  async (w) => (await act(w, await hostOf(w), 'DELETE', `/notices/${pick(w.notices) ?? 1}`)).status,
  async (w, user) => {
    const { status, body } = await act(w, user, 'POST', '/todos', { client_id: `t${Math.random()}`, text: 'sweep', after: pick([0, ...w.todos]) });
    if (status === 201) w.todos.push(body.id);
    return status;
  },
  async (w, user) => (await act(w, user, 'PATCH', `/todos/${pick(w.todos) ?? 1}`, pick([{ done: true }, { done: false }, { text: `mop ${Math.random()}` }, { after: 0 }]))).status,
  async (w, user) => (await act(w, user, 'DELETE', `/todos/${pick(w.todos) ?? 1}`)).status,
  async (w, user) => (await act(w, user, 'PUT', '/desk', { state: pick(['studying', 'paused']) })).status,
  async (w, user) => (await act(w, user, 'DELETE', '/desk')).status,
  async (w, user) => {
    const { status, body } = await act(w, user, 'POST', '/calls', { peer: newPeer() });
    if (status === 201) w.call = body.id;
    return status;
  },
  async (w, user) => (await ofCall(w, user, 'PUT', 'me', { peer: newPeer() })).status,
  async (w, user) => (await ofCall(w, user, 'DELETE', 'me')).status,
  async (w) => {
    const host = await hostOf(w);
    const { body: { id: file } } = await upload(w.stack, host, sound, { name: 'tea.wav' });
    const { body: { seq: message } } = await act(w, host, 'POST', '/messages', { client_id: `w${Math.random()}`, attachments: [file] });
    if (message) w.seqs.push(message);
    const { status, body } = await act(w, host, 'POST', '/tracks', { message, file, title: 'tea', licence: 'own', duration: 3600000 });
    if (status === 201) w.tracks.push(body.id);
    return status;
  },
  async (w) => (await act(w, await hostOf(w), 'DELETE', `/tracks/${pick([1, ...w.tracks])}`)).status,
  async (w) => (await act(w, await hostOf(w), 'PUT', '/music', { state: pick(['playing', 'paused']), track: pick([undefined, ...w.tracks]), position: pick([undefined, 1000]) })).status,
  async (w, user) => {
    const going = Math.random() < 0.5 ? w.strokes.filter(({ author }) => author === user.id) : [];
    const { status, body } = await act(w, user, 'POST', '/strokes', { client_id: `b${Math.random()}`, color: pick(['red', 'blue']), width: 10, points: [[1, 2], [3, 4]],
      ...going.length > 0 && { line: pick(going).line } });
    if (status === 201) w.strokes.push(body);
    return status;
  },
  async (w, user) => (await act(w, user, 'DELETE', `/strokes/${pick(w.strokes)?.id ?? 1}`)).status,
  async (w) => (Math.random() < 0.5 ? 204 : (await act(w, await hostOf(w), 'DELETE', '/strokes')).status),
  async (w, user) => (await ofCall(w, user, 'PUT', w.me.id)).status, // who is rung has to be connected
  async (w, user) => (user === w.me ? 204 : (await act(w, user, 'PUT', '/members/me', {})).status),
  async (w, user) => (user === w.me ? 204 : (await act(w, user, 'DELETE', '/members/me')).status),
  async (w, user) => (await act(w, user, 'DELETE', `/members/${pick(w.users.filter((one) => one !== w.me)).id}`)).status,
  async (w, user) => (await act(w, user, 'PATCH', `/members/${pick(w.users).id}`, pick([{ role: 'moderator' }, { role: 'member' }, { muted_seconds: 3600 }, { muted_seconds: 0 }]))).status,
  async (w, user) => {
    const { id } = pick(w.users.filter((one) => one !== w.me));
    const { status } = await act(w, user, 'PUT', `/bans/${id}`, {});
    if (status < 300) w.banned.push(id);
    return status;
  },
  // By chance alone hardly ever somebody who is banned.
  async (w) => (await act(w, await hostOf(w), 'DELETE', `/bans/${pick(w.banned) ?? w.me.id}`)).status,
  async (w, user) => (await act(w, user, 'PATCH', '', { title: `room ${Math.random()}` })).status,
  async (w, user) => (await act(w, user, 'PATCH', '', { tags: [`${Math.random()}`], slow_seconds: 0, ends_on: pick(['', '2030-12-31']) })).status,
  async (w, user) => (await act(w, user, 'PUT', '/host', { user: pick(w.users).id })).status,
  async (w, user) => (await call(w.stack, user, 'PATCH', '/v1/users/me', { nickname: `n${Math.random()}` })).status,
];

const pushedTo = (receiver) => receiver.log.filter(({ k }) => k === 'event').map(({ seq, type, data }) => ({ seq, type, data }));

// The end: whoever stayed is told, and there is nothing left to read.
async function remove(w, receiver, last, wrong) {
  const host = w.users.find(({ id }) => id === last.state.room.host);
  const { status } = await act(w, host, 'DELETE', '');
  if (status !== 204) throw new Error(`DELETE of a room: ${status}`);
  const deleted = await until(() => pushedTo(receiver).find(({ type }) => type === 'room.deleted'), 5000, 'room.deleted');
  const gone = (await act(w, w.me, 'GET', '')).status === 404;
  compare(w, `room ${w.room} when it was deleted`, { gone: replay(ofRoom, last.state, [deleted]).gone }, { gone: { gone } }, [deleted], wrong);
}

// Resolves with { snapshots, events, wrong: the parts that differed, types: "room type" of each event
// that could not have been left out }.
export async function roomHistory(t, stack, users, room) {
  const w = { t, stack, users, room, me: users[0], seqs: [], polls: [], reactions: [], notices: [], todos: [], tracks: [], strokes: [], banned: [] };
  const wrong = new Set();
  const types = new Set(['room room.deleted']); // or remove() fails
  const receiver = new Receiver(stack, w.me, [room], { name: 'me', keep: true });
  await receiver.ready();
  const taken = await stir(w, OPS, ops, snapshot);
  // Votes that wait to be told are told by nobody's request.
  await until(async () => (await stack.sql(`SELECT 1 FROM poll WHERE room = ${room} AND untold = 1`)).length === 0, 10000, 'all votes to be told');
  const last = await snapshot(w);
  await until(() => receiver.state.get(room).cursor?.seq === last.head, 5000, 'the last event to be pushed');
  const { events } = await get(w, `/v1/rooms/${room}/events?after=0&limit=1000`);
  for (const before of taken) {
    for (const [name, all] of [['by REST', events], ['as pushed', pushedTo(receiver)]]) {
      const later = between(all, before, last);
      const replayed = (some) => finish(replay(ofRoom, before.state, some));
      compare(w, `room ${room} from ${before.head} to ${last.head}, ${name}`, replayed(later), finish(structuredClone(last.state)), later, wrong);
      for (const type of telling(later, replayed)) types.add(`room ${type}`);
    }
  }
  await remove(w, receiver, last, wrong);
  receiver.close();
  return { snapshots: taken.length, events: events.length, wrong, types };
}
