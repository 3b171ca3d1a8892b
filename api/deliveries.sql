-- deliveries_list(id webhook, id before, int limit) rows
SELECT CONCAT_WS('-', webhook, seq, mid) AS id, webhook, seq, event, state, tries, status AS status$opt,
    NULLIF(error, '') AS error$opt, ms AS ms$opt, created_at, tried_at AS tried_at$opt, done_at AS done_at$opt
  FROM delivery WHERE webhook = :webhook AND seq < :before ORDER BY seq DESC LIMIT :limit;

-- delivery_get(id webhook, id delivery) row
SELECT CONCAT_WS('-', webhook, seq, mid) AS id, webhook, seq, event, state, tries, status AS status$opt,
    NULLIF(error, '') AS error$opt, ms AS ms$opt, created_at, tried_at AS tried_at$opt, done_at AS done_at$opt
  FROM delivery WHERE webhook = :webhook AND seq = :delivery;

-- delivery_replay(id webhook, id delivery, int now) exec
UPDATE delivery SET state = 'waiting', tries = 0, done_at = NULL,
    created_at = FROM_UNIXTIME(:now / 1000)
  WHERE webhook = :webhook AND seq = :delivery AND state <> 'waiting';

-- webhook_expect(id webhook, int more, int now) exec
UPDATE webhook SET waiting = waiting + :more, next_at = FROM_UNIXTIME(:now / 1000)
  WHERE id = :webhook;
