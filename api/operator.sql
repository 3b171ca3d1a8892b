-- The account in whose name maructl acts: an admin whom only other admins see, and who can't log in.
-- operator_insert(text name) exec
INSERT IGNORE INTO user (name, nickname, password, role, state, created_at)
  VALUES (:name, 'maructl', '!', 'admin', 'erased', UTC_TIMESTAMP(3));
