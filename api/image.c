/* SPDX-License-Identifier: MIT */
#include "image.h"

#include "picture.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "webp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Milliseconds of a processor, and by the clock: a bad file is to be refused within 5 s. What
 * follows on a good one are programs on files of our own. */
#define DECODE_CPU  3000
#define DECODE_WALL 4500
#define SMALL_CPU   3000
#define SMALL_WALL  8000
#define HEADER_MAX  65536
#define FIRST_BYTES 16
#define LAST_BYTES  1024
/* A PNG that is larger than this when it is written anew is no drawing and no screenshot. */
#define DRAWING_MAX ((off_t)1 << 20)
/* base64 makes 4 of 3; see struct image. */
#define PLACEHOLDER_BYTES 280
#define PLACEHOLDER_START "data:image/webp;base64,"

/* How vips writes. strip leaves out metadata, except of WebP: see webp.h. */
#define AS_JPEG   "jpg[Q=85,optimize_coding,strip]"
#define AS_PNG    "png[bitdepth=8,strip]"
#define AS_WEBP   "webp[Q=85]"
#define AS_MOVING "webp[Q=75,effort=0]"
#define AS_SMALL  "webp[Q=75]"
#define AS_TINY   "webp[Q=20]"

bool
image_is_possible(void)
{
	return jail_has("vips") && jail_has("vipsheader");
}

/* ---- looking ---- */

/* Up to size bytes at an offset from the start, or with a negative one from the end. */
static struct str
read_some(struct arena *mem, int fd, off_t at, size_t size)
{
	char *bytes = arena_alloc(mem, size);
	struct stat s;
	ssize_t n = -1;

	if (fstat(fd, &s) == 0) {
		if (at < 0)
			at = s.st_size + at < 0 ? 0 : s.st_size + at;
		n = pread(fd, bytes, size, at);
	}
	return (struct str){bytes, n < 0 ? 0 : (size_t)n};
}

/* By its own bytes, before any program sees it: vips reads many more formats. */
static enum picture_kind
kind_of(struct arena *mem, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum picture_kind kind;

	if (fd < 0)
		return PICTURE_NONE;
	kind = picture_kind(read_some(mem, fd, 0, FIRST_BYTES));
	if (!picture_ends(kind, read_some(mem, fd, -LAST_BYTES, LAST_BYTES)))
		kind = PICTURE_NONE;
	(void)close(fd);
	return kind;
}

static enum err
look(struct jail *j, const char *path, struct picture *out)
{
	const char *const argv[] = {"vipsheader", "-a", path, NULL};
	struct buf *header = req_buf(j->r, HEADER_MAX);
	enum picture_kind kind = kind_of(&j->r->mem, path);
	struct jail_job job = {argv, path, NULL, kind == PICTURE_HEIF, header};
	enum err e;

	if (kind == PICTURE_NONE)
		return req_fail(j->r, ERR_BAD_FILE,
		    "It is no JPEG, PNG, WebP, GIF, AVIF or HEIC picture, or is damaged.");
	e = jail_run(j, &job);
	/* A long comment comes after what matters. */
	if (e != OK && !header->full)
		return e;
	if (header->n == 0 || !picture_read(header->p, kind, out))
		return req_fail(j->r, ERR_BAD_FILE, "It is no picture.");
	return OK;
}

/* ---- making ---- */

/* Writes one picture into the file `to`, from another; how: the name's end and options for vips. */
struct step {
	const char *from, *to, *how;
	unsigned edge;
	bool square, moves, heif; /* to a square; all frames; from AVIF or HEIC */
};

static enum err
make(struct jail *j, const struct step *s)
{
	struct arena *mem = &j->r->mem;
	const char *edge = arena_printf(mem, "%u", s->edge);
	/* vips goes by the name's end. */
	char *part = arena_printf(mem, "%s.part.%.*s", s->to, (int)strcspn(s->how, "["), s->how);
	const char *const argv[] = {"vips", "thumbnail",
	    arena_printf(mem, "%s%s", s->from, s->moves ? "[n=-1]" : ""),
	    arena_printf(mem, "%s%s", part, s->how + strcspn(s->how, "[")), edge, "--height", edge,
	    "--size", s->square ? "both" : "down", "--crop", s->square ? "attention" : "none",
	    "--fail-on", "error", "--export-profile", "srgb", NULL};
	struct jail_job job = {argv, s->from, part, s->heif, NULL};

	TRY(jail_run(j, &job));
	if ((strncmp(s->how, "webp", 4) != 0 || webp_strip(part)) && rename(part, s->to) == 0)
		return OK;
	log_error("%s: %s", part, strerror(errno));
	(void)unlink(part);
	return ERR_INTERNAL;
}

/* Photographs become JPEG and whatever has alpha, or was WebP, WebP: every browser shows them, and
 * vips is quick to write them. */
