/* descent list [KIND [NAME]]: everything pluggable, from its own tables. */
#include "cli/cli.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int list_kinds(void)
{
    for (size_t i = 0; spec_registries[i]; i++) {
        const struct registry *r = spec_registries[i];
        size_t n = 0, column = 0;
        while (r->kinds[n])
            n++;
        printf("%s (%zu)\n ", r->plural, n);
        column = 1;
        for (size_t k = 0; k < n; k++) {
            size_t w = strlen(r->kinds[k]->name) + 1;
            if (column + w > 79) {
                printf("\n ");
                column = 1;
            }
            printf(" %s", r->kinds[k]->name);
            column += w;
        }
        printf("\n");
    }
    printf("\n'descent list KIND' gives a line each, 'descent list KIND NAME' all about one.\n");
    return 0;
}

static int list_registry(const struct registry *r)
{
    for (size_t k = 0; r->kinds[k]; k++)
        printf("%-20s %s\n", r->kinds[k]->name, r->kinds[k]->title ? r->kinds[k]->title : "");
    return 0;
}

static void print_params(const struct param *p, const struct kind *k, bool common)
{
    for (; p && p->name; p++) {
        if (common && k->params) {
            const struct param *own = k->params;
            while (own->name && strcmp(own->name, p->name) != 0)
                own++;
            if (own->name)
                continue;
        }
        struct strbuf type;
        strbuf_init(&type);
        write_type(&type, p);
        printf("  %-18s %s%s%s\n", p->name, p->help, p->unit ? ", in " : "", p->unit ? p->unit : "");
        printf("  %-18s %s; default %s\n", "", type.text, p->fallback ? p->fallback : "none: required");
        strbuf_fini(&type);
    }
}

/* Text with a hanging indent, wrapped at 78 columns. */
static void print_wrapped(const char *text)
{
    size_t column = 2;
    printf("  ");
    while (*text) {
        size_t n = strcspn(text, " \n");
        if (column > 2 && column + n > 78) {
            printf("\n  ");
            column = 2;
        }
        printf("%.*s", (int)n, text);
        column += n;
        text += n;
        if (*text == '\n') {
            printf("\n  ");
            column = 2;
            text++;
        } else if (*text == ' ') {
            printf(" ");
            column++;
            text++;
        }
    }
    printf("\n");
}

static int list_kind(const struct registry *r, const struct kind *k)
{
    printf("%s: %s\n", k->name, k->title ? k->title : "");
    if (k->equation) {
        printf("\n");
        for (const char *line = k->equation; *line;) {
            size_t n = strcspn(line, "\n");
            printf("    %.*s\n", (int)n, line);
            line += n + (line[n] == '\n');
        }
    }
    if (k->source)
        printf("\nsource\n"), print_wrapped(k->source);
    if (r == &optim_registry) {
        const struct optim_kind *o = (const struct optim_kind *)k;
        printf("\nstate\n  %u bytes a weight%s", 4 * o->state_floats, o->slots[0].name ? ":" : "");
        for (size_t i = 0; o->slots[i].name; i++)
            printf("%s %s", i ? "," : "", o->slots[i].name);
        printf("\n");
    }
    printf("\nkeys\n");
    print_params(k->params, k, false);
    print_params(r->common, k, true);
    if (k->note)
        printf("\nnotes\n"), print_wrapped(k->note);
    return 0;
}

static const struct registry *find_registry(const char *word)
{
    for (size_t i = 0; spec_registries[i]; i++)
        if (strcmp(word, spec_registries[i]->noun) == 0 || strcmp(word, spec_registries[i]->plural) == 0)
            return spec_registries[i];
    return NULL;
}

static int unknown(const char *what, const char *word, const char *const *names, size_t n)
{
    const char *near = suggest(word, names, n);
    fprintf(stderr, "descent list: unknown %s '%s'", what, word);
    fprintf(stderr, near ? "; did you mean '%s'?\n" : "\n", near);
    return ERR_USAGE;
}

static int main_list(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    const char *names[256];
    size_t n = 0;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (args.words == 0)
        return list_kinds();
    const struct registry *r = find_registry(args.word[0]);
    if (!r) {
        for (size_t i = 0; spec_registries[i]; i++)
            names[n++] = spec_registries[i]->plural;
        return unknown("kind", args.word[0], names, n);
    }
    if (args.words == 1)
        return list_registry(r);
    const struct kind *k = registry_find(r, args.word[1]);
    if (!k) {
        for (; n < 256 && r->kinds[n]; n++)
            names[n] = r->kinds[n]->name;
        return unknown(r->noun, args.word[1], names, n);
    }
    return list_kind(r, k);
}

const struct cli_command cmd_list = {
    .name = "list",
    .usage = "list [KIND [NAME]]",
    .summary = "optimizers, schedulers, models, ...: equation, keys, source",
    .main = main_list,
};
