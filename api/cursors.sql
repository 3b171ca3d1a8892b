-- Bots are no readers: they are in no list and no number, and nor is who hides receipts.

-- Forward only, and not beyond the room's end: two rows are looked at, by their keys (FORCE INDEX: left to itself
-- MariaDB goes by the user, and to the row behind).
-- cursor_move(id room, id user, id seq) exec
UPDATE member FORCE INDEX (PRIMARY) SET read_seq = :seq WHERE room = :room AND user = :user AND read_seq < :seq
  AND :seq <= (SELECT head FROM stream WHERE kind = 1 AND id = :room);

-- Why it was not moved.
-- cursor_get(id room, id user) row
SELECT m.read_seq, s.head FROM member m JOIN stream s ON s.kind = 1 AND s.id = m.room
  WHERE m.room = :room AND m.user = :user;

-- Whether others are told.
-- cursor_shown(id user) row
SELECT receipts = 'shown' AND owner IS NULL AS shown$bool FROM user WHERE id = :user;

-- Those that the user is shown. From the cursor on (FORCE INDEX: see roomlists.sql).
-- cursors_list(id user, id room, id after, int limit) rows
SELECT m.user, m.read_seq AS seq
  FROM member m FORCE INDEX (PRIMARY) STRAIGHT_JOIN user u ON u.id = m.user AND u.receipts = 'shown' AND u.owner IS NULL
    LEFT JOIN block b ON b.user = :user AND b.other = m.user
  WHERE m.room = :room AND m.user > :after AND b.user IS NULL
  ORDER BY m.user LIMIT :limit;

-- Those of one person, and whether others are shown them.
-- cursors_mine(id user) rows
SELECT m.room, m.read_seq, u.receipts = 'shown' AND u.owner IS NULL AS shown$bool
  FROM member m JOIN user u ON u.id = m.user
  WHERE m.user = :user AND m.read_seq > 0
  ORDER BY m.room;

-- cursors_hidden(id room) row
SELECT COUNT(*) AS count FROM member m STRAIGHT_JOIN user u ON u.id = m.user AND u.receipts = 'hidden' AND u.owner IS NULL
  WHERE m.room = :room;

-- state: read | unread, NULL for both.
-- receipts_list(id user, id room, id message, id sender, text state, id after, int limit) rows
SELECT u.id, u.name, u.nickname, u.avatar, m.read_seq >= :message AS read$bool
  FROM member m FORCE INDEX (PRIMARY) STRAIGHT_JOIN user u ON u.id = m.user AND u.receipts = 'shown' AND u.owner IS NULL
    LEFT JOIN block b ON b.user = :user AND b.other = m.user
  WHERE m.room = :room AND m.user > :after AND m.user <> :sender AND m.joined_seq < :message AND b.user IS NULL
    AND COALESCE(:state = IF(m.read_seq >= :message, 'read', 'unread'), TRUE)
  ORDER BY m.user LIMIT :limit;

-- receipts_count(id user, id room, id message, id sender) row
SELECT CAST(COALESCE(SUM(u.receipts = 'shown' AND m.read_seq >= :message), 0) AS UNSIGNED) AS read_count,
    CAST(COALESCE(SUM(u.receipts = 'shown' AND m.read_seq < :message), 0) AS UNSIGNED) AS unread_count,
    CAST(COALESCE(SUM(u.receipts = 'hidden'), 0) AS UNSIGNED) AS hidden_count
  FROM member m STRAIGHT_JOIN user u ON u.id = m.user AND u.owner IS NULL
    LEFT JOIN block b ON b.user = :user AND b.other = m.user
  WHERE m.room = :room AND m.user <> :sender AND m.joined_seq < :message AND b.user IS NULL;
