/* SPDX-License-Identifier: MIT */
/* Files on the disk: what is being received, what waits for the bucket, and the local store.
 *
 * An object is named by 32 random hexadecimal characters. It is one file or several: the name alone
 * is what was sent, the name with a suffix a smaller picture of it. They are made in tmp/ and get
 * to their place whole, by renaming: ready/ with a bucket, from where maru-push takes them there,
 * or store/ab/ without one. An empty file in gone/ tells maru-push to remove an object from the
 * bucket.
 */
#ifndef MARU_FILESTORE_H
#define MARU_FILESTORE_H

#include "req.h"

#define FILESTORE_NAME  32
#define FILESTORE_PATH  4096
#define FILESTORE_SIZES 5 /* files that an object can have */

/* What the names of an object's files end in: "" first, i below FILESTORE_SIZES. */
const char *filestore_suffix(unsigned i);

/* Whether this is what a file of an object is called. */
bool filestore_is_name(const char *name);

/* A new name for an object, in the request's memory. */
const char *filestore_name(struct req *r);

/* Makes the directories; false, with a line in the log, where that can't be. */
bool filestore_prepare(const struct conf *conf);

/* The path in tmp/ of an object with a suffix ("" or "_320"); FILESTORE_PATH bytes. */
void filestore_tmp(const struct conf *conf, const char *object, const char *suffix, char *path);

/* ERR_STORE_FULL unless there is room for so many bytes more, beyond files_free. */
enum err filestore_room(struct req *r, uint64_t bytes);

/* Writes all of it; ERR_STORE_FULL or ERR_INTERNAL. */
enum err filestore_write(struct req *r, int fd, struct str data);

/* The error that errno means after a failed write: ERR_STORE_FULL or ERR_INTERNAL. */
enum err filestore_failed(struct req *r, const char *what);

/* Brings all that tmp/ has of an object to its place, so that it survives a power cut. */
enum err filestore_publish(struct req *r, const char *object);

/* Removes what tmp/ has of an object. */
void filestore_discard(const struct conf *conf, const char *object);

/* Removes an object from where it is read, and has maru-push remove it from the bucket. */
enum err filestore_remove(struct req *r, const char *object);

/* Removes from tmp/ what nobody has written to for so many seconds; returns how many files. */
unsigned filestore_sweep(const struct conf *conf, unsigned seconds);

#endif
