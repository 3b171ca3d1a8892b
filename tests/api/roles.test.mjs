import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { MID, ROOM_PASSWORD, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';

const stack = await startStack({ conf: { workers: 4 } });
after(() => stack.stop());

const [host, mod, other, ann, bob, stranger, admin] = await people(stack, 7);
const [hosts, mods, others, anns, bobs, strangers, admins] = [host, mod, other, ann, bob, stranger, admin].map((user) => api(stack, user));
const nobody = api(stack);
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${admin.id}`);

const pathOf = (room, user) => `/v1/rooms/${room.id}/members/${user.id ?? user}`;
const change = (caller, room, user, body) => caller.patch(pathOf(room, user), body);
const events = async (room) => assertOk(await hosts.get(`/v1/rooms/${room.id}/events?limit=1000`), 200).events;
const head = async (room) => Number((await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`))[0][0]);
const memberOf = async (caller, room, user) => assertOk(await caller.get(`/v1/rooms/${room.id}/members`), 200).members.find(({ id }) => id === user.id);
const place = ({ seq, mid, ...data }) => {
  assert.match(mid, MID);
  return data;
};
const expire = (room, user) => stack.sql(`UPDATE member SET muted_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE room = ${room.id} AND user = ${user.id}`);

// A room of the host, two moderators, Ann and Bob, whose last event is 6.
async function roomWithRanks(room = {}) {
  const made = await createRoom(stack, host, room);
  for (const user of [mod, other, ann, bob]) await joinRoom(stack, user, made, room.kind === 'secret' ? ROOM_PASSWORD : undefined);
  for (const user of [mod, other]) assertOk(await change(hosts, made, user, { role: 'moderator' }), 200);
  return made;
}

// ---- roles

test('the host makes a moderator and takes the role back, and the room is told', async () => {
  const room = await createRoom(stack, host);
  const was = await joinRoom(stack, ann, room);
  const inside = await subscribed(await client(stack, ann), `presence-room-${room.id}`);
  for (const role of ['moderator', 'member']) {
    const told = eventOn(inside, 'member.updated');
    const member = assertOk(await change(hosts, room, ann, { role }), 200, { ...was, role });
    assert.deepEqual(place(await told), member);
    const { type, data } = (await events(room)).at(-1);
    assert.equal(type, 'member.updated');
    assert.deepEqual(place(data), member);
    assert.deepEqual(await memberOf(anns, room, ann), member);
    assertOk(await change(hosts, room, ann, { role }), 200, member);
    assertOk(await change(hosts, room, ann, {}), 200, member);
  }
  assert.equal(await head(room), 3); // what changed nothing used no seq
});

test('nobody but the host and admins gives roles, to nobody who is not in the room, and none to the host', async () => {
  const room = await roomWithRanks();
  for (const role of ['moderator', 'member']) {
    for (const user of [mod, other, ann, host]) {
      assertProblem(await change(nobody, room, user, { role }), 'unauthenticated');
      for (const caller of [strangers, anns, mods]) assertProblem(await change(caller, room, user, { role }), 'forbidden');
    }
    assertProblem(await change(hosts, room, host, { role }), 'forbidden');
    assertProblem(await change(admins, room, host, { role }), 'forbidden');
    for (const user of [stranger, 999999999, 0, 'x']) assertProblem(await change(hosts, room, user, { role }), 'not-found');
    assertProblem(await change(strangers, room, stranger, { role }), 'forbidden');
  }
  assert.equal(await head(room), 6);
  assert.equal(assertOk(await change(admins, room, ann, { role: 'moderator' }), 200).role, 'moderator');
});

