-- Times are milliseconds since 1970, here and there.

-- What somebody has studied that overlaps a time, and, if running is 1, what the clock shows of the stretch that it runs on.
-- study_range(id user, int begin, int end, int running) rows
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', started_at) DIV 1000 AS `from`, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ended_at) DIV 1000 AS `to`,
    corrected
  FROM study_session
  WHERE user = :user AND started_at >= TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND - INTERVAL 2 DAY
    AND started_at < TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND
    AND ended_at > TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND
UNION ALL SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', since) DIV 1000, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', seen_at) DIV 1000, 0
  FROM desk WHERE user = :user AND since IS NOT NULL AND :running = 1;

-- What the members of a room have studied there, in a time, most first.
-- study_ranking(id room, int begin, int end, int limit) rows
SELECT user, CAST(SUM(ms) AS UNSIGNED) AS studied, CAST(SUM(IF(corrected, ms, 0)) AS UNSIGNED) AS corrected FROM (
    SELECT user, corrected, TIMESTAMPDIFF(MICROSECOND, GREATEST(started_at, TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND),
        LEAST(ended_at, TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND)) DIV 1000 AS ms
      FROM study_session
      WHERE room = :room AND started_at >= TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND - INTERVAL 2 DAY
        AND started_at < TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND
        AND ended_at > TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND
    UNION ALL SELECT user, 0, TIMESTAMPDIFF(MICROSECOND, GREATEST(since, TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND),
        LEAST(seen_at, TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND)) DIV 1000
      FROM desk WHERE room = :room AND since < TIMESTAMP('1970-01-01') + INTERVAL :end * 1000 MICROSECOND
        AND seen_at > TIMESTAMP('1970-01-01') + INTERVAL :begin * 1000 MICROSECOND) stretch
  WHERE user IN (SELECT user FROM member WHERE room = :room) AND ms > 0
  GROUP BY user ORDER BY studied DESC, user LIMIT :limit;
