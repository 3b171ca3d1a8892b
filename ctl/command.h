/* SPDX-License-Identifier: MIT */
/* The commands of maructl: words of the command line become a request of the API. */
#ifndef MARU_COMMAND_H
#define MARU_COMMAND_H

#include "api/req.h"

#include <stdio.h>

struct command {
	const char *words;
	enum method method;
	const char *method_name;
	const char *path;
	const char *fixed;   /* JSON, or "" */
	const char *further; /* names with marks, see commands.def */
	const char *help;
};

/* Writes what can be told. */
void command_help(FILE *out);

/* The command that the words begin with, NULL if there is none; *n: how many of them it took. */
const struct command *command_find(int argc, char **argv, int *n);

/* Fills method, path, query and content of the request. False after saying on stderr what is wrong
 * with the words. The database is asked for the ids of people. */
bool command_fill(const struct command *c, int argc, char **argv, struct req *r);

#endif
