-- confirmed is for the asker alone; everything else is for everybody in the room.

-- notice_insert(id room, id notice, id user, text body) exec
INSERT INTO notice (room, id, body, by_user, created_at)
  VALUES (:room, :notice, :body, :user, UTC_TIMESTAMP(3));

-- notice_get(id user, id room, id notice) row
SELECT n.room, n.id, n.body, n.by_user, n.confirmations, c.user IS NOT NULL AS confirmed$bool, n.created_at,
    n.edited_at AS edited_at$opt
  FROM notice n LEFT JOIN notice_confirmation c ON c.room = n.room AND c.notice = n.id AND c.user = :user
  WHERE n.room = :room AND n.id = :notice;

-- notices_list(id user, id room, id before, int limit) rows
SELECT n.room, n.id, n.body, n.by_user, n.confirmations, c.user IS NOT NULL AS confirmed$bool, n.created_at,
    n.edited_at AS edited_at$opt
  FROM notice n LEFT JOIN notice_confirmation c ON c.room = n.room AND c.notice = n.id AND c.user = :user
  WHERE n.room = :room AND n.id < :before
  ORDER BY n.id DESC LIMIT :limit;

-- notice_edit(id room, id notice, text body) exec
UPDATE notice SET body = :body, edited_at = UTC_TIMESTAMP(3) WHERE room = :room AND id = :notice;

-- notice_delete(id room, id notice) exec
DELETE FROM notice WHERE room = :room AND id = :notice;
