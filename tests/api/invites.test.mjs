// GET /v1/rooms/:room/invites, POST /v1/rooms/:room/invites, DELETE /v1/rooms/:room/invites/*code, and /v1/invites.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { ROOM_PASSWORD, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, shared } from './check.mjs';

const ATTEMPTS = 100;
const stack = await startStack({ conf: { login_attempts: ATTEMPTS, workers: 4 } });
after(() => stack.stop());

const [host, mod, ann, bob, stranger, admin] = await people(stack, 6);
const [hosts, mods, anns, bobs, strangers, admins] = [host, mod, ann, bob, stranger, admin].map((user) => api(stack, user));
const nobody = api(stack);
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${admin.id}`);
const MISSING = 'A'.repeat(22);

const pathOf = (room, code) => `/v1/rooms/${room.id ?? room}/invites${code ? `/${code.code ?? code}` : ''}`;
const invite = async (room, limits = {}, caller = hosts) => assertOk(await caller.post(pathOf(room), limits), 201);
const use = (user, { code }) => api(stack, user).post(`/v1/invites/${code}/uses`);
const look = (caller, { code }) => caller.get(`/v1/invites/${code}`);
const list = async (room, caller = hosts) => assertOk(await caller.get(pathOf(room)), 200).invites;
const members = async (room) => (await stack.sql(`SELECT user FROM member WHERE room = ${room.id} ORDER BY user`)).flat().map(Number);
const head = async (room) => Number((await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`))[0][0]);
const expire = ({ code }) => stack.sql(`UPDATE invite SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE code = '${code}'`);

const hiddenRoom = async (room = {}) => {
  const made = await createRoom(stack, host, { kind: 'secret', ...room });
  await stack.sql(`UPDATE room SET hidden = 1 WHERE id = ${made.id}`);
  return made;
};
const moderate = async (room, user) => assertOk(await hosts.patch(`/v1/rooms/${room.id}/members/${user.id}`, { role: 'moderator' }), 200);

// ---- making

test('an invite has a code of its own, and an end only if it was given one', async () => {
  const room = await createRoom(stack, host);
  const made = await invite(room);
  assert.match(made.code, /^[A-Za-z0-9_-]{22}$/);
  assert.match(made.created_at, TIME);
  assert.deepEqual(made, { code: made.code, room: room.id, by_user: host.id, uses: 0, created_at: made.created_at });
  const limited = await invite(room, { expires_in: 3600, uses: 5 });
  assert.notEqual(limited.code, made.code);
  assert.equal(limited.uses_left, 5);
  assert.ok(Math.abs(new Date(limited.expires_at) - new Date(limited.created_at) - 3600000) < 1000);
  assertOk(await hosts.get(pathOf(room)), 200, { invites: [made, limited], next: null });
  assert.equal(await head(room), 0); // no event has a code
  const events = await stack.sql(`SELECT COUNT(*) FROM event WHERE data LIKE '%${made.code}%'`);
  assert.deepEqual(events, [['0']]);
});

test('an invite takes an end and a number of uses, and nothing else', async () => {
  const room = await createRoom(stack, host);
  for (const value of [59, 31536001, 0, -1, 1.5, '60', null, true]) assertInvalid(await hosts.post(pathOf(room), { expires_in: value }), 'expires_in');
  for (const value of [0, 100001, -1, 1.5, '1', null, true]) assertInvalid(await hosts.post(pathOf(room), { uses: value }), 'uses');
  assertInvalid(await hosts.post(pathOf(room), { code: MISSING, room: 1, by_user: ann.id, uses_left: 3 }), 'code', 'room', 'by_user', 'uses_left');
  assertProblem(await hosts.post(pathOf(room), []), 'bad-json');
  assert.deepEqual(await list(room), []);
});

