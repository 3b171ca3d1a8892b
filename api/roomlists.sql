-- The lists of rooms. A list is read in two steps: which rooms, by the index that the list goes through,
-- each with its place (`next`, the cursor that goes on behind it), then how the asker sees them. The other
-- conditions are looked at row by row; 0 and NULL stand for those that were not asked for, and the
-- optimizer drops them when it has their values.

-- In the order that was asked for. What was hidden from the asker meanwhile is not there.
-- rooms_shown(id user, text ids) rows
SELECT v.*, m.user IS NOT NULL AS joined$bool, l.user IS NOT NULL AS liked$bool
  FROM JSON_TABLE(:ids, '$[*]' COLUMNS (place FOR ORDINALITY, id BIGINT UNSIGNED PATH '$')) wanted
    JOIN room_view v ON v.id = wanted.id
    LEFT JOIN member m ON m.room = v.id AND m.user = :user
    LEFT JOIN room_like l ON l.room = v.id AND l.user = :user
  WHERE v.listed = 1 OR m.user IS NOT NULL
  ORDER BY wanted.place;

-- Rooms that were there before searches were.
-- rooms_unindexed(id after, int limit) rows
SELECT r.id FROM room r LEFT JOIN gram_text t ON t.kind = 1 AND t.id = r.id
  WHERE r.id > :after AND r.listed = 1 AND t.id IS NULL
  ORDER BY r.id LIMIT :limit;

-- ---- all rooms ----

-- FORCE INDEX makes the server begin at the cursor: where it holds a condition like listed = 1 for as good as the cursor, it
-- would read everything before the page, too. This is so in other files as well.

-- rooms_newest(id before, id category, text kind, int free, int limit) rows
SELECT r.id, r.id AS next FROM room r FORCE INDEX (newest, category)
  WHERE r.listed = 1 AND r.id < :before
    AND (:category = 0 OR r.category = :category) AND (:kind IS NULL OR r.kind = :kind)
    AND (:free = 0 OR r.members < r.max_members)
  ORDER BY r.id DESC LIMIT :limit;

-- rooms_fullest(text tag, text gram, id value, id before, text kind, int free, int limit) rows
SELECT r.id, CONCAT(r.members, ':', r.id) AS next FROM room r FORCE INDEX (seats)
  WHERE r.listed = 1 AND (r.members < :value OR (r.members = :value AND r.id < :before))
    AND (:tag IS NULL OR (SELECT COUNT(*) FROM room_tag x WHERE x.room = r.id AND x.tag = :tag) > 0)
    AND (:gram IS NULL OR (SELECT COUNT(*) FROM gram g WHERE g.kind = 1 AND g.gram = :gram AND g.id = r.id) > 0)
    AND (:kind IS NULL OR r.kind = :kind)
    AND (:free = 0 OR r.members < r.max_members)
  ORDER BY r.members DESC, r.id DESC LIMIT :limit;

-- rooms_most_liked(text tag, text gram, id value, id before, text kind, int free, int limit) rows
SELECT r.id, CONCAT(r.likes, ':', r.id) AS next FROM room r FORCE INDEX (liked)
  WHERE r.listed = 1 AND (r.likes < :value OR (r.likes = :value AND r.id < :before))
    AND (:tag IS NULL OR (SELECT COUNT(*) FROM room_tag x WHERE x.room = r.id AND x.tag = :tag) > 0)
    AND (:gram IS NULL OR (SELECT COUNT(*) FROM gram g WHERE g.kind = 1 AND g.gram = :gram AND g.id = r.id) > 0)
    AND (:kind IS NULL OR r.kind = :kind)
    AND (:free = 0 OR r.members < r.max_members)
  ORDER BY r.likes DESC, r.id DESC LIMIT :limit;

-- by_likes: else by members. A category's rooms are sorted.
-- rooms_category_by(int by_likes, id value, id before, id category, text kind, int free, int limit) rows
SELECT r.id, CONCAT(IF(:by_likes, r.likes, r.members), ':', r.id) AS next FROM room r
  WHERE r.listed = 1 AND r.category = :category
    AND (IF(:by_likes, r.likes, r.members) < :value OR (IF(:by_likes, r.likes, r.members) = :value AND r.id < :before))
    AND (:kind IS NULL OR r.kind = :kind) AND (:free = 0 OR r.members < r.max_members)
  ORDER BY IF(:by_likes, r.likes, r.members) DESC, r.id DESC LIMIT :limit;

