-- settings_get(id user) row
SELECT time_zone, locale, day_start, week_start, receipts, direct, found, study_goal FROM user WHERE id = :user;

-- NULL, and -1 for a number, leave a value as it is.
-- settings_update(id user, text time_zone, text locale, int day_start, text week_start, text receipts, text direct, text found, int study_goal) exec
UPDATE user SET time_zone = COALESCE(:time_zone, time_zone), locale = COALESCE(:locale, locale),
    day_start = IF(:day_start < 0, day_start, :day_start), week_start = COALESCE(:week_start, week_start),
    receipts = COALESCE(:receipts, receipts), direct = COALESCE(:direct, direct), found = COALESCE(:found, found),
    study_goal = IF(:study_goal < 0, study_goal, :study_goal)
  WHERE id = :user;
