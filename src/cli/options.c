/* A command line against a command's table of options, as POSIX has them. */
#include "cli/keys.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include "util/strbuf.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

const struct cli_option cli_common_options[] = {
    {'o', "out", "PATH", "where results go", CLI_PATH},
    {'q', "quiet", NULL, "no progress", CLI_FLAG},
    {'v', "verbose", NULL, "more about what is done", CLI_FLAG},
    {0, "no-plots", NULL, "draw no figures", CLI_FLAG},
    {'h', "help", NULL, "this text", CLI_FLAG},
    {0}};

const char *const cli_weights_names[] = {"last", "best", NULL};

/* ---- help ---- */

const char *cli_option_help(struct arena *a, const struct cli_option *o)
{
    return o->as.fallback ? arena_printf(a, "%s (default: %s)", o->help, o->as.fallback) : o->help;
}

static void print_option(struct arena *a, const struct cli_option *o)
{
    const char *left = arena_printf(a, "%c%c%s --%s%s%s", o->letter ? '-' : ' ',
                                    o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
                                    o->argument ? " " : "", o->argument ? o->argument : "");
    enum { INDENT = 29 };
    if (printf("  %-26s ", left) > INDENT)
        printf("\n%*s", INDENT, "");
    cli_print_wrapped(cli_option_help(a, o), INDENT, INDENT);
}

bool cli_takes_common(const struct cli_command *c, const struct cli_option *o)
{
    return !c->no_out || o->letter != 'o';
}

void cli_print_help(const struct cli_command *c)
{
    struct arena a;
    arena_init(&a);
    printf("usage: descent ");
    cli_print_wrapped(c->usage, strlen("usage: descent "), 4);
    printf("\n");
    cli_print_wrapped(c->summary, 0, 0);
    printf("\noptions:\n");
    for (const struct cli_option *o = c->options; o && o->name; o++)
        print_option(&a, o);
    for (const struct cli_option *o = cli_common_options; o->name; o++)
        if (cli_takes_common(c, o))
            print_option(&a, o);
    arena_fini(&a);
}

/* ---- one word after the other ---- */

enum token { TOKEN_END, TOKEN_WORD, TOKEN_OPTION, TOKEN_UNKNOWN };

struct scan {
    const struct cli_command *c;
    char **argv;
    int i, argc;
    bool only_words; /* after -- */
    char *cluster;   /* what is left of -qv */
    /* of the token */
    char *word; /* as it was typed */
    const struct cli_option *option;
    bool is_own; /* not one of the common ones */
    char *value; /* NULL: none */
};

