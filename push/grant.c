/* SPDX-License-Identifier: MIT */
/* The rule behind grant.h. */
#include "grant.h"

#include "channel.h"

#include <inttypes.h>
#include <stdio.h>

#define ROOM STR("presence-room-")
#define USER STR("private-user-")
#define CALL STR(CHANNEL_CALL)

enum grant_kind
grant_kind(struct str channel)
{
	if (str_starts(channel, STR("presence-")))
		return GRANT_PRESENCE;
	return str_starts(channel, STR("private-")) ? GRANT_PRIVATE : GRANT_PUBLIC;
}

bool
grant_name_ok(struct str channel)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-=@,.;";

	for (size_t i = 0; i < channel.n; i++) {
		if (channel.p[i] == '\0' || strchr(allowed, channel.p[i]) == NULL)
			return false;
	}
	return channel.n > 0 && channel.n <= WIRE_CHANNEL_MAX;
}

bool
grant_is_hall(const struct conn *c, struct str channel)
{
	return c->conf->lobby_presence && str_eq(channel, STR(CHANNEL_HALL));
}

static bool
is_number(struct str s, uint64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%" PRIu64, value);

	return str_eq(s, (struct str){text, (size_t)n});
}

/* What a claim of ours has to say about who it is for. */
static const char *
check_person(const struct conn *c, const struct grant_request *r, const struct claim *claim)
{
	struct str ch = r->channel;

	if (c->user != 0 && (c->user != claim->user || c->session != claim->session))
		return "This connection belongs to another login";
	if (str_starts(ch, USER) &&
	    !is_number((struct str){ch.p + USER.n, ch.n - USER.n}, claim->user))
		return "This channel belongs to somebody else";
	if ((str_starts(ch, ROOM) || str_starts(ch, CALL) || grant_is_hall(c, ch)) &&
	    !is_number(r->member, claim->user))
		return "channel_data names somebody else";
	return NULL;
}

const char *
grant_check(const struct conn *c, const struct revoked *revoked, const struct grant_request *r,
    int64_t now, struct claim *claim)
{
	char socket_id[CONN_ID_SIZE];
	struct claim_subject subject = {
	    .key = str_of(c->conf->app_key),
	    .secret = str_of(c->conf->app_secret),
	    .channel = r->channel,
	    .channel_data = r->channel_data,
	};

	*claim = (struct claim){0};
	if (grant_kind(r->channel) == GRANT_PUBLIC)
		return NULL;
	conn_socket_id(c, socket_id);
	subject.socket_id = str_of(socket_id);
	switch (claim_check(&subject, r->auth, now, claim)) {
	case CLAIM_BAD: return "The auth signature is invalid";
	case CLAIM_STALE: return "The auth signature is too old";
	case CLAIM_FOREIGN:
		if (str_starts(r->channel, ROOM) || str_starts(r->channel, USER) ||
		    str_starts(r->channel, CALL) || grant_is_hall(c, r->channel))
			return "Only this server may sign for this channel";
		return NULL;
	case CLAIM_OURS: break;
	}
	if (claim->user == 0 || revoked_covers(revoked, claim, r->channel))
		return "The right to subscribe was taken back";
	if (str_starts(r->channel, ROOM) &&
	    revoked_covers_blocks(revoked, claim->user, r->blocks_at))
		return "The right to subscribe has to be asked for again";
	return check_person(c, r, claim);
}