test('a change takes one of two roles and a number of seconds, and nothing else', async () => {
  const room = await roomWithRanks();
  for (const role of ['host', 'admin', '', 'Moderator', 1, null, ['member']]) assertInvalid(await change(hosts, room, ann, { role }), 'role');
  for (const seconds of [-1, 1.5, '60', null, true, 31536001, 1e300]) assertInvalid(await change(hosts, room, ann, { muted_seconds: seconds }), 'muted_seconds');
  assertInvalid(await change(hosts, room, ann, { muted_until: '2030-01-01', room: 1, id: 2, visible_from: 0 }), 'muted_until', 'room', 'id', 'visible_from');
  assertProblem(await change(hosts, room, ann, []), 'bad-json');
  assert.equal(await head(room), 6);
});

test('in a group nobody but its members knows of anything', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  assertProblem(await change(strangers, room, host, { role: 'member' }), 'not-found');
  assertProblem(await change(strangers, { id: 999999999 }, host, { role: 'member' }), 'not-found');
});

test('an ex-moderator who comes back is a member', async () => {
  const room = await roomWithRanks();
  assertOk(await mods.del(pathOf(room, 'me')), 204);
  assert.equal((await joinRoom(stack, mod, room)).role, 'member');
  assertProblem(await mods.del(pathOf(room, ann)), 'forbidden');
});

test('a lost role is lost at once', async () => {
  const room = await roomWithRanks();
  for (let round = 0; round < 5; round++) {
    const [lost, ...kicks] = await Promise.all([change(hosts, room, mod, { role: 'member' }), ...Array.from({ length: 4 }, () => change(mods, room, ann, { muted_seconds: 60 }))]);
    assertOk(lost, 200);
    for (const answer of kicks) if (answer.status !== 200) assertProblem(answer, 'forbidden');
    const log = await events(room);
    const at = log.findLastIndex(({ data }) => data.id === mod.id);
    assert.ok(log.slice(at + 1).every(({ data }) => data.id !== ann.id), 'nothing of an ex-moderator comes after the loss');
    assertOk(await change(hosts, room, mod, { role: 'moderator' }), 200);
  }
});

// ---- ranks

test('moderators kick members, not each other and not the host; the host kicks both', async () => {
  const room = await roomWithRanks();
  const before = await head(room);
  assert.match(assertProblem(await mods.del(pathOf(room, host)), 'forbidden').detail, /host/);
  assert.match(assertProblem(await mods.del(pathOf(room, other)), 'forbidden').detail, /moderator/);
  assert.match(assertProblem(await mods.del(pathOf(room, mod)), 'forbidden').detail, /leave/);
  assertProblem(await mods.del(pathOf(room, stranger)), 'not-found');
  for (const user of [host, mod, bob]) assertProblem(await anns.del(pathOf(room, user)), 'forbidden');
  for (const user of [host, mod, bob]) assertProblem(await strangers.del(pathOf(room, user)), 'forbidden');
  assert.equal(await head(room), before);
  assertOk(await mods.del(pathOf(room, bob)), 204);
  assertOk(await hosts.del(pathOf(room, other)), 204);
  assert.deepEqual((await events(room)).slice(-2).map(({ type, data }) => [type, data.id]), [['member.kicked', bob.id], ['member.kicked', other.id]]);
});

test('an admin who is no member acts on everybody, also on the host', async () => {
  const room = await roomWithRanks();
  assert.ok((await change(admins, room, mod, { muted_seconds: 60 })).body.muted_until);
  assert.ok((await change(admins, room, host, { muted_seconds: 60 })).body.muted_until);
  assertProblem(await say(stack, host, room), 'muted');
  assertOk(await change(admins, room, host, { muted_seconds: 0 }), 200);
  assertOk(await admins.del(pathOf(room, other)), 204);
  assertOk(await admins.put(`/v1/rooms/${room.id}/bans/${host.id}`), 201);
  assert.equal(assertOk(await anns.get(`/v1/rooms/${room.id}`), 200).host, mod.id);
  assertProblem(await hosts.put(pathOf(room, 'me')), 'banned');
});

