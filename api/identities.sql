-- Who somebody is at OpenID providers; see identities.c.

-- identity_get(text provider, text subject) row
SELECT user FROM identity WHERE provider = :provider AND subject = :subject;

-- identity_insert(text provider, text subject, id user) exec
INSERT INTO identity (provider, subject, user, created_at)
  VALUES (:provider, :subject, :user, UTC_TIMESTAMP(3));

-- identities_list(id user) rows
SELECT provider, created_at FROM identity WHERE user = :user ORDER BY provider;

-- The lock makes two who remove the last two ways in one after the other.
-- identities_hold(id user) row
SELECT password <> '!' AS has_password FROM user WHERE id = :user FOR UPDATE;

-- identity_delete(id user, text provider) exec
DELETE FROM identity WHERE user = :user AND provider = :provider;
