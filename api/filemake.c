/* SPDX-License-Identifier: MIT */
/* See filemake.h. The row comes first, and says `ready` once the bytes are in their place: so there
 * is nothing on the disk or in the bucket that the database does not know of, whatever is killed.
 */
#include "filemake.h"

#include "db.h"
#include "filestore.h"
#include "flow.h"
#include "image.h"
#include "shared/crash.h"
#include "sniff.h"
#include "sql.h"
#include "video.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define TYPE_MAX 100

struct made {
	const char *kind, *type, *placeholder;
	uint64_t bytes, width, height, duration;
	bool has320, has64, has256, has_poster;
};

/* type/subtype of RFC 6838, without parameters. */
const char *
filemake_type(struct req *r, struct str type)
{
	const char *text = arena_strndup(&r->mem, type.p, type.n);
	const size_t n =
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			 "!#$&^_.+-/");

	return n > TYPE_MAX ? "" : arena_strndup(&r->mem, text, n);
}

/* ---- limits ---- */

static enum err
too_large(struct req *r, const char *what, int64_t limit)
{
	return req_fail(r, ERR_TOO_LARGE, "%s at most %" PRId64 " bytes", what, limit);
}

static enum err
check_kind(struct req *r, const char *kind, uint64_t bytes)
{
	const struct conf *conf = r->conf;

	if (strcmp(kind, "image") == 0 && bytes > (uint64_t)conf->files_image_max)
		return too_large(r, "a picture may have", conf->files_image_max);
	if (strcmp(kind, "video") == 0 && bytes > (uint64_t)conf->files_video_max)
		return too_large(r, "a video may have", conf->files_video_max);
	if (strcmp(kind, "image") != 0 && strcmp(kind, "video") != 0 &&
	    bytes > (uint64_t)conf->files_document_max)
		return too_large(r, "a file may have", conf->files_document_max);
	return OK;
}

uint64_t
filemake_largest(const struct conf *conf)
{
	int64_t most = conf->files_document_max;

	most = conf->files_video_max > most ? conf->files_video_max : most;
	return (uint64_t)(conf->files_image_max > most ? conf->files_image_max : most);
}

enum err
filemake_admit(struct req *r, uint64_t bytes)
{
	const struct conf *conf = r->conf;
	json_t *row;

	if (bytes > filemake_largest(conf))
		return too_large(r, "a file may have", (int64_t)filemake_largest(conf));
	TRY(filestore_room(r, bytes));
	if (conf->files_user_max == 0)
		return OK;
	TRY(sql_files_sum(r, r->user, &row));
	if (row_id(row, "bytes") + bytes > (uint64_t)conf->files_user_max)
		return too_large(r, "all of one person's files may have", conf->files_user_max);
	return OK;
}

/* ---- what it is ---- */

static enum err
sniff(struct req *r, const char *path, enum sniff *kind, const char **type)
{
	char first[SNIFF_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, first, sizeof(first));

	if (fd >= 0)
		(void)close(fd);
	if (n < 0)
		return filestore_failed(r, path);
	*kind = sniff_bytes((struct str){first, (size_t)n}, type);
	return OK;
}

static enum err
size_of(struct req *r, const char *object, uint64_t *bytes)
{
	char path[FILESTORE_PATH];
	struct stat st;

	filestore_tmp(r->conf, object, "", path);
	if (stat(path, &st) != 0)
		return filestore_failed(r, path);
	*bytes = (uint64_t)st.st_size;
	return OK;
}

static enum err
make_image(struct req *r, const struct filemake *in, const char *from, struct made *out)
{
	struct image image;
	char to[FILESTORE_PATH];

	filestore_tmp(r->conf, in->object, "", to);
	TRY(image_make(r, from, to, in->square, &image));
	*out = (struct made){
	    .kind = "image",
	    .type = image.type,
	    .placeholder = arena_strdup(&r->mem, image.placeholder),
	    .width = image.width,
	    .height = image.height,
	    .has320 = image.thumb320,
	    .has64 = image.thumb64,
	    .has256 = in->square,
	};
	(void)unlink(from);
	return size_of(r, in->object, &out->bytes);
}

static enum err
make_video(struct req *r, const char *to, struct made *out)
{
	struct video video;

	TRY(video_look(r, to, to, &video));
	out->width = video.width;
	out->height = video.height;
	out->duration = (uint64_t)video.duration;
	out->has_poster = out->has320 = out->has64 = video.poster;
	out->placeholder = video.poster ? arena_strdup(&r->mem, video.placeholder) : NULL;
	return OK;
}

/* As it is. A picture is never kept so: it would be shown with all that is hidden in it. */
static enum err
keep(struct req *r, const struct filemake *in, const char *from, struct made *out)
{
	char to[FILESTORE_PATH];

	filestore_tmp(r->conf, in->object, "", to);
	if (rename(from, to) != 0)
		return filestore_failed(r, to);
	out->bytes = in->bytes;
	return strcmp(out->kind, "video") == 0 ? make_video(r, to, out) : OK;
}

static enum err
make(struct req *r, const struct filemake *in, struct made *out)
{
	static const char *const kinds[] = {
	    [SNIFF_IMAGE] = "image",
	    [SNIFF_VIDEO] = "video",
	    [SNIFF_AUDIO] = "audio",
	    [SNIFF_OTHER] = "document",
	};
	char from[FILESTORE_PATH];
	enum sniff kind = SNIFF_OTHER;

	filestore_tmp(r->conf, in->object, "_in", from);
	*out = (struct made){.kind = "document"};
	TRY(sniff(r, from, &kind, &out->type));
	out->kind = kinds[kind];
	if (kind != SNIFF_IMAGE && strncmp(in->type, "image/", 6) == 0)
		return req_fail(r, ERR_BAD_FILE, "this is no picture that can be shown");
	TRY(check_kind(r, out->kind, in->bytes));
	return kind == SNIFF_IMAGE ? make_image(r, in, from, out) : keep(r, in, from, out);
}

/* ---- storing ---- */

static const char *
sizes_of(struct req *r, const struct made *m)
{
	struct buf *out = req_buf(r, 64);

	buf_printf(out, "%s%s%s%s", m->has320 ? "320," : "", m->has64 ? "64," : "",
	    m->has256 ? "256," : "", m->has_poster ? "poster," : "");
	if (out->n > 0)
		out->n--;
	return arena_strndup(&r->mem, out->n > 0 ? out->p : "", out->n);
}

static enum err
store(struct req *r, const struct filemake *in, const struct made *m, json_t **row)
{
	uint64_t file;

	CRASH_POINT("api.before_file");
	TRY(sql_file_insert(r, r->user, in->object, m->kind,
	    in->name[0] == '\0' ? "file" : in->name, m->type, m->bytes, m->width, m->height,
	    m->duration, m->placeholder, sizes_of(r, m), NULL));
	file = db_insert_id(r->db);
	CRASH_POINT("api.after_file");
	TRY(filestore_publish(r, in->object));
	CRASH_POINT("api.after_publish");
	TRY(sql_file_ready(r, file, NULL));
	return sql_file_get(r, file, row);
}

enum err
filemake_run(struct req *r, const struct filemake *in, json_t **row)
{
	struct made made;
	enum err e = make(r, in, &made);

	flow_alive(r);
	if (e == OK)
		e = store(r, in, &made, row);
	filestore_discard(r->conf, in->object);
	/* The body was read: the handler can't run again. */
	return e == ERR_RETRY ? ERR_UNAVAILABLE : e;
}
