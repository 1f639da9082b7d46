/* descent list [KIND [NAME]]: everything pluggable, from its own tables. */
#include "cli/commands/list_published.h"
#include "cli/commands/list_title.h"
#include "cli/keys.h"
#include "config/hints.h"
#include "study/published.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

/* "schedulers (12)", and their names. */
static void list_names(const char *plural, size_t n, const char *names)
{
    printf("%s (%zu)\n  ", plural, n);
    cli_print_wrapped(names, 2, 2);
}

static int list_kinds(void)
{
    struct strbuf names;
    strbuf_init(&names);
    for (size_t i = 0; spec_registries[i]; i++) {
        const struct registry *r = spec_registries[i];
        size_t n = 0;
        strbuf_clear(&names);
        for (; r->kinds[n]; n++)
            strbuf_addf(&names, "%s ", r->kinds[n]->name);
        list_names(r->plural, n, names.text);
    }
    size_t n = 0;
    strbuf_clear(&names);
    for (; published_all[n].name; n++)
        strbuf_addf(&names, "%s ", published_all[n].name);
    list_names("published results", n, names.text);
    strbuf_fini(&names);
    printf("\n");
    cli_print_wrapped(
        "'descent list KIND' gives a line each, 'descent list KIND NAME' all about one; 'descent list train' the keys of "
        "a spec's section, 'descent list train.epochs' one key.",
        0, 0);
    return 0;
}

/* Bytes per weight that the default options keep as state, and what is kept; other: the same for
 * other settings. */
static unsigned state_of(const struct optim_kind *o, struct strbuf *now, struct strbuf *other)
{
    struct arena a;
    arena_init(&a);
    struct chosen defaults = kind_defaults(&a, &optim_registry, &o->base);
    unsigned bytes = 0;
    const struct tensor_shape matrix = {2, 2, 16, 0, 0};
    for (const struct optim_slot *s = o->slots; s->name; s++) {
        bool used = !s->used || s->used(defaults.options),
             of_hidden = !s->has || s->has(TENSOR_HIDDEN, &matrix);
        bytes += used && of_hidden && !s->size ? 4 : 0;
        strbuf_addf(used ? now : other, " %s%s", s->name, s->size ? " (of its own size)" : "");
    }
    arena_fini(&a);
    return bytes;
}

struct bytes {
    char text[16];
};

/* "8", or "8+" where there is more, of a size of its own. */
static struct bytes bytes_of(const struct optim_kind *o)
{
    struct strbuf now, other;
    struct bytes b;
    bool more = false;
    strbuf_init(&now);
    strbuf_init(&other);
    for (const struct optim_slot *s = o->slots; s->name; s++)
        more |= s->size != NULL;
    if (o->slots_of)
        snprintf(b.text, sizeof b.text, "yours");
    else
        snprintf(b.text, sizeof b.text, "%u%s", state_of(o, &now, &other), more ? "+" : "");
    strbuf_fini(&now);
    strbuf_fini(&other);
    return b;
}

/* `lr` 0.001, `betas` [0.9, 0.999] */
static void print_keys(const struct kind *k)
{
    struct strbuf b;
    strbuf_init(&b);
    for (const struct param *p = k->params; p && p->name; p++)
        strbuf_addf(&b, "%s`%s` %s", b.length ? ", " : "", p->name,
                    p->fallback ? p->fallback : "(required)");
    cli_print_cell(b.text);
    strbuf_fini(&b);
}

/* "2 passes" of "2 passes: a tensor's norms first". */
static int print_time(const struct optim_kind *o, int width)
{
    const char *time = o->time ? o->time : "1 pass";
    return printf("%-*.*s", width, (int)strcspn(time, ":"), time);
}

static int list_markdown(const struct registry *r)
{
    bool optimizers = r == &optim_registry;
    printf("| name | what | source | keys and defaults |%s\n|---|---|---|---|%s\n",
           optimizers ? " group | state, bytes a weight | time |" : "",
           optimizers ? "---|---|---|" : "");
    for (size_t k = 0; r->kinds[k]; k++) {
        printf("| `%s` |", r->kinds[k]->name);
        cli_print_cell(r->kinds[k]->title);
        cli_print_cell(r->kinds[k]->source);
        print_keys(r->kinds[k]);
        if (optimizers) {
            const struct optim_kind *o = (const struct optim_kind *)r->kinds[k];
            printf(" %s | %s | ", optim_family_names[o->family], bytes_of(o).text);
            print_time(o, 0);
            printf(" |");
        }
        printf("\n");
    }
    return 0;
}

