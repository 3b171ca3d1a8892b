-- Of these people (a JSON array of ids) those whose presence the asker may see: who shares a room with
-- them or is their friend, and does not appear offline; nobody where one of the two blocks the other.
-- presence_visible(id user, text ids) rows
SELECT u.id, IF(u.last_seen = 'shown', u.seen_at, NULL) AS seen_at$opt
  FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) wanted
  JOIN user u ON u.id = wanted.id
    LEFT JOIN friend f ON f.user = :user AND f.other = u.id AND f.state = 'friend'
    LEFT JOIN block b ON b.user = :user AND b.other = u.id
    LEFT JOIN block c ON c.user = u.id AND c.other = :user
  WHERE u.appear = 'online' AND b.user IS NULL AND c.user IS NULL
    AND (u.id = :user OR f.user IS NOT NULL OR EXISTS (
      SELECT 1 FROM member theirs
        WHERE theirs.user = u.id AND theirs.room IN (SELECT room FROM member WHERE user = :user)));

-- The same where everybody sees everybody.
-- presence_of_all(id user, text ids) rows
SELECT u.id, IF(u.last_seen = 'shown', u.seen_at, NULL) AS seen_at$opt
  FROM JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) wanted
  JOIN user u ON u.id = wanted.id
  WHERE u.appear = 'online'
    AND NOT EXISTS (SELECT 1 FROM block WHERE user = :user AND other = u.id)
    AND NOT EXISTS (SELECT 1 FROM block WHERE user = u.id AND other = :user);

-- presence_seen(id user) exec
UPDATE user SET seen_at = UTC_TIMESTAMP(3) WHERE id = :user;

-- presence_get(id user) row
SELECT appear, last_seen FROM user WHERE id = :user;

-- presence_set(id user, text appear, text last_seen) exec
UPDATE user SET appear = COALESCE(:appear, appear), last_seen = COALESCE(:last_seen, last_seen)
  WHERE id = :user;
