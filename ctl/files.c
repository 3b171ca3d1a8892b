/* SPDX-License-Identifier: MIT */
/* What verify, move and sweep have in common: the beginning, the end, and how they speak. */
#include "files.h"

#include "bucket.h"
#include "print.h"
#include "shared/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define PROGRESS_MS 100
#define LINE_SIZE   2048

const char files_help[] =
    "  files verify\n"
    "      compares the database, files_dir and the bucket, and names what is missing or unknown\n"
    "  files move\n"
    "      moves the files of files_dir into the bucket, while everything runs\n"
    "  files sweep\n"
    "      removes at once the files that nobody needs or knows, an hour after they came\n";

static const struct {
	const char *word;
	int (*run)(struct files *f);
} commands[] = {{"verify", verify_files}, {"move", move_files}, {"sweep", sweep_files}};

static bool noted; /* there is a note at the terminal */

void
files_clear(void)
{
	if (noted)
		(void)fputs("\r\033[K", stderr);
	(void)fflush(stderr);
	noted = false;
}

void
files_progress(const char *fmt, ...)
{
	static int64_t next; /* monotonic */
	va_list ap;

	if (!isatty(STDERR_FILENO) || clock_mono() < next)
		return;
	files_clear();
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fflush(stderr);
	noted = true;
	next = clock_mono() + PROGRESS_MS;
}

bool
files_fail(struct files *f, const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	files_clear();
	(void)fputs("maructl: ", stderr);
	print_text(stderr, line);
	(void)fputc('\n', stderr);
	f->broken = true;
	return false;
}

void
files_say(const struct files *f, json_t *object, const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	files_clear();
	if (f->json) {
		(void)json_object_set_new(object, "text", json_string(line));
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	} else {
		print_text(stdout, line);
	}
	json_decref(object);
	(void)putchar('\n');
	(void)fflush(stdout);
}

int
files_command(struct req *r, bool json, int argc, char **argv)
{
	struct files f = {.r = r, .json = json};
	size_t i, n = sizeof(commands) / sizeof(commands[0]);
	int rc = 1;

	for (i = 0; i < n && (argc != 2 || strcmp(argv[1], commands[i].word) != 0); i++)
		continue;
	if (i == n) {
		(void)fputs("maructl: it is files verify, files move or files sweep\n", stderr);
		return 2;
	}
	if (commands[i].run == move_files && r->conf->s3_endpoint[0] == '\0') {
		(void)files_fail(&f, "there is no bucket to move files to: s3_endpoint is not set");
		return 2;
	}
	if (r->conf->s3_endpoint[0] == '\0' || (f.bucket = bucket_open(&f)) != NULL)
		rc = commands[i].run(&f);
	files_clear();
	bucket_close(f.bucket);
	return rc;
}
