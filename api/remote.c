/* SPDX-License-Identifier: MIT */
#include "remote.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECT_MS  5000L
#define ANSWER_MAX  65536 /* bytes of headers and text */
#define FIRST_REAL  200   /* statuses below it are announcements */
#define MUST_LOG_IN 530   /* of SMTP: we are at fault, not the letter */

struct remote {
	CURL *link;
	size_t read, most;  /* of the answer at hand */
	struct buf *answer; /* where its text goes */
	struct str unsent;  /* of the letter at hand */
};

static const volatile sig_atomic_t never;

struct remote *
remote_create(void)
{
	struct remote *c = calloc(1, sizeof(*c));

	if (c == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (c->link = curl_easy_init()) == NULL)
		abort();
	return c;
}

void
remote_destroy(struct remote *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->link);
	curl_global_cleanup();
	free(c);
}

/* Counts what comes; too much ends the connection. */
static size_t
swallow(char *bytes, size_t size, size_t n, void *remote)
{
	struct remote *c = remote;

	(void)bytes;
	c->read += size * n;
	return c->read > c->most ? 0 : size * n;
}

static size_t
take(char *bytes, size_t size, size_t n, void *remote)
{
	struct remote *c = remote;

	if (c->answer != NULL)
		buf_add(c->answer, bytes, size * n);
	return swallow(bytes, size, n, remote);
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
limit(CURL *link, const char *protocols, long ms)
{
	(void)curl_easy_setopt(link, CURLOPT_PROTOCOLS_STR, protocols);
	(void)curl_easy_setopt(link, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(link, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(link, CURLOPT_CONNECTTIMEOUT_MS, ms < CONNECT_MS ? ms : CONNECT_MS);
	(void)curl_easy_setopt(link, CURLOPT_TIMEOUT_MS, ms);
	(void)curl_easy_setopt(link, CURLOPT_NOSIGNAL, 1L);
	/* A name server that does not answer must not keep us from stopping. */
	(void)curl_easy_setopt(link, CURLOPT_QUICK_EXIT, 1L);
}

static void
listen_to(struct remote *c, const volatile sig_atomic_t *stop, char *why)
{
	(void)curl_easy_setopt(c->link, CURLOPT_WRITEFUNCTION, take);
	(void)curl_easy_setopt(c->link, CURLOPT_WRITEDATA, c);
	(void)curl_easy_setopt(c->link, CURLOPT_HEADERFUNCTION, swallow);
	(void)curl_easy_setopt(c->link, CURLOPT_HEADERDATA, c);
	(void)curl_easy_setopt(c->link, CURLOPT_XFERINFOFUNCTION, look_around);
	(void)curl_easy_setopt(c->link, CURLOPT_XFERINFODATA, stop == NULL ? &never : stop);
	(void)curl_easy_setopt(c->link, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(c->link, CURLOPT_ERRORBUFFER, why);
}

/* Begins anew with the handle; its open connection stays. */
static void
renew(struct remote *c, struct buf *answer, char *why)
{
	_Static_assert(REMOTE_WHY_SIZE >= CURL_ERROR_SIZE, "an error fits");
	why[0] = '\0';
	c->read = 0;
	c->most = ANSWER_MAX;
	c->answer = answer;
	curl_easy_reset(c->link);
}

/* Asks; the last status that came, 0 if there was none. */
static long
perform(struct remote *c, const char *url, CURLcode *code, char *why)
{
	long status = 0;

	if ((*code = curl_easy_setopt(c->link, CURLOPT_URL, url)) == CURLE_OK)
		*code = curl_easy_perform(c->link);
	(void)curl_easy_getinfo(c->link, CURLINFO_RESPONSE_CODE, &status);
	if (why[0] == '\0')
		(void)snprintf(why, REMOTE_WHY_SIZE, "%s", curl_easy_strerror(*code));
	return status;
}

static struct curl_slist *
headers(const struct remote_http *h)
{
	/* Without this libcurl asks first whether a long body is welcome. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (unsigned i = 0; i < REMOTE_HEADERS_MAX && h->headers[i] != NULL; i++)
		list = curl_slist_append(list, h->headers[i]);
	if (list == NULL)
		abort();
	return list;
}

int
remote_http(struct remote *c, const struct remote_http *h, char why[REMOTE_WHY_SIZE])
{
	struct curl_slist *list = headers(h);
	CURLcode code;
	long status;

	renew(c, h->answer, why);
	if (h->answer_max > 0)
		c->most = h->answer_max;
	limit(c->link, "http,https", h->limit_ms == 0 ? REMOTE_HTTP_MS : h->limit_ms);
	listen_to(c, h->stop, why);
	(void)curl_easy_setopt(c->link, CURLOPT_USERAGENT, "Maru/" MARU_VERSION);
	(void)curl_easy_setopt(c->link, CURLOPT_HTTPHEADER, list);
	if (h->body.p != NULL) {
		(void)curl_easy_setopt(c->link, CURLOPT_POSTFIELDS, h->body.p);
		(void)curl_easy_setopt(c->link, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)h->body.n);
	}
	status = perform(c, h->url, &code, why);
	curl_slist_free_all(list);
	/* Who has named a status has decided, even if the rest of the answer never ends. */
	return status >= FIRST_REAL ? (int)status : 0;
}

static size_t
give(char *out, size_t size, size_t n, void *remote)
{
	struct remote *c = remote;
	size_t take = size * n < c->unsent.n ? size * n : c->unsent.n;

	memcpy(out, c->unsent.p, take);
	c->unsent = (struct str){c->unsent.p + take, c->unsent.n - take};
	return take;
}

static void
address(struct remote *c, const struct remote_mail *m, struct curl_slist *to)
{
	bool must = strcmp(m->tls, "required") == 0, may = strcmp(m->tls, "off") != 0;

	(void)curl_easy_setopt(c->link, CURLOPT_USE_SSL,
	    must  ? (long)CURLUSESSL_ALL
	    : may ? (long)CURLUSESSL_TRY
		  : (long)CURLUSESSL_NONE);
	if (m->user[0] != '\0') {
		(void)curl_easy_setopt(c->link, CURLOPT_USERNAME, m->user);
		(void)curl_easy_setopt(c->link, CURLOPT_PASSWORD, m->password);
	}
	(void)curl_easy_setopt(c->link, CURLOPT_MAIL_FROM, m->from);
	(void)curl_easy_setopt(c->link, CURLOPT_MAIL_RCPT, to);
	(void)curl_easy_setopt(c->link, CURLOPT_UPLOAD, 1L);
	(void)curl_easy_setopt(c->link, CURLOPT_READFUNCTION, give);
	(void)curl_easy_setopt(c->link, CURLOPT_READDATA, c);
	(void)curl_easy_setopt(c->link, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->body.n);
	/* Letters are rare, and a server that hung up on an idle connection would look dead. */
	(void)curl_easy_setopt(c->link, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(c->link, CURLOPT_FORBID_REUSE, 1L);
}

/* A refusal counts as one of this letter where it answers MAIL, RCPT, DATA or the text. At the
 * greeting or the login it means us, and all letters wait. */
static bool
is_refusal(const struct remote *c, const struct remote_mail *m, CURLcode code, long status)
{
	bool told = code == CURLE_SEND_ERROR ||
		    (code == CURLE_WEIRD_SERVER_REPLY && c->unsent.n < m->body.n);

	return told && status >= 500 && status < 600 && status != MUST_LOG_IN;
}

enum remote_mail_end
remote_mail(struct remote *c, const struct remote_mail *m, char why[REMOTE_WHY_SIZE])
{
	struct curl_slist *to = curl_slist_append(NULL, m->to);
	CURLcode code;
	long status;

	if (to == NULL)
		abort();
	renew(c, NULL, why);
	c->unsent = m->body;
	limit(c->link, "smtp,smtps", REMOTE_MAIL_MS);
	listen_to(c, m->stop, why);
	address(c, m, to);
	status = perform(c, m->url, &code, why);
	curl_slist_free_all(to);
	if (code == CURLE_OK)
		return REMOTE_MAIL_TAKEN;
	return is_refusal(c, m, code, status) ? REMOTE_MAIL_REFUSED : REMOTE_MAIL_LATER;
}
