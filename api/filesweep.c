/* SPDX-License-Identifier: MIT */
/* See filesweep.h; the feeder calls it when nobody asks it for anything.
 *
 * A file is loose from its upload on until something refers to it, and again when the last message
 * that has it, or the person or room that it stood for, goes (triggers in schema.sql). Whoever
 * begins to refer to it holds its row, as this does: none that is wanted is removed. The row goes
 * last, so that a crash leaves what is still to be done.
 */
#include "filesweep.h"

#include "db.h"
#include "filestore.h"
#include "shared/clock.h"
#include "shared/crash.h"
#include "shared/log.h"
#include "sql.h"

#include <inttypes.h>

#define STEP      20 /* files */
#define REST_MS   1000
#define FAILED_MS 30000
#define TMP_MS    60000 /* between two looks into tmp/ */
#define TMP_S     3600

static struct filesweep_counts counts;

const struct filesweep_counts *
filesweep_counts(void)
{
	return &counts;
}

/* Makes it a file that is being removed, unless it is wanted; *wanted says so. */
static enum err
condemn(struct req *r, uint64_t file, bool *wanted)
{
	json_t *row;

	TRY(db_begin(r->db));
	TRY(sql_filesweep_hold(r, file, &row));
	TRY(sql_filesweep_wanted(r, file, &row));
	*wanted = row_id(row, "wanted") != 0;
	TRY(*wanted ? sql_filesweep_keep(r, file, NULL) : sql_filesweep_condemn(r, file, NULL));
	return db_commit(r->db);
}

static enum err
remove_file(struct req *r, const json_t *row)
{
	const uint64_t file = row_id(row, "id");
	bool wanted = false;
	enum err e = condemn(r, file, &wanted);

	db_rollback(r->db);
	if (e != OK || wanted)
		return e == ERR_NOT_FOUND ? OK : e;
	CRASH_POINT("api.before_removed");
	TRY(filestore_remove(r, row_text(row, "object")));
	CRASH_POINT("api.after_removed");
	counts.files++;
	return sql_filesweep_delete(r, file, NULL);
}

static enum err
remove_upload(struct req *r, const json_t *row)
{
	filestore_discard(r->conf, row_text(row, "object"));
	counts.uploads++;
	return sql_filesweep_upload(r, row_id(row, "id"), NULL);
}

static enum err
sweep(struct req *r, enum err (*find)(struct req *, int64_t, json_t **),
    enum err (*remove)(struct req *, const json_t *), bool *more)
{
	json_t *rows, *row;
	size_t i;

	TRY(find(r, STEP, &rows));
	*more = *more || json_array_size(rows) == STEP;
	json_array_foreach (rows, i, row) {
		const enum err e = remove(r, row);

		/* Somebody refers to it at this moment; it comes again. */
		TRY(e == ERR_RETRY ? OK : e);
	}
	return OK;
}

static void
sweep_tmp(const struct conf *conf)
{
	static int64_t rest_until; /* monotonic */
	unsigned gone;

	if (clock_mono() < rest_until)
		return;
	rest_until = clock_mono() + TMP_MS;
	gone = filestore_sweep(conf, TMP_S);
	counts.unfinished += gone;
	if (gone > 0)
		log_info("removed %u files that were never finished", gone);
}

bool
filesweep_step(struct req *r)
{
	static int64_t rest_until; /* monotonic */
	bool more = false;
	enum err e;

	if (clock_mono() < rest_until)
		return false;
	if (db_ready(r->db) != OK) {
		counts.failed = true;
		return false;
	}
	e = sweep(r, sql_filesweep_loose, remove_file, &more);
	if (e == OK)
		e = sweep(r, sql_filesweep_uploads, remove_upload, &more);
	if (e != OK && r->detail != NULL)
		log_warn("files that nobody needs stay: %s", r->detail);
	sweep_tmp(r->conf);
	counts.failed = e != OK;
	if (e == OK && more)
		return true;
	rest_until = clock_mono() + (e == OK ? REST_MS : FAILED_MS);
	return false;
}
