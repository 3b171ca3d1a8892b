/* SPDX-License-Identifier: MIT */
/* The table behind err.h. */
#include "err.h"

#include <assert.h>

static const struct err_info table[ERR_COUNT] = {
    {"OK", 200, "ok", "Fine"},
#define ERR(name, status, slug, title) {#name, status, slug, title},
#include "err.def"
#undef ERR
};

const struct err_info *
err_info(enum err e)
{
	assert(e > OK && e < ERR_COUNT);
	return &table[e];
}
