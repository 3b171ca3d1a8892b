-- What the asker may see is asked for in each of these statements anew: membership, what is visible of the room.

-- The segments that have anything of the asker's rooms (room 0: all of them), the newest first. Times are in
-- milliseconds.
-- search_shares(id user, id room, int until, int since) rows
SELECT STRAIGHT_JOIN s.segment, MAX(s.newest) AS newest
  FROM member m JOIN search_share s ON s.room = m.room
  WHERE m.user = :user AND (:room = 0 OR m.room = :room) AND s.oldest <= :until AND s.newest >= :since
  GROUP BY s.segment ORDER BY newest DESC;

-- search_lists(text segments, text grams) rows
SELECT STRAIGHT_JOIN p.segment, p.list
  FROM JSON_TABLE(:segments, '$[*]' COLUMNS (id INT UNSIGNED PATH '$')) s
    JOIN JSON_TABLE(:grams, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) g
    JOIN search_post p ON p.segment = s.id AND p.gram = g.id;

-- What is in segments of the asker's rooms.
-- search_parts(id user, id room, text segments, int until, int since) rows
SELECT STRAIGHT_JOIN p.segment, p.base, p.room, p.first, p.last, p.oldest, p.newest, p.slack
  FROM member m JOIN room r ON r.id = m.room
    JOIN JSON_TABLE(:segments, '$[*]' COLUMNS (id INT UNSIGNED PATH '$')) s
    JOIN search_part p ON p.room = m.room AND p.segment = s.id
  WHERE m.user = :user AND (:room = 0 OR m.room = :room) AND p.oldest <= :until AND p.newest >= :since
    AND p.last > GREATEST(m.visible_from, r.floor)
  ORDER BY p.segment, p.base;

-- The last message of a part that is not newer than a time; 0: all are.
-- search_seek(id room, id first, id last, int newest) row
SELECT CAST(COALESCE(MAX(seq), 0) AS UNSIGNED) AS last FROM message
  WHERE room = :room AND seq BETWEEN :first AND :last AND created_at <= TIMESTAMP'1970-01-01 00:00:00' + INTERVAL :newest * 1000 MICROSECOND;

-- Those of [n, room, seq] that the asker may see, not newer than a time; sender 0: of anybody.
-- search_messages(id user, text places, id sender, int until) rows
SELECT STRAIGHT_JOIN p.n, m.*, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', m.created_at) DIV 1000 AS at
  FROM JSON_TABLE(:places, '$[*]' COLUMNS (n INT PATH '$[0]', room BIGINT UNSIGNED PATH '$[1]',
        seq BIGINT UNSIGNED PATH '$[2]')) p
    JOIN member u ON u.room = p.room AND u.user = :user
    JOIN room r ON r.id = p.room
    JOIN message_view m ON m.room = p.room AND m.seq = p.seq
    LEFT JOIN hidden h ON h.user = :user AND h.room = p.room AND h.message = p.seq
    LEFT JOIN block b ON b.user = :user AND b.other = m.sender
  WHERE m.seq > GREATEST(u.visible_from, r.floor) AND m.deleted_at$opt IS NULL
    AND h.user IS NULL AND b.user IS NULL AND (:sender = 0 OR m.sender = :sender)
    AND m.created_at <= TIMESTAMP'1970-01-01 00:00:00' + INTERVAL :until * 1000 MICROSECOND;

-- search_reactions(id user, text places) rows
SELECT p.n, CONVERT(c.emoji USING utf8mb4) AS emoji, COUNT(*) AS count, MAX(c.user = :user) AS mine$bool
  FROM JSON_TABLE(:places, '$[*]' COLUMNS (n INT PATH '$[0]', room BIGINT UNSIGNED PATH '$[1]',
        seq BIGINT UNSIGNED PATH '$[2]')) p
    JOIN reaction c ON c.room = p.room AND c.message = p.seq
  GROUP BY p.n, c.emoji ORDER BY p.n, c.emoji; -- as bytes

-- search_person(text name) row
SELECT id FROM user WHERE name = :name;
