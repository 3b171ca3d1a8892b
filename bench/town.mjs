// A town for bench/people.mjs: 10^5 people, 10^4 rooms, 10^6 messages, with whatever lists can be asked for; filled by SQL
// in a minute. Names and titles are such as people choose, Korean for the most part, as searches depend on them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { api, until } from '../tests/harness.mjs';
import { accessToken, untilIndexed } from './seed.mjs';

export const PEOPLE = 100000;
export const ROOMS = 10000;
export const MESSAGES = 1000000;
export const CROWD = 10000; // members of the first rooms
export const CROWDED = 3;
export const MINE = 200; // rooms of the reader
export const DIRECT = 300; // direct rooms of the partner
export const READER = 1; // hosts the first room, and is in MINE others
export const ADMIN = 2;
export const PARTNER = 3; // has DIRECT direct rooms
const FRIENDS = 1000;
const CATEGORIES = 100; // as many as there may be
const HALL = 300000; // messages of the first room

const FAMILY = [...'김이박최정강조윤장임한오서신권황안송류홍'];
const GIVEN = [...'민서준지우현도윤하은시예주원수아영진호건유연재승찬성태다린채율나소희혜경미선정훈상동규빈한솔별보람가온해슬기이든로운'];
const WORDS = ['tea', 'blue', 'river', 'night', 'code', 'study', 'happy', 'lucky', 'coffee', 'winter', 'mango', 'pixel', 'quiet', 'tiger',
  'moon', 'star', 'cloud', 'forest', 'lemon', 'rabbit'];
const TOPICS = ['스터디', '영어 회화', '토익 공부', '게임', '리그오브레전드', '축구', '농구', '야구 응원', '등산 모임', '맛집 탐방', '강아지', '고양이',
  '주식 투자', '부동산', '독서', '영화 감상', '음악', '기타 연주', '사진', '여행', '캠핑', '자전거', '러닝 크루', '헬스', '요리', '베이킹', '개발자',
  '취업 준비', '공무원 시험', '수능', 'JavaScript', 'Rust study', 'Linux kernel', 'book club', 'movie night', 'Premier League'];
const PLACES = ['서울', '부산', '대구', '인천', '광주', '대전', '강남', '홍대', '신촌', '판교', '제주', '온라인', '주말', '평일 저녁', '새벽', 'Seoul'];
const ENDS = ['방', '모임', '같이해요', '초보 환영', '수다방', '오픈채팅', '정보 공유', 'friends', 'lounge', '2026'];
const TAGS = ['게임', '공부', '운동', '음악', '여행', '맛집', '반려동물', '취업', '개발', 'english', 'movie', 'book', '사진', '주식', '친목', '서울', '부산',
  '20대', '30대', '직장인'];
export const RARE_WORD = '칼림바'; // in one title, and in one nickname

// The same town each time.
function dice(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
}

function nicknames() {
  const roll = dice(7);
  const one = (list) => list[roll(list.length)];
  return Array.from({ length: PEOPLE }, (_, i) => {
    if (i === 4711) return `${RARE_WORD} 연주자`;
    const kind = roll(10);
    if (kind < 6) return one(FAMILY) + one(GIVEN) + one(GIVEN);
    if (kind < 7) return `${one(TOPICS)} ${one(GIVEN)}${roll(100)}`;
    if (kind < 9) return `${one(WORDS)}${one(WORDS)}${roll(1000)}`;
    return `${one(WORDS)} ${one(FAMILY)}${one(GIVEN)}`;
  });
}

function titles() {
  const roll = dice(11);
  const one = (list) => list[roll(list.length)];
  return Array.from({ length: ROOMS }, (_, i) => i === 4711 ? `${RARE_WORD} 배우기` : `${one(PLACES)} ${one(TOPICS)} ${one(ENDS)}`);
}

// ---- what api/gram.c does ----------------------------------------------------------------------------

const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
// None of these texts has a single consonant in it.
const initialOf = (c) => c >= '가' && c <= '힣' ? INITIALS[Math.floor((c.codePointAt(0) - 0xac00) / 588)] : '';
const fold = (text) => text.toLowerCase().replaceAll(' ', '');

function gramsOf(folded) {
  const all = new Set();
  for (let i = 0; i < folded.length; i++) {
    const [c, next] = [folded[i], folded[i + 1] ?? ''];
    all.add(c).add(c + next);
    if (initialOf(c)) all.add(initialOf(c)).add(initialOf(c) + initialOf(next));
  }
  return all;
}

