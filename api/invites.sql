-- An invite is alive until it expires or is used up: these two lines stand here five times.

-- uses and seconds 0: without a limit.
-- invite_insert(text code, id room, id by_user, int uses, int seconds) exec
INSERT INTO invite (code, room, by_user, uses_left, expires_at, created_at)
  VALUES (:code, :room, :by_user, NULLIF(:uses, 0), UTC_TIMESTAMP(3) + INTERVAL NULLIF(:seconds, 0) SECOND,
    UTC_TIMESTAMP(3));

-- invite_get(text code) row
SELECT code, room, by_user, uses, uses_left AS uses_left$opt, expires_at AS expires_at$opt, created_at
  FROM invite WHERE code = :code;

-- by_user 0: everybody's.
-- invites_list(id room, id by_user) rows
SELECT code, room, by_user, uses, uses_left AS uses_left$opt, expires_at AS expires_at$opt, created_at
  FROM invite
  WHERE room = :room AND (:by_user = 0 OR by_user = :by_user)
    AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(3)) AND (uses_left IS NULL OR uses_left > 0)
  ORDER BY created_at, code;

-- invite_count(id room) row
SELECT COUNT(*) AS n FROM invite
  WHERE room = :room
    AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(3)) AND (uses_left IS NULL OR uses_left > 0);

-- What somebody who has the code may know before joining.
-- invite_card(text code) row
SELECT v.id, v.title, v.description, v.kind, v.member_count, v.max_members, v.cover, v.locked$bool,
    u.id AS by_id, u.nickname AS by_nickname, u.avatar AS by_avatar
  FROM invite i JOIN room_view v ON v.id = i.room JOIN user u ON u.id = i.by_user
  WHERE i.code = :code
    AND (i.expires_at IS NULL OR i.expires_at > UTC_TIMESTAMP(3)) AND (i.uses_left IS NULL OR i.uses_left > 0);

-- invite_use(text code) exec
UPDATE invite SET uses = uses + 1, uses_left = uses_left - 1
  WHERE code = :code
    AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(3)) AND (uses_left IS NULL OR uses_left > 0);

-- invite_delete(text code) exec
DELETE FROM invite WHERE code = :code;

-- invites_forget(id room, id by_user) exec
DELETE FROM invite WHERE room = :room AND by_user = :by_user;

-- invites_sweep(id room) exec
DELETE FROM invite WHERE room = :room AND (expires_at <= UTC_TIMESTAMP(3) OR uses_left = 0);
