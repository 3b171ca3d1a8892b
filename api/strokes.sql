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

-- strokes_clear(id room) exec
DELETE FROM stroke WHERE room = :room;
