-- The counters and the events that are not messages; see stream.h.

-- stream_insert(id kind, id stream) exec
INSERT INTO stream (kind, id, head) VALUES (:kind, :stream, 0);

-- stream_advance(id kind, id stream, id mid) row
CALL stream_advance(:kind, :stream, :mid);

-- stream_hold(id kind, id stream) row
SELECT head FROM stream WHERE kind = :kind AND id = :stream FOR UPDATE;

-- event_insert(id kind, id stream, id seq, id mid, text type, text data, id target) exec
INSERT INTO event (kind, stream, seq, mid, type, data, created_at, target)
  VALUES (:kind, :stream, :seq, :mid, :type, :data, UTC_TIMESTAMP(3), NULLIF(:target, 0));
