-- packs_list() rows
SELECT id, title, stickers AS stickers$json, created_at FROM sticker_pack ORDER BY id;

-- pack_get(id pack) row
SELECT id, title, stickers AS stickers$json, created_at FROM sticker_pack WHERE id = :pack;

-- packs_count() row
SELECT COUNT(*) AS count FROM sticker_pack;

-- pack_insert(text title, text stickers) exec
INSERT INTO sticker_pack (title, stickers, created_at) VALUES (:title, :stickers, UTC_TIMESTAMP(3));

-- pack_hold(id pack) row
SELECT id FROM sticker_pack WHERE id = :pack FOR UPDATE;

-- NULL leaves a value as it is.
-- pack_update(id pack, text title, text stickers) exec
UPDATE sticker_pack SET title = COALESCE(:title, title), stickers = COALESCE(:stickers, stickers) WHERE id = :pack;

-- pack_delete(id pack) exec
DELETE FROM sticker_pack WHERE id = :pack;
