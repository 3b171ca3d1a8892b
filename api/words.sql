-- word_changes() row
SELECT changes FROM word_change WHERE id = 1;

-- word_changed() exec
UPDATE word_change SET changes = changes + 1 WHERE id = 1;

-- Which rooms have any; 0 stands for everywhere. Read after a change only.
-- word_rooms() rows
SELECT DISTINCT room FROM word ORDER BY room;

-- words_list(id room, id after, int limit) rows
SELECT id, NULLIF(room, 0) AS room$opt, word, action, created_at
  FROM word WHERE room = :room AND id > :after ORDER BY id LIMIT :limit;

-- word_get(id room, id word) row
SELECT id, NULLIF(room, 0) AS room$opt, word, action, created_at FROM word WHERE id = :word AND room = :room;

-- word_count(id room) row
SELECT COUNT(*) AS count FROM word WHERE room = :room;

-- word_insert(id room, text word, text action) exec
INSERT INTO word (room, word, action, created_at) VALUES (:room, :word, :action, UTC_TIMESTAMP(3));

-- word_delete(id word) exec
DELETE FROM word WHERE id = :word;
