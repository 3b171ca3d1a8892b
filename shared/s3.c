/* SPDX-License-Identifier: MIT */
/* The client behind s3.h. libcurl 7.88 has to be helped with signatures: the hash of the body is
 * ours, queries are sorted and have "=", keys need no escaping, and no two headers that are signed
 * begin alike.
 */
#include "s3.h"

#include "conf.h"
#include "log.h"
#include "s3fault.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ANSWER_MAX  ((size_t)256 << 10)
#define CONNECT_MS  10000L
#define SLOW_BYTES  1000L /* a second, over so many of them: */
#define SLOW_TIME   30L
#define ANSWER_MS   90000L  /* for questions without a body */
#define COMPLETE_MS 600000L /* a store may take minutes to put the parts together */
#define READ_SIZE   65536L
#define NAMES_KEPT  5L  /* seconds, as long as AWS lets them be kept */
#define IDLE        60L /* seconds; servers hang up soon after */
#define EMPTY       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct s3 {
	CURLM *multi;
	const struct conf *conf;
	char base[1024]; /* address of the bucket, without a slash at its end */
	char sign[128];
	const char *certificates;
};

struct s3 *
s3_create(const struct conf *conf)
{
	struct s3 *s = calloc(1, sizeof(*s));
	const char *host = strstr(conf->s3_endpoint, "://");
	int n;

	if (s == NULL || host == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (s->multi = curl_multi_init()) == NULL) {
		log_error("libcurl can't be used");
		free(s);
		return NULL;
	}
	s->conf = conf;
	s->certificates = getenv("SSL_CERT_FILE");
	(void)snprintf(s->sign, sizeof(s->sign), "aws:amz:%s:s3", conf->s3_region);
	host += 3;
	n = conf->s3_path_style
		? snprintf(s->base, sizeof(s->base), "%s/%s", conf->s3_endpoint, conf->s3_bucket)
		: snprintf(s->base, sizeof(s->base), "%.*s%s.%s", (int)(host - conf->s3_endpoint),
		      conf->s3_endpoint, conf->s3_bucket, host);
	if (n >= (int)sizeof(s->base))
		abort(); /* conf_check() has seen to it */
	(void)curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)conf->s3_uploads);
	(void)curl_multi_setopt(s->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	return s;
}

void
s3_destroy(struct s3 *s)
{
	if (s == NULL)
		return;
	(void)curl_multi_cleanup(s->multi);
	curl_global_cleanup();
	free(s);
}

void
s3_key(const struct s3 *s, const char *name, char out[S3_KEY_SIZE])
{
	(void)snprintf(out, S3_KEY_SIZE, "%s%.2s/%s", s->conf->s3_prefix, name, name);
}

void
s3_ask(struct s3_call *c, enum s3_method method, const char *key)
{
	s3_finish(c);
	*c = (struct s3_call){.method = method, .fd = -1, .size = -1};
	(void)snprintf(c->key, sizeof(c->key), "%s", key);
}

void
s3_query(struct s3_call *c, const char *name, const char *value)
{
	char *escaped = curl_easy_escape(NULL, value, 0);
	size_t n = strlen(c->query);

	if (escaped == NULL)
		abort();
	(void)snprintf(
	    c->query + n, sizeof(c->query) - n, "%s%s=%s", n == 0 ? "?" : "&", name, escaped);
	curl_free(escaped);
}

/* ---- one call */

static size_t
give_file(char *out, size_t size, size_t n, void *call)
{
	struct s3_call *c = call;
	off_t left = c->length - c->sent;
	size_t want = size * n;
	ssize_t got;

	if (left < (off_t)want)
		want = (size_t)left;
	got = pread(c->fd, out, want, c->from + c->sent);
	if (got < 0 || (got == 0 && want > 0))
		return CURL_READFUNC_ABORT;
	c->sent += got;
	return (size_t)got;
}

