-- admin_get(id user) row
SELECT id FROM user WHERE id = :user AND role = 'admin';
