-- callwatch_next(id call, id user, int limit) rows
SELECT of_call, user, CAST(IF(rings_until IS NULL, of_call, 0) AS UNSIGNED) AS place FROM call_member
  WHERE of_call > :call OR (of_call = :call AND user > :user) ORDER BY of_call, user LIMIT :limit;

-- callwatch_late() rows
SELECT user, of_call AS place FROM call_member WHERE rings_until <= UTC_TIMESTAMP(3) LIMIT 100;

-- users: ids as a JSON array.
-- callwatch_seen(text users) exec
UPDATE call_member m JOIN JSON_TABLE(:users, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) x ON x.id = m.user
  SET m.missed = 0 WHERE m.missed > 0;

-- callwatch_missed(text users) exec
UPDATE call_member m JOIN JSON_TABLE(:users, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) x ON x.id = m.user
  SET m.missed = LEAST(m.missed + 1, 250);

-- Who was missed so often: of those in a call, of those who are rung.
-- callwatch_gone(text users, int lost, int offline) rows
SELECT m.user, m.of_call AS place FROM JSON_TABLE(:users, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) x JOIN call_member m ON m.user = x.id
  WHERE m.missed >= IF(m.rings_until IS NULL, :lost, :offline);
