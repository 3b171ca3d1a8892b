-- rule_get(id room, id user) row
SELECT m.room, COALESCE(m.notify, IF(r.kind IN ('direct', 'group'), 'all', 'mentions')) AS level,
    IF(m.quiet_until > UTC_TIMESTAMP(3), m.quiet_until, NULL) AS quiet_until$opt
  FROM member m JOIN room r ON r.id = m.room
  WHERE m.room = :room AND m.user = :user;

-- A NULL and seconds below 0 leave a value as it is; 0 ends the quiet.
-- rule_set(id room, id user, text level, int seconds) exec
UPDATE member SET notify = COALESCE(:level, notify),
    quiet_until = IF(:seconds < 0, quiet_until, UTC_TIMESTAMP(3) + INTERVAL NULLIF(:seconds, 0) SECOND)
  WHERE room = :room AND user = :user;