static const struct cli_option *find_name(const struct cli_option *table, const char *name,
                                          size_t n)
{
    for (const struct cli_option *o = table; o && o->name; o++)
        if (n > 0 && strlen(o->name) == n && strncmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

static const struct cli_option *find_letter(const struct cli_option *table, char letter)
{
    for (const struct cli_option *o = table; o && o->name; o++)
        if (o->letter && o->letter == letter)
            return o;
    return NULL;
}

static void take_next(struct scan *s)
{
    if (s->option->argument && !s->value && s->i < s->argc)
        s->value = s->argv[s->i++];
}

/* --name, --name=value */
static enum token next_long(struct scan *s)
{
    char *name = s->word + 2;
    size_t n = strcspn(name, "=");
    const struct cli_option *own = find_name(s->c->options, name, n);
    s->option = own ? own : find_name(cli_common_options, name, n);
    s->is_own = own != NULL;
    s->value = name[n] == '=' ? name + n + 1 : NULL;
    if (!s->option)
        return TOKEN_UNKNOWN;
    take_next(s);
    return TOKEN_OPTION;
}

/* -q, -qv, -oPATH, -o PATH, -o=PATH */
static enum token next_letter(struct scan *s)
{
    char letter = *s->cluster++;
    const struct cli_option *own = find_letter(s->c->options, letter);
    s->option = own ? own : find_letter(cli_common_options, letter);
    s->is_own = own != NULL;
    s->value = NULL;
    if (!s->option)
        return TOKEN_UNKNOWN;
    if (*s->cluster == '=' || (s->option->argument && *s->cluster)) {
        s->value = s->cluster + (*s->cluster == '=');
        s->cluster = NULL;
    }
    take_next(s);
    return TOKEN_OPTION;
}

static enum token next(struct scan *s)
{
    if (s->cluster && *s->cluster)
        return next_letter(s);
    if (s->i >= s->argc)
        return TOKEN_END;
    s->word = s->argv[s->i++];
    if (s->only_words || s->word[0] != '-' || s->word[1] == '\0')
        return TOKEN_WORD;
    if (strcmp(s->word, "--") == 0) {
        s->only_words = true;
        return next(s);
    }
    if (s->word[1] == '-')
        return next_long(s);
    s->cluster = s->word + 1;
    return next_letter(s);
}

bool cli_asks(const struct cli_command *c, int argc, char **argv, bool *ret_version)
{
    struct scan s = {.c = c, .argv = argv, .argc = argc};
    enum token t;
    while ((t = next(&s)) != TOKEN_END) {
        *ret_version = t == TOKEN_UNKNOWN && strcmp(s.word, "--version") == 0;
        if (*ret_version || (t == TOKEN_OPTION && s.option->letter == 'h' && !s.is_own))
            return true;
        if (t == TOKEN_UNKNOWN)
            s.cluster = NULL;
    }
    return false;
}

/* ---- what is wrong with them ---- */

/* Whether a command has the option that this one lacks. */
static bool takes(const struct cli_command *c, const struct scan *s)
{
    const char *name = s->word + 2;
    return s->word[1] == '-' ? find_name(c->options, name, strcspn(name, "=")) != NULL
                             : find_letter(c->options, s->cluster[-1]) != NULL;
}

static void option_of_others(const struct scan *s)
{
    const char *own = s->c->name;
    size_t all = 0, n = 0;
    struct strbuf list;
    strbuf_init(&list);
    for (size_t i = 0; cli_commands[i]; i++)
        all += takes(cli_commands[i], s);
    for (size_t i = 0; cli_commands[i]; i++)
        if (takes(cli_commands[i], s)) {
            strbuf_addf(&list, "%s'%s'",
                        n == 0        ? ""
                        : n + 1 < all ? ", "
                                      : " and ",
                        cli_commands[i]->name);
            n++;
        }
    if (all == 0)
        cli_usage(s->c, "unknown option '%s'; 'descent help %s' lists its options", s->word, own);
    else
        cli_usage(s->c, "unknown option '%s', which %s take%s; 'descent help %s' lists its options",
                  s->word, list.text, all == 1 ? "s" : "", own);
    strbuf_fini(&list);
}

static void unknown_option(const struct scan *s)
{
    const struct cli_command *c = s->c;
    const char *names[2 * CLI_MOST_OPTIONS];
    size_t n = 0;
    for (const struct cli_option *o = c->options; o && o->name; o++)
        names[n++] = o->name;
    for (const struct cli_option *o = cli_common_options; o->name; o++)
        if (cli_takes_common(c, o))
            names[n++] = o->name;
    const char *name = s->word + strspn(s->word, "-"), *near = suggest(name, names, n);
    struct cli_key key = {.path = ""};
    if (name[0] && name[1] && strstr(c->usage, "KEY="))
        key = cli_find_key(name);
    size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1
                        : s->i < s->argc    ? s->argv[s->i]
                                            : "...";
    if (key.path[0])
        cli_usage(c, "unknown option '%s'; settings are given as KEY=VALUE: '%s=%s'", s->word,
                  key.path, value);
    else if (near)
        cli_usage(c, "unknown option '%s'; did you mean '--%s'?", s->word, near);
    else
        option_of_others(s);
}

/* ---- their arguments ---- */

static bool is_typed(const struct cli_option *o)
{
    return o->as.type == PARAM_INT || o->as.type == PARAM_REAL || o->as.type == PARAM_CHOICE ||
           o->as.type == PARAM_CHOICES;
}

static struct node list_of(struct arena *a, const char *text)
{
    struct node list = {.kind = NODE_LIST};
    char **word = cli_words(a, text, &list.n);
    list.item = arena_alloc(a, (list.n + 1) * sizeof *list.item);
    for (size_t i = 0; i < list.n; i++) {
        list.item[i] = arena_alloc(a, sizeof **list.item);
        *list.item[i] = (struct node){.kind = NODE_SCALAR, .text = word[i]};
    }
    return list;
}

/* By the machinery that reads settings; text NULL: nothing is given and there is no default. */
static bool read_value(const struct cli_command *c, const struct cli_option *o, const char *text,
                       union cli_value *ret)
{
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a);
    struct binder b = {.arena = &a, .diags = &d};
    struct param p = o->as;
    const struct node n = o->as.type == PARAM_CHOICES
                              ? list_of(&a, text)
                              : (struct node){.kind = NODE_SCALAR, .text = text};
    p.name = arena_printf(&a, "--%s", o->name);
    void *field = p.type == PARAM_INT       ? (void *)&ret->integer
                  : p.type == PARAM_REAL    ? (void *)&ret->real
                  : p.type == PARAM_CHOICES ? (void *)&ret->choices
                                            : (void *)&ret->choice;
    bool ok = bind_value(&b, &p, &n, field);
    if (!ok)
        cli_usage(c, "%s%s%s", d.item[0].message, d.item[0].suggestion ? "; " : "",
                  d.item[0].suggestion ? d.item[0].suggestion : "");
    arena_fini(&a);
    return ok;
}

static bool read_defaults(const struct cli_command *c, struct cli_arguments *ret)
{
    bool ok = true;
    for (size_t i = 0; c->options && c->options[i].name; i++) {
        const struct cli_option *o = &c->options[i];
        union cli_value *v = &ret->typed[i];
        if (is_typed(o) && o->as.fallback)
            ok &= read_value(c, o, o->as.fallback, v);
        else if (o->as.type == PARAM_INT)
            v->integer = PARAM_NULL_INT;
        else if (o->as.type == PARAM_REAL)
            v->real = (double)NAN;
        else if (o->as.type == PARAM_CHOICES)
            v->choices = 0;
        else
            v->choice = -1;
    }
    return ok;
}

/* "~/x" is in the home folder, also where the shell has left it as it is: -o~/x, '~/x'. No setting
 * begins so. What is made here stays as long as the command line. */
static char *expand(char *word)
{
    static struct arena kept;
    return strncmp(word, "~/", 2) == 0 ? arena_strdup(&kept, file_expand(&kept, word)) : word;
}

/* A folder loses the slashes at its end, so that no path below it doubles them. */
static char *tidy(char *word)
{
    char *path = expand(word);
    size_t n = path_bare_length(path);
    if (path[n] != '\0' && file_is_folder(path))
        path[n] = '\0';
    return path;
}

static void set_common(struct cli_arguments *a, const struct cli_option *o, char *value)
{
    if (o->letter == 'o')
        a->out = tidy(value);
    else if (o->letter == 'q')
        log_set_level(LOG_QUIET);
    else if (o->letter == 'v')
        log_set_level(LOG_VERBOSE);
    else if (o->letter == 'h')
        a->help = true;
    else
        a->no_plots = true;
}

static bool take_option(const struct scan *s, struct cli_arguments *ret)
{
    const struct cli_command *c = s->c;
    const struct cli_option *o = s->option;
    if (!s->is_own && !cli_takes_common(c, o)) {
        cli_usage(c, "no '%s': %s", s->word[1] == '-' ? "--out" : "-o", c->no_out);
        return false;
    }
    if (!o->argument && s->value) {
        cli_usage(c, "'--%s' takes no value", o->name);
        return false;
    }
    if (o->argument && !s->value) {
        cli_usage(c, "'--%s' needs %s", o->name, o->argument);
        return false;
    }
    bool is_list = o->argument && strstr(o->argument, "[,");
    size_t commas = is_list ? strspn(s->value, ",") : 0;
    if (o->argument && (!s->is_own || is_list) && s->value[commas] == '\0') {
        cli_usage(c, "'--%s' needs %s, not an empty one", o->name, o->argument);
        return false;
    }
    if (!s->is_own) {
        set_common(ret, o, s->value);
        return true;
    }
    size_t i = (size_t)(o - c->options);
    ret->value[i] = s->value ? expand(s->value) : "";
    return !is_typed(o) || read_value(c, o, s->value, &ret->typed[i]);
}

/* Of a command for folders, the words before the first setting. Beside a folder, what is none is
 * the command's to pass over. */
static bool check_folders(const struct cli_command *c, const struct cli_arguments *args)
{
    struct arena a;
    bool ok = true;
    arena_init(&a);
    size_t folders = 0;
    for (size_t i = 0; i < args->words && !strchr(args->word[i], '='); i++)
        folders += file_is_folder(args->word[i]);
    if (args->words == 1 || (args->words > 1 && strchr(args->word[1], '=')) ||
        (args->words > 1 && folders == 0))
        ok = !cli_explain_folder(&a, c, args->word[0]);
    arena_fini(&a);
    return ok;
}

bool cli_parse(const struct cli_command *c, int argc, char **argv, struct cli_arguments *ret)
{
    struct scan s = {.c = c, .argv = argv, .argc = argc};
    enum token t;
    *ret = (struct cli_arguments){.command = c->name, .word = argv};
    if (!read_defaults(c, ret))
        return false;
    while ((t = next(&s)) != TOKEN_END) {
        if (t == TOKEN_UNKNOWN) {
            unknown_option(&s);
            return false;
        }
        if (t == TOKEN_WORD && s.argv[s.i - 1][0] == '\0') {
            cli_usage(c,
                      "word %zu is empty, and names nothing: a variable of the shell that is not "
                      "set leaves such a word (\"$NAME\")",
                      ret->words + 1);
            return false;
        }
        if (t == TOKEN_WORD)
            ret->word[ret->words++] = tidy(s.argv[s.i - 1]);
        else if (!take_option(&s, ret))
            return false;
    }
    if (c->asks && ret->words == 0 && !ret->help)
        return cli_usage(c, "%s", c->asks) == 0;
    return !c->of_folders || ret->help || check_folders(c, ret);
}

char **cli_words(struct arena *a, const char *text, size_t *ret_n)
{
    char **word = arena_alloc(a, (text ? strlen(text) + 1 : 1) * sizeof *word);
    *ret_n = 0;
    for (const char *s = text; s && *s; s += *s == ',') {
        size_t n = strcspn(s, ",");
        if (n > 0)
            word[(*ret_n)++] = arena_strndup(a, s, n);
        s += n;
    }
    return word;
}
