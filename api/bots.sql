-- bot_session(bytes hash) row
SELECT id, user FROM session WHERE hash = :hash AND expires_at > UTC_TIMESTAMP(3);

-- bot_session_insert(id user, bytes hash) exec
INSERT INTO session (user, address, agent, created_at, seen_at, expires_at, hash)
  VALUES (:user, '', '', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), '9999-12-31', :hash);

-- bot_own(id bot, id owner) exec
UPDATE user SET owner = :owner WHERE id = :bot;

-- bots_count(id owner) row
SELECT COUNT(*) AS n FROM user WHERE owner = :owner AND state <> 'erased';

-- What owners and admins see of a bot stands here three times. Maru's own are nobody's to change.
-- bot_get(id bot) row
SELECT id, name, nickname, avatar, status AS status_message, 1 AS bot$bool, owner, state, created_at
  FROM user WHERE id = :bot AND owner > 0 AND state <> 'erased';

-- bots_list(id owner, id after, int limit) rows
SELECT id, name, nickname, avatar, status AS status_message, 1 AS bot$bool, owner, state, created_at
  FROM user WHERE owner = :owner AND state <> 'erased' AND id > :after ORDER BY id LIMIT :limit;

-- bots_all(id after, int limit) rows
SELECT id, name, nickname, avatar, status AS status_message, 1 AS bot$bool, owner, state, created_at
  FROM user WHERE owner > 0 AND state <> 'erased' AND id > :after ORDER BY id LIMIT :limit;

-- bots_ids(id owner) rows
SELECT id FROM user WHERE owner = :owner AND state <> 'erased' ORDER BY id;
