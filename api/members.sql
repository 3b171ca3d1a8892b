-- member_insert(id room, id user) exec
INSERT INTO member (room, user, joined_at) VALUES (:room, :user, UTC_TIMESTAMP(3));

-- member_get(id room, id user) row
SELECT m.room, u.id, u.name, u.nickname, IF(r.host = u.id, 'host', 'member') AS role, m.joined_at
  FROM member m JOIN user u ON u.id = m.user JOIN room r ON r.id = m.room
  WHERE m.room = :room AND m.user = :user;

-- members_list(id room, id after, int limit) rows
SELECT m.room, u.id, u.name, u.nickname, IF(r.host = u.id, 'host', 'member') AS role, m.joined_at
  FROM member m JOIN user u ON u.id = m.user JOIN room r ON r.id = m.room
  WHERE m.room = :room AND m.user > :after
  ORDER BY m.user LIMIT :limit;

-- member_rooms(id user) rows
SELECT room FROM member WHERE user = :user ORDER BY room;

-- member_eldest(id room) row
SELECT user FROM member WHERE room = :room ORDER BY joined_at, user LIMIT 1;

-- member_delete(id room, id user) exec
DELETE FROM member WHERE room = :room AND user = :user;
