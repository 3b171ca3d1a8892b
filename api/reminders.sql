-- What a person sees of a reminder stands here three times.

-- reminder_get(id user, id reminder) row
SELECT id, room, text, due_at, created_at FROM reminder WHERE user = :user AND id = :reminder;

-- reminder_known(id user, text client_id) row
SELECT id, room, text, due_at, created_at FROM reminder WHERE user = :user AND client_id = :client_id;

-- reminders_list(id user, id after, int limit) rows
SELECT id, room, text, due_at, created_at FROM reminder WHERE user = :user AND id > :after ORDER BY id LIMIT :limit;

-- due: milliseconds since 1970.
-- reminder_insert(id user, id room, text client_id, text text, int due) exec
INSERT INTO reminder (user, room, client_id, text, due_at, created_at)
  VALUES (:user, :room, :client_id, :text, TIMESTAMP('1970-01-01') + INTERVAL :due * 1000 MICROSECOND, UTC_TIMESTAMP(3));

-- reminders_count(id user) row
SELECT COUNT(*) AS n FROM reminder WHERE user = :user;

-- reminder_delete(id user, id reminder) exec
DELETE FROM reminder WHERE user = :user AND id = :reminder;

-- reminder_due() row
SELECT id, user FROM reminder WHERE due_at <= UTC_TIMESTAMP(3) ORDER BY due_at, id LIMIT 1;
