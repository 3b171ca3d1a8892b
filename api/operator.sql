-- The account in whose name maructl acts: an admin that is shown nowhere and can't log in.

-- operator_insert() exec
INSERT IGNORE INTO user (name, nickname, password, role, state, created_at)
  VALUES ('~maructl', 'maructl', '!', 'admin', 'erased', UTC_TIMESTAMP(3));

-- operator_get() row
SELECT id FROM user WHERE name = '~maructl';
