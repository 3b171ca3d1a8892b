/* SPDX-License-Identifier: MIT */
/* maru-api: options, and what is to be done. The work is in parent.c (supervision), worker.c (the
 * loop) and serve.c (one request). */
#include "db.h"
#include "parent.h"
#include "shared/crypt.h"
#include "shared/log.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define CONF_PATH "/etc/maru/maru.conf"

enum task { TASK_SERVE, TASK_CHECK, TASK_TEST, TASK_SAMPLE };

static const char help[] =
    "maru-api [-c FILE] [--check | -t]\n"
    "\n"
    "Answers Maru's REST API over FastCGI. Stays in the foreground and logs to stderr.\n"
    "\n"
    "  -c, --config FILE   settings (default " CONF_PATH ")\n"
    "      --check         read the settings, say what is wrong with them, exit\n"
    "  -t, --test          also connect to the database and prepare every statement, exit\n"
    "      --sample-config write a complete commented maru.conf, exit\n"
    "      --version       write the version, exit\n"
    "      --help          this text\n"
    "\n"
    "SIGTERM finishes the requests at hand and ends; SIGHUP reads the settings again.\n";

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, 'k'},
    {"test", no_argument, NULL, 't'},
    {"sample-config", no_argument, NULL, 's'},
    {"version", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static enum task
parse_options(int argc, char **argv, const char **path)
{
	enum task task = TASK_SERVE;
	int c;

	while ((c = getopt_long(argc, argv, "c:t", options, NULL)) != -1) {
		switch (c) {
		case 'c': *path = optarg; break;
		case 'k': task = TASK_CHECK; break;
		case 't': task = TASK_TEST; break;
		case 's': task = TASK_SAMPLE; break;
		case 'v': (void)puts("maru-api " MARU_VERSION); exit(0);
		case 'h': (void)fputs(help, stdout); exit(0);
		default: (void)fputs(help, stderr); exit(2);
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "maru-api: unexpected \"%s\"\n\n%s", argv[optind], help);
		exit(2);
	}
	return task;
}

static int
write_sample(void)
{
	struct buf out;

	buf_init(&out, (size_t)1 << 20);
	conf_write_sample(&out);
	(void)fputs(out.p, stdout);
	buf_finish(&out);
	return 0;
}

static int
test(const struct conf *conf)
{
	struct db *db = db_create(conf);
	bool ok = db_selftest(db);

	db_destroy(db);
	(void)puts(ok ? "ok: settings, database, schema and all statements" : "failed, see above");
	return ok ? 0 : 1;
}

/* Does the task; parent_run() gives the settings back itself, as it may have read others since. */
static int
perform(enum task task, struct conf *conf, const char *path)
{
	int rc = 0;

	if (task == TASK_SERVE)
		return parent_run(conf, path);
	if (task == TASK_TEST)
		rc = test(conf);
	else
		(void)printf("%s: ok\n", path);
	conf_finish(conf);
	free(conf);
	return rc;
}

int
main(int argc, char **argv)
{
	const char *path = CONF_PATH;
	enum task task = parse_options(argc, argv, &path);
	struct conf *conf;
	struct buf errors;

	log_open("maru-api", LOG_INFO);
	if (task == TASK_SAMPLE)
		return write_sample();
	if (!crypt_init() || (conf = malloc(sizeof(*conf))) == NULL)
		return 1;
	conf_init(conf);
	buf_init(&errors, 65536);
	if (!conf_load(conf, path, &errors)) {
		(void)fputs(errors.p, stderr);
		buf_finish(&errors);
		conf_finish(conf);
		free(conf);
		return 1;
	}
	buf_finish(&errors);
	log_open("maru-api", log_level(conf->log_level));
	return perform(task, conf, path);
}
