-- The next room that forgets, in the order of the key retention.
-- retention_next(int days, id room) row
SELECT r.id, r.retention, r.floor, s.head FROM room r JOIN stream s ON s.kind = 1 AND s.id = r.id
  WHERE (r.retention = :days AND r.id > :room) OR r.retention > :days
  ORDER BY r.retention, r.id LIMIT 1;

-- The first event up to `last` that is not old enough; NULL: all are.
-- retention_young(id room, int days, id after, id last) row
SELECT MIN(seq) AS young FROM (
  SELECT MIN(seq) AS seq FROM message WHERE room = :room AND seq > :after AND seq <= :last
    AND created_at >= UTC_TIMESTAMP(3) - INTERVAL :days DAY
  UNION ALL
  SELECT MIN(seq) FROM event WHERE kind = 1 AND stream = :room AND seq > :after AND seq <= :last
    AND created_at >= UTC_TIMESTAMP(3) - INTERVAL :days DAY) found;

-- retention_hold(id room) row
SELECT head FROM stream WHERE kind = 1 AND id = :room FOR UPDATE;

-- retention_raise(id room, int days, id floor) exec
UPDATE room SET floor = :floor WHERE id = :room AND retention = :days AND floor < :floor;

-- retention_messages(id room, id floor, int limit) exec
DELETE FROM message WHERE room = :room AND seq <= :floor LIMIT :limit;

-- retention_events(id room, id floor, int limit) exec
DELETE FROM event WHERE kind = 1 AND stream = :room AND seq <= :floor LIMIT :limit;

-- retention_reactions(id room, id floor, int limit) exec
DELETE FROM reaction WHERE room = :room AND message <= :floor LIMIT :limit;

-- retention_hidden(id room, id floor, int limit) exec
DELETE FROM hidden WHERE room = :room AND message <= :floor LIMIT :limit;

-- retention_pins(id room, id floor) exec
DELETE FROM pin WHERE room = :room AND message <= :floor;

-- retention_attachments(id room, id floor, int limit) exec
DELETE FROM attachment WHERE room = :room AND message <= :floor LIMIT :limit;

-- Their events are gone by then.
-- retention_strokes(id room, id floor, int limit) exec
DELETE FROM stroke WHERE room = :room AND id <= :floor LIMIT :limit;

-- retention_mentions(id room, id floor, int limit) exec
DELETE FROM mention WHERE room = :room AND seq <= :floor LIMIT :limit;

-- retention_votes(id room, id floor, int limit) exec
DELETE FROM poll_vote WHERE room = :room AND message <= :floor LIMIT :limit;

-- retention_polls(id room, id floor) exec
DELETE FROM poll WHERE room = :room AND message <= :floor;

-- An answer is younger than its root.
-- retention_threads(id room, id floor, int limit) exec
DELETE FROM thread_reply WHERE room = :room AND root <= :floor LIMIT :limit;

-- retention_revisions(id room, id floor, int limit) exec
DELETE FROM message_revision WHERE room = :room AND message <= :floor LIMIT :limit;

-- What is erased is not to be read off the index of messages either.
-- retention_search(id room, id floor) exec
UPDATE search_part p JOIN search_segment s ON s.id = p.segment
  SET s.due_at = COALESCE(s.due_at, UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE)
  WHERE p.room = :room AND p.first <= :floor AND s.state = 'ready';

-- retention_notifications(id room, id floor, int limit) exec
DELETE FROM notification WHERE room = :room AND message <= :floor LIMIT :limit;