test('an admin who is a plain member can be muted and kicked', async () => {
  const room = await roomWithRanks();
  await joinRoom(stack, admin, room);
  assertOk(await change(mods, room, admin, { muted_seconds: 60 }), 200);
  assertProblem(await say(stack, admin, room), 'muted');
  assertOk(await mods.del(pathOf(room, admin)), 204);
});

test('nobody has a rank in a direct room, not even an admin', async () => {
  const room = await createRoom(stack, host);
  for (const user of [ann, admin]) await joinRoom(stack, user, room);
  await stack.sql(`UPDATE room SET kind = 'direct', host = 0 WHERE id = ${room.id}`);
  for (const caller of [hosts, admins]) {
    assertProblem(await change(caller, room, ann, { role: 'moderator' }), 'forbidden');
    assertProblem(await change(caller, room, ann, { muted_seconds: 60 }), 'forbidden');
    assertProblem(await caller.del(pathOf(room, ann)), 'forbidden');
    assertProblem(await caller.put(`/v1/rooms/${room.id}/bans/${ann.id}`), 'forbidden');
    assertProblem(await caller.get(`/v1/rooms/${room.id}/bans`), 'forbidden');
  }
});

// ---- muting

test('whoever is muted neither sends, edits nor reacts, and can take back what they did', async () => {
  const room = await roomWithRanks();
  const message = assertOk(await say(stack, ann, room, 'before'), 201);
  const path = `/v1/rooms/${room.id}/messages/${message.seq}`;
  assertOk(await anns.put(`${path}/reactions/x`), 204);
  const muted = assertOk(await change(mods, room, ann, { muted_seconds: 600 }), 200);
  assert.match(muted.muted_until, TIME);
  assert.equal(muted.role, 'member');
  const before = await head(room);
  const detail = `until ${muted.muted_until}`;
  assert.equal(assertProblem(await say(stack, ann, room), 'muted').detail, detail);
  assert.equal(assertProblem(await anns.patch(path, { body: 'after' }), 'muted').detail, detail);
  assert.equal(assertProblem(await anns.put(`${path}/reactions/y`), 'muted').detail, detail);
  assert.equal(await head(room), before);
  assertOk(await anns.get(path), 200);
  assertOk(await anns.del(`${path}/reactions/x`), 204);
  assertOk(await anns.del(path), 204);
  assertOk(await say(stack, bob, room), 201);
});

test('a mute ends by itself, or is lifted', async () => {
  const room = await roomWithRanks();
  const was = await memberOf(hosts, room, ann);
  assertOk(await change(mods, room, ann, { muted_seconds: 600 }), 200);
  await expire(room, ann);
  assert.deepEqual(await memberOf(hosts, room, ann), was);
  assertOk(await say(stack, ann, room), 201);
  assertOk(await change(mods, room, ann, { muted_seconds: 31536000 }), 200);
  assertProblem(await say(stack, ann, room), 'muted');
  const lifted = assertOk(await change(mods, room, ann, { muted_seconds: 0 }), 200, was);
  assertOk(await say(stack, ann, room), 201);
  const before = await head(room);
  assertOk(await change(mods, room, ann, { muted_seconds: 0 }), 200, lifted);
  assert.equal(await head(room), before);
});

test('leaving and coming back is no way out of a mute, and lifting it is for good', async () => {
  const room = await roomWithRanks();
  const again = async () => {
    assertOk(await anns.del(pathOf(room, 'me')), 204);
    return joinRoom(stack, ann, room);
  };
  const muted = assertOk(await change(mods, room, ann, { muted_seconds: 600 }), 200);
  for (let i = 0; i < 2; i++) {
    assert.equal((await again()).muted_until, muted.muted_until);
    assertProblem(await say(stack, ann, room), 'muted');
  }
  assert.equal((await events(room)).at(-1).data.muted_until, muted.muted_until);
  await joinRoom(stack, ann, await createRoom(stack, host));
  assertOk(await mods.del(pathOf(room, ann)), 204); // nor is being kicked
  assert.equal((await joinRoom(stack, ann, room)).muted_until, muted.muted_until);
  assert.equal(assertOk(await change(mods, room, ann, { muted_seconds: 0 }), 200).muted_until, undefined);
  assert.equal((await again()).muted_until, undefined);
  assertOk(await change(mods, room, ann, { muted_seconds: 600 }), 200);
  assertOk(await anns.del(pathOf(room, 'me')), 204);
  await stack.sql(`UPDATE throttle SET until = UTC_TIMESTAMP(3) WHERE name = 'mute:${room.id}:${ann.id}'`);
  assert.equal((await joinRoom(stack, ann, room)).muted_until, undefined);
  assertOk(await say(stack, ann, room), 201);
});

