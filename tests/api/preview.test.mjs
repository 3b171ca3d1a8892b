// GET /v1/rooms/:room/preview: the card before joining.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack } from '../harness.mjs';
import { assertNoSecret, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, shared } from './check.mjs';

const stack = await startStack();
after(() => stack.stop());

const [host, ann, stranger, admin, ...others] = await people(stack, 12);
const [hosts, anns, strangers, admins] = [host, ann, stranger, admin].map((user) => api(stack, user));
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${admin.id}`);
const preview = (who, room) => who.get(`/v1/rooms/${room.id}/preview`);
const card = ({ nickname, avatar }) => ({ nickname, avatar });

test('a stranger sees the room, its host and the eldest members of a public and a secret room', async () => {
  for (const kind of ['public', 'secret']) {
    const room = await createRoom(stack, host, { kind, tags: ['tea'], cover: 'preset-1', ends_on: '2030-01-31' });
    const expected = { ...room, hosts: { id: host.id, ...card(host) }, members: [card(host)] };
    assertOk(await preview(hosts, room), 200, expected);
    const answer = await preview(strangers, room);
    assertOk(answer, 200, { ...expected, joined: false });
    assertNoSecret(JSON.stringify(answer.body));
  }
});

test('eight members are shown, in the order in which they came', async () => {
  const room = await createRoom(stack, host);
  for (const user of others) await joinRoom(stack, user, room);
  await joinRoom(stack, ann, room);
  await stack.sql(`UPDATE member SET joined_at = '2020-01-01' + INTERVAL (100 - user) DAY WHERE room = ${room.id} AND user <> ${ann.id}`);
  const eldest = [...others].sort((a, b) => b.id - a.id).slice(0, 8).map((user) => card(user));
  assert.deepEqual(assertOk(await preview(strangers, room), 200).members, eldest);
});

test('a room without members has no host', async () => {
  const room = await createRoom(stack, host);
  assertOk(await hosts.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertOk(await preview(strangers, room), 200, { ...shared(room), host: 0, member_count: 0, joined: false, liked: false, hosts: null, members: [] });
});

test('whoever may not know of a room sees no card of it', async () => {
  const group = await createRoom(stack, host, { kind: 'group' });
  const hidden = await createRoom(stack, host, { kind: 'secret', hidden: true });
  const direct = assertOk(await hosts.put(`/v1/direct-rooms/${ann.id}`), 201);
  for (const room of [group, hidden]) await putIntoGroup(stack, ann, room);
  for (const room of [group, hidden, direct]) {
    assertProblem(await preview(strangers, room), 'not-found');
    assertProblem(await preview(api(stack), room), 'unauthenticated');
    assert.equal(assertOk(await preview(anns, room), 200).members.length, 2);
    if (room === direct) assertProblem(await preview(admins, room), 'not-found');
    else assertOk(await preview(admins, room), 200);
  }
  assertProblem(await preview(hosts, { id: 999999 }), 'not-found');
});

test('of a large room only as many members are read as are shown', async () => {
  const room = await createRoom(stack, host);
  await stack.sql(`INSERT INTO user (name, nickname, password, created_at) SELECT CONCAT('many', seq), 'm', '!', UTC_TIMESTAMP(3) FROM seq_1_to_3000;
    INSERT INTO member (room, user, joined_at) SELECT ${room.id}, id, UTC_TIMESTAMP(3) FROM user WHERE name LIKE 'many%';
    ANALYZE TABLE member`);
  const rows = await stack.sql(`FLUSH STATUS;
    SELECT joined_at, user FROM member WHERE room = ${room.id} ORDER BY joined_at, user LIMIT 8;
    SHOW SESSION STATUS LIKE 'Handler_read%'`);
  const read = rows.filter(([name]) => name.startsWith('Handler_read')).reduce((sum, [, n]) => sum + Number(n), 0);
  assert.ok(read < 20, `${read} rows read`);
  assert.equal(assertOk(await preview(strangers, room), 200).members.length, 8);
});
