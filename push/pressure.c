/* SPDX-License-Identifier: MIT */
/* The samples behind pressure.h: /proc/loadavg counts, besides its averages, what can run right
 * now. They are taken by a timer: when we have just sent something, those whom we woke are running.
 */
#include "pressure.h"

#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PERIOD  0.02 /* seconds between two samples */
#define WEIGHT  0.05 /* of the latest in the average */
#define HIGH    0.8
#define UNASKED 50 /* samples, then none are taken any more */

static struct {
	struct ev_loop *loop;
	struct ev_timer timer;
	int fd; /* -1: this system does not tell, so it is never high */
	long processors;
	unsigned unasked;
	double level;
} pressure = {.fd = -1};

/* What can run, beside ourselves: the number before the slash, as in "0.20 0.18 0.12 3/80 11206".
 */
static long
count_running(void)
{
	char text[128];
	ssize_t n = pread(pressure.fd, text, sizeof(text) - 1, 0);
	const char *p = text;

	text[n > 0 ? n : 0] = '\0';
	for (unsigned i = 0; i < 3 && p != NULL; i++) {
		if ((p = strchr(p, ' ')) != NULL)
			p++;
	}
	return p == NULL ? 0 : strtol(p, NULL, 10) - 1;
}

static void
on_sample(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)events;
	pressure.level += ((count_running() > pressure.processors) - pressure.level) * WEIGHT;
	if (++pressure.unasked < UNASKED)
		return;
	ev_timer_stop(loop, w);
	pressure.level = 0;
}

void
pressure_start(struct ev_loop *loop)
{
	pressure.loop = loop;
	pressure.fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	pressure.processors = sysconf(_SC_NPROCESSORS_ONLN);
	pressure.level = 0;
	ev_timer_init(&pressure.timer, on_sample, PERIOD, PERIOD);
}

void
pressure_stop(void)
{
	ev_timer_stop(pressure.loop, &pressure.timer);
	if (pressure.fd >= 0)
		(void)close(pressure.fd);
	pressure.fd = -1;
}

bool
pressure_is_high(void)
{
	pressure.unasked = 0;
	if (pressure.fd >= 0 && !ev_is_active(&pressure.timer))
		ev_timer_start(pressure.loop, &pressure.timer);
	return pressure.level > HIGH;
}

double
pressure_level(void)
{
	return pressure.level;
}