test('in a public room and in a group every member invites, in a secret room moderators and the host', async () => {
  for (const kind of ['public', 'secret', 'group']) {
    const room = await createRoom(stack, host, { kind });
    const door = await invite(room);
    for (const user of [mod, ann]) assertOk(await use(user, door), 201);
    await moderate(room, mod);
    await invite(room, {}, mods);
    await invite(room, {}, admins);
    if (kind === 'secret') assertProblem(await anns.post(pathOf(room), {}), 'forbidden');
    else await invite(room, {}, anns);
    assertProblem(await nobody.post(pathOf(room), {}), 'unauthenticated');
    assertProblem(await strangers.post(pathOf(room), {}), { public: 'not-member', secret: 'forbidden', group: 'not-found' }[kind]);
  }
  assertProblem(await strangers.post(pathOf(await hiddenRoom()), {}), 'not-found');
  assertProblem(await strangers.post(pathOf(999999999), {}), 'not-found');
});

test('nobody is invited into a direct room', async () => {
  const room = await createRoom(stack, host);
  await stack.sql(`UPDATE room SET kind = 'direct', host = 0 WHERE id = ${room.id}`);
  assertProblem(await hosts.post(pathOf(room), {}), 'forbidden');
  assertProblem(await admins.post(pathOf(room), {}), 'not-found');
});

test('a room has at most a hundred living invites, however many are made at once', async () => {
  const room = await createRoom(stack, host);
  const answers = await Promise.all(Array.from({ length: 110 }, () => hosts.post(pathOf(room), {})));
  assert.equal(answers.filter(({ status }) => status === 201).length, 100);
  for (const answer of answers) if (answer.status !== 201) assertProblem(answer, 'limit-reached');
  const all = await list(room);
  assert.equal(all.length, 100);
  await expire(all[0]);
  assert.equal((await list(room)).length, 99);
  await invite(room);
  assertProblem(await hosts.post(pathOf(room), {}), 'limit-reached');
  assertOk(await hosts.del(pathOf(room, all[1])), 204);
  await invite(room);
});

// ---- the list

test('moderators see all invites, others their own, strangers none', async () => {
  const room = await createRoom(stack, host);
  for (const user of [mod, ann, bob]) await joinRoom(stack, user, room);
  await moderate(room, mod);
  const [one, two] = [await invite(room), await invite(room, {}, anns)];
  for (const caller of [hosts, mods, admins]) assert.deepEqual(await list(room, caller), [one, two]);
  assert.deepEqual(await list(room, anns), [two]);
  assert.deepEqual(await list(room, bobs), []);
  assertProblem(await strangers.get(pathOf(room)), 'not-member');
  assertProblem(await nobody.get(pathOf(room)), 'unauthenticated');
  assertProblem(await strangers.get(pathOf(await createRoom(stack, host, { kind: 'group' }))), 'not-found');
});

test('whoever made an invite, and moderators, end it; nobody else', async () => {
  const room = await createRoom(stack, host);
  for (const user of [mod, ann, bob]) await joinRoom(stack, user, room);
  await moderate(room, mod);
  const [one, two] = [await invite(room, {}, anns), await invite(room, {}, anns)];
  assertProblem(await nobody.del(pathOf(room, one)), 'unauthenticated');
  for (const caller of [bobs, strangers]) assertProblem(await caller.del(pathOf(room, one)), 'forbidden');
  const other = await createRoom(stack, bob);
  assertProblem(await bobs.del(pathOf(other, one)), 'not-found'); // not through a room of one's own
  for (const code of [MISSING, 'x', '%27%20OR%20%27%27=%27', '%EA%B0%80'.repeat(22), `${one.code}%20`]) assertProblem(await hosts.del(pathOf(room, code)), 'not-found');
  assertOk(await anns.del(pathOf(room, one)), 204);
  assertProblem(await anns.del(pathOf(room, one)), 'not-found');
  assertOk(await mods.del(pathOf(room, two)), 204);
  for (const gone of [one, two]) assertProblem(await use(stranger, gone), 'not-found');
  assert.deepEqual(await list(room), []);
});

// ---- the card

test('whoever has the code sees what it is to, of any kind of room', async () => {
  for (const room of [await createRoom(stack, host, { description: 'for all' }), await createRoom(stack, host, { kind: 'secret' }), await hiddenRoom(), await createRoom(stack, host, { kind: 'group' })]) {
    const made = await invite(room);
    assertOk(await look(strangers, made), 200, {
      room: { id: room.id, title: room.title, description: room.description, kind: room.kind, member_count: 1, max_members: room.max_members, cover: '', locked: room.locked },
      by: { id: host.id, nickname: host.nickname, avatar: host.avatar },
    });
    assertProblem(await look(nobody, made), 'unauthenticated');
  }
});