/* By group, with what an optimizer costs. */
static int list_optimizers(void)
{
    for (int group = 0; group < OPTIM_FAMILIES; group++) {
        printf("%s%s\n", group ? "\n" : "", optim_family_names[group]);
        for (size_t k = 0; optim_registry.kinds[k]; k++) {
            const struct optim_kind *o = (const struct optim_kind *)optim_registry.kinds[k];
            if ((int)o->family != group)
                continue;
            printf("  %-20s %5s  ", o->base.name, bytes_of(o).text);
            print_time(o, 9);
            cli_print_title(o->base.title, 39);
        }
    }
    printf("\n");
    cli_print_wrapped(
        "Before the title: state in bytes a weight (+: more, of another size), and passes over the "
        "weights in an update. 'descent list optimizer NAME' says more.",
        0, 0);
    return 0;
}

static int list_registry(const struct registry *r)
{
    if (r == &optim_registry)
        return list_optimizers();
    for (size_t k = 0; r->kinds[k]; k++) {
        printf("%-20s", r->kinds[k]->name);
        cli_print_title(r->kinds[k]->title ? r->kinds[k]->title : "", 20);
    }
    return 0;
}

static void print_param(const char *name, const struct param *p)
{
    struct strbuf line;
    strbuf_init(&line);
    strbuf_addf(&line, "%s%s%s", p->help, p->unit ? ", in " : "", p->unit ? p->unit : "");
    printf(strlen(name) > 18 ? "  %s\n%21s" : "  %-18s %s", name, "");
    cli_print_wrapped(line.text, 21, 21);
    strbuf_clear(&line);
    write_type(&line, p);
    if (p->fallback)
        strbuf_addf(&line, "; default %s", p->fallback);
    else
        strbuf_add(&line, "; required");
    printf("  %-18s ", "");
    cli_print_wrapped(line.text, 21, 21);
    strbuf_fini(&line);
}

static void print_params(const struct param *p, const struct kind *k, bool common)
{
    for (; p && p->name; p++) {
        const struct param *own = common ? k->params : NULL;
        while (own && own->name && strcmp(own->name, p->name) != 0)
            own++;
        if (!own || !own->name)
            print_param(p->name, p);
    }
}

static void print_state(const struct optim_kind *o)
{
    struct strbuf now, other;
    strbuf_init(&now);
    strbuf_init(&other);
    unsigned bytes = state_of(o, &now, &other);
    if (o->slots_of)
        cli_say("\nstate\n  4 bytes a weight for each name under 'state'\n");
    else
        cli_say("\nstate\n  %u bytes a weight%s%s\n", bytes, now.length ? ":" : "", now.text);
    if (other.length)
        cli_say("  with other settings also:%s\n", other.text);
    printf("\ntime\n  ");
    cli_print_wrapped(o->time ? o->time : "1 pass", 2, 2);
    strbuf_fini(&now);
    strbuf_fini(&other);
}

static bool has_any(const struct param *p)
{
    return p && p->name;
}

/* A data set's are those of its section, but the name that stands first. */
static void print_keys_of(const struct registry *r, const struct kind *k)
{
    const struct param *common = r == &data_registry ? data_params + 1 : r->common;
    if (!has_any(k->params) && !has_any(common))
        return;
    printf("\nkeys\n");
    print_params(k->params, k, false);
    print_params(common, k, true);
}

static void print_equation(const char *text)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, "\n");
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        strbuf_addf(&b, "    %.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
    cli_say("%s", b.text);
    strbuf_fini(&b);
}

static int list_kind(const struct registry *r, const struct kind *k)
{
    printf("%s: ", k->name);
    cli_print_wrapped(k->title ? k->title : "", strlen(k->name) + 2, 2);
    if (k->equation)
        print_equation(k->equation);
    if (k->source)
        printf("\nsource\n  "), cli_print_wrapped(k->source, 2, 2);
    if (r == &optim_registry)
        print_state((const struct optim_kind *)k);
    print_keys_of(r, k);
    if (k->note)
        printf("\nnotes\n  "), cli_print_wrapped(k->note, 2, 2);
    return 0;
}

struct wanted {
    const char *path; /* "train", "train.sam" or "checkpoint.keep" */
    bool found;
};

static void print_wanted(void *context, const char *path, const struct param *p)
{
    struct wanted *w = context;
    size_t n = strlen(w->path);
    if (p->type == PARAM_SECTION || cli_is_of_kind(path) || strncmp(path, w->path, n) != 0 ||
        (path[n] && path[n] != '.'))
        return;
    print_param(path, p);
    w->found = true;
}

