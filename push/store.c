/* SPDX-License-Identifier: MIT */
/* The thread behind store.h: what is to be done, in order, and who is next.
 */
#include "store.h"

#include "clock.h"
#include "conf.h"
#include "crypt.h"
#include "erase.h"
#include "log.h"
#include "s3.h"
#include "slowdown.h"
#include "spool.h"
#include "stats.h"
#include "table.h"
#include "upload.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define SCAN_MS    30000
#define LEAVE_MS   2000
#define REMIND_MS  600000 /* between two lines about the same trouble */
#define RETRY_MAX  300000
#define RETRY_LOGS 8     /* one line for so many failures of one file */
#define ITEMS_MAX  16384 /* more wait in the directory; a scan finds them */
#define NICE       10    /* chat comes first */

/* A file of ready/, or a marker of gone/. */
struct item {
	UT_hash_handle hh;
	enum spool_place place;
	int64_t not_before; /* monotonic */
	unsigned failures;
	unsigned tries;        /* slowdown's, when the attempt began */
	struct upload *upload; /* one of these while it is under way */
	struct erase *erase;
	char key[SPOOL_NAME_SIZE + 1]; /* 'r' or 'g', and the name */
};

static struct {
	bool started;
	pthread_t thread;
	atomic_bool leaving;
	const struct conf *conf;
	struct s3 *s3;
	struct spool spool;
	struct slowdown slowdown;
	struct item *items; /* a table in the order in which they wait */
	unsigned active;
	bool overflow; /* there is more in the directory */
	int64_t scan_at;
	struct {
		char why[S3_WHY_SIZE];
		int64_t said_at;
	} trouble;
} store;

static bool
is_busy(const struct item *i)
{
	return i->upload != NULL || i->erase != NULL;
}

static const char *
name_of(const struct item *i)
{
	return i->key + 1;
}

static void
make_key(char out[SPOOL_NAME_SIZE + 1], enum spool_place place, const char *name)
{
	(void)snprintf(out, SPOOL_NAME_SIZE + 1, "%c%.*s", place == SPOOL_GONE ? 'g' : 'r',
	    SPOOL_NAME_SIZE - 1, name);
}

static struct item *
find(enum spool_place place, const char *name)
{
	char key[SPOOL_NAME_SIZE + 1];
	struct item *i;

	make_key(key, place, name);
	HASH_FIND_STR(store.items, key, i);
	return i;
}

static void
add(void *arg, enum spool_place place, const char *name)
{
	struct item *i = find(place, name);

	(void)arg;
	if (i != NULL)
		return;
	if (HASH_COUNT(store.items) >= ITEMS_MAX) {
		store.overflow = true;
		return;
	}
	if ((i = calloc(1, sizeof(*i))) == NULL)
		abort();
	i->place = place;
	make_key(i->key, place, name);
	HASH_ADD_STR(store.items, key, i);
	store_stats.waiting++;
}

static void
end_attempt(struct item *i)
{
	if (is_busy(i))
		store.active--;
	if (i->upload != NULL)
		upload_destroy(i->upload);
	if (i->erase != NULL)
		erase_destroy(i->erase);
	i->upload = NULL;
	i->erase = NULL;
}

static void
drop(struct item *i)
{
	assert(store.items != NULL);
	end_attempt(i);
	HASH_DEL(store.items, i);
	store_stats.waiting--;
	free(i);
}

static void
move_to_end(struct item *i)
{
	HASH_DEL(store.items, i);
	HASH_ADD_STR(store.items, key, i);
}

/* ---- who is next */

static bool
is_uploaded_now(const char *object)
{
	char name[SPOOL_NAME_SIZE];

	for (unsigned n = 0; n < SPOOL_SIZES; n++) {
		const struct item *i;

		spool_name(object, n, name);
		if ((i = find(SPOOL_READY, name)) != NULL && is_busy(i))
			return true;
	}
	return false;
}

static bool
may_begin(const struct item *i, int64_t now)
{
	if (is_busy(i) || i->not_before > now)
		return false;
	if (i->place == SPOOL_GONE)
		return !is_uploaded_now(name_of(i));
	/* What will be deleted need not be uploaded. */
	char object[SPOOL_NAME_SIZE];

	spool_name(name_of(i), 0, object);
	return find(SPOOL_GONE, object) == NULL;
}

static void
begin(struct item *i)
{
	i->tries = store.slowdown.tries;
	if (i->place == SPOOL_GONE)
		i->erase = erase_create(store.s3, &store.spool, name_of(i));
	else
		i->upload = upload_create(store.s3, &store.spool, name_of(i));
	if (is_busy(i))
		store.active++;
	else
		drop(i); /* somebody has removed it */
}

static void
begin_some(int64_t now)
{
	struct item *i, *next;

	if (store.leaving || store.spool.fds[SPOOL_READY] < 0)
		return;
	HASH_ITER (hh, store.items, i, next) {
		if (!slowdown_allows(&store.slowdown, store.active, now))
			return;
		if (may_begin(i, now))
			begin(i);
	}
}

/* ---- how it ended */

static void
say_trouble(const char *why, int64_t now)
{
	bool same = strcmp(store.trouble.why, why) == 0;

	if (same && now - store.trouble.said_at < REMIND_MS)
		return;
	store.trouble.said_at = now;
	(void)snprintf(store.trouble.why, sizeof(store.trouble.why), "%s", why);
	log_error("the bucket %s at %s does not work: %s. %u files and deletions wait, nothing is "
		  "lost%s",
	    store.conf->s3_bucket, store.conf->s3_endpoint, why, HASH_COUNT(store.items),
	    same ? "; still" : "");
}

