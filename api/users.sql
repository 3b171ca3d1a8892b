-- user_insert(text name, text nickname, text password) exec
INSERT INTO user (name, nickname, password, created_at, avatar)
  VALUES (:name, :nickname, :password, UTC_TIMESTAMP(3), CONCAT('preset-', 1 + FLOOR(10 * RAND())));

-- user_get(id user) row
SELECT id, name, nickname, avatar, status AS status_message, role, created_at, IF(owner IS NULL, NULL, 1) AS bot$bool$opt,
    IF(guest, 1, NULL) AS guest$bool$opt
  FROM user WHERE id = :user;

-- user_password(text name) row
SELECT id, password, state FROM user WHERE name = :name;

-- Only if the old one is still stored.
-- user_set_password(id user, text old, text password) exec
UPDATE user SET password = :password WHERE id = :user AND password = :old;

-- NULL leaves a value as it is.
-- user_update(id user, text nickname, text status_message, text avatar) exec
UPDATE user SET nickname = COALESCE(:nickname, nickname), status = COALESCE(:status_message, status),
    avatar = COALESCE(:avatar, avatar)
  WHERE id = :user;

-- Whoever may be looked at: who can be found and does not block the asker, shares a room, is a friend or
-- asks to be one. The members of a room are listed there: a profile that is missing would tell of a block.
-- user_profile(id asker, id user) row
SELECT u.id, u.name, u.nickname, u.avatar, u.status AS status_message, u.created_at, IF(u.owner IS NULL, NULL, 1) AS bot$bool$opt,
    IF(u.guest, 1, NULL) AS guest$bool$opt
  FROM user u
  WHERE u.id = :user AND u.state <> 'erased'
    AND (u.id = :asker
      OR (u.found = 'shown' AND u.state = 'active'
        AND NOT EXISTS (SELECT 1 FROM block WHERE user = u.id AND other = :asker))
      OR EXISTS (SELECT 1 FROM member mine JOIN member theirs ON theirs.room = mine.room AND theirs.user = u.id
        WHERE mine.user = :asker)
      OR EXISTS (SELECT 1 FROM friend WHERE user = :asker AND other = u.id AND state <> 'sent'));

-- Whoever takes a nickname that must be the only one holds this row until the end.
-- nickname_lock() row
SELECT id FROM meta WHERE id = 1 FOR UPDATE;

-- The column's collation takes all emoji for the same character; the index narrows, the newer one decides.
-- nickname_taken(text nickname, id user) row
SELECT id FROM user
  WHERE nickname = :nickname AND nickname = :nickname COLLATE utf8mb4_uca1400_ai_ci
    AND state <> 'erased' AND id <> :user
  LIMIT 1;
