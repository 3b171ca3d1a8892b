-- The tracks whose messages are there, in their order.
-- tracks_list(id room) rows
SELECT t.room, t.id, t.message, t.file, f.name, CONCAT('/v1/files/', t.file) AS url, t.title, t.licence, t.duration, t.added_by, t.added_at
  FROM track t JOIN attachment a ON a.room = t.room AND a.message = t.message AND a.file = t.file JOIN file f ON f.id = t.file
  WHERE t.room = :room ORDER BY t.id;

-- Of those whose messages are gone, nothing is left.
-- tracks_tidy(id room) exec
DELETE t FROM track t LEFT JOIN attachment a ON a.room = t.room AND a.message = t.message AND a.file = t.file
  WHERE t.room = :room AND a.room IS NULL;

-- track_source(id room, id message, id file) row
SELECT f.kind FROM attachment a JOIN file f ON f.id = a.file
  WHERE a.room = :room AND a.message = :message AND a.file = :file;

-- track_insert(id room, id id, id message, id file, text title, text licence, int duration, id user) exec
INSERT INTO track (room, id, message, file, title, licence, duration, added_by, added_at)
  VALUES (:room, :id, :message, :file, :title, :licence, :duration, :user, UTC_TIMESTAMP(3));

-- track_delete(id room, id id) exec
DELETE FROM track WHERE room = :room AND id = :id;

-- Where the music stood, and since when it has played from there.
-- music_get(id room) row
SELECT track, position, since AS since$opt FROM room_music WHERE room = :room;

-- music_store(id room, id track, int position, text since) exec
REPLACE INTO room_music (room, track, position, since)
  VALUES (:room, :track, :position, IF(:since IS NULL, NULL, CAST(REPLACE(REPLACE(:since, 'T', ' '), 'Z', '') AS DATETIME(3))));
