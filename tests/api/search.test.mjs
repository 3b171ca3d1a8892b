// GET /v1/search: what is found, by whom, and what is not any more.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, signUp, startStack, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, rawHttp, say } from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, bob] = await people(stack, 3);
const [hosts, anns, bobs] = [host, ann, bob].map((user) => api(stack, user));

const path = (q, more = {}) => `/v1/search?${new URLSearchParams({ q, ...more })}`;
const search = async (q, who = hosts, more) => assertOk(await who.get(path(q, more)), 200);
const found = async (q, who, more) => (await search(q, who, more)).messages.map(({ body }) => body);
const indexed = () => until(async () => (await stack.sql(`SELECT s.id FROM stream s LEFT JOIN search_room c ON c.room = s.id
    JOIN room r ON r.id = s.id WHERE s.kind = 1 AND s.head > COALESCE(c.seq, 0)`)).length === 0, 20000, 'what was said to be indexed');

async function roomOf(bodies, who = host, room = {}) {
  const made = await createRoom(stack, who, room);
  for (const body of bodies) assertOk(await say(stack, who, made, body), 201);
  await indexed();
  return made;
}

const SAID = ['내일 회의시간 알려줘', '회의록은 어디에', 'Straße in KÖLN', 'now here', 'nowhere', '全文検索テスト', 'ｶﾀｶﾅ', 'see https://example.org/a', 'ㅋㅋㅋ ㅠㅠ',
  '100% "sure", c:\\temp', '😀 ok', 'สวัสดีครับ', 'привет Мир', "it's a_b"];
const hall = await roomOf(SAID);

test('any part of a text, in every script', async () => {
  for (const [q, ...expected] of [
    ['회의', SAID[1], SAID[0]], ['의시', SAID[0]], ['"회의 시간"', SAID[0]], ['내일회의', SAID[0]], ['록', SAID[1]],
    ['strasse', SAID[2]], ['köln', SAID[2]], ['"now here"', SAID[3]], ['here', SAID[4], SAID[3]], ['nowh', SAID[4]],
    ['検索', SAID[5]], ['カタカナ', SAID[6]], ['タカ', SAID[6]], ['ㅋㅋ', SAID[8]], ['ㅠ', SAID[8]], ['"ㅋㅋㅋ ㅠㅠ"', SAID[8]], ['100%', SAID[9]], ['c:\\', SAID[9]],
    ['😀', SAID[10]], ['ดีค', SAID[11]], ['ВЕТ', SAID[12]], ["t's", SAID[13]], ['a_b', SAID[13]], ['없는말'], ['zz'], ['\u{1F600}\u{1F600}']])
    assert.deepEqual(await found(q, hosts, { room: hall.id }), expected, q);
});

test('several words, in any order', async () => {
  assert.deepEqual(await found('알려 회의', hosts, { room: hall.id }), [SAID[0]]);
  assert.deepEqual(await found('here now', hosts, { room: hall.id }), [SAID[4], SAID[3]]);
  assert.deepEqual(await found('알려 어디', hosts, { room: hall.id }), []);
  assert.deepEqual(await found(`in:${hall.id} 시간`), [SAID[0]]);
  assert.deepEqual(await found(`in:${hall.id} 시간`, hosts, { room: hall.id + 1 }), []);
});

test('operators', async () => {
  const room = await roomOf(['one tea', 'two http://example.org']);
  await joinRoom(stack, ann, room);
  assertOk(await say(stack, ann, room, 'three tea'), 201);
  await indexed();
  const at = (q) => found(`in:${room.id} ${q}`);
  assert.deepEqual(await at('from:me'), ['two http://example.org', 'one tea']);
  assert.deepEqual(await at(`from:${ann.name}`), ['three tea']);
  assert.deepEqual(await at(`FROM:${ann.name} tea`), ['three tea']);
  assert.deepEqual(await at(`from:${bob.name}`), []);
  assert.deepEqual(await at('from:nobody_at_all'), []);
  assert.deepEqual(await at('has:link'), ['two http://example.org']);
  assert.deepEqual(await at('has:link tea'), []);
  assert.deepEqual(await at('has:sticker'), []);
  assert.deepEqual(await at(''), ['three tea', 'two http://example.org', 'one tea']);
  assert.deepEqual(await at('"from:me"'), []);
});

