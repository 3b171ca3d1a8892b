-- like_insert(id room, id user) exec
INSERT IGNORE INTO room_like (room, user, created_at) VALUES (:room, :user, UTC_TIMESTAMP(3));

-- like_delete(id room, id user) exec
DELETE FROM room_like WHERE room = :room AND user = :user;

-- room_count_likes(id room, int change) exec
UPDATE room SET likes = likes + :change WHERE id = :room;

-- likes_list(id room, id after, int limit) rows
SELECT u.id, u.nickname, u.avatar
  FROM room_like l FORCE INDEX (PRIMARY) JOIN user u ON u.id = l.user
  WHERE l.room = :room AND l.user > :after
  ORDER BY l.user LIMIT :limit;
