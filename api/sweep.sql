-- Its refresh tokens go along.
-- sweep_sessions(int limit) exec
DELETE FROM session WHERE expires_at <= UTC_TIMESTAMP(3) LIMIT :limit;

-- sweep_codes(int limit) exec
DELETE FROM email_code WHERE expires_at <= UTC_TIMESTAMP(3) LIMIT :limit;

-- sweep_throttle(int limit) exec
DELETE FROM throttle WHERE until <= UTC_TIMESTAMP(3) LIMIT :limit;

-- sweep_invites(int limit) exec
DELETE FROM invite WHERE expires_at <= UTC_TIMESTAMP(3) - INTERVAL 30 DAY LIMIT :limit;

-- Entries are as old as their ids are low: of the first so many ids the last one that is too old.
-- sweep_audit_last(int days, int limit) row
SELECT MAX(id) AS last FROM audit
  WHERE id < (SELECT MIN(id) FROM audit) + :limit AND created_at <= UTC_TIMESTAMP(3) - INTERVAL :days DAY;

-- sweep_audit(id last) exec
DELETE FROM audit WHERE id <= :last;

-- sweep_deliveries(int limit) exec
DELETE FROM delivery WHERE done_at <= UTC_TIMESTAMP(3) - INTERVAL 7 DAY LIMIT :limit;

-- sweep_links(int limit) exec
DELETE FROM link WHERE until <= UTC_TIMESTAMP(3) LIMIT :limit;

-- sweep_notifications(int limit) exec
DELETE FROM notification WHERE created_at <= UTC_TIMESTAMP(3) - INTERVAL 90 DAY LIMIT :limit;
