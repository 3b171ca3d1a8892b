-- Of these rooms (a JSON array of ids) those that the asker may know of, as rooms_find has it.
-- occupancy_visible(id user, text ids) rows
SELECT r.id
  FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) wanted
  JOIN room r ON r.id = wanted.id
  LEFT JOIN member m ON m.room = r.id AND m.user = :user
  WHERE r.listed = 1 OR m.user IS NOT NULL
    OR (r.kind <> 'direct' AND (SELECT role = 'admin' FROM user WHERE id = :user));
