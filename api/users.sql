-- user_insert(text name, text nickname, text password) exec
INSERT INTO user (name, nickname, password, created_at)
  VALUES (:name, :nickname, :password, UTC_TIMESTAMP(3));

-- user_get(id user) row
SELECT id, name, nickname, avatar, status AS status_message, role, created_at FROM user WHERE id = :user;

-- user_password(text name) row
SELECT id, password FROM user WHERE name = :name;

-- Only if the old one is still stored.
-- user_set_password(id user, text old, text password) exec
UPDATE user SET password = :password WHERE id = :user AND password = :old;

-- user_rename(id user, text nickname) exec
UPDATE user SET nickname = :nickname WHERE id = :user;
