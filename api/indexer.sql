-- indexer_claim() row
SELECT IF(IS_USED_LOCK(CONCAT('maru.indexer.', MD5(DATABASE()))) <=> CONNECTION_ID(), 1,
  GET_LOCK(CONCAT('maru.indexer.', MD5(DATABASE())), 0)) AS mine;

-- ---- what is new

-- Where so many rooms end, in the order of their ids.
-- indexer_window(id after, int limit) row
SELECT MAX(id) AS last, COUNT(*) AS n
  FROM (SELECT id FROM stream WHERE kind = 1 AND id > :after ORDER BY id LIMIT :limit) w;

-- A deleted room keeps its counter.
-- indexer_moved(id after, id last, int limit) rows
SELECT s.id AS room, s.head, CAST(COALESCE(c.seq, 0) AS UNSIGNED) AS seq
  FROM stream s LEFT JOIN search_room c ON c.room = s.id
  WHERE s.kind = 1 AND s.id > :after AND s.id <= :last AND s.head > COALESCE(c.seq, 0)
    AND (SELECT COUNT(*) FROM room r WHERE r.id = s.id) > 0
  ORDER BY s.id LIMIT :limit;

-- kept: the room has not forgotten it.
-- indexer_messages(id room, id first, id last, int limit) rows
SELECT m.seq, m.sender, m.body, m.type, m.entities AS entities$json, m.content AS content$json$opt,
    TIMESTAMPDIFF(MICROSECOND, '1970-01-01', m.created_at) DIV 1000 AS at, m.seq > r.floor AS kept
  FROM message m JOIN room r ON r.id = m.room
  WHERE m.room = :room AND m.seq BETWEEN :first AND :last AND m.deleted_at IS NULL
  ORDER BY m.seq LIMIT :limit;

-- What happened to messages that are indexed already.
-- indexer_changes(id room, id after, id last) rows
SELECT type, target, data AS data$json FROM event
  WHERE kind = 1 AND stream = :room AND seq > :after AND seq <= :last
    AND type IN ('message.updated', 'message.deleted', 'messages.purged')
  ORDER BY seq;

-- The messages among them that have another text now.
-- indexer_edited(id room, id after, id last) rows
SELECT STRAIGHT_JOIN m.seq, m.sender, m.body, m.type, m.entities AS entities$json, m.content AS content$json$opt,
    TIMESTAMPDIFF(MICROSECOND, '1970-01-01', m.created_at) DIV 1000 AS at, 1 AS kept
  FROM (SELECT DISTINCT target FROM event WHERE kind = 1 AND stream = :room AND seq > :after AND seq <= :last
      AND type = 'message.updated' AND target <= :after) e JOIN message m ON m.room = :room AND m.seq = e.target
  WHERE m.deleted_at IS NULL
  ORDER BY m.seq;

-- indexer_reached(text rooms) exec
INSERT INTO search_room (room, seq)
  SELECT j.room, j.seq FROM JSON_TABLE(:rooms, '$[*]' COLUMNS (room BIGINT UNSIGNED PATH '$[0]',
      seq BIGINT UNSIGNED PATH '$[1]')) j
  ON DUPLICATE KEY UPDATE seq = VALUES(seq);

-- ---- segments

-- indexer_segment() exec
INSERT INTO search_segment (state) VALUES ('building');

-- indexer_post(id segment, id gram, text list) exec
INSERT INTO search_post (segment, gram, list) VALUES (:segment, :gram, :list);

-- Lists of up to 200 characters.
-- indexer_posts(id segment, text lists) exec
INSERT INTO search_post (segment, gram, list)
  SELECT :segment, j.gram, j.list FROM JSON_TABLE(:lists, '$[*]' COLUMNS (gram BIGINT UNSIGNED PATH '$[0]',
      list VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin PATH '$[1]')) j;

