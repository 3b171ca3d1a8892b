/* SPDX-License-Identifier: MIT */
/* push/ without sockets and without time: the fakes of tests/push, with one difference. libFuzzer
 * itself asks clock_gettime() how late it is, so here shared/clock.h is played instead. Included
 * once, after fuzz.h. */
#ifndef MARU_FUZZ_PLAY_H
#define MARU_FUZZ_PLAY_H

#define LOOP_WITH_CLOCK

#include "tests/push/fakes.h"
/* The loop needs what is above. */
#include "tests/push/loop.h"

#include "shared/clock.h"

#include <jansson.h>

#define WALL 1700000000000 /* what the wall clock shows when the other shows 0 */

int64_t
clock_wall(void)
{
	return WALL + play.now;
}

int64_t
clock_mono(void)
{
	return play.now;
}

void
clock_text(int64_t wall, char out[CLOCK_TEXT_SIZE])
{
	(void)snprintf(out, CLOCK_TEXT_SIZE, "%lld", (long long)(wall % 1000000));
}

/* A claim that maru-api would sign for this connection now; the one place that knows its form. */
static inline void
sign_claim(const struct conn *c, struct str channel, struct str channel_data,
    const struct claim *claim, struct buf *out)
{
	char id[CONN_ID_SIZE];
	struct claim_subject s = {.key = str_of(conf.app_key),
	    .secret = STR(SECRET),
	    .channel = channel,
	    .channel_data = channel_data};

	conn_socket_id(c, id);
	s.socket_id = str_of(id);
	claim_sign(&s, claim, out);
}

/* Whatever a client is sent is JSON with a name; its "data" as a text, or NULL. A new reference. */
static inline json_t *
parse_frame(const char *text)
{
	json_t *frame = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	CHECK(json_is_object(frame) && json_is_string(json_object_get(frame, "event")));
	return frame;
}

#endif
