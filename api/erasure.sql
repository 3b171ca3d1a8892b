-- What is left of an account is its id. A name with "~" can't be signed up with and can't log in.
-- erasure_user(id user) exec
UPDATE user SET state = 'erased', name = CONCAT('~', id), nickname = '', password = '!', status = '', avatar = '',
    email = NULL, role = 'user', time_zone = 'UTC', locale = 'en', day_start = 0, week_start = 'monday', study_goal = 0,
    receipts = 'hidden', direct = 'nobody', found = 'hidden', appear = 'offline', last_seen = 'hidden', seen_at = NULL,
    indexed = 1, guest = 0
  WHERE id = :user;

-- erasure_insert(id user) exec
INSERT INTO erase_job (user, created_at) VALUES (:user, UTC_TIMESTAMP(3));

-- Where the name stands in events: the rooms that the account is or ever was in, as its own stream tells,
-- and the streams of those it was a friend of, had a direct room with, or who block it.
-- erasure_streams(id user) exec
INSERT IGNORE INTO erase_stream (user, work, kind, id)
  SELECT :user, 'names', 1, room FROM member WHERE user = :user
  UNION SELECT :user, 'names', 1, CAST(JSON_VALUE(data, '$.id') AS UNSIGNED) FROM event
    WHERE kind = 2 AND stream = :user AND type = 'room.added'
  UNION SELECT :user, 'names', 2, CAST(JSON_VALUE(data, '$.partner.id') AS UNSIGNED) FROM event
    WHERE kind = 2 AND stream = :user AND type = 'room.added' AND JSON_EXISTS(data, '$.partner.id')
  UNION SELECT :user, 'names', 2, CAST(JSON_VALUE(data, '$.id') AS UNSIGNED) FROM event
    WHERE kind = 2 AND stream = :user AND type LIKE 'friend.%'
  UNION SELECT :user, 'names', 2, other FROM friend WHERE user = :user
  UNION SELECT :user, 'names', 2, user FROM friend WHERE other = :user
  UNION SELECT :user, 'names', 2, user FROM block WHERE other = :user;

-- One more, of which nothing will tell when the account goes.
-- erasure_remember(id user, id stream) exec
INSERT IGNORE INTO erase_stream (user, work, kind, id) VALUES (:user, 'names', 2, :stream);

-- erasure_rooms(id user) exec
INSERT IGNORE INTO erase_stream (user, work, kind, id)
  SELECT user, 'messages', kind, id FROM erase_stream WHERE user = :user AND work = 'names' AND kind = 1;

-- erasure_blocks(id user) exec
DELETE FROM block WHERE user = :user;

-- erasure_identities(id user) exec
DELETE FROM identity WHERE user = :user;

-- erasure_scheduled(id user) exec
DELETE FROM scheduled WHERE user = :user;

-- erasure_drafts(id user) exec
DELETE FROM draft WHERE user = :user;

-- erasure_todos(id user) exec
DELETE FROM todo WHERE kind = 2 AND list = :user;

-- erasure_unassign(id user) exec
UPDATE todo SET assignee = NULL WHERE assignee = :user;

-- erasure_desk(id user) exec
DELETE FROM desk WHERE user = :user;

-- erasure_study(id user) exec
DELETE FROM study_session WHERE user = :user;

-- erasure_reminders(id user) exec
DELETE FROM reminder WHERE user = :user;

-- erasure_commands(id user) exec
DELETE FROM bot_command WHERE bot = :user;

-- erasure_codes(id user) exec
DELETE FROM email_code WHERE user = :user;

-- ---- what is left

-- erasure_next() row
SELECT user FROM erase_job ORDER BY user LIMIT 1;

-- erasure_done(id user) exec
DELETE FROM erase_job WHERE user = :user;

-- erasure_room(id user) row
SELECT room FROM member WHERE user = :user ORDER BY room LIMIT 1;

-- erasure_next_bot(id user) row
SELECT id FROM user WHERE owner = :user AND state <> 'erased' LIMIT 1;

-- Somebody whom the account is a friend of, has asked or was asked by, or who blocks it.
-- erasure_tie(id user) row
SELECT other FROM friend WHERE user = :user
UNION SELECT user FROM friend WHERE other = :user
UNION SELECT user FROM block WHERE other = :user
LIMIT 1;

-- erasure_hold(id kind, id stream) row
SELECT id FROM stream WHERE kind = :kind AND id = :stream FOR UPDATE;

-- erasure_friend(id user, id other) exec
DELETE FROM friend WHERE user = :user AND other = :other;

-- erasure_block(id user, id other) exec
DELETE FROM block WHERE user = :user AND other = :other;

-- erasure_like(id user) row
SELECT room FROM room_like WHERE user = :user LIMIT 1;

-- erasure_unlike(id user, id room) exec
DELETE FROM room_like WHERE room = :room AND user = :user;

-- erasure_uncount(id room) exec
UPDATE room SET likes = GREATEST(likes, 1) - 1 WHERE id = :room;

-- erasure_hidden(id user, int limit) exec
DELETE FROM hidden WHERE user = :user LIMIT :limit;

-- erasure_mentions(id user, int limit) exec
DELETE FROM mention WHERE user = :user LIMIT :limit;

-- erasure_vote(id user) row
SELECT room, message FROM poll_vote WHERE user = :user LIMIT 1;

-- The own stream: nobody reads it any more.
-- erasure_events(id user, int limit) exec
DELETE FROM event WHERE kind = 2 AND stream = :user LIMIT :limit;

-- ---- names and messages

-- erasure_stream(id user) row
SELECT work, kind, id, after FROM erase_stream WHERE user = :user ORDER BY work, kind, id LIMIT 1;

-- erasure_advance(id user, text work, id kind, id stream, id after) exec
UPDATE erase_stream SET after = :after WHERE user = :user AND work = :work AND kind = :kind AND id = :stream;

-- erasure_forget(id user, text work, id kind, id stream) exec
DELETE FROM erase_stream WHERE user = :user AND work = :work AND kind = :kind AND id = :stream;

-- erasure_window(id kind, id stream, id after, int limit) row
SELECT MAX(seq) AS last
  FROM (SELECT seq FROM event WHERE kind = :kind AND stream = :stream AND seq > :after ORDER BY seq LIMIT :limit) w;

-- erasure_names(id user, id kind, id stream, id after, id last) exec
UPDATE event SET data = JSON_REPLACE(data, '$.name', '', '$.nickname', '', '$.avatar', '', '$.status_message', '',
    '$.partner.name', '', '$.partner.nickname', '', '$.partner.avatar', '', '$.partner.status_message', '')
  WHERE kind = :kind AND stream = :stream AND seq > :after AND seq <= :last
    AND (((type LIKE 'member.%' OR type LIKE 'friend.%' OR type LIKE 'block.%') AND JSON_VALUE(data, '$.id') = :user)
      OR (type LIKE 'room.%' AND JSON_VALUE(data, '$.partner.id') = :user));

-- erasure_range(id room, id user, id after, int limit) row
SELECT MIN(seq) AS first, MAX(seq) AS last
  FROM (SELECT seq FROM message WHERE room = :room AND sender = :user AND seq > :after AND deleted_at IS NULL
    ORDER BY seq LIMIT :limit) w;

-- erasure_notifications(id user, int limit) exec
DELETE FROM notification WHERE user = :user LIMIT :limit;
