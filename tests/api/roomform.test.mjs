// What a host says about a room besides its name: category, tags, cover, hiding, history, slow mode, retention, end.
// POST /v1/rooms, PATCH /v1/rooms/:room
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import {
  MID, ROOM_PASSWORD, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say, shared,
} from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const [host, member, moderator, stranger, admin] = await people(stack, 5);
const [hosts, members, moderators, strangers, admins] = [host, member, moderator, stranger, admin].map((user) => api(stack, user));
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${admin.id};
  INSERT INTO category (id, name, created_at) VALUES (7, 'reading', UTC_TIMESTAMP(3)), (8, 'coding', UTC_TIMESTAMP(3))`);

const place = ({ seq, mid, ...rest }) => {
  assert.match(mid, MID);
  return rest;
};
const tagsOf = async (room) => (await stack.sql(`SELECT tag FROM room_tag WHERE room = ${room.id} ORDER BY tag`)).flat();
const guardOf = async (room) => Number((await stack.sql(`SELECT guard FROM stream WHERE kind = 1 AND id = ${room.id}`))[0][0]);
const setRank = (room, user) => stack.sql(`UPDATE member SET role = 'moderator' WHERE room = ${room.id} AND user = ${user.id}`);
const lobbyLog = async (room) => (await stack.sql(`SELECT type FROM event WHERE kind = 3 AND JSON_VALUE(data, '$.id') = ${room.id} ORDER BY seq`)).flat();

// A room of the host, a member and a moderator.
async function staffed(room) {
  const made = await createRoom(stack, host, room);
  for (const user of [member, moderator]) await joinRoom(stack, user, made, made.locked ? ROOM_PASSWORD : undefined);
  await setRank(made, moderator);
  return { ...made, member_count: 3 };
}

const wanted = {
  category: 7, tags: ['차', 'Tea', 'a"b\\'], cover: 'preset-20', hidden: true, history: 'joined', slow_seconds: 3600, retention: 3650,
  ends_on: '2028-02-29',
};

test('a new room is made with all of it', async () => {
  const room = await createRoom(stack, host, { kind: 'secret', ...wanted });
  assert.deepEqual({ ...room, ...wanted }, room);
  assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200, room);
  assert.deepEqual((await tagsOf(room)).sort(), [...wanted.tags].sort());
  assert.equal(await guardOf(room), 1);
  assertProblem(await strangers.get(`/v1/rooms/${room.id}`), 'not-found');
  assert.deepEqual(await lobbyLog(room), []);
});

test('each of it is changed by the host, alone or together, and room and lobby are told', async () => {
  const room = await staffed({ kind: 'secret' });
  const pusher = await client(stack, member);
  const [inside, lobby] = await Promise.all([subscribed(pusher, `presence-room-${room.id}`), subscribed(pusher, 'lobby')]);
  let expected = room;
  const { hidden, ...visible } = wanted;
  for (const change of [...Object.entries(visible).map(([key, value]) => ({ [key]: value })), {
    category: 0, tags: [], cover: '', history: 'all', slow_seconds: 0, retention: 0, title: 'all of it', hidden: false }]) {
    const told = [eventOn(inside, 'room.updated'), eventOn(lobby, 'room.updated')];
    expected = { ...expected, ...change };
    assertOk(await hosts.patch(`/v1/rooms/${room.id}`, change), 200, expected);
    for (const event of await Promise.all(told)) assert.deepEqual(place(event), { ...shared(expected) });
  }
  const { ends_on: endsOn, ...endless } = expected;
  assert.equal(endsOn, wanted.ends_on);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { ends_on: '' }), 200, endless);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'still endless' }), 200, { ...endless, title: 'still endless' });
  assert.deepEqual(await tagsOf(room), []);
});

test('each of it has its limits', async () => {
  const room = await createRoom(stack, host);
  const create = (change) => hosts.post('/v1/rooms', { title: 'tea', kind: 'public', ...change });
  const change = (body) => hosts.patch(`/v1/rooms/${room.id}`, body);
  for (const good of [{ category: 8 }, { tags: ['1', '2', '3', '4', '가'.repeat(20)] }, { tags: ['🍵'.repeat(20)] }, { cover: 'preset-1' },
    { cover: 'preset-10' }, { cover: '' }, { hidden: false }, { slow_seconds: 1 }, { retention: 1 }, { ends_on: '1999-12-31' }, { ends_on: '' }]) {
    assertOk(await create(good), 201);
    assertOk(await change(good), 200);
  }
  const before = assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200);
  const [[rooms]] = await stack.sql('SELECT COUNT(*) FROM room');
  for (const [field, ...values] of [
    ['category', 9, -1, '7', 1.5, null, 2 ** 53],
    ['tags', ['1', '2', '3', '4', '5', '6'], ['x'.repeat(21)], [''], [' '], ['a\nb'], ['a', 'a'], ['tea', 'TEA'], ['é', 'e'], [7], 'tea', null, [['a']]],
    ['cover', 'preset-0', 'preset-21', 'preset-01', 'preset-1x', 'preset-', 'preset-1 ', 'Preset-1', 'http://x/', 5, 'x'.repeat(41)],
    ['hidden', true, 1, 'true', null],
    ['history', 'none', '', 'All', 1],
    ['slow_seconds', -1, 3601, '5', 0.5], ['retention', -1, 3651, true],
    ['ends_on', '2026-02-29', '2026-13-01', '20261231', 'soon', '0000-00-00', 5, null]]) {
    for (const value of values) {
      assertInvalid(await create({ [field]: value }), field);
      assertInvalid(await change({ [field]: value }), field);
    }
  }
  assertInvalid(await create({ kind: 'group', hidden: true }), 'hidden');
  assertInvalid(await create({ likes: 5, listed: 1, guard: 2, floor: 1 }), 'likes', 'listed', 'guard', 'floor');
  assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200, before);
  assert.deepEqual(await stack.sql('SELECT COUNT(*) FROM room'), [[rooms]]);
  const [[head]] = await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`);
  assert.equal(Number(head), 11, 'what was refused took no seq');
});

