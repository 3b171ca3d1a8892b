-- desk_get(id user) row
SELECT room, user, IF(since IS NULL, 'paused', 'studying') AS state, sat_at, since AS since$opt FROM desk WHERE user = :user;

-- desks_list(id room, id after, int limit) rows
SELECT room, user, IF(since IS NULL, 'paused', 'studying') AS state, sat_at, since AS since$opt
  FROM desk WHERE room = :room AND user > :after ORDER BY user LIMIT :limit;

-- stale: they were not seen for so many seconds.
-- desk_hold(id user, int grace) row
SELECT room, since IS NOT NULL AS running$bool, seen_at < UTC_TIMESTAMP(3) - INTERVAL :grace SECOND AS stale$bool
  FROM desk WHERE user = :user FOR UPDATE;

-- desk_insert(id user, id room, int running) exec
INSERT INTO desk (user, room, sat_at, since, seen_at)
  VALUES (:user, :room, UTC_TIMESTAMP(3), IF(:running, UTC_TIMESTAMP(3), NULL), UTC_TIMESTAMP(3));

-- What the clock has measured in milliseconds, up to so many seconds after they were seen; and that as a session.
-- desk_measured(id user, int grace) row
SELECT IFNULL(TIMESTAMPDIFF(MICROSECOND, since, LEAST(UTC_TIMESTAMP(3), seen_at + INTERVAL :grace SECOND)) DIV 1000, 0) AS ms
  FROM desk WHERE user = :user;

-- desk_store(id user, int grace) exec
INSERT INTO study_session (user, room, started_at, ended_at)
  SELECT user, room, since, LEAST(UTC_TIMESTAMP(3), seen_at + INTERVAL :grace SECOND) FROM desk WHERE user = :user AND since IS NOT NULL;

-- The clock begins to run, or (running 0) stops.
-- desk_clock(id user, int running) exec
UPDATE desk SET since = IF(:running, UTC_TIMESTAMP(3), NULL), seen_at = UTC_TIMESTAMP(3), missed = 0 WHERE user = :user;

-- desk_delete(id user) exec
DELETE FROM desk WHERE user = :user;
