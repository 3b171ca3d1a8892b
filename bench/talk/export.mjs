// A room's history as a file, and back: 10^6 messages in each format. What memory maru-api and nginx take while they write
// it, when the first byte comes, and whether a second room that gets the JSON has the same history.
//
//   make bench-talk ONLY=export [MESSAGES=1000000]
import { createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { api, signUp, sleep, startStack } from '../../tests/harness.mjs';
import { bar } from '../bar.mjs';
import { env } from '../load.mjs';

const MESSAGES = env('MESSAGES', 1e6);
const FORMATS = ['txt', 'csv', 'html', 'json'];
const CHUNK = 1e5; // messages in one transaction
const MB = 1024; // kB

const read = (path) => { try { return readFileSync(path, 'utf8'); } catch { return ''; } };
const rssOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / MB;
const childrenOf = (pid) => read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
// Who answers. The indexer, another child of maru-api, goes on making the filled room findable meanwhile, and takes memory for that.
const serversOf = ({ api: parent, nginx }) => [...childrenOf(parent), ...childrenOf(nginx)].filter((pid) => read(`/proc/${pid}/comm`).trim() !== 'maru-indexer');
const ms = (since) => Number(process.hrtime.bigint() - since) / 1e6;

async function must(answer, status) {
  const { status: got, body } = await answer;
  if (got !== status) throw new Error(`${got} ${JSON.stringify(body)}`);
  return body;
}

// Korean and English, answers, line breaks, what each format has to escape.
async function fill(stack, room, people) {
  for (let first = 1; first <= MESSAGES; first += CHUNK) {
    await stack.sql(`SET unique_checks = 0;
      INSERT INTO message (room, seq, mid, sender, client_id, body, created_at, reply_to)
        SELECT ${room.id}, 10 + seq, seq, ELT(1 + seq MOD ${people.length}, ${people.map(({ id }) => id)}), CONCAT('b', seq),
            CONCAT(ELT(1 + seq MOD 4, '오늘 스터디 몇 시에 시작해요? ', 'see you at the library <b>& co</b> ', '=1+1, "quoted", \\'so\\' ', '첫 줄\\n[민지] [오후 3:05] 둘째 줄 '),
              seq, ' ', REPEAT(ELT(1 + seq MOD 2, '가나다 ', 'lorem '), seq MOD 30)),
            UTC_TIMESTAMP(3) - INTERVAL ${MESSAGES} - seq SECOND, IF(seq MOD 10 = 0, 5 + seq, NULL)
          FROM seq_${first}_to_${Math.min(first + CHUNK - 1, MESSAGES)}`);
  }
  await stack.sql(`UPDATE stream SET head = ${MESSAGES} + 10 WHERE kind = 1 AND id = ${room.id}`);
}

// How much the largest of these processes has grown since watch.start(), in MB.
function watch(pids) {
  const now = () => new Map(pids().map((pid) => [pid, rssOf(pid)]));
  let from = now();
  let most = 0;
  const timer = setInterval(() => {
    for (const [pid, rss] of now()) if (from.has(pid)) most = Math.max(most, rss - from.get(pid));
  }, 50);
  return { start() { from = now(); most = 0; }, stop() { clearInterval(timer); return most; } };
}

// Takes an export to its end; into a file, if there is a name.
async function take(stack, user, room, format, file) {
  const memory = watch(() => serversOf(stack.pids));
  const since = process.hrtime.bigint();
  let first;
  let bytes = 0;
  await new Promise((resolve, reject) => {
    request(`${stack.url}/v1/rooms/${room.id}/export?format=${format}`, { headers: { Authorization: `Bearer ${user.token}` } }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`${format}: ${answer.statusCode}`));
      answer.once('data', () => { first = ms(since); memory.start(); });
      answer.on('data', (part) => { bytes += part.length; });
      const sink = file ? createWriteStream(file) : new Writable({ write: (part, encoding, done) => done() });
      return pipeline(answer, sink).then(resolve, reject);
    }).on('error', reject).end();
  });
  const seconds = ms(since) / 1000;
  const growth = memory.stop();
  console.log(`${format}: ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s, first byte after ${first.toFixed(0)} ms, memory +${growth.toFixed(1)} MB`);
  return { first, growth };
}

async function bring(stack, user, room, file) {
  const memory = watch(() => serversOf(stack.pids));
  const since = process.hrtime.bigint();
  const text = await new Promise((resolve, reject) => {
    const sending = request(`${stack.url}/v1/rooms/${room.id}/imports?format=json`, { method: 'POST', headers: {
      Authorization: `Bearer ${user.token}`, 'Content-Type': 'application/octet-stream', 'Content-Length': statSync(file).size } }, (answer) => {
      let all = '';
      answer.on('data', (part) => { all += part; });
      answer.on('end', () => (answer.statusCode === 200 ? resolve(all) : reject(new Error(`${answer.statusCode} ${all}`))));
    });
    sending.on('error', reject);
    pipeline(createReadStream(file), sending).catch(reject);
  });
  console.log(`imported in ${(ms(since) / 1000).toFixed(1)} s, memory +${memory.stop().toFixed(1)} MB: ${text}`);
}

// The messages of a JSON export, one after the other, as what must be the same.
async function* messagesIn(file) {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!line.startsWith('{"seq"')) continue;
    const { type, name, body, created_at: time } = JSON.parse(line.replace(/,$/, ''));
    if (body !== undefined) yield JSON.stringify([type, name, body, time]);
  }
}

async function differences(one, other) {
  const [a, b] = [messagesIn(one), messagesIn(other)];
  let found = 0;
  let count = 0;
  for (;;) {
    const [x, y] = [await a.next(), await b.next()];
    if (x.done && y.done) break;
    count++;
    if (x.value !== y.value && ++found <= 3) console.log(`different: ${x.value} ${y.value}`);
  }
  console.log(`${count} messages compared`);
  return found + (count === MESSAGES ? 0 : 1);
}

async function measure() {
  const stack = await startStack({ conf: { log_level: 'warn', 'db.innodb-log-file-size': '512M' } });
  try {
    const people = await Promise.all(['민지', 'ann <b>', '=bob'].map(() => signUp(stack)));
    await stack.sql(people.map(({ id }, i) => `UPDATE user SET nickname = '${['민지', 'ann <b>', '=bob'][i]}' WHERE id = ${id};`).join('\n'));
    const [host] = people;
    const at = api(stack, host);
    await must(at.patch('/v1/users/me/settings', { time_zone: 'Asia/Seoul', locale: 'ko' }), 200);
    const room = await must(at.post('/v1/rooms', { title: '백만', kind: 'group' }), 201);
    const copy = await must(at.post('/v1/rooms', { title: 'copy', kind: 'group' }), 201);
    await fill(stack, room, people);
    await sleep(1000); // pages that the filling left behind
    const before = join(stack.dir, 'before.json');
    const after = join(stack.dir, 'after.json');
    const all = [];
    for (const format of FORMATS) all.push(await take(stack, host, room, format, format === 'json' ? before : undefined));
    await bring(stack, host, copy, before);
    await take(stack, host, copy, 'json', after);
    bar('talk_export_rss_growth', Math.max(...all.map(({ growth }) => growth)), 'MB', '<=8');
    bar('talk_export_first_byte', Math.max(...all.map(({ first }) => first)), 'ms', '<=200');
    bar('talk_export_import_differences', await differences(before, after), 'messages', '<=0');
  } finally {
    await stack.stop();
  }
}

export { measure as export };
