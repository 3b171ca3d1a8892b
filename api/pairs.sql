-- pair_user(id user) row
SELECT id FROM user WHERE id = :user LOCK IN SHARE MODE;

-- pair_stream(id kind, id stream) row
SELECT head FROM stream WHERE kind = :kind AND id = :stream FOR UPDATE;

-- pair_get(id user, id other) row
SELECT u.id, u.state, u.direct, u.owner IS NOT NULL AS bot$bool, u.guest AS guest$bool, b.user IS NOT NULL AS blocks$bool, c.user IS NOT NULL AS blocked$bool,
    COALESCE(f.state, '') AS mine, COALESCE(g.state, '') AS theirs
  FROM user u
    LEFT JOIN block b ON b.user = :user AND b.other = u.id
    LEFT JOIN block c ON c.user = u.id AND c.other = :user
    LEFT JOIN friend f ON f.user = :user AND f.other = u.id
    LEFT JOIN friend g ON g.user = u.id AND g.other = :user
  WHERE u.id = :other;
