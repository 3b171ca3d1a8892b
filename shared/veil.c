/* SPDX-License-Identifier: MIT */
/* Placeholders, see veil.h. */
#include "veil.h"

/* The message itself, or that of a change: {room, message, seq, mid}. */
static const json_t *
message_of(const json_t *data)
{
	const json_t *message = json_object_get(data, "message");

	return json_is_object(message) ? message : data;
}

uint64_t
veil_sender(const json_t *data)
{
	return (uint64_t)json_integer_value(json_object_get(message_of(data), "sender"));
}

uint64_t
veil_target(const json_t *data)
{
	const json_t *message = message_of(data);

	return message == data ? 0 : (uint64_t)json_integer_value(json_object_get(message, "seq"));
}

static json_t *
placeholder(const json_t *message)
{
	static const char *const shown[] = {
	    "room", "seq", "mid", "sender", "created_at", "rev", "thread"};
	json_t *out = json_object();

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		json_t *value = json_object_get(message, shown[i]);

		if (value != NULL)
			(void)json_object_set(out, shown[i], value);
	}
	(void)json_object_set_new(out, "hidden", json_true());
	return out;
}

json_t *
veil_data(const json_t *data)
{
	const json_t *message = message_of(data);
	json_t *out;

	if (message == data)
		return placeholder(data);
	out = json_copy((json_t *)(uintptr_t)data);
	(void)json_object_set_new(out, "message", placeholder(message));
	return out;
}
