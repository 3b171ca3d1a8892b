-- email_get(id user) row
SELECT email, locale FROM user WHERE id = :user;

-- email_owner(text email) row
SELECT id, email, locale FROM user WHERE email = :email AND state = 'active';

-- email_set(id user, text email) exec
UPDATE user SET email = :email WHERE id = :user AND NOT email <=> BINARY :email;

-- password_put(id user, text password) exec
UPDATE user SET password = :password WHERE id = :user AND state = 'active';
