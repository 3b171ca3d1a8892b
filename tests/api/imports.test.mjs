// History from a file: POST /v1/rooms/:room/imports
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import test, { after } from 'node:test';
import { api, client, startStack, subscribed, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, headOf, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const BLOB = { 'Content-Type': 'application/octet-stream' };
const pathOf = (room, format) => `/v1/rooms/${room.id}/imports${format ? `?format=${format}` : ''}`;
const forget = () => stack.sql("DELETE FROM throttle WHERE name LIKE 'export-of:%' OR name LIKE 'import-of:%'");

async function bring(user, room, text, format = 'json') {
  await forget();
  return user.at.post(pathOf(room, format), Buffer.from(text), BLOB);
}
async function exported(user, room) {
  await forget();
  return assertOk(await user.at.get(`/v1/rooms/${room.id}/export?format=json`), 200).items;
}
const messages = (items) => items.filter(({ body }) => body !== undefined);
const told = ({ type, created_at, name, body, deleted_at }) => ({ type, created_at, name, body, ...(deleted_at ? { deleted_at } : {}) });

const item = (seq, more = {}) => ({ seq, created_at: `2020-01-01T00:00:${String(seq % 60).padStart(2, '0')}.000Z`, type: 'text', sender: 1, name: '민지', body: `m${seq}`, ...more });
const fileOf = (items, count = items.length) => `{"format":"maru-export","version":1,"room":1,"title":"x","saved_at":"2020-01-01T00:00:00.000Z","items":[
${items.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(',\n')}
],"count":${count}}
`;

test('what was exported and is imported is the same history', async () => {
  const room = await roomOfFour(stack, all);
  await say(stack, ann, room, 'first\n[x] [오후 3:05] no');
  const { seq } = assertOk(await say(stack, bob, room, '둘 😀 "\\'), 201);
  assertOk(await ann.at.post(`/v1/rooms/${room.id}/messages`, { client_id: 'r', body: 'answer', reply_to: seq }), 201);
  const gone = assertOk(await say(stack, bob, room, 'gone'), 201).seq;
  assertOk(await bob.at.del(`/v1/rooms/${room.id}/messages/${gone}`), 204);
  await stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at, reply_to)
      SELECT ${room.id}, ${gone} + seq + 1, seq, ${ann.id}, CONCAT('f', seq), CONCAT('m', seq), UTC_TIMESTAMP(3), ${seq} FROM seq_1_to_310;
    UPDATE stream SET head = ${gone} + 311 WHERE kind = 1 AND id = ${room.id}`);
  await stack.sql(`UPDATE message SET type = 'poll', content = '{}' WHERE room = ${room.id} AND seq = ${gone + 2}`);
  const copy = await createRoom(stack, stranger);
  await forget();
  const text = (await raw(ann, `/v1/rooms/${room.id}/export?format=json`)).body;
  const before = messages(await exported(ann, room));
  const answer = assertOk(await bring(stranger, copy, text), 200);
  assert.deepEqual(answer, { room: copy.id, messages: 314, imported: 314, skipped: 3 });
  const now = messages(await exported(stranger, copy));
  assert.deepEqual(now.map(told), before.map(told));
  const place = (items) => items.map(({ reply_to }) => items.findIndex((one) => one.seq === reply_to));
  assert.deepEqual(place(now), place(before));
  assert.equal(await headOf(stack, copy), 314);
  const [message] = assertOk(await stranger.at.get(`/v1/rooms/${copy.id}/messages?after=0&limit=1`), 200).messages;
  assert.deepEqual([message.sender, message.content], [stranger.id, { imported: { name: before[0].name } }], 'it is said by whoever imports it');
  // And again, from the copy.
  const third = await createRoom(stack, stranger);
  await forget();
  assertOk(await bring(stranger, third, (await raw(stranger, `/v1/rooms/${copy.id}/export?format=json`)).body), 200);
  assert.deepEqual(messages(await exported(stranger, third)).map(told), before.map(told));
});

function raw(user, path) {
  return new Promise((resolve, reject) => {
    request(stack.url + path, { headers: { Authorization: `Bearer ${user.token}` } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ body: Buffer.concat(parts).toString() }));
    }).on('error', reject).end();
  });
}

test('the same file again adds nothing, a longer one what is new, another one is refused', async () => {
  const room = await createRoom(stack, host);
  const many = Array.from({ length: 700 }, (_, i) => item(i + 1));
  assert.equal(assertOk(await bring(host, room, fileOf(many.slice(0, 301))), 200).imported, 301);
  const head = await headOf(stack, room);
  assert.deepEqual(assertOk(await bring(host, room, fileOf(many.slice(0, 301))), 200), { room: room.id, messages: 301, imported: 0, skipped: 0 });
  assert.equal(await headOf(stack, room), head);
  assert.equal(assertOk(await bring(host, room, fileOf(many)), 200).imported, 399);
  assert.deepEqual(messages(await exported(host, room)).map(({ body }) => body), many.map(({ body }) => body));
  assertProblem(await bring(host, room, fileOf(many.slice(0, 300))), 'conflict');
  assertProblem(await bring(host, room, fileOf([item(1, { body: 'other' }), ...many.slice(1)])), 'conflict');
  assertProblem(await bring(host, room, fileOf([...many.slice(0, 699), item(700, { name: 'x' })])), 'conflict');
  assert.equal(await headOf(stack, room), head + 399);
});

test('an import that ended in the middle goes on where it was', async () => {
  const room = await createRoom(stack, host);
  const many = Array.from({ length: 900 }, (_, i) => item(i + 1));
  const broken = fileOf(many).split('\n');
  broken[650] = 'x';
  const refused = await bring(host, room, broken.join('\n'));
  assertInvalid(refused, 'file');
  assert.match(refused.body.errors[0].message, /^line 651 /);
  const stored = await headOf(stack, room);
  assert.ok(stored >= 300 && stored < 650, String(stored));
  assert.equal(assertOk(await bring(host, room, fileOf(many)), 200).imported, 900 - stored);
  assert.deepEqual(messages(await exported(host, room)).map(({ body }) => body), many.map(({ body }) => body));
});

test('and so does one whose worker was killed', async () => {
  const room = await createRoom(stack, host);
  const many = Array.from({ length: 6000 }, (_, i) => item(i + 1));
  const broken = bring(host, room, fileOf(many));
  await until(async () => (await headOf(stack, room)) >= 600, 20000, 'some to be stored');
  const parent = stack.pids.api;
  for (const pid of readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ')) process.kill(Number(pid), 'SIGKILL');
  assert.equal((await broken).status, 503);
  await until(async () => (await api(stack).get('/v1/readyz')).status === 200, 20000, 'new workers');
  const stored = await headOf(stack, room);
  assert.equal(assertOk(await bring(host, room, fileOf(many)), 200).imported, 6000 - stored);
  assert.deepEqual(messages(await exported(host, room)).map(({ body }) => body), many.map(({ body }) => body));
});

test('a chat of KakaoTalk, in each of its layouts, in the time zone of whoever imports it', async () => {
  const windows = ['\ufeff우리 방 님과 카카오톡 대화', '저장한 날짜 : 2026-11-29 10:27:23', '', '--------------- 2020년 11월 29일 일요일 ---------------',
    '철수님이 들어왔습니다.', '[민지] [오전 12:05] 안녕', '', '2020년 1월 1일 수요일', '[철수] [오후 11:59] 응', '민지님이 나갔습니다.', '',
    '--------------- 2020년 11월 30일 월요일 ---------------', '[철수] [오전 9:00] [a] b', ''].join('\r\n');
  const english = ['us with KakaoTalk Chats', 'Date Saved : 2026-11-29 10:27:23', '', '--------------- Sunday, November 29, 2020 ---------------',
    'Chulsu joined this chatroom.', '[민지] [12:05 AM] 안녕', '', '2020년 1월 1일 수요일', '[철수] [11:59 PM] 응',
    '--------------- Monday, November 30, 2020 ---------------', '[철수] [9:00 AM] [a] b'].join('\n');
  const android = ['우리 방 카카오톡 대화', '저장한 날짜 : 2026년 10월 2일 오후 2:23', '', '2020년 11월 29일 오전 12:05', '2020년 11월 29일 오전 12:05, 민지 : 안녕', '',
    '[x] [오후 3:00] 2020년 1월 1일 수요일', '2020년 11월 29일 오후 11:59, 철수 : 응', '2020년 11월 30일 오전 9:00, 철수 : [a] b'].join('\n');
  const ios = ['Talk_2026.4.25 10:20-1.txt', 'Date Saved : Apr 25, 2026 at 10:38', '', 'Sunday, November 29, 2020', 'Nov 29, 2020 at 00:05, 민지 : 안녕', '',
    'x', 'Nov 29, 2020 at 23:59: 철수 invited x.', 'Nov 29, 2020 at 23:59, 철수 : 응', 'Nov 30, 2020 at 09:00, 철수 : [a] b'].join('\n');
  await host.at.patch('/v1/users/me/settings', { time_zone: 'Asia/Seoul', locale: 'ko' });
  for (const [text, second, skipped] of [[windows, '2020년 1월 1일 수요일', 2], [english, '2020년 1월 1일 수요일', 1],
    [android, '[x] [오후 3:00] 2020년 1월 1일 수요일', 0], [ios, 'x', 1]]) {
    const room = await createRoom(stack, host);
    assert.deepEqual(assertOk(await bring(host, room, text, 'txt'), 200), { room: room.id, messages: 3, imported: 3, skipped });
    assert.deepEqual(messages(await exported(host, room)).map(({ created_at, name, body }) => [created_at, name, body]), [
      ['2020-11-28T15:05:00.000Z', '민지', `안녕\n\n${second}`], ['2020-11-29T14:59:00.000Z', '철수', '응'], ['2020-11-30T00:00:00.000Z', '철수', '[a] b']]);
    assert.equal(assertOk(await bring(host, room, text, 'txt'), 200).imported, 0);
  }
});

test('the hour that comes twice, and messages that are too long for one', async () => {
  const room = await createRoom(stack, host);
  await host.at.patch('/v1/users/me/settings', { time_zone: 'Europe/Berlin' });
  const long = '가'.repeat(4000);
  const text = ['x with KakaoTalk Chats', '--------------- Sunday, October 25, 2020 ---------------',
    '[a] [2:30 AM] first', '[a] [2:59 AM] later', '[a] [2:10 AM] again', `[a] [3:00 AM] ${long}`, 'rest'].join('\n');
  assert.equal(assertOk(await bring(host, room, text, 'txt'), 200).messages, 5);
  assert.deepEqual(messages(await exported(host, room)).map(({ created_at, body }) => [created_at.slice(11, 16), body]), [
    ['00:30', 'first'], ['00:59', 'later'], ['01:10', 'again'], ['02:00', long], ['02:00', '\nrest']]);
});

test('what is no such file is refused with the line, and changes nothing', async () => {
  const room = await createRoom(stack, host);
  const bad = { 1: ['', 'x\n', '{}\n', '{"format":"maru-export","version":2,"items":[\n', `[${fileOf([])}`],
    2: [item(0), item(1, { created_at: 'now' }), item(1, { created_at: '2999-01-01T00:00:00.000Z' }), item(1, { created_at: '1999-01-01T00:00:00.000Z' }),
      item(1, { type: 'Text' }), item(1, { type: '' }), item(1, { body: '' }), item(1, { body: 'x'.repeat(4001) }), item(1, { name: 'x'.repeat(201) }),
      item(1, { seq: -1 }), item(1, { seq: '1' }), item(1, { deleted_at: 'x' }), item(1, { body: null }), '{', '[]', '1', '"x"', '{"seq":1,"seq":1}',
      '{"seq":1,"x":'.concat('['.repeat(20), ']'.repeat(20), '}'), 'x'.repeat(300000)] };
  for (const text of bad[1]) assertInvalid(await bring(host, room, text), 'file');
  for (const one of bad[2]) {
    const answer = await bring(host, room, fileOf([one]));
    assertInvalid(answer, 'file');
    assert.match(answer.body.errors[0].message, /^line [12] /, JSON.stringify(one).slice(0, 80));
  }
  assertInvalid(await bring(host, room, Buffer.concat([Buffer.from(fileOf([]).slice(0, 110)), Buffer.from([0xff, 0x0a])])), 'file');
  assertInvalid(await bring(host, room, fileOf([item(1)], 2)), 'file');
  assertInvalid(await bring(host, room, `${fileOf([item(1)])}x\n`), 'file');
  assertInvalid(await bring(host, room, fileOf([item(1)]).split('\n').slice(0, 2).join('\n')), 'file');
  for (const text of ['', 'a\n'.repeat(20), '[a] [3:00 PM] before any day\n', 'x\n2020년 13월 1일 월요일\n', Buffer.from([0xb0, 0xa1, 0x0a]),
    '--------------- Friday, January 1, 2100 ---------------\n[a] [3:00 PM] later\n', 'a\0b\n']) assertInvalid(await bring(host, room, text, 'txt'), 'file');
  assertInvalid(await host.at.post(pathOf(room, 'csv'), Buffer.from('x'), BLOB), 'format');
  assertProblem(await host.at.post(pathOf(room), { a: 1 }), 'unsupported-media-type');
  assertProblem(await bring(host, room, fileOf([item(1), item(1)])), 'conflict');
  await forget();
  assertProblem(await host.at.post(pathOf(room), Buffer.alloc(0), BLOB).then((answer) => answer), 'invalid-fields', ['file']);
  assert.deepEqual(messages(await exported(host, room)), []);
});

test('the host only, into a room where nobody has said anything', async () => {
  const room = await roomOfFour(stack, all);
  const text = fileOf([item(1)]);
  for (const user of [moderator, ann]) assertProblem(await bring(user, room, text), 'forbidden');
  assertProblem(await bring(stranger, room, text), 'not-member');
  assertProblem(await bring(admin, room, text), 'not-member');
  assertProblem(await bring(nobody, room, text), 'unauthenticated');
  assertOk(await say(stack, ann, room, 'hello'), 201);
  assertProblem(await bring(host, room, text), 'conflict');
  const group = await roomOfFour(stack, all, { kind: 'group' });
  assertProblem(await bring(stranger, group, text), 'not-found');
  assertOk(await bring(host, group, text), 200);
  const { audit } = assertOk(await host.at.get(`/v1/audit?room=${group.id}`), 200);
  assert.deepEqual(audit.map(({ action, data }) => [action, data.format]), [['room.imported', 'json']]);
  assertOk(await say(stack, ann, group, 'after it'), 201);
  assertProblem(await bring(host, group, fileOf([item(1), item(2)])), 'conflict');
  assertOk(await host.at.put(`/v1/rooms/${group.id}/host`, { user: ann.id }), 200);
  assertProblem(await bring(ann, group, text), 'conflict');
});

test('words that are not wanted are not brought in either', async () => {
  for (const [word, action] of [['zzbad', 'refuse'], ['zzmask', 'mask']]) assertOk(await admin.at.post('/v1/words', { word, action }), 201);
  // Each worker learns of them a little later.
  const tried = async (body) => {
    const room = await createRoom(stack, host);
    const answer = await bring(host, room, fileOf([item(1, { body })]));
    return [room, answer, messages(await exported(host, room)).map((one) => one.body)];
  };
  await until(async () => (await tried('a zzbad'))[1].body.type === '/problems/refused-word', 10000, 'the word to be refused');
  await until(async () => {
    const [room, answer, said] = await tried('a zzmask');
    assertOk(answer, 200);
    assert.equal(assertOk(await bring(host, room, fileOf([item(1, { body: 'a zzmask' })])), 200).imported, 0);
    return said[0] === 'a ******';
  }, 10000, 'the word to be masked');
});

test('twenty in an hour', async () => {
  const room = await createRoom(stack, bob);
  await forget();
  const send = () => bob.at.post(pathOf(room), Buffer.from(fileOf([])), BLOB);
  for (let i = 0; i < 20; i++) assertOk(await send(), 200);
  assertProblem(await send(), 'throttled');
});

test('who listens hears each message once and in order, or is cut off as too slow and comes back', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, bob, room);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const heard = [];
  inside.bind('message.created', ({ seq, body }) => heard.push([seq, body]));
  const many = Array.from({ length: 3200 }, (_, i) => item(i + 1, { body: `m${i + 1} ${'x'.repeat(300)}` }));
  assert.equal(assertOk(await bring(host, room, fileOf(many.slice(0, 200))), 200).imported, 200);
  const head = await headOf(stack, room);
  await until(() => heard.length === 200, 10000, 'all of them');
  assert.deepEqual(heard.map(([seq]) => seq), Array.from({ length: 200 }, (_, i) => head - 199 + i));
  assert.equal(assertOk(await bring(host, room, fileOf(many)), 200).imported, 3000); // more than the queue of a client takes
  await until(async () => {
    assertOk(await say(stack, host, room, 'live'), 201);
    return heard.at(-1)[1] === 'live';
  }, 20000, 'what is said then');
  assert.deepEqual(heard, [...new Map(heard)].sort(([a], [b]) => a - b));
});

test('what was imported goes with its room, and is forgotten with time', async () => {
  const room = await createRoom(stack, host);
  assertOk(await bring(host, room, fileOf([item(1), item(2)])), 200);
  assertOk(await host.at.del(`/v1/rooms/${room.id}`), 204);
  assert.deepEqual(await stack.sql(`SELECT room FROM room_import WHERE room = ${room.id}`), []);
  await until(async () => (await stack.sql(`SELECT seq FROM message WHERE room = ${room.id}`)).length === 0, 20000, 'the messages to be erased');
});
