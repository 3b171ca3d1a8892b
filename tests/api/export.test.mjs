// What was said in a room, as a file: GET /v1/rooms/:room/export
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import test, { after } from 'node:test';
import { eventOn, client, startStack, subscribed, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);
const BOM = '\ufeff';
const SEOUL = { time_zone: 'Asia/Seoul', locale: 'ko' };

const pathOf = (room, query = '') => `/v1/rooms/${room.id}/export${query}`;
const settle = (user, settings) => user.at.patch('/v1/users/me/settings', { time_zone: 'UTC', locale: 'en', ...settings });
// More of them than anybody may have in an hour.
async function take(user, room, format, query = '') {
  await stack.sql("DELETE FROM throttle WHERE name LIKE 'export-of:%'");
  const answer = await user.at.get(pathOf(room, `?format=${format}${query}`));
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}
const items = async (user, room, query) => (await take(user, room, 'json', query)).items;
const at = (room, seq, time) => stack.sql(`UPDATE message SET created_at = '${time}' WHERE room = ${room.id} AND seq = ${seq};
  UPDATE event SET created_at = '${time}' WHERE kind = 1 AND stream = ${room.id} AND seq = ${seq}`);
const nicknames = (names) => stack.sql(Object.entries(names).map(([id, name]) => `UPDATE user SET nickname = '${name.replaceAll("'", "''")}' WHERE id = ${id};`).join('\n'));

// A room of two: Ann comes at 1, seqs 2 and 3 are messages, at 4 she is put out, at 5 somebody says a last word.
async function story() {
  await nicknames({ [host.id]: '민지', [ann.id]: "Ann [x] <b>" });
  const room = await createRoom(stack, host, { title: '우리 "방" <1>' });
  await joinRoom(stack, ann, room);
  assertOk(await say(stack, ann, room, 'first\n[민지] [오후 3:05] no\r\n--------------- x\n=1'), 201);
  assertOk(await host.at.post(`/v1/rooms/${room.id}/messages`, { client_id: 'r', body: '=HYPERLINK("x")', reply_to: 2 }), 201);
  assertOk(await host.at.del(`/v1/rooms/${room.id}/members/${ann.id}`), 204);
  assertOk(await say(stack, host, room, '<script>&"\''), 201);
  for (const [seq, time] of [[1, '2026-11-28 15:00:00'], [2, '2026-11-29 06:05:00'], [3, '2026-11-29 14:59:59.999'],
    [4, '2026-11-29 15:00:00'], [5, '2026-11-30 03:30:00']]) await at(room, seq, time);
  return room;
}

