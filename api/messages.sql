-- type, entities and content are NULL with a plain text, mentions where nobody is mentioned.
-- message_send(id user, id session, id room, text client_id, text body, id mid, id reply_to, text type, text entities, text content, text mentions, id thread, text files) row
CALL message_send(:user, :session, :room, :client_id, :body, :mid, NULLIF(:reply_to, 0), :type, :entities, :content,
  :mentions, NULLIF(:thread, 0), :files);

-- message_known(id room, id user, text client_id) row
SELECT seq FROM message WHERE room = :room AND sender = :user AND client_id = :client_id;

-- message_get(id room, id message) row
SELECT * FROM message_view WHERE room = :room AND seq = :message;

-- messages_before(id room, id user, id after, id before, int limit) rows
SELECT m.*
  FROM message_view m LEFT JOIN hidden h ON h.user = :user AND h.room = m.room AND h.message = m.seq
  WHERE m.room = :room AND m.seq > :after AND m.seq < :before AND h.user IS NULL
  ORDER BY m.seq DESC LIMIT :limit;

-- messages_after(id room, id user, id after, id before, int limit) rows
SELECT m.*
  FROM message_view m LEFT JOIN hidden h ON h.user = :user AND h.room = m.room AND h.message = m.seq
  WHERE m.room = :room AND m.seq > :after AND m.seq < :before AND h.user IS NULL
  ORDER BY m.seq LIMIT :limit;

-- message_edit(id room, id message, id rev, text body, text entities) exec
UPDATE message SET original = COALESCE(original, UNHEX(SHA2(body, 256))), body = :body, entities = :entities,
    previews = NULL, rev = :rev, edited_at = UTC_TIMESTAMP(3)
  WHERE room = :room AND seq = :message;

-- message_erase(id room, id message, id rev) exec
UPDATE message SET original = COALESCE(original, UNHEX(SHA2(body, 256))), body = '', entities = NULL, content = NULL,
    previews = NULL, rev = :rev, deleted_at = UTC_TIMESTAMP(3)
  WHERE room = :room AND seq = :message;

-- message_hide(id user, id room, id message) exec
INSERT IGNORE INTO hidden (user, room, message) VALUES (:user, :room, :message);
