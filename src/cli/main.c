/* descent: the command table and what all commands share. */
#include "cli/cli.h"
#include "inspect/carried.h"
#include "num/blas.h"
#include "util/file.h"
#include "util/log.h"
#include "util/processor.h"
#include "util/strbuf.h"
#include "util/terminal.h"
#include "util/text.h"
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

/* ---- errors ---- */

void cli_say(const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    text_vprint(stdout, fmt, list);
    va_end(list);
}

int cli_fail(const struct error *err)
{
    text_print(stderr, "descent: %s\n", err->message);
    return (int)err->code;
}

int cli_fail_diags(const struct diags *d, const char *what)
{
    struct strbuf b;
    strbuf_init(&b);
    diags_write(d, &b);
    size_t n = d->n + d->dropped;
    text_print(stderr, "%s", b.text);
    text_print(stderr, "descent: %zu error%s in %s\n", n, n == 1 ? "" : "s", what);
    strbuf_fini(&b);
    return d->code == ERR_NONE ? ERR_USAGE : (int)d->code;
}

int cli_fail_at(const struct spec *s, const struct error *err)
{
    if (err->code != ERR_USAGE || err->key[0] == '\0')
        return cli_fail(err);
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a);
    diags_add(&d, node_place(s->root, err->key), NULL, "%s", err->message);
    int code = cli_fail_diags(&d, "the spec");
    arena_fini(&a);
    return code;
}

int cli_usage(const struct cli_command *c, const char *fmt, ...)
{
    struct strbuf text;
    va_list list;
    strbuf_init(&text);
    va_start(list, fmt);
    strbuf_addv(&text, fmt, list);
    va_end(list);
    text_print(stderr, "descent %s: %s\nusage: descent %s\n", c->name, text.text, c->usage);
    strbuf_fini(&text);
    return ERR_USAGE;
}

void cli_print_wrapped(const char *text, size_t column, size_t indent)
{
    size_t width = 79;
    if (isatty(STDOUT_FILENO) && terminal_columns(STDOUT_FILENO) <= width)
        width = terminal_columns(STDOUT_FILENO) - 1;
    for (const char *gap = ""; *text; gap = " ") {
        size_t n = strcspn(text, " \n"), space = strlen(gap);
        if (column > indent && column + space + n > width) {
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

/* ---- specs ---- */

static bool is_figure(const char *path)
{
    return figure_format_of(path) != FIGURE_BY_NAME;
}

static bool is_among(const char *word, const char *const *keys)
{
    const char *key = word + (word[0] == '~');
    for (; *keys; keys++) {
        size_t n = strlen(*keys);
        if (strncmp(key, *keys, n) == 0 && (key[n] == '\0' || strchr(".=+", key[n])))
            return true;
    }
    return false;
}

bool cli_check_overrides(const struct cli_command *c, const struct cli_arguments *args,
                         const char *const *keys, bool only)
{
    for (size_t i = 1; i < args->words; i++)
        if (is_among(args->word[i], keys) != only) {
            struct strbuf b;
            strbuf_init(&b);
            for (size_t k = 0; only && keys[k]; k++)
                strbuf_addf(&b, "%s%s",
                            k == 0        ? "; it uses "
                            : keys[k + 1] ? ", "
                                          : " and ",
                            keys[k]);
            cli_usage(c, "'%s' is of no use to this command%s", args->word[i], b.text);
            strbuf_fini(&b);
            return false;
        }
    return true;
}

static bool load_spec(struct arena *a, const struct cli_arguments *args, bool any, struct spec *ret,
                      int *ret_exit_code)
{
    if (cli_explain_spec(a, args->word[0])) {
        *ret_exit_code = ERR_USAGE;
        return false;
    }
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
        ok = (any ? spec_load_any : spec_load)(a, args->word[0], args->word + 1, args->words - 1,
                                               &d, ret);
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

const char *cli_here(struct arena *a, const char *file, const char *end)
{
    const char *slash = strrchr(file, '/');
    return cli_beside(a, slash ? slash + 1 : file, end);
}

void cli_print_metrics(const struct epoch_row *row)
{
    printf("%-12s %10s %10s\n", "", "loss", "accuracy");
    for (int i = 0; i < SPLITS; i++) {
        const struct split_info *s = &split_info[i];
        if (!isnan(row->value[s->accuracy]))
            printf("%-12s %10.4f %8.2f %%\n", i == SPLIT_TRAIN ? s->name : s->word,
                   row->value[s->loss], 100 * row->value[s->accuracy]);
    }
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
    static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
        struct sigaction old;
        bool terminals = wanted[i] == SIGINT || wanted[i] == SIGHUP;
        sigemptyset(&a.sa_mask);
        if (terminals && sigaction(wanted[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
            continue; /* nohup, or `&` in a script: the run outlives its terminal */
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

/* What others call it. */
static const char *also_called(const char *word)
{
    static const char *const names[][2] = {
        {"train", "run"},          {"fit", "run"},          {"start", "run"},
        {"test", "eval"},          {"evaluate", "eval"},    {"predict", "eval"},
        {"validate", "check"},     {"lint", "check"},       {"draw", "plot"},
        {"graph", "plot"},         {"tune", "sweep"},       {"search", "sweep"},
        {"continue", "resume"},    {"restart", "resume"},   {"show", "status"},
        {"datasets", "data list"}, {"version", "--version"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(word, names[i][0]) == 0)
            return names[i][1];
    return NULL;
}

static int unknown_command(const char *word)
{
    enum { MOST = 64 };
    const char *names[MOST + 2];
    size_t n = 0;
    bool is_option = word[0] == '-' && word[1];
    for (; !is_option && n < MOST && cli_commands[n]; n++)
        names[n] = cli_commands[n]->name;
    if (is_option) {
        names[n++] = "--help";
        names[n++] = "--version";
    }
    const char *near = also_called(word);
    if (!near)
        near = suggest(word, names, n);
    text_print(stderr, "descent: unknown %s '%s'", is_option ? "option" : "command", word);
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

static const struct cli_command *find_command(const char *name)
{
    for (size_t i = 0; cli_commands[i]; i++)
        if (strcmp(cli_commands[i]->name, name) == 0)
            return cli_commands[i];
    return NULL;
}

static int run_command(const struct cli_command *c, int argc, char **argv)
{
    bool version;
    if (!cli_asks(c, argc, argv, &version))
        return c->main(c, argc, argv);
    if (version)
        return print_version();
    cli_print_help(c);
    return 0;
}

/* Of a command, or of all. */
static int help(const char *name)
{
    const struct cli_command *c = name ? find_command(name) : NULL;
    if (name && !c)
        return unknown_command(name);
    if (c)
        cli_print_help(c);
    else
        print_commands();
    return 0;
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
        code = help(argc > 2 ? argv[2] : NULL);
    } else if (strcmp(argv[1], "--version") == 0) {
        code = print_version();
    } else {
        const struct cli_command *c = find_command(argv[1]);
        code = c ? run_command(c, argc - 2, argv + 2) : unknown_command(argv[1]);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("descent: cannot write to standard output\n", stderr);
        return code ? code : ERR_SYSTEM;
    }
    return code;
}