test('wrong, expired, used up and ended invites, and those of a deleted room, are all alike', async () => {
  const [room, gone] = [await createRoom(stack, host), await createRoom(stack, host)];
  const [expired, once, ended, dead] = [await invite(room, { expires_in: 60 }), await invite(room, { uses: 1 }), await invite(room), await invite(gone)];
  await expire(expired);
  assertOk(await use(ann, once), 201);
  assertOk(await hosts.del(pathOf(room, ended)), 204);
  assertOk(await hosts.del(`/v1/rooms/${gone.id}`), 204);
  const codes = [expired.code, once.code, ended.code, dead.code, MISSING, 'x', 'x'.repeat(500), '%EA%B0%80', '%22', "'--", once.code.toLowerCase() === once.code ? MISSING : once.code.toLowerCase()];
  for (const code of codes) {
    for (const answer of [await look(strangers, { code }), await use(stranger, { code })]) {
      const { instance, request_id: id, ...rest } = assertProblem(answer, 'not-found');
      assert.deepEqual(Object.keys(rest), ['type', 'title', 'status']);
    }
  }
  assert.deepEqual(await members(room), [host.id, ann.id]);
});

test('looking for codes ends after some attempts, for that person', async () => {
  const [one, two] = await people(stack, 2);
  const made = await invite(await createRoom(stack, host));
  await stack.sql(`INSERT INTO throttle VALUES ('invite:${one.id}', ${5 * ATTEMPTS - 1}, UTC_TIMESTAMP(3) + INTERVAL 100 SECOND)`);
  assertProblem(await look(api(stack, one), { code: MISSING }), 'not-found');
  const answer = await look(api(stack, one), made);
  assertProblem(answer, 'throttled');
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
  assertProblem(await use(one, made), 'throttled');
  assertOk(await look(api(stack, two), made), 200);
});

// ---- using

test('an invite lets in without a password, and tells it as any joining', async () => {
  for (const room of [await createRoom(stack, host), await createRoom(stack, host, { kind: 'secret' }), await hiddenRoom(), await createRoom(stack, host, { kind: 'group' })]) {
    const made = await invite(room, { uses: 3 });
    const inside = await subscribed(await client(stack, host), `presence-room-${room.id}`);
    const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
    const told = [eventOn(inside, 'member.joined'), eventOn(own, 'room.added')];
    const member = assertOk(await use(ann, made), 201);
    assert.deepEqual([member.id, member.room, member.role], [ann.id, room.id, 'member']);
    const [{ seq, mid, ...joined }, { seq: ownSeq, mid: ownMid, ...added }] = await Promise.all(told);
    assert.deepEqual(joined, member);
    assert.deepEqual(added, shared(assertOk(await anns.get(`/v1/rooms/${room.id}`), 200)));
    assertOk(await use(ann, made), 200, member); // uses up nothing
    assert.deepEqual(await list(room), [{ ...made, uses: 1, uses_left: 2 }]);
    assert.equal(await head(room), 1);
  }
});

test('a newcomer by invite sees no more of the past than others', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  await stack.sql(`UPDATE room SET history = 'joined' WHERE id = ${room.id}`);
  assertOk(await hosts.post(`/v1/rooms/${room.id}/messages`, { client_id: 'c', body: 'before' }), 201);
  assertOk(await use(ann, await invite(room)), 201);
  assert.deepEqual(assertOk(await anns.get(`/v1/rooms/${room.id}/messages`), 200).messages, []);
});

test('who used the last one hears so again when asking again', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  const once = await invite(room, { uses: 1 });
  const member = assertOk(await use(ann, once), 201);
  assertOk(await use(ann, once), 200, member);
  assertProblem(await use(bob, once), 'not-found');
});

