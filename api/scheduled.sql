-- scheduled_insert(id user, id room, text client_id, text body, id reply_to, text send_at) exec
INSERT INTO scheduled (user, room, client_id, body, reply_to, send_at, due_at, created_at)
  SELECT :user, :room, :client_id, :body, NULLIF(:reply_to, 0), at, at, UTC_TIMESTAMP(3)
    FROM (SELECT STR_TO_DATE(:send_at, '%Y-%m-%dT%H:%i:%s.%fZ') AS at) given;

-- scheduled_known(id user, id room, text client_id) row
SELECT id FROM scheduled WHERE user = :user AND room = :room AND client_id = :client_id;

-- scheduled_get(id user, id room, id scheduled) row
SELECT id, room, client_id, body, reply_to AS reply_to$opt, send_at, failed AS failed$opt, created_at
  FROM scheduled WHERE id = :scheduled AND user = :user AND room = :room;

-- scheduled_hold(id user, id room, id scheduled) row
SELECT taken AS taken$bool FROM scheduled WHERE id = :scheduled AND user = :user AND room = :room FOR UPDATE;

-- scheduled_count(id user) row
SELECT COUNT(*) AS count FROM scheduled WHERE user = :user;

-- scheduled_list(id user, id after, int limit) rows
SELECT id, room, client_id, body, reply_to AS reply_to$opt, send_at, failed AS failed$opt, created_at
  FROM scheduled WHERE user = :user AND id > :after ORDER BY id LIMIT :limit;

-- scheduled_list_room(id user, id room, id after, int limit) rows
SELECT id, room, client_id, body, reply_to AS reply_to$opt, send_at, failed AS failed$opt, created_at
  FROM scheduled FORCE INDEX (user) WHERE user = :user AND room = :room AND id > :after ORDER BY id LIMIT :limit;

-- NULL, and -1 for reply_to, leave a value as it is. With a new time it is tried again.
-- scheduled_update(id scheduled, text body, int reply_to, text send_at) exec
UPDATE scheduled SET body = COALESCE(:body, body), reply_to = IF(:reply_to < 0, reply_to, NULLIF(:reply_to, 0)),
    failed = IF(:send_at IS NULL, failed, NULL),
    send_at = COALESCE(STR_TO_DATE(:send_at, '%Y-%m-%dT%H:%i:%s.%fZ'), send_at),
    due_at = IF(:send_at IS NULL, due_at, send_at)
  WHERE id = :scheduled;

-- scheduled_delete(id scheduled) exec
DELETE FROM scheduled WHERE id = :scheduled;

-- scheduled_due() row
SELECT id FROM scheduled WHERE due_at <= UTC_TIMESTAMP(3) ORDER BY due_at, id LIMIT 1;

-- From here on nobody changes it.
-- scheduled_take(id scheduled) exec
UPDATE scheduled SET taken = 1 WHERE id = :scheduled AND due_at <= UTC_TIMESTAMP(3);

-- scheduled_taken(id scheduled) row
SELECT s.id, s.user, s.room, s.body, s.reply_to AS reply_to$opt, u.state,
    s.send_at < UTC_TIMESTAMP(3) - INTERVAL 1 DAY AS late$bool
  FROM scheduled s JOIN user u ON u.id = s.user WHERE s.id = :scheduled AND s.taken <> 0;

-- scheduled_delay(id scheduled, int taken, int seconds) exec
UPDATE scheduled SET taken = :taken, due_at = UTC_TIMESTAMP(3) + INTERVAL :seconds SECOND WHERE id = :scheduled;

-- scheduled_fail(id scheduled, text slug) exec
UPDATE scheduled SET taken = 0, due_at = NULL, failed = :slug WHERE id = :scheduled;
