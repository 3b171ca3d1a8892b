-- vote_clear(id room, id message, id user) exec
DELETE FROM poll_vote WHERE room = :room AND message = :message AND user = :user;

-- options is a JSON array.
-- vote_insert(id room, id message, id user, text options) exec
INSERT INTO poll_vote (room, message, user, choice)
  SELECT :room, :message, :user, n FROM JSON_TABLE(:options, '$[*]' COLUMNS (n TINYINT UNSIGNED PATH '$')) given;

-- votes_list(id room, id message, id after, int limit) rows
SELECT u.id, u.name, u.nickname, u.avatar, CONCAT('[', GROUP_CONCAT(v.choice ORDER BY v.choice), ']') AS options$json
  FROM poll_vote v FORCE INDEX (PRIMARY) JOIN user u ON u.id = v.user
  WHERE v.room = :room AND v.message = :message AND v.user > :after
  GROUP BY v.user ORDER BY v.user LIMIT :limit;

-- votes_erase(id room, id message) exec
DELETE FROM poll_vote WHERE room = :room AND message = :message;
