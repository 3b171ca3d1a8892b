/* SPDX-License-Identifier: MIT */
#include "video.h"

#include "image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LOOK_CPU  5000  /* milliseconds of a processor, */
#define LOOK_WALL 10000 /* and by the clock, without what the poster's thumbnails take */
#define PROBE_MAX 65536
#define SECOND    1000
#define EDGE_MAX  16384 /* beyond it somebody lies */
#define DECODERS  "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,libdav1d,av1,mpeg4"

/* ---- what ffprobe says ---- */

/* MP4 or WebM by its first bytes. The demuxer is named to the programs, so that they try no other:
 * some of theirs read addresses and names of files. */
static const char *
demuxer_of(const char *path)
{
	char first[8] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, first, sizeof(first), 0);

	if (fd >= 0)
		(void)close(fd);
	if (n < (ssize_t)sizeof(first))
		return NULL;
	if (memcmp(first + 4, "ftyp", 4) == 0)
		return "mov";
	return memcmp(first, "\x1a\x45\xdf\xa3", 4) == 0 ? "matroska" : NULL;
}

static unsigned
edge_of(const json_t *stream, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(stream, name));

	return n < 1 || n > EDGE_MAX ? 0 : (unsigned)n;
}

static bool
is_on_its_side(const json_t *stream)
{
	const json_t *list = json_object_get(stream, "side_data_list"), *item;
	size_t i;

	json_array_foreach (list, i, item) {
		json_int_t turned = json_integer_value(json_object_get(item, "rotation"));

		if (turned == 90 || turned == -90 || turned == 270 || turned == -270)
			return true;
	}
	return false;
}

static int64_t
duration_of(const json_t *format)
{
	const char *text = json_string_value(json_object_get(format, "duration"));
	double seconds = text == NULL ? 0 : strtod(text, NULL);

	return seconds > 0 && seconds < 1e6 ? (int64_t)(seconds * SECOND + 0.5) : 0;
}

static bool
read_probe(const json_t *probe, const char *demuxer, struct video *out)
{
	const json_t *stream = json_array_get(json_object_get(probe, "streams"), 0);
	bool turned = is_on_its_side(stream);

	out->width = edge_of(stream, turned ? "height" : "width");
	out->height = edge_of(stream, turned ? "width" : "height");
	out->duration = duration_of(json_object_get(probe, "format"));
	out->type = strcmp(demuxer, "mov") == 0 ? "video/mp4" : "video/webm";
	return out->width > 0 && out->height > 0;
}

static enum err
probe(struct jail *j, const char *from, const char *demuxer, struct video *out)
{
	const char *const argv[] = {"ffprobe", "-v", "error", "-protocol_whitelist", "file", "-f",
	    demuxer, "-select_streams", "v:0", "-of", "json", "-show_entries",
	    "stream=width,height:stream_side_data=rotation:format=duration", from, NULL};
	struct buf *said = req_buf(j->r, PROBE_MAX);
	struct jail_job job = {argv, from, NULL, false, said};
	json_t *json;

	TRY(jail_run(j, &job));
	json = said->n == 0 ? NULL : req_own(j->r, json_loadb(said->p, said->n, 0, NULL));
	return read_probe(json, demuxer, out) ? OK : ERR_BAD_FILE;
}

/* ---- a frame of it ---- */

/* Not larger than a picture is kept; mjpeg wants the range of a camera. */
static const char scale[] =
    "scale=w='min(2048,iw)':h='min(2048,ih)':force_original_aspect_ratio=decrease,"
    "format=yuvj420p";

/* Not the first: that is often black. */
static const char *
moment_of(const struct video *v)
{
	return v->duration > 3 * SECOND ? "1" : "0";
}

static enum err
take_frame(
    struct jail *j, const char *from, const char *demuxer, const char *frame, const struct video *v)
{
	const char *const argv[] = {"ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1",
	    "-filter_threads", "1", "-protocol_whitelist", "file", "-codec_whitelist", DECODERS,
	    "-f", demuxer, "-ss", moment_of(v), "-i", from, "-map", "v:0", "-frames:v", "1", "-vf",
	    scale, "-c:v", "mjpeg", "-q:v", "2", "-threads", "1", "-f", "image2", "-update", "1",
	    frame, NULL};
	struct jail_job job = {argv, from, frame, false, NULL};

	return jail_run(j, &job);
}

static enum err
make_poster(
    struct jail *j, const char *from, const char *demuxer, const char *to, struct video *out)
{
	const char *frame = arena_printf(&j->r->mem, "%s_frame", to);
	struct image image;
	enum err e;

	TRY(take_frame(j, from, demuxer, frame, out));
	e = image_make_in(j, frame, to, "_poster", false, &image);
	(void)unlink(frame);
	if (e != OK)
		return e;
	out->poster = true;
	memcpy(out->placeholder, image.placeholder, sizeof(out->placeholder));
	return OK;
}

enum err
video_look(struct req *r, const char *from, const char *to, struct video *out)
{
	const char *demuxer = demuxer_of(from);
	struct jail jail;
	enum err e;

	*out = (struct video){0};
	if (demuxer == NULL || !jail_has("ffprobe"))
		return OK;
	e = jail_enter(r, &jail);
	if (e == OK) {
		jail_allow(&jail, LOOK_CPU, LOOK_WALL);
		e = probe(&jail, from, demuxer, out);
		if (e == OK && jail_has("ffmpeg") && image_is_possible())
			e = make_poster(&jail, from, demuxer, to, out);
		jail_leave(&jail);
	}
	if (e == ERR_BAD_FILE || e == ERR_UNAVAILABLE) {
		r->detail = NULL;
		return OK;
	}
	return e;
}
