/* SPDX-License-Identifier: MIT */
/* See filestore.h. */
#include "filestore.h"

#include "shared/clock.h"
#include "shared/crypt.h"
#include "shared/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *const suffixes[FILESTORE_SIZES] = {"", "_320", "_64", "_256", "_poster"};

const char *
filestore_suffix(unsigned i)
{
	return suffixes[i];
}

bool
filestore_is_name(const char *name)
{
	if (strspn(name, "0123456789abcdef") != FILESTORE_NAME)
		return false;
	for (unsigned i = 0; i < FILESTORE_SIZES; i++) {
		if (strcmp(name + FILESTORE_NAME, suffixes[i]) == 0)
			return true;
	}
	return false;
}

const char *
filestore_name(struct req *r)
{
	unsigned char bytes[FILESTORE_NAME / 2];
	char *name = arena_alloc(&r->mem, FILESTORE_NAME + 1);

	crypt_random(bytes, sizeof(bytes));
	crypt_hex(bytes, sizeof(bytes), name);
	return name;
}

__attribute__((format(printf, 2, 3))) static void
path_of(char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(path, FILESTORE_PATH, fmt, ap);
	va_end(ap);
}

void
filestore_tmp(const struct conf *conf, const char *object, const char *suffix, char *path)
{
	path_of(path, "%s/tmp/%s%s", conf->files_dir, object, suffix);
}

/* nginx reads here as a member of the directory's group, which the set-group-id bit hands on. We
 * may not set that ourselves (RestrictSUIDSGID in maru-api.service). */
static bool
make_dir(const char *path)
{
	mode_t before = umask(0027);
	bool made = mkdir(path, 0750) == 0;

	(void)umask(before);
	return made || errno == EEXIST || access(path, W_OK | X_OK) == 0;
}

bool
filestore_prepare(const struct conf *conf)
{
	static const char *const dirs[] = {"", "/tmp", "/ready", "/store", "/gone"};
	char path[FILESTORE_PATH];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		path_of(path, "%s%s", conf->files_dir, dirs[i]);
		(void)make_dir(path);
		if (access(path, W_OK | X_OK) == 0)
			continue;
		log_warn("no files can be sent: %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

enum err
filestore_room(struct req *r, uint64_t bytes)
{
	const uint64_t kept = (uint64_t)r->conf->files_free << 20;
	struct statvfs disk;

	if (statvfs(r->conf->files_dir, &disk) != 0)
		return filestore_failed(r, "files_dir");
	return (uint64_t)disk.f_bavail * disk.f_frsize >= kept + bytes ? OK : ERR_STORE_FULL;
}

enum err
filestore_failed(struct req *r, const char *what)
{
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return ERR_STORE_FULL;
	return req_fail(r, ERR_INTERNAL, "%s: %s", what, strerror(errno));
}

enum err
filestore_write(struct req *r, int fd, struct str data)
{
	while (data.n > 0) {
		const ssize_t n = write(fd, data.p, data.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return filestore_failed(r, "tmp/");
		data = (struct str){data.p + n, data.n - (size_t)n};
	}
	return OK;
}

/* ---- to its place ---- */

static bool
sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

static bool
is_remote(const struct conf *conf)
{
	return conf->s3_endpoint[0] != '\0';
}

/* The directory that an object is to be read from. */
static void
place_of(const struct conf *conf, const char *object, char *path)
{
	if (is_remote(conf))
		path_of(path, "%s/ready", conf->files_dir);
	else
		path_of(path, "%s/store/%.2s", conf->files_dir, object);
}

/* Moves one of the files of an object, if it is there. */
static bool
move_in(const struct conf *conf, const char *object, const char *suffix, const char *dir)
{
	char from[FILESTORE_PATH], to[2 * FILESTORE_PATH];

	filestore_tmp(conf, object, suffix, from);
	if (access(from, F_OK) != 0)
		return errno == ENOENT;
	(void)snprintf(to, sizeof(to), "%s/%s%s", dir, object, suffix);
	return chmod(from, 0640) == 0 && sync_path(from, O_RDONLY) && rename(from, to) == 0;
}

/* The object itself comes last: where it is, all of it is. */
enum err
filestore_publish(struct req *r, const char *object)
{
	char dir[FILESTORE_PATH];
	bool ok = true;

	place_of(r->conf, object, dir);
	if (!is_remote(r->conf))
		(void)make_dir(dir);
	for (size_t i = FILESTORE_SIZES; i > 0 && ok; i--)
		ok = move_in(r->conf, object, suffixes[i - 1], dir);
	if (ok && sync_path(dir, O_RDONLY | O_DIRECTORY))
		return OK;
	return filestore_failed(r, dir);
}

/* ---- away ---- */

void
filestore_discard(const struct conf *conf, const char *object)
{
	char path[FILESTORE_PATH];

	for (size_t i = 0; i < FILESTORE_SIZES; i++) {
		filestore_tmp(conf, object, suffixes[i], path);
		(void)unlink(path);
	}
	filestore_tmp(conf, object, "_in", path);
	(void)unlink(path);
	filestore_tmp(conf, object, "_up", path);
	(void)unlink(path);
}

static bool
leave_marker(const struct conf *conf, const char *object)
{
	char dir[FILESTORE_PATH], path[2 * FILESTORE_PATH];
	int fd;

	path_of(dir, "%s/gone", conf->files_dir);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, object);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return false;
	(void)close(fd);
	return sync_path(dir, O_RDONLY | O_DIRECTORY);
}

enum err
filestore_remove(struct req *r, const char *object)
{
	const char *dir = r->conf->files_dir;
	char path[FILESTORE_PATH];

	filestore_discard(r->conf, object);
	for (size_t i = 0; i < FILESTORE_SIZES; i++) {
		path_of(path, "%s/store/%.2s/%s%s", dir, object, object, suffixes[i]);
		if (unlink(path) != 0 && errno != ENOENT)
			return filestore_failed(r, path);
		path_of(path, "%s/ready/%s%s", dir, object, suffixes[i]);
		if (unlink(path) != 0 && errno != ENOENT)
			return filestore_failed(r, path);
	}
	if (!is_remote(r->conf) || leave_marker(r->conf, object))
		return OK;
	return filestore_failed(r, "gone/");
}

/* What belongs to a row that lives longer, or to nobody (jail.h), is not. */
static bool
is_garbage(const char *name)
{
	const size_t n = strlen(name);

	return strncmp(name, "helper.", 7) != 0 && (n < 3 || strcmp(name + n - 3, "_up") != 0);
}

unsigned
filestore_sweep(const struct conf *conf, unsigned seconds)
{
	const time_t before = (time_t)(clock_wall() / 1000) - (time_t)seconds;
	char path[FILESTORE_PATH];
	const struct dirent *entry;
	unsigned gone = 0;
	struct stat st;
	DIR *dir;

	path_of(path, "%s/tmp", conf->files_dir);
	if ((dir = opendir(path)) == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		filestore_tmp(conf, entry->d_name, "", path);
		if (is_garbage(entry->d_name) && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		    st.st_mtime < before)
			gone += unlink(path) == 0;
	}
	(void)closedir(dir);
	return gone;
}
