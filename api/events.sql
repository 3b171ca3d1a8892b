-- stream_head(id kind, id stream) row
SELECT head FROM stream WHERE kind = :kind AND id = :stream;

-- ids is a JSON array.
-- stream_heads(id kind, text ids) rows
SELECT s.id, s.head
  FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) wanted
  JOIN stream s ON s.kind = :kind AND s.id = wanted.id;

-- events_after(id kind, id stream, id after, id until, int limit) rows
SELECT seq, mid AS mid$text, type, data AS data$json
  FROM event WHERE kind = :kind AND stream = :stream AND seq > :after AND seq <= :until
  ORDER BY seq LIMIT :limit;

-- messages_between(id room, id after, id until, int limit) rows
SELECT room, seq, mid AS mid$text, sender, client_id, body, created_at,
    reply_to AS reply_to$opt, rev AS rev$opt, edited_at AS edited_at$opt, deleted_at AS deleted_at$opt
  FROM message WHERE room = :room AND seq > :after AND seq <= :until
  ORDER BY seq LIMIT :limit;

-- Which event has this seq; a message is one too.
-- event_mid(id kind, id stream, id seq) row
SELECT mid AS mid$text FROM event WHERE kind = :kind AND stream = :stream AND seq = :seq
UNION ALL
SELECT mid FROM message WHERE :kind = 1 AND room = :stream AND seq = :seq;