-- Category 0: of all.
-- rooms_count(id category, text kind) row
SELECT CAST(COALESCE(SUM(rooms), 0) AS SIGNED) AS n FROM room_count
  WHERE category = :category AND (:kind IS NULL OR kind = :kind);

-- By the index alone, seats. If it were named, MariaDB would forget that it needs no rows when a prepared statement is
-- run a second time.
-- rooms_count_free(text kind) row
SELECT COUNT(*) AS n FROM room r
  WHERE r.listed = 1 AND r.members < r.max_members AND (:kind IS NULL OR r.kind = :kind);

-- rooms_count_free_in(id category, text kind) row
SELECT COUNT(*) AS n FROM room r FORCE INDEX (category)
  WHERE r.listed = 1 AND r.category = :category AND r.members < r.max_members AND (:kind IS NULL OR r.kind = :kind);

-- rooms_tagged(text tag, id before, id category, text kind, int free, int limit) rows
SELECT r.id, r.id AS next FROM room_tag t JOIN room r ON r.id = t.room
  WHERE t.tag = :tag AND t.listed = 1 AND t.room < :before AND r.listed = 1
    AND (:category = 0 OR r.category = :category) AND (:kind IS NULL OR r.kind = :kind)
    AND (:free = 0 OR r.members < r.max_members)
  ORDER BY t.room DESC LIMIT :limit;

-- by_likes: else by members. There is no index for tag and number, so all rooms with the tag are sorted; for a tag
-- that many have rooms_fullest and rooms_most_liked look for those that have it. (They count, as of EXISTS the server
-- would make a list of all rooms with the tag.)
-- rooms_tagged_by(int by_likes, text tag, id value, id before, id category, text kind, int free, int limit) rows
SELECT r.id, CONCAT(IF(:by_likes, r.likes, r.members), ':', r.id) AS next FROM room_tag t JOIN room r ON r.id = t.room
  WHERE t.tag = :tag AND t.listed = 1 AND r.listed = 1
    AND (IF(:by_likes, r.likes, r.members) < :value OR (IF(:by_likes, r.likes, r.members) = :value AND r.id < :before))
    AND (:category = 0 OR r.category = :category) AND (:kind IS NULL OR r.kind = :kind)
    AND (:free = 0 OR r.members < r.max_members)
  ORDER BY IF(:by_likes, r.likes, r.members) DESC, r.id DESC LIMIT :limit;

-- How many have the tag, as far as a number.
-- rooms_tag_use(text tag, int limit) row
SELECT COUNT(*) AS n FROM (SELECT 1 FROM room_tag WHERE tag = :tag AND listed = 1 LIMIT :limit) some;

-- By the index alone.
-- rooms_tagged_count_all(text tag) row
SELECT COUNT(*) AS n FROM room_tag WHERE tag = :tag AND listed = 1;

-- rooms_tagged_count(text tag, id category, text kind, int free) row
SELECT COUNT(*) AS n FROM room_tag t JOIN room r ON r.id = t.room
  WHERE t.tag = :tag AND t.listed = 1 AND r.listed = 1
    AND (:category = 0 OR r.category = :category) AND (:kind IS NULL OR r.kind = :kind)
    AND (:free = 0 OR r.members < r.max_members);

-- What gram_query() chose; see gram.h. Without a pattern the server sees that nothing can be joined, and reads no texts.
-- rooms_found(text gram, text pattern, text tag, id before, id category, text kind, int free, int limit) rows
SELECT r.id, r.id AS next
  FROM gram g LEFT JOIN gram_text t ON :pattern IS NOT NULL AND t.kind = 1 AND t.id = g.id JOIN room r ON r.id = g.id
  WHERE g.kind = 1 AND g.gram = :gram AND g.id < :before AND r.listed = 1
    AND (:pattern IS NULL OR t.folded REGEXP :pattern)
    AND (:tag IS NULL OR EXISTS (SELECT 1 FROM room_tag x WHERE x.room = g.id AND x.tag = :tag))
    AND (:category = 0 OR r.category = :category) AND (:kind IS NULL OR r.kind = :kind)
    AND (:free = 0 OR r.members < r.max_members)
  ORDER BY g.id DESC LIMIT :limit;

