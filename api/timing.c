/* SPDX-License-Identifier: MIT */
#include "timing.h"

#include "shared/clock.h"

static struct {
	bool on;
	int64_t started; /* these in microseconds */
	int64_t spent[TIMINGS];
	bool happened[TIMINGS];
} timing;

void
timing_start(const struct conf *conf)
{
	timing.on = conf->server_timing;
	if (!timing.on)
		return;
	memset(timing.spent, 0, sizeof(timing.spent));
	memset(timing.happened, 0, sizeof(timing.happened));
	timing.started = clock_fine();
}

int64_t
timing_now(void)
{
	return timing.on ? clock_fine() : 0;
}

void
timing_add(enum timing part, int64_t since)
{
	if (!timing.on)
		return;
	timing.spent[part] += clock_fine() - (since == 0 ? timing.started : since);
	timing.happened[part] = true;
}

void
timing_header(struct req *r)
{
	static const char *const names[TIMINGS] = {"auth", "db", "notify"};

	if (!timing.on)
		return;
	buf_addstr(&r->headers, "Server-Timing: ");
	for (unsigned i = 0; i < TIMINGS; i++) {
		if (timing.happened[i])
			buf_printf(
			    &r->headers, "%s;dur=%.2f, ", names[i], (double)timing.spent[i] / 1000);
	}
	buf_printf(
	    &r->headers, "total;dur=%.2f\r\n", (double)(clock_fine() - timing.started) / 1000);
}
