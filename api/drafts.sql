-- draft_set(id user, id room, text body, id reply_to) exec
INSERT INTO draft (user, room, body, reply_to, updated_at)
  VALUES (:user, :room, :body, NULLIF(:reply_to, 0), UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE body = VALUES(body), reply_to = VALUES(reply_to), updated_at = VALUES(updated_at);

-- draft_get(id user, id room) row
SELECT room, body, reply_to AS reply_to$opt, updated_at FROM draft WHERE user = :user AND room = :room;

-- drafts_others(id user, id room) row
SELECT COUNT(*) AS count FROM draft WHERE user = :user AND room <> :room;

-- draft_delete(id user, id room) exec
DELETE FROM draft WHERE user = :user AND room = :room;

-- Of rooms that somebody has left nothing is shown.
-- drafts_list(id user, id after, int limit) rows
SELECT d.room, d.body, d.reply_to AS reply_to$opt, d.updated_at
  FROM draft d JOIN member m ON m.room = d.room AND m.user = d.user
  WHERE d.user = :user AND d.room > :after ORDER BY d.room LIMIT :limit;
