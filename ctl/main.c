/* SPDX-License-Identifier: MIT */
/* maructl: what an administrator does on the host itself. A command is a request of the API
 * (commands.def), answered in this process by the same handlers that answer everybody, as an admin
 * of its own: whoever can read maru.conf needs no login. */
#include "api/db.h"
#include "api/notify.h"
#include "api/purge.h"
#include "api/serve.h"
#include "command.h"
#include "files.h"
#include "print.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "sql.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#define CONF_PATH "/etc/maru/maru.conf"
#define OPERATOR  "~maructl"

static const char usage[] = "maructl [-c FILE] [--json] COMMAND ...\n"
			    "\n"
			    "  -c, --config FILE   settings (default " CONF_PATH ")\n"
			    "      --json          answers as JSON instead of tables\n"
			    "      --version       write the version, exit\n"
			    "      --help          this text\n"
			    "\n"
			    "Commands. USER is a number or a login name; name=... are further "
			    "fields, of which those in brackets\n"
			    "may be left out:\n"
			    "\n";

static const char sweep_help[] =
    "  sweep\n"
    "      erases at once what is to be erased, instead of bit by bit\n";

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {"version", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct ctl {
	struct req r;
	struct conf conf;
	const char *path;
	bool json;
};

static void
help(FILE *out)
{
	(void)fputs(usage, out);
	command_help(out);
	(void)fputs(files_help, out);
	(void)fputs(sweep_help, out);
}

static void
parse_options(struct ctl *ctl, int argc, char **argv)
{
	int c;

	/* "+": a word that is no option ends them. */
	while ((c = getopt_long(argc, argv, "+c:", options, NULL)) != -1) {
		switch (c) {
		case 'c': ctl->path = optarg; break;
		case 'j': ctl->json = true; break;
		case 'v': (void)puts("maructl " MARU_VERSION); exit(0);
		case 'h': help(stdout); exit(0);
		default: (void)fputs("maructl --help says more\n", stderr); exit(2);
		}
	}
}

static bool
load(struct ctl *ctl)
{
	struct buf errors;
	bool ok;

	conf_init(&ctl->conf);
	buf_init(&errors, 65536);
	ok = conf_load(&ctl->conf, ctl->path, &errors);
	if (!ok)
		(void)fputs(errors.p, stderr);
	buf_finish(&errors);
	return ok;
}

/* The account in whose name all this is done; it can't log in. */
static bool
become_operator(struct req *r)
{
	json_t *row;
	enum err e = sql_user_password(r, OPERATOR, &row);

	if (e == ERR_NOT_FOUND && (e = sql_operator_insert(r, OPERATOR, NULL)) == OK)
		e = sql_user_password(r, OPERATOR, &row);
	if (e != OK)
		return false;
	r->user = row_id(row, "id");
	return true;
}

static int
sweep(struct req *r)
{
	unsigned long steps = 0;

	for (; purge_step(r); steps++) {
		arena_reset(&r->mem);
		if (isatty(STDERR_FILENO) && steps % 100 == 0)
			(void)fprintf(stderr, "\r%lu steps", steps);
	}
	(void)printf("%sswept in %lu steps\n", isatty(STDERR_FILENO) ? "\n" : "", steps);
	return 0;
}

static void
print(const struct ctl *ctl)
{
	const json_t *answer = ctl->r.answer;

	if (answer == NULL)
		(void)puts("done");
	else if (ctl->json)
		(void)json_dumpf(answer, stdout, JSON_INDENT(2));
	else
		print_answer(answer);
	if (answer != NULL && ctl->json)
		(void)putchar('\n');
}

/* Says on stderr why it was refused, and what is wrong with which fields. */
static void
explain(const json_t *problem)
{
	const json_t *errors = json_object_get(problem, "errors"), *error;

	(void)fprintf(stderr, "maructl: %s", row_text(problem, "title"));
	if (json_object_get(problem, "detail") != NULL)
		(void)fprintf(stderr, ": %s", row_text(problem, "detail"));
	(void)fputc('\n', stderr);
	for (size_t i = 0; (error = json_array_get(errors, i)) != NULL; i++)
		(void)fprintf(
		    stderr, "  %s %s\n", row_text(error, "field"), row_text(error, "message"));
}

/* 0 done, 1 refused, 2 not understood. */
static int
perform(struct ctl *ctl, int argc, char **argv)
{
	const struct command *command;
	int n;

	if (argc == 1 && strcmp(argv[0], "sweep") == 0)
		return sweep(&ctl->r);
	if (strcmp(argv[0], "files") == 0)
		return files_command(&ctl->r, ctl->json, argc, argv);
	if ((command = command_find(argc, argv, &n)) == NULL) {
		(void)fputs(
		    "maructl: there is no such command; maructl --help lists them\n", stderr);
		return 2;
	}
	if (!command_fill(command, argc, argv, &ctl->r))
		return 2;
	if (serve_local(&ctl->r) != OK) {
		explain(ctl->r.answer);
		return 1;
	}
	print(ctl);
	return 0;
}

static int
run(struct ctl *ctl, int argc, char **argv)
{
	struct req *r = &ctl->r;
	int rc = 1;

	*r = (struct req){
	    .conf = &ctl->conf, .db = db_create(&ctl->conf), .notify = notify_create(&ctl->conf)};
	arena_init(&r->mem);
	buf_init(&r->headers, 8192);
	r->env = (struct req_env){"", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""};
	if (db_ready(r->db) == OK && become_operator(r))
		rc = perform(ctl, argc, argv);
	else
		(void)fputs("maructl: the database does not answer, see above\n", stderr);
	buf_finish(&r->headers);
	arena_finish(&r->mem);
	notify_destroy(r->notify);
	db_destroy(r->db);
	return rc;
}

int
main(int argc, char **argv)
{
	static struct ctl ctl = {.path = CONF_PATH};
	int rc;

	parse_options(&ctl, argc, argv);
	if (optind == argc) {
		help(stderr);
		return 2;
	}
	log_open("maructl", LOG_WARN);
	rc = !crypt_init() || !load(&ctl) ? 1 : run(&ctl, argc - optind, argv + optind);
	conf_finish(&ctl.conf);
	return rc;
}
