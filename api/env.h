/* SPDX-License-Identifier: MIT */
#ifndef MARU_ENV_H
#define MARU_ENV_H

/* What nginx tells about the request (conf/nginx.conf lists the same names). Empty, never NULL. */
struct req_env {
	const char *id; /* of the request: 32 random hexadecimal characters */
	const char *address;
	const char *scheme; /* http or https */
	const char *host;
	const char *origin;
	const char *authorization;
	const char *cookie;
	const char *agent;
	const char *content_type;
	const char *last_event_id;
	const char *idempotency_key;
	const char *if_none_match;
	const char *tus_resumable, *upload_length, *upload_offset, *upload_metadata;
};

#endif