-- rooms_found_by(int by_likes, text gram, text pattern, text tag, id value, id before, id category, text kind, int free, int limit) rows
SELECT r.id, CONCAT(IF(:by_likes, r.likes, r.members), ':', r.id) AS next
  FROM gram g LEFT JOIN gram_text t ON :pattern IS NOT NULL AND t.kind = 1 AND t.id = g.id JOIN room r ON r.id = g.id
  WHERE g.kind = 1 AND g.gram = :gram AND r.listed = 1
    AND (:pattern IS NULL OR t.folded REGEXP :pattern)
    AND (IF(:by_likes, r.likes, r.members) < :value OR (IF(:by_likes, r.likes, r.members) = :value AND r.id < :before))
    AND (:tag IS NULL OR EXISTS (SELECT 1 FROM room_tag x WHERE x.room = g.id AND x.tag = :tag))
    AND (:category = 0 OR r.category = :category) AND (:kind IS NULL OR r.kind = :kind)
    AND (:free = 0 OR r.members < r.max_members)
  ORDER BY IF(:by_likes, r.likes, r.members) DESC, r.id DESC LIMIT :limit;

-- rooms_found_count(text gram, text pattern, text tag, id category, text kind, int free, int limit) row
SELECT COUNT(*) AS n FROM (
  SELECT 1 FROM gram g LEFT JOIN gram_text t ON :pattern IS NOT NULL AND t.kind = 1 AND t.id = g.id JOIN room r ON r.id = g.id
    WHERE g.kind = 1 AND g.gram = :gram AND r.listed = 1
      AND (:pattern IS NULL OR t.folded REGEXP :pattern)
      AND (:tag IS NULL OR EXISTS (SELECT 1 FROM room_tag x WHERE x.room = g.id AND x.tag = :tag))
      AND (:category = 0 OR r.category = :category) AND (:kind IS NULL OR r.kind = :kind)
      AND (:free = 0 OR r.members < r.max_members)
    LIMIT :limit) some;

-- ---- the asker's ----

-- rooms_joined(id user, text role, text kind, int liked, id before, int limit) rows
SELECT r.id, r.id AS next FROM member m JOIN room r ON r.id = m.room
  WHERE m.user = :user AND m.room < :before
    AND (:role IS NULL OR IF(r.host = m.user, 'host', m.role) = :role) AND (:kind IS NULL OR r.kind = :kind)
    AND (:liked = 0 OR EXISTS (SELECT 1 FROM room_like l WHERE l.room = m.room AND l.user = :user))
  ORDER BY m.room DESC LIMIT :limit;

-- rooms_joined_count(id user, text role, text kind, int liked) row
SELECT COUNT(*) AS n FROM member m JOIN room r ON r.id = m.room
  WHERE m.user = :user
    AND (:role IS NULL OR IF(r.host = m.user, 'host', m.role) = :role) AND (:kind IS NULL OR r.kind = :kind)
    AND (:liked = 0 OR EXISTS (SELECT 1 FROM room_like l WHERE l.room = m.room AND l.user = :user));

-- Whether in them or not, as long as the asker may know of them.
-- rooms_liked(id user, text kind, id before, int limit) rows
SELECT r.id, r.id AS next FROM room_like l JOIN room r ON r.id = l.room
  WHERE l.user = :user AND l.room < :before AND (:kind IS NULL OR r.kind = :kind)
    AND (r.listed = 1 OR EXISTS (SELECT 1 FROM member m WHERE m.room = l.room AND m.user = :user))
  ORDER BY l.room DESC LIMIT :limit;

-- rooms_liked_count(id user, text kind) row
SELECT COUNT(*) AS n FROM room_like l JOIN room r ON r.id = l.room
  WHERE l.user = :user AND (:kind IS NULL OR r.kind = :kind)
    AND (r.listed = 1 OR EXISTS (SELECT 1 FROM member m WHERE m.room = l.room AND m.user = :user));
