-- The notice's row is locked first: it holds the number.
-- confirmation_hold(id room, id notice) row
SELECT confirmations FROM notice WHERE room = :room AND id = :notice FOR UPDATE;

-- confirmation_insert(id room, id notice, id user) exec
INSERT IGNORE INTO notice_confirmation (room, notice, user, created_at)
  VALUES (:room, :notice, :user, UTC_TIMESTAMP(3));

-- confirmation_count(id room, id notice) exec
UPDATE notice SET confirmations = confirmations + 1 WHERE room = :room AND id = :notice;

-- confirmations_list(id room, id notice, id after, int limit) rows
SELECT u.id, u.name, u.nickname, u.avatar, c.created_at AS confirmed_at
  FROM notice_confirmation c FORCE INDEX (PRIMARY) JOIN user u ON u.id = c.user
  WHERE c.room = :room AND c.notice = :notice AND c.user > :after
  ORDER BY c.user LIMIT :limit;

-- confirmations_erase(id room, id notice) exec
DELETE FROM notice_confirmation WHERE room = :room AND notice = :notice;
