-- Keeps the category as it is until the transaction ends; a room that is put into it does so.
-- category_hold(id category) row
SELECT id FROM category WHERE id = :category LOCK IN SHARE MODE;

-- category_lock(id category) row
SELECT id FROM category WHERE id = :category FOR UPDATE;

-- One walk through the index of rooms; a question for each category takes ten times as long.
-- categories_list() rows
SELECT c.id, c.name, c.place, c.created_at, COALESCE(n.rooms, 0) AS rooms
  FROM category c
    LEFT JOIN (SELECT category, COUNT(*) AS rooms FROM room WHERE listed = 1 GROUP BY category) n ON n.category = c.id
  ORDER BY c.place, c.id;

-- categories_count() row
SELECT COUNT(*) AS n FROM category;

-- category_get(id category) row
SELECT c.id, c.name, c.place, c.created_at,
    (SELECT COUNT(*) FROM room r WHERE r.listed = 1 AND r.category = c.id) AS rooms
  FROM category c WHERE c.id = :category;

-- category_newest(id category, int limit) rows
SELECT id FROM room WHERE listed = 1 AND category = :category ORDER BY id DESC LIMIT :limit;

-- category_insert(text name, int place) exec
INSERT INTO category (name, place, created_at) VALUES (:name, :place, UTC_TIMESTAMP(3));

-- NULL and -1 leave a value as it is.
-- category_update(id category, text name, int place) exec
UPDATE category SET name = COALESCE(:name, name), place = COALESCE(NULLIF(:place, -1), place)
  WHERE id = :category;

-- Both halves of the key: rooms that are not listed are in categories, too.
-- category_empty(id category) exec
UPDATE room SET category = 0 WHERE listed IN (0, 1) AND category = :category;

-- category_delete(id category) exec
DELETE FROM category WHERE id = :category;
