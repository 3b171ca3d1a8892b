-- Keeps the category as it is until the transaction ends; a room that is put into it does so.
-- category_hold(id category) row
SELECT id FROM category WHERE id = :category LOCK IN SHARE MODE;

-- category_lock(id category) row
SELECT id FROM category WHERE id = :category FOR UPDATE;

-- categories_list() rows
SELECT c.id, c.name, c.place, c.created_at,
    (SELECT CAST(COALESCE(SUM(n.rooms), 0) AS SIGNED) FROM room_count n WHERE n.category = c.id) AS rooms
  FROM category c
  ORDER BY c.place, c.id;

-- categories_count() row
SELECT COUNT(*) AS n FROM category;

-- category_get(id category) row
SELECT c.id, c.name, c.place, c.created_at,
    (SELECT CAST(COALESCE(SUM(n.rooms), 0) AS SIGNED) FROM room_count n WHERE n.category = c.id) AS rooms
  FROM category c WHERE c.id = :category;

-- The newest listed rooms of each category: the newest, then the one before it, and so on, each from the index. All rooms
-- of the categories, numbered, would take four times as long.
-- categories_newest(int each) rows
WITH RECURSIVE newest AS (
  SELECT c.id AS category, c.place, 1 AS n,
      (SELECT r.id FROM room r WHERE r.listed = 1 AND r.category = c.id ORDER BY r.id DESC LIMIT 1) AS id
    FROM category c
  UNION ALL
  SELECT l.category, l.place, l.n + 1,
      (SELECT r.id FROM room r WHERE r.listed = 1 AND r.category = l.category AND r.id < l.id ORDER BY r.id DESC LIMIT 1)
    FROM newest l WHERE l.n < :each AND l.id IS NOT NULL)
SELECT id FROM newest WHERE id IS NOT NULL ORDER BY place, category, n;

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

-- category_forget_count(id category) exec
DELETE FROM room_count WHERE category = :category;
