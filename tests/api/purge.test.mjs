// DELETE /v1/rooms/:room: what a deleted room leaves behind, and how it goes.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup } from './check.mjs';

const stack = await startStack();
after(() => stack.stop());

const [host, ann, admin] = await people(stack, 3);
const [hosts, anns, admins] = [host, ann, admin].map((user) => api(stack, user));
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${admin.id}`);

const atOnce = ['room', 'member', 'room_tag', 'direct', 'gram', 'gram_text'];
const bitByBit = ['message', 'stroke', 'reaction', 'ban', 'room_like', 'invite', 'notice', 'notice_confirmation', 'pin', 'word', 'hidden'];
const columns = { room: 'id', gram: 'kind = 1 AND id', gram_text: 'kind = 1 AND id' };

const rowsOf = async (room, tables) => Object.fromEntries(await Promise.all(tables.map(async (table) => [table,
  Number((await stack.sql(`SELECT COUNT(*) FROM \`${table}\` WHERE ${columns[table] ?? 'room'} = ${room.id}`))[0][0])])));

// Rows of every table that names a room; more than one step takes of some.
const fill = (room, n) => stack.sql(`
  INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
    SELECT ${room.id}, 1000 + seq, seq, ${ann.id}, UUID(), 'x', UTC_TIMESTAMP(3) FROM seq_1_to_${n};
  INSERT INTO stroke SELECT ${room.id}, 1000 + seq, 1000 + seq, ${ann.id}, seq, 'red', 5, '[[1,2]]', UTC_TIMESTAMP(3) FROM seq_1_to_${n};
  INSERT INTO reaction (room, message, emoji, user) SELECT ${room.id}, 1000 + seq, 'x', ${ann.id} FROM seq_1_to_${n};
  INSERT INTO ban (room, user, by_user, reason, created_at, known) VALUES (${room.id}, ${admin.id}, ${host.id}, '', UTC_TIMESTAMP(3), 0);
  INSERT INTO room_like (room, user, created_at) VALUES (${room.id}, ${ann.id}, UTC_TIMESTAMP(3));
  INSERT INTO invite (code, room, by_user, created_at) SELECT CONCAT(${room.id}, '-', seq), ${room.id}, ${host.id}, UTC_TIMESTAMP(3) FROM seq_1_to_3;
  INSERT INTO notice (room, id, body, by_user, created_at) SELECT ${room.id}, seq, 'x', ${host.id}, UTC_TIMESTAMP(3) FROM seq_1_to_3;
  INSERT INTO notice_confirmation (room, notice, user, created_at) SELECT ${room.id}, 1, seq, UTC_TIMESTAMP(3) FROM seq_1_to_${n};
  INSERT INTO pin (room, message, by_user, created_at) SELECT ${room.id}, 1000 + seq, ${host.id}, UTC_TIMESTAMP(3) FROM seq_1_to_3;
  INSERT INTO word (room, word, action, created_at) VALUES (${room.id}, 'x', 'mask', UTC_TIMESTAMP(3));
  INSERT IGNORE INTO gram (kind, gram, id) VALUES (1, 'zx', ${room.id}), (2, 'zx', ${room.id});
  INSERT INTO hidden (user, room, message) SELECT ${ann.id}, ${room.id}, 1000 + seq FROM seq_1_to_${n};
  INSERT INTO direct (low, high, room) VALUES (${room.id}, ${room.id} + 1, ${room.id})`);

test('nothing of a deleted room stays, and nothing of another one goes', async () => {
  const [room, other] = [await createRoom(stack, host, { tags: ['a', 'b'] }), await createRoom(stack, host, { tags: ['a'] })];
  await fill(room, 1100);
  await fill(other, 2);
  const kept = await rowsOf(other, [...atOnce, ...bitByBit]);
  assert.ok(Object.values(kept).every((n) => n > 0), JSON.stringify(kept));
  assertOk(await hosts.del(`/v1/rooms/${room.id}`), 204);
  assert.deepEqual(Object.values(await rowsOf(room, atOnce)), atOnce.map(() => 0));
  await until(async () => (await stack.sql('SELECT COUNT(*) FROM purge_room')).join() === '0', 20000, 'the feeder to have erased all');
  assert.deepEqual(Object.values(await rowsOf(room, bitByBit)), bitByBit.map(() => 0));
  assert.deepEqual(await rowsOf(other, [...atOnce, ...bitByBit]), kept);
  assert.deepEqual(await stack.sql(`SELECT type FROM event WHERE kind = 1 AND stream = ${room.id}`), [['room.deleted']], 'by which those who were away hear of it');
  assert.deepEqual(await stack.sql(`SELECT kind FROM gram WHERE gram = 'zx' AND id = ${room.id}`), [['2']]);
});

test('admins delete any room but direct ones, and its members are told', async () => {
  for (const kind of ['public', 'secret', 'group']) {
    const room = await createRoom(stack, host, { kind, hidden: kind === 'secret' });
    await putIntoGroup(stack, ann, room);
    assertProblem(await anns.del(`/v1/rooms/${room.id}`), 'forbidden');
    assertOk(await admins.del(`/v1/rooms/${room.id}`), 204);
    for (const who of [hosts, anns]) {
      const { events } = assertOk(await who.get('/v1/users/me/events?limit=1000'), 200);
      assert.deepEqual([events.at(-1).type, events.at(-1).data.id], ['room.removed', room.id]);
    }
    assertProblem(await admins.del(`/v1/rooms/${room.id}`), 'not-found');
  }
  const direct = await createRoom(stack, host);
  await joinRoom(stack, ann, direct);
  await stack.sql(`UPDATE room SET kind = 'direct', host = 0 WHERE id = ${direct.id}`);
  assertProblem(await admins.del(`/v1/rooms/${direct.id}`), 'not-found');
});
