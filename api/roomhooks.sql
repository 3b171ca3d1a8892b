-- The id of a hook is that of its bot, whose nickname is its name.

-- roomhook_insert(id room, id bot, id by_user, bytes hash) exec
INSERT INTO room_hook (room, bot, by_user, hash, created_at)
  VALUES (:room, :bot, :by_user, :hash, UTC_TIMESTAMP(3));

-- roomhook_get(id room, id bot) row
SELECT h.bot AS id, h.room, u.nickname AS name, h.by_user, h.created_at
  FROM room_hook h JOIN user u ON u.id = h.bot
  WHERE h.room = :room AND h.bot = :bot;

-- roomhooks_list(id room) rows
SELECT h.bot AS id, h.room, u.nickname AS name, h.by_user, h.created_at
  FROM room_hook h JOIN user u ON u.id = h.bot
  WHERE h.room = :room ORDER BY h.bot;

-- roomhooks_count(id room) row
SELECT COUNT(*) AS n FROM room_hook WHERE room = :room;

-- roomhook_find(bytes hash) row
SELECT room, bot FROM room_hook WHERE hash = :hash;

-- Nobody looks for it or writes to it.
-- roomhook_hide(id bot) exec
UPDATE user SET found = 'hidden', direct = 'nobody' WHERE id = :bot;

-- roomhook_delete(id room, id bot) exec
DELETE FROM room_hook WHERE room = :room AND bot = :bot;

-- roomhooks_some(id room, int limit) rows
SELECT bot FROM room_hook WHERE room = :room LIMIT :limit;
