// Searching among 10^6 messages, half of them Korean: how long it takes, how soon a new one is found, and whether the answers are
// those of a plain scan by somebody who knows what each person may see.
//
//   make bench-talk ONLY=search [MESSAGES=1000000] [QUERIES=10000]
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { api, signUp, sleep, startStack, until } from '../../tests/harness.mjs';
import { accessToken, untilIndexed } from '../seed.mjs';
import { dice, speaker } from './speech.mjs';

const ROOMS = 1000;
export const PEOPLE = 300;
const MINE = 200; // rooms of the reader, the largest among them
const TIMED = 400;
const TRIALS = 50;
const RATE = 100; // messages a second while those are found
export const READER = 1;
export const PAGE = 50;
const START = Date.UTC(2026, 0, 1);

// ---- what is said, and who may see it ----------------------------------------------------------------

const DENSE = /[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff]/;
// None of these texts has characters that NFKC changes.
const fold = (text) => text.toLowerCase().replace(/ /g, (blank, i, all) => (DENSE.test(all[i - 1] ?? '') || DENSE.test(all[i + 1] ?? '') ? '' : blank));

export function makeTown(count) {
  const talk = speaker(7);
  const random = dice(11);
  const rooms = Array.from({ length: ROOMS + 1 }, () => ({ messages: [], members: new Map() }));
  const people = Array.from({ length: PEOPLE + 1 }, () => ({ rooms: new Set(), blocks: new Set(), hidden: new Set() }));
  const join = (user, room, from = 0) => { people[user].rooms.add(room); rooms[room].members.set(user, from); };
  for (let room = 1; room <= MINE; room++) join(READER, room);
  for (let user = 2; user <= PEOPLE; user++) for (let i = 0; i < 20; i++) join(user, 1 + random.below(ROOMS));
  for (let room = 1; room <= ROOMS; room++) if (rooms[room].members.size === 0) join(READER + 1, room);
  for (let i = 0; i < count; i++) {
    const room = 1 + random.zipf(ROOMS);
    const { messages, members } = rooms[room];
    const body = talk.sentence();
    messages.push({ room, seq: messages.length + 1, at: START + i * 20, sender: random.pick([...members.keys()]), body, folded: fold(body) });
  }
  for (let user = 2; user <= PEOPLE; user++) {
    const mine = [...people[user].rooms];
    const left = random.pick(mine); // an ex-member
    people[user].rooms.delete(left);
    rooms[left].members.delete(user);
    for (const room of mine.slice(0, 3)) if (room !== left) rooms[room].members.set(user, random.below(rooms[room].messages.length + 1)); // since joining
    if (user % 3 === 0) for (let i = 0; i < 20; i++) { const other = 2 + random.below(PEOPLE - 1); if (other !== user) people[user].blocks.add(other); }
    for (let i = 0; i < 50; i++) {
      const room = random.pick(mine);
      if (rooms[room].messages.length > 0) people[user].hidden.add(`${room}:${1 + random.below(rooms[room].messages.length)}`);
    }
  }
  return { talk, random, rooms, people };
}

