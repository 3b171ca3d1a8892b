// PUT /v1/rooms/:room/host: handing a room over.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { MID, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, say, shared } from './check.mjs';

const stack = await startStack({ conf: { workers: 4 } });
after(() => stack.stop());

const [host, ann, bob, stranger, admin] = await people(stack, 5);
const [hosts, anns, bobs, strangers, admins] = [host, ann, bob, stranger, admin].map((user) => api(stack, user));
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${admin.id}`);
const give = (who, room, user) => who.put(`/v1/rooms/${room.id}/host`, { user: user.id ?? user });
const events = async (who, room) => assertOk(await who.get(`/v1/rooms/${room.id}/events?limit=1000`), 200).events;
const head = async (room) => Number((await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`))[0][0]);
const roles = async (room) => Object.fromEntries(assertOk(await anns.get(`/v1/rooms/${room.id}/members`), 200).members.map(({ id, role }) => [id, role]));
const place = ({ seq, mid, ...data }) => {
  assert.match(mid, MID);
  return data;
};

async function roomOfThree(room) {
  const made = await createRoom(stack, host, room);
  for (const user of [ann, bob]) {
    if (made.kind === 'group') await putIntoGroup(stack, user, made);
    else await joinRoom(stack, user, made);
  }
  return { ...made, member_count: 3 };
}

test('the host hands the room to a member, and everybody is told', async () => {
  const room = await roomOfThree();
  const pusher = await client(stack, bob);
  const [inside, lobby] = await Promise.all([subscribed(pusher, `presence-room-${room.id}`), subscribed(pusher, 'lobby')]);
  const told = [eventOn(inside, 'room.updated'), eventOn(lobby, 'room.updated')];
  const [was, is] = [host, ann].map((user) => eventOn(inside, 'member.updated', 5000, ({ id }) => id === user.id));
  const expected = { ...room, host: ann.id };
  assertOk(await give(hosts, room, ann), 200, expected);
  for (const event of await Promise.all(told)) assert.deepEqual(place(event), shared(expected));
  assert.deepEqual([(await was).role, (await is).role], ['member', 'host']);
  assert.deepEqual((await events(bobs, room)).slice(-3).map(({ type, data }) => [type, data.id, data.role]),
    [['room.updated', room.id, undefined], ['member.updated', host.id, 'member'], ['member.updated', ann.id, 'host']]);
  assert.deepEqual(await roles(room), { [host.id]: 'member', [ann.id]: 'host', [bob.id]: 'member' });
  assertProblem(await give(hosts, room, host), 'forbidden');
  assertProblem(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'still mine' }), 'forbidden');
  assertOk(await anns.patch(`/v1/rooms/${room.id}`, { title: 'mine' }), 200);
});

test('the new host can write, and the old one keeps no rank', async () => {
  const room = await roomOfThree();
  await stack.sql(`UPDATE member SET muted_until = '2099-01-01' WHERE room = ${room.id} AND user = ${ann.id};
    UPDATE member SET role = 'moderator' WHERE room = ${room.id} AND user IN (${host.id}, ${bob.id})`);
  assertProblem(await say(stack, ann, room), 'muted');
  assertOk(await give(hosts, room, ann), 200);
  assertOk(await say(stack, ann, room), 201);
  assert.deepEqual(await roles(room), { [host.id]: 'member', [ann.id]: 'host', [bob.id]: 'moderator' });
});

test('the lobby hears nothing of a group', async () => {
  const room = await roomOfThree({ kind: 'group' });
  assertOk(await give(hosts, room, bob), 200, { ...room, host: bob.id });
  assert.deepEqual(await stack.sql(`SELECT type FROM event WHERE kind = 3 AND JSON_VALUE(data, '$.id') = ${room.id}`), []);
  assertProblem(await give(strangers, room, stranger), 'not-found');
});

test('only the host and admins do it, to a member, and who has it already changes nothing', async () => {
  const room = await roomOfThree();
  await stack.sql(`UPDATE member SET role = 'moderator' WHERE room = ${room.id} AND user = ${bob.id}`);
  const before = await head(room);
  assertProblem(await give(api(stack), room, ann), 'unauthenticated');
  for (const who of [strangers, anns, bobs]) assertProblem(await give(who, room, ann), 'forbidden');
  for (const user of [stranger, 999999]) assertInvalid(await give(hosts, room, user), 'user');
  for (const user of [0, -1, 1.5, 2 ** 53, '5', null]) assertInvalid(await hosts.put(`/v1/rooms/${room.id}/host`, { user }), 'user');
  assertInvalid(await hosts.put(`/v1/rooms/${room.id}/host`, {}), 'user');
  assertInvalid(await hosts.put(`/v1/rooms/${room.id}/host`, { user: ann.id, room: 1 }), 'room');
  assertProblem(await give(hosts, { id: 999999 }, ann), 'not-found');
  assertOk(await give(hosts, room, host), 200, room);
  assert.equal(await head(room), before);
  assertOk(await give(admins, room, bob), 200, { ...room, host: bob.id, joined: false });
});

test('a direct room has no host and gets none', async () => {
  const room = await roomOfThree({ kind: 'group' });
  await stack.sql(`UPDATE room SET kind = 'direct', host = 0 WHERE id = ${room.id}`);
  for (const who of [hosts, anns]) assertProblem(await give(who, room, ann), 'forbidden');
  assertProblem(await give(admins, room, ann), 'not-found');
});

test('of those who hand a room over at the same time one does it', async () => {
  const room = await roomOfThree();
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => give(hosts, room, i % 2 ? ann : bob)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(9).fill(403)]);
  const winner = answers.find(({ status }) => status === 200).body.host;
  assert.deepEqual(Object.entries(await roles(room)).filter(([, role]) => role === 'host'), [[String(winner), 'host']]);
  assert.equal(await head(room), 5);
});
