// Who meets whom in the authorisation matrix (matrix.mjs): the people, and the rooms that they are in.
import { spawn } from 'node:child_process';
import { api } from '../harness.mjs';
import { assertOk, createRoom, people, rawSocket, say, subscribeRaw } from './check.mjs';
import { setAdmin } from './ranks.mjs';

export const ROLES = ['anonymous', 'stranger', 'ex-member', 'banned', 'blocked', 'blocker', 'muted', 'member', 'moderator', 'host', 'admin'];

const INSIDE = ['moderator', 'muted', 'blocked', 'blocker', 'member', 'other'];
const ROOM_TABLES = ['member', 'ban', 'invite', 'notice', 'notice_confirmation', 'pin', 'room_like', 'room_tag', 'word', 'message', 'hidden', 'poll_vote', 'scheduled', 'draft', 'room_hook'];
const OTHER_TABLES = ['report', 'friend', 'block', 'direct', 'category', 'sticker_pack'];
// Ids that are as long as those of rooms, which begin at FIRST_ROOM.
const FIRST_ROOM = 1000001;
const NO_ROOM = 5000000;

// One connection to the database as its root: a client for each question would take longer than all requests.
class Database {
  constructor(stack) {
    this.out = '';
    this.said = '';
    this.client = spawn('mariadb', ['--no-defaults', '-uroot', '-S', stack.conf.db_socket, '--batch', '--skip-column-names', '--unbuffered', 'maru']);
    this.client.stdout.setEncoding('utf8').on('data', (text) => { this.out += text; this.wake?.(); });
    this.client.stderr.setEncoding('utf8').on('data', (text) => { this.said += text; });
    this.client.on('close', () => { this.closed = true; this.wake?.(); });
    this.client.stdin.on('error', () => {});
  }

  // One at a time; rows as lines.
  async ask(text) {
    this.client.stdin.write(`${text};\nSELECT '@end';\n`);
    while (!this.out.endsWith('@end\n')) {
      if (this.closed) throw new Error(`the database's client ended: ${this.said}`);
      await new Promise((resolve) => { this.wake = resolve; });
    }
    const lines = this.out.split('\n').slice(0, -2);
    this.out = '';
    return lines;
  }

  close() {
    this.client.stdin.end();
  }
}

// The id of a room that never was, as long as that of a room that is.
export const missing = (room) => room + NO_ROOM;

async function cast(stack, names) {
  const all = await people(stack, names.length);
  const actors = Object.fromEntries(names.map((name, i) => [name, { ...all[i], at: api(stack, all[i]) }]));
  await setAdmin(stack, actors.admin);
  await Promise.all([actors.host.at.put(`/v1/blocks/${actors.blocked.id}`), actors.blocker.at.put(`/v1/blocks/${actors.host.id}`)]);
  return { ...actors, anonymous: { id: 0, at: api(stack) } };
}

async function befriend(actors, pal) {
  for (const one of Object.values(actors)) {
    if (one.id === 0 || one === pal) continue;
    assertOk(await one.at.put(`/v1/friends/${pal.id}`, {}), 201);
    assertOk(await pal.at.put(`/v1/friends/${one.id}`, {}), 200);
  }
}

// { stack, db, rooms, pair }: those who meet in rooms, and those who meet in direct rooms. `other` is a member of whom
// nothing is known, `pal` a friend of everybody who is in no room.
export async function populate(stack) {
  const db = new Database(stack);
  await db.ask(`ALTER TABLE room AUTO_INCREMENT = ${FIRST_ROOM}`);
  const rooms = await cast(stack, ['stranger', 'ex-member', 'banned', ...INSIDE, 'host', 'admin', 'pal']);
  const pair = await cast(stack, ['stranger', 'ex-member', 'blocked', 'blocker', 'member', 'host', 'admin', 'pal']);
  await Promise.all([befriend(rooms, rooms.pal), befriend(pair, pair.pal)]);
  return { stack, db, rooms, pair, number: 0 };
}

const seqOf = async (stack, user, room) => assertOk(await say(stack, user, room), 201).seq;

// A room with everybody in it, or out of it, as their roles have it.
async function buildRoom(world, kind) {
  const { stack, rooms: who } = world;
  const title = `matrix ${++world.number} ${kind} hall`;
  const hidden = kind === 'hidden';
  const room = await createRoom(stack, who.host, { kind: hidden ? 'secret' : kind, title, ...(hidden ? { hidden } : {}) });
  const path = `/v1/rooms/${room.id}`;
  const { code } = assertOk(await who.host.at.post(`${path}/invites`, {}), 201);
  const said = {};
  for (const name of ['ex-member', 'banned', ...INSIDE]) {
    assertOk(await who[name].at.post(`/v1/invites/${code}/uses`), 201);
    said[name] = await seqOf(stack, who[name], room);
  }
  said.host = await seqOf(stack, who.host, room);
  assertOk(await who['ex-member'].at.del(`${path}/members/me`), 204);
  assertOk(await who.host.at.put(`${path}/bans/${who.banned.id}`, {}), 201);
  assertOk(await who.host.at.patch(`${path}/members/${who.moderator.id}`, { role: 'moderator' }), 200);
  assertOk(await who.host.at.patch(`${path}/members/${who.muted.id}`, { muted_seconds: 3600 }), 200);
  return { kind, who, ids: [room.id], code, title, said,
    of: (role) => ({ room: room.id, own: said[role] ?? said.host, others: said.other, partner: who.other }) };
}