-- indexer_parts(id segment, text parts) exec
INSERT INTO search_part (segment, base, room, first, last, oldest, newest, slack)
  SELECT :segment, j.base, j.room, j.first, j.last, j.oldest, j.newest, j.slack
    FROM JSON_TABLE(:parts, '$[*]' COLUMNS (base INT UNSIGNED PATH '$[0]', room BIGINT UNSIGNED PATH '$[1]',
      first BIGINT UNSIGNED PATH '$[2]', last BIGINT UNSIGNED PATH '$[3]', oldest BIGINT UNSIGNED PATH '$[4]',
      newest BIGINT UNSIGNED PATH '$[5]', slack BIGINT UNSIGNED PATH '$[6]')) j;

-- indexer_shares(id segment) exec
INSERT INTO search_share (room, segment, oldest, newest)
  SELECT room, segment, MIN(oldest), MAX(newest) FROM search_part WHERE segment = :segment GROUP BY room;

-- The new one is due if something happened to what was being merged.
-- indexer_ready(id segment, int postings, text segments) exec
UPDATE search_segment SET state = 'ready', postings = :postings,
    due_at = (SELECT MIN(o.due_at) FROM JSON_TABLE(:segments, '$[*]' COLUMNS (id INT UNSIGNED PATH '$')) j
      STRAIGHT_JOIN search_segment o ON o.id = j.id)
  WHERE id = :segment;

-- What replaced segments have is found no more, and erased when no search can be reading it.
-- indexer_unshare(text segments) exec
DELETE s FROM JSON_TABLE(:segments, '$[*]' COLUMNS (id INT UNSIGNED PATH '$')) j
  JOIN search_share s ON s.segment = j.id;

-- indexer_replace(text segments) exec
UPDATE JSON_TABLE(:segments, '$[*]' COLUMNS (id INT UNSIGNED PATH '$')) j JOIN search_segment s ON s.id = j.id
  SET s.state = 'gone', s.gone_at = UTC_TIMESTAMP(3), s.due_at = NULL;

-- ---- merging

-- indexer_ready_ones() rows
SELECT id, postings, due_at <= UTC_TIMESTAMP(3) AS due
  FROM search_segment FORCE INDEX (state) WHERE state = 'ready' ORDER BY id;

-- indexer_clean(text segments) exec
UPDATE JSON_TABLE(:segments, '$[*]' COLUMNS (id INT UNSIGNED PATH '$')) j JOIN search_segment s ON s.id = j.id
  SET s.due_at = NULL;

-- indexer_ranges(text segments, id room, id first, int limit) rows
SELECT p.room, p.first, MAX(p.last) AS last
  FROM JSON_TABLE(:segments, '$[*]' COLUMNS (id INT UNSIGNED PATH '$')) s JOIN search_part p ON p.segment = s.id
  WHERE p.room > :room OR (p.room = :room AND p.first > :first)
  GROUP BY p.room, p.first ORDER BY p.room, p.first LIMIT :limit;

-- What was written before a crash, or is replaced for a while.
-- indexer_garbage(id building) row
SELECT id FROM search_segment
  WHERE (state = 'building' AND id <> :building) OR (state = 'gone' AND gone_at < UTC_TIMESTAMP(3) - INTERVAL 10 SECOND)
  ORDER BY id LIMIT 1;

-- indexer_drop_posts(id segment, int limit) exec
DELETE FROM search_post WHERE segment = :segment LIMIT :limit;

-- indexer_drop_parts(id segment, int limit) exec
DELETE FROM search_part WHERE segment = :segment LIMIT :limit;

-- indexer_drop(id segment) exec
DELETE FROM search_segment WHERE id = :segment;

-- ---- what is to be forgotten

-- indexer_stale(id room, id first, id last) exec
UPDATE search_part p JOIN search_segment s ON s.id = p.segment
  SET s.due_at = COALESCE(s.due_at, UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE)
  WHERE p.room = :room AND p.first <= :last AND p.last >= :first AND s.state = 'ready';
