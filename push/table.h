/* SPDX-License-Identifier: MIT */
/* uthash as push/ uses it: out of memory aborts, and the hash is keyed, because clients choose the
 * names that are hashed and could otherwise choose names that all fall into one bucket.
 *
 * Include this, never uthash.h.
 */
#ifndef MARU_TABLE_H
#define MARU_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define uthash_fatal(text)              abort()
#define HASH_FUNCTION(key, size, value) ((value) = table_hash((key), (size)))

#include <uthash.h>

/* Draws the key; once, before the first table is made. */
void table_init(void);

uint32_t table_hash(const void *key, size_t size);

#endif
