-- botcommand_owner(id bot) row
SELECT owner FROM user WHERE id = :bot AND owner > 0 AND state <> 'erased';

-- botcommand_store(id bot, text name, text description, text usage) exec
INSERT INTO bot_command (bot, name, description, params) VALUES (:bot, :name, :description, :usage)
  ON DUPLICATE KEY UPDATE description = VALUES(description), params = VALUES(params);

-- botcommands_list(id bot) rows
SELECT name, description, params AS `usage` FROM bot_command WHERE bot = :bot ORDER BY name;

-- botcommands_count(id bot, text name) row
SELECT COUNT(*) AS n FROM bot_command WHERE bot = :bot AND name <> :name;

-- botcommand_delete(id bot, text name) exec
DELETE FROM bot_command WHERE bot = :bot AND name = :name;

-- Those of all bots in a room, but of those whom the asker blocks.
-- commands_in_room(id room, id user, int limit) rows
SELECT c.name, c.description, c.params AS `usage`, c.bot
  FROM user u JOIN member m ON m.room = :room AND m.user = u.id JOIN bot_command c ON c.bot = u.id
  WHERE u.owner >= 0 AND NOT EXISTS (SELECT 1 FROM block WHERE user = :user AND other = c.bot)
  ORDER BY c.name, c.bot LIMIT :limit;

-- Of several bots with such a command the eldest has it.
-- command_find(id room, id user, text name) row
SELECT c.bot
  FROM bot_command c JOIN member m ON m.room = :room AND m.user = c.bot
  WHERE c.name = :name AND NOT EXISTS (SELECT 1 FROM block WHERE user = :user AND other = c.bot)
    AND NOT EXISTS (SELECT 1 FROM block WHERE user = c.bot AND other = :user)
  ORDER BY c.bot LIMIT 1;