test('moderators mute members only, and not themselves', async () => {
  const room = await roomWithRanks();
  const before = await head(room);
  for (const user of [mod, other, host]) assertProblem(await change(mods, room, user, { muted_seconds: 60 }), 'forbidden');
  for (const user of [ann, bob, mod]) assertProblem(await change(anns, room, user, { muted_seconds: 60 }), 'forbidden');
  assertProblem(await change(hosts, room, host, { muted_seconds: 60 }), 'forbidden');
  // A moderator may mute, but not with a role beside it; nothing of that is done.
  assertProblem(await change(mods, room, ann, { muted_seconds: 60, role: 'moderator' }), 'forbidden');
  assert.equal(await head(room), before);
  assertOk(await say(stack, ann, room), 201);
  assertOk(await change(hosts, room, mod, { muted_seconds: 60, role: 'member' }), 200);
  assertProblem(await say(stack, mod, room), 'muted');
});

test('nothing that somebody sends comes after their mute', async () => {
  const room = await roomWithRanks();
  const talk = Array.from({ length: 20 }, (_, i) => say(stack, ann, room, `ann ${i}`));
  assertOk(await change(mods, room, ann, { muted_seconds: 600 }), 200);
  for (const answer of await Promise.all(talk)) if (answer.status !== 201) assertProblem(answer, 'muted');
  const log = await events(room);
  const at = log.findIndex(({ data }) => data.muted_until);
  assert.ok(at >= 0 && log.slice(at).every(({ type }) => type !== 'message.created'));
});

// ---- the next host

test('a host who leaves hands over to the eldest moderator, who may speak again', async () => {
  const room = await createRoom(stack, host);
  for (const user of [ann, bob, other, mod]) await joinRoom(stack, user, room);
  await stack.sql(`UPDATE member SET joined_at = joined_at - INTERVAL 10 DAY WHERE room = ${room.id} AND user = ${ann.id};
    UPDATE member SET joined_at = joined_at - INTERVAL 5 DAY WHERE room = ${room.id} AND user = ${other.id}`);
  for (const user of [mod, other]) assertOk(await change(hosts, room, user, { role: 'moderator' }), 200);
  assertOk(await change(hosts, room, other, { muted_seconds: 600 }), 200);
  const inside = await subscribed(await client(stack, ann), `presence-room-${room.id}`);
  const told = [eventOn(inside, 'member.left'), eventOn(inside, 'room.updated'), eventOn(inside, 'member.updated')];
  assertOk(await hosts.del(pathOf(room, 'me')), 204);
  const [left, updated, member] = await Promise.all(told);
  assert.equal(left.id, host.id);
  assert.equal(updated.host, other.id);
  assert.deepEqual(place(member), await memberOf(anns, room, other));
  assert.equal(member.role, 'host');
  assert.equal(member.muted_until, undefined);
  assertOk(await say(stack, other, room), 201);
  assertOk(await others.del(pathOf(room, 'me')), 204);
  assert.equal(assertOk(await anns.get(`/v1/rooms/${room.id}`), 200).host, mod.id);
  assertOk(await mods.del(pathOf(room, 'me')), 204);
  assert.equal(assertOk(await bobs.get(`/v1/rooms/${room.id}`), 200).host, ann.id);
});
