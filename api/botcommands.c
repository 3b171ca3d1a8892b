/* SPDX-License-Identifier: MIT */
/* /v1/bots/:bot/commands: what people can type where the bot is; its owner and the bot itself say
 * so. How one is called is in commands.c. */
#include "commands.h"

#include "route.h"
#include "sessions.h"
#include "sql.h"

#define COMMANDS_MAX 20 /* of one bot */
#define TEXT_MAX     100

struct command_in {
	const char *description;
	const char *usage;
};

static const struct field command_fields[] = {
    TEXT_FIELD(struct command_in, description, 1, TEXT_MAX, FIELD_REQUIRED | FIELD_LINE),
    TEXT_FIELD(struct command_in, usage, 0, TEXT_MAX, FIELD_LINE),
    END_FIELD,
};

/* ERR_NOT_FOUND unless the bot is the asker, or the asker's. */
static enum err
permit(struct req *r)
{
	json_t *row;

	TRY(sql_botcommand_owner(r, req_id(r, "bot"), &row));
	return req_id(r, "bot") == r->user || row_id(row, "owner") == r->user ? OK : ERR_NOT_FOUND;
}

/* Holds the bot's account, so that two at once don't make one command too many. */
static enum err
hold(struct req *r)
{
	json_t *row;

	TRY(permit(r));
	TRY(sql_session_hold_user(r, req_id(r, "bot"), &row));
	return permit(r);
}

/* A command's name is in the path. */
static enum err
read_name(struct req *r, const char **name)
{
	*name = req_text(r, "name");
	if (!commands_is_name(*name, strlen(*name)))
		return req_invalid(r, "name", "must be 1 to 32 of a-z, 0-9, _ and -");
	return commands_is_ours(*name) ? req_invalid(r, "name", "is a command of Maru") : OK;
}

/* There are never more than fit on a page. */
enum err
botcommands_list(struct req *r)
{
	json_t *rows;

	TRY(permit(r));
	TRY(sql_botcommands_list(r, req_id(r, "bot"), &rows));
	return req_reply(r, 200, json_pack("{s:O}", "commands", rows));
}

/* Makes or changes a command: 200 with it. */
enum err
botcommands_set(struct req *r)
{
	uint64_t bot = req_id(r, "bot");
	struct command_in in;
	const char *name;
	json_t *row;

	TRY(req_read(r, command_fields, &in));
	TRY(read_name(r, &name));
	TRY(hold(r));
	TRY(sql_botcommands_count(r, bot, name, &row));
	if (row_id(row, "n") >= COMMANDS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d commands of a bot", COMMANDS_MAX);
	in.usage = in.usage == NULL ? "" : in.usage;
	TRY(sql_botcommand_store(r, bot, name, in.description, in.usage, NULL));
	return req_reply(r, 200,
	    json_pack(
		"{s:s, s:s, s:s}", "name", name, "description", in.description, "usage", in.usage));
}

/* Removes a command: 204. */
enum err
botcommands_remove(struct req *r)
{
	const char *name;
	uint64_t removed;

	TRY(read_name(r, &name));
	TRY(hold(r));
	TRY(sql_botcommand_delete(r, req_id(r, "bot"), name, &removed));
	return removed == 0 ? ERR_NOT_FOUND : req_reply(r, 204, NULL);
}