/* libcurl sends again what went into a connection that the server had just closed. */
static int
seek_file(void *call, curl_off_t to, int origin)
{
	struct s3_call *c = call;

	if (origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	c->sent = (off_t)to;
	return CURL_SEEKFUNC_OK;
}

static size_t
take_answer(char *bytes, size_t size, size_t n, void *call)
{
	struct s3_call *c = call;

	buf_add(&c->answer, bytes, size * n);
	return c->answer.full ? 0 : size * n;
}

static void
add_header(struct s3_call *c, const char *name, const char *value)
{
	char line[256];
	struct curl_slist *more;

	(void)snprintf(line, sizeof(line), "%s: %s", name, value);
	if ((more = curl_slist_append(c->headers, line)) == NULL)
		abort();
	c->headers = more;
}

static void
set_bounds(CURL *link, const struct s3_call *c)
{
	/* The answer to the end of a multipart upload comes as a few blanks in minutes. */
	bool patient = c->method == S3_POST && c->text.n > 0;

	(void)curl_easy_setopt(link, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	(void)curl_easy_setopt(link, CURLOPT_LOW_SPEED_LIMIT, patient ? 0L : SLOW_BYTES);
	(void)curl_easy_setopt(link, CURLOPT_LOW_SPEED_TIME, patient ? 0L : SLOW_TIME);
	if (c->method != S3_PUT)
		(void)curl_easy_setopt(link, CURLOPT_TIMEOUT_MS, patient ? COMPLETE_MS : ANSWER_MS);
	(void)curl_easy_setopt(link, CURLOPT_MAXAGE_CONN, IDLE);
}

static void
set_server(CURL *link, const struct s3 *s)
{
	(void)curl_easy_setopt(link, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(link, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(link, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(link, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(link, CURLOPT_DNS_CACHE_TIMEOUT, NAMES_KEPT);
	(void)curl_easy_setopt(link, CURLOPT_NOSIGNAL, 1L);
	/* A name server that does not answer must not keep us from stopping. */
	(void)curl_easy_setopt(link, CURLOPT_QUICK_EXIT, 1L);
	(void)curl_easy_setopt(link, CURLOPT_USERAGENT, "Maru/" MARU_VERSION);
	(void)curl_easy_setopt(link, CURLOPT_AWS_SIGV4, s->sign);
	(void)curl_easy_setopt(link, CURLOPT_USERNAME, s->conf->s3_access_key);
	(void)curl_easy_setopt(link, CURLOPT_PASSWORD, s->conf->s3_secret_key);
	if (s->certificates != NULL)
		(void)curl_easy_setopt(link, CURLOPT_CAINFO, s->certificates);
}

static void
set_body(CURL *link, struct s3_call *c)
{
	switch (c->method) {
	case S3_HEAD: (void)curl_easy_setopt(link, CURLOPT_NOBODY, 1L); break;
	case S3_GET: break;
	case S3_DELETE: (void)curl_easy_setopt(link, CURLOPT_CUSTOMREQUEST, "DELETE"); break;
	case S3_PUT:
		(void)curl_easy_setopt(link, CURLOPT_UPLOAD, 1L);
		(void)curl_easy_setopt(link, CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->length);
		(void)curl_easy_setopt(link, CURLOPT_READFUNCTION, give_file);
		(void)curl_easy_setopt(link, CURLOPT_READDATA, c);
		(void)curl_easy_setopt(link, CURLOPT_SEEKFUNCTION, seek_file);
		(void)curl_easy_setopt(link, CURLOPT_SEEKDATA, c);
		(void)curl_easy_setopt(link, CURLOPT_UPLOAD_BUFFERSIZE, READ_SIZE);
		break;
	case S3_POST:
		(void)curl_easy_setopt(link, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(link, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->text.n);
		(void)curl_easy_setopt(link, CURLOPT_POSTFIELDS, c->text.n > 0 ? c->text.p : "");
		break;
	}
}

static void
set_headers(CURL *link, struct s3_call *c)
{
	add_header(c, "x-amz-content-sha256", c->sha256[0] == '\0' ? EMPTY : c->sha256);
	if (c->meta != NULL)
		add_header(c, "x-amz-meta-sha256", c->meta);
	if (c->method == S3_PUT || c->method == S3_POST)
		add_header(c, "Content-Type", "application/octet-stream");
	(void)curl_easy_setopt(link, CURLOPT_HTTPHEADER, c->headers);
}

void
s3_start(struct s3 *s, struct s3_call *c)
{
	CURL *link = curl_easy_init();
	char url[sizeof(s->base) + S3_KEY_SIZE + S3_QUERY_SIZE + 2];

	if (link == NULL)
		abort();
	(void)snprintf(url, sizeof(url), "%s/%s%s", s->base, c->key, c->query);
	/* "bucket/?list" is signed otherwise than "bucket?list" by some; this is what AWS shows. */
	buf_init(&c->answer, ANSWER_MAX);
	c->link = link;
	c->s3 = s;
	c->busy = true;
	set_server(link, s);
	set_bounds(link, c);
	set_body(link, c);
	set_headers(link, c);
	(void)curl_easy_setopt(link, CURLOPT_URL, url);
	(void)curl_easy_setopt(link, CURLOPT_WRITEFUNCTION, take_answer);
	(void)curl_easy_setopt(link, CURLOPT_WRITEDATA, c);
	(void)curl_easy_setopt(link, CURLOPT_ERRORBUFFER, c->error);
	(void)curl_easy_setopt(link, CURLOPT_PRIVATE, c);
	if (curl_multi_add_handle(s->multi, link) != CURLM_OK)
		abort();
}

static void
let_go(struct s3_call *c)
{
	if (c->link != NULL) {
		(void)curl_multi_remove_handle(c->s3->multi, c->link);
		curl_easy_cleanup(c->link);
	}
	curl_slist_free_all(c->headers);
	c->link = NULL;
	c->headers = NULL;
	c->busy = false;
}

void
s3_finish(struct s3_call *c)
{
	let_go(c);
	buf_finish(&c->answer);
}

/* Copies a header of the answer, without quotes; "" if it has none. */
static void
read_header(CURL *link, const char *name, char *out, size_t size)
{
	struct curl_header *header;
	const char *value = "";
	size_t n;

	if (curl_easy_header(link, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
		value = header->value;
	value += *value == '"';
	n = strcspn(value, "\"");
	(void)snprintf(out, size, "%.*s", (int)(n < size ? n : size - 1), value);
}

static void
read_answer(struct s3_call *c, CURL *link)
{
	char encryption[32], own_key[32];
	curl_off_t size = -1, seconds = 0;

	(void)curl_easy_getinfo(link, CURLINFO_RESPONSE_CODE, &c->status);
	(void)curl_easy_getinfo(link, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
	(void)curl_easy_getinfo(link, CURLINFO_RETRY_AFTER, &seconds);
	c->size = size;
	c->retry_after = seconds;
	read_header(link, "etag", c->etag, sizeof(c->etag));
	read_header(link, "x-amz-meta-sha256", c->kept, sizeof(c->kept));
	read_header(link, "x-amz-server-side-encryption", encryption, sizeof(encryption));
	read_header(
	    link, "x-amz-server-side-encryption-customer-algorithm", own_key, sizeof(own_key));
	c->etag_is_md5 = strncmp(encryption, "aws:kms", 7) != 0 && own_key[0] == '\0' &&
			 strspn(c->etag, "0123456789abcdef") == DIGEST_MD5_SIZE - 1;
}

static enum s3_silence
silence_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK: return S3_ANSWERED;
	case CURLE_COULDNT_RESOLVE_HOST: return S3_NO_NAME;
	case CURLE_COULDNT_CONNECT: return S3_NO_CONNECTION;
	case CURLE_OPERATION_TIMEDOUT: return S3_TOO_SLOW;
	case CURLE_PEER_FAILED_VERIFICATION: return S3_NOT_TRUSTED;
	case CURLE_SSL_CONNECT_ERROR: return S3_NO_TLS;
	case CURLE_ABORTED_BY_CALLBACK:
	case CURLE_READ_ERROR: return S3_NO_FILE;
	default: return S3_CUT_OFF;
	}
}

static void
end_call(CURL *link, CURLcode code)
{
	struct s3_call *c;
	char place[512] = "";

	(void)curl_easy_getinfo(link, CURLINFO_PRIVATE, (char **)&c);
	read_answer(c, link);
	read_header(link, "location", place, sizeof(place));
	if (place[0] == '\0')
		read_header(link, "x-amz-bucket-region", place, sizeof(place));
	if (c->error[0] == '\0')
		(void)snprintf(c->error, sizeof(c->error), "%s", curl_easy_strerror(code));
	s3fault_judge(c, silence_of(code), place);
	let_go(c);
}

static bool
end_calls(struct s3 *s)
{
	const CURLMsg *m;
	bool any = false;
	int left;

	while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
		if (m->msg == CURLMSG_DONE) {
			end_call(m->easy_handle, m->data.result);
			any = true;
		}
	}
	return any;
}

void
s3_wait(struct s3 *s, int fd, int ms)
{
	struct curl_waitfd extra = {.fd = fd, .events = CURL_WAIT_POLLIN};
	int running;

	(void)curl_multi_perform(s->multi, &running);
	if (end_calls(s))
		ms = 0;
	(void)curl_multi_poll(s->multi, fd < 0 ? NULL : &extra, fd >= 0, ms, NULL);
	(void)curl_multi_perform(s->multi, &running);
	(void)end_calls(s);
}

void
s3_wake(struct s3 *s)
{
	(void)curl_multi_wakeup(s->multi);
}
