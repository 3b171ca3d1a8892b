/* SPDX-License-Identifier: MIT */
/* The one list of errors (err.def) as an enum, and what each means to HTTP. */
#ifndef MARU_ERR_H
#define MARU_ERR_H

enum err {
	OK = 0,
#define ERR(name, status, slug, title) ERR_##name,
#include "err.def"
#undef ERR
	ERR_COUNT
};

struct err_info {
	const char *name;  /* NOT_FOUND, for logs */
	int status;        /* HTTP status */
	const char *slug;  /* last part of the problem type */
	const char *title; /* one English sentence without a full stop */
};

/* What is known about an error. e must not be OK. The result is static. */
const struct err_info *err_info(enum err e);

/* Leaves the function with the error of x, if there is one. Safe only because memory belongs to
 * the request's arena and serve.c owns the transaction: nothing has to be undone by hand. */
#define TRY(x)                           \
	do {                             \
		enum err try_err_ = (x); \
		if (try_err_ != OK)      \
			return try_err_; \
	} while (0)

#endif
