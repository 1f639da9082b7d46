/* The JSON Schema of a spec: which of its forms a file has, and each form's table. */
#include "config/schema.h"
#include "cli/cli.h"
#include "sweep/sweep.h"

/* A file that extends another, or whose sweep sets what is missing, need not be whole. */
static const char forms[] =
    "{\n"
    "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
    "  \"title\": \"descent spec\",\n"
    "  \"description\": \"An experiment for descent: descent run, sweep, trace.\",\n"
    "  \"type\": \"object\",\n"
    "  \"if\": {\"anyOf\": [{\"required\": [\"extends\"]},\n"
    "    {\"required\": [\"sweep\"], \"properties\": {\"sweep\": {\"type\": \"object\"}}}]},\n"
    "  \"then\": {\"$ref\": \"#/$defs/part\"},\n"
    "  \"else\": {\n"
    "    \"if\": {\"required\": [\"trace\"], \"not\": {\"required\": [\"optimizer\"]},\n"
    "      \"properties\": {\"trace\": {\"type\": \"object\"}}},\n"
    "    \"then\": {\"$ref\": \"#/$defs/trace\"},\n"
    "    \"else\": {\"$ref\": \"#/$defs/whole\"}\n"
    "  },\n"
    "  \"$defs\": {\n";

static void write_form(struct schema *s, const char *name, const struct param *table, bool part,
                       struct strbuf *out)
{
    strbuf_addf(out, "    \"%s\": ", name);
    schema_write_table(
        s, table, part,
        part
            ? "\"extends\": {\"type\": \"string\", \"description\": \"another spec first, relative to this "
              "file; this one is merged over it\"},"
            : "",
        out);
    strbuf_add(out, ",\n");
}

void cli_write_schema(struct strbuf *out)
{
    struct schema *s = schema_new();
    strbuf_add(out, forms);
    write_form(s, "whole", spec_params, false, out);
    write_form(s, "part", spec_params, true, out);
    write_form(s, "trace", spec_trace_only_params, false, out);
    strbuf_add(out, "    \"sweep\": {\"anyOf\": [{\"type\": \"null\"}, ");
    /* in part: what it extends may have the rest */
    schema_write_table(s, sweep_section_params, true, "", out);
    strbuf_add(out, "]},");
    schema_write_definitions(s, out);
    strbuf_add(out, "\n  }\n}\n");
    schema_free(s);
}
