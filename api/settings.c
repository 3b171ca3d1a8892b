/* SPDX-License-Identifier: MIT */
/* /v1/users/me/settings: what somebody prefers, and what they let others do. The own account alone
 * sees it; its other devices are told.
 */
#include "db.h"
#include "desks.h"
#include "members.h"
#include "route.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"
#include "userlists.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZONES        "/usr/share/zoneinfo/"
#define ZONE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/"
#define ZONE_MAGIC   "TZif" /* RFC 9636 section 3.1 */
#define SUBTAG_MAX   8
#define DAY_MINUTES  1440

#define RECEIPTS_MAX    20 /* changes of it in RECEIPTS_WINDOW seconds: all rooms hear each */
#define RECEIPTS_WINDOW 3600

struct settings_in {
	const char *time_zone;
	const char *locale;
	int64_t day_start;
	const char *week_start;
	const char *receipts;
	const char *direct;
	const char *found;
	int64_t study_goal;
};

static const struct field settings_fields[] = {
    NAME_FIELD(struct settings_in, time_zone, 1, 64, ZONE_LETTERS, 0),
    TEXT_FIELD(struct settings_in, locale, 2, 35, FIELD_BYTES),
    INT_FIELD(struct settings_in, day_start, 0, 23, 0),
    WORD_FIELD(struct settings_in, week_start, "monday|sunday", 0),
    WORD_FIELD(struct settings_in, receipts, "shown|hidden", 0),
    WORD_FIELD(struct settings_in, direct, "everybody|friends|nobody", 0),
    WORD_FIELD(struct settings_in, found, "shown|hidden", 0),
    INT_FIELD(struct settings_in, study_goal, 0, DAY_MINUTES, 0),
    END_FIELD,
};

/* Whether the file begins as a time zone does. */
static bool
is_zone_file(const char *path)
{
	char magic[sizeof(ZONE_MAGIC) - 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool ok;

	if (fd < 0)
		return false;
	ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	     read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
	     memcmp(magic, ZONE_MAGIC, sizeof(magic)) == 0;
	(void)close(fd);
	return ok;
}

/* Asks the system, so that an update of its time zones is enough for new ones. Without a dot among
 * the letters no name leads out of the directory. What begins with a small letter is no zone but
 * another copy of all (posix/, right/) or the host's own (localtime). */
static bool
is_time_zone(struct req *r, const char *name)
{
	return isupper((unsigned char)name[0]) != 0 && strstr(name, "//") == NULL &&
	       is_zone_file(arena_printf(&r->mem, ZONES "%s", name));
}

/* The shape of a BCP 47 tag: a language of 2 to 8 letters, then parts of 1 to 8 letters or digits.
 */
static bool
is_locale(const char *s)
{
	size_t n = 0;

	while (isalpha((unsigned char)s[n]))
		n++;
	if (n < 2 || n > SUBTAG_MAX)
		return false;
	for (s += n; *s == '-'; s += n) {
		for (n = 0, s++; isalnum((unsigned char)s[n]);)
			n++;
		if (n < 1 || n > SUBTAG_MAX)
			return false;
	}
	return *s == '\0';
}

static enum err
check(struct req *r, const struct settings_in *in)
{
	if (in->time_zone != NULL && !is_time_zone(r, in->time_zone))
		(void)req_invalid(r, "time_zone", "is no time zone, such as Asia/Seoul");
	if (in->locale != NULL && !is_locale(in->locale))
		(void)req_invalid(r, "locale", "must be a language tag, such as ko or en-GB");
	return json_array_size(r->problems) == 0 ? OK : ERR_INVALID;
}

enum err
settings_get(struct req *r)
{
	json_t *row;

	TRY(sql_settings_get(r, r->user, &row));
	return req_reply(r, 200, json_incref(row));
}

/* Each room of the asker hears whether they count among those who have read (cursors.c); and up to
 * where they have, which nobody was told while they did not. */
static enum err
announce_receipts(struct req *r)
{
	const char *name = arena_printf(&r->mem, "receipts:%" PRIu64, r->user);
	json_t *rows, *row;
	size_t i;

	TRY(throttle_take(r, name, RECEIPTS_MAX, RECEIPTS_WINDOW));
	TRY(members_announce(r, r->user));
	TRY(sql_cursors_mine(r, r->user, &rows));
	json_array_foreach (rows, i, row) {
		if (json_is_true(json_object_get(row, "shown")))
			notify_read(r, row_id(row, "room"), row_id(row, "read_seq"), true);
	}
	return OK;
}

static bool
has_other_days(const json_t *before, const json_t *now)
{
	return strcmp(row_text(before, "time_zone"), row_text(now, "time_zone")) != 0 ||
	       row_id(before, "day_start") != row_id(now, "day_start");
}

/* Changes what is given: 200 with all settings. */
enum err
settings_update(struct req *r)
{
	struct settings_in in;
	json_t *before, *now;

	TRY(req_read(r, settings_fields, &in));
	TRY(check(r, &in));
	TRY(sql_session_hold_user(r, r->user, &before)); /* before the streams, see pairs.h */
	TRY(sql_settings_get(r, r->user, &before));
	TRY(sql_settings_update(r, r->user, in.time_zone, in.locale,
	    in.day_start == FIELD_ABSENT ? -1 : in.day_start, in.week_start, in.receipts, in.direct,
	    in.found, in.study_goal == FIELD_ABSENT ? -1 : in.study_goal, NULL));
	TRY(sql_settings_get(r, r->user, &now));
	if (json_equal(before, now)) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(now));
	}
	if (in.found != NULL)
		TRY(users_index(r, r->user));
	if (strcmp(row_text(before, "receipts"), row_text(now, "receipts")) != 0)
		TRY(announce_receipts(r));
	if (has_other_days(before, now))
		TRY(desks_refresh(r));
	TRY(stream_append(r, WIRE_USER, r->user, EV_SETTINGS_UPDATED, req_own(r, json_copy(now))));
	return req_reply(r, 200, json_incref(now));
}
