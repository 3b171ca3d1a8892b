-- direct_get(id user, id low, id high) row
SELECT d.room, m.user IS NOT NULL AS joined$bool
  FROM direct d LEFT JOIN member m ON m.room = d.room AND m.user = :user
  WHERE d.low = :low AND d.high = :high;

-- direct_room_insert() exec
INSERT INTO room (kind, title, host, members, max_members, created_at, history)
  VALUES ('direct', '', 0, 2, 2, UTC_TIMESTAMP(3), 'joined');

-- guard 2: message_send looks whether both are there.
-- direct_stream_insert(id room) exec
INSERT INTO stream (kind, id, head, guard) VALUES (1, :room, 0, 2);

-- direct_insert(id low, id high, id room) exec
INSERT INTO direct (low, high, room) VALUES (:low, :high, :room);

-- direct_delete(id room) exec
DELETE FROM direct WHERE room = :room;

-- rooms: a JSON array of ids.
-- directs_partners(id user, text rooms) rows
SELECT d.room, u.id, u.name, u.nickname, u.avatar, u.status AS status_message,
    IF(u.owner IS NULL, NULL, 1) AS bot$bool$opt, m.user IS NOT NULL AS inside$bool
  FROM JSON_TABLE(:rooms, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) wanted
    JOIN direct d ON d.room = wanted.id
    JOIN user u ON u.id = IF(d.low = :user, d.high, d.low)
    LEFT JOIN member m ON m.room = d.room AND m.user = u.id;
