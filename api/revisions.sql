-- Keeps a message as it is, before it is changed.
-- revision_add(id room, id message) exec
INSERT INTO message_revision (room, message, rev, body, entities, created_at)
  SELECT room, seq, COALESCE(rev, seq), body, entities, COALESCE(edited_at, created_at)
    FROM message WHERE room = :room AND seq = :message;

-- revisions_count(id room, id message) row
SELECT COUNT(*) AS count FROM message_revision WHERE room = :room AND message = :message;

-- revisions_list(id room, id message) rows
SELECT rev, body, entities AS entities$json$opt, created_at
  FROM message_revision WHERE room = :room AND message = :message ORDER BY rev;

-- revisions_erase(id room, id message) exec
DELETE FROM message_revision WHERE room = :room AND message = :message;
