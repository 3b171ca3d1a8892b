-- password never leaves this file's readers.

-- room_insert(text kind, text title, text description, text password, id host, int max_members) exec
INSERT INTO room (kind, title, description, password, host, members, max_members, created_at)
  VALUES (:kind, :title, :description, :password, :host, 1, :max_members, UTC_TIMESTAMP(3));

-- What clients see of a room stands in room_view; the rest is for deciding. rank: enum rank. seen_after:
-- events up to this seq are not shown to the asker.
-- room_get(id user, id room) row
SELECT v.*, r.password, m.user IS NOT NULL AS joined$bool, l.user IS NOT NULL AS liked$bool,
    IF(m.user IS NULL, 0, IF(r.host = m.user, 3, IF(m.role = 'moderator', 2, 1))) AS rank,
    (SELECT role = 'admin' FROM user WHERE id = :user) AS admin$bool,
    CAST(GREATEST(COALESCE(m.visible_from, 0), r.floor) AS UNSIGNED) AS seen_after
  FROM room_view v JOIN room r ON r.id = v.id
    LEFT JOIN member m ON m.room = r.id AND m.user = :user
    LEFT JOIN room_like l ON l.room = r.id AND l.user = :user
  WHERE r.id = :room;

-- NULL and -1 leave a value as it is; an empty ends_on is none.
-- room_update(id room, text title, text description, text password, int max_members, int category, text tags, text cover, int hidden, text history, int slow_seconds, int retention, text ends_on, int guests) exec
UPDATE room SET
    title = COALESCE(:title, title),
    description = COALESCE(:description, description),
    password = COALESCE(:password, password),
    max_members = COALESCE(NULLIF(:max_members, -1), max_members),
    category = COALESCE(NULLIF(:category, -1), category),
    tags = COALESCE(:tags, tags),
    cover = COALESCE(:cover, cover),
    hidden = COALESCE(NULLIF(:hidden, -1), hidden),
    history = COALESCE(:history, history),
    slow_seconds = COALESCE(NULLIF(:slow_seconds, -1), slow_seconds),
    retention = COALESCE(NULLIF(:retention, -1), retention),
    ends_on = IF(:ends_on = '', NULL, COALESCE(:ends_on, ends_on)),
    guests = COALESCE(NULLIF(:guests, -1), guests)
  WHERE id = :room;

-- room_clear_tags(id room) exec
DELETE FROM room_tag WHERE room = :room;

-- room_add_tags(id room, text tags) exec
INSERT INTO room_tag (room, tag, listed)
  SELECT r.id, given.tag, r.listed
    FROM room r JOIN JSON_TABLE(:tags, '$[*]' COLUMNS (tag VARCHAR(20) PATH '$')) given
    WHERE r.id = :room;

-- room_list_tags(id room) exec
UPDATE room_tag t JOIN room r ON r.id = t.room SET t.listed = r.listed WHERE t.room = :room;

-- The numbers of listed rooms, of a kind and in all; see room_count.
-- room_count_up(id category, text kind) exec
INSERT INTO room_count (category, kind, rooms) SELECT 0, :kind, 1 UNION SELECT :category, :kind, 1
  ON DUPLICATE KEY UPDATE rooms = rooms + 1;

-- A category that is deleted has no numbers any more.
-- room_count_down(id category, text kind) exec
UPDATE room_count SET rooms = rooms - 1 WHERE category IN (0, :category) AND kind = :kind;

-- Bit 1 of the guard has message_send look at it.
-- room_set_slow_mode(id room, int seconds) exec
UPDATE stream SET guard = IF(:seconds > 0, guard | 1, guard & ~1) WHERE kind = 1 AND id = :room;

-- room_set_host(id room, id host) exec
UPDATE room SET host = :host WHERE id = :room;

-- room_count(id room, int change) exec
UPDATE room SET members = members + :change WHERE id = :room;

-- room_delete(id room) exec
DELETE FROM room WHERE id = :room;

-- room_dismiss(id room) exec
CALL room_dismiss(:room);

-- room_forget_pair(id room) exec
DELETE FROM direct WHERE room = :room;
