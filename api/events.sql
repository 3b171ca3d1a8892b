-- stream_head(id kind, id stream) row
SELECT head FROM stream WHERE kind = :kind AND id = :stream;

-- events_after(id kind, id stream, id after, int limit) rows
SELECT seq, mid AS mid$text, type, data AS data$json
  FROM event WHERE kind = :kind AND stream = :stream AND seq > :after ORDER BY seq LIMIT :limit;
