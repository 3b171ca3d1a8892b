-- Nobody looks for a guest, writes to one or befriends one.
-- guest_mark(id user) exec
UPDATE user SET guest = 1, found = 'hidden', direct = 'nobody' WHERE id = :user;

-- Only if it still is one; the name may be somebody's.
-- guest_upgrade(id user, text name, text password) exec
UPDATE user SET guest = 0, name = :name, password = :password, found = 'shown', direct = 'everybody'
  WHERE id = :user AND guest = 1;

-- guest_sessions(id user) exec
UPDATE session SET guest = 0 WHERE user = :user;

-- Those of the next so many guests who have no session any more; the next look begins behind the last.
-- guests_gone(id after, int limit) rows
SELECT id, NOT EXISTS (SELECT 1 FROM session WHERE user = u.id) AS gone
  FROM user u WHERE guest = 1 AND id > :after ORDER BY id LIMIT :limit;

-- The account is held.
-- guest_session(id user) row
SELECT id FROM session WHERE user = :user LIMIT 1;
