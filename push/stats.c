/* SPDX-License-Identifier: MIT */
/* The counters behind stats.h. */
#include "stats.h"

#include "follow.h"
#include "hub.h"
#include "pressure.h"

#include <inttypes.h>

#define CODES     32
#define WINDOW_MS 30000 /* the longest turn is that of the last one to two of these */

struct stats stats;
struct store_stats store_stats;

static struct {
	struct {
		unsigned code;
		uint64_t n;
	} closed[CODES];
	double busy;        /* seconds */
	double longest[2];  /* turn of this window and of the one before */
	int64_t window_end; /* monotonic */
} rest;

void
stats_closed(unsigned code)
{
	unsigned i = 0;

	stats.connections_closed++;
	/* What does not fit is counted with the last one; there are about a dozen codes. */
	while (i < CODES - 1 && rest.closed[i].n > 0 && rest.closed[i].code != code)
		i++;
	if (rest.closed[i].n++ == 0)
		rest.closed[i].code = code;
}

void
stats_turn(double seconds, int64_t now)
{
	stats.turns++;
	rest.busy += seconds;
	if (now >= rest.window_end) {
		rest.longest[1] = now < rest.window_end + WINDOW_MS ? rest.longest[0] : 0;
		rest.longest[0] = 0;
		rest.window_end = now + WINDOW_MS;
	}
	if (seconds > rest.longest[0])
		rest.longest[0] = seconds;
}

static void
describe_of(struct buf *out, const char *part, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP maru_%s_%s %s\n# TYPE maru_%s_%s %s\n", part, name, help, part,
	    name, type);
}

static void
describe(struct buf *out, const char *name, const char *type, const char *help)
{
	describe_of(out, "push", name, type, help);
}

static void
stored(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	describe_of(out, "store", name, type, help);
	buf_printf(out, "maru_store_%s %" PRIu64 "\n", name, value);
}

static void
counter(struct buf *out, const char *name, const char *help, uint64_t value)
{
	describe(out, name, "counter", help);
	buf_printf(out, "maru_push_%s %" PRIu64 "\n", name, value);
}

static void
gauge(struct buf *out, const char *name, const char *help, double value)
{
	describe(out, name, "gauge", help);
	buf_printf(out, "maru_push_%s %.9g\n", name, value);
}

static void
write_closed(struct buf *out)
{
	describe(out, "closed_total", "counter",
	    "Connections that ended, by close code; 0: the client went, or its network.");
	for (unsigned i = 0; i < CODES && rest.closed[i].n > 0; i++)
		buf_printf(out, "maru_push_closed_total{code=\"%u\"} %" PRIu64 "\n",
		    rest.closed[i].code, rest.closed[i].n);
}

void
stats_write(const struct hub *h, int64_t now, struct buf *out)
{
	stats_turn(0, now); /* closes a window that is over */
#define COUNTER(name, help) counter(out, #name "_total", help, stats.name);
#define STORED(name, help)  stored(out, #name "_total", "counter", help, store_stats.name);
#include "stats.def"
#undef COUNTER
#undef STORED
	stored(out, "waiting", "gauge", "Files and deletions that wait for the bucket.",
	    store_stats.waiting);
	stored(out, "trouble", "gauge", "1: the bucket does not work now, the log says why.",
	    store_stats.trouble);
	write_closed(out);
	gauge(out, "connections", "Connections that are open.",
	    (double)(stats.connections_opened - stats.connections_closed));
	gauge(out, "channels", "Channels that somebody listens to, or did a moment ago.",
	    HASH_COUNT(h->channels));
	gauge(out, "users", "People who are connected.", hub_count_users(h));
	gauge(out, "queued", "Messages that wait for slow clients.",
	    (double)(stats.deliveries - stats.deliveries_taken));
	gauge(out, "history_bytes", "Recent events that are kept for clients that come back.",
	    (double)follow_bytes());
	gauge(out, "processors_busy",
	    "Share of the time in which more wants to run than there are processors; only under "
	    "load.",
	    pressure_level());
	describe(out, "busy_seconds_total", "counter", "Time that the event loop did not wait.");
	buf_printf(out, "maru_push_busy_seconds_total %.6f\n", rest.busy);
	gauge(out, "loop_lag_seconds", "The longest turn of the event loop in the last minute.",
	    rest.longest[0] > rest.longest[1] ? rest.longest[0] : rest.longest[1]);
}
