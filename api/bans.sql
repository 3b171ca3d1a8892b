-- A ban names the account only if the room has met it: else a host could read the names of all
-- accounts by banning one number after the other.

-- ban_get(id room, id user) row
SELECT b.room, b.user AS id, IF(b.known, u.name, NULL) AS name$opt,
    IF(b.known, u.nickname, NULL) AS nickname$opt, b.by_user, b.reason, b.created_at, b.until AS until$opt
  FROM ban b JOIN user u ON u.id = b.user
  WHERE b.room = :room AND b.user = :user;

-- bans_list(id room, id after, int limit) rows
SELECT b.room, b.user AS id, IF(b.known, u.name, NULL) AS name$opt,
    IF(b.known, u.nickname, NULL) AS nickname$opt, b.by_user, b.reason, b.created_at, b.until AS until$opt
  FROM ban b JOIN user u ON u.id = b.user
  WHERE b.room = :room AND b.user > :after AND (b.until IS NULL OR b.until > UTC_TIMESTAMP(3))
  ORDER BY b.user LIMIT :limit;

-- ban_alive(id room, id user) row
SELECT until AS until$opt FROM ban
  WHERE room = :room AND user = :user AND (until IS NULL OR until > UTC_TIMESTAMP(3));

-- seconds 0: for good. created_at stays that of the first time.
-- ban_store(id room, id user, id by_user, text reason, int seconds) exec
INSERT INTO ban (room, user, by_user, reason, until, created_at, known)
  VALUES (:room, :user, :by_user, :reason,
    UTC_TIMESTAMP(3) + INTERVAL NULLIF(:seconds, 0) SECOND, UTC_TIMESTAMP(3),
    EXISTS (SELECT 1 FROM member WHERE room = :room AND user = :user)
      OR EXISTS (SELECT 1 FROM message WHERE room = :room AND sender = :user))
  ON DUPLICATE KEY UPDATE by_user = VALUES(by_user), reason = VALUES(reason), until = VALUES(until),
    known = known OR VALUES(known);

-- ban_delete(id room, id user) exec
DELETE FROM ban WHERE room = :room AND user = :user;

-- bans_sweep(id room) exec
DELETE FROM ban WHERE room = :room AND until <= UTC_TIMESTAMP(3);
