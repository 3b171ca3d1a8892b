-- Attempts per name; see throttle.h.

-- throttle_hit(text name, int window) exec
INSERT INTO throttle (name, hits, until) VALUES (:name, 1, UTC_TIMESTAMP(3) + INTERVAL :window SECOND)
  ON DUPLICATE KEY UPDATE
    hits = IF(until > UTC_TIMESTAMP(3), hits + 1, 1),
    until = IF(hits = 1, VALUES(until), until);

-- throttle_get(text name) row
SELECT hits, GREATEST(0, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), until)) AS wait
  FROM throttle WHERE name = :name;

-- throttle_delete(text name) exec
DELETE FROM throttle WHERE name = :name;
