-- direct: in a room of two; turn: how often somebody came or went; answered: whether somebody came to who began it.
-- call_get(id call) row
SELECT c.id, c.room, c.video AS video$bool, c.via, c.started_by, c.started_at, r.kind = 'direct' AS direct$bool, c.turn,
    c.answered_at IS NOT NULL AS answered$bool
  FROM room_call c JOIN room r ON r.id = c.room WHERE c.id = :call;

-- call_of_room(id room) row
SELECT id FROM room_call WHERE room = :room;

-- Of all rooms that somebody is in, as call_get() has them.
-- calls_list(id user) rows
SELECT c.id, c.room, c.video AS video$bool, c.via, c.started_by, c.started_at
  FROM room_call c JOIN member m ON m.room = c.room AND m.user = :user ORDER BY c.id DESC LIMIT 100;

-- Those of calls, a JSON array of ids.
-- calls_people(text calls) rows
SELECT p.of_call, p.user, IF(p.rings_until IS NULL, 'in', 'ringing') AS state, IF(p.rings_until IS NULL, p.peer, NULL) AS peer$opt,
    IF(p.rings_until IS NULL, p.came_at, NULL) AS joined_at$opt, p.rings_until AS rings_until$opt
  FROM JSON_TABLE(:calls, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) w JOIN call_member p ON p.of_call = w.id
  ORDER BY p.of_call DESC, p.came_at, p.user;

-- call_people(id call) rows
SELECT user, IF(rings_until IS NULL, 'in', 'ringing') AS state, IF(rings_until IS NULL, peer, NULL) AS peer$opt,
    IF(rings_until IS NULL, came_at, NULL) AS joined_at$opt, rings_until AS rings_until$opt
  FROM call_member WHERE of_call = :call ORDER BY came_at, user;

-- The call in which somebody is, or for which they are rung; late: for too long.
-- call_place(id user) row
SELECT m.user, m.of_call, c.room, m.peer, m.rings_until IS NOT NULL AS ringing$bool, m.rung_by AS rung_by$opt,
    IFNULL(m.rings_until <= UTC_TIMESTAMP(3), 0) AS late$bool
  FROM call_member m JOIN room_call c ON c.id = m.of_call WHERE m.user = :user;

-- call_count(id call) row
SELECT COUNT(*) AS inside FROM call_member WHERE of_call = :call AND rings_until IS NULL;

-- How long it has lasted since somebody answered, in milliseconds.
-- call_lasted(id call) row
SELECT IFNULL(TIMESTAMPDIFF(MICROSECOND, answered_at, UTC_TIMESTAMP(3)) DIV 1000, 0) AS ms FROM room_call WHERE id = :call;

-- The other one in a room of two.
-- call_partner(id room, id user) row
SELECT user FROM member WHERE room = :room AND user <> :user;

-- call_insert(id room, int video, text via, id user) exec
INSERT INTO room_call (room, video, via, started_by, started_at) VALUES (:room, :video, :via, :user, UTC_TIMESTAMP(3));

-- call_turn(id call) exec
UPDATE room_call SET turn = turn + 1 WHERE id = :call;

-- call_answered(id call) exec
UPDATE room_call SET answered_at = IFNULL(answered_at, UTC_TIMESTAMP(3)) WHERE id = :call;

-- call_enter(id user, id call, text peer) exec
INSERT INTO call_member (user, of_call, peer, came_at) VALUES (:user, :call, :peer, UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE peer = VALUES(peer), came_at = VALUES(came_at), rings_until = NULL, rung_by = NULL,
    missed = 0;

-- call_ring(id user, id call, id by, int seconds) exec
INSERT INTO call_member (user, of_call, peer, came_at, rings_until, rung_by)
  VALUES (:user, :call, '', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL :seconds SECOND, :by);

-- Who is rung, and by whom; by id, as their streams are locked.
-- call_rung(id call) rows
SELECT user, rung_by FROM call_member WHERE of_call = :call AND rings_until IS NOT NULL ORDER BY user;

-- call_leave(id user) exec
DELETE FROM call_member WHERE user = :user;

-- call_empty(id call) exec
DELETE FROM call_member WHERE of_call = :call;

-- call_delete(id call) exec
DELETE FROM room_call WHERE id = :call;
