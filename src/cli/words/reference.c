/* descent list --format markdown: all kinds and the keys of a spec as one page
 * (docs/reference.md). */
#include "cli/keys.h"
#include <stdio.h>
#include <string.h>

/* What would be markup is none, but for `code`. */
static void print_text(const char *text)
{
    bool code = false;
    for (; text && *text; text++) {
        code ^= *text == '`';
        if (*text == '|' || (!code && (*text == '*' || *text == '<')))
            printf("\\");
        printf("%c", *text == '\n' ? ' ' : *text);
    }
}

void cli_print_cell(const char *text)
{
    printf(" ");
    print_text(text);
    printf(" |");
}

static void row(const char *name, const struct param *p)
{
    struct strbuf b;
    strbuf_init(&b);
    printf("| `%s` |", name);
    strbuf_addf(&b, p->fallback ? "`%s`" : "required", p->fallback);
    cli_print_cell(p->type == PARAM_SECTION ? "" : b.text);
    strbuf_clear(&b);
    write_type(&b, p);
    cli_print_cell(b.text);
    strbuf_clear(&b);
    strbuf_addf(&b, "%s%s%s", p->help, p->unit ? ", in " : "", p->unit ? p->unit : "");
    cli_print_cell(b.text);
    printf("\n");
    strbuf_fini(&b);
}

static const char heading[] = "| key | default | type | meaning |\n|---|---|---|---|\n";

static void kind(const struct kind *k)
{
    printf("\n### %s\n\n", k->name);
    print_text(k->title ? k->title : k->name);
    printf(".\n");
    if (k->equation)
        printf("\n```\n%s\n```\n", k->equation);
    if (k->source) {
        printf("\nSource: ");
        print_text(k->source);
        printf(".\n");
    }
    if (k->note) {
        printf("\n");
        print_text(k->note);
        printf("\n");
    }
    if (!k->params || !k->params->name)
        return;
    printf("\n%s", heading);
    for (const struct param *p = k->params; p->name; p++)
        row(p->name, p);
}

static void registry(const struct registry *r)
{
    printf("\n## %c%s\n", r->plural[0] - 'a' + 'A', r->plural + 1);
    if (r->common) {
        printf("\nKeys of every %s:\n\n%s", r->noun, heading);
        for (const struct param *p = r->common; p->name; p++)
            row(p->name, p);
    }
    for (size_t i = 0; r->kinds[i]; i++)
        kind(r->kinds[i]);
}

/* Keys of kinds stand with the kinds. */
static void spec_row(void *context, const char *path, const struct param *p)
{
    (void)context;
    if (p->type != PARAM_SECTION && !cli_is_of_kind(path))
        row(path, p);
}

void cli_print_reference(void)
{
    printf(
        "# Reference\n\nWritten by `descent list --format markdown`, from the tables that the program itself reads.\n"
        "`descent list KIND NAME` shows the same of one kind.\n\n## The spec\n\n%s",
        heading);
    cli_each_key(spec_row, NULL);
    for (size_t i = 0; spec_registries[i]; i++)
        registry(spec_registries[i]);
}
