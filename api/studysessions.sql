-- Times are milliseconds since 1970 on their way here.

-- studysession_get(id user, id session) row
SELECT id, NULLIF(room, 0) AS room$opt, started_at, ended_at, IF(corrected, 1, NULL) AS corrected$bool$opt
  FROM study_session WHERE id = :session AND user = :user;

-- studysessions_list(id user, int begin, int end, int limit) rows
SELECT id, NULLIF(room, 0) AS room$opt, started_at, ended_at, IF(corrected, 1, NULL) AS corrected$bool$opt
  FROM study_session
  WHERE user = :user AND started_at >= TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND - INTERVAL 2 DAY
    AND started_at < TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND
    AND ended_at > TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND
  ORDER BY started_at LIMIT :limit;

-- What overlaps a time, but for one of them.
-- studysession_between(id user, int begin, int end, id but) row
SELECT 1 AS found FROM study_session
  WHERE user = :user AND id <> :but AND started_at >= TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND - INTERVAL 2 DAY
    AND started_at < TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND
    AND ended_at > TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND
UNION ALL SELECT 1 FROM desk WHERE user = :user AND since < TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND LIMIT 1;

-- Those that begin within a day before or after a time.
-- studysessions_count(id user, int begin) row
SELECT COUNT(*) AS count FROM study_session
  WHERE user = :user AND started_at > TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND - INTERVAL 12 HOUR
    AND started_at < TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND + INTERVAL 12 HOUR;

-- studysession_insert(id user, int begin, int end) exec
INSERT INTO study_session (user, room, started_at, ended_at, corrected)
  VALUES (:user, 0, TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND, TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND, 1);

-- studysession_update(id user, id session, int begin, int end) exec
UPDATE study_session SET started_at = TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND,
    ended_at = TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND, corrected = 1
  WHERE id = :session AND user = :user;

-- studysession_delete(id user, id session) exec
DELETE FROM study_session WHERE id = :session AND user = :user;
