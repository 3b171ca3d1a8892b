-- stream_head(id kind, id stream) row
SELECT head, mid FROM stream WHERE kind = :kind AND id = :stream;

-- ids is a JSON array.
-- stream_heads(id kind, text ids) rows
SELECT s.id, s.head, s.mid
  FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) wanted
  JOIN stream s ON s.kind = :kind AND s.id = wanted.id;

-- The m_ columns are those of the message that the event changed; target is its seq, also where it is
-- erased.
-- events_after(id kind, id stream, id after, id until, int limit) rows
SELECT e.seq, e.mid AS mid$text, e.type, e.data AS data$json, e.stream, e.target AS target$opt, m.*
  FROM event e LEFT JOIN message_target m ON e.kind = 1 AND m.m_room$opt = e.stream AND m.m_seq$opt = e.target
  WHERE e.kind = :kind AND e.stream = :stream AND e.seq > :after AND e.seq <= :until
  ORDER BY e.seq LIMIT :limit;

-- messages_between(id room, id after, id until, int limit) rows
SELECT * FROM message_view WHERE room = :room AND seq > :after AND seq <= :until
  ORDER BY seq LIMIT :limit;

-- Which event has this seq; a message is one too.
-- event_mid(id kind, id stream, id seq) row
SELECT mid AS mid$text FROM event WHERE kind = :kind AND stream = :stream AND seq = :seq
UNION ALL
SELECT mid FROM message WHERE :kind = 1 AND room = :stream AND seq = :seq;

-- The same for what stands at places of several streams, a JSON array of [n, kind, stream, seq]. Rows come with their n,
-- in any order: to sort them would take as long as to find them.
-- events_at(text places) rows
SELECT w.n, e.seq, e.mid AS mid$text, e.type, e.data AS data$json, e.stream, e.target AS target$opt, m.*
  FROM JSON_TABLE(:places, '$[*]' COLUMNS (n INT PATH '$[0]', kind TINYINT UNSIGNED PATH '$[1]',
        stream BIGINT UNSIGNED PATH '$[2]', seq BIGINT UNSIGNED PATH '$[3]')) w
    JOIN event e ON e.kind = w.kind AND e.stream = w.stream AND e.seq = w.seq
    LEFT JOIN message_target m ON e.kind = 1 AND m.m_room$opt = e.stream AND m.m_seq$opt = e.target;

-- messages_at(text places) rows
SELECT w.n, m.*
  FROM JSON_TABLE(:places, '$[*]' COLUMNS (n INT PATH '$[0]', room BIGINT UNSIGNED PATH '$[2]',
        seq BIGINT UNSIGNED PATH '$[3]')) w
    JOIN message_view m ON m.room = w.room AND m.seq = w.seq;

-- NULL where there is nothing. Where a message was found no event is looked for: NULL finds none.
-- event_mids(text places) rows
SELECT w.n, COALESCE(m.mid, e.mid) AS mid$text
  FROM JSON_TABLE(:places, '$[*]' COLUMNS (n INT PATH '$[0]', kind TINYINT UNSIGNED PATH '$[1]',
        stream BIGINT UNSIGNED PATH '$[2]', seq BIGINT UNSIGNED PATH '$[3]')) w
    LEFT JOIN message m ON w.kind = 1 AND m.room = w.stream AND m.seq = w.seq
    LEFT JOIN event e ON e.kind = w.kind AND e.stream = w.stream AND e.seq = IF(m.seq IS NULL, w.seq, NULL);
