-- audit_insert(id actor, text action, id room, id user, text data) exec
INSERT INTO audit (actor, action, room, user, data, created_at)
  VALUES (:actor, :action, :room, NULLIF(:user, 0), :data, UTC_TIMESTAMP(3));

-- audit_all(id before, int limit) rows
SELECT id, actor, action, NULLIF(room, 0) AS room$opt, user AS user$opt, data AS data$json, created_at
  FROM audit WHERE id < :before ORDER BY id DESC LIMIT :limit;

-- audit_of_room(id room, id before, int limit) rows
SELECT id, actor, action, room, user AS user$opt, data AS data$json, created_at
  FROM audit FORCE INDEX (room) WHERE room = :room AND id < :before ORDER BY id DESC LIMIT :limit;

-- audit_of_user(id user, id before, int limit) rows
SELECT id, actor, action, NULLIF(room, 0) AS room$opt, user AS user$opt, data AS data$json, created_at
  FROM audit FORCE INDEX (user) WHERE user = :user AND id < :before ORDER BY id DESC LIMIT :limit;

-- audit_of_both(id room, id user, id before, int limit) rows
SELECT id, actor, action, room, user AS user$opt, data AS data$json, created_at
  FROM audit WHERE room = :room AND user = :user AND id < :before ORDER BY id DESC LIMIT :limit;
