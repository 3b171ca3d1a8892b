-- The account in whose name maructl acts: an admin that is shown nowhere and can't log in.
-- operator_insert(text name) exec
INSERT IGNORE INTO user (name, nickname, password, role, state, created_at)
  VALUES (:name, 'maructl', '!', 'admin', 'erased', UTC_TIMESTAMP(3));
