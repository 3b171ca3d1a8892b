# Turns api/*.sql into typed C functions: awk -v out=h|c -f sqlgen.awk api/*.sql
#
#   -- message_get(id room, id seq) row          name, typed parameters, kind of result
#   SELECT ... WHERE room = :room AND seq = :seq;
#
# Parameters: id (uint64_t), int (int64_t), text (const char *, NULL allowed), bytes (struct str).
# Results: exec  nothing comes back, an extra last parameter gets the number of affected rows
#          row   the first row as a JSON object, ERR_NOT_FOUND if there is none
#          rows  all rows as a JSON array
# A parameter that is declared and not used, or used and not declared, fails the build.

function fail(text)
{
	printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
	bad = 1
	exit 1
}

function flush_statement(    i, j, n, k, name, sql, order, used, rest, c)
{
	if (statement == "")
		return
	sub(/;[ \t\n]*$/, "", body)
	if (body == "")
		fail(statement " has no SQL")
	n = 0
	rest = body
	sql = ""
	while (match(rest, /:[a-z_]+/)) {
		name = substr(rest, RSTART + 1, RLENGTH - 1)
		if (!(name in types))
			fail(statement " uses :" name ", which is not declared")
		sql = sql substr(rest, 1, RSTART - 1) "?"
		rest = substr(rest, RSTART + RLENGTH)
		order[++n] = name
		used[name] = 1
	}
	sql = sql rest
	for (name in types)
		if (!(name in used))
			fail(statement " declares " name " and does not use it")
	count++
	if (out == "c")
		emit_text(statement, sql, n)
	else
		emit_function(order, n)
	for (name in types)
		delete types[name]
	for (name in used)
		delete used[name]
}

function emit_text(name, sql, n)
{
	gsub(/\\/, "\\\\", sql)
	gsub(/"/, "\\\"", sql)
	gsub(/[ \t]*\n[ \t]*/, " ", sql)
	printf "\t{\"%s\", \"%s\", %d},\n", name, sql, n
}

function ctype(t)
{
	if (t == "id") return "uint64_t "
	if (t == "int") return "int64_t "
	if (t == "text") return "const char *"
	if (t == "bytes") return "struct str "
	fail("unknown parameter type " t)
}

function emit_function(order, n,    i, args, k)
{
	args = ""
	for (i = 1; i <= nparams; i++)
		args = args ", " ctype(types[params[i]]) params[i]
	printf "static inline enum err\nsql_%s(struct req *r%s%s)\n{\n", statement, args, \
		(kind == "exec" ? ", uint64_t *affected" : ", json_t **out")
	if (n > 0) {
		printf "\tconst struct db_arg args[] = {\n"
		for (i = 1; i <= n; i++)
			printf "\t    DB_%s(%s),\n", toupper(types[order[i]]), order[i]
		printf "\t};\n\n"
		printf "\treturn db_%s(r, SQL_%s, args, %s);\n}\n\n", kind, toupper(statement), \
			(kind == "exec" ? "affected" : "out")
	} else {
		printf "\treturn db_%s(r, SQL_%s, NULL, %s);\n}\n\n", kind, toupper(statement), \
			(kind == "exec" ? "affected" : "out")
	}
}

BEGIN {
	if (out == "h") {
		print "/* Made by api/sqlgen.awk from the .sql files of api/. */"
		print "#ifndef MARU_SQL_H\n#define MARU_SQL_H\n\n#include \"api/db.h\"\n"
		print "enum sql {"
		for (i = 1; i < ARGC; i++) {
			while ((getline line < ARGV[i]) > 0)
				if (match(line, /^-- [a-z_]+\(/))
					print "\tSQL_" toupper(substr(line, 4, RLENGTH - 4)) ","
			close(ARGV[i])
		}
		print "\tSQL_COUNT\n};\n"
	} else {
		print "/* Made by api/sqlgen.awk from the .sql files of api/. */"
		print "#include \"api/db.h\"\n"
		print "const struct db_text db_texts[] = {"
	}
}

FNR == 1 { flush_statement(); statement = ""; body = "" }

/^-- [a-z_]+\(.*\) (exec|row|rows)$/ {
	flush_statement()
	head = substr($0, 4)
	statement = head
	sub(/\(.*/, "", statement)
	kind = head
	sub(/.*\) /, "", kind)
	list = head
	sub(/^[a-z_]+\(/, "", list)
	sub(/\).*/, "", list)
	nparams = (list == "") ? 0 : split(list, params, /, */)
	for (i = 1; i <= nparams; i++) {
		if (split(params[i], part, " ") != 2)
			fail("parameter \"" params[i] "\" is not `type name`")
		types[part[2]] = part[1]
		params[i] = part[2]
	}
	body = ""
	next
}

/^--/ { if (body != "" && body !~ /;[ \t\n]*$/) fail("a comment inside a statement"); next }
statement != "" { body = (body == "" ? "" : body "\n") $0; if (body ~ /^[ \t\n]*$/) body = "" }
statement == "" && /[^ \t]/ { fail("SQL before the first header line") }

END {
	if (bad)
		exit 1
	flush_statement()
	if (out == "h")
		print "#endif"
	else
		print "};\n\nconst unsigned db_text_count = sizeof(db_texts) / sizeof(db_texts[0]);"
}