/* A key of the spec, or all of a section's, by their dotted paths, but those of kinds; whether there
 * are any. */
static bool list_keys(const char *path)
{
    struct wanted w = {.path = path};
    cli_each_key(print_wanted, &w);
    return w.found;
}

static const struct registry *find_registry(const char *word)
{
    for (size_t i = 0; spec_registries[i]; i++)
        if (strcmp(word, spec_registries[i]->noun) == 0 ||
            strcmp(word, spec_registries[i]->plural) == 0)
            return spec_registries[i];
    return NULL;
}

/* The kind that something of this name is of, or NULL. */
static const struct registry *registry_of(const char *name)
{
    for (size_t i = 0; spec_registries[i]; i++)
        if (registry_find(spec_registries[i], name))
            return spec_registries[i];
    return NULL;
}

static int unknown(const char *what, const char *word, const char *const *names, size_t n)
{
    struct arena a;
    arena_init(&a);
    const char *near = hint_kind(&a, word, names, n);
    text_print(stderr, "descent list: unknown %s '%s'%s%s%s\n", what, word,
               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    arena_fini(&a);
    return ERR_USAGE;
}

enum { OPTION_FORMAT };
static const char *const format_names[] = {"text", "markdown", NULL};
static const struct cli_option list_options[] = {
    {0, "format", "text|markdown",
     "how to write a list; markdown without KIND: the whole reference",
     CLI_CHOICE(format_names, "text")},
    {0}};

/* Another kind's name, or near to one, or near to a kind; of two words the first is a kind. */
static int unknown_kind(const char *word, bool alone)
{
    const char *plural[64], *name[1024];
    size_t plurals = 0, n = 0;
    for (size_t i = 0; spec_registries[i]; i++) {
        plural[plurals++] = spec_registries[i]->plural;
        for (size_t k = 0; spec_registries[i]->kinds[k] && n < 1024; k++)
            name[n++] = spec_registries[i]->kinds[k]->name;
    }
    plural[plurals++] = "published";
    struct arena a;
    arena_init(&a);
    const char *near = suggest(word, plural, plurals),
               *other = near || !alone ? NULL : hint_kind(&a, word, name, n);
    arena_fini(&a); /* a kind's name is no part of it */
    const struct registry *of = registry_of(word);
    struct cli_key key = cli_find_key(word);
    if (!of && alone && key.path[0] && !cli_is_of_kind(key.path))
        text_print(stderr, "descent list: unknown kind '%s'; it is a key: 'descent list %s'\n",
                   word, key.path);
    else if (of)
        text_print(stderr, "descent list: unknown kind '%s'; it is %s %s: 'descent list %s %s'\n",
                   word, registry_article(of), of->noun, of->noun, word);
    else if (other && (of = registry_of(other)) != NULL)
        text_print(stderr, "descent list: unknown kind '%s'; did you mean 'descent list %s %s'?\n",
                   word, of->noun, other);
    else
        return unknown("kind", word, plural, plurals);
    return ERR_USAGE;
}

static int main_list(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    const char *names[256];
    size_t n = 0;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    bool markdown = args.typed[OPTION_FORMAT].choice == 1;
    if (args.words > 2)
        return cli_usage(c, "'%s' is one word too many", args.word[2]);
    bool listed = args.words == 0 || (args.words == 1 && strcmp(args.word[0], "published") != 0);
    if (markdown && !listed)
        return cli_usage(c, "Markdown is of the lists of a kind, not of '%s': leave '--format' out",
                         args.words == 2 ? args.word[1] : args.word[0]);
    if (args.words == 0 && markdown)
        return cli_print_reference(), 0;
    if (args.words == 0)
        return list_kinds();
    if (strcmp(args.word[0], "published") == 0)
        return args.words == 1 ? cli_list_published() : cli_list_published_one(args.word[1]);
    const struct registry *r = find_registry(args.word[0]);
    if (!r && args.words == 1 && !markdown && list_keys(args.word[0]))
        return 0;
    if (!r)
        return unknown_kind(args.word[0], args.words == 1);
    if (args.words == 1)
        return markdown ? list_markdown(r) : list_registry(r);
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
    .no_out = CLI_PRINTS,
    .summary = "optimizers, schedulers, models, ...: equation, keys, source",
    .options = list_options,
    .main = main_list,
};
