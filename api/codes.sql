-- Codes that were sent to e-mail addresses; see codes.h.

-- code_store(text purpose, id user, text email, bytes hash, int seconds) exec
INSERT INTO email_code (purpose, user, email, hash, tries, expires_at)
  VALUES (:purpose, :user, :email, :hash, 0, UTC_TIMESTAMP(3) + INTERVAL :seconds SECOND)
  ON DUPLICATE KEY UPDATE email = VALUES(email), hash = VALUES(hash), tries = 0,
    expires_at = VALUES(expires_at);

-- code_count(text purpose, id user) exec
UPDATE email_code SET tries = tries + 1
  WHERE purpose = :purpose AND user = :user AND tries < 5 AND expires_at > UTC_TIMESTAMP(3);

-- code_get(text purpose, id user) row
SELECT email, LOWER(HEX(hash)) AS hash FROM email_code WHERE purpose = :purpose AND user = :user;

-- code_use(text purpose, id user, bytes hash) exec
DELETE FROM email_code WHERE purpose = :purpose AND user = :user AND hash = :hash;

-- codes_delete(id user) exec
DELETE FROM email_code WHERE purpose IN ('verify', 'reset') AND user = :user;

-- codes_expire(int most) exec
DELETE FROM email_code WHERE expires_at < UTC_TIMESTAMP(3) ORDER BY expires_at LIMIT :most;
