/* SPDX-License-Identifier: MIT */
/* `maructl files move`: from the local store into the bucket, by way of maru-push.
 *
 * Readers look into store/, ready/ and the bucket, in this order. A file that was renamed from the
 * one to the other between two of these looks would be missed. So it gets a second name in ready/,
 * from where maru-push uploads it, and goes from store/ only when the bucket says that it has it.
 * Whatever is interrupted is done again by the next run.
 */
#include "api/filestore.h"
#include "bucket.h"
#include "shared/clock.h"
#include "walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOTS   200 /* files in ready/ at the same time */
#define TURN_US 50000
#define MUTE_MS 60000
#define MB      1000000.0

/* A file on its way. */
struct slot {
	struct move *move;
	char name[48]; /* "": free */
	int64_t bytes;
};

struct move {
	struct files *files;
	unsigned long found, moved, failed, strange;
	int64_t bytes, began, heard; /* monotonic: heard from maru-push */
	struct slot slots[SLOTS];
};

static void
store_path(const struct move *m, const char *name, char *path)
{
	char below[WALK_PATH];

	(void)snprintf(below, sizeof(below), "store/%.2s/%s", name, name);
	walk_path(m->files, below, path);
}

static void
ready_path(const struct move *m, const char *name, char *path)
{
	char below[WALK_PATH];

	(void)snprintf(below, sizeof(below), "ready/%s", name);
	walk_path(m->files, below, path);
}

/* ---- what the bucket has may go from the disk ---- */

static void
on_answer(void *arg, int64_t bytes)
{
	struct slot *s = arg;
	struct move *m = s->move;
	char path[FILESTORE_PATH];

	store_path(m, s->name, path);
	if (bytes == s->bytes) {
		if (unlink(path) == 0) {
			m->moved++;
			m->bytes += bytes;
		} else if (errno != ENOENT) {
			(void)files_fail(m->files, "can't remove %s: %s", path, strerror(errno));
		}
	} else if (access(path, F_OK) == 0) { /* else somebody has deleted it */
		m->failed++;
		files_say(m->files, json_pack("{s:s, s:s}", "problem", "not moved", "path", path),
		    "%s stays: maru-push took it, and the bucket does not have it so", path);
	}
	s->name[0] = '\0';
}

static void
show(const struct move *m)
{
	const int64_t ms = clock_mono() - m->began;
	const unsigned long done = m->moved + m->failed;
	const double seconds = ms > 0 ? (double)ms / 1000 : 0.001;
	const unsigned long left = m->found > done ? m->found - done : 0;

	if (m->moved == 0)
		files_progress("%lu files are to be moved", m->found);
	else
		files_progress("%lu of %lu files, %.1f a second, %.1f MB/s, %lu left, about %.0f s",
		    done, m->found, (double)m->moved / seconds, (double)m->bytes / MB / seconds,
		    left, (double)left * seconds / (double)m->moved);
}

static void
complain(struct move *m)
{
	files_clear();
	(void)fputs("maructl: nothing has moved for a minute: does maru-push run, with these "
		    "settings? Its log "
		    "tells of trouble with the bucket. Waiting\n",
	    stderr);
	m->heard = clock_mono();
}

/* Looks what maru-push has uploaded; *waiting: how many files it still has. */
static bool
turn(struct move *m, unsigned *waiting)
{
	bool any = false;

	*waiting = 0;
	for (unsigned i = 0; i < SLOTS && !m->files->broken; i++) {
		struct slot *s = &m->slots[i];
		char path[FILESTORE_PATH];

		if (s->name[0] == '\0')
			continue;
		ready_path(m, s->name, path);
		if (access(path, F_OK) == 0)
			*waiting += 1;
		else if (bucket_ask(m->files->bucket, s->name, on_answer, s))
			any = true;
	}
	if (!bucket_wait(m->files->bucket))
		return false;
	show(m);
	if (any)
		m->heard = clock_mono();
	else if (clock_mono() - m->heard >= MUTE_MS)
		complain(m);
	if (!any && *waiting > 0)
		(void)usleep(TURN_US);
	return !m->files->broken;
}

/* ---- what lies in the store ---- */

static bool
give(struct move *m, struct slot *s, const char *name)
{
	char from[FILESTORE_PATH], to[FILESTORE_PATH];
	struct stat st;

	store_path(m, name, from);
	ready_path(m, name, to);
	if (link(from, to) != 0 && errno != EEXIST) {
		const int why = errno;

		/* Deleted at this moment. */
		if (access(from, F_OK) != 0)
			return true;
		return files_fail(m->files, "can't link %s to %s: %s", from, to, strerror(why));
	}
	/* The same after the link: then its other name goes, too. */
	if (stat(from, &st) != 0)
		return true;
	s->bytes = (int64_t)st.st_size;
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	return true;
}

static struct slot *
free_slot(struct move *m)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		if (m->slots[i].name[0] == '\0')
			return &m->slots[i];
	}
	return NULL;
}

static bool
on_file(void *arg, const char *path, const char *name)
{
	struct move *m = arg;
	struct slot *s;
	unsigned waiting;

	(void)path;
	if (name == NULL)
		return true;
	while ((s = free_slot(m)) == NULL) {
		if (!turn(m, &waiting))
			return false;
	}
	return give(m, s, name);
}

static bool
count(void *arg, const char *path, const char *name)
{
	struct move *m = arg;

	if (name != NULL) {
		m->found++;
		return true;
	}
	m->strange++;
	files_say(m->files, json_pack("{s:s, s:s}", "left", "strange", "path", path),
	    "%s is left alone: it is named as no file of Maru's", path);
	return true;
}

/* Once through the store; what has come meanwhile is found by the next pass. */
static bool
pass(struct move *m)
{
	unsigned waiting = 1;

	if (!walk_store(m->files, on_file, m))
		return false;
	while (waiting > 0) {
		if (!turn(m, &waiting))
			return false;
	}
	return true;
}

static void
remove_empty(const struct move *m)
{
	char path[FILESTORE_PATH], below[32];

	for (unsigned i = 0; i < 256; i++) {
		(void)snprintf(below, sizeof(below), "store/%02x", i);
		walk_path(m->files, below, path);
		(void)rmdir(path);
	}
}

static void
summarize(const struct move *m)
{
	files_say(m->files,
	    json_pack("{s:I, s:I, s:I}", "moved", (json_int_t)m->moved, "bytes",
		(json_int_t)m->bytes, "failed", (json_int_t)m->failed),
	    "moved %lu files (%.1f MB) in %.0f s%s", m->moved, (double)m->bytes / MB,
	    (double)(clock_mono() - m->began) / 1000,
	    m->failed > 0 ? "; not all of them, see above" : "");
}

int
move_files(struct files *f)
{
	struct move *m = calloc(1, sizeof(*m));
	unsigned long before;
	bool ok;

	if (m == NULL)
		abort();
	m->files = f;
	for (unsigned i = 0; i < SLOTS; i++)
		m->slots[i].move = m;
	ok = walk_store(f, count, m);
	m->began = m->heard = clock_mono();
	do {
		before = m->moved;
		m->failed = 0;
		ok = ok && pass(m);
	} while (ok && m->moved > before);
	remove_empty(m);
	summarize(m);
	ok = ok && m->failed == 0;
	free(m);
	return ok ? 0 : 1;
}