// Lines for the tables gram and gram_text in the order of their keys. texts: the first is that of id 1.
function gramLines(kind, texts, isShown = () => true) {
  const ids = new Map();
  const folded = [];
  texts.forEach((text, i) => {
    if (!isShown(i + 1)) return;
    folded.push(`${kind}\t${i + 1}\t${fold(text)}\n`);
    for (const gram of gramsOf(fold(text))) {
      if (!ids.has(gram)) ids.set(gram, []);
      ids.get(gram).push(i + 1);
    }
  });
  const lines = [...ids.keys()].sort().flatMap((gram) => ids.get(gram).map((id) => `${kind}\t${gram}\t${id}\n`));
  return { grams: lines.join(''), folded: folded.join('') };
}

// What was made here has to be what the server makes.
async function checkGrams(stack) {
  const [ids, sum] = ['1, 2, 3, 50, 4712, 99000', 'SELECT COUNT(*), SUM(CRC32(CONCAT(gram, id))) FROM gram WHERE kind = 2 AND id IN '];
  const before = await stack.sql(`${sum}(${ids}); UPDATE user SET indexed = 0 WHERE id IN (${ids})`);
  await until(async () => (await stack.sql('SELECT 1 FROM user WHERE indexed = 0')).length === 0, 30000, 'the server to index nicknames');
  const now = await stack.sql(`${sum}(${ids})`);
  if (String(before) !== String(now)) throw new Error(`the server makes other grams: ${now} instead of ${before}`);
}

// ---- filling -----------------------------------------------------------------------------------------

// Rooms whose number ends so are groups, secret, and secret and hidden.
const KIND = "IF(i > 3 AND i MOD 20 = 7, 'group', IF(i > 3 AND i MOD 4 = 2, 'secret', 'public'))";
const ago = (minutes) => `UTC_TIMESTAMP(3) - INTERVAL (${minutes}) MINUTE`;

const people = () => `
  INSERT INTO user (id, name, nickname, password, created_at, role, state, status, avatar, email, indexed, seen_at)
    SELECT i, CONCAT('p', LPAD(i, 6, '0')), text, (SELECT password FROM user WHERE id = 1), ${ago('500000 - i')},
        IF(i = ${ADMIN}, 'admin', 'user'), IF(i > 100 AND i MOD 100 = 0, 'disabled', 'active'), IF(i MOD 3 = 0, '오늘도 화이팅', ''),
        CONCAT('preset-', 1 + i MOD 10), IF(i MOD 2 = 0, CONCAT('p', i, '@example.org'), NULL), 1, ${ago('i')}
      FROM nickname WHERE i > 1;
  UPDATE user u JOIN nickname n ON n.i = 1 SET u.name = 'p000001', u.nickname = n.text, u.indexed = 1 WHERE u.id = 1;
  INSERT INTO stream (kind, id, head) SELECT 2, id, 0 FROM user WHERE id > 1;
  INSERT INTO session (user, address, agent, created_at, seen_at, expires_at)
    SELECT u.id, '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64)', ${ago('s.seq')}, ${ago('s.seq')}, UTC_TIMESTAMP(3) + INTERVAL 20 DAY
      FROM user u JOIN seq_1_to_100 s ON s.seq <= IF(u.id <= 3, 100, 1 + u.id MOD 2);
  INSERT INTO identity (provider, subject, user, created_at)
    SELECT p.p, CONCAT(p.p, u.id), u.id, u.created_at FROM user u JOIN (SELECT 'kakao' AS p UNION SELECT 'google') p WHERE u.id <= 30000;`;

