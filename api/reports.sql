-- What the reporter, the moderators of the room, and admins see; each next one more. Why FORCE INDEX: see roomlists.sql.

-- report_insert(id reporter, id room, id message, id user, text reason, text detail, text body) exec
INSERT INTO report (reporter, room, message, user, reason, detail, body, created_at)
  VALUES (:reporter, :room, NULLIF(:message, 0), NULLIF(:user, 0), :reason, :detail, :body, UTC_TIMESTAMP(3));

-- report_own(id report) row
SELECT id, NULLIF(room, 0) AS room$opt, message AS message$opt, user AS user$opt, reason, detail, state,
    created_at, closed_at AS closed_at$opt
  FROM report WHERE id = :report;

-- reports_own(id reporter, id before, int limit) rows
SELECT id, NULLIF(room, 0) AS room$opt, message AS message$opt, user AS user$opt, reason, detail, state,
    created_at, closed_at AS closed_at$opt
  FROM report FORCE INDEX (reporter) WHERE reporter = :reporter AND id < :before ORDER BY id DESC LIMIT :limit;

-- What concerns the asker is for others to judge, and what concerns the whole room for admins.
-- reports_of_room(id room, text state, id asker, id before, int limit) rows
SELECT id, room, message AS message$opt, user AS user$opt, reason, detail, body, state, by_user AS by_user$opt,
    note, created_at, closed_at AS closed_at$opt
  FROM report FORCE INDEX (room)
  WHERE room = :room AND state = :state AND id < :before AND user IS NOT NULL AND user <> :asker
  ORDER BY id DESC LIMIT :limit;

-- reports_of_room_whole(id room, text state, id before, int limit) rows
SELECT id, reporter, room, message AS message$opt, user AS user$opt, reason, detail, body, state,
    by_user AS by_user$opt, note, created_at, closed_at AS closed_at$opt
  FROM report FORCE INDEX (room)
  WHERE room = :room AND state = :state AND id < :before ORDER BY id DESC LIMIT :limit;

-- reports_whole(text state, id before, int limit) rows
SELECT id, reporter, NULLIF(room, 0) AS room$opt, message AS message$opt, user AS user$opt, reason, detail, body,
    state, by_user AS by_user$opt, note, created_at, closed_at AS closed_at$opt
  FROM report FORCE INDEX (state) WHERE state = :state AND id < :before ORDER BY id DESC LIMIT :limit;

-- report_get(id report) row
SELECT id, reporter, NULLIF(room, 0) AS room$opt, message AS message$opt, user AS user$opt, reason, detail, body,
    state, by_user AS by_user$opt, note, created_at, closed_at AS closed_at$opt
  FROM report WHERE id = :report;

-- report_close(id report, id user, text state, text note) exec
UPDATE report SET state = :state, by_user = :user, note = :note, closed_at = UTC_TIMESTAMP(3)
  WHERE id = :report AND state = 'open';
