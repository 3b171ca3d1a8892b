// What the authorisation matrix (matrix.txt) does in each of its lines. The keys are the lines' names.
//
// A call gets { stack, who, role, me, at, room, own, others, partner, code, title, target }: `at` is how the asker talks to
// the API, `own` a message of the asker (or of the host, where there is none), `others` one of somebody else, `partner` a
// member of the room who is no moderator (in a direct room the other person), `target` what make() gave just before. It
// resolves with the answer, or of a websocket with whether that was let do it. With `bytes` what it gives is a file, or nothing. With `shows` the answer has something of the
// room in it; with `live` somebody is in the room.
import { request } from 'node:http';
import { freshName, logIn, until } from '../harness.mjs';
import { png } from './filekit.mjs';
import { ROOM_PASSWORD, assertOk, claims, rawSocket, say } from './check.mjs';

// Names in braces are people, by their ids, or what else the call is given.
const fill = (path, c) => path.replaceAll(/\{(\w+)\}/g, (_, name) => (typeof c[name] === 'object' ? c[name].id || 1 : c[name]));
const roomPath = (path) => (c) => `/v1/rooms/${c.room}${fill(path, c)}`;
const get = (path, more) => ({ call: (c) => c.at.get(roomPath(path)(c)), ...more });
const del = (path, more) => ({ call: (c) => c.at.del(roomPath(path)(c)), ...more });
const withBody = (method) => (path, body, more) => ({
  call: (c) => c.at[method](roomPath(path)(c), typeof body === 'function' ? body(c) : body), ...more });
const [put, post, patch] = ['put', 'post', 'patch'].map(withBody);

// An id that no user has.
export const NOBODY = 9999999;

let lastWord = 0;
const fresh = (word) => `${word}${++lastWord}`;

// Somebody without an account comes in.
const enter = (c) => c.at.post('/v1/guests', { nickname: 'passer-by', room: c.room, ...c.kind === 'secret' && { password: ROOM_PASSWORD } });
const setGuests = (c, on) => c.stack.sql(`UPDATE room SET guests = ${on} WHERE id = ${c.room}`);
const lettingGuestsIn = ({ call }) => ({
  make: (c) => setGuests(c, 1),
  call,
  undo: async (c) => {
    await setGuests(c, 0);
    await c.stack.sql(`DELETE m FROM member m JOIN user u ON u.id = m.user WHERE m.room = ${c.room} AND u.nickname = 'passer-by'`);
  },
});

// ---- what is acted on: the id of something new

const messageOfPartner = async (c) => {
  const { status, body } = await say(c.stack, c.partner, c.room);
  return status === 201 ? body.seq : c.others; // who has left a direct room says nothing there any more
};
// A notice of a moderator, where members have none of their own.
const noticeOf = (kind, who, partner) => (['group', 'direct'].includes(kind) ? partner : who.moderator);
const notice = async (c) => {
  const { status, body } = await noticeOf(c.kind, c.who, c.partner).at.post(`/v1/rooms/${c.room}/notices`, { body: 'of somebody' });
  return status === 201 ? body.id : 1;
};
// A poll of somebody else; who has left a direct room asks nothing there any more.
const newPoll = () => ({ client_id: fresh('poll'), question: 'which?', options: ['one', 'two'] });
const poll = async (c) => {
  const { status, body } = await c.partner.at.post(`/v1/rooms/${c.room}/polls`, newPoll());
  if (status === 201) return body.seq;
  await c.stack.sql(`UPDATE message SET type = 'poll', content = '${JSON.stringify({ poll: { ...newPoll(), client_id: undefined, multiple: false, anonymous: false } })}'
    WHERE room = ${c.room} AND seq = ${c.others}`);
  return c.others;
};
const answered = async (c) => {
  const target = await poll(c);
  await c.at.put(`/v1/rooms/${c.room}/polls/${target}/vote`, { options: [0] });
  return target;
};
// Something to be done, of the asker or of somebody else; where they may add none, the database has it.
const newTodo = () => ({ client_id: fresh('todo'), text: 'sweep the hall' });
const todo = (who) => async (c) => {
  const author = who(c).me ?? who(c);
  const { status, body } = await author.at.post(`/v1/rooms/${c.room}/todos`, newTodo());
  if (status === 201) return body.id;
  const id = 1000000 + Math.floor(Math.random() * 1e9);
  await c.stack.sql(`INSERT INTO todo (kind, list, id, place, text, author, client_id, created_at) VALUES (1, ${c.room}, ${id}, ${id}, 'x', ${author.id}, '${id}', NOW())`);
  return id;
};
const ownTodo = async (c) => (await c.at.post('/v1/todos', newTodo())).body.id ?? 1;
// The asker sits at the desk of the room, where they may.
const atDesk = (c) => c.at.put(`/v1/rooms/${c.room}/desk`, {});
// A call of the room with the asker or somebody else in it, and nobody in any other.
const newPeer = () => ({ peer: `window-of-${fresh('peer')}-0000000` });
const noCalls = (c) => c.stack.sql("DELETE FROM call_member; DELETE FROM room_call; DELETE FROM throttle WHERE name LIKE 'call:%'");
const callBy = (who) => async (c) => {
  await noCalls(c);
  return (await who(c).at.post(`/v1/rooms/${c.room}/calls`, newPeer())).body.id ?? 1;
};
const [ownCall, callOfPartner] = [callBy((c) => c), callBy((c) => c.partner)];
// Music at a message of somebody else, and a track of it.
const sound = async (c) => {
  const [[file]] = await c.stack.sql(`INSERT INTO file (owner, object, state, kind, name, type, bytes, created_at)
    VALUES (${c.host.id}, MD5(RAND()), 'ready', 'audio', 'tea.wav', 'audio/wav', 1, UTC_TIMESTAMP(3)); SELECT LAST_INSERT_ID();`);
  await c.stack.sql(`INSERT INTO attachment (room, message, file) VALUES (${c.room}, ${c.others}, ${file})`);
  return { id: 0, file: Number(file) };
};
const track = async (c) => {
  const { file } = await sound(c);
  await c.stack.sql(`INSERT INTO track VALUES (${c.room}, ${file}, ${c.others}, ${file}, 'tea', 'own', 1000, ${c.host.id}, UTC_TIMESTAMP(3))`);
  return { id: file, file };
};
const noTracks = (c) => c.stack.sql(`DELETE FROM track WHERE room = ${c.room}; DELETE FROM room_music WHERE room = ${c.room};
  DELETE FROM attachment WHERE file = ${c.target.file}; DELETE FROM file WHERE id = ${c.target.file}`);
