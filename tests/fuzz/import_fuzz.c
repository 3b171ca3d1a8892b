/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* Files of history that strangers hand in: every message that comes out of them is one that may be
 * stored. The first byte chooses between JSON and text. */
#include "fuzz.h"

#include "api/importfile.h"
#include "api/zone.h"

#include <jansson.h>

static bool
is_utf8(const char *s)
{
	json_t *json = json_string(s);

	json_decref(json);
	return json != NULL;
}

static enum err
take_message(void *owner, const struct import_message *m)
{
	uint64_t *count = owner;

	CHECK(is_utf8(m->name) && is_utf8(m->body) && is_utf8(m->type));
	CHECK(strlen(m->name) <= IMPORT_NAME_MAX && import_length(m->body) <= IMPORT_LENGTH_MAX);
	CHECK(m->body[0] != '\0' || m->deleted != NULL || m->type[0] != '\0');
	CHECK(import_is_time(m->wall) && m->number > 0);
	++*count;
	return *count < 1000 ? OK : ERR_LIMIT;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	bool json = (take(&b) & 1) == 0;
	struct import_file f;
	struct arena mem;
	uint64_t count = 0;
	enum err e = OK;

	fuzz_begin();
	zone_use("Europe/Berlin");
	arena_init(&mem);
	import_open(&f, &mem);
	f.take = take_message;
	f.owner = &count;
	while (e == OK && b.n > 0) {
		struct str line = alone(take_until(&b, '\n'));

		e = json ? import_json_line(&f, line) : import_text_line(&f, line);
		drop(line);
	}
	if (e == OK)
		e = json ? import_json_end(&f) : import_text_end(&f);
	CHECK(e == OK || e == ERR_LIMIT || (e == ERR_INVALID && f.why != NULL));
	CHECK(count == f.messages);
	import_close(&f);
	arena_finish(&mem);
	return 0;
}
