/* SPDX-License-Identifier: MIT */
/* `maructl files sweep`: what maru-api does from time to time, at once; and what it never does,
 * since it may not happen: it removes what no row of the database knows of.
 */
#include "api/filestore.h"
#include "api/filesweep.h"
#include "sql.h"
#include "unknown.h"

#include <stdio.h>
#include <unistd.h>

struct sweep {
	struct unknown unknown;
	unsigned long disk, remote, left, failed;
	char last[FILESTORE_NAME + 1]; /* object that was removed from the bucket */
};

/* Its other sizes go with the first, and those of the bucket are next to each other. */
static bool
is_removed(const struct sweep *s, const struct thing *t, const char *object)
{
	char path[FILESTORE_PATH];

	walk_path(s->unknown.files, t->path, path);
	return t->remote ? strcmp(object, s->last) == 0 : access(path, F_OK) != 0;
}

/* In all its sizes; maru-push removes it from the bucket. */
static void
remove_it(struct unknown *u, const struct thing *t)
{
	struct sweep *s = (struct sweep *)(void *)u;
	char object[FILESTORE_NAME + 1];

	if (t->name[0] == '\0' || t->at == 0) {
		s->left++;
		files_say(u->files, json_pack("{s:s, s:s}", "left", "strange", "path", t->path),
		    "%s is left alone: it is named as no file of Maru's", t->path);
		return;
	}
	(void)snprintf(object, sizeof(object), "%.*s", FILESTORE_NAME, t->name);
	u->files->r->detail = NULL;
	if (is_removed(s, t, object))
		return;
	if (filestore_remove(u->files->r, object) == OK) {
		*(t->remote ? &s->remote : &s->disk) += 1;
		if (t->remote)
			memcpy(s->last, object, sizeof(object));
		return;
	}
	s->failed++;
	(void)files_fail(u->files, "%s can't be removed: %s", t->path,
	    u->files->r->detail == NULL ? "the disk is full" : u->files->r->detail);
}

static void
summarize(const struct sweep *s)
{
	const struct filesweep_counts *c = filesweep_counts();

	files_say(s->unknown.files,
	    json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "files", (json_int_t)c->files, "uploads",
		(json_int_t)c->uploads, "unfinished", (json_int_t)c->unfinished, "disk",
		(json_int_t)s->disk, "bucket", (json_int_t)s->remote, "left", (json_int_t)s->left),
	    "removed: %lu files that nothing referred to, %lu uploads that nobody went on with, "
	    "%lu "
	    "leftovers in tmp, %lu unknown files on the disk and %lu in the bucket, in all their "
	    "sizes%s",
	    c->files, c->uploads, c->unfinished, s->disk, s->remote,
	    s->remote > 0 ? " (maru-push deletes them)" : "");
}

/* Next to a database that was made anew, or is another one, everything would be unknown. */
static bool
knows_none(struct req *r)
{
	json_t *row;

	return sql_filecheck_newest(r, &row) != OK || row_id(row, "id") == 0;
}

int
sweep_files(struct files *f)
{
	struct sweep s = {.unknown = {.files = f, .found = remove_it}};

	while (filesweep_step(f->r)) {
		arena_reset(&f->r->mem);
		files_progress("%lu files removed", filesweep_counts()->files);
	}
	arena_reset(&f->r->mem);
	if (knows_none(f->r))
		(void)files_fail(f,
		    "the database knows of no file at all: is it the right one? What is "
		    "unknown stays");
	else if (filesweep_counts()->failed)
		(void)files_fail(f, "not all that nothing refers to could be removed, see above");
	else
		(void)unknown_find(&s.unknown);
	summarize(&s);
	return f->broken ? 1 : 0;
}