// A stroke of the asker or of somebody else; where they may draw none, the database has it.
const newStroke = () => ({ client_id: fresh('stroke'), color: 'blue', width: 10, points: [[1, 2], [30, 40]] });
const stroke = (who) => async (c) => {
  const author = who(c).me ?? who(c);
  const { status, body } = await author.at.post(`/v1/rooms/${c.room}/strokes`, newStroke());
  if (status === 201) return body.id;
  const id = 1000000 + Math.floor(Math.random() * 1e9);
  await c.stack.sql(`INSERT INTO stroke VALUES (${c.room}, ${id}, ${id}, ${author.id}, '${id}', 'blue', 10, '[[1,2]]', NOW())`);
  return id;
};
const noStrokes = (c) => c.stack.sql(`DELETE FROM stroke WHERE room = ${c.room}`);
// A minute of a day of its own, and what somebody has studied.
let studyDay = Date.parse('2001-01-01');
const newStudy = () => {
  studyDay += 86400000;
  return { started_at: new Date(studyDay).toISOString(), ended_at: new Date(studyDay + 60000).toISOString() };
};
const study = (who) => async (c) => (await who(c).at.post('/v1/study-sessions', newStudy())).body.id ?? 1;
// For a day from now; of the asker, and of somebody else.
const forLater = () => ({ client_id: fresh('later'), body: 'x', send_at: new Date(Date.now() + 86400000).toISOString() });
const scheduled = (who) => async (c) => {
  const { status, body } = await who(c).at.post(`/v1/rooms/${c.room}/scheduled`, forLater());
  return status === 201 ? body.id : NOBODY;
};
const [ownScheduled, othersScheduled] = [scheduled((c) => c), scheduled((c) => c.partner)];
// Nothing new, but what was said is found.
const indexed = (c) => until(async () => (await c.stack.sql(`SELECT s.id FROM stream s JOIN search_room i ON i.room = s.id AND i.seq >= s.head
  WHERE s.kind = 1 AND s.id = ${c.room}`)).length > 0, 20000, 'the room to be indexed');
const invite = async (c) => (c.kind === 'direct' ? c.code : assertOk(await c.who.host.at.post(`/v1/rooms/${c.room}/invites`, {}), 201).code);
// One for one call, as a room has only ten.
const webhook = async (c) => {
  if (c.kind === 'direct') return 1;
  const [[id]] = await c.stack.sql(`DELETE FROM webhook WHERE room = ${c.room};
    INSERT INTO webhook (room, by_user, url, secret, events, seen, state, created_at)
      VALUES (${c.room}, ${c.who.host.id}, 'https://x.example', '', '[]', 0, 'paused', UTC_TIMESTAMP(3));
    SELECT LAST_INSERT_ID();
    INSERT INTO delivery (webhook, seq, mid, event, created_at) VALUES (LAST_INSERT_ID(), 1, 1, 'message.created', UTC_TIMESTAMP(3));`);
  return Number(id);
};
const pinned = async (c) => { await c.partner.at.put(`/v1/rooms/${c.room}/pins/${c.others}`); };
const word = async (c) => (c.kind === 'direct' ? 1
  : assertOk(await c.who.host.at.post(`/v1/rooms/${c.room}/words`, { word: fresh('zzword'), action: 'mask' }), 201).id);
const wordAnywhere = async (c) => assertOk(await c.who.admin.at.post('/v1/words', { word: fresh('zzword'), action: 'mask' }), 201).id;
const newPack = () => ({ title: fresh('pack '), stickers: [{ name: 'one', emoji: '🙂' }] });
const pack = async (c) => assertOk(await c.who.admin.at.post('/v1/sticker-packs', newPack()), 201).id;
const removePack = (c) => c.who.admin.at.del(`/v1/sticker-packs/${c.target}`);
const category = async (c) => assertOk(await c.who.admin.at.post('/v1/categories', { name: fresh('c') }), 201).id;
const report = async (c, body) => assertOk(await c.who.pal.at.post('/v1/reports', { reason: 'spam', ...body }), 201).id;
const reportInRoom = async (c) => assertOk(await c.insider.at.post('/v1/reports',
  { reason: 'spam', room: c.room, user: c.partner.id }), 201).id;
const bot = async (owner) => assertOk(await owner.at.post('/v1/bots', { name: freshName('b'), nickname: 'a bot' }), 201).id;
const ownBot = (c) => (c.me.id === 0 ? 1 : bot(c.me));
const otherBot = (c) => bot(c.who.pal);
const withTea = async (c, make) => {
  const id = await make(c);
  const owner = make === ownBot ? c.me : c.who.pal;
  if (owner.id !== 0) assertOk(await owner.at.put(`/v1/bots/${id}/commands/tea`, { description: 'tea' }), 200);
  return id;
};
// Files: of somebody, sent or not; and uploads in pieces.
const BYTES = { 'Content-Type': 'application/octet-stream' };
const TUS = { 'Tus-Resumable': '1.0.0' };
const fileOf = async (who) => (who.id === 0 ? 1 : assertOk(await who.at.post('/v1/files?name=a.txt', Buffer.from('a file'), BYTES), 201).id);
const pictureOf = async (who) => (who.id === 0 ? 1 : assertOk(await who.at.post('/v1/files?name=a.png', png(9, 9), { 'Content-Type': 'image/png' }), 201).id);
const [ownFile, ownPicture] = [(c) => fileOf(c.me), (c) => pictureOf(c.me)];
const [otherFile, otherPicture] = [(c) => fileOf(c.who.pal), (c) => pictureOf(c.who.pal)];
const fileInRoom = async (c) => {
  const file = await fileOf(c.partner);
  const { status } = await c.partner.at.post(`/v1/rooms/${c.room}/messages`, { client_id: fresh('file'), attachments: [file] });
  // Who has left a direct room sends nothing there any more.
  if (status !== 201) await c.stack.sql(`INSERT INTO attachment (room, message, file) VALUES (${c.room}, ${c.others}, ${file})`);
  return file;
};
const uploadOf = async (who) => {
  if (who.id === 0) return 1;
  const { headers } = await who.at.post('/v1/uploads', undefined, { ...TUS, 'Upload-Length': '10' });
  return Number(headers.get('location').split('/').at(-1));
};
const [ownUpload, otherUpload] = [(c) => uploadOf(c.me), (c) => uploadOf(c.who.pal)];
const giveUp = { undo: async (c) => { for (const who of [c.me, c.who.pal]) if (who.id !== 0) await who.at.del(`/v1/uploads/${c.target}`, TUS); } };
const tus = (method, body, headers, make) => ({
  call: (c) => c.at.call(method, `/v1/uploads${make ? `/${c.target}` : ''}`, body, { ...TUS, ...headers }), ...(make ? { make, ...giveUp } : {}) });
