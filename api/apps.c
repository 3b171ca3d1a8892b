/* SPDX-License-Identifier: MIT */
/* /apps: Pusher's HTTP API, by which backends publish. It needs no database: an event of an
 * application is told to those who listen now and stored nowhere. So the answer waits until
 * maru-push has it, and is 503 if it has not. Who listens is known to maru-push alone; nginx asks
 * it, after the signature was checked here.
 *
 * Mistakes are 400, not 422, and fields that are not known are passed over: so does Pusher.
 */
#include "apps.h"

#include "appsign.h"
#include "notify.h"
#include "query.h"
#include "route.h"
#include "shared/channel.h"
#include "shared/clock.h"
#include "socketid.h"

#define CHANNELS_MAX 100
#define BATCH_MAX    10
#define NAME_MAX_LEN 200 /* characters of an event's name */
#define DATA_MAX     10240
#define USER_MAX     200 /* bytes of a person's id */
#define USER_PREFIX  "#server-to-user-"

enum err
apps_identify(struct req *r)
{
	const struct appsign sign = {
	    .method = r->method_name,
	    .path = r->path,
	    .query = r->query,
	    .body = r->content,
	    .key = r->conf->app_key,
	    .secret = r->conf->app_secret,
	    .now = clock_wall() / 1000,
	};
	const char *wrong;

	if (strcmp(req_text(r, "app"), r->conf->app_id) != 0)
		return req_fail(r, ERR_NOT_FOUND, "there is no application with this app_id");
	if ((wrong = appsign_check(&r->mem, &sign)) != NULL)
		return req_fail(r, ERR_BAD_SIGNATURE, "%s", wrong);
	return OK;
}

/* ---- events ---- */

