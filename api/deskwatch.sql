-- Who appears offline is no member of a room for maru-push: they are there while connected.
-- deskwatch_next(id after, int limit) rows
SELECT d.user, CAST(IF(u.appear = 'offline', 0, d.room) AS UNSIGNED) AS place FROM desk d JOIN user u ON u.id = d.user
  WHERE d.user > :after ORDER BY d.user LIMIT :limit;

-- Of those who are there, whose time goes on. users: their ids as a JSON array.
-- deskwatch_seen(text users, int grace) exec
UPDATE desk d JOIN JSON_TABLE(:users, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) x ON x.id = d.user
  SET d.seen_at = UTC_TIMESTAMP(3), d.missed = 0
  WHERE d.seen_at >= UTC_TIMESTAMP(3) - INTERVAL :grace SECOND AND (d.since IS NULL OR d.since > UTC_TIMESTAMP(3) - INTERVAL 1 DAY);

-- Whose time does not.
-- deskwatch_stale(text users, int grace) rows
SELECT d.user, d.room AS place FROM JSON_TABLE(:users, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) x JOIN desk d ON d.user = x.id
  WHERE d.seen_at < UTC_TIMESTAMP(3) - INTERVAL :grace SECOND OR d.since <= UTC_TIMESTAMP(3) - INTERVAL 1 DAY;

-- deskwatch_missed(text users) exec
UPDATE desk d JOIN JSON_TABLE(:users, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) x ON x.id = d.user
  SET d.missed = LEAST(d.missed + 1, 200);

-- deskwatch_gone(text users, int missed) rows
SELECT d.user, d.room AS place FROM JSON_TABLE(:users, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) x JOIN desk d ON d.user = x.id
  WHERE d.missed >= :missed;
