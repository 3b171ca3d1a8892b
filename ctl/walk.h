/* SPDX-License-Identifier: MIT */
/* Every file that lies in files_dir, one after the other. */
#ifndef MARU_WALK_H
#define MARU_WALK_H

#include "files.h"

#define WALK_PATH 600 /* below files_dir */

/* path: below files_dir. name: the end of it, or NULL if no file of an object would lie there under
 * such a name. False ends the walk. */
typedef bool walk_on(void *arg, const char *path, const char *name);

/* False: a directory can't be read, which was said, or on() ended it. One that is not there has no
 * files. */
bool walk_store(struct files *f, walk_on *on, void *arg);
bool walk_flat(struct files *f, const char *dir, walk_on *on, void *arg); /* "ready" or "gone" */

/* The path of what lies below files_dir; FILESTORE_PATH bytes. */
void walk_path(const struct files *f, const char *below, char *out);

#endif
