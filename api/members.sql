-- member_insert(id room, id user, id visible_from) exec
INSERT INTO member (room, user, joined_at, visible_from)
  VALUES (:room, :user, UTC_TIMESTAMP(3), :visible_from);

-- member_get(id room, id user) row
SELECT * FROM member_view WHERE room = :room AND id = :user;

-- members_list(id room, id after, int limit) rows
SELECT * FROM member_view WHERE room = :room AND id > :after ORDER BY id LIMIT :limit;

-- member_rooms(id user) rows
SELECT room FROM member WHERE user = :user ORDER BY room;

-- member_eldest(id room) row
SELECT user FROM member WHERE room = :room ORDER BY joined_at, user LIMIT 1;

-- member_delete(id room, id user) exec
DELETE FROM member WHERE room = :room AND user = :user;
