-- friend_get(id user, id other) row
SELECT u.id, u.name, u.nickname, u.avatar, u.status AS status_message, f.state, f.favorite AS favorite$bool,
    f.alias, f.created_at
  FROM friend f JOIN user u ON u.id = f.other
  WHERE f.user = :user AND f.other = :other;

-- friends_list(id user, text state, id after, int limit) rows
SELECT u.id, u.name, u.nickname, u.avatar, u.status AS status_message, f.state, f.favorite AS favorite$bool,
    f.alias, f.created_at
  FROM friend f JOIN user u ON u.id = f.other
  WHERE f.user = :user AND f.state = :state AND f.other > :after
  ORDER BY f.other LIMIT :limit;

-- friend_count(id user, text state) row
SELECT COUNT(*) AS n FROM friend WHERE user = :user AND state = :state;

-- created_at tells since when the state is what it is.
-- friend_store(id user, id other, text state) exec
INSERT INTO friend (user, other, state, created_at) VALUES (:user, :other, :state, UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE state = VALUES(state), created_at = VALUES(created_at);

-- favorite below 0 and a NULL leave a value as it is.
-- friend_update(id user, id other, int favorite, text alias) exec
UPDATE friend SET favorite = IF(:favorite < 0, favorite, :favorite), alias = COALESCE(:alias, alias)
  WHERE user = :user AND other = :other;

-- friend_delete(id user, id other) exec
DELETE FROM friend WHERE user = :user AND other = :other;

-- Who has the asker among their friends, or a request of the asker.
-- friend_viewers(id user) rows
SELECT g.user AS id FROM friend f JOIN friend g ON g.user = f.other AND g.other = f.user
  WHERE f.user = :user AND f.state IN ('friend', 'sent') AND g.state IN ('friend', 'received')
  ORDER BY g.user;
