-- Times come from maru-api's clock (:now, milliseconds since 1970), as those of the courier do.

-- webhook_insert(id room, id by_user, text url, text secret, text events, id seen) exec
INSERT INTO webhook (room, by_user, url, secret, events, seen, created_at)
  VALUES (:room, :by_user, :url, :secret, :events, :seen, UTC_TIMESTAMP(3));

-- webhook_get(id room, id webhook) row
SELECT id, room, by_user, url, events AS events$json, state, waiting, failing_since AS failing_since$opt, created_at
  FROM webhook WHERE id = :webhook AND room = :room;

-- webhooks_list(id room) rows
SELECT id, room, by_user, url, events AS events$json, state, waiting, failing_since AS failing_since$opt, created_at
  FROM webhook WHERE room = :room ORDER BY id;

-- webhook_count(id room) row
SELECT COUNT(*) AS n FROM webhook WHERE room = :room;

-- NULL leaves a value as it is. What waits is tried at once.
-- webhook_update(id webhook, text url, text events, int now) exec
UPDATE webhook SET url = COALESCE(:url, url), events = COALESCE(:events, events),
    next_at = IF(next_at IS NULL, NULL, FROM_UNIXTIME(:now / 1000))
  WHERE id = :webhook;

-- webhook_pause(id webhook) exec
UPDATE webhook SET state = 'paused', failing_since = NULL WHERE id = :webhook;

-- What happened meanwhile is not posted; what waited before is.
-- webhook_resume(id webhook, id by_user, id seen) exec
UPDATE webhook SET state = 'active', by_user = :by_user, seen = :seen, failing_since = NULL WHERE id = :webhook;

-- webhook_delete(id webhook) exec
DELETE FROM webhook WHERE id = :webhook;

-- webhooks_leave(id room, id by_user) exec
UPDATE webhook SET state = 'left' WHERE room = :room AND by_user = :by_user AND state = 'active';

-- webhook_lock(id webhook) row
SELECT id, room, state, seen FROM webhook WHERE id = :webhook FOR UPDATE;
