-- poll_insert(id room, id message, text counts, text closes_at) exec
INSERT IGNORE INTO poll (room, message, counts, closes_at)
  VALUES (:room, :message, :counts, STR_TO_DATE(:closes_at, '%Y-%m-%dT%H:%i:%s.%fZ'));

-- What everybody was told last; mine, told (within this last second) and over are for deciding.
-- poll_get(id user, id room, id message) row
SELECT p.room, p.message, p.counts AS counts$json, p.voters, p.closed_at AS closed_at$opt,
    COALESCE((SELECT CONCAT('[', GROUP_CONCAT(v.choice ORDER BY v.choice), ']') FROM poll_vote v
      WHERE v.room = p.room AND v.message = p.message AND v.user = :user), '[]') AS mine$json,
    p.told_at > UTC_TIMESTAMP(3) - INTERVAL 1 SECOND AS told$bool,
    (p.closed_at IS NOT NULL OR COALESCE(p.closes_at <= UTC_TIMESTAMP(3), 0)) AS over$bool
  FROM poll p WHERE p.room = :room AND p.message = :message;

-- polls_among(id room, id user, text messages) rows
SELECT p.message, p.counts AS counts$json, p.voters, p.closed_at AS closed_at$opt,
    COALESCE((SELECT CONCAT('[', GROUP_CONCAT(v.choice ORDER BY v.choice), ']') FROM poll_vote v
      WHERE v.room = p.room AND v.message = p.message AND v.user = :user), '[]') AS mine$json
  FROM JSON_TABLE(:messages, '$[*]' COLUMNS (seq BIGINT UNSIGNED PATH '$')) wanted
    JOIN poll p ON p.room = :room AND p.message = wanted.seq
  ORDER BY p.message;

-- poll_close(id room, id message) exec
UPDATE poll SET closed_at = UTC_TIMESTAMP(3), closes_at = NULL WHERE room = :room AND message = :message;

-- poll_tally(id room, id message) rows
SELECT choice, COUNT(*) AS count FROM poll_vote WHERE room = :room AND message = :message GROUP BY choice;

-- poll_voters(id room, id message) row
SELECT COUNT(DISTINCT user) AS voters FROM poll_vote WHERE room = :room AND message = :message;

-- poll_told(id room, id message, text counts, id voters) exec
UPDATE poll SET counts = :counts, voters = :voters, told_at = UTC_TIMESTAMP(3), untold = 0
  WHERE room = :room AND message = :message;

-- Somebody has to tell of it later: the feeder does.
-- poll_mark(id room, id message) exec
UPDATE poll SET untold = 1, told_at = COALESCE(told_at, UTC_TIMESTAMP(3))
  WHERE room = :room AND message = :message AND closed_at IS NULL;

-- poll_due() row
SELECT room, message FROM poll WHERE closes_at <= UTC_TIMESTAMP(3) ORDER BY closes_at LIMIT 1;

-- poll_untold() row
SELECT room, message FROM poll
  WHERE untold = 1 AND told_at <= UTC_TIMESTAMP(3) - INTERVAL 1 SECOND ORDER BY told_at LIMIT 1;

-- poll_delete(id room, id message) exec
DELETE FROM poll WHERE room = :room AND message = :message;
