// Fills a private Maru for bench/core.mjs: 32 people in 1,000 rooms, by SQL, in a second.
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { api, until } from '../tests/harness.mjs';

export const SENDERS = 32;
export const ROOMS = 1000;
export const FIRST_ROOM = 1001; // as in load.h
export const PASSWORD = 'correct horse battery';

export const nameOf = (number) => `bench${number}`;

// What api/token.c makes. Without a session it is just a token of that user.
export function accessToken(secret, user, session) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.`
    + part({ sub: String(user), sid: session, iat: now, exp: now + 86400 });
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

// Resolves with the senders, [{ user, session, token }], and the name of the file that lists them for
// the load generators.
export async function seed(stack) {
  const first = { name: nameOf(1), password: PASSWORD, nickname: nameOf(1) };
  const { status, body } = await api(stack).post('/v1/users', first);
  if (status !== 201) throw new Error(`sign-up: ${status} ${JSON.stringify(body)}`);
  const last = FIRST_ROOM + ROOMS - 1;
  // The others have the password of the first: Argon2 takes its time.
  const sessions = await stack.sql(`
    START TRANSACTION;
    INSERT INTO user (name, nickname, password, created_at)
      SELECT CONCAT('bench', s.seq), CONCAT('bench', s.seq), u.password, u.created_at
        FROM seq_2_to_${SENDERS} s JOIN user u ON u.id = ${body.id};
    INSERT INTO session (user, address, agent, created_at, seen_at, expires_at)
      SELECT id, '127.0.0.1', 'bench', created_at, created_at, created_at + INTERVAL 1 DAY FROM user;
    INSERT INTO room (id, kind, title, host, members, max_members, created_at)
      SELECT s.seq, 'public', CONCAT('room ', s.seq), u.id, ${SENDERS}, ${SENDERS}, u.created_at
        FROM seq_${FIRST_ROOM}_to_${last} s JOIN user u ON u.id = ${body.id};
    INSERT INTO stream (kind, id) SELECT 1, id FROM room;
    INSERT INTO member (room, user, joined_at)
      SELECT r.id, u.id, r.created_at FROM room r JOIN user u;
    COMMIT;
    SELECT user, id FROM session ORDER BY user`);
  const { token_secret: secret } = stack.conf;
  const senders = sessions.map(([user, session]) =>
    ({ user: Number(user), session: Number(session), token: accessToken(secret, user, Number(session)) }));
  const file = join(stack.dir, 'senders.txt');
  writeFileSync(file, senders.map((s) => `${s.user} ${s.session} ${s.token}\n`).join(''));
  return { senders, file };
}

// Empties the history, so that each measurement meets the same tables, and remembers the counters.
// They go on: a counter that goes back would be news to maru-push.
export function emptyHistory(stack) {
  return stack.sql(`
    TRUNCATE message;
    CREATE OR REPLACE TABLE bench_base ENGINE=InnoDB AS
      SELECT id AS room, head FROM stream WHERE kind = 1`);
}

// How many messages are stored, and how many rooms have a gap or another number than their counter says.
export async function checkHistory(stack) {
  const [[stored, gaps]] = await stack.sql(`
    SELECT COALESCE(SUM(m.n), 0), COALESCE(SUM(
        s.head - b.head <> COALESCE(m.n, 0) OR m.first <> b.head + 1 OR m.last <> s.head), 0)
      FROM bench_base b
      JOIN stream s ON s.kind = 1 AND s.id = b.room
      LEFT JOIN (SELECT room, COUNT(*) AS n, MIN(seq) AS first, MAX(seq) AS last
        FROM message GROUP BY room) m ON m.room = b.room`);
  return { stored: Number(stored), gaps: Number(gaps) };
}

// Until messages that came by SQL can be found: making the index of a million of them takes some minutes of both cores.
export async function untilIndexed(stack) {
  await until(async () => (await stack.sql(`SELECT s.id FROM stream s LEFT JOIN search_room c ON c.room = s.id
    WHERE s.kind = 1 AND s.head > COALESCE(c.seq, 0) LIMIT 1`)).length === 0, 3600000, 'the index to be made');
}
