// A snapshot and the events since are the present, over random histories and every durable event of
// shared/event.def: of a room, of a person's own stream, and of the lobby. The events are taken
// from REST and, as they were pushed, from a websocket; and the snapshots are read while all this
// goes on, as clients do, so that they hold some of what the events tell again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRooms, people, root, startChaos } from './kit.mjs';
import { listHistory, ofLobby, ofUser } from './snapshot-lists.mjs';
import { ofRoom, roomHistory } from './snapshot-room.mjs';

const AT_ONCE = 6;
const EACH = 4; // people
const PUSH_ONLY = ['session.ended', 'block.changed'];
// These take a mail server, a bot, and a large room: verifications, commands and changes.test.mjs in tests/api/.
const ELSEWHERE = ['email.updated', 'command.invoked', 'reactions.counted', 'reaction.chosen'];

// What there is, as "stream type"; an event that no state takes is a mistake of ours.
function eventTypes() {
  const tables = { room: ofRoom, user: ofUser, lobby: ofLobby };
  const taken = Object.values(tables).flatMap(Object.keys);
  const defined = [...readFileSync(join(root, 'shared/event.def'), 'utf8').matchAll(/^EVENT\(\w+, "([^"]+)"/gm)].map(([, type]) => type);
  const strange = defined.filter((type) => !taken.includes(type) && ![...PUSH_ONLY, ...ELSEWHERE].includes(type));
  if (strange.length > 0) throw new Error(`no state takes ${strange.join(', ')}`);
  return Object.entries(tables).flatMap(([stream, table]) => Object.keys(table).map((type) => `${stream} ${type}`));
}

// At least n histories, several at once, each with people of its own; adds up what they find. What is rare may not have
// happened by then: as long as one of the `wanted` types is missing there are more of them, up to twice as many.
async function runAll(n, stack, wanted, one) {
  const sum = { histories: 0, snapshots: 0, events: 0, wrong: new Map(), types: new Set() };
  const more = () => sum.histories < n || (sum.histories < 2 * n && wanted.some((type) => !sum.types.has(type)));
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    const users = await people(stack, EACH);
    while (more()) {
      sum.histories++;
      const { snapshots, events, wrong, types } = await one(users);
      sum.snapshots += snapshots;
      sum.events += events;
      for (const part of wrong) sum.wrong.set(part, (sum.wrong.get(part) ?? 0) + 1);
      for (const type of types) sum.types.add(type);
    }
  }));
  return sum;
}

const bars = {
  snapshot_rooms_wrong: ['room', 'members', 'messages', 'banned', 'notices', 'pins', 'todos', 'desks', 'calls', 'tracks', 'music', 'strokes', 'gone'],
  snapshot_nicknames_wrong: ['nicknames'], // of members
  snapshot_users_wrong: ['profile', 'settings', 'mine', 'hidden', 'friends', 'reports', 'answers', 'scheduled', 'liked', 'blocked', 'reminders', 'told', 'rules', 'todos', 'desks', 'rung'],
  snapshot_lobbies_wrong: ['listed', 'categories'],
  snapshot_lobby_hosts_wrong: ['hosts'],
};

export async function run(t) {
  const n = t.long ? { rooms: 10000, lists: 2000 } : { rooms: 150, lists: 60 };
  const expected = eventTypes();
  const stack = await startChaos({ conf: { workers: 8, call_ring: 600, call_lost: 250 } });
  const of = (...streams) => expected.filter((type) => streams.includes(type.split(' ')[0]));
  const rooms = await runAll(n.rooms, stack, of('room'), async ([me, ...others]) => {
    const [room] = await makeRooms(stack, 1, [...others, me]); // the host is another one, and may leave
    return roomHistory(t, stack, [me, ...others], room);
  });
  const lists = await runAll(n.lists, stack, of('user', 'lobby').filter((type) => !rooms.types.has(type)), (users) => listHistory(t, stack, users));
  const missing = expected.filter((type) => !rooms.types.has(type) && !lists.types.has(type));
  for (const [what, { histories, snapshots, events }] of Object.entries({ rooms, lists }))
    t.say(`${histories} histories of ${what}, ${events} events, ${snapshots} snapshots taken in the middle, each replayed twice`);
  if (missing.length > 0) t.say(`never happened, or nothing came of it: ${missing.join(', ')}`);
  for (const [name, parts] of Object.entries(bars)) {
    const found = parts.map((part) => (rooms.wrong.get(part) ?? 0) + (lists.wrong.get(part) ?? 0));
    t.bar(name, Math.max(...found), `of_${(/rooms|nick/.test(name) ? rooms : lists).histories}`, '<=0');
  }
  t.bar('snapshot_event_types', expected.length - missing.length, `of_${expected.length}`, `>=${expected.length}`);
  await stack.stop();
}
