/* SPDX-License-Identifier: MIT */
/* The database-only ceiling: 32 threads, each with a connection of its own, call message_send as
 * api/db.c does (prepared once; store, describe, bind, fetch, free, next result), and nothing else.
 * It sets no timeouts: they would cost two more system calls per wait, and this is to be the most
 * that the database can do. What maru-api reaches is measured against this. The password comes from
 * MARU_DB_PASSWORD.
 *
 *   build/bench/ceiling -r 1 -w 1 -t 5 -k senders.txt DIR/sock/db.sock
 */
#include "load.h"

#include <mysql.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum phase { WARMUP, MEASURE, STOP };

static atomic_int phase = WARMUP;

struct client {
	pthread_t thread;
	const struct load *load;
	struct sender sender;
	MYSQL *link;
	MYSQL_STMT *call;
	char body[BODY_LENGTH + 1]; /* a copy: what is bound is not const */
	uint64_t acked, other;
	struct hist times;
};

struct answer {
	char outcome[16];
	uint64_t seq, mid, prev;
	MYSQL_TIME created_at;
};

static void
connect_to(struct client *c)
{
	static const char call[] =
	    "CALL message_send(?, ?, ?, ?, ?, ?, NULLIF(?, 0), NULL, NULL, NULL, NULL, NULL, NULL)";
	const char *password = getenv("MARU_DB_PASSWORD");
	my_bool measure = 1;

	if ((c->link = mysql_init(NULL)) == NULL)
		die("mysql_init", "no memory");
	(void)mysql_options(c->link, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (mysql_real_connect(c->link, NULL, "maru", password, "maru", 0, c->load->target,
		CLIENT_FOUND_ROWS | CLIENT_MULTI_RESULTS) == NULL ||
	    mysql_query(c->link, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED") != 0 ||
	    mysql_query(c->link, "SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = 3, "
				 "sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'") != 0)
		die("connect", mysql_error(c->link));
	if ((c->call = mysql_stmt_init(c->link)) == NULL ||
	    mysql_stmt_prepare(c->call, call, sizeof(call) - 1) != 0)
		die("prepare", mysql_error(c->link));
	(void)mysql_stmt_attr_set(c->call, STMT_ATTR_UPDATE_MAX_LENGTH, &measure);
}

static void
bind_number(MYSQL_BIND *b, uint64_t *value)
{
	b->buffer_type = MYSQL_TYPE_LONGLONG;
	b->is_unsigned = 1;
	b->buffer = value;
}

static void
bind_text(MYSQL_BIND *b, char *text, size_t n)
{
	b->buffer_type = MYSQL_TYPE_STRING;
	b->buffer = text;
	b->buffer_length = (unsigned long)n;
}

static void
execute(struct client *c)
{
	uint64_t room = load_room(c->load, &c->sender), mid = load_random(&c->sender), no_reply = 0;
	char id[ID_LENGTH];
	MYSQL_BIND b[7] = {0};

	load_client_id(&c->sender, id);
	bind_number(&b[0], &c->sender.user);
	bind_number(&b[1], &c->sender.session);
	bind_number(&b[2], &room);
	bind_text(&b[3], id, sizeof(id));
	bind_text(&b[4], c->body, BODY_LENGTH);
	bind_number(&b[5], &mid);
	bind_number(&b[6], &no_reply);
	(void)mysql_stmt_bind_param(c->call, b);
	if (mysql_stmt_execute(c->call) != 0)
		die("execute", mysql_stmt_error(c->call));
}

/* Reads the row and the status that follows it; false unless the message is stored. */
static bool
fetch(struct client *c)
{
	MYSQL_STMT *s = c->call;
	struct answer a = {0};
	MYSQL_BIND b[5] = {0};
	MYSQL_RES *meta;
	int rc;

	if (mysql_stmt_store_result(s) != 0)
		die("store", mysql_stmt_error(s));
	if ((meta = mysql_stmt_result_metadata(s)) == NULL || mysql_num_fields(meta) != 5)
		die("message_send", "does not answer five columns");
	mysql_free_result(meta);
	bind_text(&b[0], a.outcome, sizeof(a.outcome) - 1);
	bind_number(&b[1], &a.seq);
	bind_number(&b[2], &a.mid);
	bind_number(&b[3], &a.prev);
	b[4] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_DATETIME, .buffer = &a.created_at};
	(void)mysql_stmt_bind_result(s, b);
	while ((rc = mysql_stmt_fetch(s)) == 0)
		continue;
	(void)mysql_stmt_free_result(s);
	if (rc != MYSQL_NO_DATA)
		die("fetch", mysql_stmt_error(s));
	while ((rc = mysql_stmt_next_result(s)) == 0)
		(void)mysql_stmt_free_result(s);
	if (rc > 0)
		die("next result", mysql_stmt_error(s));
	return strcmp(a.outcome, "ok") == 0;
}

static void *
run(void *arg)
{
	struct client *c = arg;
	uint64_t start;
	int now;

	(void)mysql_thread_init();
	while ((now = atomic_load(&phase)) != STOP) {
		start = load_now();
		execute(c);
		if (fetch(c))
			c->acked++;
		else
			c->other++;
		/* Counted if it was answered within the window, as send.c does. */
		if (atomic_load(&phase) == MEASURE)
			hist_add(&c->times, load_now() - start);
	}
	mysql_thread_end();
	return NULL;
}

static void
pause_for(double seconds)
{
	(void)usleep((useconds_t)(seconds * 1e6));
}

static void
finish(struct client *c, struct result *r)
{
	(void)pthread_join(c->thread, NULL);
	r->acked += c->acked;
	r->other += c->other;
	hist_merge(&r->times, &c->times);
	(void)mysql_stmt_close(c->call);
	mysql_close(c->link);
}

int
main(int argc, char **argv)
{
	static struct load load;
	static struct client clients[SENDERS];
	static struct result result;
	uint64_t start;

	load_read(&load, argc, argv);
	if (mysql_library_init(0, NULL, NULL) != 0)
		die("libmariadb", "does not start");
	for (unsigned i = 0; i < SENDERS; i++) {
		clients[i].load = &load;
		clients[i].sender = load.senders[i];
		memcpy(clients[i].body, load_body(), BODY_LENGTH);
		connect_to(&clients[i]);
	}
	for (unsigned i = 0; i < SENDERS; i++) {
		if (pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0)
			die("thread", "can't start");
	}
	pause_for(load.warmup);
	load_begin(&load);
	start = load_now();
	atomic_store(&phase, MEASURE);
	pause_for(load.seconds);
	atomic_store(&phase, STOP);
	result.seconds = (double)(load_now() - start) / 1e6;
	load_end(&load);
	for (unsigned i = 0; i < SENDERS; i++)
		finish(&clients[i], &result);
	load_report(&result);
	mysql_library_end();
	return 0;
}
