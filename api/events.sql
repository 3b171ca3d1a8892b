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
SELECT e.seq, e.mid AS mid$text, e.type, e.data AS data$json, e.stream, e.target AS target$opt,
    m.room AS m_room$opt, m.seq AS m_seq$opt, CAST(m.mid AS CHAR) AS m_mid$opt, m.sender AS m_sender$opt,
    m.client_id AS m_client_id$opt, m.body AS m_body$opt, m.created_at AS m_created_at$opt,
    m.reply_to AS m_reply_to$opt, m.rev AS m_rev$opt, m.edited_at AS m_edited_at$opt,
    m.deleted_at AS m_deleted_at$opt
  FROM event e LEFT JOIN message m ON e.kind = 1 AND m.room = e.stream AND m.seq = e.target
  WHERE e.kind = :kind AND e.stream = :stream AND e.seq > :after AND e.seq <= :until
  ORDER BY e.seq LIMIT :limit;

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

-- The same for what stands at places of several streams: a JSON array of [n, kind, stream, seq] or, of messages,
-- [n, room, seq]. Rows come with their n.
-- events_at(text places) rows
SELECT w.n, e.seq, e.mid AS mid$text, e.type, e.data AS data$json,
    m.room AS m_room$opt, m.seq AS m_seq$opt, CAST(m.mid AS CHAR) AS m_mid$opt, m.sender AS m_sender$opt,
    m.client_id AS m_client_id$opt, m.body AS m_body$opt, m.created_at AS m_created_at$opt,
    m.reply_to AS m_reply_to$opt, m.rev AS m_rev$opt, m.edited_at AS m_edited_at$opt,
    m.deleted_at AS m_deleted_at$opt
  FROM JSON_TABLE(:places, '$[*]' COLUMNS (n INT PATH '$[0]', kind TINYINT UNSIGNED PATH '$[1]',
        stream BIGINT UNSIGNED PATH '$[2]', seq BIGINT UNSIGNED PATH '$[3]')) w
    JOIN event e ON e.kind = w.kind AND e.stream = w.stream AND e.seq = w.seq
    LEFT JOIN message m ON e.kind = 1 AND m.room = e.stream AND m.seq = e.target
  ORDER BY w.n, e.seq;

-- messages_at(text places) rows
SELECT w.n, m.room, m.seq, m.mid AS mid$text, m.sender, m.client_id, m.body, m.created_at,
    m.reply_to AS reply_to$opt, m.rev AS rev$opt, m.edited_at AS edited_at$opt, m.deleted_at AS deleted_at$opt
  FROM JSON_TABLE(:places, '$[*]' COLUMNS (n INT PATH '$[0]', room BIGINT UNSIGNED PATH '$[1]',
        seq BIGINT UNSIGNED PATH '$[2]')) w
    JOIN message m ON m.room = w.room AND m.seq = w.seq
  ORDER BY w.n, m.seq;

-- event_mids(text places) rows
SELECT w.n, e.mid AS mid$text
  FROM JSON_TABLE(:places, '$[*]' COLUMNS (n INT PATH '$[0]', kind TINYINT UNSIGNED PATH '$[1]',
        stream BIGINT UNSIGNED PATH '$[2]', seq BIGINT UNSIGNED PATH '$[3]')) w
    JOIN event e ON e.kind = w.kind AND e.stream = w.stream AND e.seq = w.seq
UNION ALL
SELECT w.n, m.mid
  FROM JSON_TABLE(:places, '$[*]' COLUMNS (n INT PATH '$[0]', kind TINYINT UNSIGNED PATH '$[1]',
        room BIGINT UNSIGNED PATH '$[2]', seq BIGINT UNSIGNED PATH '$[3]')) w
    JOIN message m ON w.kind = 1 AND m.room = w.room AND m.seq = w.seq;
