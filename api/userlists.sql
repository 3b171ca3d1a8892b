-- The row is held, so that a later nickname is not overtaken by an earlier one.
-- user_shown(id user) row
SELECT IF(found = 'shown' AND state = 'active', nickname, '') AS shown FROM user WHERE id = :user FOR UPDATE;

-- user_indexed(id user) exec
UPDATE user SET indexed = 1 WHERE id = :user;

-- users_unindexed(int limit) rows
SELECT id FROM user WHERE indexed = 0 ORDER BY id LIMIT :limit;

-- gram, pattern: as gram_query() chose them. name finds one account whatever it is called.
-- users_found(id user, text gram, text pattern, text name, id after, int limit) rows
(SELECT u.id, u.name, u.nickname, u.avatar, u.status AS status_message, u.created_at,
    IF(u.owner IS NULL, NULL, 1) AS bot$bool$opt
  FROM gram g LEFT JOIN gram_text t ON :pattern IS NOT NULL AND t.kind = 2 AND t.id = g.id JOIN user u ON u.id = g.id
  WHERE g.kind = 2 AND g.gram = :gram AND g.id > :after
    AND (:pattern IS NULL OR t.folded REGEXP :pattern)
    AND u.found = 'shown' AND u.state = 'active'
    AND NOT EXISTS (SELECT 1 FROM block WHERE user = u.id AND other = :user)
    AND NOT EXISTS (SELECT 1 FROM block WHERE user = :user AND other = u.id)
  ORDER BY g.id LIMIT :limit)
UNION
(SELECT u.id, u.name, u.nickname, u.avatar, u.status AS status_message, u.created_at,
    IF(u.owner IS NULL, NULL, 1) AS bot$bool$opt
  FROM user u
  WHERE u.name = :name AND u.id > :after AND u.found = 'shown' AND u.state = 'active'
    AND NOT EXISTS (SELECT 1 FROM block WHERE user = u.id AND other = :user)
    AND NOT EXISTS (SELECT 1 FROM block WHERE user = :user AND other = u.id))
ORDER BY id LIMIT :limit;

-- users_all(id user, id after, int limit) rows
SELECT u.id, u.name, u.nickname, u.avatar, u.status AS status_message, u.created_at,
    IF(u.owner IS NULL, NULL, 1) AS bot$bool$opt
  FROM user u
  WHERE u.state = 'active' AND u.id > :after AND u.found = 'shown'
    AND NOT EXISTS (SELECT 1 FROM block WHERE user = u.id AND other = :user)
    AND NOT EXISTS (SELECT 1 FROM block WHERE user = :user AND other = u.id)
  ORDER BY u.id LIMIT :limit;
