/* descent: the command table and what all commands share. */
#include "cli/cli.h"
#include "inspect/carried.h"
#include "num/blas.h"
#include "util/log.h"
#include "util/processor.h"
#include "util/strbuf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KIND(name) extern const struct cli_command cmd_##name;
#include "cli/list.inc"
#undef KIND

#define KIND(name) &cmd_##name,
const struct cli_command *const cli_commands[] = {
#include "cli/list.inc"
    NULL};
#undef KIND

const struct cli_option cli_common_options[] = {
    {'o', "out", "PATH", "where results go"},
    {'q', "quiet", NULL, "no progress"},
    {'v', "verbose", NULL, "more about what is done"},
    {0, "no-plots", NULL, "draw no figures"},
    {'h', "help", NULL, "this text"},
    {0}};

/* ---- errors ---- */

int cli_fail(const struct error *err)
{
    fprintf(stderr, "descent: %s\n", err->message);
    return (int)err->code;
}

int cli_fail_diags(const struct diags *d, const char *what)
{
    struct strbuf b;
    strbuf_init(&b);
    diags_write(d, &b);
    fputs(b.text, stderr);
    size_t n = d->n + d->dropped;
    fprintf(stderr, "descent: %zu error%s in %s\n", n, n == 1 ? "" : "s", what);
    strbuf_fini(&b);
    return d->code == ERR_NONE ? ERR_USAGE : (int)d->code;
}

int cli_fail_at(const struct spec *s, const char *key, const struct error *err)
{
    if (err->code != ERR_USAGE || key[0] == '\0')
        return cli_fail(err);
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a);
    diags_add(&d, node_place(s->root, key), NULL, "%s", err->message);
    int code = cli_fail_diags(&d, "the spec");
    arena_fini(&a);
    return code;
}

int cli_usage(const struct cli_command *c, const char *fmt, ...)
{
    char text[1024];
    va_list list;
    va_start(list, fmt);
    vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    fprintf(stderr, "descent %s: %s\nusage: descent %s\n", c->name, text, c->usage);
    return ERR_USAGE;
}

void cli_print_wrapped(const char *text, size_t column, size_t indent)
{
    for (const char *gap = ""; *text; gap = " ") {
        size_t n = strcspn(text, " \n"), space = strlen(gap);
        if (column > indent && column + space + n > 79) {
            printf("\n%*s", (int)indent, "");
            column = indent;
            space = 0;
        }
        printf("%s%.*s", space ? gap : "", (int)n, text);
        column += space + n;
        text += n;
        text += *text != '\0';
    }
    printf("\n");
}

/* ---- arguments ---- */

static void print_option(const struct cli_option *o)
{
    char left[64];
    snprintf(left, sizeof left, "%c%c%s --%s%s%s", o->letter ? '-' : ' ',
             o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
             o->argument ? " " : "", o->argument ? o->argument : "");
    printf("  %-26s %s\n", left, o->help);
}

bool cli_takes_common(const struct cli_command *c, const struct cli_option *o)
{
    return !c->no_out || o->letter != 'o';
}

static void print_help(const struct cli_command *c)
{
    printf("usage: descent %s\n\n%s\n\noptions:\n", c->usage, c->summary);
    for (const struct cli_option *o = c->options; o && o->name; o++)
        print_option(o);
    for (const struct cli_option *o = cli_common_options; o->name; o++)
        if (cli_takes_common(c, o))
            print_option(o);
}

static const struct cli_option *match(const struct cli_option *table, const char *word,
                                      size_t n)
{
    for (const struct cli_option *o = table; o && o->name; o++) {
        if (n > 2 && strncmp(word, "--", 2) == 0 && strlen(o->name) == n - 2 &&
            strncmp(o->name, word + 2, n - 2) == 0)
            return o;
        if (n == 2 && o->letter && word[1] == o->letter)
            return o;
    }
    return NULL;
}

static void suggest_option(const struct cli_command *c, const char *word)
{
    const char *names[64];
    size_t n = 0;
    for (const struct cli_option *o = c->options; o && o->name; o++)
        names[n++] = o->name;
    for (const struct cli_option *o = cli_common_options; o->name; o++)
        if (cli_takes_common(c, o))
            names[n++] = o->name;
    const char *near = suggest(word + strspn(word, "-"), names, n);
    fprintf(stderr, "descent %s: unknown option '%s'", c->name, word);
    fprintf(stderr, near ? "; did you mean '--%s'?\n" : "\n", near);
    fprintf(stderr, "usage: descent %s\n", c->usage);
}

