-- import_get(id room) row
SELECT user, messages, last, hash FROM room_import WHERE room = :room;

-- The last message of a room.
-- import_last(id room) row
SELECT MAX(seq) AS seq FROM message WHERE room = :room;

-- Takes so many seqs at once; the counter's row is held.
-- import_advance(id room, int count, id mid) exec
UPDATE stream SET head = LAST_INSERT_ID(head + :count), mid = :mid WHERE kind = 1 AND id = :room;

-- Messages behind a seq: [[mid, client_id, body, created_at, content, deleted_at, at, answers], ...]. What one answers
-- is either in the same list (at: its place there), or known by its client_id (answers).
-- import_messages(id room, id user, id base, text rows) exec
INSERT INTO message (room, seq, mid, sender, client_id, body, created_at, content, deleted_at, rev, reply_to)
  SELECT :room, :base + b.n, b.mid, :user, b.client_id, b.body, b.created_at, b.content, b.deleted_at,
      IF(b.deleted_at IS NULL, NULL, :base + b.n),
      IF(b.at > 0, :base + b.at,
        (SELECT q.seq FROM message q WHERE q.room = :room AND q.sender = :user AND q.client_id = b.answers))
    FROM JSON_TABLE(:rows, '$[*]' COLUMNS (n FOR ORDINALITY, mid BIGINT UNSIGNED PATH '$[0]',
      client_id VARCHAR(64) CHARACTER SET ascii PATH '$[1]', body VARCHAR(4000) CHARACTER SET utf8mb4 PATH '$[2]',
      created_at DATETIME(3) PATH '$[3]', content TEXT CHARACTER SET utf8mb4 PATH '$[4]',
      deleted_at DATETIME(3) PATH '$[5]', at INT PATH '$[6]',
      answers VARCHAR(64) CHARACTER SET ascii PATH '$[7]')) b;

-- How far the import of this file is.
-- import_store(id room, id user, int messages, id last, text hash) exec
INSERT INTO room_import (room, user, messages, last, hash, created_at, changed_at)
  VALUES (:room, :user, :messages, :last, :hash, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE messages = VALUES(messages), last = VALUES(last), hash = VALUES(hash),
    changed_at = VALUES(changed_at);

-- import_forget(id room) exec
DELETE FROM room_import WHERE room = :room;
