-- attachments_sum(id room) row
SELECT CAST(COALESCE(SUM(f.bytes), 0) AS UNSIGNED) AS bytes
  FROM attachment a JOIN file f ON f.id = a.file WHERE a.room = :room;

-- attachments_erase(id room, id message) exec
DELETE FROM attachment WHERE room = :room AND message = :message;
