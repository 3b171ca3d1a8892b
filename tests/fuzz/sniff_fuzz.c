/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* The beginnings of files: kind and type agree, and what comes after the beginning plays no part.
 */
#include "fuzz.h"

#include "api/sniff.h"

static bool
agree(enum sniff kind, const char *type)
{
	struct str s = str_of(type);

	switch (kind) {
	case SNIFF_IMAGE: return str_starts(s, STR("image/")) && strstr(type, "svg") == NULL;
	case SNIFF_VIDEO: return str_starts(s, STR("video/"));
	case SNIFF_AUDIO: return str_starts(s, STR("audio/"));
	case SNIFF_OTHER: return strcmp(type, "application/octet-stream") == 0;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	struct str first = alone(take_rest(&b));
	const char *type = NULL, *again = NULL;
	enum sniff kind;

	fuzz_begin();
	kind = sniff_bytes(first, &type);
	CHECK(type != NULL && agree(kind, type));
	if (first.n > SNIFF_BYTES) {
		CHECK(sniff_bytes((struct str){first.p, SNIFF_BYTES}, &again) == kind);
		CHECK(again == type);
	}
	drop(first);
	return 0;
}