test('what belongs to a message is found by it', async () => {
  const room = await roomOf(['a sticker', 'a poll', 'a mention', 'a file', 'nothing']);
  const seqs = assertOk(await hosts.get(`/v1/rooms/${room.id}/messages`), 200).messages.map(({ seq }) => seq);
  await stack.sql(`UPDATE message SET type = 'sticker', content = '{}' WHERE room = ${room.id} AND seq = ${seqs[0]};
    UPDATE message SET type = 'poll', content = '{}' WHERE room = ${room.id} AND seq = ${seqs[1]};
    UPDATE message SET entities = '[{"type":"mention","user":1,"offset":0,"length":1}]' WHERE room = ${room.id} AND seq = ${seqs[2]};
    UPDATE message SET content = '{"attachments":[{"id":1}]}' WHERE room = ${room.id} AND seq = ${seqs[3]};
    DELETE FROM search_share WHERE room = ${room.id}; DELETE FROM search_room WHERE room = ${room.id}`);
  await indexed();
  // Not through api(): no message looks like these.
  const bodies = async (q) => JSON.parse((await rawHttp(stack, `GET ${path(`in:${room.id} ${q}`)} HTTP/1.0\r\nAuthorization: Bearer ${host.token}\r\n\r\n`))
    .split('\r\n\r\n')[1]).messages.map(({ body }) => body);
  assert.deepEqual(await bodies('has:sticker'), ['a sticker']);
  assert.deepEqual(await bodies('has:poll'), ['a poll']);
  assert.deepEqual(await bodies('has:mention'), ['a mention']);
  assert.deepEqual(await bodies('has:file'), ['a file']);
});

test('days are those of the asker', async () => {
  const room = await roomOf(['first', 'second', 'third']);
  const times = ['2026-03-09 14:59:59.999', '2026-03-09 15:00:00.000', '2026-03-10 15:00:00.000'];
  const [{ seq }] = assertOk(await hosts.get(`/v1/rooms/${room.id}/messages`), 200).messages;
  await stack.sql(times.map((time, i) => `UPDATE message SET created_at = '${time}' WHERE room = ${room.id} AND seq = ${seq + i};`).join('')
    + `DELETE FROM search_share WHERE room = ${room.id}; DELETE FROM search_room WHERE room = ${room.id}`);
  await indexed();
  const at = (q) => found(`in:${room.id} ${q}`);
  assertOk(await hosts.patch('/v1/users/me/settings', { time_zone: 'Asia/Seoul' }), 200);
  assert.deepEqual(await at('after:2026-03-10'), ['third', 'second']);
  assert.deepEqual(await at('before:2026-03-10'), ['first']);
  assert.deepEqual(await at('after:2026-03-10 before:2026-03-11'), ['second']);
  assert.deepEqual(await at('after:2026-03-11 before:2026-03-10'), []);
  assertOk(await hosts.patch('/v1/users/me/settings', { time_zone: 'UTC' }), 200);
  assert.deepEqual(await at('before:2026-03-10 second'), ['second']);
});

// Every page of a search.
async function pages(q, who, limit) {
  const all = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await search(q, who, { limit, cursor });
    assert.ok(page.messages.length <= limit);
    all.push(...page.messages);
    cursor = page.next;
  }
  return all;
}

test('over several rooms, newest first, page by page', async () => {
  const rooms = [];
  for (let i = 0; i < 3; i++) rooms.push(await createRoom(stack, bob));
  for (let i = 0; i < 30; i++) assertOk(await say(stack, bob, rooms[i % 3], i % 2 ? `page ${i}` : `쪽 ${i}`), 201);
  await indexed();
  const newest = (a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : b.room - a.room || b.seq - a.seq);
  for (const [q, n] of [['page', 15], ['쪽', 15], ['from:me', 30], ['age 1', 7], [`from:${bob.name} page`, 15]]) {
    const once = (await search(q, bobs, { limit: 100 })).messages;
    assert.equal(once.length, n, q);
    assert.deepEqual(once.map(({ seq, room }) => [room, seq]), [...once].sort(newest).map(({ seq, room }) => [room, seq]));
    for (const limit of [1, 4, 15]) assert.deepEqual(await pages(q, bobs, limit), once, `${q} by ${limit}`);
  }
});