test('the host changes all of it, moderators slow mode and nothing else, members and strangers nothing', async () => {
  const room = await staffed({ kind: 'secret' });
  for (const [key, value] of Object.entries(wanted)) {
    const body = { [key]: value };
    for (const who of [members, strangers]) assertProblem(await who.patch(`/v1/rooms/${room.id}`, body), 'forbidden');
    if (key !== 'slow_seconds') assertProblem(await moderators.patch(`/v1/rooms/${room.id}`, body), 'forbidden');
    assertProblem(await api(stack).patch(`/v1/rooms/${room.id}`, body), 'unauthenticated');
  }
  assertProblem(await moderators.patch(`/v1/rooms/${room.id}`, { slow_seconds: 5, title: 'mine' }), 'forbidden');
  assertProblem(await moderators.patch(`/v1/rooms/${room.id}`, { slow_seconds: 5, password: 'mine' }), 'forbidden');
  assertProblem(await moderators.patch(`/v1/rooms/${room.id}`, {}), 'forbidden');
  assertOk(await moderators.patch(`/v1/rooms/${room.id}`, { slow_seconds: 5 }), 200, { ...room, slow_seconds: 5 });
  assertOk(await admins.patch(`/v1/rooms/${room.id}`, { cover: 'preset-2' }), 200, { ...room, slow_seconds: 5, cover: 'preset-2', joined: false });
});

test('slow mode holds members up, and no longer when it is off', async () => {
  const room = await staffed();
  assertOk(await say(stack, member, room), 201);
  assertOk(await moderators.patch(`/v1/rooms/${room.id}`, { slow_seconds: 600 }), 200);
  assertOk(await say(stack, member, room), 201);
  assertProblem(await say(stack, member, room), 'slow-mode');
  for (let i = 0; i < 2; i++) assertOk(await say(stack, host, room), 201);
  // A direct room's bit is nobody's business here.
  await stack.sql(`UPDATE stream SET guard = guard | 4 WHERE kind = 1 AND id = ${room.id}`);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { slow_seconds: 0 }), 200);
  assert.equal(await guardOf(room), 4);
  assertOk(await say(stack, member, room), 201);
});

test('a room that is hidden is gone for strangers and the lobby, and comes back', async () => {
  const room = await staffed({ kind: 'secret' });
  const pusher = await client(stack, stranger);
  const lobby = await subscribed(pusher, 'lobby');
  const gone = eventOn(lobby, 'room.deleted');
  const hidden = { ...room, hidden: true, title: 'nobody may read this' };
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { hidden: true, title: hidden.title }), 200, hidden);
  assert.deepEqual(place(await gone), shared(room));
  for (const path of ['', '/preview']) assertProblem(await strangers.get(`/v1/rooms/${room.id}${path}`), 'not-found');
  assertProblem(await strangers.put(`/v1/rooms/${room.id}/members/me`, { password: 'not this one' }), 'not-found');
  assertProblem(await strangers.patch(`/v1/rooms/${room.id}`, { title: 'x' }), 'not-found');
  assertOk(await members.get(`/v1/rooms/${room.id}`), 200, hidden);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { description: 'still hidden' }), 200);
  const back = eventOn(lobby, 'room.created');
  const shown = { ...hidden, hidden: false, description: 'still hidden' };
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { hidden: false }), 200, shown);
  assert.deepEqual(place(await back), shared(shown));
  assert.deepEqual(await lobbyLog(room), ['room.created', 'room.deleted', 'room.created']);
  assertOk(await strangers.get(`/v1/rooms/${room.id}`), 200, { ...shown, joined: false });
  assertOk(await hosts.del(`/v1/rooms/${room.id}`), 204);
  assert.equal((await lobbyLog(room)).at(-1), 'room.deleted');
});

test('tags that are changed at the same time end as those of one of the changes', async () => {
  const room = await createRoom(stack, host);
  const changes = Array.from({ length: 10 }, (_, i) => ({ tags: [`a${i}`, `b${i}`, 'both'] }));
  for (const answer of await Promise.all(changes.map((change) => hosts.patch(`/v1/rooms/${room.id}`, change)))) assertOk(answer, 200);
  const { tags } = assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200);
  assert.deepEqual(await tagsOf(room), [...tags].sort());
  assert.equal(tags[0].slice(1), tags[1].slice(1));
});

test('nothing of a direct room can be changed, by nobody', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, admin, room);
  await stack.sql(`UPDATE room SET kind = 'direct', host = 0 WHERE id = ${room.id}`);
  for (const who of [hosts, admins]) {
    for (const body of [{ title: 'x' }, { slow_seconds: 1 }, { history: 'joined' }, { retention: 1 }, {}])
      assertProblem(await who.patch(`/v1/rooms/${room.id}`, body), 'forbidden');
    assertProblem(await who.del(`/v1/rooms/${room.id}`), 'forbidden');
  }
  assertProblem(await strangers.patch(`/v1/rooms/${room.id}`, { title: 'x' }), 'not-found');
});
