-- What admins see of accounts stands here five times; sqlgen.awk knows no macros.

-- admin_user(id user) row
SELECT id, name, nickname, avatar, status AS status_message, email AS email$opt, role, state, created_at,
    seen_at AS seen_at$opt, IF(owner IS NULL, NULL, 1) AS bot$bool$opt, IF(guest, 1, NULL) AS guest$bool$opt
  FROM user WHERE id = :user FOR UPDATE;

-- admin_users(id after, int limit) rows
SELECT id, name, nickname, avatar, status AS status_message, email AS email$opt, role, state, created_at,
    seen_at AS seen_at$opt, IF(owner IS NULL, NULL, 1) AS bot$bool$opt, IF(guest, 1, NULL) AS guest$bool$opt
  FROM user WHERE id > :after ORDER BY id LIMIT :limit;

-- admin_users_in(text state, id after, int limit) rows
SELECT id, name, nickname, avatar, status AS status_message, email AS email$opt, role, state, created_at,
    seen_at AS seen_at$opt, IF(owner IS NULL, NULL, 1) AS bot$bool$opt, IF(guest, 1, NULL) AS guest$bool$opt
  FROM user WHERE state = :state AND id > :after ORDER BY id LIMIT :limit;

-- name and nickname are what these begin with, email is a whole address; state '': any. A name's letters are
-- below "~".
-- admin_users_found(text name, text nickname, text nickname_end, text email, text state, id after, int limit) rows
SELECT u.id, u.name, u.nickname, u.avatar, u.status AS status_message, u.email AS email$opt, u.role, u.state,
    u.created_at, u.seen_at AS seen_at$opt, IF(u.owner IS NULL, NULL, 1) AS bot$bool$opt, IF(u.guest, 1, NULL) AS guest$bool$opt
  FROM (SELECT id FROM user WHERE name BETWEEN :name AND CONCAT(:name, '~')
    UNION SELECT id FROM user WHERE nickname BETWEEN :nickname AND :nickname_end
    UNION SELECT id FROM user WHERE email = :email) f
  JOIN user u ON u.id = f.id
  WHERE u.id > :after AND (:state = '' OR u.state = :state)
  ORDER BY u.id LIMIT :limit;

-- How many these are, as far as a number; some twice.
-- admin_users_count(text name, text nickname, text nickname_end, int limit) row
SELECT COUNT(*) AS n FROM (
  (SELECT id FROM user WHERE name BETWEEN :name AND CONCAT(:name, '~') LIMIT :limit)
    UNION ALL (SELECT id FROM user WHERE nickname BETWEEN :nickname AND :nickname_end LIMIT :limit)) some;

-- The same for what many accounts have: they are met soon when one goes through all.
-- admin_users_common(text name, text nickname, text nickname_end, text email, text state, id after, int limit) rows
SELECT id, name, nickname, avatar, status AS status_message, email AS email$opt, role, state, created_at,
    seen_at AS seen_at$opt, IF(owner IS NULL, NULL, 1) AS bot$bool$opt, IF(guest, 1, NULL) AS guest$bool$opt
  FROM user FORCE INDEX (PRIMARY)
  WHERE id > :after AND (:state = '' OR state = :state)
    AND (name BETWEEN :name AND CONCAT(:name, '~') OR nickname BETWEEN :nickname AND :nickname_end OR email = :email)
  ORDER BY id LIMIT :limit;

-- Whoever changes what somebody may do holds all admins: the last two can't depose each other.
-- admin_hold() rows
SELECT id FROM user WHERE role = 'admin' ORDER BY id FOR UPDATE;

-- NULL leaves a value as it is.
-- admin_user_update(id user, text state, text role) exec
UPDATE user SET state = COALESCE(:state, state), role = COALESCE(:role, role) WHERE id = :user;

-- Messages are what the storage engine estimates: to count them would read them all.
-- admin_stats() row
SELECT (SELECT COUNT(*) FROM user WHERE state = 'active')
    - (SELECT COUNT(*) FROM user WHERE owner >= 0 AND state = 'active') AS users,
  (SELECT COUNT(*) FROM user WHERE owner >= 0 AND state = 'active') AS bots,
  (SELECT COUNT(*) FROM user WHERE state = 'disabled') AS disabled,
  (SELECT COUNT(*) FROM user WHERE state = 'erased') AS erased,
  (SELECT COUNT(*) FROM session WHERE expires_at > UTC_TIMESTAMP(3)) AS sessions,
  (SELECT COUNT(*) FROM room WHERE listed IN (0, 1)) AS rooms,
  (SELECT CAST(COALESCE(SUM(head), 0) AS UNSIGNED) FROM stream WHERE kind = 1) AS room_events,
  (SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'message')
    AS messages_about;
