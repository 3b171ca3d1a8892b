-- filesweep_loose(int limit) rows
SELECT id, object FROM file WHERE loose_at <= UTC_TIMESTAMP(3) - INTERVAL 1 HOUR ORDER BY loose_at LIMIT :limit;

-- filesweep_hold(id file) row
SELECT id FROM file WHERE id = :file AND loose_at IS NOT NULL FOR UPDATE;

-- filesweep_wanted(id file) row
SELECT IF(used_as IS NOT NULL OR EXISTS (SELECT 1 FROM attachment WHERE file = :file), 1, 0) AS wanted FROM file WHERE id = :file;

-- filesweep_keep(id file) exec
UPDATE file SET loose_at = NULL WHERE id = :file;

-- filesweep_condemn(id file) exec
UPDATE file SET state = 'gone' WHERE id = :file;

-- filesweep_delete(id file) exec
DELETE FROM file WHERE id = :file AND state = 'gone';

-- filesweep_uploads(int limit) rows
SELECT id, object FROM upload WHERE expires_at <= UTC_TIMESTAMP(3) LIMIT :limit;

-- filesweep_upload(id upload) exec
DELETE FROM upload WHERE id = :upload;
