/* SPDX-License-Identifier: MIT */
/* `maructl files verify`: from the database to the files, by the batch of rows, and back.
 *
 * Everything may be moving meanwhile. So a file is looked for where readers look, in their order,
 * and what is not found is looked for a second time, if its row is still there.
 */
#include "api/filestore.h"
#include "bucket.h"
#include "shared/clock.h"
#include "sql.h"
#include "unknown.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ROWS   500
#define PIECES (ROWS * FILESTORE_SIZES)

/* One file of an object that a row says is there. */
struct piece {
	const json_t *row;
	char name[48];
	int64_t wanted; /* bytes, or -1: any but none */
	int64_t bytes;  /* or -1: it is nowhere */
	bool remote;    /* in the bucket, if anywhere */
};

struct verify {
	struct unknown unknown;
	struct files *files;
	unsigned long rows, total, missing, damaged, strangers, waiting, late, unready;
	unsigned n;
	struct piece pieces[PIECES];
};

static json_t *
problem(const char *what, const char *path)
{
	json_t *object = json_pack("{s:s}", "problem", what);

	/* A name on the disk may be no UTF-8: then it is in the text only, if at all. */
	(void)json_object_set_new(object, "path", json_string(path));
	return object;
}

/* ---- from the database to the files ---- */

static bool
is_fine(const struct piece *p)
{
	return p->wanted < 0 ? p->bytes > 0 : p->bytes == p->wanted;
}

static int64_t
bytes_below(const struct files *f, const char *dir, const char *name)
{
	char below[WALK_PATH], path[FILESTORE_PATH];
	struct stat st;

	(void)snprintf(below, sizeof(below), "%s/%s", dir, name);
	walk_path(f, below, path);
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (int64_t)st.st_size : -1;
}

static void
on_answer(void *arg, int64_t bytes)
{
	struct piece *p = arg;

	p->bytes = bytes;
}

static bool
look_for(struct verify *v, struct piece *p)
{
	struct files *f = v->files;
	char dir[16];

	(void)snprintf(dir, sizeof(dir), "store/%.2s", p->name);
	p->remote = false;
	p->bytes = bytes_below(f, dir, p->name);
	if (p->bytes < 0)
		p->bytes = bytes_below(f, "ready", p->name);
	if (p->bytes >= 0 || f->bucket == NULL)
		return true;
	p->remote = true;
	return bucket_ask(f->bucket, p->name, on_answer, p);
}

static void
add_piece(struct verify *v, const json_t *row, const char *suffix, int64_t wanted)
{
	struct piece *p = &v->pieces[v->n++];

	*p = (struct piece){.row = row, .wanted = wanted, .bytes = -1};
	(void)snprintf(
	    p->name, sizeof(p->name), "%.*s%s", FILESTORE_NAME, row_text(row, "object"), suffix);
}

/* Whether a list of words between commas has this one. */
static bool
has_word(const char *list, const char *word)
{
	const size_t n = strlen(word);

	for (; *list != '\0'; list += strcspn(list, ","), list += *list == ',') {
		if (strcspn(list, ",") == n && strncmp(list, word, n) == 0)
			return true;
	}
	return false;
}

static void
name_unready(struct verify *v, const json_t *row)
{
	const bool is_new = strcmp(row_text(row, "state"), "new") == 0;

	if (row_id(row, "old") == 0)
		return;
	v->unready++;
	files_say(v->files,
	    json_pack("{s:s, s:I, s:I}", "problem", is_new ? "unfinished" : "removing", "file",
		(json_int_t)row_id(row, "id"), "user", (json_int_t)row_id(row, "owner")),
	    "file %" PRIu64 " (%s) of user %" PRIu64 ": %s", row_id(row, "id"),
	    row_text(row, "name"), row_id(row, "owner"),
	    is_new ? "it was never finished, and will be removed"
		   : "it is to be removed, and that has not been done yet");
}

static void
add_row(struct verify *v, const json_t *row)
{
	v->rows++;
	if (strcmp(row_text(row, "state"), "ready") != 0) {
		name_unready(v, row);
		return;
	}
	add_piece(v, row, "", (int64_t)row_id(row, "bytes"));
	for (unsigned i = 1; i < FILESTORE_SIZES; i++) {
		if (has_word(row_text(row, "sizes"), filestore_suffix(i) + 1))
			add_piece(v, row, filestore_suffix(i), -1);
	}
}

/* Looks for those that were not found so far. */
static bool
look_for_all(struct verify *v)
{
	bool ok = true;

	for (unsigned i = 0; i < v->n && ok; i++)
		ok = is_fine(&v->pieces[i]) || look_for(v, &v->pieces[i]);
	return ok && (v->files->bucket == NULL || bucket_wait(v->files->bucket));
}

/* Forgets those whose rows have gone since. */
static enum err
drop_removed(struct verify *v)
{
	unsigned kept = 0;
	json_t *row;

	for (unsigned i = 0; i < v->n; i++) {
		struct piece *p = &v->pieces[i];
		enum err e;

		if (is_fine(p))
			continue;
		e = sql_filecheck_state(v->files->r, row_id(p->row, "id"), &row);
		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		if (e == OK && strcmp(row_text(row, "state"), "ready") == 0)
			v->pieces[kept++] = *p;
	}
	v->n = kept;
	return OK;
}

