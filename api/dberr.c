/* SPDX-License-Identifier: MIT */
/* The table behind dberr.h; https://mariadb.com/kb/en/mariadb-error-code-reference/ */
#include "dberr.h"

#include <stddef.h>

static const struct {
	unsigned code;
	bool lost;
	enum err e;
} table[] = {
    {1062, false, ERR_CONFLICT},    /* duplicate key */
    {1213, false, ERR_RETRY},       /* deadlock: the whole transaction was rolled back */
    {1205, false, ERR_UNAVAILABLE}, /* lock wait timeout: only the statement was rolled back */
    {1020, false, ERR_RETRY},       /* row changed since it was read */
    {1021, false, ERR_UNAVAILABLE}, /* disk full */
    {1026, false, ERR_UNAVAILABLE}, /* error writing file */
    {1036, false, ERR_UNAVAILABLE}, /* table is read only */
    {1114, false, ERR_UNAVAILABLE}, /* table is full: no space left */
    {1290, false, ERR_UNAVAILABLE}, /* server runs with --read-only */
    {1792, false, ERR_UNAVAILABLE}, /* read-only transaction */
    {1030, false, ERR_UNAVAILABLE}, /* storage engine error, such as no space */
    {1040, true, ERR_UNAVAILABLE},  /* too many connections */
    {1044, true, ERR_UNAVAILABLE},  /* access denied to the database */
    {1045, true, ERR_UNAVAILABLE},  /* access denied */
    {1049, true, ERR_UNAVAILABLE},  /* unknown database */
    {1053, true, ERR_UNAVAILABLE},  /* server shuts down */
    {1077, true, ERR_UNAVAILABLE},  /* server shuts down normally */
    {1129, true, ERR_UNAVAILABLE},  /* host is blocked */
    {1203, true, ERR_UNAVAILABLE},  /* too many connections of this user */
    {1226, true, ERR_UNAVAILABLE},  /* user's resource limit */
    {1243, true, ERR_UNAVAILABLE},  /* unknown prepared statement */
    {1698, true, ERR_UNAVAILABLE},  /* access denied (unix_socket) */
    {1927, true, ERR_UNAVAILABLE},  /* connection was killed */
    {2002, true, ERR_UNAVAILABLE},  /* no server at the socket */
    {2003, true, ERR_UNAVAILABLE},  /* no server at the address */
    {2005, true, ERR_UNAVAILABLE},  /* unknown host */
    {DBERR_GONE, true, ERR_UNAVAILABLE},
    {2013, true, ERR_UNAVAILABLE}, /* connection lost during a statement */
    {2026, true, ERR_UNAVAILABLE}, /* TLS error */
    {2055, true, ERR_UNAVAILABLE}, /* connection lost, with the reason */
    {4031, true, ERR_UNAVAILABLE}, /* closed for being idle */
};

static size_t
find(unsigned code)
{
	size_t i = 0;

	while (i < sizeof(table) / sizeof(table[0]) && table[i].code != code)
		i++;
	return i;
}

enum err
dberr_map(unsigned code)
{
	size_t i = find(code);

	return i < sizeof(table) / sizeof(table[0]) ? table[i].e : ERR_INTERNAL;
}

bool
dberr_is_lost(unsigned code)
{
	size_t i = find(code);

	/* The client library's own errors leave the protocol in an unknown state. */
	return i < sizeof(table) / sizeof(table[0]) ? table[i].lost : code >= 2000 && code < 3000;
}
