-- preview_person(id user) row
SELECT id, nickname, avatar FROM user WHERE id = :user;

-- Who is in the room longest.
-- preview_members(id room, int limit) rows
SELECT u.nickname, u.avatar
  FROM (SELECT joined_at, user FROM member WHERE room = :room ORDER BY joined_at, user LIMIT :limit) m
    JOIN user u ON u.id = m.user
  ORDER BY m.joined_at, m.user;
