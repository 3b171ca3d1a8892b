-- alert_insert(id room, id message) exec
INSERT IGNORE INTO alert (room, message) VALUES (:room, :message);

-- Messages of a range that somebody was told of.
-- alerts_insert(id room, id first, id last) exec
INSERT IGNORE INTO alert (room, message)
  SELECT DISTINCT room, message FROM notification
  WHERE room = :room AND message BETWEEN :first AND :last AND kind <> 'call';

-- alert_next() row
SELECT room, message FROM alert ORDER BY room, message LIMIT 1;

-- alert_hold(id room, id message) row
SELECT room FROM alert WHERE room = :room AND message = :message FOR UPDATE;

-- alert_delete(id room, id message) exec
DELETE FROM alert WHERE room = :room AND message = :message;

-- Who has to do with a message, by id: kind, if they are to be told of it; id, if they were.
-- alert_people(id room, id message) rows
SELECT c.user, MIN(c.kind) AS kind$opt, CAST(MAX(c.id) AS UNSIGNED) AS id$opt
  FROM (
    SELECT t.user, 'mention' AS kind, NULL AS id FROM mention t JOIN message s ON s.room = t.room AND s.seq = t.seq
      WHERE t.room = :room AND t.seq = :message AND t.user <> 0 AND s.deleted_at IS NULL
    UNION ALL
    SELECT p.sender, 'reply', NULL FROM message s JOIN message p ON p.room = s.room AND p.seq = s.reply_to
      WHERE s.room = :room AND s.seq = :message AND s.deleted_at IS NULL AND p.sender <> s.sender
    UNION ALL
    SELECT user, NULL, id FROM notification WHERE room = :room AND message = :message AND kind <> 'call') c
  GROUP BY c.user ORDER BY c.user;

-- Whether a member has not read a message that they may see, and wants to be told. Whoever moves the cursor waits
-- until this is over, and finds the notification.
-- alert_member(id room, id message, id user) row
SELECT user, read_seq < :message AND visible_from < :message AND COALESCE(notify <> 'none', TRUE)
    AND COALESCE(quiet_until <= UTC_TIMESTAMP(3), TRUE) AS wanted$bool
  FROM member
  WHERE room = :room AND user = :user
  LOCK IN SHARE MODE;

-- Whether it is a person, not a bot, and one who does not block the sender.
-- alert_person(id room, id message, id user) row
SELECT u.id, u.state = 'active' AND u.owner IS NULL AND b.user IS NULL AS wanted$bool
  FROM user u JOIN message s ON s.room = :room AND s.seq = :message
    LEFT JOIN block b ON b.user = u.id AND b.other = s.sender
  WHERE u.id = :user;
