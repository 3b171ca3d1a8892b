-- reactions_list(id room, id user, id first, id last) rows
SELECT message, CONVERT(emoji USING utf8mb4) AS emoji, COUNT(*) AS count, MAX(user = :user) AS mine$bool
  FROM reaction WHERE room = :room AND message BETWEEN :first AND :last
  GROUP BY message, reaction.emoji ORDER BY message, reaction.emoji; -- as bytes

-- reaction_count(id room, id message, text emoji) row
SELECT COUNT(*) AS count FROM reaction WHERE room = :room AND message = :message AND emoji = :emoji;

-- reaction_kinds(id room, id message, text emoji) row
SELECT COUNT(DISTINCT emoji) AS others
  FROM reaction WHERE room = :room AND message = :message AND emoji <> :emoji;

-- reaction_users(id room, id message, text emoji, id asker, id after, int limit) rows
SELECT u.id, u.name, u.nickname, u.avatar
  FROM reaction c FORCE INDEX (PRIMARY) JOIN user u ON u.id = c.user
    LEFT JOIN block b ON b.user = :asker AND b.other = c.user
  WHERE c.room = :room AND c.message = :message AND c.emoji = :emoji AND c.user > :after AND b.user IS NULL
  ORDER BY c.user LIMIT :limit;

-- reaction_insert(id room, id message, text emoji, id user) exec
INSERT IGNORE INTO reaction (room, message, emoji, user) VALUES (:room, :message, :emoji, :user);

-- reaction_delete(id room, id message, text emoji, id user) exec
DELETE FROM reaction WHERE room = :room AND message = :message AND emoji = :emoji AND user = :user;

-- reactions_erase(id room, id message) exec
DELETE FROM reaction WHERE room = :room AND message = :message;

-- reaction_counts(id room, id message) rows
SELECT CONVERT(emoji USING utf8mb4) AS emoji, COUNT(*) AS count
  FROM reaction WHERE room = :room AND message = :message GROUP BY reaction.emoji ORDER BY reaction.emoji;

-- told: within this last second.
-- reaction_crowd(id room, id message) row
SELECT r.members, COALESCE(t.told_at > UTC_TIMESTAMP(3) - INTERVAL 1 SECOND, 0) AS told$bool
  FROM room r LEFT JOIN reaction_told t ON t.room = r.id AND t.message = :message
  WHERE r.id = :room;

-- reaction_tell(id room, id message) exec
REPLACE INTO reaction_told (room, message, told_at) VALUES (:room, :message, UTC_TIMESTAMP(3));

-- Somebody has to tell of it later: the feeder does.
-- reaction_mark(id room, id message) exec
UPDATE reaction_told SET untold = 1 WHERE room = :room AND message = :message;

-- What is to be told, or was long ago.
-- reaction_due() row
(SELECT room, message, 1 AS untold$bool FROM reaction_told
  WHERE untold = 1 AND told_at <= UTC_TIMESTAMP(3) - INTERVAL 1 SECOND ORDER BY told_at LIMIT 1)
UNION ALL (SELECT room, message, 0 FROM reaction_told
  WHERE untold = 0 AND told_at <= UTC_TIMESTAMP(3) - INTERVAL 10 SECOND ORDER BY told_at LIMIT 1) LIMIT 1;

-- reaction_untell(id room, id message) exec
DELETE FROM reaction_told WHERE room = :room AND message = :message;

-- Unless somebody has reacted again.
-- reaction_forget(id room, id message) exec
DELETE FROM reaction_told
  WHERE room = :room AND message = :message AND untold = 0 AND told_at <= UTC_TIMESTAMP(3) - INTERVAL 10 SECOND;