const rooms = () => `
  INSERT INTO category (id, name, place, created_at) SELECT seq, CONCAT('분류 ', seq), seq, UTC_TIMESTAMP(3) FROM seq_1_to_${CATEGORIES};
  INSERT INTO room (id, kind, title, description, password, host, max_members, created_at, hidden, category, cover)
    SELECT i, ${KIND}, text, '함께 이야기하고 배우는 곳입니다. Everybody is welcome.', IF(${KIND} = 'secret', 'none', NULL), IF(i <= ${MINE} AND i MOD 10 = 1, ${READER}, 10 + i),
        ELT(1 + i MOD 4, 20, 50, 100, 300), ${ago('20000 - i')}, ${KIND} = 'secret' AND i MOD 40 = 2, i MOD ${CATEGORIES + 1}, CONCAT('preset-', 1 + i MOD 10)
      FROM title;
  UPDATE room SET max_members = ${CROWD} WHERE id <= ${CROWDED};
  INSERT IGNORE INTO room_tag (room, tag, listed) SELECT r.id, ELT(1 + FLOOR(POW(CRC32(CONCAT(r.id, s.seq)) / 4294967296, 2) * 20), ${TAGS.map((t) => `'${t}'`)}), r.listed
    FROM room r JOIN seq_1_to_3 s WHERE r.kind <> 'group';
  UPDATE room r JOIN (SELECT room, JSON_ARRAYAGG(tag) AS tags FROM room_tag GROUP BY room) t ON t.room = r.id SET r.tags = t.tags;
  INSERT INTO member (room, user, joined_at) SELECT r.id, s.seq, ${ago('s.seq')}
    FROM room r JOIN seq_1_to_${CROWD} s WHERE r.id <= ${CROWDED};
  INSERT IGNORE INTO member (room, user, joined_at) SELECT id, host, created_at FROM room WHERE host > 0;
  INSERT IGNORE INTO member (room, user, joined_at)
    SELECT r.id, 10 + CRC32(CONCAT(r.id, '-', s.seq)) MOD ${PEOPLE - 10}, ${ago('s.seq')}
      FROM room r JOIN seq_1_to_299 s ON s.seq < r.max_members * (r.id MOD 7) / 6 WHERE r.id > ${CROWDED};
  INSERT IGNORE INTO member (room, user, joined_at) SELECT id, ${READER}, created_at FROM room WHERE id <= ${MINE};
  UPDATE member SET role = 'moderator' WHERE room <= 1000 AND user MOD 50 = 5;
  INSERT INTO room (id, kind, title, host, members, max_members, created_at, history)
    SELECT ${ROOMS} + seq, 'direct', '', 0, 2, 2, UTC_TIMESTAMP(3), 'joined' FROM seq_1_to_${DIRECT};
  INSERT INTO direct SELECT ${PARTNER}, 1000 + seq, ${ROOMS} + seq FROM seq_1_to_${DIRECT};
  INSERT INTO member (room, user, joined_at) SELECT room, low, UTC_TIMESTAMP(3) FROM direct UNION SELECT room, high, UTC_TIMESTAMP(3) FROM direct;
  INSERT INTO room_like (room, user, created_at)
    SELECT r.id, s.seq * 3, ${ago('s.seq')} FROM room r JOIN seq_1_to_300 s ON s.seq < POW(r.id MOD 18, 2) WHERE r.kind IN ('public', 'secret');
  INSERT IGNORE INTO room_like (room, user, created_at) SELECT 1, seq, ${ago('seq')} FROM seq_1_to_20000;
  INSERT IGNORE INTO room_like (room, user, created_at) SELECT seq * 2, ${READER}, ${ago('seq')} FROM seq_1_to_1000;
  UPDATE room r JOIN (SELECT room, COUNT(*) AS n FROM member GROUP BY room) m ON m.room = r.id SET r.members = m.n;
  UPDATE room r JOIN (SELECT room, COUNT(*) AS n FROM room_like GROUP BY room) l ON l.room = r.id SET r.likes = l.n;
  INSERT INTO stream (kind, id, head, guard) SELECT 1, id, 0, IF(kind = 'direct', 2, 0) FROM room;
  CALL rooms_recount();`;

