/* SPDX-License-Identifier: MIT */
/* From the bytes that somebody sent to a file that can be read: what it is, made anew where it is a
 * picture, its smaller pictures, its place on the disk and its row. */
#ifndef MARU_FILEMAKE_H
#define MARU_FILEMAKE_H

#include "req.h"

struct filemake {
	const char *object; /* its bytes lie in tmp/, as <object>_in */
	const char *name;   /* as its sender calls it, UTF-8 */
	const char *type; /* what the sender says it is; only a picture is believed, and checked */
	uint64_t bytes;
	bool square; /* a square picture is wanted besides, for an avatar */
};

/* Makes it and stores it for r->user; *row is the file as people see it. Outside of a transaction.
 * Whatever happens, tmp/ has nothing of it any more. ERR_BAD_FILE, ERR_TOO_LARGE, ERR_STORE_FULL,
 * ERR_UNAVAILABLE. */
enum err filemake_run(struct req *r, const struct filemake *in, json_t **row);

/* A media type as far as it is one, or ""; in the request's memory. */
const char *filemake_type(struct req *r, struct str type);

/* Bytes of the largest file that is taken, whatever it is. */
uint64_t filemake_largest(const struct conf *conf);

/* ERR_TOO_LARGE where no file may be so large, or the asker has too many already, with the limit
 * in the detail; ERR_STORE_FULL. */
enum err filemake_admit(struct req *r, uint64_t bytes);

#endif
