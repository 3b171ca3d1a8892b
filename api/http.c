/* SPDX-License-Identifier: MIT */
/* See http.h. Nobody who answers may keep us, make us read without end, or send us elsewhere. */
#include "http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECT_MS 5000L
#define TOTAL_MS   10000L
#define ANSWER_MAX 65536 /* bytes of headers and text */
#define FIRST_REAL 200   /* statuses below it are announcements */

struct http {
	CURL *link;
	size_t read; /* of the answer at hand */
};

struct http *
http_create(void)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (h->link = curl_easy_init()) == NULL)
		abort();
	return h;
}

void
http_destroy(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->link);
	curl_global_cleanup();
	free(h);
}

/* Counts what comes and keeps nothing; too much ends the connection. */
static size_t
swallow(char *bytes, size_t size, size_t n, void *http)
{
	struct http *h = http;

	(void)bytes;
	h->read += size * n;
	return h->read > ANSWER_MAX ? 0 : size * n;
}

static int
look_around(void *stop, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return *(const volatile sig_atomic_t *)stop != 0;
}

static void
limit(CURL *c)
{
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(c, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, TOTAL_MS);
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	/* A name server that does not answer must not keep us from stopping. */
	(void)curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
}

static void
listen_to(struct http *h, const struct http_post *p, char *why)
{
	(void)curl_easy_setopt(h->link, CURLOPT_WRITEFUNCTION, swallow);
	(void)curl_easy_setopt(h->link, CURLOPT_WRITEDATA, h);
	(void)curl_easy_setopt(h->link, CURLOPT_HEADERFUNCTION, swallow);
	(void)curl_easy_setopt(h->link, CURLOPT_HEADERDATA, h);
	(void)curl_easy_setopt(h->link, CURLOPT_XFERINFOFUNCTION, look_around);
	(void)curl_easy_setopt(h->link, CURLOPT_XFERINFODATA, p->stop);
	(void)curl_easy_setopt(h->link, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(h->link, CURLOPT_ERRORBUFFER, why);
}

static struct curl_slist *
headers(const struct http_post *p)
{
	/* Without this libcurl asks first whether a long body is welcome. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (unsigned i = 0; i < HTTP_HEADERS_MAX && p->headers[i] != NULL; i++)
		list = curl_slist_append(list, p->headers[i]);
	if (list == NULL)
		abort();
	return list;
}

int
http_post(struct http *h, const struct http_post *p, char why[HTTP_WHY_SIZE])
{
	struct curl_slist *list = headers(p);
	CURLcode code;
	long status = 0;

	_Static_assert(HTTP_WHY_SIZE >= CURL_ERROR_SIZE, "an error fits");
	why[0] = '\0';
	h->read = 0;
	curl_easy_reset(h->link);
	limit(h->link);
	listen_to(h, p, why);
	(void)curl_easy_setopt(h->link, CURLOPT_USERAGENT, "Maru/" MARU_VERSION);
	(void)curl_easy_setopt(h->link, CURLOPT_HTTPHEADER, list);
	(void)curl_easy_setopt(h->link, CURLOPT_POSTFIELDS, p->body.p);
	(void)curl_easy_setopt(h->link, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->body.n);
	if ((code = curl_easy_setopt(h->link, CURLOPT_URL, p->url)) == CURLE_OK)
		code = curl_easy_perform(h->link);
	(void)curl_easy_getinfo(h->link, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(list);
	/* Who has named a status has decided, even if the rest of the answer never ends. */
	if (status >= FIRST_REAL)
		return (int)status;
	if (why[0] == '\0')
		(void)snprintf(why, HTTP_WHY_SIZE, "%s", curl_easy_strerror(code));
	return 0;
}