const ties = () => `
  INSERT INTO friend (user, other, state, favorite, created_at) SELECT ${READER}, seq * 7, 'friend', seq MOD 20 = 0, ${ago('seq')} FROM seq_1_to_${FRIENDS};
  INSERT INTO friend (user, other, state, created_at) SELECT other, user, state, created_at FROM friend;
  INSERT IGNORE INTO friend (user, other, state, created_at) SELECT ${READER}, 50000 + seq, 'sent', ${ago('seq')} FROM seq_1_to_100;
  INSERT IGNORE INTO friend (user, other, state, created_at) SELECT ${READER}, 60000 + seq, 'received', ${ago('seq')} FROM seq_1_to_2000;
  INSERT IGNORE INTO friend (user, other, state, created_at)
    SELECT u.id, 1 + CRC32(CONCAT(u.id, 'f', s.seq)) MOD ${PEOPLE}, 'friend', u.created_at FROM user u JOIN seq_1_to_2 s WHERE u.id > 10;
  INSERT INTO block (user, other, created_at) SELECT ${READER}, seq * 11, ${ago('seq')} FROM seq_1_to_1000;
  INSERT IGNORE INTO block (user, other, created_at) SELECT id, 1 + CRC32(id) MOD ${PEOPLE}, created_at FROM user WHERE id > 10 AND id MOD 5 = 0;
  INSERT INTO ban (room, user, by_user, reason, until, created_at, known)
    SELECT 1, 20000 + seq, ${READER}, 'spam', IF(seq MOD 2, NULL, UTC_TIMESTAMP(3) + INTERVAL seq - 3000 HOUR), ${ago('seq')}, seq MOD 3 > 0 FROM seq_1_to_10000;
  INSERT INTO invite (code, room, by_user, uses, uses_left, expires_at, created_at)
    SELECT RPAD(CONCAT('code', r.id, 'x', s.seq), 22, 'x'), r.id, r.host, 0, NULL, UTC_TIMESTAMP(3) + INTERVAL 7 DAY, ${ago('s.seq')}
      FROM room r JOIN seq_1_to_100 s ON s.seq <= IF(r.id = 1, 100, 3) WHERE r.kind <> 'direct';
  INSERT INTO report (reporter, room, message, user, reason, detail, body, state, created_at)
    SELECT 1 + seq MOD IF(seq MOD 10, 50000, 1), IF(seq MOD 4, 1, seq MOD 1000), seq, 5 + seq MOD 9000, 'spam', 'again and again', '광고입니다', ELT(1 + seq MOD 3, 'open', 'resolved', 'dismissed'), ${ago('50000 - seq')}
      FROM seq_1_to_50000;
  INSERT INTO audit (actor, action, room, user, data, created_at)
    SELECT ${READER}, 'member.banned', IF(seq MOD 2, 1, seq MOD 5000), 1 + seq MOD 5000, '{}', ${ago('100000 - seq')} FROM seq_1_to_100000;
  INSERT INTO word (room, word, action, created_at) SELECT r.r, CONCAT('unwelcome', seq), 'mask', UTC_TIMESTAMP(3) FROM seq_1_to_1000 JOIN (SELECT 0 AS r UNION SELECT 1) r;
  UPDATE word_change SET changes = changes + 1;`;

// The first rooms have most of it; the others 70 each.
const talk = () => `
  INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
    SELECT 1, seq, 1000000 + seq, 1 + seq MOD 9000, CONCAT('00000000-0000-4000-8000-', LPAD(seq, 12, '0')), RPAD(CONCAT('message ', seq, ' '), 100, '오늘 날씨가 좋네요. '), ${ago(`${HALL} - seq`)}
      FROM seq_1_to_${HALL};
  INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
    SELECT r.seq, s.seq, r.seq * 1000 + s.seq, 10 + CRC32(r.seq + s.seq) MOD 90000, CONCAT('00000000-0000-4000-8000-', LPAD(s.seq, 12, '0')), RPAD(CONCAT('message ', s.seq, ' '), 100, 'is what somebody has to say. '), ${ago('70 - s.seq')}
      FROM seq_2_to_${ROOMS} r JOIN seq_1_to_${Math.ceil((MESSAGES - HALL) / ROOMS)} s;
  INSERT INTO event (kind, stream, seq, mid, type, data, created_at)
    SELECT 2, u.seq, s.seq, u.seq * 10000 + s.seq, 'message.hidden', JSON_OBJECT('room', 1, 'message', s.seq, 'seq', s.seq, 'mid', CONCAT('', u.seq * 10000 + s.seq)), UTC_TIMESTAMP(3)
      FROM seq_1_to_100 u JOIN seq_1_to_2000 s;
  UPDATE stream t JOIN (SELECT room, MAX(seq) AS seq, MAX(mid) AS mid FROM message GROUP BY room) m ON t.kind = 1 AND t.id = m.room SET t.head = m.seq, t.mid = m.mid;
  UPDATE stream SET head = 2000, mid = id * 10000 + 2000 WHERE kind = 2 AND id <= 100;
  INSERT INTO notice (room, id, body, by_user, confirmations, created_at) SELECT 1, seq * 100, RPAD('공지 ', 300, '알려드립니다. '), ${READER}, 0, ${ago('seq')} FROM seq_1_to_1000;
  INSERT INTO notice_confirmation (room, notice, user, created_at) SELECT 1, 100000, seq, UTC_TIMESTAMP(3) FROM seq_1_to_${CROWD};
  UPDATE notice SET confirmations = ${CROWD} WHERE room = 1 AND id = 100000;
  INSERT INTO pin (room, message, by_user, created_at) SELECT 1, seq * 1000, ${READER}, ${ago('seq')} FROM seq_1_to_100;
  INSERT IGNORE INTO reaction (room, message, emoji, user) SELECT 1, ${HALL} - m.seq, ELT(1 + u.seq MOD 4, '👍', '❤️', '😂', '🎉'), u.seq FROM seq_0_to_199 m JOIN seq_1_to_50 u;
  INSERT IGNORE INTO reaction (room, message, emoji, user) SELECT 1, message, ELT(1 + u.seq MOD 4, '👍', '❤️', '😂', '🎉'), u.seq FROM pin JOIN seq_1_to_100 u;
  INSERT INTO hidden (user, room, message) SELECT ${READER}, 1, ${HALL} - seq * 7 FROM seq_1_to_1000;`;

