/* SPDX-License-Identifier: MIT */
/* The search behind unknown.h. A row is there before its file, and goes after it: so what has no
 * row when we ask for it is unknown, if it is still there then. Names are looked up by the batch:
 * there may be millions.
 */
#include "unknown.h"

#include "api/filestore.h"
#include "bucket.h"
#include "shared/clock.h"
#include "sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define BATCH 500

static const char *
object_of(struct req *r, const struct thing *t)
{
	return arena_strndup(&r->mem, t->name, FILESTORE_NAME);
}

/* Marks those that the database knows. */
static enum err
look_up(struct unknown *u)
{
	struct req *r = u->files->r;
	json_t *names = req_own(r, json_array()), *known = req_own(r, json_object()), *rows, *row;
	const char *text;
	size_t i;

	for (i = 0; i < u->n; i++) {
		if (u->things[i].name[0] != '\0')
			(void)json_array_append_new(
			    names, json_string(object_of(r, &u->things[i])));
	}
	TRY(req_dump(r, names, &text));
	TRY(sql_filecheck_known(r, text, &rows));
	json_array_foreach (rows, i, row)
		(void)json_object_set_new(known, row_text(row, "object"), json_true());
	for (i = 0; i < u->n; i++)
		u->things[i].known = json_object_get(known, object_of(r, &u->things[i])) != NULL;
	return OK;
}

static void
on_answer(void *arg, int64_t bytes)
{
	struct thing *t = arg;

	t->there = bytes >= 0;
}

static bool
lstat_below(const struct files *f, const char *below, struct stat *st)
{
	char path[FILESTORE_PATH];

	walk_path(f, below, path);
	return lstat(path, st) == 0;
}

/* Whether maru-push is about to delete it. */
static bool
has_marker(const struct files *f, const struct thing *t)
{
	char path[WALK_PATH];
	struct stat st;

	(void)snprintf(path, sizeof(path), "gone/%.*s", FILESTORE_NAME, t->name);
	return lstat_below(f, path, &st);
}

/* Looks again at what is not known. */
static bool
look_again(struct unknown *u, struct thing *t)
{
	struct stat st;

	t->there = false;
	if (t->remote)
		return has_marker(u->files, t) ||
		       bucket_ask(u->files->bucket, t->name, on_answer, t);
	if ((t->there = lstat_below(u->files, t->path, &st)))
		t->at = (int64_t)st.st_mtim.tv_sec * 1000;
	return true;
}

static bool
end_batch(struct unknown *u)
{
	const int64_t old = clock_wall() - FILES_YOUNG_MS;
	enum err e = look_up(u);
	bool ok = e == OK || files_fail(u->files, "the database does not answer");

	for (unsigned i = 0; i < u->n && ok; i++)
		ok = u->things[i].known || look_again(u, &u->things[i]);
	ok = ok && (u->files->bucket == NULL || bucket_wait(u->files->bucket));
	for (unsigned i = 0; i < u->n && ok; i++) {
		const struct thing *t = &u->things[i];

		if (!t->known && t->there && t->at < old)
			u->found(u, t);
	}
	arena_reset(&u->files->r->mem);
	u->n = 0;
	return ok && !u->files->broken;
}

static bool
add(struct unknown *u, bool remote, const char *path, const char *name, int64_t at)
{
	struct thing *t = &u->things[u->n++];

	*t = (struct thing){.remote = remote, .at = at};
	(void)snprintf(t->path, sizeof(t->path), "%s", path);
	(void)snprintf(t->name, sizeof(t->name), "%s", name == NULL ? "" : name);
	files_progress("%lu files on the disk and %lu in the bucket looked up", u->disk, u->remote);
	return u->n < BATCH || end_batch(u);
}

static bool
on_file(void *arg, const char *path, const char *name)
{
	struct unknown *u = arg;

	u->disk++;
	return add(u, false, path, name, 0);
}

static bool
search_bucket(struct unknown *u)
{
	struct bucket *b = u->files->bucket;
	struct bucket_object object;

	while (b != NULL && bucket_next(b, &object)) {
		const char *name = bucket_name(b, object.key);

		if (name == NULL) {
			u->strange++;
			continue;
		}
		u->remote++;
		if (!add(u, true, object.key, name, object.at))
			return false;
	}
	return !u->files->broken && end_batch(u);
}

bool
unknown_find(struct unknown *u)
{
	bool ok;

	if ((u->things = calloc(BATCH, sizeof(*u->things))) == NULL)
		abort();
	u->n = 0;
	ok = walk_store(u->files, on_file, u) && walk_flat(u->files, "ready", on_file, u) &&
	     search_bucket(u);
	free(u->things);
	u->things = NULL;
	return ok;
}
