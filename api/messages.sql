-- message_send(id user, id session, id room, text client_id, text body, id mid) row
CALL message_send(:user, :session, :room, :client_id, :body, :mid);

-- messages_before(id room, id before, int limit) rows
SELECT room, seq, mid AS mid$text, sender, client_id, body, created_at
  FROM message WHERE room = :room AND seq < :before ORDER BY seq DESC LIMIT :limit;

-- messages_delete(id room) exec
DELETE FROM message WHERE room = :room;
