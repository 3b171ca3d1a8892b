-- notification_insert(id user, id notification, text kind, id room, id message) exec
INSERT INTO notification (user, id, kind, room, message, by_user, created_at)
  SELECT :user, :notification, :kind, room, seq, sender, UTC_TIMESTAMP(3) FROM message WHERE room = :room AND seq = :message;

-- notification_miss(id user, id notification, id room, id call, id event, id by) exec
INSERT INTO notification (user, id, kind, room, message, by_user, created_at, of_call)
  VALUES (:user, :notification, 'call', :room, :event, :by, UTC_TIMESTAMP(3), :call);

-- What tells that a call was missed.
-- notification_missed(id user, id call) row
SELECT id FROM notification WHERE user = :user AND of_call = :call;

-- Whether a member is to be told of a call of this person: nobody who blocks them or wants nothing of the room, and no bot.
-- notification_wanted(id user, id room, id by) row
SELECT m.user, u.state = 'active' AND u.owner IS NULL AND b.user IS NULL AND COALESCE(m.notify <> 'none', TRUE)
    AND COALESCE(m.quiet_until <= UTC_TIMESTAMP(3), TRUE) AS wanted$bool
  FROM member m JOIN user u ON u.id = m.user LEFT JOIN block b ON b.user = m.user AND b.other = :by
  WHERE m.room = :room AND m.user = :user;

-- notification_get(id user, id notification) row
SELECT id, kind, room, IF(kind = 'call', NULL, message) AS message$opt, of_call AS call$opt, by_user, unread AS unread$bool, created_at
  FROM notification WHERE user = :user AND id = :notification;

-- Of rooms that the user is in, and not of people whom they block. unread 1: only such ones.
-- notifications_list(id user, text kind, int unread, id before, int limit) rows
SELECT n.id, n.kind, n.room, IF(n.kind = 'call', NULL, n.message) AS message$opt, n.of_call AS call$opt, n.by_user,
    n.unread AS unread$bool, n.created_at
  FROM notification n JOIN member m ON m.room = n.room AND m.user = n.user
    LEFT JOIN block b ON b.user = n.user AND b.other = n.by_user
  WHERE n.user = :user AND n.id < :before AND n.unread >= :unread AND COALESCE(n.kind = :kind, TRUE) AND b.user IS NULL
  ORDER BY n.id DESC LIMIT :limit;

-- The messages of these (a JSON array of ids) that the user may see.
-- notifications_messages(id user, text notifications) rows
SELECT v.*
  FROM JSON_TABLE(:notifications, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) w
    JOIN notification n ON n.user = :user AND n.id = w.id
    JOIN member m ON m.room = n.room AND m.user = n.user
    JOIN room r ON r.id = n.room
    JOIN message_view v ON v.room = n.room AND v.seq = n.message AND v.seq > GREATEST(m.visible_from, r.floor)
    LEFT JOIN hidden h ON h.user = n.user AND h.room = v.room AND h.message = v.seq
  WHERE h.user IS NULL
  ORDER BY n.id DESC;

-- notifications_count(id user) row
SELECT COUNT(*) AS count FROM notification n JOIN member m ON m.room = n.room AND m.user = n.user
    LEFT JOIN block b ON b.user = n.user AND b.other = n.by_user
  WHERE n.user = :user AND n.unread = 1 AND b.user IS NULL;

-- notifications_unread(id user, int limit) rows
SELECT id FROM notification WHERE user = :user AND unread = 1 ORDER BY id LIMIT :limit;

-- Those of a room up to a message, and up to the event by which a call was missed.
-- notifications_passed(id user, id room, id message, int limit) rows
SELECT id FROM notification WHERE user = :user AND unread = 1 AND room = :room AND message <= :message ORDER BY id LIMIT :limit;

-- notifications_mark(id user, text notifications) exec
UPDATE notification n JOIN JSON_TABLE(:notifications, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) w ON n.id = w.id
  SET n.unread = 0 WHERE n.user = :user;

-- notification_delete(id user, id notification) exec
DELETE FROM notification WHERE user = :user AND id = :notification;

-- Who leaves a room is not told of it any more; room.removed says so.
-- notifications_leave(id user, id room) exec
DELETE FROM notification WHERE user = :user AND room = :room;

-- notifications_forget(id user, id other) exec
DELETE FROM notification WHERE user = :user AND by_user = :other;
