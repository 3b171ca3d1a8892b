-- The user's own stream, the lobby, and the rooms.
-- sync_heads(id user) rows
SELECT kind, id, head, CAST(0 AS UNSIGNED) AS seen_after FROM stream WHERE kind = 2 AND id = :user
UNION ALL
SELECT kind, id, head, CAST(0 AS UNSIGNED) FROM stream WHERE kind = 3 AND id = 0
UNION ALL
SELECT s.kind, s.id, s.head, GREATEST(m.visible_from, r.floor)
  FROM member m JOIN stream s ON s.kind = 1 AND s.id = m.room JOIN room r ON r.id = m.room
  WHERE m.user = :user;
