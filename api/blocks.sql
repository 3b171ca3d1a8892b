-- block_get(id user, id other) row
SELECT u.id, u.name, u.nickname, u.avatar, b.created_at
  FROM block b JOIN user u ON u.id = b.other
  WHERE b.user = :user AND b.other = :other;

-- blocks_list(id user, id after, int limit) rows
SELECT u.id, u.name, u.nickname, u.avatar, b.created_at
  FROM block b JOIN user u ON u.id = b.other
  WHERE b.user = :user AND b.other > :after
  ORDER BY b.other LIMIT :limit;

-- blocks_ids(id user) rows
SELECT other FROM block WHERE user = :user ORDER BY other;

-- Of these people (a JSON array of ids) those whom the user blocks. A message is looked at more often than a list of
-- blocks is short.
-- blocks_among(id user, text ids) rows
SELECT DISTINCT b.other
  FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) wanted
    JOIN block b ON b.user = :user AND b.other = wanted.id
  ORDER BY b.other;

-- blocks_in_room(id user, id room) rows
SELECT b.other FROM block b JOIN member m ON m.room = :room AND m.user = b.other
  WHERE b.user = :user ORDER BY b.other;

-- Both from one moment: what is not in the list yet has a higher seq.
-- blocks_claim(id user) row
SELECT s.head AS at, COALESCE((SELECT JSON_ARRAYAGG(other) FROM block WHERE user = :user), '[]') AS ids$json
  FROM stream s WHERE s.kind = 2 AND s.id = :user;

-- blocks_count(id user) row
SELECT COUNT(*) AS count FROM block WHERE user = :user;

-- block_insert(id user, id other) exec
INSERT INTO block (user, other, created_at) VALUES (:user, :other, UTC_TIMESTAMP(3));

-- block_delete(id user, id other) exec
DELETE FROM block WHERE user = :user AND other = :other;
