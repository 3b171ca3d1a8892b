-- threads_count(id room, id first, id last) rows
SELECT root, COUNT(*) AS count, MAX(seq) AS last
  FROM thread_reply WHERE room = :room AND root BETWEEN :first AND :last
  GROUP BY root ORDER BY root;

-- thread_before(id room, id root, id user, id after, id before, int limit) rows
SELECT m.*
  FROM thread_reply t JOIN message_view m ON m.room = t.room AND m.seq = t.seq
    LEFT JOIN hidden h ON h.user = :user AND h.room = m.room AND h.message = m.seq
  WHERE t.room = :room AND t.root = :root AND t.seq > :after AND t.seq < :before AND h.user IS NULL
  ORDER BY t.seq DESC LIMIT :limit;

-- thread_after(id room, id root, id user, id after, id before, int limit) rows
SELECT m.*
  FROM thread_reply t JOIN message_view m ON m.room = t.room AND m.seq = t.seq
    LEFT JOIN hidden h ON h.user = :user AND h.room = m.room AND h.message = m.seq
  WHERE t.room = :room AND t.root = :root AND t.seq > :after AND t.seq < :before AND h.user IS NULL
  ORDER BY t.seq LIMIT :limit;
