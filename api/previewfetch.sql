-- previews_claim() row
SELECT IF(IS_USED_LOCK(CONCAT('maru.previewer.', MD5(DATABASE()))) <=> CONNECTION_ID(), 1,
  GET_LOCK(CONCAT('maru.previewer.', MD5(DATABASE())), 0)) AS mine;

-- previews_next(int limit) rows
SELECT j.id, j.room, j.message, m.entities AS entities$json$opt FROM
    (SELECT id, room, message FROM preview_job WHERE id > 0 ORDER BY id LIMIT :limit) j
  LEFT JOIN message m ON m.room = j.room AND m.seq = j.message ORDER BY j.id;

-- preview_done(id job) exec
DELETE FROM preview_job WHERE id = :job;

-- link_get(bytes hash) row
SELECT preview AS preview$json$opt FROM link WHERE hash = :hash AND until > UTC_TIMESTAMP(3);

-- link_set(bytes hash, text preview, int seconds) exec
REPLACE INTO link (hash, preview, until)
  VALUES (:hash, :preview, UTC_TIMESTAMP(3) + INTERVAL :seconds SECOND);
