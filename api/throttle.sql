-- Attempts per name; see throttle.h.

-- Keeps the count in LAST_INSERT_ID() for throttle_get: others may hit before it asks.
-- throttle_hit(text name, int window) exec
INSERT INTO throttle (name, hits, until) VALUES (:name, LAST_INSERT_ID(1), UTC_TIMESTAMP(3) + INTERVAL :window SECOND)
  ON DUPLICATE KEY UPDATE
    hits = LAST_INSERT_ID(IF(until > UTC_TIMESTAMP(3), hits + 1, 1)),
    until = IF(hits = 1, VALUES(until), until);

-- throttle_get(text name) row
SELECT LAST_INSERT_ID() AS hits, GREATEST(0, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), until)) AS wait
  FROM throttle WHERE name = :name;

-- throttle_delete(text name) exec
DELETE FROM throttle WHERE name = :name;
