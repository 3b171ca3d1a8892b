-- What waits to be posted to webhook_url; see hooks.h.

-- hook_insert(text events) exec
INSERT INTO hook (body, created_at)
  SELECT e.body, UTC_TIMESTAMP(3)
    FROM JSON_TABLE(:events, '$[*]' COLUMNS (n FOR ORDINALITY, body MEDIUMTEXT PATH '$')) AS e ORDER BY e.n;

-- hook_span() row
SELECT CAST(COALESCE(MAX(id) - MIN(id) + 1, 0) AS UNSIGNED) AS n FROM hook;

-- hook_trim(int most) exec
DELETE FROM hook WHERE id <=
  (SELECT id FROM (SELECT id FROM hook ORDER BY id DESC LIMIT 1 OFFSET :most) AS oldest_dropped);

-- hook_claim() row
SELECT IF(IS_USED_LOCK(CONCAT('maru.courier.', MD5(DATABASE()))) <=> CONNECTION_ID(), 1,
  GET_LOCK(CONCAT('maru.courier.', MD5(DATABASE())), 0)) AS mine;

-- hook_next(int limit) rows
SELECT id, body FROM hook ORDER BY id LIMIT :limit;

-- hook_done(text ids) exec
DELETE hook FROM hook
  JOIN JSON_TABLE(:ids, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) AS done ON done.id = hook.id;

-- hook_expire(int seconds) exec
DELETE FROM hook WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL :seconds SECOND;
