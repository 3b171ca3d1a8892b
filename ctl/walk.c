/* SPDX-License-Identifier: MIT */
/* The walker behind walk.h. */
#include "walk.h"

#include "api/filestore.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

void
walk_path(const struct files *f, const char *below, char *out)
{
	(void)snprintf(out, FILESTORE_PATH, "%s/%s", f->r->conf->files_dir, below);
}

/* *dir is NULL if there is none. */
static bool
open_dir(struct files *f, const char *below, DIR **dir)
{
	char path[FILESTORE_PATH];

	walk_path(f, below, path);
	*dir = opendir(path);
	if (*dir == NULL && errno != ENOENT)
		return files_fail(f, "can't read %s: %s", path, strerror(errno));
	return true;
}

/* The name of the next entry, without dots. */
static const char *
next(DIR *dir, const char *below, char path[WALK_PATH])
{
	const struct dirent *entry;

	do {
		if ((entry = readdir(dir)) == NULL)
			return NULL;
	} while (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
	(void)snprintf(path, WALK_PATH, "%s/%s", below, entry->d_name);
	return entry->d_name;
}

/* begin: what the names must begin with, too. */
static bool
walk(struct files *f, const char *below, const char *begin, walk_on *on, void *arg)
{
	char path[WALK_PATH];
	const char *name;
	bool ok = true;
	DIR *dir;

	if (!open_dir(f, below, &dir) || dir == NULL)
		return !f->broken;
	while (ok && (name = next(dir, below, path)) != NULL) {
		const bool ours =
		    filestore_is_name(name) && strncmp(name, begin, strlen(begin)) == 0;

		ok = on(arg, path, ours ? strrchr(path, '/') + 1 : NULL);
	}
	(void)closedir(dir);
	return ok;
}

bool
walk_flat(struct files *f, const char *dir, walk_on *on, void *arg)
{
	return walk(f, dir, "", on, arg);
}

static bool
is_dir(const struct files *f, const char *below)
{
	char path[FILESTORE_PATH];
	struct stat st;

	walk_path(f, below, path);
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
walk_store(struct files *f, walk_on *on, void *arg)
{
	char path[WALK_PATH];
	const char *name;
	bool ok = true;
	DIR *dir;

	if (!open_dir(f, "store", &dir) || dir == NULL)
		return !f->broken;
	while (ok && (name = next(dir, "store", path)) != NULL)
		ok = is_dir(f, path) ? walk(f, path, name, on, arg) : on(arg, path, NULL);
	(void)closedir(dir);
	return ok;
}
