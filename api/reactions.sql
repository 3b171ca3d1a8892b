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
