-- Letters that wait; see mail.h.

-- mail_insert(text address, text body) exec
INSERT INTO mail (address, body, next_at, created_at)
  VALUES (:address, :body, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3));

-- mail_claim() row
SELECT IF(IS_USED_LOCK(CONCAT('maru.mailer.', MD5(DATABASE()))) <=> CONNECTION_ID(), 1,
  GET_LOCK(CONCAT('maru.mailer.', MD5(DATABASE())), 0)) AS mine;

-- mail_next() row
SELECT id, address, body, tries, created_at < UTC_TIMESTAMP(3) - INTERVAL 1 DAY AS stale FROM mail
  WHERE next_at <= UTC_TIMESTAMP(3) ORDER BY next_at, id LIMIT 1;

-- mail_fill(id letter, text address, text body) exec
UPDATE mail SET address = :address, body = :body WHERE id = :letter;

-- mail_delay(id letter, int seconds) exec
UPDATE mail SET tries = tries + 1, next_at = UTC_TIMESTAMP(3) + INTERVAL :seconds SECOND WHERE id = :letter;

-- mail_delete(id letter) exec
DELETE FROM mail WHERE id = :letter;
