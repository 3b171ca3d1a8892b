/* SPDX-License-Identifier: MIT */
/* /v1/ice-servers: by which servers two browsers find a way to each other.
 *
 * A STUN server is open to everybody. A relay (TURN) costs somebody's bandwidth, so it wants a name
 * and a password: here made out of a secret that it shares with us, for a while, as coturn's
 * use-auth-secret has it (draft-uberti-behave-turn-rest-00). Nothing is stored, nobody is asked;
 * and as the person is a part of the name, the relay can count what each of them uses.
 */
#include "route.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "shared/digest.h"
#include "shared/iceurls.h"

#include <inttypes.h>

static json_t *
with_urls(const char *list)
{
	json_t *urls = json_array();
	struct str url;

	while (iceurls_next(&list, &url))
		(void)json_array_append_new(urls, json_stringn(url.p, url.n));
	return json_pack("{s:o}", "urls", urls);
}

static void
add_credential(struct req *r, json_t *server)
{
	const char *name = arena_printf(
	    &r->mem, "%" PRId64 ":%" PRIu64, clock_wall() / 1000 + r->conf->turn_ttl, r->user);
	unsigned char hmac[DIGEST_SHA1];
	char credential[CRYPT_B64_SIZE(DIGEST_SHA1)];

	digest_hmac_sha1(str_of(r->conf->turn_secret), str_of(name), hmac);
	crypt_base64(hmac, sizeof(hmac), credential);
	(void)json_object_set_new(server, "username", json_string(name));
	(void)json_object_set_new(server, "credential", json_string(credential));
}

/* {"ice_servers": [{urls, username?, credential?}], "ttl"}, the list as a browser's
 * RTCPeerConnection takes it. */
enum err
iceservers_get(struct req *r)
{
	json_t *servers = json_array();

	if (r->conf->stun_urls[0] != '\0')
		(void)json_array_append_new(servers, with_urls(r->conf->stun_urls));
	if (r->conf->turn_urls[0] != '\0') {
		json_t *relay = with_urls(r->conf->turn_urls);

		add_credential(r, relay);
		(void)json_array_append_new(servers, relay);
	}
	return req_reply(r, 200,
	    json_pack("{s:o, s:I}", "ice_servers", servers, "ttl", (json_int_t)r->conf->turn_ttl));
}
