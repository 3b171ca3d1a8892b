/* SPDX-License-Identifier: MIT */
/* What is to be known of Janus, a server through which the calls of rooms go: each browser sends to
 * it once, and gets from it what the others send. It checks who comes by texts that are signed with
 * sfu_secret, and asks nobody; its rooms are made and watched by usher.c.
 */
#ifndef MARU_SFU_H
#define MARU_SFU_H

#include "req.h"
#include "row.h"

#include <string.h>

#define SFU_PLUGIN "janus.plugin.videoroom"

/* Whoever publishes in a room of Janus is known there by a number: the person in its upper bits, so
 * that who has left can be put out, and chance in the lower ones, so that a connection that is lost
 * does not stand in the way of the next one. */
#define SFU_FEED_BITS 16

static inline bool
sfu_is_on(const struct conf *conf)
{
	return conf->sfu_url[0] != '\0';
}

/* row: of sql_call_get(). */
static inline bool
sfu_carries(const json_t *row)
{
	return strcmp(row_text(row, "via"), "sfu") == 0;
}

/* The number of a call's room in Janus, which nobody guesses: whoever is in any call may ask it
 * about rooms whose number they know. */
uint64_t sfu_room(struct req *r, uint64_t call);

/* What Janus wants to hear before it changes a room. */
const char *sfu_room_secret(struct req *r, uint64_t room);

/* Signs who may do something until a while from now: a realm, "janus" or the plugin, and what in
 * it. */
const char *sfu_token(struct req *r, const char *realm, const char *what);

#endif
