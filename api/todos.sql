-- kind and list: as in stream.

-- todo_get(id kind, id list, id todo) row
SELECT * FROM todo_view WHERE kind = :kind AND list = :list AND id = :todo;

-- todo_known(id kind, id list, id author, text client_id) row
SELECT * FROM todo_view WHERE kind = :kind AND list = :list AND author = :author AND client_id = :client_id;

-- todos_list(id kind, id list, id after, int limit) rows
SELECT * FROM todo_view WHERE kind = :kind AND list = :list AND place > :after ORDER BY place LIMIT :limit;

-- todos_count(id kind, id list) row
SELECT COUNT(*) AS count FROM todo WHERE kind = :kind AND list = :list;

-- Where the first one stands, of those but one; 0: there is none.
-- todos_first(id kind, id list, id but) row
SELECT CAST(IFNULL(MIN(place), 0) AS UNSIGNED) AS next FROM todo WHERE kind = :kind AND list = :list AND id <> :but;

-- Where one stands, and the next of those but one; 0: it is the last.
-- todo_place(id kind, id list, id todo, id but) row
SELECT t.place, CAST(IFNULL((SELECT MIN(place) FROM todo WHERE kind = :kind AND list = :list AND place > t.place AND id <> :but), 0)
    AS UNSIGNED) AS next
  FROM todo t WHERE t.kind = :kind AND t.list = :list AND t.id = :todo;

-- todo_insert(id kind, id list, id todo, id author, text client_id, text text, id assignee, text due_on, id place) exec
INSERT INTO todo (kind, list, id, place, text, author, client_id, assignee, due_on, created_at)
  VALUES (:kind, :list, :todo, :place, :text, :author, :client_id, NULLIF(:assignee, 0), NULLIF(:due_on, ''), UTC_TIMESTAMP(3));

-- A NULL, a number below 0 and the place 0 leave a value as it is; an empty due_on and the assignee 0 are none. Who has
-- done it first has done it.
-- todo_update(id kind, id list, id todo, id by_user, text text, int done, text due_on, int assignee, id place) exec
UPDATE todo SET text = COALESCE(:text, text),
    done_at = IF(:done < 0, done_at, IF(:done = 0, NULL, COALESCE(done_at, UTC_TIMESTAMP(3)))),
    done_by = IF(:done < 0, done_by, IF(:done = 0, NULL, COALESCE(done_by, :by_user))),
    due_on = IF(:due_on = '', NULL, COALESCE(:due_on, due_on)),
    assignee = IF(:assignee < 0, assignee, NULLIF(:assignee, 0)),
    place = IF(:place = 0, place, :place)
  WHERE kind = :kind AND list = :list AND id = :todo;

-- todo_delete(id kind, id list, id todo) exec
DELETE FROM todo WHERE kind = :kind AND list = :list AND id = :todo;

-- What somebody wrote in the last so many seconds (0: ever), and no other one is to do or has done.
-- todos_of(id room, id author, int seconds, int limit) rows
SELECT id FROM todo
  WHERE kind = 1 AND list = :room AND author = :author
    AND COALESCE(assignee, :author) = :author AND COALESCE(done_by, :author) = :author
    AND (:seconds = 0 OR created_at >= UTC_TIMESTAMP(3) - INTERVAL :seconds SECOND)
  ORDER BY id LIMIT :limit;