export async function fill(stack, town) {
  const load = async (table, columns, lines) => {
    const file = join(stack.dir, `${table}.tsv`);
    writeFileSync(file, lines);
    await stack.sql(`SET unique_checks = 0; LOAD DATA INFILE '${file}' INTO TABLE ${table} CHARACTER SET utf8mb4 (${columns})`);
  };
  const time = (at) => new Date(at).toISOString().replace('T', ' ').replace('Z', '');
  const list = (from, of) => from.flatMap(of).join('');
  await signUp(stack, 'person1');
  await stack.sql(`
    INSERT INTO user (id, name, nickname, password, created_at) SELECT s.seq, CONCAT('person', s.seq), 'x', u.password, u.created_at
      FROM seq_2_to_${PEOPLE} s JOIN user u ON u.id = 1;
    INSERT INTO stream (kind, id) SELECT 2, id FROM user WHERE id > 1;
    INSERT INTO session (user, address, agent, created_at, seen_at, expires_at) SELECT id, '', '', created_at, created_at, created_at + INTERVAL 9 DAY FROM user;
    INSERT INTO room (id, kind, title, host, members, max_members, created_at)
      SELECT s.seq, 'group', CONCAT('room ', s.seq), 1, 1, 1000, u.created_at FROM seq_1_to_${ROOMS} s JOIN user u ON u.id = 1`);
  const numbers = Array.from({ length: ROOMS }, (_, i) => i + 1);
  await load('member', 'room, user, visible_from, joined_at', list(numbers, (room) => [...town.rooms[room].members].map(([user, from]) => `${room}\t${user}\t${from}\t2026-01-01\n`)));
  await load('block', 'user, other, created_at', list(town.people, ({ blocks }, user) => [...blocks].map((other) => `${user}\t${other}\t2026-01-01\n`)));
  await load('hidden', 'user, room, message', list(town.people, ({ hidden }, user) => [...hidden].map((at) => `${user}\t${at.replace(':', '\t')}\n`)));
  for (let first = 1; first <= ROOMS; first += 100)
    await load('message', 'room, seq, mid, sender, client_id, body, created_at', list(numbers.slice(first - 1, first + 99), (room) => town.rooms[room].messages
      .map(({ seq, at, sender, body }) => `${room}\t${seq}\t${room * 10000000 + seq}\t${sender}\tc${seq}\t${body}\t${time(at)}\n`)));
  await stack.sql('INSERT INTO stream (kind, id, head, mid) SELECT 1, r.id, COALESCE(MAX(m.seq), 0), COALESCE(MAX(m.mid), 0) FROM room r LEFT JOIN message m ON m.room = r.id GROUP BY r.id');
  return (await stack.sql('SELECT user, MIN(id) FROM session GROUP BY user ORDER BY user')).map(([user, session]) => accessToken(stack.conf.token_secret, Number(user), Number(session)));
}

// ---- asking ------------------------------------------------------------------------------------------

const agent = new Agent({ keepAlive: true });

function ask(stack, token, path) {
  return new Promise((resolve, reject) => {
    request(`${stack.url}${path}`, { agent, headers: { Authorization: `Bearer ${token}` } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => (answer.statusCode === 200 ? resolve(JSON.parse(Buffer.concat(parts))) : reject(new Error(`${path}: ${answer.statusCode} ${Buffer.concat(parts)}`))));
    }).on('error', reject).end();
  });
}

const pathOf = (q, cursor = '') => `/v1/search?limit=${PAGE}&q=${encodeURIComponent(q)}&cursor=${cursor}`;

// Frequent and rare words, parts of them, single characters, phrases, several words, operators, and what nobody said.
export function randomQuery({ talk, random, rooms }, mine) {
  const word = () => talk.word();
  const part = (text) => { const all = [...text]; const from = random.below(all.length); return all.slice(from, from + 1 + random.below(4)).join(''); };
  const said = () => { const { messages } = rooms[random.pick(mine)]; return messages.length ? random.pick(messages).body.replaceAll('"', '') : word(); };
  const phrase = () => { const text = [...said()]; const from = random.below(text.length); return `"${text.slice(from, from + 12).join('').trim() || word()}"`; };
  const sender = () => `from:person${1 + random.below(PEOPLE)}`;
  return [word, word, () => part(word()), () => part(said()).trim() || word(), phrase, () => `${word()} ${word()}`, () => `${part(word())} ${part(said()).trim() || word()}`,
    () => [...word()][0], () => `${sender()} ${part(word())}`, sender, () => 'has:link', () => `in:${random.pick(mine)} ${part(word())}`, () => `없는${word()}말`, () => `q${word()}z`][random.below(14)]();
}

const wordsOf = (q) => [...q.matchAll(/"([^"]*)"|([^\s"]+)/g)];
const isOperator = (word) => /^(from|in|has):/.test(word ?? '');
export const termsOf = (q) => wordsOf(q).filter(([, , word]) => !isOperator(word)).map(([, phrase, word]) => fold((phrase ?? word).trim()));

// The same, read by a second hand: what is said here has no other operators.
export function expected({ rooms, people }, user, q, count) {
  const who = people[user];
  const terms = termsOf(q);
  let [from, room, link] = [0, 0, false];
  for (const [, , word] of wordsOf(q)) {
    if (word?.startsWith('from:')) from = word === 'from:me' ? user : Number(word.slice('from:person'.length));
    else if (word?.startsWith('in:')) room = Number(word.slice(3));
    else if (word === 'has:link') link = true;
  }
  const found = [];
  for (const id of room ? [room].filter((one) => who.rooms.has(one)) : who.rooms) {
    const { messages, members } = rooms[id];
    let n = 0;
    for (let i = messages.length - 1; i >= members.get(user) && n < count; i--) {
      const m = messages[i];
      if ((from && m.sender !== from) || (link && !m.folded.includes('https://')) || !terms.every((term) => m.folded.includes(term))) continue;
      if (who.blocks.has(m.sender) || who.hidden.has(`${id}:${m.seq}`)) continue;
      found.push(m);
      n++;
    }
  }
  return found.sort((a, b) => b.at - a.at || b.room - a.room || b.seq - a.seq).slice(0, count).map(({ room: at, seq }) => `${at}:${seq}`);
}

