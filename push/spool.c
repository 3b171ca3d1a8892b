/* SPDX-License-Identifier: MIT */
/* The directory behind spool.h. */
#include "spool.h"

#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define WATCHED   ((uint32_t)(IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR))
#define MODE      0750
#define NEWS_SIZE 16384

static const char *const places[] = {[SPOOL_READY] = "ready", [SPOOL_GONE] = "gone"};
static const char *const suffixes[SPOOL_SIZES] = {"", "_320", "_64", "_256", "_poster"};

void
spool_init(struct spool *s, const char *dir)
{
	*s = (struct spool){.dir = dir, .fds = {-1, -1}, .watch = -1, .marks = {-1, -1}};
}

static void
close_one(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
spool_finish(struct spool *s)
{
	close_one(&s->fds[SPOOL_READY]);
	close_one(&s->fds[SPOOL_GONE]);
	close_one(&s->watch);
}

void
spool_name(const char *object, unsigned i, char out[SPOOL_NAME_SIZE])
{
	(void)snprintf(out, SPOOL_NAME_SIZE, "%.*s%s", SPOOL_OBJECT, object, suffixes[i]);
}

bool
spool_is_name(enum spool_place place, const char *name)
{
	if (strspn(name, "0123456789abcdef") != SPOOL_OBJECT)
		return false;
	for (unsigned i = 0; i < (place == SPOOL_GONE ? 1 : SPOOL_SIZES); i++) {
		if (strcmp(name + SPOOL_OBJECT, suffixes[i]) == 0)
			return true;
	}
	return false;
}

/* Somebody else's file stays where it is; the log mentions it once, and only some of them. */
static void
say_strange(struct spool *s, enum spool_place place, const char *name)
{
	unsigned max = sizeof(s->strange.names) / sizeof(s->strange.names[0]);
	char path[SPOOL_NAME_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s", places[place], name);
	for (unsigned i = 0; i < s->strange.n; i++) {
		if (strcmp(s->strange.names[i], path) == 0)
			return;
	}
	if (s->strange.n == max)
		return;
	memcpy(s->strange.names[s->strange.n++], path, sizeof(path));
	log_warn("%s/%s/%s is no file of ours and is left alone%s", s->dir, places[place], name,
	    s->strange.n == max ? "; further ones will not be mentioned" : "");
}

static bool
fail(struct spool *s, enum spool_place place, const char *what)
{
	if (!s->broken)
		log_error("can't %s %s/%s: %s; files wait until it works", what, s->dir,
		    places[place], strerror(errno));
	s->broken = true;
	spool_finish(s);
	return false;
}

static bool
open_place(struct spool *s, enum spool_place place)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/%s", s->dir, places[place]) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return fail(s, place, "open");
	}
	(void)mkdir(s->dir, MODE); /* maru-api may start later */
	if (mkdir(path, MODE) != 0 && errno != EEXIST)
		return fail(s, place, "make");
	if ((s->fds[place] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return fail(s, place, "open");
	/* Without it there is the scan. */
	s->marks[place] = inotify_add_watch(s->watch, path, WATCHED);
	if (s->marks[place] < 0)
		log_warn("can't watch %s: %s; files wait half a minute", path, strerror(errno));
	return true;
}

static bool
open_all(struct spool *s)
{
	if (s->fds[SPOOL_READY] >= 0)
		return true;
	s->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (!open_place(s, SPOOL_READY) || !open_place(s, SPOOL_GONE))
		return false;
	if (s->broken)
		log_info("%s can be used again", s->dir);
	s->broken = false;
	return true;
}

static void
look_at(struct spool *s, enum spool_place place, const char *name, spool_found *found, void *arg)
{
	if (spool_is_name(place, name))
		found(arg, place, name);
	else if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		say_strange(s, place, name);
}

static bool
scan_place(struct spool *s, enum spool_place place, spool_found *found, void *arg)
{
	int fd = openat(s->fds[place], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL) {
		close_one(&fd);
		return fail(s, place, "read");
	}
	errno = 0;
	while ((entry = readdir(dir)) != NULL)
		look_at(s, place, entry->d_name, found, arg);
	(void)closedir(dir);
	return true;
}

bool
spool_scan(struct spool *s, spool_found *found, void *arg)
{
	return open_all(s) && scan_place(s, SPOOL_READY, found, arg) &&
	       scan_place(s, SPOOL_GONE, found, arg);
}

/* False: this says that news were lost, or that a directory is another one now. */
static bool
take_news(struct spool *s, const struct inotify_event *e, spool_found *found, void *arg)
{
	if ((e->mask & (IN_Q_OVERFLOW | IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
		return false;
	if (e->len > 0)
		look_at(s, e->wd == s->marks[SPOOL_GONE] ? SPOOL_GONE : SPOOL_READY, e->name, found,
		    arg);
	return true;
}

bool
spool_news(struct spool *s, spool_found *found, void *arg)
{
	_Alignas(struct inotify_event) char news[NEWS_SIZE];
	bool ok = true;
	ssize_t n;

	while ((n = read(s->watch, news, sizeof(news))) > 0) {
		for (const char *p = news; p < news + n;) {
			struct inotify_event e;

			memcpy(&e, p, sizeof(e));
			ok = take_news(s, (const void *)p, found, arg) && ok;
			p += sizeof(e) + e.len;
		}
	}
	if (!ok)
		spool_finish(s);
	return ok;
}
