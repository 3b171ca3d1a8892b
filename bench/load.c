/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

noreturn void
die(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

/* ---- options ----------------------------------------------------------------------- */

void
load_senders(struct sender *senders, unsigned count, const char *path)
{
	FILE *f = fopen(path, "r");

	if (f == NULL)
		die(path, strerror(errno));
	for (unsigned i = 0; i < count; i++) {
		struct sender *s = &senders[i];

		if (fscanf(f, "%" SCNu64 " %" SCNu64 " %511s", &s->user, &s->session, s->token) !=
		    3)
			die(path, "too few senders");
		/* Other client ids in each run, other rooms for each sender. */
		s->random = (load_now() << 16 | i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	}
	(void)fclose(f);
}

void
load_watch(struct load *load, char *text)
{
	char *equals = strchr(text, '=');

	if (equals == NULL || load->watch_count == WATCH_MAX)
		die("-c", "name=session, at most 8 times");
	*equals = '\0';
	load->watches[load->watch_count++] =
	    (struct watch){.name = text, .session = (int)strtol(equals + 1, NULL, 10)};
}

void
load_read(struct load *load, int argc, char **argv)
{
	const char *senders = NULL;
	int c;

	*load = (struct load){.rooms = 1, .warmup = 1, .seconds = 5};
	while ((c = getopt(argc, argv, "r:w:t:k:c:")) != -1) {
		switch (c) {
		case 'r': load->rooms = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'w': load->warmup = strtod(optarg, NULL); break;
		case 't': load->seconds = strtod(optarg, NULL); break;
		case 'k': senders = optarg; break;
		case 'c': load_watch(load, optarg); break;
		default: exit(2);
		}
	}
	if (senders == NULL || optind != argc - 1 || load->rooms < 1 || load->rooms > 1000)
		die(argv[0],
		    "-r rooms -w seconds -t seconds -k senders.txt -c name=session TARGET");
	load->target = argv[optind];
	load_senders(load->senders, SENDERS, senders);
}

/* ---- messages ---------------------------------------------------------------------- */

uint64_t
load_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

const char *
load_body(void)
{
	return "The wooden hall in the middle of the house is where everybody who comes by sits "
	       "down; "
	       "in summer its doors are lifted to the beams, so that the wind and the neighbours "
	       "can "
	       "walk through it as they like.";
}

/* xorshift64* */
uint64_t
load_random(struct sender *s)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return s->random * UINT64_C(0x2545f4914f6cdd1d);
}

unsigned
load_room(const struct load *load, struct sender *s)
{
	if (load->rooms == 1)
		return ROOM_FIRST;
	return ROOM_FIRST + (unsigned)((load_random(s) >> 32) % load->rooms);
}

void
load_client_id(struct sender *s, char out[ID_LENGTH])
{
	static const char digits[] = "0123456789abcdef";
	uint64_t bits[2] = {load_random(s), load_random(s)};
	unsigned n = 0;

	for (unsigned i = 0; i < ID_LENGTH; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			out[i] = '-';
			continue;
		}
		out[i] = digits[bits[n / 16] >> n % 16 * 4 & 15];
		n++;
	}
}

/* ---- CPU time ---------------------------------------------------------------------- */

/* What one process has used if it belongs to the session, with the leader's children that have
 * ended. */
static double
process_seconds(const char *pid, int session)
{
	unsigned long user, system;
	long dead_user, dead_system;
	char path[300], line[1024], *p;
	int its_session;
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0; /* it has just ended */
	n = fread(line, 1, sizeof(line) - 1, f);
	(void)fclose(f);
	line[n] = '\0';
	/* The name, in parentheses, may contain anything. */
	if ((p = strrchr(line, ')')) == NULL ||
	    sscanf(p + 2, "%*c %*d %*d %d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
		&its_session, &user, &system, &dead_user, &dead_system) != 5 ||
	    its_session != session)
		return 0;
	if (strtol(pid, NULL, 10) == session)
		user += (unsigned long)(dead_user + dead_system);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double
session_seconds(int session)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	double sum = 0;

	if (dir == NULL)
		die("/proc", strerror(errno));
	while ((entry = readdir(dir)) != NULL) {
		if (isdigit((unsigned char)entry->d_name[0]))
			sum += process_seconds(entry->d_name, session);
	}
	(void)closedir(dir);
	return sum;
}

/* How long all processors together have been idle: what the watched programs and the idle time
 * leave is somebody else's noise. */
static double
idle_seconds(void)
{
	unsigned long idle = 0, wait = 0;
	FILE *f = fopen("/proc/stat", "r");

	if (f == NULL || fscanf(f, "cpu %*u %*u %*u %lu %lu", &idle, &wait) != 2)
		die("/proc/stat", "can't be read");
	(void)fclose(f);
	return (double)(idle + wait) / (double)sysconf(_SC_CLK_TCK);
}

static double
self_seconds(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* ---- the window -------------------------------------------------------------------- */

void
load_begin(struct load *load)
{
	for (unsigned i = 0; i < load->watch_count; i++)
		load->watches[i].before = session_seconds(load->watches[i].session);
	load->idle_before = idle_seconds();
	load->self_before = self_seconds();
}

void
load_end(const struct load *load)
{
	(void)printf("{\"cpu\":{\"load\":%.3f", self_seconds() - load->self_before);
	for (unsigned i = 0; i < load->watch_count; i++) {
		const struct watch *w = &load->watches[i];

		(void)printf(",\"%s\":%.3f", w->name, session_seconds(w->session) - w->before);
	}
	(void)printf(",\"idle\":%.3f}", idle_seconds() - load->idle_before);
}

void
load_report(const struct result *r)
{
	const struct hist *h = &r->times;

	(void)printf(",\"measured\":%" PRIu64 ",\"seconds\":%.3f,\"acked\":%" PRIu64
		     ",\"other\":%" PRIu64 ",\"lost\":%" PRIu64,
	    h->n, r->seconds, r->acked, r->other, r->lost);
	(void)printf(",\"p50\":%" PRIu64 ",\"p95\":%" PRIu64 ",\"p99\":%" PRIu64 ",\"max\":%" PRIu64
		     "}\n",
	    hist_quantile(h, 0.5), hist_quantile(h, 0.95), hist_quantile(h, 0.99), h->max);
}
