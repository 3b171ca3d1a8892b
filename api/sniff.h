/* SPDX-License-Identifier: MIT */
/* What a file is, by its first bytes: names and headers are what somebody says.
 *
 * This only sorts files: a picture is decoded before anybody sees it, a video is passed on under
 * the type found here. Whatever a browser could run (SVG, HTML, PDF, scripts) is SNIFF_OTHER.
 */
#ifndef MARU_SNIFF_H
#define MARU_SNIFF_H

#include "shared/buf.h"

#define SNIFF_BYTES 4096 /* more of a file is not looked at */

enum sniff {
	SNIFF_IMAGE, /* JPEG, PNG, GIF, WebP, AVIF, HEIC */
	SNIFF_VIDEO, /* MP4, M4V, MOV, 3GP, WebM, Matroska */
	SNIFF_AUDIO, /* MP3, Ogg, WAV, M4A, FLAC */
	SNIFF_OTHER,
};

/* The kind of the file that begins with these bytes, SNIFF_BYTES of them or the whole file. Type is
 * its media type, static; "application/octet-stream" with SNIFF_OTHER. */
enum sniff sniff_bytes(struct str first, const char **type);

#endif
