/* SPDX-License-Identifier: MIT */
/* What maru-api makes of a picture or a video, without maru-api:
 *
 *   looker image|square|video DIRECTORY FROM TO
 *   looker hold DIRECTORY SECONDS        keeps a helper's place
 *   looker run DIRECTORY FROM WRITES|- PROGRAM [ARGUMENT...]
 *
 * DIRECTORY is files_dir. Prints one line of JSON: err (a name of shared/err.def, or OK), detail,
 * what was found, seconds, and the most memory that a helper took, in MB. */
#include "api/image.h"
#include "api/video.h"
#include "shared/clock.h"
#include "shared/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static json_t *
describe_image(const struct image *i)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:s, s:b, s:b}", "type", i->type, "width",
	    (int)i->width, "height", (int)i->height, "frames", (int)i->frames, "placeholder",
	    i->placeholder, "thumb320", (int)i->thumb320, "thumb64", (int)i->thumb64);
}

static json_t *
describe_video(const struct video *v)
{
	return json_pack("{s:s?, s:i, s:i, s:I, s:s, s:b}", "type", v->type, "width", (int)v->width,
	    "height", (int)v->height, "duration", (json_int_t)v->duration, "placeholder",
	    v->placeholder, "poster", (int)v->poster);
}

static enum err
look(struct req *r, char **argv, json_t **found)
{
	struct image image;
	struct video video;

	if (strcmp(argv[1], "video") == 0) {
		TRY(video_look(r, argv[3], argv[4], &video));
		*found = describe_video(&video);
		return OK;
	}
	TRY(image_make(r, argv[3], argv[4], strcmp(argv[1], "square") == 0, &image));
	*found = describe_image(&image);
	return OK;
}

static enum err
run(struct req *r, char **argv, json_t **found)
{
	struct buf *out = req_buf(r, 65536);
	struct jail_job job = {(const char *const *)(argv + 5), argv[3],
	    strcmp(argv[4], "-") == 0 ? NULL : argv[4], false, out};
	struct jail jail;
	enum err e;

	TRY(jail_enter(r, &jail));
	jail_allow(&jail, 2000, 4000);
	e = jail_run(&jail, &job);
	jail_leave(&jail);
	*found = json_pack("{s:s}", "out", out->n > 0 ? out->p : "");
	return e;
}

static enum err
hold(struct req *r, const char *seconds)
{
	struct jail jail;

	TRY(jail_enter(r, &jail));
	(void)printf("held\n");
	(void)fflush(stdout);
	(void)sleep((unsigned)atoi(seconds));
	jail_leave(&jail);
	return OK;
}

int
main(int argc, char **argv)
{
	struct conf conf;
	struct req r = {.conf = &conf};
	json_t *found = NULL, *all;
	int64_t since = clock_mono();
	struct rusage usage;
	enum err e;

	if (argc < 4)
		return 2;
	log_open("looker", getenv("LOOKER_DEBUG") != NULL ? LOG_DEBUG : LOG_INFO);
	conf_init(&conf);
	conf.files_dir = argv[2];
	conf.files_helpers = 1;
	arena_init(&r.mem);
	e = strcmp(argv[1], "hold") == 0  ? hold(&r, argv[3])
	    : argc < 5                    ? ERR_BAD_REQUEST
	    : strcmp(argv[1], "run") == 0 ? run(&r, argv, &found)
					  : look(&r, argv, &found);
	(void)getrusage(RUSAGE_CHILDREN, &usage);
	all = json_pack("{s:s, s:s?, s:f, s:f, s:o?}", "err", e == OK ? "OK" : err_info(e)->name,
	    "detail", r.detail, "seconds", (double)(clock_mono() - since) / 1000, "memory",
	    (double)usage.ru_maxrss / 1024, "found", found);
	(void)json_dumpf(all, stdout, JSON_COMPACT);
	(void)printf("\n");
	json_decref(all);
	arena_finish(&r.mem);
	conf_finish(&conf);
	return 0;
}
