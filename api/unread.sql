-- What others said in the next :span events after the cursor, in each room; more: there are later ones.
-- unread_list(id user, int span) rows
SELECT m.room, m.read_seq, s.head, s.head > m.read_seq + :span AS more$bool,
    IF(s.head > m.read_seq, (SELECT COUNT(*) FROM message t LEFT JOIN block b ON b.user = m.user AND b.other = t.sender
      WHERE t.room = m.room AND t.seq > m.read_seq AND t.seq <= m.read_seq + :span AND t.sender <> m.user
        AND t.deleted_at IS NULL AND b.user IS NULL), 0) AS unread,
    IF(s.head > m.read_seq, (SELECT COUNT(DISTINCT t.seq) FROM mention t LEFT JOIN block b ON b.user = m.user AND b.other = t.sender
      WHERE t.user IN (0, m.user) AND t.room = m.room AND t.seq > m.read_seq AND t.sender <> m.user AND b.user IS NULL), 0) AS mentions,
    COALESCE(m.notify, IF(r.kind IN ('direct', 'group'), 'all', 'mentions')) AS level,
    IF(m.quiet_until > UTC_TIMESTAMP(3), m.quiet_until, NULL) AS quiet_until$opt
  FROM member m JOIN stream s ON s.kind = 1 AND s.id = m.room JOIN room r ON r.id = m.room
  WHERE m.user = :user
  ORDER BY m.room;
