-- file_insert(id owner, text object, text kind, text name, text type, id bytes, id width, id height, id duration, text placeholder, text sizes) exec
INSERT INTO file (owner, object, kind, name, type, bytes, width, height, duration, placeholder, sizes, created_at, loose_at)
  VALUES (:owner, :object, :kind, :name, :type, :bytes, NULLIF(:width, 0), NULLIF(:height, 0), NULLIF(:duration, 0), :placeholder,
    :sizes, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3));

-- file_ready(id file) exec
UPDATE file SET state = 'ready' WHERE id = :file AND state = 'new';

-- file_get(id file) row
SELECT * FROM file_view WHERE id = :file AND state = 'ready';

-- Whoever is about to refer to it: it is not removed before the end of the transaction.
-- file_hold(id file) row
SELECT * FROM file_view WHERE id = :file AND state = 'ready' FOR UPDATE;

-- Of those that are the asker's, in a message that they may read, or played in a room of theirs.
-- file_seen(id file, id user) row
SELECT f.* FROM file_view f
  WHERE f.id = :file AND f.state = 'ready'
    AND (f.owner = :user OR f.used_as = 'avatar'
      OR f.used_as = 'cover' AND EXISTS (
        SELECT 1 FROM room r WHERE r.id = f.used_by
          AND (r.listed = 1 OR EXISTS (SELECT 1 FROM member WHERE room = r.id AND user = :user)))
      OR EXISTS (
        SELECT 1 FROM attachment a JOIN member m ON m.room = a.room AND m.user = :user
          WHERE a.file = f.id AND a.message > m.visible_from)
      OR EXISTS (
        SELECT 1 FROM track t JOIN attachment a ON a.room = t.room AND a.message = t.message AND a.file = t.file
            JOIN member m ON m.room = t.room AND m.user = :user
          WHERE t.file = f.id));

-- files_sum(id owner) row
SELECT CAST(COALESCE(SUM(bytes), 0) AS UNSIGNED) AS bytes FROM file WHERE owner = :owner;

-- file_drop(id file, id owner) exec
UPDATE file SET loose_at = UTC_TIMESTAMP(3) - INTERVAL 1 DAY
  WHERE id = :file AND owner = :owner AND state = 'ready' AND used_as IS NULL
    AND NOT EXISTS (SELECT 1 FROM attachment WHERE file = :file);
