/* SPDX-License-Identifier: MIT */
/* link: push.a shared.a */
/* What two clients say, as lines: the first character is the speaker, a or b, or t: time passes, as
 * long as the line, or e: an event of the room. The rest is a frame. An "auth" of "$7.12" becomes a
 * claim that is signed for user 7 when the stream was at 12. All answers must be JSON, nobody may
 * be in a private channel without a signature, and nobody somebody else. */
#include "fuzz.h"

#include "play.h"

#include "push/client.h"
#include "push/grant.h"
#include "push/presence.h"

#define HEAD 40

static struct hub hub;
static struct conn conns[2];

/* Puts the signature in where the frame asks for one; NULL if it does not. free() it. */
static char *
sign_frame(const struct conn *c, struct str line)
{
	json_t *frame = json_loadb(line.p, line.n, 0, NULL), *data = json_object_get(frame, "data");
	const char *auth = json_string_value(json_object_get(data, "auth")), *channel, *person;
	struct claim claim = {.time = clock_wall(), .head = HEAD};
	char *end, *text = NULL;
	struct buf out;

	channel = json_string_value(json_object_get(data, "channel"));
	person = json_string_value(json_object_get(data, "channel_data"));
	if (auth != NULL && auth[0] == '$' && channel != NULL) {
		claim.user = claim.session = strtoull(auth + 1, &end, 10);
		if (*end == '.')
			claim.head = strtoull(end + 1, NULL, 10);
		buf_init(&out, 10000);
		sign_claim(c, str_of(channel), str_of(person), &claim, &out);
		if (!out.full)
			(void)json_object_set_new(data, "auth", json_stringn(out.p, out.n));
		text = json_dumps(frame, 0);
		buf_finish(&out);
	}
	json_decref(frame);
	return text;
}

static bool
starts(struct str s, struct str prefix)
{
	return s.n > prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

/* Whether it is the prefix and this number. */
static bool
is_numbered(struct str s, struct str prefix, uint64_t number)
{
	char text[64];
	int n = snprintf(
	    text, sizeof(text), "%.*s%llu", (int)prefix.n, prefix.p, (unsigned long long)number);

	return str_eq(s, (struct str){text, (size_t)n});
}

static void
check_sub(const struct conn *c, const struct sub *s)
{
	struct str name = hub_name(s->channel);
	char user[24];

	CHECK(hub_find(&hub, c, name) == s && s->channel->subs[s->place] == s);
	CHECK((s->member != NULL) == (grant_kind(name) == GRANT_PRESENCE));
	if (starts(name, STR("private-user-")))
		CHECK(c->user != 0 && is_numbered(name, STR("private-user-"), c->user));
	if (starts(name, STR("presence-room-"))) {
		(void)snprintf(user, sizeof(user), "%llu", (unsigned long long)c->user);
		CHECK(c->user != 0 && str_eq(presence_id(s->member), str_of(user)));
	}
}

/* Subscriptions that needed a right. */
static unsigned
check_conn(const struct conn *c)
{
	unsigned n = 0, private = 0;

	for (const struct sub *s = c->subs; s != NULL; s = s->next) {
		check_sub(c, s);
		n++;
		private += grant_kind(hub_name(s->channel)) != GRANT_PUBLIC;
	}
	CHECK(n == c->subs_count && n <= CONN_SUBSCRIPTIONS);
	return private;
}

static void
say(struct conn *c, struct str line)
{
	char *text = sign_frame(c, line);
	struct str own = alone(text == NULL ? line : str_of(text));
	unsigned before = check_conn(c), after;

	client_receive(&hub, c, own);
	after = check_conn(c);
	CHECK(after <= before || text != NULL);
	CHECK(after <= before + 1);
	drop(own);
	free(text);
}

static void
one_event(void)
{
	static uint64_t mid;
	struct wire_packet p = {.op = WIRE_EVENT, .kind = WIRE_ROOM, .stream = 1, .mid = ++mid};
	struct channel *ch = hub_channel(&hub, STR("presence-room-1"));

	p.seq = ch == NULL ? 1 : HEAD + 1;
	p.channel = STR("presence-room-1");
	p.body = STR("{\"event\":\"message.created\"}");
	follow_event(&p);
}

static void
run_line(struct str line)
{
	if (line.n == 0)
		return;
	if (line.p[0] == 't')
		pass(100 * (int64_t)(line.n % 32));
	else if (line.p[0] == 'e')
		one_event();
	else
		say(&conns[line.p[0] & 1], (struct str){line.p + 1, line.n - 1});
	for (unsigned i = 0; i < 2; i++) {
		const char *text;

		while ((text = next_text(&conns[i])) != NULL)
			json_decref(parse_frame(text));
	}
	play.asked_count = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};

	fuzz_begin();
	(void)fakes_start(NULL);
	hub_init(&hub, &conf);
	for (unsigned i = 0; i < 2; i++)
		conn_init(&conns[i], &conf, NULL);
	loop_start(&conf, &hub, HEAD, 0);
	while (b.n > 0)
		run_line(take_until(&b, '\n'));
	for (unsigned i = 0; i < 2; i++) {
		hub_leave(&hub, &conns[i]);
		conn_finish(&conns[i]);
	}
	loop_stop();
	hub_finish(&hub);
	(void)fakes_stop(NULL);
	return 0;
}
