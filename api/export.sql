-- Messages of a stretch of the room, as the user may see them: without what they have hidden and what people whom they
-- block have said, and quoted in short. The page first, in its order: joined to an empty table, all of the stretch would
-- be sorted for each. since and before: seconds since 1970.
-- export_messages(id room, id user, id seen, id after, id until, int since, int before, int limit) rows
SELECT STRAIGHT_JOIN m.seq, m.sender, u.nickname, m.body, m.created_at, m.type AS type$opt, m.reply_to AS reply_to$opt,
    m.thread AS thread$opt, m.entities AS entities$json$opt, m.content AS content$json$opt, m.edited_at AS edited_at$opt,
    m.deleted_at AS deleted_at$opt, IF(qb.user IS NULL AND qh.user IS NULL, LEFT(q.body, 60), NULL) AS quoted$opt,
    qu.nickname AS quoted_name$opt
  FROM (SELECT * FROM message p
      WHERE p.room = :room AND p.seq > :after AND p.seq <= :until
        AND TIMESTAMPDIFF(SECOND, TIMESTAMP'1970-01-01 00:00:00', p.created_at) >= :since
        AND TIMESTAMPDIFF(SECOND, TIMESTAMP'1970-01-01 00:00:00', p.created_at) < :before
        AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.user = :user AND h.room = p.room AND h.message = p.seq)
        AND NOT EXISTS (SELECT 1 FROM block b WHERE b.user = :user AND b.other = p.sender)
      ORDER BY p.seq LIMIT :limit) m
    JOIN user u ON u.id = m.sender
    LEFT JOIN message q ON q.room = m.room AND q.seq = m.reply_to AND q.seq > :seen AND q.deleted_at IS NULL
    LEFT JOIN user qu ON qu.id = q.sender
    LEFT JOIN hidden qh ON qh.user = :user AND qh.room = q.room AND qh.message = q.seq
    LEFT JOIN block qb ON qb.user = :user AND qb.other = q.sender
  ORDER BY m.seq;

-- What happened in the same stretch, and can be told in a sentence.
-- export_events(id room, id after, id until, int since, int before, int limit) rows
SELECT seq, type, data AS data$json, created_at FROM event
  WHERE kind = 1 AND stream = :room AND seq > :after AND seq <= :until
    AND type IN ('member.joined', 'member.left', 'member.kicked', 'member.banned')
    AND TIMESTAMPDIFF(SECOND, TIMESTAMP'1970-01-01 00:00:00', created_at) >= :since
    AND TIMESTAMPDIFF(SECOND, TIMESTAMP'1970-01-01 00:00:00', created_at) < :before
  ORDER BY seq LIMIT :limit;
