-- stroke_get(id room, id id) row
SELECT * FROM stroke_view WHERE room = :room AND id = :id;

-- stroke_known(id room, id author, text client_id) row
SELECT * FROM stroke_view WHERE room = :room AND author = :author AND client_id = :client_id;

-- strokes_list(id room, id after, int limit) rows
SELECT * FROM stroke_view WHERE room = :room AND id > :after ORDER BY id LIMIT :limit;

-- strokes_count(id room) row
SELECT COUNT(*) AS count FROM stroke WHERE room = :room;

-- stroke_insert(id room, id id, id line, id author, text client_id, text color, int width, text points) exec
INSERT INTO stroke (room, id, line, author, client_id, color, width, points, created_at)
  VALUES (:room, :id, :line, :author, :client_id, :color, :width, :points, UTC_TIMESTAMP(3));

-- strokes_delete_line(id room, id line) exec
DELETE FROM stroke WHERE room = :room AND line = :line;

-- What somebody drew in the last so many seconds (0: ever), at most so many strokes, the oldest first.
-- strokes_range(id room, id author, int seconds, int limit) row
SELECT MIN(id) AS first, MAX(id) AS last
  FROM (SELECT id FROM stroke
    WHERE room = :room AND author = :author
      AND (:seconds = 0 OR created_at >= UTC_TIMESTAMP(3) - INTERVAL :seconds SECOND)
    ORDER BY id LIMIT :limit) found;

-- strokes_erase(id room, id author, id first, id last) exec
DELETE FROM stroke WHERE room = :room AND author = :author AND id BETWEEN :first AND :last;

-- strokes_clear(id room) exec
DELETE FROM stroke WHERE room = :room;
