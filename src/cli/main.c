/* descent: finds the command and runs it. */
#include "cli/cli.h"
#include "cli/keys.h"
#include "util/processor.h"
#include "util/strbuf.h"
#include "util/text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A summary beside its command or, where that is long or the terminal narrow, below it. */
static void print_commands(void)
{
    enum { BESIDE = 36, BELOW = 6, LEAST = 28 /* columns of a summary beside it */ };
    bool narrow = cli_width() < BESIDE + LEAST;
    size_t column = narrow ? BELOW : BESIDE;
    printf("usage: descent COMMAND ...\n\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        const char *usage = cli_commands[i]->usage;
        printf("  ");
        if (narrow || strlen(usage) > BESIDE - 3) {
            cli_print_wrapped(usage, 2, 4);
            printf("%*s", (int)column, "");
        } else {
            printf("%-*s", BESIDE - 2, usage);
        }
        cli_print_wrapped(cli_commands[i]->summary, column, column);
    }
    printf("\n");
    cli_print_wrapped("'descent COMMAND --help' tells more; 'descent --version' names the build.",
                      0, 0);
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
    if (cli_explain_spec_alone(word))
        return ERR_USAGE;
    for (; !is_option && n < MOST && cli_commands[n]; n++)
        names[n] = cli_commands[n]->name;
    if (is_option) {
        names[n++] = "--help";
        names[n++] = "--version";
    }
    const char *near = also_called(word);
    if (!near)
        near = suggest(word, names, n);
    text_print(stderr, "descent: unknown %s '%s'%s%s%s\n", is_option ? "option" : "command", word,
               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    fputs("'descent --help' lists the commands\n", stderr);
    return ERR_USAGE;
}

static const struct cli_command *find_command(const char *name)
{
    for (size_t i = 0; cli_commands[i]; i++)
        if (strcmp(cli_commands[i]->name, name) == 0)
            return cli_commands[i];
    return NULL;
}

/* The first of the words that is one. */
static const struct cli_command *first_command(char *const *word)
{
    const struct cli_command *c = NULL;
    for (; *word && !c; word++)
        c = find_command(*word);
    return c;
}

/* argv: what stands in place of a command, and all behind it. */
static int no_command(char *const *argv)
{
    const struct cli_command *c = argv[0][0] == '-' ? first_command(argv + 1) : NULL;
    if (!c)
        return unknown_command(argv[0]);
    text_print(stderr, "descent: options stand behind the command: 'descent %s %s ...'\n", c->name,
               argv[0]);
    return ERR_USAGE;
}

static int print_version(void)
{
    struct strbuf b;
    strbuf_init(&b);
    run_describe_build(&b);
    cli_say("%s", b.text);
    strbuf_fini(&b);
    return 0;
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

static void find_section(void *context, const char *path, const struct param *p)
{
    const char **word = context;
    size_t n = *word ? strlen(*word) : 0;
    (void)p;
    if (n > 0 && strncmp(path, *word, n) == 0 && path[n] == '.')
        *word = NULL;
}

static bool is_section(const char *word)
{
    cli_each_key(find_section, &word);
    return !word;
}

/* Of a command, or of all. */
static int help(int words, char **word)
{
    const struct cli_command *c = words > 0 ? find_command(word[0]) : NULL;
    if (words > 0 && !c && !also_called(word[0]) && is_section(word[0])) {
        text_print(stderr,
                   "descent: '%s' is a section of the spec and no command; 'descent list %s' lists "
                   "its keys\n",
                   word[0], word[0]);
        return ERR_USAGE;
    }
    if (words > 0 && !c)
        return unknown_command(word[0]);
    if (words > 1)
        return cli_usage(c, "'%s' is one word too many", word[1]);
    if (c)
        cli_print_help(c);
    else
        print_commands();
    return 0;
}

/* Under a limit on memory OpenBLAS's threads, which begin with the program, may look for theirs for
 * ever, and exit() waits for them. */
static int leave(int code)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return code;
    fflush(NULL);
    _exit(code);
}

/* Of -oNAME and --out=NAME, what stands behind the option too. */
static void note_names(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *value = strchr(word, '=');
        text_note_name(word);
        if (word[0] == '-' && word[1] == '-' && value)
            text_note_name(value + 1);
        else if (word[0] == '-' && word[1] != '-' && word[1])
            text_note_name(word + 2);
    }
}

int main(int argc, char **argv)
{
    int code = ERR_USAGE;
    struct error err = {0};
    note_names(argc, argv);
    signal(SIGXFSZ, SIG_IGN); /* a file that may grow no further is an error of writing */
    if (!processor_check(&err))
        return leave(cli_fail(&err));
    if (argc < 2 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "help") == 0) {
        code = help(argc > 2 ? argc - 2 : 0, argv + 2);
    } else if (strcmp(argv[1], "--version") == 0) {
        code = print_version();
    } else {
        const struct cli_command *c = find_command(argv[1]);
        code = c ? run_command(c, argc - 2, argv + 2) : no_command(argv + 1);
    }
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "descent: cannot write to standard output%s%s\n", errno ? ": " : "",
                errno ? strerror(errno) : "");
        return leave(code ? code : ERR_SYSTEM);
    }
    return leave(code);
}