static const char *
how_to_write(const struct picture *p)
{
	if (picture_moves(p))
		return AS_MOVING;
	switch (p->kind) {
	case PICTURE_PNG:
	case PICTURE_GIF: return AS_PNG;
	case PICTURE_WEBP: return AS_WEBP;
	default: return p->alpha ? AS_WEBP : AS_JPEG;
	}
}

/* The picture itself. Drawings and screenshots stay sharp in every pixel, but a photograph as PNG
 * is ten times as large as it need be. */
static enum err
make_whole(struct jail *j, const char *from, const struct picture *p, const char *to)
{
	struct step step = {from, to, how_to_write(p), picture_edge(p), false, picture_moves(p),
	    p->kind == PICTURE_HEIF};
	struct stat s;

	TRY(make(j, &step));
	if (strcmp(step.how, AS_PNG) != 0 || stat(to, &s) != 0 || s.st_size <= DRAWING_MAX)
		return OK;
	step.how = p->alpha ? AS_WEBP : AS_JPEG;
	return make(j, &step);
}

static enum err
make_placeholder(struct jail *j, const char *from, const char *to, struct image *out)
{
	struct step step = {
	    from, arena_printf(&j->r->mem, "%s_16", to), AS_TINY, 16, false, false, false};
	int fd;
	struct str tiny;

	TRY(make(j, &step));
	fd = open(step.to, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ERR_INTERNAL;
	tiny = read_some(&j->r->mem, fd, 0, PLACEHOLDER_BYTES + 1);
	(void)close(fd);
	(void)unlink(step.to);
	if (tiny.n == 0 || tiny.n > PLACEHOLDER_BYTES)
		return OK;
	(void)strcpy(out->placeholder, PLACEHOLDER_START);
	crypt_base64(tiny.p, tiny.n, out->placeholder + sizeof(PLACEHOLDER_START) - 1);
	return OK;
}

/* Small ones are made of larger ones, not each of the stranger's file. */
static enum err
make_small(struct jail *j, const char *whole, const char *to, bool square, struct image *out)
{
	struct arena *mem = &j->r->mem;
	const char *at320 = arena_printf(mem, "%s_320", to);
	struct step first = {whole, at320, AS_SMALL, 320, false, false, false};
	struct step second = {
	    at320, arena_printf(mem, "%s_64", to), AS_SMALL, 64, false, false, false};
	struct step avatar = {
	    whole, arena_printf(mem, "%s_256", to), AS_SMALL, 256, true, false, false};

	TRY(make(j, &first));
	TRY(make(j, &second));
	out->thumb320 = out->thumb64 = true;
	if (square)
		TRY(make(j, &avatar));
	return make_placeholder(j, at320, to, out);
}

/* What has been written is looked at like what has come. */
static enum err
describe(struct jail *j, const char *path, struct image *out)
{
	static const char *const types[] = {[PICTURE_JPEG] = "image/jpeg",
	    [PICTURE_PNG] = "image/png",
	    [PICTURE_WEBP] = "image/webp"};
	struct picture made = {0};

	TRY(look(j, path, &made));
	if (made.kind != PICTURE_JPEG && made.kind != PICTURE_PNG && made.kind != PICTURE_WEBP)
		return ERR_INTERNAL;
	out->type = types[made.kind];
	out->width = made.width;
	out->height = made.height;
	out->frames = made.frames;
	return OK;
}

static void
forget(struct req *r, const char *to, const char *end)
{
	const char *const ends[] = {end, "_320", "_64", "_256", "_16"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		(void)unlink(arena_printf(&r->mem, "%s%s", to, ends[i]));
}

enum err
image_make_in(struct jail *j, const char *from, const char *to, const char *end, bool square,
    struct image *out)
{
	const char *whole = arena_printf(&j->r->mem, "%s%s", to, end), *why;
	struct picture p = {0};
	enum err e;

	*out = (struct image){0};
	jail_allow(j, DECODE_CPU, DECODE_WALL);
	TRY(look(j, from, &p));
	if ((why = picture_refused(&p)) != NULL)
		return req_fail(j->r, ERR_BAD_FILE, "%s", why);
	e = make_whole(j, from, &p, whole);
	jail_allow(j, SMALL_CPU, SMALL_WALL);
	if (e == OK)
		e = make_small(j, whole, to, square, out);
	if (e == OK)
		e = describe(j, whole, out);
	if (e != OK)
		forget(j->r, to, end);
	return e;
}

enum err
image_make(struct req *r, const char *from, const char *to, bool square, struct image *out)
{
	struct jail jail;
	enum err e;

	TRY(jail_enter(r, &jail));
	e = image_make_in(&jail, from, to, "", square, out);
	jail_leave(&jail);
	return e;
}