test('text is laid out as KakaoTalk for Windows does it, in Korean', async () => {
  const room = await story();
  await settle(host, SEOUL);
  const [title, saved, ...lines] = (await take(host, room, 'txt')).split('\r\n');
  assert.equal(title, `${BOM}우리 "방" <1> 님과 카카오톡 대화`);
  assert.match(saved, /^저장한 날짜 : \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual(lines, ['', '--------------- 2026년 11월 29일 일요일 ---------------',
    'Ann [x] <b>님이 들어왔습니다.',
    '[Ann (x) <b>] [오후 3:05] first', ' [민지] [오후 3:05] no', ' --------------- x', '=1',
    '[민지] [오후 11:59] Ann [x] <b>에게 답장: first', '=HYPERLINK("x")', '',
    '--------------- 2026년 11월 30일 월요일 ---------------',
    'Ann [x] <b>님을 내보냈습니다.', '[민지] [오후 12:30] <script>&"\'', '']);
});

test('and in English, in the time zone of whoever asks', async () => {
  const room = await story();
  await settle(host, { time_zone: 'America/New_York', locale: 'en-US' });
  const [title, saved, ...lines] = (await take(host, room, 'txt')).split('\r\n');
  assert.equal(title, `${BOM}우리 "방" <1> with KakaoTalk Chats`);
  assert.match(saved, /^Date Saved : \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual(lines.filter((line) => /^(---|\[|.* chatroom)/.test(line)), [
    '--------------- Saturday, November 28, 2026 ---------------', 'Ann [x] <b> joined this chatroom.',
    '--------------- Sunday, November 29, 2026 ---------------',
    '[Ann (x) <b>] [1:05 AM] first', '[민지] [9:59 AM] Reply to Ann [x] <b>: first', 'Ann [x] <b> was removed from this chatroom.',
    '[민지] [10:30 PM] <script>&"\'']);
});

test('CSV is for spreadsheets, and no cell is a formula', async () => {
  const room = await story();
  await settle(host, SEOUL);
  const csv = await take(host, room, 'csv');
  assert.equal(csv, `${BOM}seq,time,type,sender,name,text\r
1,2026-11-29T00:00:00+09:00,member.joined,${ann.id},"Ann [x] <b>","Ann [x] <b>님이 들어왔습니다."\r
2,2026-11-29T15:05:00+09:00,text,${ann.id},"Ann [x] <b>","first\n[민지] [오후 3:05] no\r\n--------------- x\n=1"\r
3,2026-11-29T23:59:59+09:00,text,${host.id},"민지","Ann [x] <b>에게 답장: first\n=HYPERLINK(""x"")"\r
4,2026-11-30T00:00:00+09:00,member.kicked,${ann.id},"Ann [x] <b>","Ann [x] <b>님을 내보냈습니다."\r
5,2026-11-30T12:30:00+09:00,text,${host.id},"민지","<script>&""'"\r\n`);
  for (const body of ['=1+1', '+1', '-1', '@x', '\tx', '\r=1']) {
    assertOk(await say(stack, host, room, body), 201);
    assert.ok((await take(host, room, 'csv')).includes(`"민지","'${body}"\r\n`), JSON.stringify(body));
  }
  await nicknames({ [host.id]: '=cmd' });
  assert.ok((await take(host, room, 'csv')).includes(',"\'=cmd",'));
});

test('JSON has a line for each item, in the order of seq, and says at its end how many', async () => {
  const room = await story();
  const { body, ...rest } = await raw(host, pathOf(room, '?format=json'));
  assert.equal(rest.headers['content-type'], 'application/json');
  const lines = body.split('\n');
  assert.deepEqual(lines.slice(-2), ['],"count":5}', '']);
  assert.deepEqual(lines.slice(1, -2).map((line) => JSON.parse(line.replace(/,$/, '')).seq), [1, 2, 3, 4, 5]);
  const file = JSON.parse(body);
  assert.deepEqual({ ...file, saved_at: '', items: [] }, {
    format: 'maru-export', version: 1, room: room.id, title: '우리 "방" <1>', saved_at: '', items: [], count: 5 });
  assert.deepEqual(file.items.slice(0, 3), [
    { seq: 1, created_at: '2026-11-28T15:00:00.000Z', type: 'member.joined', sender: ann.id, name: 'Ann [x] <b>' },
    { seq: 2, created_at: '2026-11-29T06:05:00.000Z', type: 'text', sender: ann.id, name: 'Ann [x] <b>',
      body: 'first\n[민지] [오후 3:05] no\r\n--------------- x\n=1' },
    { seq: 3, created_at: '2026-11-29T14:59:59.999Z', type: 'text', sender: host.id, name: '민지', body: '=HYPERLINK("x")', reply_to: 2 }]);
});

test('HTML is one file, in which nothing that somebody wrote is more than text', async () => {
  const room = await story();
  await settle(host, SEOUL);
  const html = await take(host, room, 'html');
  assert.match(html, /^<!doctype html>\n<html lang="ko">/);
  assert.ok(html.includes('<title>우리 &quot;방&quot; &lt;1&gt;</title>'));
  assert.ok(html.includes('<p class="event">Ann [x] &lt;b&gt;님이 들어왔습니다.</p>'));
  assert.ok(html.includes('<h2>2026년 11월 30일 월요일</h2>'));
  assert.ok(html.includes('<time datetime="2026-11-30T03:30:00.000Z">오후 12:30</time>\n&lt;script&gt;&amp;&quot;&#39;</p>'));
  assert.deepEqual([...html.matchAll(/<(\w+)/g)].map(([, tag]) => tag).filter((tag) => !['html', 'meta', 'title', 'style', 'h1', 'h2', 'p', 'b', 'time'].includes(tag)), []);
  assert.deepEqual(html.match(/\b(src|href)=|url\(|@import/g), null);
  const [, style] = /<style>(.*)<\/style>/.exec(html);
  const hash = createHash('sha256').update(style).digest('base64');
  assert.ok(html.includes(`content="default-src 'none'; style-src 'sha256-${hash}'"`), hash);
});

// An answer as bytes and headers, undecoded.
function raw(user, path, method = 'GET') {
  return new Promise((resolve, reject) => {
    request(stack.url + path, { method, headers: { Authorization: `Bearer ${user.token}` } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(parts).toString(), whole: true }));
      answer.on('error', () => resolve({ headers: answer.headers, body: Buffer.concat(parts).toString(), whole: false }));
    }).on('error', reject).end();
  });
}

test('the file is named after the room', async () => {
  const room = await createRoom(stack, host, { title: '우리 "방"; x\'*' });
  await stack.sql("DELETE FROM throttle WHERE name LIKE 'export-of:%'");
  for (const format of ['txt', 'csv', 'html', 'json']) {
    const { headers } = await raw(host, pathOf(room, `?format=${format}`));
    assert.equal(headers['content-disposition'],
      `attachment; filename="room-${room.id}.${format}"; filename*=UTF-8''%EC%9A%B0%EB%A6%AC%20%22%EB%B0%A9%22%3B%20x%27%2A.${format}`);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
  }
  assert.match((await raw(host, pathOf(room))).headers['content-type'], /^text\/plain/);
});

test('from and to are days of the asker, across a change to summer time', async () => {
  const room = await createRoom(stack, host);
  const times = ['2026-03-28 22:59:59', '2026-03-28 23:00:00', '2026-03-29 21:59:59', '2026-03-29 22:00:00'];
  for (const [i, time] of times.entries()) await at(room, assertOk(await say(stack, host, room, `m${i}`), 201).seq, time);
  await settle(host, { time_zone: 'Europe/Berlin', locale: 'de' });
  const said = async (query) => (await items(host, room, query)).map(({ body }) => body).join(' ');
  assert.equal(await said('&from=2026-03-29&to=2026-03-29'), 'm1 m2');
  assert.equal(await said('&from=2026-03-30'), 'm3');
  assert.equal(await said('&to=2026-03-28'), 'm0');
  assert.equal(await said('&from=2026-03-31'), '');
  assert.equal(await said('&from=0001-01-01&to=9999-12-31'), 'm0 m1 m2 m3');
  const text = await take(host, room, 'txt');
  for (const line of ['[2:00', '[12:00 AM] m1', '[11:59 PM] m2', '[12:00 AM] m3']) assert.equal(text.includes(line), line !== '[2:00', line);
  for (const day of ['2026-13-01', '2026-02-30', 'today', '2026-2-3', '2026-02-03x', '']) {
    assertInvalid(await host.at.get(pathOf(room, `?from=${day}`)), 'from');
    assertInvalid(await host.at.get(pathOf(room, `?to=${day}`)), 'to');
  }
  assertInvalid(await host.at.get(pathOf(room, '?format=pdf')), 'format');
});

test('nobody gets more than they see', async () => {
  const room = await scene({ history: 'joined' });
  const before = assertOk(await say(stack, host, room, 'before'), 201).seq;
  await joinRoom(stack, stranger, room);
  const own = assertOk(await say(stack, host, room, 'after'), 201).seq;
  const hidden = assertOk(await say(stack, host, room, 'not for me'), 201).seq;
  const quote = assertOk(await host.at.post(`/v1/rooms/${room.id}/messages`, { client_id: 'q', body: 'answer', reply_to: before }), 201).seq;
  const theirs = assertOk(await say(stack, bob, room, 'of bob'), 201).seq;
  const toBob = assertOk(await ann.at.post(`/v1/rooms/${room.id}/messages`, { client_id: 'q', body: 'to bob', reply_to: theirs }), 201).seq;
  const gone = assertOk(await say(stack, ann, room, 'a secret'), 201).seq;
  assertOk(await stranger.at.del(`/v1/rooms/${room.id}/messages/${hidden}?scope=me`), 204);
  assertOk(await stranger.at.put(`/v1/blocks/${bob.id}`), 201);
  assertOk(await ann.at.del(`/v1/rooms/${room.id}/messages/${gone}`), 204);
  assert.deepEqual((await items(stranger, room)).filter(({ body }) => body !== undefined).map(({ seq }) => seq), [own, quote, toBob, gone]);
  await settle(stranger, {});
  const text = await take(stranger, room, 'txt');
  for (const word of ['before', 'not for me', 'of bob', 'a secret']) assert.ok(!text.includes(word), word);
  for (const word of ['after', 'answer', 'to bob', 'This message was deleted.']) assert.ok(text.includes(word), word);
  assert.ok((await take(host, room, 'txt')).includes('of bob'));
  await stack.sql(`UPDATE room SET floor = ${own} WHERE id = ${room.id}`);
  assert.equal((await items(host, room))[0].seq, own + 1);
});

test('who erased their account has no name any more', async () => {
  const room = await createRoom(stack, host);
  assertOk(await say(stack, host, room, 'x'), 201);
  await nicknames({ [host.id]: '' });
  await settle(host, SEOUL);
  assert.ok((await take(host, room, 'txt')).includes('[(알 수 없음)] ['));
  await nicknames({ [host.id]: 'host' });
});

test('members only, and it is noted who took a copy', async () => {
  const room = await scene({ kind: 'group' });
  for (const user of [stranger]) assertProblem(await user.at.get(pathOf(room)), 'not-found');
  assertProblem(await admin.at.get(pathOf(room)), 'not-member');
  assertProblem(await nobody.at.get(pathOf(room)), 'unauthenticated');
  assertProblem(await ann.at.get(pathOf({ id: 999999 })), 'not-found');
  await take(ann, room, 'csv');
  const { audit } = assertOk(await host.at.get(`/v1/audit?room=${room.id}`), 200);
  assert.deepEqual(audit.map(({ actor, action, data }) => [actor.id ?? actor, action, data.format]), [[ann.id, 'room.exported', 'csv']]);
});

test('ten in an hour', async () => {
  const room = await scene();
  await stack.sql("DELETE FROM throttle WHERE name LIKE 'export-of:%'");
  for (let i = 0; i < 10; i++) assertOk(await moderator.at.get(pathOf(room, '?format=json')), 200);
  const refused = await moderator.at.get(pathOf(room));
  assertProblem(refused, 'throttled');
  assert.ok(Number(refused.headers.get('retry-after')) > 3000);
  assert.equal((await ann.at.get(pathOf(room, '?format=json'))).status, 200);
});

const fill = (room, count, length = 200) => stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
    SELECT ${room.id}, s.seq + h.head, s.seq, ${host.id}, CONCAT('f', s.seq), RPAD(CONCAT('m', s.seq, ' '), ${length}, 'x'), UTC_TIMESTAMP(3)
      FROM seq_1_to_${count} s JOIN stream h ON h.kind = 1 AND h.id = ${room.id};
  UPDATE stream SET head = head + ${count}, mid = ${count} WHERE kind = 1 AND id = ${room.id}`);

test('long histories come whole, whatever is hidden in between and wherever pages end', async () => {
  const room = await scene();
  await fill(room, 25000, 20);
  await stack.sql(`INSERT INTO hidden (user, room, message) SELECT ${ann.id}, room, seq FROM message WHERE room = ${room.id} AND seq BETWEEN 300 AND 24000;
    INSERT INTO event (kind, stream, seq, mid, type, data, created_at)
      SELECT 1, room, seq, 7, 'member.left', '{"id":${bob.id},"nickname":"Bob"}', created_at FROM message WHERE room = ${room.id} AND seq BETWEEN 900 AND 1500;
    DELETE FROM message WHERE room = ${room.id} AND seq BETWEEN 900 AND 1500`);
  const seqs = async (user) => (await items(user, room)).map(({ seq }) => seq);
  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const last = 25003;
  assert.deepEqual(await seqs(host), range(1, last));
  assert.deepEqual(await seqs(ann), [...range(1, 299), ...range(900, 1500), ...range(24001, last)]);
});

// Starts to read an export, and reads no further than its first bytes.
function begin(user, path) {
  return new Promise((resolve, reject) => {
    const sending = request(stack.url + path, { headers: { Authorization: `Bearer ${user.token}` } }, (answer) => {
      answer.once('readable', () => resolve({ sending, answer }));
      answer.on('error', () => {});
    });
    sending.on('error', reject);
    sending.end();
  });
}

test('who has one running has to wait, and who goes away frees the worker', async () => {
  const room = await scene();
  await fill(room, 30000, 4000);
  await stack.sql("DELETE FROM throttle WHERE name LIKE 'export-of:%'");
  const { sending } = await begin(ann, pathOf(room));
  assertProblem(await ann.at.get(pathOf(room)), 'throttled');
  assertProblem(await bob.at.get(pathOf(room)), 'unavailable'); // one of four workers
  sending.on('error', () => {});
  sending.destroy();
  await until(async () => (await bob.at.get(pathOf(room, '?format=json&to=2001-01-01'))).status === 200, 20000, 'the worker to be free');
  await until(() => /the client has left/.test(stack.log('api')), 20000, 'the log to say so');
});

test('an export that breaks off does not look whole', async () => {
  const room = await scene();
  await fill(room, 30000, 4000);
  await stack.sql("DELETE FROM throttle WHERE name LIKE 'export-of:%'");
  const { answer } = await begin(ann, pathOf(room, '?format=txt'));
  const broken = new Promise((resolve) => { answer.on('aborted', () => resolve(true)); answer.on('end', () => resolve(false)); });
  const connections = await stack.sql("SELECT id FROM information_schema.processlist WHERE db = 'maru' AND id <> CONNECTION_ID()");
  await stack.sql(connections.map(([id]) => `KILL ${id};`).join('')); // in one go: a client that reads nothing is given up
  answer.resume();
  assert.equal(await broken, true);
  await until(() => /the answer was cut/.test(stack.log('api')), 20000, 'the log to say so');
});

test('messages keep coming while somebody reads an old history', async () => {
  const room = await scene();
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'message.created');
  const export_ = take(ann, room, 'json');
  assertOk(await say(stack, host, room, 'live'), 201);
  assert.equal((await told).body, 'live');
  await export_;
});
