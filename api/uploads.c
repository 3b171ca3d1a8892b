/* SPDX-License-Identifier: MIT */
/* /v1/uploads: large files in pieces, as stock clients of tus send them (tus.io, protocol 1.0.0:
 * core, creation, expiration, termination).
 *
 * What has come lies in tmp/ as <object>_up, and its length is the offset: nothing else counts, so
 * a crash loses nothing that was acknowledged. Who writes holds a lock on it. With the last byte it
 * becomes a file like any other (filemake.c), which GET tells; HEAD and GET make up for it where a
 * crash came between.
 */
#include "uploads.h"

#include "db.h"
#include "disposition.h"
#include "fcgi.h"
#include "filemake.h"
#include "files.h"
#include "filestore.h"
#include "flow.h"
#include "route.h"
#include "shared/crash.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "sql.h"
#include "throttle.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE        65536
#define UPLOADS_MAX  20 /* uploads of one person */
#define AN_HOUR      1000
#define HOUR         3600
#define METADATA_MAX 4096

/* One upload while a request is about it. */
struct upload {
	struct req *r;
	const json_t *row;
	uint64_t id, length, offset;
	int fd;
	char path[FILESTORE_PATH];
};

/* ---- the protocol ---- */

static enum err
check_version(struct req *r)
{
	req_header(r, "Tus-Resumable: 1.0.0");
	return strcmp(r->env.tus_resumable, "1.0.0") == 0 ? OK : ERR_TUS_VERSION;
}

void
uploads_options(struct req *r)
{
	if (strncmp(r->path, "/v1/uploads", 11) != 0)
		return;
	req_header(r, "Tus-Resumable: 1.0.0");
	req_header(r, "Tus-Version: 1.0.0");
	req_header(r, "Tus-Extension: creation,expiration,termination");
	req_header(r, "Tus-Max-Size: %" PRIu64, filemake_largest(r->conf));
}

static bool
read_number(const char *text, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *out <= INT64_MAX;
}

/* A value of Upload-Metadata, "key base64,key base64"; "" if it is not there. */
static struct str
metadata(struct req *r, const char *key)
{
	const char *p = r->env.upload_metadata;
	char *out = arena_alloc(&r->mem, METADATA_MAX);
	size_t n, key_n = strlen(key), size;

	for (; *p != '\0'; p += n + (p[n] == ',')) {
		p += strspn(p, " ");
		n = strcspn(p, ",");
		if (n <= key_n || strncmp(p, key, key_n) != 0 || p[key_n] != ' ')
			continue;
		if (crypt_unbase64(
			(struct str){p + key_n + 1, n - key_n - 1}, out, METADATA_MAX, &size))
			return (struct str){out, size};
	}
	return (struct str){"", 0};
}

/* ---- one upload ---- */

static enum err
find(struct req *r, struct upload *u)
{
	json_t *row;

	TRY(check_version(r));
	*u = (struct upload){.r = r, .fd = -1, .id = req_id(r, "upload")};
	TRY(sql_upload_get(r, u->id, r->user, &row));
	u->row = row;
	u->length = row_id(row, "bytes");
	filestore_tmp(r->conf, row_text(row, "object"), "_up", u->path);
	return OK;
}

static bool
is_done(const struct upload *u)
{
	return json_object_get(u->row, "file") != NULL;
}

