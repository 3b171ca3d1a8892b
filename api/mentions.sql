-- Whom the names of a text, a JSON array of what may stand after an @, mean in a room. Nicknames are looked up
-- by a key that finds too many (other emoji, other accents), so they are compared again. The row "all" comes
-- only where the user may speak to all.
-- mentions_find(id room, id user, text names) rows
SELECT STRAIGHT_JOIN w.name AS name$text, u.id, FALSE AS nickname$bool
  FROM JSON_TABLE(:names, '$[*]' COLUMNS (name VARCHAR(30) CHARACTER SET utf8mb4 PATH '$',
        login VARCHAR(30) CHARACTER SET ascii PATH '$')) w
    JOIN user u ON u.name = LOWER(w.login) COLLATE ascii_bin
    JOIN member m ON m.room = :room AND m.user = u.id
UNION ALL
SELECT STRAIGHT_JOIN w.name, MIN(u.id), TRUE
  FROM JSON_TABLE(:names, '$[*]' COLUMNS (n FOR ORDINALITY, name VARCHAR(30) CHARACTER SET utf8mb4 PATH '$')) w
    JOIN user u ON u.nickname = w.name COLLATE utf8mb4_unicode_ci
    JOIN member m ON m.room = :room AND m.user = u.id
  WHERE LOWER(u.nickname) = LOWER(w.name) COLLATE utf8mb4_bin
  GROUP BY w.n HAVING COUNT(*) = 1
UNION ALL
SELECT 'all', CAST(0 AS UNSIGNED), FALSE FROM room r JOIN member m ON m.room = r.id AND m.user = :user
  WHERE r.id = :room AND (r.kind IN ('group', 'direct') OR r.host = :user OR m.role = 'moderator');

-- mentions_drop(id room, id message, text users) exec
DELETE FROM mention WHERE room = :room AND seq = :message
  AND user NOT IN (SELECT w.id FROM JSON_TABLE(:users, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) w);

-- As message_send does; those whom it mentioned before keep their row.
-- mentions_add(id room, id message, id sender, text users) exec
INSERT IGNORE INTO mention (user, room, seq, sender, created_at)
  SELECT w.id, :room, :message, :sender, UTC_TIMESTAMP(3)
    FROM JSON_TABLE(:users, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) w
      LEFT JOIN member m ON m.room = :room AND m.user = w.id
      LEFT JOIN block b ON b.user = w.id AND b.other = :sender
    WHERE w.id <> :sender AND b.user IS NULL AND (w.id = 0 OR m.user IS NOT NULL);

-- mentions_of(id room, id message) rows
SELECT user FROM mention WHERE room = :room AND seq = :message ORDER BY user;

-- mentions_erase(id room, id message) exec
DELETE FROM mention WHERE room = :room AND seq = :message;

-- Messages that mention the user, in rooms they are in, newest first, behind a place in this order; at: when they
-- did, milliseconds.
-- mentions_list(id user, id time, id room, id message, int limit) rows
SELECT STRAIGHT_JOIN v.*, CAST(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', t.created_at) DIV 1000 AS UNSIGNED) AS at
  FROM mention t FORCE INDEX (newest)
    JOIN member m ON m.room = t.room AND m.user = t.user
    JOIN room r ON r.id = t.room
    JOIN message_view v ON v.room = t.room AND v.seq = t.seq AND v.seq > GREATEST(m.visible_from, r.floor)
    LEFT JOIN block b ON b.user = t.user AND b.other = t.sender
    LEFT JOIN hidden h ON h.user = t.user AND h.room = t.room AND h.message = t.seq
  WHERE t.user = :user AND b.user IS NULL AND h.user IS NULL
    AND t.created_at <= TIMESTAMP('1970-01-01') + INTERVAL :time * 1000 MICROSECOND
    AND (t.created_at < TIMESTAMP('1970-01-01') + INTERVAL :time * 1000 MICROSECOND
      OR t.room < :room OR (t.room = :room AND t.seq < :message))
  ORDER BY t.created_at DESC, t.room DESC, t.seq DESC LIMIT :limit;
