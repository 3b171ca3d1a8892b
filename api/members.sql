-- The room's stream is held, or nobody else knows of the room yet.
-- member_insert(id room, id user, id visible_from) exec
INSERT INTO member (room, user, joined_at, visible_from, joined_seq, read_seq)
  SELECT :room, :user, UTC_TIMESTAMP(3), :visible_from, head, head FROM stream WHERE kind = 1 AND id = :room;

-- Whoever is muted and leaves is still muted when they come back: until then the time is kept under a
-- name with the throttles, which are forgotten when it is over.
-- member_keep_mute(id room, id user, text name) exec
INSERT INTO throttle (name, hits, until)
  SELECT :name, 1, muted_until FROM member
    WHERE room = :room AND user = :user AND muted_until > UTC_TIMESTAMP(3)
  ON DUPLICATE KEY UPDATE until = VALUES(until);

-- member_recall_mute(id room, id user, text name) exec
UPDATE member m JOIN throttle t ON t.name = :name AND t.until > UTC_TIMESTAMP(3)
  SET m.muted_until = t.until
  WHERE m.room = :room AND m.user = :user;

-- member_get(id room, id user) row
SELECT * FROM member_view WHERE room = :room AND id = :user;

-- The page first, and from the cursor on (FORCE INDEX: see roomlists.sql).
-- members_list(id room, id after, int limit) rows
SELECT v.*
  FROM (SELECT user FROM member FORCE INDEX (PRIMARY) WHERE room = :room AND user > :after ORDER BY user LIMIT :limit) page
    JOIN member_view v ON v.room = :room AND v.id = page.user
  ORDER BY v.id;

-- member_rooms(id user) rows
SELECT room FROM member WHERE user = :user ORDER BY room;

-- Who becomes the host when there is none: moderators (the later word of the ENUM) before others, no bot, no guest.
-- member_heir(id room) row
SELECT m.user FROM member m JOIN user u ON u.id = m.user
  WHERE m.room = :room AND u.owner IS NULL AND u.guest = 0
  ORDER BY m.role DESC, m.joined_at, m.user LIMIT 1;

-- Those of somebody who are in a room with other people.
-- member_bots(id room, id owner) rows
SELECT v.*
  FROM user u JOIN room r ON r.id = :room AND r.kind <> 'direct' JOIN member_view v ON v.room = r.id AND v.id = u.id
  WHERE u.owner = :owner
  ORDER BY u.id;

-- A NULL and seconds below 0 leave a value as it is; 0 ends a mute.
-- member_update(id room, id user, text role, int seconds) exec
UPDATE member SET role = COALESCE(:role, role),
    muted_until = IF(:seconds < 0, muted_until, UTC_TIMESTAMP(3) + INTERVAL NULLIF(:seconds, 0) SECOND)
  WHERE room = :room AND user = :user;

-- member_mute(id room, id user) row
SELECT muted_until FROM member WHERE room = :room AND user = :user AND muted_until > UTC_TIMESTAMP(3);

-- member_delete(id room, id user) exec
DELETE FROM member WHERE room = :room AND user = :user;

-- Those of these people (a JSON array of different ids) whom the user may put into rooms: friends, and own bots.
-- members_reachable(id user, text ids) rows
SELECT u.id
  FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) wanted
    JOIN user u ON u.id = wanted.id AND u.state = 'active'
    LEFT JOIN friend f ON f.user = :user AND f.other = u.id AND f.state = 'friend'
    LEFT JOIN block b ON b.user = :user AND b.other = wanted.id
    LEFT JOIN block c ON c.user = wanted.id AND c.other = :user
  WHERE (f.user IS NOT NULL OR u.owner = :user) AND b.user IS NULL AND c.user IS NULL
  ORDER BY u.id;
