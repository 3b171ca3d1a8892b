-- session_alive(id session, id user) row
SELECT guest FROM session
  WHERE id = :session AND user = :user AND expires_at > UTC_TIMESTAMP(3);

-- session_insert(id user, text address, text agent, int ttl) exec
INSERT INTO session (user, address, agent, created_at, seen_at, expires_at, guest)
  VALUES (:user, :address, :agent, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3),
    UTC_TIMESTAMP(3) + INTERVAL :ttl SECOND, (SELECT guest FROM user WHERE id = :user));

-- session_owner(id user) row
SELECT state FROM user WHERE id = :user;

-- session_extend(id session, int ttl) exec
UPDATE session SET seen_at = UTC_TIMESTAMP(3), expires_at = UTC_TIMESTAMP(3) + INTERVAL :ttl SECOND
  WHERE id = :session;

-- session_delete(id session) exec
DELETE FROM session WHERE id = :session;

-- sessions_others(id user, id session) rows
SELECT id FROM session WHERE user = :user AND id <> :session ORDER BY id;

-- Those that are too many, the longest unused ones; a few at a time.
-- sessions_surplus(id user, int keep) rows
SELECT id FROM session WHERE user = :user ORDER BY seen_at DESC, id DESC LIMIT :keep, 10;

-- sessions_delete_others(id user, id session) exec
DELETE FROM session WHERE user = :user AND id <> :session;

-- sessions_list(id user, id session, id after, int limit) rows
SELECT id, address, agent, created_at, seen_at, expires_at, id = :session AS current$bool
  FROM session WHERE user = :user AND id > :after AND expires_at > UTC_TIMESTAMP(3)
  ORDER BY id LIMIT :limit;

-- session_end(id session, id user) exec
DELETE FROM session WHERE id = :session AND user = :user;

-- Until the transaction ends no session of the account is made: its foreign key waits for this row.
-- session_hold_user(id user) row
SELECT id FROM user WHERE id = :user FOR UPDATE;

-- refresh_insert(bytes hash, id session) exec
INSERT INTO refresh_token (hash, session, created_at) VALUES (:hash, :session, UTC_TIMESTAMP(3));

-- The lock makes two simultaneous uses of one token a first and a second.
-- refresh_get(bytes hash) row
SELECT t.session, s.user, t.used_at IS NOT NULL AS used,
    IFNULL(t.used_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND, 0) AS just_used
  FROM refresh_token t JOIN session s ON s.id = t.session
  WHERE t.hash = :hash AND s.expires_at > UTC_TIMESTAMP(3) FOR UPDATE;

-- refresh_use(bytes hash) exec
UPDATE refresh_token SET used_at = UTC_TIMESTAMP(3) WHERE hash = :hash;

-- Used tokens are kept for a week to recognise copies.
-- refresh_prune(id session) exec
DELETE FROM refresh_token WHERE session = :session AND used_at < UTC_TIMESTAMP(3) - INTERVAL 7 DAY;

-- throttle_forgive(text name) exec
UPDATE throttle SET hits = GREATEST(hits, 1) - 1 WHERE name = :name;