static void
name_piece(struct verify *v, const struct piece *p)
{
	const json_t *row = p->row;
	char path[S3_KEY_SIZE], what[128];
	json_t *object;

	if (v->files->bucket != NULL)
		bucket_key(v->files->bucket, p->name, path);
	else
		(void)snprintf(path, sizeof(path), "store/%.2s/%s", p->name, p->name);
	if (p->bytes < 0)
		(void)snprintf(what, sizeof(what), "%s lacks",
		    v->files->bucket != NULL ? "the bucket" : "files_dir");
	else
		(void)snprintf(what, sizeof(what), "%s has %" PRId64 " bytes%s of",
		    p->remote ? "the bucket" : "files_dir", p->bytes,
		    p->wanted < 0 ? "" : ", which is the wrong number,");
	object = problem(p->bytes < 0 ? "missing" : "damaged", path);
	(void)json_object_set_new(object, "file", json_integer((json_int_t)row_id(row, "id")));
	(void)json_object_set_new(object, "user", json_integer((json_int_t)row_id(row, "owner")));
	(void)json_object_set_new(object, "name", json_string(row_text(row, "name")));
	*(p->bytes < 0 ? &v->missing : &v->damaged) += 1;
	files_say(v->files, object, "file %" PRIu64 " (%s) of user %" PRIu64 ": %s %s",
	    row_id(row, "id"), row_text(row, "name"), row_id(row, "owner"), what, path);
}

/* The rows after this one; *after: the last of them, or 0. */
static enum err
check_batch(struct verify *v, uint64_t *after)
{
	json_t *rows, *row;
	size_t i;

	TRY(sql_filecheck_rows(v->files->r, *after, ROWS, &rows));
	*after = 0;
	v->n = 0;
	json_array_foreach (rows, i, row) {
		*after = row_id(row, "id");
		add_row(v, row);
	}
	v->total += v->n;
	if (!look_for_all(v))
		return OK;
	TRY(drop_removed(v));
	if (!look_for_all(v))
		return OK;
	for (unsigned k = 0; k < v->n; k++) {
		if (!is_fine(&v->pieces[k]))
			name_piece(v, &v->pieces[k]);
	}
	return OK;
}

static bool
check_rows(struct verify *v)
{
	uint64_t after = 0;
	enum err e;

	do {
		e = check_batch(v, &after);
		arena_reset(&v->files->r->mem);
		if (e != OK)
			return files_fail(v->files, "the database does not answer");
		files_progress("%lu files of the database looked for", v->rows);
	} while (after != 0 && !v->files->broken);
	return !v->files->broken;
}

/* ---- and back ---- */

static void
name_stranger(struct unknown *u, const struct thing *t)
{
	struct verify *v = (struct verify *)(void *)u;
	json_t *object = problem("unknown", t->path);

	v->strangers++;
	(void)json_object_set_new(object, "bucket", json_boolean(t->remote));
	files_say(v->files, object, "%s %s: no file is known that it belongs to",
	    t->remote ? "the bucket has" : "files_dir has", t->path);
}

static bool
on_marker(void *arg, const char *path, const char *name)
{
	struct verify *v = arg;
	char full[FILESTORE_PATH], since[CLOCK_TEXT_SIZE];
	struct stat st;

	(void)name;
	walk_path(v->files, path, full);
	if (lstat(full, &st) != 0)
		return true;
	v->waiting++;
	if ((int64_t)st.st_mtim.tv_sec * 1000 > clock_wall() - FILES_YOUNG_MS)
		return true;
	v->late++;
	clock_text((int64_t)st.st_mtim.tv_sec * 1000, since);
	files_say(v->files, problem("deletion", path),
	    "%s: waits since %s for maru-push to delete it from the bucket", path, since);
	return true;
}

static void
summarize(const struct verify *v)
{
	const unsigned long bad = v->missing + v->damaged + v->strangers;

	files_say(v->files,
	    json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "files", (json_int_t)v->rows,
		"disk", (json_int_t)v->unknown.disk, "bucket", (json_int_t)v->unknown.remote,
		"missing", (json_int_t)v->missing, "damaged", (json_int_t)v->damaged, "unknown",
		(json_int_t)v->strangers, "unready", (json_int_t)v->unready, "deletions",
		(json_int_t)v->waiting, "strange", (json_int_t)v->unknown.strange),
	    "%s: %lu files of the database, %lu on the disk and %lu in the bucket were compared; "
	    "%lu "
	    "missing, %lu of a wrong size, %lu unknown, %lu not ready for an hour, %lu deletions "
	    "wait "
	    "(%lu for an hour), %lu objects in the bucket are not Maru's",
	    bad == 0 ? "all is well" : "this is not well", v->rows, v->unknown.disk,
	    v->unknown.remote, v->missing, v->damaged, v->strangers, v->unready, v->waiting,
	    v->late, v->unknown.strange);
}

int
verify_files(struct files *f)
{
	struct verify *v = calloc(1, sizeof(*v));
	bool ok;

	if (v == NULL)
		abort();
	v->files = f;
	v->unknown = (struct unknown){.files = f, .found = name_stranger};
	ok = check_rows(v) && unknown_find(&v->unknown) && walk_flat(f, "gone", on_marker, v);
	if (ok)
		summarize(v);
	ok = ok && v->missing + v->damaged + v->strangers == 0;
	free(v);
	return ok ? 0 : 1;
}