test('messages look as in the history', async () => {
  const room = await roomOf(['look at me', 'and me']);
  const [first] = assertOk(await hosts.get(`/v1/rooms/${room.id}/messages`), 200).messages;
  await hosts.put(`/v1/rooms/${room.id}/messages/${first.seq}/reactions/x`);
  await hosts.put(`/v1/rooms/${room.id}/messages/${first.seq}/reactions/y`);
  const history = assertOk(await hosts.get(`/v1/rooms/${room.id}/messages`), 200).messages;
  assert.deepEqual(await search(`in:${room.id} me`), { messages: history.reverse(), next: null, partial: false });
});

test('only what the asker may see', async () => {
  const room = await roomOf(['xylophone before'], host, { kind: 'group', history: 'joined' });
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { history: 'joined' }), 200);
  const of = async (who) => (await found('xylophone', who)).sort();
  assert.deepEqual(await of(anns), []);
  await putIntoGroup(stack, ann, room);
  const after = assertOk(await say(stack, host, room, 'xylophone after'), 201);
  assertOk(await say(stack, ann, room, 'xylophone of ann'), 201);
  await indexed();
  assert.deepEqual(await of(hosts), ['xylophone after', 'xylophone before', 'xylophone of ann']);
  assert.deepEqual(await of(anns), ['xylophone after', 'xylophone of ann'], 'since joining');
  assert.deepEqual(await of(bobs), [], 'a stranger');
  assertOk(await anns.del(`/v1/rooms/${room.id}/messages/${after.seq}?scope=me`), 204);
  assert.deepEqual(await of(anns), ['xylophone of ann'], 'hidden');
  assertOk(await hosts.put(`/v1/blocks/${ann.id}`), 201);
  assert.deepEqual(await of(hosts), ['xylophone after', 'xylophone before'], 'of somebody who is blocked');
  assertOk(await hosts.del(`/v1/blocks/${ann.id}`), 204);
  assert.equal((await of(hosts)).length, 3);
  assertOk(await anns.del(`/v1/rooms/${room.id}/members/me`), 204);
  assert.deepEqual(await of(anns), [], 'an ex-member');
  assert.deepEqual(await found(`in:${room.id} xylophone`, anns), []);
});

test('direct rooms', async () => {
  const { id } = (await anns.put(`/v1/direct-rooms/${bob.id}`)).body;
  assertOk(await say(stack, ann, id, 'between us kumquat'), 201);
  await indexed();
  for (const who of [anns, bobs]) assert.deepEqual(await found('kumquat', who), ['between us kumquat']);
  assert.deepEqual(await found('kumquat', hosts), []);
});

test('what is changed or deleted is gone at once, and its text from the index later', async () => {
  const room = await roomOf(['wobble one', 'wobble two', 'wobble three']);
  const of = (q) => found(`in:${room.id} ${q}`);
  const [one, two] = assertOk(await hosts.get(`/v1/rooms/${room.id}/messages`), 200).messages;
  const before = (await stack.sql(`SELECT DISTINCT p.segment FROM search_part p JOIN search_segment g ON g.id = p.segment AND g.state = 'ready'
    WHERE p.room = ${room.id} AND ${one.seq} BETWEEN p.first AND p.last`)).flat();
  assertOk(await hosts.patch(`/v1/rooms/${room.id}/messages/${one.seq}`, { body: 'quiver one' }), 200);
  assert.deepEqual(await of('wobble'), ['wobble three', 'wobble two']);
  assertOk(await hosts.del(`/v1/rooms/${room.id}/messages/${two.seq}`), 204);
  assert.deepEqual(await of('wobble'), ['wobble three']);
  await indexed();
  assert.deepEqual(await of('quiver'), ['quiver one']);
  assert.deepEqual(await of('one'), ['quiver one'], 'found once, though indexed twice');
  // It may have been merged meanwhile, and so been written anew.
  const kept = await stack.sql(`SELECT id FROM search_segment WHERE id IN (${before}) AND state = 'ready' AND due_at IS NULL`);
  assert.deepEqual(kept, [], 'what knows the old text is due');
  await stack.sql('UPDATE search_segment SET due_at = UTC_TIMESTAMP(3) WHERE due_at IS NOT NULL');
  await until(async () => (await stack.sql(`SELECT 1 FROM search_segment WHERE state <> 'ready' OR due_at IS NOT NULL`)).length === 0, 60000, 'the index to forget');
  const [[left]] = await stack.sql(`SELECT COUNT(*) FROM search_part WHERE room = ${room.id} AND first <= ${two.seq} AND last >= ${two.seq} AND first = last`);
  assert.equal(left, '0');
  assert.deepEqual(await of('wobble'), ['wobble three']);
});

