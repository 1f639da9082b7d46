/* Parameter tables as JSON Schema (draft 2020-12; also what editors' YAML language servers read):
 * types, ranges, choices, defaults, meanings, and by its name each kind's own keys. */
#ifndef DESCENT_CONFIG_SCHEMA_H
#define DESCENT_CONFIG_SCHEMA_H

#include "config/param.h"

struct schema;

/* The definitions that the tables written so far refer to are kept and written by
 * schema_write_definitions. */
struct schema *schema_new(void);
/* Takes NULL. */
void schema_free(struct schema *s);

/* Appends the schema of a mapping that this table reads: one JSON object, over several lines,
 * as a member of `$defs`. part: of a mapping that is merged over another, so that nothing in it is required.
 * more: further members of `properties`, each ended by a comma, or "". */
void schema_write_table(struct schema *s, const struct param *table, bool part, const char *more,
                        struct strbuf *out);
/* Appends "NAME": {...}, ... for every `#/$defs/NAME` that the tables refer to, and those in
 * turn. */
void schema_write_definitions(struct schema *s, struct strbuf *out);

#endif
