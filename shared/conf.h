/* SPDX-License-Identifier: MIT */
/* Settings: conf.def says which, this reads them from a file of `key = value` lines.
 *
 * '#' starts a comment line. A value may stand in double quotes; without them blanks at both ends
 * are dropped. Every mistake is reported with file and line, all of them at once.
 */
#ifndef MARU_CONF_H
#define MARU_CONF_H

#include "arena.h"
#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

struct conf {
	struct arena mem; /* owns the texts */
#define TEXT(name, value, help)             const char *name;
#define NUMBER(name, value, min, max, help) int64_t name;
#define FLAG(name, value, help)             bool name;
#include "conf.def"
#undef TEXT
#undef NUMBER
#undef FLAG
};

/* Fills c with the defaults. */
void conf_init(struct conf *c);

/* Reads a file over what c holds. False if it can't be read or has mistakes: one line for each,
 * "file:line: sentence", is appended to errors. */
bool conf_load(struct conf *c, const char *path, struct buf *errors);

/* Takes one `key = value` line; the same for a file's text, which the tests and the fuzzer use. */
bool conf_parse(struct conf *c, const char *name, struct str text, struct buf *errors);

/* The rules that concern several settings at once, such as required secrets. */
bool conf_check(const struct conf *c, const char *name, struct buf *errors);

/* Writes the complete commented file with all defaults. */
void conf_write_sample(struct buf *out);

void conf_finish(struct conf *c);

/* Whether this is https://, or http:// to a server on this host. */
bool conf_is_secure(const char *url);

/* Whether a space-separated list contains exactly this item. */
bool conf_list_has(const char *list, struct str item);

#endif
