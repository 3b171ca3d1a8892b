-- purge_insert(id room) exec
INSERT INTO purge_room (room) VALUES (:room);

-- purge_next() row
SELECT room FROM purge_room LIMIT 1;

-- purge_messages(id room, int limit) exec
DELETE FROM message WHERE room = :room LIMIT :limit;

-- But the last one, which tells that the room is gone.
-- purge_events(id room, int limit) exec
DELETE FROM event
  WHERE kind = 1 AND stream = :room AND seq < (SELECT head FROM stream WHERE kind = 1 AND id = :room) LIMIT :limit;

-- purge_reactions(id room, int limit) exec
DELETE FROM reaction WHERE room = :room LIMIT :limit;

-- purge_bans(id room, int limit) exec
DELETE FROM ban WHERE room = :room LIMIT :limit;

-- purge_likes(id room, int limit) exec
DELETE FROM room_like WHERE room = :room LIMIT :limit;

-- purge_invites(id room, int limit) exec
DELETE FROM invite WHERE room = :room LIMIT :limit;

-- purge_notices(id room, int limit) exec
DELETE FROM notice WHERE room = :room LIMIT :limit;

-- purge_confirmations(id room, int limit) exec
DELETE FROM notice_confirmation WHERE room = :room LIMIT :limit;

-- purge_attachments(id room, int limit) exec
DELETE FROM attachment WHERE room = :room LIMIT :limit;

-- purge_pins(id room, int limit) exec
DELETE FROM pin WHERE room = :room LIMIT :limit;

-- purge_tracks(id room, int limit) exec
DELETE FROM track WHERE room = :room LIMIT :limit;

-- purge_music(id room, int limit) exec
DELETE FROM room_music WHERE room = :room LIMIT :limit;

-- purge_strokes(id room, int limit) exec
DELETE FROM stroke WHERE room = :room LIMIT :limit;

-- purge_words(id room, int limit) exec
DELETE FROM word WHERE room = :room LIMIT :limit;

-- purge_hidden(id room, int limit) exec
DELETE FROM hidden WHERE room = :room LIMIT :limit;

-- purge_threads(id room, int limit) exec
DELETE FROM thread_reply WHERE room = :room LIMIT :limit;

-- purge_revisions(id room, int limit) exec
DELETE FROM message_revision WHERE room = :room LIMIT :limit;

-- purge_mentions(id room, int limit) exec
DELETE FROM mention WHERE room = :room LIMIT :limit;

-- purge_previews(id room, int limit) exec
DELETE FROM preview_job WHERE room = :room LIMIT :limit;

-- purge_deliveries(id room, int limit) exec
DELETE FROM delivery WHERE webhook = (SELECT MIN(id) FROM webhook WHERE room = :room) LIMIT :limit;

-- purge_webhooks(id room, int limit) exec
DELETE FROM webhook WHERE room = :room
    AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.webhook = webhook.id) LIMIT :limit;

-- purge_polls(id room, int limit) exec
DELETE FROM poll WHERE room = :room LIMIT :limit;

-- purge_votes(id room, int limit) exec
DELETE FROM poll_vote WHERE room = :room LIMIT :limit;

-- purge_todos(id room, int limit) exec
DELETE FROM todo WHERE kind = 1 AND list = :room LIMIT :limit;

-- purge_drafts(id room, int limit) exec
DELETE FROM draft WHERE room = :room LIMIT :limit;

-- What was said there is not to be read off the index either: its segments are written anew.
-- purge_search_due(id room) exec
UPDATE search_share p JOIN search_segment s ON s.id = p.segment
  SET s.due_at = COALESCE(s.due_at, UTC_TIMESTAMP(3))
  WHERE p.room = :room AND s.state = 'ready';

-- purge_search_shares(id room, int limit) exec
DELETE FROM search_share WHERE room = :room LIMIT :limit;

-- purge_search_parts(id room, int limit) exec
DELETE FROM search_part WHERE room = :room LIMIT :limit;

-- purge_search_room(id room, int limit) exec
DELETE FROM search_room WHERE room = :room LIMIT :limit;

-- purge_done(id room) exec
DELETE FROM purge_room WHERE room = :room;

-- purge_notifications(id room, int limit) exec
DELETE FROM notification WHERE room = :room LIMIT :limit;
