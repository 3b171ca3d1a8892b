/* SPDX-License-Identifier: MIT */
/* /v1/files: pictures, videos and documents, before and after they are sent.
 *
 * A file is uploaded first, and then a message (attachments.c), a person (avatar.c) or a room
 * (cover.c) refers to it; one that nothing refers to is removed after an hour (filesweep.c). It is
 * taken whole here, as the body or as a form's part; large ones may come in pieces (uploads.c). The
 * body is read piece by piece and never held in memory.
 *
 * nginx hands a file out, after it was asked here whether the asker may see it (X-Accel-Redirect).
 */
#include "files.h"

#include "disposition.h"
#include "fcgi.h"
#include "filemake.h"
#include "filestore.h"
#include "flow.h"
#include "multipart.h"
#include "presign.h"
#include "query.h"
#include "route.h"
#include "sql.h"
#include "throttle.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#define PIECE    65536
#define AN_HOUR  1000 /* files per person */
#define HOUR     3600
#define SIGNED_S 60 /* seconds that an address of the bucket is good for */
#define URL_MAX  ((size_t)8 << 10)

/* ---- how they look ---- */

static void
copy_member(json_t *to, const json_t *row, const char *name)
{
	json_t *value = json_object_get(row, name);

	if (value != NULL)
		(void)json_object_set(to, name, value);
}

json_t *
files_shown(const json_t *row)
{
	static const char *const copied[] = {
	    "id", "kind", "name", "type", "bytes", "width", "height", "duration", "placeholder"};
	const uint64_t id = row_id(row, "id");
	json_t *out = json_object();

	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		copy_member(out, row, copied[i]);
	(void)json_object_set_new(out, "url", json_sprintf("/v1/files/%" PRIu64, id));
	if (strcmp(row_text(row, "kind"), "image") == 0 || *row_text(row, "sizes") != '\0')
		(void)json_object_set_new(
		    out, "thumbnail", json_sprintf("/v1/files/%" PRIu64 "/thumb", id));
	return out;
}

enum err
files_own(struct req *r, const char *field, uint64_t file, const char *kind, json_t **row)
{
	enum err e = sql_file_hold(r, file, row);

	if (e == ERR_NOT_FOUND || (e == OK && row_id(*row, "owner") != r->user))
		return req_invalid(r, field, "is no file of yours");
	TRY(e);
	if (kind != NULL && strcmp(row_text(*row, "kind"), kind) != 0)
		return req_invalid(r, field, "is no picture");
	return OK;
}

/* ---- receiving ---- */

struct incoming {
	struct req *r;
	int fd;
	bool wanted, done; /* this part of a form is the file; it has come */
	struct filemake file;
};

static enum err
write_file(struct incoming *in, struct str data)
{
	in->file.bytes += data.n;
	return filestore_write(in->r, in->fd, data);
}

/* The first part of a form that has a file name is the file. */
static enum err
on_part(void *state, const struct multipart_event *ev)
{
	struct incoming *in = state;

	switch (ev->what) {
	case MULTIPART_PART:
		in->wanted = !in->done && ev->filename[0] != '\0';
		if (in->wanted) {
			in->file.name = disposition_name(&in->r->mem, str_of(ev->filename));
			in->file.type = filemake_type(in->r, str_of(ev->type));
		}
		return OK;
	case MULTIPART_DATA: return in->wanted ? write_file(in, ev->data) : OK;
	case MULTIPART_PART_END: in->done = in->done || in->wanted; return OK;
	default: return OK;
	}
}

static enum err
receive(struct incoming *in, struct multipart *form)
{
	struct req *r = in->r;
	char piece[PIECE];
	uint64_t all = 0;
	size_t n;

	while ((n = fcgi_read(r, piece, sizeof(piece))) > 0) {
		const struct str data = {piece, n};

		TRY(form != NULL ? multipart_feed(form, data, on_part, in) : write_file(in, data));
		all += n;
		flow_alive(r);
	}
	if (all != r->announced)
		return req_fail(r, ERR_BAD_REQUEST, "the body is not whole");
	if (form == NULL)
		return OK;
	TRY(multipart_end(form));
	return in->done ? OK : req_fail(r, ERR_BAD_REQUEST, "the form has no file");
}

static enum err
open_incoming(struct incoming *in)
{
	char path[FILESTORE_PATH];

	in->file.object = filestore_name(in->r);
	filestore_tmp(in->r->conf, in->file.object, "_in", path);
	in->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	return in->fd >= 0 ? OK : filestore_failed(in->r, path);
}

/* Raw, with its media type as Content-Type and its name in the query; or as a form. */
static enum err
take_body(struct incoming *in)
{
	struct req *r = in->r;
	const char *type = r->env.content_type, *name;
	struct multipart *form = NULL;

	if (strncasecmp(type, "multipart/", 10) == 0) {
		if ((form = multipart_create(&r->mem, type)) == NULL)
			return req_fail(r, ERR_BAD_REQUEST, "this is no multipart/form-data");
	} else {
		name = query_value(&r->mem, str_of(r->query), "name");
		in->file.name = disposition_name(&r->mem, str_of(name == NULL ? "" : name));
		in->file.type = filemake_type(r, str_of(type));
	}
	TRY(open_incoming(in));
	return receive(in, form);
}