test('a deleted room is found no more, and leaves the index', async () => {
  const room = await roomOf(['gone with the room: marzipan']);
  assert.equal((await found('marzipan')).length, 1);
  assertOk(await hosts.del(`/v1/rooms/${room.id}`), 204);
  assert.deepEqual(await found('marzipan'), []);
  await until(async () => (await stack.sql(`SELECT 1 FROM search_share WHERE room = ${room.id} UNION SELECT 1 FROM search_part WHERE room = ${room.id}
    UNION SELECT 1 FROM search_room WHERE room = ${room.id}`)).length === 0, 30000, 'the index to forget the room');
});

test('many messages are merged, and found all the same', async () => {
  const room = await createRoom(stack, bob);
  const bodies = Array.from({ length: 120 }, (_, i) => `merge${i} ${'가나다라마바사'.slice(i % 5)} ${i % 7 ? '' : 'seventh'}`.trim());
  for (const body of bodies) assertOk(await say(stack, bob, room, body), 201);
  await indexed();
  await until(async () => {
    const rows = await stack.sql("SELECT COUNT(*), SUM(state <> 'ready') FROM search_segment WHERE postings < 4096");
    return Number(rows[0][0]) < 8 && Number(rows[0][1]) === 0;
  }, 60000, 'segments to be merged');
  const of = async (q) => (await pages(`in:${room.id} ${q}`, bobs, 100)).map(({ body }) => body);
  assert.deepEqual(await of('merge'), [...bodies].reverse());
  assert.deepEqual(await of('seventh'), bodies.filter((body) => /seventh/.test(body)).reverse());
  assert.deepEqual(await of('가나다'), bodies.filter((body) => /가나다/.test(body)).reverse());
  assert.deepEqual(await of('merge119'), bodies.slice(-1));
});

test('an index that is missing is made', async () => {
  await stack.stopApi();
  await stack.sql(`DELETE FROM search_share; DELETE FROM search_part; DELETE FROM search_post; DELETE FROM search_segment; DELETE FROM search_room`);
  await stack.startApi();
  await indexed();
  assert.deepEqual(await found('의시', hosts, { room: hall.id }), [SAID[0]]);
});

test('bad queries', async () => {
  for (const q of ['', '   ', '""', 'in:x', 'in:0', 'has:wings', 'before:tomorrow', 'after:2026-02-30', 'from:a from:b', 'x'.repeat(201), Array(11).fill('a').join(' ')])
    assertInvalid(await hosts.get(path(q)), 'q');
  assertInvalid(await hosts.get('/v1/search'), 'q');
  assertInvalid(await hosts.get('/v1/search?q=%ff'), 'q');
  for (const cursor of ['x', '1', '1:2', '1:2:3:4', '1:2:x', '-1:2:3', '1:2:3333333333333333333']) assertInvalid(await hosts.get(path('tea', { cursor })), 'cursor');
  assertInvalid(await hosts.get(path('tea', { room: 'x' })), 'room');
  assertOk(await hosts.get(path('가'.repeat(200))), 200);
  assertOk(await hosts.get(path('tea', { cursor: '999999999999999999:1:1' })), 200);
  assertProblem(await api(stack).get(path('tea')), 'unauthenticated');
});

test('hostile texts find themselves', async () => {
  const texts = ["'; DROP TABLE message; --", '%_%', '\\', '"+-><()~*', '<script>alert(1)</script>', '${jndi:ldap://x}', '\u202Eabc', 'ａｂｃ\u0301', '[a-z]+', '\u0000'.replace('\u0000', 'nul')];
  const room = await roomOf(texts);
  for (const text of texts) {
    const word = text.replaceAll('"', '').split(' ')[0];
    assert.ok((await found(`in:${room.id} "${word}"`)).includes(text), text);
  }
});

test('too many searches', async () => {
  const strict = await startStack({ conf: { search_attempts: 3, workers: 2 } });
  try {
    const at = api(strict, await signUp(strict));
    for (let i = 0; i < 3; i++) assertOk(await at.get(path('tea')), 200);
    assertProblem(await at.get(path('tea')), 'throttled');
    assertOk(await api(strict, await signUp(strict)).get(path('tea')), 200);
  } finally {
    await strict.stop();
  }
});