static void
on_server_failed(struct item *i, const struct outcome *o, int64_t now)
{
	/* While the server fails, the file that was sent to try it is not to blame. */
	if (i->tries == 0)
		i->not_before = now + slowdown_delay(++i->failures, RETRY_MAX, crypt_random64());
	slowdown_failed(&store.slowdown, i->tries, o->retry_after, crypt_random64(), now);
	store_stats.trouble = 1;
	say_trouble(o->why, now);
}

static void
on_object_failed(struct item *i, const struct outcome *o, int64_t now)
{
	int64_t delay = slowdown_delay(++i->failures, RETRY_MAX, crypt_random64());

	i->not_before = now + delay;
	if (i->failures % RETRY_LOGS == 1)
		log_error("%s of %s failed for the %u. time, next try in %u s: %s",
		    i->place == SPOOL_GONE ? "deletion" : "upload", name_of(i), i->failures,
		    (unsigned)(delay / 1000), o->why);
}

static void
on_worked(struct item *i)
{
	log_debug("%s %s", i->place == SPOOL_GONE ? "deleted" : "uploaded", name_of(i));
	if (i->place == SPOOL_GONE)
		store_stats.deleted++;
	else
		store_stats.uploaded++;
	if (slowdown_worked(&store.slowdown)) {
		log_info("the bucket %s works again; %u files and deletions wait",
		    store.conf->s3_bucket, HASH_COUNT(store.items) - 1);
		store.trouble.why[0] = '\0';
		store_stats.trouble = 0;
	}
	drop(i);
}

static void
on_over(struct item *i, int64_t now)
{
	struct outcome o =
	    i->upload != NULL ? *upload_outcome(i->upload) : *erase_outcome(i->erase);

	if (o.trouble == S3_FINE) {
		on_worked(i);
		return;
	}
	store_stats.failed++;
	end_attempt(i);
	if (o.trouble == S3_SERVER)
		on_server_failed(i, &o, now);
	else
		on_object_failed(i, &o, now);
	move_to_end(i);
}

/* Lets everything under way take its next step; true: one of them goes on computing. */
static bool
step_all(int64_t now)
{
	struct item *i, *next;
	unsigned left = store.active;
	bool more = false;

	HASH_ITER (hh, store.items, i, next) {
		enum step step;

		if (left == 0)
			break;
		if (!is_busy(i))
			continue;
		left--;
		step = i->upload != NULL ? upload_step(i->upload) : erase_step(i->erase);
		if (step == STEP_OVER)
			on_over(i, now);
		more = more || step != STEP_WAITS;
	}
	return more;
}

/* ---- the thread */

static void
look(int64_t now)
{
	/* News first: after them the directory may have to be opened anew. */
	if (store.spool.watch >= 0 && !spool_news(&store.spool, add, NULL))
		store.scan_at = now;
	if (store.overflow && HASH_COUNT(store.items) < ITEMS_MAX / 2)
		store.scan_at = now;
	if (now < store.scan_at)
		return;
	store.overflow = false;
	(void)spool_scan(&store.spool, add, NULL);
	store.scan_at = now + SCAN_MS;
}

/* Milliseconds until something may begin by itself. */
static int
time_left(int64_t now)
{
	int64_t at = store.scan_at;
	const struct item *i;

	for (i = store.items; i != NULL; i = i->hh.next) {
		int64_t from =
		    i->not_before > store.slowdown.until ? i->not_before : store.slowdown.until;

		if (!is_busy(i) && from > now && from < at)
			at = from;
	}
	return at > now ? (int)(at - now) : 0;
}

static void *
run(void *arg)
{
	int64_t end = INT64_MAX, now;
	bool more = false;

	(void)arg;
	/* Of this thread alone, on Linux. Not allowed: as well. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	for (;;) {
		now = clock_mono();
		if (store.leaving && end == INT64_MAX)
			end = now + LEAVE_MS;
		if (now >= end || (store.leaving && store.active == 0))
			break;
		look(now);
		begin_some(now);
		more = step_all(now);
		s3_wait(store.s3, store.spool.watch,
		    more                                   ? 0
		    : store.leaving && end - now < SCAN_MS ? (int)(end - now)
							   : time_left(now));
	}
	return NULL;
}

static bool
start_thread(void)
{
	sigset_t all, before;
	bool ok;

	/* Signals are the loop's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&store.thread, NULL, run, NULL) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

bool
store_start(const struct conf *conf)
{
	if (conf->s3_endpoint[0] == '\0')
		return true;
	store.conf = conf;
	store.leaving = false;
	store.scan_at = 0;
	if ((store.s3 = s3_create(conf)) == NULL)
		return false;
	spool_init(&store.spool, conf->files_dir);
	slowdown_init(&store.slowdown, (unsigned)conf->s3_uploads);
	store.started = start_thread();
	if (!store.started)
		log_error("no thread for the bucket");
	else
		log_info("files go to %s, bucket %s", conf->s3_endpoint, conf->s3_bucket);
	return store.started;
}

void
store_leave(void)
{
	store.leaving = true;
	if (store.started)
		s3_wake(store.s3);
}

void
store_stop(void)
{
	struct item *i, *next;

	if (store.s3 == NULL)
		return;
	store_leave();
	if (store.started)
		(void)pthread_join(store.thread, NULL);
	store.started = false;
	i = store.items;
	HASH_CLEAR(hh, store.items);
	for (; i != NULL; i = next) {
		next = i->hh.next;
		end_attempt(i);
		free(i);
	}
	spool_finish(&store.spool);
	s3_destroy(store.s3);
	store.s3 = NULL;
}
