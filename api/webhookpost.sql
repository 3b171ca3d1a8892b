-- webhooks_claim() row
SELECT IF(IS_USED_LOCK(CONCAT('maru.poster.', MD5(DATABASE()))) <=> CONNECTION_ID(), 1,
  GET_LOCK(CONCAT('maru.poster.', MD5(DATABASE())), 0)) AS mine;

-- Those in whose rooms something happened that has not become deliveries, unless too many wait already.
-- webhooks_moved(int most, int limit) rows
SELECT w.id, w.room, w.seen, s.head FROM webhook w JOIN stream s ON s.kind = 1 AND s.id = w.room
  WHERE w.state = 'active' AND w.waiting < :most AND s.head > w.seen LIMIT :limit;

-- deliveries_make(id webhook, id room, id after, id until, int now) exec
INSERT INTO delivery (webhook, seq, mid, event, created_at)
  SELECT w.id, e.seq, e.mid, e.type, FROM_UNIXTIME(:now / 1000)
    FROM (SELECT seq, mid, type FROM event WHERE kind = 1 AND stream = :room AND seq > :after AND seq <= :until
      UNION ALL
      SELECT seq, mid, 'message.created' FROM message WHERE room = :room AND seq > :after AND seq <= :until) e
      JOIN webhook w ON w.id = :webhook AND JSON_CONTAINS(w.events, JSON_QUOTE(e.type));

-- webhook_advance(id webhook, id until, int made, int now) exec
UPDATE webhook SET seen = :until, waiting = waiting + :made,
    next_at = IF(:made = 0, next_at, COALESCE(next_at, FROM_UNIXTIME(:now / 1000)))
  WHERE id = :webhook;

-- The first delivery of each webhook whose time has come. stale: it is given up if it fails once more;
-- hopeless: so is the webhook. seen_after: what was said before is not for whoever answers for it.
-- webhooks_due(int now, int limit) rows
SELECT w.id, w.room, w.url, w.secret, w.slow, d.seq, CONCAT_WS('-', d.webhook, d.seq, d.mid) AS delivery, d.event,
    d.tries, d.created_at <= FROM_UNIXTIME(:now / 1000) - INTERVAL 72 HOUR AS stale,
    COALESCE(w.failing_since <= FROM_UNIXTIME(:now / 1000) - INTERVAL 120 HOUR, 0) AS hopeless,
    CAST(GREATEST(COALESCE(m.visible_from, 0), r.floor) AS UNSIGNED) AS seen_after
  FROM webhook w JOIN room r ON r.id = w.room
    LEFT JOIN member m ON m.room = w.room AND m.user = w.by_user
    JOIN delivery d ON d.webhook = w.id AND d.seq =
      (SELECT MIN(f.seq) FROM delivery f WHERE f.webhook = w.id AND f.state = 'waiting')
  WHERE w.state = 'active' AND w.next_at <= FROM_UNIXTIME(:now / 1000) ORDER BY w.next_at LIMIT :limit;

-- delivery_end(id webhook, id seq, text state, int status, text error, int ms, int now) exec
UPDATE delivery SET state = :state, tries = tries + 1, status = NULLIF(:status, 0), error = :error, ms = :ms,
    tried_at = FROM_UNIXTIME(:now / 1000), done_at = FROM_UNIXTIME(:now / 1000)
  WHERE webhook = :webhook AND seq = :seq AND state = 'waiting';

-- delivery_fail(id webhook, id seq, int status, text error, int ms, int now) exec
UPDATE delivery SET tries = tries + 1, status = NULLIF(:status, 0), error = :error, ms = :ms,
    tried_at = FROM_UNIXTIME(:now / 1000)
  WHERE webhook = :webhook AND seq = :seq AND state = 'waiting';

-- The next delivery's turn. well: this one was made.
-- webhook_turn(id webhook, int well, int slow, int now) exec
UPDATE webhook SET next_at = IF(waiting > 1, FROM_UNIXTIME(:now / 1000), NULL), waiting = GREATEST(waiting, 1) - 1,
    failing_since = IF(:well, NULL, COALESCE(failing_since, FROM_UNIXTIME(:now / 1000))), slow = :slow
  WHERE id = :webhook;

-- webhook_delay(id webhook, int pause, int slow, int now) exec
UPDATE webhook SET next_at = FROM_UNIXTIME((:now + :pause) / 1000),
    failing_since = COALESCE(failing_since, FROM_UNIXTIME(:now / 1000)), slow = :slow
  WHERE id = :webhook;

-- webhook_stop(id webhook) exec
UPDATE webhook SET state = 'failed' WHERE id = :webhook AND state = 'active';