const piece = (make) => tus('PATCH', Buffer.from('hello'), { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' }, make);
let den; // of somebody who is in no other room
const reminderOfPal = async (c) => {
  den ??= assertOk(await c.who.pal.at.post('/v1/rooms', { title: 'den', kind: 'group' }), 201).id;
  return assertOk(await c.who.pal.at.post(`/v1/rooms/${den}/commands`, { client_id: fresh('matrix'), text: '/remind 1h x' }), 200).reply.args.id;
};
const hook = async (c) => (c.kind === 'direct' ? 1 : assertOk(await c.who.host.at.post(`/v1/rooms/${c.room}/hooks`, { name: 'a hook' }), 201).id);
const undoBot = { undo: async (c) => { await c.who[c.role === 'anonymous' ? 'pal' : c.role].at.del(`/v1/bots/${c.target}`); await c.who.pal.at.del(`/v1/bots/${c.target}`); } };
const undoHook = { undo: async (c) => { await c.who.host.at.del(`/v1/rooms/${c.room}/hooks/${c.target}`); } };
const loggedIn = async (c) => (c.me.id === 0 ? '' : (await logIn(c.stack, c.me.name, c.me.password)).token);

const anotherBody = () => ({ body: fresh('text ') });
const room = (c) => ({ room: c.room });
const userOf = (name) => (c) => ({ user: c.who[name]?.id ?? c.partner.id });

// ---- rooms

const rooms = {
  'GET /v1/rooms?q= (its title, or the partner\'s name)': { call: (c) => c.at.get(`/v1/rooms?q=${encodeURIComponent(c.title)}`), shows: true },
  'GET /v1/rooms/occupancy?rooms=': { call: (c) => c.at.get(`/v1/rooms/occupancy?rooms=${c.room}`), shows: true, live: true },
  'GET /v1/rooms/:room': get(''),
  'PATCH /v1/rooms/:room (its title)': patch('', () => ({ title: fresh('title') })),
  'PATCH /v1/rooms/:room (slow mode)': patch('', { slow_seconds: 1 }),
  'DELETE /v1/rooms/:room': del(''),
  'GET /v1/rooms/:room/door': get('/door'),
  'GET /v1/rooms/:room/door (of one that lets guests in)': lettingGuestsIn(get('/door')),
  'POST /v1/guests': { call: enter },
  'POST /v1/guests (a room that lets guests in)': lettingGuestsIn({ call: enter }),
  'GET /v1/rooms/:room/preview': get('/preview'),
  'PUT /v1/rooms/:room/host': put('/host', userOf('other')),
  'PUT /v1/rooms/:room/host (oneself)': put('/host', (c) => ({ user: c.me.id || 1 })),
  'PUT /v1/rooms/:room/like': put('/like'),
  'DELETE /v1/rooms/:room/like': del('/like', { make: (c) => c.at.put(`/v1/rooms/${c.room}/like`) }),
  'GET /v1/rooms/:room/likes': get('/likes'),
  'GET /v1/rooms/:room/presence': get('/presence', { live: true }),

  'GET /v1/rooms/:room/members': get('/members'),
  'POST /v1/rooms/:room/members': post('/members', userOf('pal')),
  'POST /v1/rooms/:room/members (no friend)': post('/members', userOf('stranger')),
  'PUT /v1/rooms/:room/members/me': put('/members/me', {}),
  'PUT /v1/rooms/:room/members/me (with the password)': put('/members/me', { password: ROOM_PASSWORD }),
  'PUT /v1/rooms/:room/members/me (with a wrong password)': put('/members/me', { password: 'wrong' }),
  'DELETE /v1/rooms/:room/members/me': del('/members/me'),
  'PATCH /v1/rooms/:room/members/:user (mutes a member)': patch('/members/{partner}', { muted_seconds: 60 }),
  'PATCH /v1/rooms/:room/members/:user (mutes a moderator)': patch('/members/{moderator}', { muted_seconds: 60 }),
  'PATCH /v1/rooms/:room/members/:user (mutes the host)': patch('/members/{host}', { muted_seconds: 60 }),
  'PATCH /v1/rooms/:room/members/:user (speaks again)': patch('/members/{muted}', { muted_seconds: 0 }),
  'PATCH /v1/rooms/:room/members/:user (a role)': patch('/members/{partner}', { role: 'moderator' }),
  'PATCH /v1/rooms/:room/members/:user (the own role)': patch('/members/{me}', { role: 'moderator' }),
  'DELETE /v1/rooms/:room/members/:user (a member)': del('/members/{partner}'),
  'DELETE /v1/rooms/:room/members/:user (a moderator)': del('/members/{moderator}'),
  'DELETE /v1/rooms/:room/members/:user (the host)': del('/members/{host}'),

  'GET /v1/rooms/:room/bans': get('/bans'),
  'PUT /v1/rooms/:room/bans/:user (a member)': put('/bans/{partner}', {}),
  'PUT /v1/rooms/:room/bans/:user (a moderator)': put('/bans/{moderator}', {}),
  'PUT /v1/rooms/:room/bans/:user (the host)': put('/bans/{host}', {}),
  'PUT /v1/rooms/:room/bans/:user (somebody outside)': put('/bans/{pal}', {}),
  'DELETE /v1/rooms/:room/bans/:user': del('/bans/{banned}'),

  'GET /v1/rooms/:room/invites': get('/invites'),
  'POST /v1/rooms/:room/invites': post('/invites', {}),
  'DELETE /v1/rooms/:room/invites/*code': del('/invites/{target}', { make: invite }),
  'GET /v1/invites/*code': { call: (c) => c.at.get(`/v1/invites/${c.code}`) },
  'POST /v1/invites/*code/uses': { call: (c) => c.at.post(`/v1/invites/${c.code}/uses`) },

  'GET /v1/rooms/:room/webhooks': get('/webhooks', { make: webhook }),
  'POST /v1/rooms/:room/webhooks': post('/webhooks', { url: 'https://x.example', events: ['pin.added'] }, { make: webhook }),
  'PATCH /v1/rooms/:room/webhooks/:webhook': patch('/webhooks/{target}', { events: ['pin.removed'] }, { make: webhook }),
  'DELETE /v1/rooms/:room/webhooks/:webhook': del('/webhooks/{target}', { make: webhook }),
  'GET /v1/rooms/:room/webhooks/:webhook/deliveries': get('/webhooks/{target}/deliveries', { make: webhook }),
  'POST /v1/rooms/:room/webhooks/:webhook/deliveries/:delivery/replay': post('/webhooks/{target}/deliveries/1/replay', {}, { make: webhook }),

  'POST /v1/rooms/:room/messages': post('/messages', () => ({ client_id: fresh('matrix'), body: 'x' })),
  'GET /v1/rooms/:room/messages': get('/messages'),
  'GET /v1/rooms/:room/messages/:message': get('/messages/{others}'),
  'GET /v1/rooms/:room/messages/:message/thread': get('/messages/{others}/thread'),
  'POST /v1/rooms/:room/messages/:message/forward': post('/messages/{others}/forward', (c) => ({ client_id: fresh('matrix'), rooms: [c.room] })),
  'GET /v1/rooms/:room/messages/:message/revisions (the own)': get('/messages/{own}/revisions'),
  'GET /v1/rooms/:room/messages/:message/revisions': get('/messages/{others}/revisions'),
  'GET /v1/rooms/:room/messages/:message/reactions/*emoji': get('/messages/{others}/reactions/%F0%9F%91%8D'),
  'PATCH /v1/rooms/:room/messages/:message (the own)': patch('/messages/{own}', anotherBody),
  'PATCH /v1/rooms/:room/messages/:message': patch('/messages/{others}', anotherBody),
  'DELETE /v1/rooms/:room/messages/:message (the own)': del('/messages/{own}'),
  'DELETE /v1/rooms/:room/messages/:message': del('/messages/{target}', { make: messageOfPartner }),
  'DELETE /v1/rooms/:room/messages/:message?scope=me': del('/messages/{others}?scope=me'),
  'DELETE /v1/rooms/:room/messages/:message/previews (the own)': del('/messages/{own}/previews'),
  'DELETE /v1/rooms/:room/messages/:message/previews': del('/messages/{target}/previews', { make: messageOfPartner }),
  'PUT /v1/rooms/:room/messages/:message/reactions/*emoji': put('/messages/{others}/reactions/%F0%9F%91%8D'),
  'DELETE /v1/rooms/:room/messages/:message/reactions/*emoji': del('/messages/{others}/reactions/%F0%9F%91%8D'),
  'GET /v1/rooms/:room/messages/:message/receipts': get('/messages/{others}/receipts'),
  'PUT /v1/rooms/:room/read-cursor': put('/read-cursor', (c) => ({ seq: c.others })),
  'GET /v1/rooms/:room/notification-rule': get('/notification-rule'),
  'PUT /v1/rooms/:room/notification-rule': put('/notification-rule', { level: 'none' }),
  'GET /v1/rooms/:room/read-cursors': get('/read-cursors'),

  'POST /v1/rooms/:room/stickers': post('/stickers', () => ({ client_id: fresh('sticker'), pack: 1, sticker: 'hello' })),
  'POST /v1/rooms/:room/polls': post('/polls', newPoll),
  'GET /v1/rooms/:room/polls/:message': get('/polls/{target}', { make: poll }),
  'POST /v1/rooms/:room/polls/:message/close': post('/polls/{target}/close', undefined, { make: poll }),
  'PUT /v1/rooms/:room/polls/:message/vote': put('/polls/{target}/vote', { options: [1] }, { make: poll }),
  'DELETE /v1/rooms/:room/polls/:message/vote': del('/polls/{target}/vote', { make: answered }),
  'GET /v1/rooms/:room/polls/:message/votes': get('/polls/{target}/votes', { make: poll }),

  'POST /v1/rooms/:room/scheduled': post('/scheduled', forLater),
  'GET /v1/rooms/:room/scheduled': get('/scheduled'),
  'PATCH /v1/rooms/:room/scheduled/:scheduled (the own)': patch('/scheduled/{target}', anotherBody, { make: ownScheduled }),
  'PATCH /v1/rooms/:room/scheduled/:scheduled': patch('/scheduled/{target}', anotherBody, { make: othersScheduled }),
  'DELETE /v1/rooms/:room/scheduled/:scheduled (the own)': del('/scheduled/{target}', { make: ownScheduled }),
  'DELETE /v1/rooms/:room/scheduled/:scheduled': del('/scheduled/{target}', { make: othersScheduled }),
  'PUT /v1/rooms/:room/draft': put('/draft', anotherBody),
  'DELETE /v1/rooms/:room/draft': del('/draft', { make: (c) => c.at.put(`/v1/rooms/${c.room}/draft`, anotherBody()) }),

  'GET /v1/rooms/:room/notices': get('/notices'),
  'POST /v1/rooms/:room/notices': post('/notices', anotherBody),
  'PATCH /v1/rooms/:room/notices/:notice': patch('/notices/{target}', anotherBody, { make: notice }),
  'DELETE /v1/rooms/:room/notices/:notice': del('/notices/{target}', { make: notice }),
  'PUT /v1/rooms/:room/notices/:notice/confirmation': put('/notices/{target}/confirmation', undefined, { make: notice }),
  'GET /v1/rooms/:room/notices/:notice/confirmations': get('/notices/{target}/confirmations', { make: notice }),

  'GET /v1/rooms/:room/todos': get('/todos'),
  'POST /v1/rooms/:room/todos': post('/todos', newTodo),
  'PATCH /v1/rooms/:room/todos/:todo': patch('/todos/{target}', () => ({ text: fresh('other ') }), { make: todo((c) => c.partner) }),
  'DELETE /v1/rooms/:room/todos/:todo (the own)': del('/todos/{target}', { make: todo((c) => c) }),
  'DELETE /v1/rooms/:room/todos/:todo': del('/todos/{target}', { make: todo((c) => c.partner) }),
  'POST /v1/rooms/:room/calls': post('/calls', newPeer, { make: noCalls, undo: noCalls }),
  'GET /v1/calls/:call': { call: (c) => c.at.get(`/v1/calls/${c.target}`), make: callOfPartner, undo: noCalls },
  'GET /v1/calls/:call/sfu': { call: (c) => c.at.get(`/v1/calls/${c.target}/sfu`), make: ownCall, undo: noCalls },
  'PUT /v1/calls/:call/members/me': { call: (c) => c.at.put(`/v1/calls/${c.target}/members/me`, newPeer()), make: callOfPartner, undo: noCalls },
  'DELETE /v1/calls/:call/members/me': { call: (c) => c.at.del(`/v1/calls/${c.target}/members/me`), make: ownCall, undo: noCalls },
  'PUT /v1/calls/:call/members/:user': { call: (c) => c.at.put(`/v1/calls/${c.target}/members/${c.partner.id}`), make: ownCall, undo: noCalls },
  'GET /v1/rooms/:room/music': get('/music'),
  'PUT /v1/rooms/:room/music': put('/music', (c) => ({ track: c.target.id, state: 'playing' }), { make: track, undo: noTracks }),
  'POST /v1/rooms/:room/tracks': post('/tracks', (c) => ({ message: c.others, file: c.target.file, title: 'tea', licence: 'own', duration: 1000 }), { make: sound, undo: noTracks }),
  'DELETE /v1/rooms/:room/tracks/:track': del('/tracks/{target}', { make: track, undo: noTracks }),
  'GET /v1/rooms/:room/strokes': get('/strokes'),
  'POST /v1/rooms/:room/strokes': post('/strokes', newStroke, { undo: noStrokes }),
  'DELETE /v1/rooms/:room/strokes': del('/strokes', { make: stroke((c) => c.partner), undo: noStrokes }),
  'DELETE /v1/rooms/:room/strokes/:stroke (the own)': del('/strokes/{target}', { make: stroke((c) => c), undo: noStrokes }),
  'DELETE /v1/rooms/:room/strokes/:stroke': del('/strokes/{target}', { make: stroke((c) => c.partner), undo: noStrokes }),
  'GET /v1/rooms/:room/desks': get('/desks'),
  'PUT /v1/rooms/:room/desk': put('/desk', () => ({ state: 'paused' })),
  'DELETE /v1/rooms/:room/desk': del('/desk', { make: atDesk }),
  'GET /v1/rooms/:room/study-ranking': get('/study-ranking'),
  'GET /v1/rooms/:room/pins': get('/pins'),
  'PUT /v1/rooms/:room/pins/:message': put('/pins/{others}'),
  'DELETE /v1/rooms/:room/pins/:message': del('/pins/{others}', { make: pinned }),

  'POST /v1/rooms/:room/purges (a member)': post('/purges', userOf('other'), { make: messageOfPartner }),
  'POST /v1/rooms/:room/purges (a moderator)': post('/purges', userOf('moderator')),
  'POST /v1/rooms/:room/purges (the host)': post('/purges', userOf('host')),

  'GET /v1/rooms/:room/commands': get('/commands'),
  'POST /v1/rooms/:room/commands (/help)': post('/commands', () => ({ client_id: fresh('matrix'), text: '/help' })),
  'POST /v1/rooms/:room/commands (/roll)': post('/commands', () => ({ client_id: fresh('matrix'), text: '/roll' })),
  'GET /v1/rooms/:room/hooks': get('/hooks'),
  'POST /v1/rooms/:room/hooks': post('/hooks', { name: 'a hook' }),
  'DELETE /v1/rooms/:room/hooks/:hook': del('/hooks/{target}', { make: hook, ...undoHook }),

  'GET /v1/rooms/:room/words': get('/words'),
  'POST /v1/rooms/:room/words': post('/words', () => ({ word: fresh('zzword'), action: 'refuse' })),
  'DELETE /v1/rooms/:room/words/:word': del('/words/{target}', { make: word }),

  'GET /v1/files/:file (of a message)': { call: (c) => c.at.get(`/v1/files/${c.target}`), make: fileInRoom, bytes: true },
  'POST /v1/rooms/:room/messages (with a file)': post('/messages', (c) => ({ client_id: fresh('file'), attachments: [c.target] }), { make: ownFile }),
  'PUT /v1/rooms/:room/cover': put('/cover', (c) => ({ file: c.target }), { make: ownPicture }),
  'DELETE /v1/rooms/:room/cover': del('/cover'),

  'GET /v1/rooms/:room/export': get('/export?format=json'),
  'POST /v1/rooms/:room/imports': { call: (c) => c.at.post(`/v1/rooms/${c.room}/imports`, Buffer.from('x'), { 'Content-Type': 'application/octet-stream' }) },
  'GET /v1/rooms/:room/events': get('/events'),
  'GET /v1/sync?since= (the room)': { call: (c) => c.at.get(`/v1/sync?since=presence-room-${c.room}:0`), shows: true },

  'GET /v1/search?room=': { call: (c) => c.at.get(`/v1/search?q=after:2020-01-01&room=${c.room}`), make: indexed, shows: true },

  'POST /v1/reports (the room)': { call: (c) => c.at.post('/v1/reports', { reason: 'other', ...room(c) }) },
  'POST /v1/reports (a message)': { call: (c) => c.at.post('/v1/reports', { reason: 'other', ...room(c), message: c.others }) },
  'GET /v1/reports?room=': { call: (c) => c.at.get(`/v1/reports?room=${c.room}`) },
  'PATCH /v1/reports/:report (in the room)': { call: (c) => c.at.patch(`/v1/reports/${c.target}`, { state: 'resolved' }), make: reportInRoom },
  'GET /v1/audit?room=': { call: (c) => c.at.get(`/v1/audit?room=${c.room}`) },

  'GET /v1/presence?users= (who is in the room)': {
    call: (c) => c.at.get(`/v1/presence?users=${c.isMissing ? NOBODY : c.host.id}`), shows: true, live: true },
  'POST /v1/realtime/auth (the room)': { call: (c) => c.at.post('/v1/realtime/auth', { socket_id: '1.1', channel_name: `presence-room-${c.room}` }) },
  'POST /v1/realtime/auth (the room in a list)': {
    call: (c) => c.at.post('/v1/realtime/auth', { socket_id: '1.1', channels: [`presence-room-${c.room}`] }), shows: true },
  'GET /v1/realtime/sse?channels= (the room)': { call: (c) => stream(c, `presence-room-${c.room}`) },
};

// ---- what belongs to nobody, or to the asker

const own = (method, path, body, more) => ({
  call: (c) => c.at.call(method, fill(path, c), typeof body === 'function' ? body(c) : body), ...more });
const idOfSession = (c) => claims(c.who.pal.token).sid;

const others = {
  'POST /v1/users': own('POST', '/v1/users', () => ({ name: freshName(), nickname: 'new', password: 'correct horse battery' })),
  'GET /v1/users?q=': own('GET', '/v1/users?q=new'),
  'GET /v1/users/me': own('GET', '/v1/users/me'),
  'PATCH /v1/users/me': own('PATCH', '/v1/users/me', () => ({ status_message: fresh('status ') })),
  'DELETE /v1/users/me (a wrong password)': own('DELETE', '/v1/users/me', { password: 'wrong', messages: 'keep' }),
  'PUT /v1/users/me/password (a wrong one)': own('PUT', '/v1/users/me/password', { password: 'wrong', new_password: 'a new one, long' }),
  'GET /v1/users/me/presence': own('GET', '/v1/users/me/presence'),
  'PUT /v1/users/me/presence': own('PUT', '/v1/users/me/presence', { last_seen: 'shown' }),
  'GET /v1/users/me/settings': own('GET', '/v1/users/me/settings'),
  'PATCH /v1/users/me/settings': own('PATCH', '/v1/users/me/settings', { locale: 'ko' }),
  'GET /v1/users/me/email': own('GET', '/v1/users/me/email'),
  'DELETE /v1/users/me/email': own('DELETE', '/v1/users/me/email'),
  'GET /v1/users/me/scheduled': own('GET', '/v1/users/me/scheduled'),
  'GET /v1/users/me/drafts': own('GET', '/v1/users/me/drafts'),
  'GET /v1/users/me/rooms': own('GET', '/v1/users/me/rooms'),
  'GET /v1/users/:user (the host)': own('GET', '/v1/users/{host}'),
  'GET /v1/time': own('GET', '/v1/time'),
  'GET /v1/calls': own('GET', '/v1/calls'),
  'GET /v1/todos': own('GET', '/v1/todos'),
  'POST /v1/todos': own('POST', '/v1/todos', newTodo),
  'PATCH /v1/todos/:todo': own('PATCH', '/v1/todos/{target}', () => ({ done: true }), { make: ownTodo }),
  'DELETE /v1/todos/:todo': own('DELETE', '/v1/todos/{target}', undefined, { make: ownTodo }),
  'GET /v1/study-today': own('GET', '/v1/study-today'),
  'GET /v1/study-stats': own('GET', '/v1/study-stats'),
  'GET /v1/study-sessions': own('GET', '/v1/study-sessions'),
  'POST /v1/study-sessions': own('POST', '/v1/study-sessions', newStudy),
  'PATCH /v1/study-sessions/:session': own('PATCH', '/v1/study-sessions/{target}', newStudy, { make: study((c) => c) }),
  'DELETE /v1/study-sessions/:session': own('DELETE', '/v1/study-sessions/{target}', undefined, { make: study((c) => c) }),
  'PATCH /v1/study-sessions/:session (of another)': own('PATCH', '/v1/study-sessions/{target}', newStudy, { make: study((c) => c.partner) }),
  'DELETE /v1/study-sessions/:session (of another)': own('DELETE', '/v1/study-sessions/{target}', undefined, { make: study((c) => c.partner) }),
  'PUT /v1/guests/me': own('PUT', '/v1/guests/me', () => ({ name: freshName(), password: 'correct horse battery' }),
    { undo: (c) => c.stack.sql(`UPDATE user SET name = '${c.me.name ?? ''}' WHERE id = ${c.me.id}`) }),
  'GET /v1/availability': own('GET', '/v1/availability?name=nobody'),
  'POST /v1/sessions': own('POST', '/v1/sessions', (c) => ({ name: c.who.pal.name, password: c.who.pal.password })),
  'GET /v1/sessions': own('GET', '/v1/sessions'),
  'DELETE /v1/sessions': own('DELETE', '/v1/sessions'),
  'DELETE /v1/sessions/:session (of another)': { call: (c) => c.at.del(`/v1/sessions/${idOfSession(c)}`) },
  'POST /v1/sessions/refresh (no token)': own('POST', '/v1/sessions/refresh', {}),
  'DELETE /v1/sessions/current': { call: (c) => c.at.call('DELETE', '/v1/sessions/current', undefined, c.target ? { Authorization: `Bearer ${c.target}` } : {}), make: loggedIn },
  'GET /v1/categories': own('GET', '/v1/categories?include=rooms'),
  'GET /v1/sticker-packs': own('GET', '/v1/sticker-packs'),
  'POST /v1/sticker-packs': own('POST', '/v1/sticker-packs', newPack),
  'PATCH /v1/sticker-packs/:pack': own('PATCH', '/v1/sticker-packs/{target}', newPack, { make: pack, undo: removePack }),
  'DELETE /v1/sticker-packs/:pack': own('DELETE', '/v1/sticker-packs/{target}', undefined, { make: pack, undo: removePack }),
  'POST /v1/categories': own('POST', '/v1/categories', () => ({ name: fresh('category ') })),
  'PATCH /v1/categories/:category': own('PATCH', '/v1/categories/{target}', () => ({ name: fresh('category ') }), { make: category }),
  'DELETE /v1/categories/:category': own('DELETE', '/v1/categories/{target}', undefined, { make: category }),
  'GET /v1/oidc': own('GET', '/v1/oidc'),
  'GET /v1/oidc/*provider': own('GET', '/v1/oidc/none'),
  'POST /v1/oidc/*provider': own('POST', '/v1/oidc/none', {}),
  'GET /v1/oidc/*provider/callback': own('GET', '/v1/oidc/none/callback'),
  'GET /v1/users/me/identities': own('GET', '/v1/users/me/identities'),
  'DELETE /v1/users/me/identities/*provider': own('DELETE', '/v1/users/me/identities/none'),
  'POST /v1/email-verifications': own('POST', '/v1/email-verifications', { email: 'someone@example.org' }),
  'PUT /v1/email-verifications': own('PUT', '/v1/email-verifications', { email: 'someone@example.org', code: '000000' }),
  'POST /v1/password-resets': own('POST', '/v1/password-resets', { email: 'someone@example.org' }),
  'PUT /v1/password-resets': own('PUT', '/v1/password-resets', { email: 'someone@example.org', code: '000000', password: 'a new one, long' }),
  'POST /v1/rooms': own('POST', '/v1/rooms', { title: 'mine', kind: 'public' }),
  'POST /v1/rooms (a group with the host)': own('POST', '/v1/rooms', (c) => ({ title: 'ours', kind: 'group', members: [c.host.id] })),
  'POST /v1/rooms (a group with a friend)': own('POST', '/v1/rooms', (c) => ({ title: 'ours', kind: 'group', members: [c.pal.id] })),
  'GET /v1/rooms': own('GET', '/v1/rooms?total=1'),
  'GET /v1/words': own('GET', '/v1/words'),
  'POST /v1/words': own('POST', '/v1/words', () => ({ word: fresh('zzword'), action: 'mask' })),
  'DELETE /v1/words/:word': own('DELETE', '/v1/words/{target}', undefined, { make: wordAnywhere }),
  'DELETE /v1/words/:word (of a room)': own('DELETE', '/v1/words/{target}', undefined, { make: word }),
  'GET /v1/users/me/events': own('GET', '/v1/users/me/events'),
  'GET /v1/users/me/unread': own('GET', '/v1/users/me/unread'),
  'GET /v1/mentions': own('GET', '/v1/mentions'),
  'GET /v1/notifications': own('GET', '/v1/notifications'),
  'PUT /v1/notifications/read': own('PUT', '/v1/notifications/read'),
  'PUT /v1/notifications/:notification/read': own('PUT', '/v1/notifications/1000000/read'),
  'GET /v1/sync': own('GET', '/v1/sync'),
  'PUT /v1/direct-rooms/:user (the host)': own('PUT', '/v1/direct-rooms/{host}', {}),
  'GET /v1/friends': own('GET', '/v1/friends'),
  'PUT /v1/friends/:user (the host)': own('PUT', '/v1/friends/{host}', {}, { undo: (c) => c.at.del(`/v1/friends/${c.host.id}`) }),
  'PATCH /v1/friends/:user (no friend)': own('PATCH', '/v1/friends/{host}', { alias: 'x' }),
  'PATCH /v1/friends/:user (a friend)': own('PATCH', '/v1/friends/{pal}', () => ({ alias: fresh('x') })),
  'DELETE /v1/friends/:user (no friend)': own('DELETE', '/v1/friends/{host}'),
  'POST /v1/reports (a person)': own('POST', '/v1/reports', (c) => ({ reason: 'spam', user: c.host.id })),
  'GET /v1/reports': own('GET', '/v1/reports'),
  'PATCH /v1/reports/:report (a person)': own('PATCH', '/v1/reports/{target}', { state: 'dismissed' }, { make: (c) => report(c, { user: c.who.muted.id }) }),
  'PATCH /v1/reports/:report (a whole room)': own('PATCH', '/v1/reports/{target}', { state: 'dismissed' }, { make: (c) => report(c, { room: c.room }) }),
  'GET /v1/users/me/reports': own('GET', '/v1/users/me/reports'),
  'GET /v1/audit': own('GET', '/v1/audit'),
  'PUT /v1/users/me/avatar': own('PUT', '/v1/users/me/avatar', (c) => ({ file: c.target }), { make: ownPicture }),
  'PUT /v1/users/me/avatar (a picture of another)': own('PUT', '/v1/users/me/avatar', (c) => ({ file: c.target }), { make: otherPicture }),
  'DELETE /v1/users/me/avatar': own('DELETE', '/v1/users/me/avatar'),
  'POST /v1/files': { call: (c) => c.at.post('/v1/files', Buffer.from('a file'), BYTES) },
  'GET /v1/files/:file (an own one)': own('GET', '/v1/files/{target}', undefined, { make: ownFile, bytes: true }),
  'GET /v1/files/:file (of another)': own('GET', '/v1/files/{target}', undefined, { make: otherFile }),
  'GET /v1/files/:file/thumb (of an own one)': own('GET', '/v1/files/{target}/thumb', undefined, { make: ownPicture, bytes: true }),
  "GET /v1/files/:file/thumb (of another's)": own('GET', '/v1/files/{target}/thumb', undefined, { make: otherPicture }),
  'DELETE /v1/files/:file (an own one)': own('DELETE', '/v1/files/{target}', undefined, { make: ownFile }),
  'DELETE /v1/files/:file (of another)': own('DELETE', '/v1/files/{target}', undefined, { make: otherFile }),
  'POST /v1/uploads': { ...tus('POST', undefined, { 'Upload-Length': '10' }), bytes: true },
  'GET /v1/uploads/:upload (an own one)': tus('GET', undefined, {}, ownUpload),
  'GET /v1/uploads/:upload (of another)': tus('GET', undefined, {}, otherUpload),
  'PATCH /v1/uploads/:upload (an own one)': piece(ownUpload),
  'PATCH /v1/uploads/:upload (of another)': piece(otherUpload),
  'DELETE /v1/uploads/:upload (an own one)': tus('DELETE', undefined, {}, ownUpload),
  'DELETE /v1/uploads/:upload (of another)': tus('DELETE', undefined, {}, otherUpload),
  'GET /v1/bots': own('GET', '/v1/bots'),
  'GET /v1/bots?all=1': own('GET', '/v1/bots?all=1'),
  'POST /v1/bots': own('POST', '/v1/bots', () => ({ name: freshName('b'), nickname: 'a bot' })),
  'GET /v1/bots/:bot (an own one)': own('GET', '/v1/bots/{target}', undefined, { make: ownBot, ...undoBot }),
  'GET /v1/bots/:bot (of another)': own('GET', '/v1/bots/{target}', undefined, { make: otherBot, ...undoBot }),
  'PATCH /v1/bots/:bot (an own one)': own('PATCH', '/v1/bots/{target}', () => ({ nickname: fresh('bot ') }), { make: ownBot, ...undoBot }),
  'PATCH /v1/bots/:bot (of another)': own('PATCH', '/v1/bots/{target}', () => ({ nickname: fresh('bot ') }), { make: otherBot, ...undoBot }),
  'DELETE /v1/bots/:bot (an own one)': own('DELETE', '/v1/bots/{target}', undefined, { make: ownBot }),
  'DELETE /v1/bots/:bot (of another)': own('DELETE', '/v1/bots/{target}', undefined, { make: otherBot, ...undoBot }),
  'POST /v1/bots/:bot/token (an own one)': own('POST', '/v1/bots/{target}/token', undefined, { make: ownBot, ...undoBot }),
  'POST /v1/bots/:bot/token (of another)': own('POST', '/v1/bots/{target}/token', undefined, { make: otherBot, ...undoBot }),
  'GET /v1/bots/:bot/commands (of an own one)': own('GET', '/v1/bots/{target}/commands', undefined, { make: ownBot, ...undoBot }),
  'GET /v1/bots/:bot/commands (of another\'s)': own('GET', '/v1/bots/{target}/commands', undefined, { make: otherBot, ...undoBot }),
  'PUT /v1/bots/:bot/commands/*name (of an own one)': own('PUT', '/v1/bots/{target}/commands/tea', { description: 'x' }, { make: ownBot, ...undoBot }),
  'PUT /v1/bots/:bot/commands/*name (of another\'s)': own('PUT', '/v1/bots/{target}/commands/tea', { description: 'x' }, { make: otherBot, ...undoBot }),
  'DELETE /v1/bots/:bot/commands/*name (of an own one)': own('DELETE', '/v1/bots/{target}/commands/tea', undefined, { make: (c) => withTea(c, ownBot), ...undoBot }),
  'DELETE /v1/bots/:bot/commands/*name (of another\'s)': own('DELETE', '/v1/bots/{target}/commands/tea', undefined, { make: (c) => withTea(c, otherBot), ...undoBot }),
  'GET /v1/reminders': own('GET', '/v1/reminders'),
  'DELETE /v1/reminders/:reminder (of another)': own('DELETE', '/v1/reminders/{target}', undefined, { make: reminderOfPal }),
  'POST /v1/hooks/*token (one that is none)': own('POST', `/v1/hooks/${'A'.repeat(32)}`, { text: 'x' }),
  'GET /v1/presence?users= (oneself)': own('GET', '/v1/presence?users={me}'),
  'GET /v1/admin/users': own('GET', '/v1/admin/users'),
  'PATCH /v1/admin/users/:user': own('PATCH', '/v1/admin/users/{pal}', { role: 'user' }),
  'PATCH /v1/admin/users/:user (oneself)': own('PATCH', '/v1/admin/users/{me}', (c) => ({ role: c.role === 'admin' ? 'user' : 'admin' })),
  'GET /v1/admin/stats': own('GET', '/v1/admin/stats'),
  'GET /v1/blocks': own('GET', '/v1/blocks'),
  'PUT /v1/blocks/:user (the host)': own('PUT', '/v1/blocks/{host}', undefined, { undo: (c) => c.role !== 'blocker' && c.at.del(`/v1/blocks/${c.host.id}`) }),
  'DELETE /v1/blocks/:user (the host)': own('DELETE', '/v1/blocks/{host}', undefined, { undo: (c) => c.role === 'blocker' && c.at.put(`/v1/blocks/${c.host.id}`) }),
  'GET /v1/ice-servers': own('GET', '/v1/ice-servers'),
  'POST /v1/realtime/user-auth': own('POST', '/v1/realtime/user-auth', { socket_id: '1.1' }),
  'POST /v1/realtime/auth (the own channel)': own('POST', '/v1/realtime/auth', (c) => ({ socket_id: '1.1', channel_name: `private-user-${c.me.id}` })),
  'POST /v1/realtime/auth (the host\'s channel)': own('POST', '/v1/realtime/auth', (c) => ({ socket_id: '1.1', channel_name: `private-user-${c.host.id}` })),
  'POST /v1/realtime/auth (presence-lobby)': own('POST', '/v1/realtime/auth', { socket_id: '1.1', channel_name: 'presence-lobby' }),
  'GET /v1/realtime/sse?channels=lobby': { call: (c) => stream(c, 'lobby') },
  'GET /v1/realtime/sse?channels= (the host\'s channel)': { call: (c) => stream(c, `private-user-${c.host.id}`) },
};

// ---- websockets, and what is like them

// The beginning of a stream of Server-Sent Events: its status and headers, or the whole refusal.
function stream(c, channel) {
  const url = `${c.stack.url}/v1/realtime/sse?channels=${channel}`;
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: c.me.token ? { Authorization: `Bearer ${c.me.token}` } : {} }, (answer) => {
      const headers = new Headers(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
      if (answer.statusCode === 200) {
        resolve({ status: 200, headers, body: '' });
        sent.destroy();
        return;
      }
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => { text += part; });
      answer.on('end', () => resolve({ status: answer.statusCode, headers, body: JSON.parse(text) }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

const ANSWERS = ['pusher_internal:subscription_succeeded', 'pusher:subscription_error'];

// Asks for the channel with what `grantee` gets for this socket, or another one.
async function subscribe(c, socket, channel, { grantee = c.at, socketId = socket.id } = {}) {
  const { status, body } = await grantee.post('/v1/realtime/auth', { socket_id: socketId, channel_name: channel });
  socket.send('pusher:subscribe', { channel, ...(status === 200 ? body : {}) });
  const { event } = await socket.next((one) => one.channel === channel && ANSWERS.includes(one.event));
  return event === ANSWERS[0];
}

// What use() says of a new connection, on which nobody has done anything yet.
const onSocket = (use, more) => ({
  call: async (c) => {
    const socket = await rawSocket(c.stack);
    try {
      return await use(c, socket);
    } finally {
      socket.ws.terminate();
    }
  },
  ...more,
});

// All that was sent to this connection so far has arrived.
async function settled(socket) {
  const isPong = ({ event }) => event === 'pusher:pong';
  const before = socket.events.filter(isPong).length;
  let pongs = 0;
  socket.send('pusher:ping', {});
  await socket.next((one) => isPong(one) && ++pongs > before);
}

// Whether a client event was taken, and heard by whoever listens. Frames of one connection are taken in order.
async function relayed(c, socket, channel, listener) {
  const name = fresh('client-matrix');
  socket.ws.send(JSON.stringify({ event: name, channel, data: {} }));
  await settled(socket);
  const refused = socket.events.some(({ event }) => event === 'pusher:error');
  if (!listener) return !refused;
  await settled(listener);
  return listener.events.some(({ event }) => event === name);
}

async function signIn(c, socket, { socketId = socket.id, at = c.at, change = (text) => text } = {}) {
  const { status, body } = await at.post('/v1/realtime/user-auth', { socket_id: socketId });
  if (status !== 200) socket.send('pusher:signin', { auth: 'maru:00', user_data: JSON.stringify({ id: String(c.host.id) }) });
  else socket.send('pusher:signin', { auth: body.auth, user_data: change(body.user_data) });
  const done = socket.next('pusher:signin_success').then(() => true, () => false);
  return Promise.race([done, socket.closed.then(() => false)]);
}

const roomChannel = (c) => `presence-room-${c.room}`;

const sockets = {
  'WS pusher:subscribe presence-room-:room': onSocket((c, s) => subscribe(c, s, roomChannel(c))),
  'WS pusher:subscribe presence-room-:room (with a grant of another\'s socket)':
    onSocket((c, s) => subscribe(c, s, roomChannel(c), { grantee: c.insider.at, socketId: '1.1' })),
  'WS pusher:subscribe presence-call-:call (in it)': onSocket((c, s) => subscribe(c, s, `presence-call-${c.target}`), { make: ownCall, undo: noCalls }),
  'WS pusher:subscribe presence-call-:call (of others)': onSocket((c, s) => subscribe(c, s, `presence-call-${c.target}`), { make: callOfPartner, undo: noCalls }),
  'WS client-event presence-room-:room': onSocket(async (c, s) => {
    await subscribe(c, s, roomChannel(c));
    return relayed(c, s, roomChannel(c), c.listener);
  }, { live: true }),
  'WS client-event presence-room-:room (not subscribed)': onSocket((c, s) => relayed(c, s, roomChannel(c), c.listener), { live: true }),
  'WS pusher:subscribe private-user-:user (of the host)': onSocket((c, s) => subscribe(c, s, `private-user-${c.host.id}`)),
  'WS client-event private-user-:user (of the host)': onSocket((c, s) => relayed(c, s, `private-user-${c.host.id}`)),
  'WS pusher:subscribe #server-to-user-:user (of the host)': onSocket((c, s) => {
    s.send('pusher:subscribe', { channel: `#server-to-user-${c.host.id}` });
    return s.next(({ event }) => [...ANSWERS, 'pusher:error'].includes(event)).then(({ event }) => event === ANSWERS[0]);
  }),
  'WS pusher:subscribe lobby': onSocket((c, s) => subscribe(c, s, 'lobby')),
  'WS client-event lobby': onSocket(async (c, s) => {
    await subscribe(c, s, 'lobby');
    return relayed(c, s, 'lobby');
  }),
  'WS pusher:subscribe presence-lobby': onSocket((c, s) => subscribe(c, s, 'presence-lobby')),
  'WS pusher:signin': onSocket((c, s) => signIn(c, s)),
  'WS pusher:signin (with the host\'s data for another socket)': onSocket((c, s) => signIn(c, s, { at: c.host.at, socketId: '1.1' })),
  'WS pusher:signin (with the host\'s id in the own data)': onSocket((c, s) => signIn(c, s, {
    change: (text) => JSON.stringify({ ...JSON.parse(text), id: String(c.host.id) }) })),
};

export const calls = { ...rooms, ...others, ...sockets };