test('an invite opens neither a ban nor a full room, and is not used up by trying', async () => {
  const room = await createRoom(stack, host, { kind: 'group', max_members: 2 });
  const made = await invite(room, { uses: 1 });
  assertOk(await hosts.put(`/v1/rooms/${room.id}/bans/${bob.id}`), 201);
  assertProblem(await use(bob, made), 'banned');
  const door = await invite(room);
  assertOk(await use(ann, door), 201);
  assertProblem(await use(stranger, made), 'room-full');
  assert.equal((await list(room)).find(({ code }) => code === made.code).uses_left, 1);
  assertOk(await anns.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertOk(await use(stranger, made), 201);
});

test('invites die with the right to invite: leaving, removal, and in secret rooms the lost role', async () => {
  const open = await createRoom(stack, host);
  const leave = () => anns.del(`/v1/rooms/${open.id}/members/me`);
  const kick = () => hosts.del(`/v1/rooms/${open.id}/members/${ann.id}`);
  const ban = () => hosts.put(`/v1/rooms/${open.id}/bans/${ann.id}`);
  const kept = await invite(open);
  for (const end of [leave, kick, ban]) {
    await joinRoom(stack, ann, open);
    const made = await invite(open, {}, anns);
    assert.ok((await end()).status < 300);
    assertProblem(await use(bob, made), 'not-found');
    assert.deepEqual(await list(open), [kept]);
  }
  const secret = await createRoom(stack, host, { kind: 'secret' });
  await joinRoom(stack, mod, secret, ROOM_PASSWORD);
  await moderate(secret, mod);
  const made = await invite(secret, {}, mods);
  assertOk(await hosts.patch(`/v1/rooms/${secret.id}/members/${mod.id}`, { role: 'member' }), 200);
  assertProblem(await use(bob, made), 'not-found');
});

// ---- races

test('of a hundred who use the last use of an invite at the same time exactly one gets in', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  const made = await invite(room, { uses: 1 });
  const crowd = await people(stack, 100);
  const answers = await Promise.all(crowd.map((user) => use(user, made)));
  const winners = crowd.filter((_, i) => answers[i].status === 201);
  assert.equal(winners.length, 1);
  for (const answer of answers) if (answer.status !== 201) assertProblem(answer, 'not-found');
  assert.deepEqual(await members(room), [host.id, winners[0].id]);
  assert.deepEqual(await stack.sql(`SELECT uses, uses_left FROM invite WHERE code = '${made.code}'`), [['1', '0']]);
  assert.equal(await head(room), 1);
});

test('one who uses an invite eight times at the same time uses it once', async () => {
  const room = await createRoom(stack, host, { kind: 'group' });
  const made = await invite(room, { uses: 8 });
  const answers = await Promise.all(Array.from({ length: 8 }, () => use(ann, made)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
  assert.deepEqual(await list(room), [{ ...made, uses: 1, uses_left: 7 }]);
});

test('nobody comes in by an invite after its maker was removed', async () => {
  const crowd = await people(stack, 10);
  const room = await createRoom(stack, host, { kind: 'group' });
  assertOk(await use(ann, await invite(room)), 201);
  const made = await invite(room, {}, anns);
  const [kicked, ...answers] = await Promise.all([hosts.del(`/v1/rooms/${room.id}/members/${ann.id}`), ...crowd.map((user) => use(user, made))]);
  assertOk(kicked, 204);
  for (const answer of answers) if (answer.status !== 201) assertProblem(answer, 'not-found');
  const { events } = assertOk(await hosts.get(`/v1/rooms/${room.id}/events`), 200);
  const types = events.map(({ type }) => type);
  assert.ok(types.indexOf('member.kicked') > types.lastIndexOf('member.joined'), types.join());
});

test('no code gets into the log of the server', async () => {
  const room = await createRoom(stack, host);
  const [one, two] = [await invite(room), await invite(room)];
  assertOk(await look(strangers, one), 200);
  assertOk(await use(stranger, one), 201);
  assertOk(await hosts.del(pathOf(room, two)), 204);
  await until(() => stack.log('api').includes('POST /v1/invites/*code/uses 201'));
  const log = stack.log('api');
  for (const { code } of [one, two]) assert.ok(!log.includes(code));
});
