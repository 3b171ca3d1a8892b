-- What somebody said in a room and is not deleted yet, of the last so many seconds (0: ever), at most so
-- many messages. A send takes its time before it waits for the room, so that times are not quite in the
-- order of seq: whatever lies between the first and the last goes, too.
-- purge_range(id room, id user, int seconds, int limit) row
SELECT MIN(seq) AS first, MAX(seq) AS last
  FROM (SELECT seq FROM message
    WHERE room = :room AND sender = :user AND deleted_at IS NULL
      AND (:seconds = 0 OR created_at >= UTC_TIMESTAMP(3) - INTERVAL :seconds SECOND)
    ORDER BY seq LIMIT :limit) found;

-- purge_left(id room, id user, id after) row
SELECT EXISTS (SELECT 1 FROM message
  WHERE room = :room AND sender = :user AND seq > :after AND deleted_at IS NULL) AS more$bool;

-- As message_erase does.
-- purge_erase(id room, id user, id first, id last, id rev) exec
UPDATE message SET original = COALESCE(original, UNHEX(SHA2(body, 256))), body = '', entities = NULL, content = NULL,
    previews = NULL, rev = :rev, deleted_at = UTC_TIMESTAMP(3)
  WHERE room = :room AND sender = :user AND seq BETWEEN :first AND :last AND deleted_at IS NULL;

-- purge_erase_reactions(id room, id user, id first, id last) exec
DELETE c FROM message m JOIN reaction c ON c.room = m.room AND c.message = m.seq
  WHERE m.room = :room AND m.sender = :user AND m.seq BETWEEN :first AND :last;

-- purge_erase_pins(id room, id user, id first, id last) exec
DELETE p FROM pin p JOIN message m ON m.room = p.room AND m.seq = p.message
  WHERE p.room = :room AND m.sender = :user AND p.message BETWEEN :first AND :last;

-- purge_erase_attachments(id room, id user, id first, id last) exec
DELETE a FROM attachment a JOIN message m ON m.room = a.room AND m.seq = a.message
  WHERE a.room = :room AND m.sender = :user AND a.message BETWEEN :first AND :last;

-- purge_erase_mentions(id room, id user, id first, id last) exec
DELETE FROM mention WHERE room = :room AND seq BETWEEN :first AND :last AND sender = :user;

-- purge_erase_votes(id room, id user, id first, id last) exec
DELETE v FROM message m JOIN poll_vote v ON v.room = m.room AND v.message = m.seq
  WHERE m.room = :room AND m.sender = :user AND m.seq BETWEEN :first AND :last;

-- purge_erase_polls(id room, id user, id first, id last) exec
DELETE p FROM poll p JOIN message m ON m.room = p.room AND m.seq = p.message
  WHERE p.room = :room AND m.sender = :user AND p.message BETWEEN :first AND :last;

-- purge_erase_revisions(id room, id user, id first, id last) exec
DELETE v FROM message_revision v JOIN message m ON m.room = v.room AND m.seq = v.message
  WHERE v.room = :room AND m.sender = :user AND v.message BETWEEN :first AND :last;
