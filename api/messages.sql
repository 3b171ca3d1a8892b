-- The columns of a message stand here four times; sqlgen.awk knows no macros, and events.sql reads
-- the same ones.

-- message_send(id user, id session, id room, text client_id, text body, id mid, id reply_to) row
CALL message_send(:user, :session, :room, :client_id, :body, :mid, NULLIF(:reply_to, 0));

-- message_known(id room, id user, text client_id) row
SELECT seq FROM message WHERE room = :room AND sender = :user AND client_id = :client_id;

-- message_get(id room, id message) row
SELECT room, seq, mid AS mid$text, sender, client_id, body, created_at,
    reply_to AS reply_to$opt, rev AS rev$opt, edited_at AS edited_at$opt, deleted_at AS deleted_at$opt
  FROM message WHERE room = :room AND seq = :message;

-- messages_before(id room, id user, id after, id before, int limit) rows
SELECT m.room, m.seq, m.mid AS mid$text, m.sender, m.client_id, m.body, m.created_at,
    m.reply_to AS reply_to$opt, m.rev AS rev$opt, m.edited_at AS edited_at$opt,
    m.deleted_at AS deleted_at$opt
  FROM message m LEFT JOIN hidden h ON h.user = :user AND h.room = m.room AND h.message = m.seq
  WHERE m.room = :room AND m.seq > :after AND m.seq < :before AND h.user IS NULL
  ORDER BY m.seq DESC LIMIT :limit;

-- messages_after(id room, id user, id after, id before, int limit) rows
SELECT m.room, m.seq, m.mid AS mid$text, m.sender, m.client_id, m.body, m.created_at,
    m.reply_to AS reply_to$opt, m.rev AS rev$opt, m.edited_at AS edited_at$opt,
    m.deleted_at AS deleted_at$opt
  FROM message m LEFT JOIN hidden h ON h.user = :user AND h.room = m.room AND h.message = m.seq
  WHERE m.room = :room AND m.seq > :after AND m.seq < :before AND h.user IS NULL
  ORDER BY m.seq LIMIT :limit;

-- message_edit(id room, id message, id rev, text body) exec
UPDATE message SET original = COALESCE(original, UNHEX(SHA2(body, 256))), body = :body, rev = :rev,
    edited_at = UTC_TIMESTAMP(3)
  WHERE room = :room AND seq = :message;

-- message_erase(id room, id message, id rev) exec
UPDATE message SET original = COALESCE(original, UNHEX(SHA2(body, 256))), body = '', rev = :rev,
    deleted_at = UTC_TIMESTAMP(3)
  WHERE room = :room AND seq = :message;

-- message_hide(id user, id room, id message) exec
INSERT IGNORE INTO hidden (user, room, message) VALUES (:user, :room, :message);
