-- Of maructl, which compares the database with the disk and the bucket (ctl/verify.c, ctl/walk.c).
-- filecheck_rows(id after, int limit) rows
SELECT id, owner, name, object, bytes, sizes, state, created_at, IF(created_at <= UTC_TIMESTAMP(3) - INTERVAL 1 HOUR, 1, 0) AS old
  FROM file WHERE id > :after ORDER BY id LIMIT :limit;

-- filecheck_state(id file) row
SELECT state FROM file WHERE id = :file;

-- Those of some objects that belong to a file, whatever its state.
-- filecheck_known(text objects) rows
SELECT f.object
  FROM JSON_TABLE(:objects, '$[*]' COLUMNS (object CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) wanted
    JOIN file f ON f.object = wanted.object;

-- The newest file; 0: there is none.
-- filecheck_newest() row
SELECT CAST(COALESCE(MAX(id), 0) AS UNSIGNED) AS id FROM file;
