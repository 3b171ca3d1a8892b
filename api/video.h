/* SPDX-License-Identifier: MIT */
/* Videos are kept as they come; this looks at them, with ffprobe and ffmpeg in a jail, if there are
 * any. */
#ifndef MARU_VIDEO_H
#define MARU_VIDEO_H

#include "req.h"

#include <stdint.h>

struct video {
	const char *type;       /* "video/mp4" or "video/webm", or NULL; static */
	unsigned width, height; /* as it is shown: phones turn theirs */
	int64_t duration;       /* milliseconds */
	char placeholder[512];  /* see struct image */
	bool poster;
};

/* What ffprobe says, and a frame near the beginning (`<to>_poster`, JPEG) with its thumbnails
 * (`<to>_320`, `<to>_64`). `from` is only read. Without the programs, with a video that they don't
 * take, and when it takes more than 5 s of a processor or too many others are looked at, what is
 * not known is zero: that is no reason to refuse a video. ERR_STORE_FULL, ERR_INTERNAL; then
 * nothing of `<to>*` is there. */
enum err video_look(struct req *r, const char *from, const char *to, struct video *out);

#endif
