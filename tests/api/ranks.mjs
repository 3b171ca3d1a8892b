// Who is what in a room, set in the database: these tests are about what follows from it.
import { createRoom, joinRoom, people, putIntoGroup } from './check.mjs';
import { api } from '../harness.mjs';

export const setModerator = (stack, room, user, role = 'moderator') =>
  stack.sql(`UPDATE member SET role = '${role}' WHERE room = ${room.id} AND user = ${user.id}`);

export const setAdmin = (stack, user, role = 'admin') => stack.sql(`UPDATE user SET role = '${role}' WHERE id = ${user.id}`);

export const mute = (stack, room, user, seconds = 600) =>
  stack.sql(`UPDATE member SET muted_until = UTC_TIMESTAMP(3) + INTERVAL ${seconds} SECOND WHERE room = ${room.id} AND user = ${user.id}`);

// A direct room of two, whose last event is 0.
export async function directRoom(stack, one, other) {
  const room = await createRoom(stack, one, { kind: 'group' });
  await putIntoGroup(stack, other, room);
  await stack.sql(`UPDATE room SET kind = 'direct', host = 0, max_members = 2, title = '' WHERE id = ${room.id};
    REPLACE INTO direct VALUES (LEAST(${one.id}, ${other.id}), GREATEST(${one.id}, ${other.id}), ${room.id});
    UPDATE stream SET guard = 2 WHERE kind = 1 AND id = ${room.id}`);
  return room;
}

// { host, moderator, ann, bob, stranger, admin, nobody }, each { id, name, token, at: ways to call the API }.
export async function cast(stack) {
  const names = ['host', 'moderator', 'ann', 'bob', 'stranger', 'admin'];
  const all = (await people(stack, names.length)).map((user) => ({ ...user, at: api(stack, user) }));
  const actors = Object.fromEntries(names.map((name, i) => [name, all[i]]));
  await setAdmin(stack, actors.admin);
  return { ...actors, nobody: { id: 0, at: api(stack) } };
}

// A room of the host, the moderator, Ann and Bob.
export async function roomOfFour(stack, { host, moderator, ann, bob }, options = {}) {
  const room = await createRoom(stack, host, options);
  for (const user of [moderator, ann, bob]) {
    if (options.kind === 'group') await putIntoGroup(stack, user, room);
    else await joinRoom(stack, user, room);
  }
  await setModerator(stack, room, moderator);
  return room;
}

export const headOf = async (stack, room) => Number((await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`))[0][0]);
