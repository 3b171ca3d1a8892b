/* SPDX-License-Identifier: MIT */
/* Pictures are decoded and written anew, by vips in a jail (jail.h): what is kept has no metadata,
 * stands upright, has the colours of sRGB, and not one byte that a stranger chose. */
#ifndef MARU_IMAGE_H
#define MARU_IMAGE_H

#include "jail.h"

struct image {
	const char *type; /* of the new picture: image/jpeg, image/png or image/webp; static */
	unsigned width, height, frames;
	/* data:image/webp;base64,... of 16 pixels, shorter than 400 characters, or empty */
	char placeholder[512];
	bool thumb320, thumb64; /* whether there are thumbnails of this size */
};

/* Whether vips' programs are installed; without them there are no pictures, only documents. */
bool image_is_possible(void);

/* Decodes the picture in the file `from`, which stays as it is, and writes `<to>`, `<to>_320` and
 * `<to>_64` (WebP, still; long edge; never larger than the picture), with square also `<to>_256`
 * (WebP, that part of the picture that draws attention). The long edge of `<to>` is 2048 at most.
 * What moves stays moving, as WebP. The paths are absolute, without '[' and '%', in one directory
 * of the files' file system; nothing is fsynced yet. A bad file is refused within 5 s; a
 * good one may take longer on a busy host, after up to 10 s of waiting. ERR_BAD_FILE with what is
 * wrong, ERR_STORE_FULL, ERR_UNAVAILABLE (too many others at the same time, or no processor),
 * ERR_INTERNAL; then nothing of `<to>*` is there. */
enum err image_make(
    struct req *r, const char *from, const char *to, bool square, struct image *out);

/* For video.c: the same in a jail that has been entered, for one still picture, as `<to><end>`,
 * `<to>_320` and `<to>_64`. */
enum err image_make_in(struct jail *j, const char *from, const char *to, const char *end,
    bool square, struct image *out);

#endif