static bool
starts(const char *text, const char *prefix)
{
	return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

static size_t
characters(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* The characters of a channel's name, as push/grant.c has them. */
static bool
is_channel_text(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789_-=@,.;")] == '\0';
}

static enum err
check_channel(struct req *r, const char *name)
{
	if (name == NULL || *name == '\0' || strlen(name) > WIRE_CHANNEL_MAX ||
	    !is_channel_text(name))
		return req_fail(r, ERR_BAD_REQUEST,
		    "a channel is named by 1 to %d of A-Z a-z 0-9 _ - = @ , . ;", WIRE_CHANNEL_MAX);
	return OK;
}

/* Where a backend may speak: to its own channels and to its own people. What happens in rooms and
 * to users of Maru is told by the log alone, so that events and history never differ. */
static enum err
check_target(struct req *r, const char *name)
{
	if (starts(name, USER_PREFIX) && name[strlen(USER_PREFIX)] != '\0' &&
	    strlen(name) <= WIRE_CHANNEL_MAX && is_channel_text(name + strlen(USER_PREFIX)))
		return OK;
	TRY(check_channel(r, name));
	if (starts(name, "presence-room-") || starts(name, "private-user-") ||
	    strcmp(name, "lobby") == 0)
		return req_fail(r, ERR_FORBIDDEN, "only Maru itself speaks in %s", name);
	return OK;
}

/* The words of the protocol itself are no events. */
static enum err
check_name(struct req *r, const char *name)
{
	if (name == NULL || *name == '\0' || characters(name) > NAME_MAX_LEN)
		return req_fail(
		    r, ERR_BAD_REQUEST, "name must be a text of 1 to %d characters", NAME_MAX_LEN);
	if (starts(name, "pusher:") || starts(name, "pusher_internal:") || starts(name, "maru:"))
		return req_fail(r, ERR_BAD_REQUEST,
		    "names of events don't begin with pusher:, pusher_internal: or maru:");
	return OK;
}

static enum err
read_data(struct req *r, const json_t *data, struct str *out)
{
	if (!json_is_string(data))
		return req_fail(
		    r, ERR_BAD_REQUEST, "data must be a text (of JSON, where it is more)");
	*out = (struct str){json_string_value(data), json_string_length(data)};
	if (out->n > DATA_MAX)
		return req_fail(r, ERR_TOO_LARGE, "data may have at most %d bytes", DATA_MAX);
	return OK;
}

/* Who does not get it; libraries send null or nothing where everybody does. */
static enum err
read_except(struct req *r, const json_t *socket_id, uint64_t *out)
{
	const char *text = json_string_value(socket_id);

	*out = 0;
	if (socket_id == NULL || json_is_null(socket_id))
		return OK;
	if (text == NULL || !socketid_ok(text))
		return req_fail(r, ERR_BAD_REQUEST, "socket_id must be digits.digits");
	*out = socketid_number(text);
	return OK;
}

/* info would be answered with counts that only maru-push has; whoever sends it gets none. */
static enum err
check_info(struct req *r, const json_t *info)
{
	if (info == NULL || json_is_null(info) || json_is_string(info))
		return OK;
	return req_fail(r, ERR_BAD_REQUEST, "info must be a text");
}

/* Queues {name, data, socket_id} for each of the channels. */
static enum err
queue_event(struct req *r, const json_t *event, const json_t *channels)
{
	const char *name = json_string_value(json_object_get(event, "name"));
	const json_t *channel;
	uint64_t except = 0;
	struct str data = {NULL, 0};
	size_t i;

	TRY(check_name(r, name));
	TRY(read_data(r, json_object_get(event, "data"), &data));
	TRY(read_except(r, json_object_get(event, "socket_id"), &except));
	TRY(check_info(r, json_object_get(event, "info")));
	json_array_foreach (channels, i, channel) {
		TRY(check_target(r, json_string_value(channel)));
		notify_signal(r, json_string_value(channel), name, data, except);
	}
	return OK;
}

/* The answer of whatever was queued: all of it is with maru-push, or it may be sent again. */
static enum err
deliver(struct req *r)
{
	if (!notify_deliver(r))
		return ERR_UNAVAILABLE;
	return req_reply(r, 200, json_object());
}

/* {name, data, channel | channels, socket_id, info} */
enum err
apps_trigger(struct req *r)
{
	json_t *event, *channels, *channel;

	TRY(req_json(r, &event));
	channels = json_object_get(event, "channels");
	channel = json_object_get(event, "channel");
	if ((channels == NULL) == (channel == NULL))
		return req_fail(r, ERR_BAD_REQUEST, "either channel or channels is required");
	if (channel != NULL)
		channels = req_own(r, json_pack("[O]", channel));
	if (!json_is_array(channels) || json_array_size(channels) == 0 ||
	    json_array_size(channels) > CHANNELS_MAX)
		return req_fail(
		    r, ERR_BAD_REQUEST, "channels must be a list of 1 to %d names", CHANNELS_MAX);
	TRY(queue_event(r, event, channels));
	return deliver(r);
}

/* {batch: [{name, data, channel, socket_id, info}]}: all of them or none. */
enum err
apps_trigger_batch(struct req *r)
{
	json_t *body, *batch, *event;
	size_t i;

	TRY(req_json(r, &body));
	batch = json_object_get(body, "batch");
	if (!json_is_array(batch) || json_array_size(batch) == 0 ||
	    json_array_size(batch) > BATCH_MAX)
		return req_fail(
		    r, ERR_BAD_REQUEST, "batch must be a list of 1 to %d events", BATCH_MAX);
	json_array_foreach (batch, i, event) {
		json_t *channel = json_object_get(event, "channel");

		if (!json_is_string(channel))
			return req_fail(r, ERR_BAD_REQUEST, "each event needs a channel");
		TRY(queue_event(r, event, req_own(r, json_pack("[O]", channel))));
	}
	return deliver(r);
}

enum err
apps_terminate(struct req *r)
{
	const char *user = req_text(r, "user");

	for (const char *p = user; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ')
			return ERR_NOT_FOUND;
	}
	if (*user == '\0' || strlen(user) > USER_MAX)
		return req_fail(r, ERR_BAD_REQUEST, "a user's id has 1 to %d bytes", USER_MAX);
	notify_cut(r, user, 0);
	return deliver(r);
}

/* ---- what maru-push answers ---- */

/* The attributes that were asked for and that there are, as the query names them: "a,b". */
static enum err
read_info(struct req *r, const char *known, bool presence, const char **out)
{
	const char *info = query_value(&r->mem, str_of(r->query), "info");
	struct buf *list = req_buf(r, 256);

	for (; info != NULL && *info != '\0'; info += info[0] == ',') {
		size_t n = strcspn(info, ",");
		const char *word = arena_strndup(&r->mem, info, n);

		if (strcmp(word, "user_count") == 0 && !presence)
			return req_fail(
			    r, ERR_BAD_REQUEST, "only presence channels have a user_count");
		if (n > 0 && conf_list_has(known, str_of(word)))
			buf_printf(list, "%s%s", list->n == 0 ? "" : ",", word);
		info += n;
	}
	if (list->full)
		return req_fail(r, ERR_BAD_REQUEST, "info is too long");
	*out = list->n == 0 ? "" : list->p;
	return OK;
}

/* Lets nginx fetch the answer (conf/nginx.conf, /_push/). */
static enum err
hand_over(struct req *r, const char *address)
{
	req_header(r, "X-Accel-Redirect: /_push%s", address);
	return req_reply(r, 200, NULL);
}

enum err
apps_channels(struct req *r)
{
	const char *prefix = query_value(&r->mem, str_of(r->query), "filter_by_prefix"), *info = "";

	if (prefix == NULL)
		prefix = "";
	if (strlen(prefix) > WIRE_CHANNEL_MAX || !is_channel_text(prefix))
		return req_fail(
		    r, ERR_BAD_REQUEST, "filter_by_prefix is not the beginning of a channel");
	TRY(read_info(r, "user_count subscription_count", starts(prefix, "presence-"), &info));
	return hand_over(
	    r, arena_printf(&r->mem, "/channels?filter_by_prefix=%s&info=%s", prefix, info));
}

enum err
apps_channel(struct req *r)
{
	const char *name = req_text(r, "channel"), *info = "";

	TRY(check_channel(r, name));
	TRY(read_info(r, "user_count subscription_count cache", starts(name, "presence-"), &info));
	return hand_over(r, arena_printf(&r->mem, "/channels/%s?info=%s", name, info));
}

enum err
apps_channel_users(struct req *r)
{
	const char *name = req_text(r, "channel");

	TRY(check_channel(r, name));
	if (!starts(name, "presence-"))
		return req_fail(r, ERR_BAD_REQUEST, "only presence channels know their users");
	return hand_over(r, arena_printf(&r->mem, "/channels/%s/users", name));
}