// Loads lines of the server's own format into a table.
async function load(stack, into, lines) {
  const file = join(stack.dir, 'lines.txt');
  writeFileSync(file, lines, { mode: 0o600 });
  await stack.sql(`SET unique_checks = 0; LOAD DATA INFILE '${file}' INTO TABLE ${into}`);
  writeFileSync(file, '');
}

async function loadTexts(stack) {
  const [names, headings] = [nicknames(), titles()];
  const numbered = (texts) => texts.map((text, i) => `${i + 1}\t${text}\n`).join('');
  await stack.sql(['nickname', 'title'].map((table) => `CREATE TABLE ${table} (i BIGINT UNSIGNED NOT NULL PRIMARY KEY, text VARCHAR(100) NOT NULL)
    ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;`).join('\n'));
  await load(stack, 'nickname CHARACTER SET utf8mb4', numbered(names));
  await load(stack, 'title CHARACTER SET utf8mb4', numbered(headings));
  const rooms = gramLines(1, headings, (i) => i <= 3 || (i % 20 !== 7 && i % 40 !== 2));
  const users = gramLines(2, names, (i) => i <= 100 || i % 100 !== 0);
  await stack.sql('DELETE FROM gram; DELETE FROM gram_text');
  for (const { grams, folded } of [rooms, users]) {
    await load(stack, 'gram CHARACTER SET utf8mb4', grams);
    await load(stack, 'gram_text CHARACTER SET utf8mb4', folded);
  }
}

// Fills a new stack, whose buffer pool gets `pool` MB afterwards. Resolves with { reader, admin, partner }, each { id, token }.
export async function fillTown(stack, pool) {
  const begun = performance.now();
  const first = { name: 'first', password: 'correct horse battery', nickname: 'first' };
  const { status, body } = await api(stack).post('/v1/users', first);
  if (status !== 201 || body.id !== READER) throw new Error(`sign-up: ${status} ${JSON.stringify(body)}`);
  const steps = { texts: () => loadTexts(stack), people, rooms, ties, talk };
  await stack.sql('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
  for (const [name, step] of Object.entries(steps)) {
    const sql = step();
    if (typeof sql === 'string') await stack.sql(`SET foreign_key_checks = 0, sql_mode = 'STRICT_TRANS_TABLES,NO_UNSIGNED_SUBTRACTION';${sql}`);
    else await sql;
    console.log(`${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
  await untilIndexed(stack);
  console.log(`searchable: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  const tables = (await stack.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'maru' AND table_type = 'BASE TABLE'")).flat();
  await stack.sql(`DROP TABLE nickname, title; ANALYZE TABLE ${tables.filter((name) => !['nickname', 'title'].includes(name)).join(', ')};
    SET GLOBAL innodb_flush_log_at_trx_commit = 1; SET GLOBAL innodb_buffer_pool_size = ${pool} * 1024 * 1024`);
  await checkGrams(stack);
  const sessions = await stack.sql(`SELECT user, MIN(id) FROM session WHERE user IN (${READER}, ${ADMIN}, ${PARTNER}) GROUP BY user ORDER BY user`);
  const [reader, admin, partner] = sessions.map(([user, session]) => ({ id: Number(user), token: accessToken(stack.conf.token_secret, user, Number(session)) }));
  return { reader, admin, partner };
}