/* Takes a file: 201 with what it is now. ?use=avatar makes a square picture besides. */
enum err
files_create(struct req *r)
{
	struct incoming in = {.r = r, .fd = -1};
	const char *use = query_value(&r->mem, str_of(r->query), "use");
	json_t *row;
	enum err e;

	TRY(req_query_word(r, "use", use, "avatar"));
	TRY(throttle_take(r, "files", AN_HOUR, HOUR));
	TRY(filemake_admit(r, r->announced));
	e = take_body(&in);
	if (in.fd >= 0 && close(in.fd) != 0 && e == OK)
		e = filestore_failed(r, "tmp/");
	if (e == OK && in.file.bytes == 0)
		e = req_fail(r, ERR_BAD_REQUEST, "the file is empty");
	if (e != OK) {
		if (in.file.object != NULL)
			filestore_discard(r->conf, in.file.object);
		return e;
	}
	in.file.square = use != NULL;
	TRY(filemake_run(r, &in.file, &row));
	return req_reply(r, 201, files_shown(row));
}

/* ---- reading ---- */

/* Whether this size of it is there. */
static bool
has_size(const json_t *row, const char *size)
{
	return strstr(row_text(row, "sizes"), size) != NULL;
}

/* Where nginx finds it (conf/nginx.conf, /_files/): on the disk, else with the bucket's answer to a
 * signed request. */
static void
redirect(struct req *r, const json_t *row, const char *suffix, const char *type)
{
	const char *object = row_text(row, "object");
	const bool shown = strcmp(type, "application/octet-stream") != 0;
	struct buf *disposition = req_buf(r, URL_MAX);
	struct buf *name = req_buf(r, URL_MAX);
	struct buf *uri = req_buf(r, URL_MAX);
	struct str query = {NULL, 0};

	disposition_add(disposition, !shown, row_text(row, "name"));
	buf_printf(name, "%s%s", object, suffix);
	if (r->conf->s3_endpoint[0] != '\0') {
		query = presign_get(r, name->p, "", "", SIGNED_S); /* nginx knows the type */
		req_header(r, "X-Files-Host: %s", presign_host(r));
	}
	buf_printf(uri, "/_files/%.2s/%s%s", object, name->p, query.n > 0 ? "?" : "");
	buf_add(uri, query.p, query.n);
	req_header_long(r, "X-Accel-Redirect", (struct str){uri->p, uri->n});
	req_header_long(r, "X-Files-Disposition", (struct str){disposition->p, disposition->n});
	req_header(r, "X-Files-Cache: %s", r->cache);
	r->cache = "";
	req_header(r, "Content-Type: %s", type);
}

/* What is at an address never changes. But it may go, or the asker may have to: so browsers ask
 * again each time, and get an answer without a body. A picture of a person is everybody's. */
static enum err
hand_out(struct req *r, const json_t *row, const char *suffix, const char *type)
{
	char etag[64];

	(void)snprintf(etag, sizeof(etag), "\"%" PRIu64 "%s\"", row_id(row, "id"), suffix);
	req_header(r, "ETag: %s", etag);
	r->cache = strcmp(row_text(row, "used_as"), "avatar") == 0 ? "private, max-age=3600"
								   : "private, no-cache";
	if (strstr(r->env.if_none_match, etag) != NULL)
		return req_reply(r, 304, NULL);
	redirect(r, row, suffix, type);
	return req_reply(r, 200, NULL);
}

/* Pictures, videos and sounds are shown; everything else is saved. */
enum err
files_get(struct req *r)
{
	json_t *row;

	TRY(sql_file_seen(r, req_id(r, "file"), r->user, &row));
	return hand_out(r, row, "",
	    strcmp(row_text(row, "kind"), "document") == 0 ? "application/octet-stream"
							   : row_text(row, "type"));
}

/* A smaller picture: ?size=320 (the default), 64, or 256, which is a square where one was made. */
enum err
files_thumb(struct req *r)
{
	const char *size = query_value(&r->mem, str_of(r->query), "size");
	char suffix[16];
	json_t *row;

	TRY(req_query_word(r, "size", size, "64|256|320"));
	TRY(sql_file_seen(r, req_id(r, "file"), r->user, &row));
	if (size == NULL || !has_size(row, size))
		size = "320";
	if (has_size(row, size)) {
		(void)snprintf(suffix, sizeof(suffix), "_%s", size);
		return hand_out(r, row, suffix, "image/webp");
	}
	if (strcmp(row_text(row, "kind"), "image") != 0)
		return ERR_NOT_FOUND;
	return hand_out(r, row, "", row_text(row, "type"));
}

/* Takes back a file that was not sent yet: 204. */
enum err
files_delete(struct req *r)
{
	uint64_t file = req_id(r, "file"), dropped;
	json_t *row;

	TRY(sql_file_get(r, file, &row));
	if (row_id(row, "owner") != r->user)
		return ERR_NOT_FOUND;
	TRY(sql_file_drop(r, file, r->user, &dropped));
	if (dropped == 0)
		return req_fail(r, ERR_CONFLICT, "it is in use; delete the message");
	return req_reply(r, 204, NULL);
}