// Direct rooms of the host with each who may be in one. Whoever blocks the other leaves the room by that.
async function buildPair(world) {
  const { stack, pair: who } = world;
  const places = {};
  const enter = async (name) => {
    const opened = await who[name].at.put(`/v1/direct-rooms/${who.host.id}`, {});
    places[name] = { room: opened.body.id, own: await seqOf(stack, who[name], opened.body), others: await seqOf(stack, who.host, opened.body), partner: who.host };
  };
  for (const [blocking, other] of [['host', 'blocked'], ['blocker', 'host']]) {
    await who[blocking].at.del(`/v1/blocks/${who[other].id}`);
    const name = blocking === 'host' ? other : blocking;
    const room = places[name]?.room ?? world.left?.[name];
    if (room) await who[name].at.del(`/v1/rooms/${room}/members/me`);
    await enter(name);
    assertOk(await who[blocking].at.put(`/v1/blocks/${who[other].id}`), 201);
  }
  await enter('member');
  await enter('ex-member');
  assertOk(await who['ex-member'].at.del(`/v1/rooms/${places['ex-member'].room}/members/me`), 204);
  world.left = Object.fromEntries(Object.entries(places).map(([name, { room }]) => [name, room]));
  return { kind: 'direct', who, ids: Object.values(places).map(({ room }) => room), title: who.host.name, code: 'A'.repeat(22),
    of: (role) => places[role] ?? places.member };
}

// What decides over everybody's rights in the situation; another one has to be built when it has changed.
const rights = ({ ids }) => `SELECT room, user, role, muted_until IS NULL FROM member WHERE room IN (${ids}) ORDER BY room, user;
  SELECT room, user FROM ban WHERE room IN (${ids}) ORDER BY room, user;
  SELECT id, host, title, password, hidden, slow_seconds FROM room WHERE id IN (${ids}) ORDER BY id;
  SELECT room, seq FROM message WHERE room IN (${ids}) AND seq <= 17 AND deleted_at IS NULL ORDER BY room, seq;
  SELECT user, other FROM block ORDER BY user, other`;

// old: the situation that was before, whose room shall not make acquaintances.
export async function build(world, kind, old) {
  if (old && kind !== 'direct') await old.who.admin.at.del(`/v1/rooms/${old.ids[0]}`);
  const s = await (kind === 'direct' ? buildPair(world) : buildRoom(world, kind === '-' ? 'public' : kind));
  s.rights = (await world.db.ask(rights(s))).join('\n');
  return s;
}

export async function isIntact(world, s) {
  return (await world.db.ask(rights(s))).join('\n') === s.rights;
}

// Everything that a refused request must leave alone: where the streams stand, and how much there is. The feeder may still
// be busy with the streams of bots that were removed, and tells votes of earlier lines in its own time.
export async function snapshot(world, { ids }) {
  const counts = [...ROOM_TABLES.map((name) => `(SELECT COUNT(*) FROM ${name} WHERE room IN (${ids}))`),
    ...OTHER_TABLES.map((name) => `(SELECT COUNT(*) FROM ${name})`)];
  const people = [world.rooms, world.pair].flatMap((cast) => Object.values(cast)).map(({ id }) => id);
  return (await world.db.ask(`SELECT kind, id, head - (SELECT COUNT(*) FROM event e WHERE e.kind = 1 AND stream.kind = 1 AND e.stream = id AND e.type = 'poll.voted')
    FROM stream
    WHERE kind > 2 OR kind = 1 AND id IN (${ids}) OR kind = 2 AND id IN (${people}) ORDER BY kind, id; SELECT ${counts.join()}`)).join('\n');
}

// Somebody listens in the room, so that it is not empty: the host, but where that one has left.
export async function listener(world, s, role) {
  const { room } = s.of(role);
  s.sockets ??= {};
  if (s.sockets[room]) return s.sockets[room];
  const socket = await rawSocket(world.stack);
  const answer = await subscribeRaw(world.stack, socket, s.kind === 'direct' && role === 'blocked' ? s.who.blocked : s.who.host, `presence-room-${room}`);
  if (!/succeeded/.test(answer.event)) throw new Error(`nobody listens in ${room}: ${JSON.stringify(answer)}`);
  return (s.sockets[room] = socket);
}

export function silence(s) {
  for (const socket of Object.values(s?.sockets ?? {})) socket.ws.terminate();
}
