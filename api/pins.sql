-- pin_insert(id room, id message, id user) exec
INSERT IGNORE INTO pin (room, message, by_user, created_at)
  VALUES (:room, :message, :user, UTC_TIMESTAMP(3));

-- pin_get(id room, id message) row
SELECT room, message, by_user, created_at FROM pin WHERE room = :room AND message = :message;

-- pins_count(id room) row
SELECT COUNT(*) AS count FROM pin WHERE room = :room;

-- What the asker does not see, or has hidden, is not shown pinned either.
-- pins_list(id room, id user, id after) rows
SELECT p.room, p.message, p.by_user, p.created_at
  FROM pin p LEFT JOIN hidden h ON h.user = :user AND h.room = p.room AND h.message = p.message
  WHERE p.room = :room AND p.message > :after AND h.user IS NULL
  ORDER BY p.created_at DESC, p.message DESC;

-- pin_messages(id room, id user, id after) rows
SELECT m.*
  FROM pin p JOIN message_view m ON m.room = p.room AND m.seq = p.message
    LEFT JOIN hidden h ON h.user = :user AND h.room = p.room AND h.message = p.message
  WHERE p.room = :room AND p.message > :after AND h.user IS NULL
  ORDER BY m.seq;

-- pin_reactions(id room, id user, id after) rows
SELECT c.message, CONVERT(c.emoji USING utf8mb4) AS emoji, COUNT(*) AS count, MAX(c.user = :user) AS mine$bool
  FROM pin p JOIN reaction c ON c.room = p.room AND c.message = p.message
  WHERE p.room = :room AND p.message > :after
  GROUP BY c.message, c.emoji ORDER BY c.message, c.emoji; -- as bytes

-- pin_delete(id room, id message) exec
DELETE FROM pin WHERE room = :room AND message = :message;
