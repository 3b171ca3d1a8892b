-- What others said in the next :span events after the cursor, in each room; more: there are later ones. A small room is
-- read from its beginning, which takes less than a call.
-- unread_list(id user, int span) rows
SELECT m.room, m.read_seq, s.head, s.head > m.read_seq + :span AS more$bool,
    CAST(IF(s.head <= m.read_seq, 0, IF(s.head > :span, messages_between(m.user, m.room, m.read_seq, m.read_seq + :span),
      (SELECT COUNT(*) FROM message t WHERE t.room = m.room AND t.seq > m.read_seq AND t.sender <> m.user
        AND t.deleted_at IS NULL AND t.sender NOT IN (SELECT other FROM block WHERE user = :user)))) AS UNSIGNED) AS unread,
    CAST(IF(s.head <= m.read_seq, 0, (SELECT COUNT(*) FROM mention t WHERE t.user = m.user AND t.room = m.room AND t.seq > m.read_seq
        AND t.sender <> m.user AND t.sender NOT IN (SELECT other FROM block WHERE user = :user))
      + (SELECT COUNT(*) FROM mention t LEFT JOIN mention u ON u.user = m.user AND u.room = t.room AND u.seq = t.seq
        WHERE t.user = 0 AND t.room = m.room AND t.seq > m.read_seq
          AND t.sender <> m.user AND t.sender NOT IN (SELECT other FROM block WHERE user = :user) AND u.user IS NULL)) AS UNSIGNED) AS mentions,
    COALESCE(m.notify, IF(r.kind IN ('direct', 'group'), 'all', 'mentions')) AS level,
    IF(m.quiet_until > UTC_TIMESTAMP(3), m.quiet_until, NULL) AS quiet_until$opt
  FROM member m JOIN stream s ON s.kind = 1 AND s.id = m.room JOIN room r ON r.id = m.room
  WHERE m.user = :user
  ORDER BY m.room;