async function compare(stack, town, tokens, count) {
  let wrong = 0;
  let partial = 0;
  for (let i = 0; i < count; i++) {
    const user = 1 + town.random.below(PEOPLE);
    const q = randomQuery(town, [...town.people[user].rooms]);
    const pages = i % 10 === 0 ? 3 : 1;
    const got = [];
    for (let cursor = ''; cursor !== null && got.length < pages * PAGE;) {
      const page = await ask(stack, tokens[user - 1], pathOf(q, cursor));
      got.push(...page.messages.map(({ room, seq }) => `${room}:${seq}`));
      partial += page.partial;
      cursor = page.next;
    }
    const wanted = expected(town, user, q, pages * PAGE);
    const differ = got.slice(0, pages * PAGE).filter((one, k) => one !== wanted[k]).length + Math.max(0, wanted.length - got.length);
    if (differ > 0 && wrong < 100) console.log(`person${user} ${q}: ${differ} of ${wanted.length} differ`);
    wrong += differ;
  }
  console.log(`${count} queries compared, ${partial} pages were partial`);
  return wrong;
}

async function times(stack, town, token) {
  const mine = [...town.people[READER].rooms];
  const taken = [];
  for (let i = 0; i < 50 + TIMED; i++) {
    const q = randomQuery(town, mine);
    const since = performance.now();
    await ask(stack, token, pathOf(q));
    if (i >= 50) taken.push([performance.now() - since, q]);
  }
  taken.sort((a, b) => a[0] - b[0]);
  const at = (share) => taken[Math.floor(share * (taken.length - 1))][0];
  console.log(`p50 ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms; the slowest: ${taken.slice(-5).map(([ms, q]) => `${q} ${ms.toFixed(0)} ms`).join(', ')}`);
  return at(0.95);
}

async function freshness(stack, town, tokens) {
  const talk = (user, room, body, id) => api(stack, { token: tokens[user - 1] }).post(`/v1/rooms/${room}/messages`, { client_id: id, body });
  const mine = [...town.people[2].rooms];
  let sent = 0;
  const timer = setInterval(() => {
    const id = `load${sent++}`;
    talk(2, mine[sent % mine.length], town.talk.sentence(), id).catch(() => {});
  }, 1000 / RATE);
  let longest = 0;
  try {
    for (let i = 0; i < TRIALS; i++) {
      const word = `fresh${i}쉬${(i * 7919) % 1000}`;
      await talk(READER, 1 + (i % MINE), `this is ${word} now`, word);
      const since = performance.now();
      while ((await ask(stack, tokens[READER - 1], pathOf(word))).messages.length === 0) await sleep(20);
      longest = Math.max(longest, performance.now() - since);
    }
  } finally {
    clearInterval(timer);
  }
  console.log(`${sent} messages were sent meanwhile`);
  return longest / 1000;
}

export async function search({ bar, env }) {
  const count = env('MESSAGES', 1000000);
  const stack = await startStack({ conf: { log_level: 'warn', 'db.innodb-buffer-pool-size': '512M', 'db.innodb-log-file-size': '256M' } });
  try {
    const town = makeTown(count);
    const tokens = await fill(stack, town);
    const since = performance.now();
    await untilIndexed(stack);
    const [[segments, bytes]] = await stack.sql(`SELECT (SELECT COUNT(*) FROM search_segment WHERE state = 'ready'), SUM(data_length + index_length)
      FROM information_schema.tables WHERE table_schema = 'maru' AND table_name LIKE 'search%'`);
    console.log(`${count} messages indexed in ${((performance.now() - since) / 1000).toFixed(0)} s: ${segments} segments, ${(bytes / 1e6).toFixed(0)} MB`);
    bar('talk_search_p95_innodb', await times(stack, town, tokens[READER - 1]), 'ms', '<=100');
    bar('talk_search_wrong', await compare(stack, town, tokens, env('QUERIES', 10000)), 'results', '<=0');
    bar('talk_search_fresh_max', await freshness(stack, town, tokens), 's', '<=2');
  } finally {
    await stack.stop();
  }
}
