-- upload_insert(id owner, text object, text name, text type, id bytes) exec
INSERT INTO upload (owner, object, name, type, bytes, expires_at)
  VALUES (:owner, :object, :name, :type, :bytes, UTC_TIMESTAMP(3) + INTERVAL 1 DAY);

-- upload_get(id upload, id owner) row
SELECT id, object, name, type, bytes, file AS file$opt FROM upload
  WHERE id = :upload AND owner = :owner AND expires_at > UTC_TIMESTAMP(3);

-- Those that are not whole yet: how many, and how many bytes they will be.
-- uploads_open(id owner) row
SELECT COUNT(*) AS count, CAST(COALESCE(SUM(bytes), 0) AS UNSIGNED) AS bytes FROM upload
  WHERE owner = :owner AND expires_at > UTC_TIMESTAMP(3) AND file IS NULL;

-- upload_done(id upload, id file) exec
UPDATE upload SET file = :file WHERE id = :upload;

-- upload_delete(id upload) exec
DELETE FROM upload WHERE id = :upload;
