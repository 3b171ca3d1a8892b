-- What clients see of a room stands in rooms_public(); password never leaves this file's readers.

-- room_insert(text kind, text title, text description, text password, id host, int max_members) exec
INSERT INTO room (kind, title, description, password, host, members, max_members, created_at)
  VALUES (:kind, :title, :description, :password, :host, 1, :max_members, UTC_TIMESTAMP(3));

-- room_get(id user, id room) row
SELECT r.id, r.kind, r.title, r.description, r.password IS NOT NULL AS locked$bool, r.password, r.host,
    r.members AS member_count, r.max_members, r.created_at, m.user IS NOT NULL AS joined$bool
  FROM room r LEFT JOIN member m ON m.room = r.id AND m.user = :user
  WHERE r.id = :room;

-- rooms_listed(id user, id before, int limit) rows
SELECT r.id, r.kind, r.title, r.description, r.password IS NOT NULL AS locked$bool, r.host,
    r.members AS member_count, r.max_members, r.created_at, m.user IS NOT NULL AS joined$bool
  FROM room r LEFT JOIN member m ON m.room = r.id AND m.user = :user
  WHERE r.listed = 1 AND r.id < :before
  ORDER BY r.id DESC LIMIT :limit;

-- rooms_joined(id user, id before, int limit) rows
SELECT r.id, r.kind, r.title, r.description, r.password IS NOT NULL AS locked$bool, r.host,
    r.members AS member_count, r.max_members, r.created_at, TRUE AS joined$bool
  FROM member m JOIN room r ON r.id = m.room
  WHERE m.user = :user AND m.room < :before
  ORDER BY m.room DESC LIMIT :limit;

-- NULL and 0 leave a value as it is.
-- room_update(id room, text title, text description, text password, int max_members) exec
UPDATE room SET
    title = COALESCE(:title, title),
    description = COALESCE(:description, description),
    password = COALESCE(:password, password),
    max_members = COALESCE(NULLIF(:max_members, 0), max_members)
  WHERE id = :room;

-- room_set_host(id room, id host) exec
UPDATE room SET host = :host WHERE id = :room;

-- room_count(id room, int change) exec
UPDATE room SET members = members + :change WHERE id = :room;

-- room_delete(id room) exec
DELETE FROM room WHERE id = :room;

-- room_dismiss(id room) exec
CALL room_dismiss(:room);
