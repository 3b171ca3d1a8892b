-- preview_ask(id room, id message) exec
INSERT INTO preview_job (room, message) VALUES (:room, :message);

-- previews_cancel(id room, id message) exec
DELETE FROM preview_job WHERE room = :room AND message = :message;

-- previews_set(id room, id message, id rev, text previews) exec
UPDATE message SET previews = :previews, rev = :rev WHERE room = :room AND seq = :message;