static void set_common(struct cli_arguments *a, const struct cli_option *o, const char *value)
{
    if (o->letter == 'o')
        a->out = value;
    else if (o->letter == 'q')
        log_set_level(LOG_QUIET);
    else if (o->letter == 'v')
        log_set_level(LOG_VERBOSE);
    else if (o->letter == 'h')
        a->help = true;
    else
        a->no_plots = true;
}

bool cli_parse(const struct cli_command *c, int argc, char **argv, struct cli_arguments *ret)
{
    *ret = (struct cli_arguments){.word = argv};
    bool only_words = false;
    for (int i = 0; i < argc; i++) {
        char *word = argv[i];
        if (only_words || word[0] != '-' || word[1] == '\0') {
            ret->word[ret->words++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_words = true;
            continue;
        }
        size_t n = strcspn(word, "=");
        const struct cli_option *own = match(c->options, word, n),
                                *o = own ? own : match(cli_common_options, word, n);
        if (!o) {
            suggest_option(c, word);
            return false;
        }
        if (!own && !cli_takes_common(c, o)) {
            cli_usage(c, "no '%.*s': %s", (int)n, word, c->no_out);
            return false;
        }
        const char *value = word[n] == '=' ? word + n + 1 : NULL;
        if (!o->argument && value) {
            cli_usage(c, "'--%s' takes no value", o->name);
            return false;
        }
        if (o->argument && !value && i + 1 < argc)
            value = argv[++i];
        if (o->argument && !value) {
            cli_usage(c, "'--%s' needs %s", o->name, o->argument);
            return false;
        }
        if (o->argument && !own && value[0] == '\0') {
            cli_usage(c, "'--%s' needs %s, not an empty one", o->name, o->argument);
            return false;
        }
        if (own)
            ret->value[own - c->options] = value ? value : "";
        else
            set_common(ret, o, value);
    }
    return true;
}

static bool is_figure(const char *path)
{
    return figure_format_of(path) != FIGURE_BY_NAME;
}

static bool load_spec(struct arena *a, const struct cli_arguments *args, bool any,
                      struct spec *ret, int *ret_exit_code)
{
    struct diags d;
    diags_init(&d, a);
    bool ok;
    if (is_figure(args->word[0])) {
        const char *text;
        struct error err;
        if (!carried_spec(a, args->word[0], &text, &err)) {
            *ret_exit_code = cli_fail(&err);
            return false;
        }
        ok = (any ? spec_parse_any : spec_parse)(a, args->word[0], text, args->word + 1,
                                                 args->words - 1, &d, ret);
    } else {
        ok = (any ? spec_load_any : spec_load)(a, args->word[0], args->word + 1,
                                               args->words - 1, &d, ret);
    }
    if (!ok)
        *ret_exit_code = cli_fail_diags(&d, args->word[0]);
    return ok;
}

bool cli_load_spec(struct arena *a, const struct cli_arguments *args, struct spec *ret,
                   int *ret_exit_code)
{
    return load_spec(a, args, false, ret, ret_exit_code);
}

bool cli_load_spec_any(struct arena *a, const struct cli_arguments *args, struct spec *ret,
                       int *ret_exit_code)
{
    return load_spec(a, args, true, ret, ret_exit_code);
}

bool cli_choose(const struct cli_command *c, const char *option, const char *word,
                const char *const *list, int *ret)
{
    size_t n = 0;
    if (!word)
        return true;
    for (; list[n]; n++)
        if (strcmp(list[n], word) == 0) {
            *ret = (int)n;
            return true;
        }
    struct strbuf all;
    strbuf_init(&all);
    for (size_t i = 0; i < n; i++)
        strbuf_addf(&all, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", list[i]);
    const char *near = suggest(word, list, n);
    if (near)
        cli_usage(c, "'--%s' has no '%s'; did you mean '%s'?", option, word, near);
    else
        cli_usage(c, "'--%s' is %s, not '%s'", option, all.text, word);
    strbuf_fini(&all);
    return false;
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

const char *cli_beside(struct arena *a, const char *file, const char *end)
{
    const char *dot = strrchr(file, '.'), *slash = strrchr(file, '/'),
               *stem = slash ? slash + 1 : file;
    return arena_printf(a, "%.*s%s", (int)(dot && dot > stem ? dot - file : (long)strlen(file)),
                        file, end);
}

void cli_print_metrics(const struct epoch_row *row)
{
    static const struct {
        const char *name;
        enum metric loss, accuracy;
    } splits[] = {{"train", METRIC_TRAIN_LOSS, METRIC_TRAIN_ACCURACY},
                  {"validation", METRIC_VALID_LOSS, METRIC_VALID_ACCURACY},
                  {"test", METRIC_TEST_LOSS, METRIC_TEST_ACCURACY}};
    printf("%-12s %10s %10s\n", "", "loss", "accuracy");
    for (size_t i = 0; i < 3; i++)
        if (!isnan(row->value[splits[i].accuracy]))
            printf("%-12s %10.4f %8.2f %%\n", splits[i].name, row->value[splits[i].loss],
                   100 * row->value[splits[i].accuracy]);
}

/* ---- signals ---- */

static volatile sig_atomic_t last_signal;

/* The second request to stop is not waited for; a request for a checkpoint never replaces one to
 * stop. */
static void on_signal(int signal)
{
    bool stopping = last_signal != 0 && last_signal != SIGUSR2;
    if (stopping && (signal == SIGINT || signal == SIGTERM || signal == SIGHUP))
        _exit(128 + signal);
    if (!stopping)
        last_signal = signal;
}

volatile sig_atomic_t *cli_signals(void)
{
    static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
        struct sigaction old;
        sigemptyset(&a.sa_mask);
        if (wanted[i] == SIGHUP && sigaction(SIGHUP, NULL, &old) == 0 &&
            old.sa_handler == SIG_IGN)
            continue; /* nohup: the run outlives its terminal */
        sigaction(wanted[i], &a, NULL);
    }
    signal(SIGPIPE, SIG_IGN); /* nobody reads what is told: training goes on, and main tells */
    return &last_signal;
}

/* ---- main ---- */

enum { SUMMARY_COLUMN = 36 };

static void print_commands(void)
{
    printf("usage: descent COMMAND ...\n\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        bool long_one = strlen(cli_commands[i]->usage) > SUMMARY_COLUMN - 3;
        printf("  %-*s", SUMMARY_COLUMN - 2, cli_commands[i]->usage);
        if (long_one)
            printf("\n%*s", SUMMARY_COLUMN, "");
        cli_print_wrapped(cli_commands[i]->summary, SUMMARY_COLUMN, SUMMARY_COLUMN);
    }
    printf("\n'descent COMMAND --help' tells more; 'descent --version' names the build.\n");
}

static int unknown_command(const char *word)
{
    const char *names[34];
    size_t n = 0;
    bool is_option = word[0] == '-' && word[1];
    for (; !is_option && cli_commands[n]; n++)
        names[n] = cli_commands[n]->name;
    if (is_option) {
        names[n++] = "--help";
        names[n++] = "--version";
    }
    const char *near = suggest(word, names, n);
    fprintf(stderr, "descent: unknown %s '%s'", is_option ? "option" : "command", word);
    fprintf(stderr, near ? "; did you mean '%s'?\n" : "\n", near);
    fputs("'descent --help' lists the commands\n", stderr);
    return ERR_USAGE;
}

static int print_version(void)
{
    struct strbuf b;
    strbuf_init(&b);
    run_describe_build(&b);
    fputs(b.text, stdout);
    strbuf_fini(&b);
    return 0;
}

static int run_command(const struct cli_command *c, int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            print_help(c);
            return 0;
        } else if (strcmp(argv[i], "--version") == 0) {
            return print_version();
        }
    return c->main(c, argc, argv);
}

int main(int argc, char **argv)
{
    int code = ERR_USAGE;
    struct error err = {0};
    signal(SIGXFSZ, SIG_IGN); /* a file that may grow no further is an error of writing */
    if (!processor_check(&err))
        return cli_fail(&err);
    if (argc < 2 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_commands();
        code = 0;
    } else if (strcmp(argv[1], "--version") == 0) {
        code = print_version();
    } else {
        const struct cli_command *c = NULL;
        for (size_t i = 0; cli_commands[i]; i++)
            if (strcmp(cli_commands[i]->name, argv[1]) == 0)
                c = cli_commands[i];
        code = c ? run_command(c, argc - 2, argv + 2) : unknown_command(argv[1]);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("descent: cannot write to standard output\n", stderr);
        return code ? code : ERR_SYSTEM;
    }
    return code;
}