/* How much is there; with a lock nobody else writes until it is closed. ERR_LOCKED. */
static enum err
open_upload(struct upload *u, bool lock)
{
	struct stat st;

	if (is_done(u)) {
		u->offset = u->length;
		return OK;
	}
	u->fd = open(u->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (u->fd < 0 || fstat(u->fd, &st) != 0)
		return filestore_failed(u->r, "tmp/");
	if (lock && flock(u->fd, LOCK_EX | LOCK_NB) != 0)
		return ERR_LOCKED;
	if (fstat(u->fd, &st) != 0)
		return filestore_failed(u->r, "tmp/");
	u->offset = (uint64_t)st.st_size;
	return OK;
}

static void
close_upload(struct upload *u)
{
	if (u->fd >= 0)
		(void)close(u->fd);
	u->fd = -1;
}

/* What is no file, or may not be one, will not become one by being sent again. */
static bool
is_final(enum err e)
{
	return e == ERR_BAD_FILE || e == ERR_TOO_LARGE;
}

/* Makes the file of what is whole now, under the lock. */
static enum err
finish(struct upload *u)
{
	struct req *r = u->r;
	struct filemake in = {
	    .object = filestore_name(r),
	    .name = row_text(u->row, "name"),
	    .type = row_text(u->row, "type"),
	    .bytes = u->length,
	};
	char path[FILESTORE_PATH];
	json_t *file;
	enum err e;

	filestore_tmp(r->conf, in.object, "_in", path);
	if (link(u->path, path) != 0)
		return filestore_failed(r, path);
	if ((e = filemake_run(r, &in, &file)) == OK) {
		CRASH_POINT("api.after_upload");
		e = sql_upload_done(r, u->id, row_id(file, "id"), NULL);
	} else if (is_final(e)) {
		(void)sql_upload_delete(r, u->id, NULL);
	}
	if (e == OK || is_final(e))
		(void)unlink(u->path);
	return e;
}

/* ---- handlers ---- */

/* Begins an upload: 201 with its address. The metadata may have filename and filetype. */
enum err
uploads_create(struct req *r)
{
	uint64_t length;
	json_t *row;

	TRY(check_version(r));
	if (!read_number(r->env.upload_length, &length) || length == 0)
		return req_fail(
		    r, ERR_BAD_REQUEST, "Upload-Length must say how many bytes there are");
	if (strlen(r->env.upload_metadata) > METADATA_MAX)
		return req_fail(r, ERR_BAD_REQUEST, "Upload-Metadata is too long");
	TRY(throttle_take(r, "files", AN_HOUR, HOUR));
	TRY(sql_uploads_open(r, r->user, &row));
	if (row_id(row, "count") >= UPLOADS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d uploads at once", UPLOADS_MAX);
	TRY(filemake_admit(r, length + row_id(row, "bytes")));
	TRY(sql_upload_insert(r, r->user, filestore_name(r),
	    disposition_name(&r->mem, metadata(r, "filename")),
	    filemake_type(r, metadata(r, "filetype")), length, NULL));
	req_header(r, "Location: /v1/uploads/%" PRIu64, db_insert_id(r->db));
	return req_reply(r, 201, NULL);
}

static enum err
reply_upload(struct upload *u)
{
	struct req *r = u->r;
	json_t *out, *file;

	req_header(r, "Upload-Offset: %" PRIu64, u->offset);
	req_header(r, "Upload-Length: %" PRIu64, u->length);
	out = req_own(r, json_pack("{s:I, s:I, s:I}", "id", (json_int_t)u->id, "offset",
			     (json_int_t)u->offset, "length", (json_int_t)u->length));
	if (is_done(u)) {
		TRY(sql_file_get(r, row_id(u->row, "file"), &file));
		(void)json_object_set_new(out, "file", files_shown(file));
	}
	return req_reply(r, 200, json_incref(out));
}

/* How far it is, and the file once it is whole: 200. */
enum err
uploads_get(struct req *r)
{
	struct upload u;
	json_t *row;
	enum err e;

	TRY(find(r, &u));
	e = open_upload(&u, false);
	if (e == OK && u.fd >= 0 && u.offset == u.length && flock(u.fd, LOCK_EX | LOCK_NB) == 0) {
		/* Who had the lock may have finished it just now. */
		e = sql_upload_get(r, u.id, r->user, &row);
		u.row = row;
		if (e == OK && !is_done(&u) && (e = finish(&u)) == OK &&
		    (e = sql_upload_get(r, u.id, r->user, &row)) == OK)
			u.row = row;
	}
	close_upload(&u);
	return e == OK ? reply_upload(&u) : e;
}

/* Writes the body to the end; what can't be written whole is not written. */
static enum err
append(struct upload *u)
{
	char piece[PIECE];
	uint64_t all = 0;
	size_t n;

	while ((n = fcgi_read(u->r, piece, sizeof(piece))) > 0) {
		TRY(filestore_write(u->r, u->fd, (struct str){piece, n}));
		all += n;
		flow_alive(u->r);
	}
	if (all != u->r->announced)
		return req_fail(u->r, ERR_BAD_REQUEST, "the body is not whole");
	CRASH_POINT("api.before_synced");
	return fdatasync(u->fd) == 0 ? OK : filestore_failed(u->r, "tmp/");
}

static enum err
check_append(const struct upload *u)
{
	struct req *r = u->r;
	uint64_t offset;

	if (!req_is_type(r, "application/offset+octet-stream"))
		return req_fail(r, ERR_MEDIA_TYPE, "Content-Type: application/offset+octet-stream");
	if (!read_number(r->env.upload_offset, &offset))
		return req_fail(r, ERR_BAD_REQUEST, "Upload-Offset must be a number");
	if (offset != u->offset)
		return req_fail(r, ERR_OTHER_OFFSET, "it has %" PRIu64 " bytes", u->offset);
	if (r->announced > u->length - u->offset)
		return req_fail(
		    r, ERR_TOO_LARGE, "the upload has %" PRIu64 " bytes in all", u->length);
	return filestore_room(r, r->announced);
}

static enum err
take_piece(struct upload *u)
{
	enum err e;

	TRY(check_append(u));
	e = append(u);
	if (e != OK) {
		/* Where that fails there is more of it, and the client hears so. */
		if (ftruncate(u->fd, (off_t)u->offset) != 0)
			log_warn("an upload can't be cut: %s", strerror(errno));
		return e;
	}
	u->offset += u->r->announced;
	return u->offset == u->length ? finish(u) : OK;
}

/* The next piece: 204 with where it ends. */
enum err
uploads_append(struct req *r)
{
	struct upload u;
	enum err e;

	TRY(find(r, &u));
	e = open_upload(&u, true);
	if (e == OK)
		e = is_done(&u) ? check_append(&u) : take_piece(&u);
	close_upload(&u);
	TRY(e);
	req_header(r, "Upload-Offset: %" PRIu64, u.offset);
	return req_reply(r, 204, NULL);
}

/* Gives it up: 204. A file that it has become stays. */
enum err
uploads_delete(struct req *r)
{
	struct upload u;

	TRY(find(r, &u));
	(void)unlink(u.path);
	TRY(sql_upload_delete(r, u.id, NULL));
	return req_reply(r, 204, NULL);
}
