/* SPDX-License-Identifier: MIT */
/* Takes the metadata out of WebP files: vips 8.14 writes it whether or not it is told to strip, and
 * where a photograph was made is nobody's business. */
#ifndef MARU_WEBP_H
#define MARU_WEBP_H

#include <stdbool.h>

/* Leaves in the file only what pictures consist of, still or moving. False if it is no WebP file or
 * can't be written; then it is to be thrown away. */
bool webp_strip(const char *path);

#endif
