/* descent man: the manual page, from the command table and the tables of the spec. */
#include "cli/keys.h"
#include <stdio.h>
#include <string.h>

/* ---- roff ---- */

/* Text of a line that has begun, so that no '.' or ''' is a request. */
static void text(const char *s)
{
    for (; *s; s++)
        if (*s == '\\')
            printf("\\e");
        else if (*s == '-')
            printf("\\-");
        else if (*s == '\n')
            printf(" ");
        else
            printf("%c", *s);
}

static void bold(const char *s)
{
    printf("\\fB");
    text(s);
    printf("\\fR");
}

static void section(const char *title)
{
    printf(".SH %s\n", title);
}

/* A paragraph, in lines of at most 78 columns; what begins one like a request is kept from being
 * it. */
static void line(const char *s)
{
    char word[128];
    for (size_t column = 0; *s; s += strspn(s, " \n")) {
        size_t n = strcspn(s, " \n");
        snprintf(word, sizeof word, "%.*s", (int)n, s);
        printf("%s", column == 0 ? "" : column + 1 + n > 78 ? "\n" : " ");
        column = column == 0 || column + 1 + n > 78 ? n : column + 1 + n;
        printf(column == n && (*s == '.' || *s == '\'') ? "\\&" : "");
        text(word);
        s += n;
    }
    printf("\n");
}

/* ---- commands ---- */

static void option(const struct cli_option *o)
{
    char name[64];
    printf(".TP\n");
    if (o->letter) {
        snprintf(name, sizeof name, "-%c", o->letter);
        bold(name);
        printf(", ");
    }
    snprintf(name, sizeof name, "--%s", o->name);
    bold(name);
    if (o->argument) {
        printf(" \\fI");
        text(o->argument);
        printf("\\fR");
    }
    printf("\n");
    struct arena a;
    arena_init(&a);
    line(cli_option_help(&a, o));
    arena_fini(&a);
}

static void commands(void)
{
    section("COMMANDS");
    for (size_t i = 0; cli_commands[i]; i++) {
        const struct cli_command *c = cli_commands[i];
        printf(".TP\n");
        bold(c->name);
        text(c->usage + strlen(c->name));
        printf("\n");
        line(c->summary);
        if (!c->options || !c->options->name)
            continue;
        printf(".RS\n");
        for (const struct cli_option *o = c->options; o->name; o++)
            option(o);
        printf(".RE\n");
    }
    printf(".SS Options of every command\n");
    for (const struct cli_option *o = cli_common_options; o->name; o++)
        option(o);
    printf(".TP\n");
    bold("--version");
    printf("\n");
    line("instead of a command: the build, its BLAS and that one's kernel");
}

/* ---- the spec ---- */

/* Of a kind's own keys there are too many: `descent list` has them. */
static void key(void *context, const char *path, const struct param *p)
{
    (void)context;
    if (cli_is_of_kind(path) || p->type == PARAM_SECTION)
        return;
    struct strbuf b;
    strbuf_init(&b);
    printf(".TP\n");
    bold(path);
    printf("\n");
    strbuf_addf(&b, "%s%s%s: ", p->help, p->unit ? ", in " : "", p->unit ? p->unit : "");
    write_type(&b, p);
    if (p->fallback)
        strbuf_addf(&b, "; default %s", p->fallback);
    else
        strbuf_add(&b, "; required");
    line(b.text);
    strbuf_fini(&b);
}

static void spec(void)
{
    section("SPEC");
    line(
        "A spec is a YAML file (core scalars of YAML 1.2). All but the optimizer may be left out. A section whose only setting "
        "is its name may be written as that name. The key extends takes another spec first, over which this one is merged; a "
        "word KEY=VALUE on the command line overrides a value by its dotted path.");
    cli_each_key(key, NULL);
    section("KINDS");
    line(
        "What can be named in a spec. 'descent list KIND NAME' tells equation, keys, defaults and source.");
    for (size_t i = 0; spec_registries[i]; i++) {
        const struct registry *r = spec_registries[i];
        printf(".TP\n");
        bold(r->plural);
        printf("\n");
        for (size_t k = 0; r->kinds[k]; k++) {
            text(r->kinds[k]->name);
            printf(r->kinds[k + 1] ? ",\n" : "\n");
        }
    }
}

/* ---- the rest ---- */

struct entry {
    const char *term, *meaning;
};

static void entries(const struct entry *e)
{
    for (; e->term; e++) {
        printf(".TP\n");
        bold(e->term);
        printf("\n");
        line(e->meaning);
    }
}

static const struct entry exit_codes[] = {
    {"0", "done"},
    {"1", "some member of a sweep failed, or verify found a difference"},
    {"2", "command line or spec"},
    {"3", "data or checkpoint unreadable"},
    {"4", "disk, memory, permission"},
    {"5", "diverged (one run; in a sweep that is a result)"},
    {"6", "an expectation not met"},
    {"75", "stopped by SIGUSR1 after a checkpoint: call again"},
    {"129, 130, 143, 152",
     "stopped by SIGHUP, SIGINT, SIGTERM, SIGXCPU after a checkpoint; a second one of the "
     "first three stops at once"},
    {NULL, NULL}};

static const struct entry files[] = {
    {"results/NAME/spec.yaml", "the resolved spec: every value written out"},
    {"results/NAME/run.json", "status, final and best metrics, digests, version, machine, times"},
    {"results/NAME/epochs.csv", "a row per epoch, the first before training"},
    {"results/NAME/steps.csv", "with log.steps: a row every this many updates"},
    {"results/NAME/timing.csv", "seconds of training and evaluation"},
    {"results/NAME/checkpoints/", "last.safetensors, best.safetensors and numbered ones"},
    {"results/NAME/*.png", "the curves; they carry spec and data (descent extract)"},
    {"results/NAME/members.csv, summary.csv",
     "of a sweep: a row per member, a row per group of seeds"},
    {NULL, NULL}};

/* Each is run by the tests; s.yaml is the spec below. */
static const char *const examples[] = {"descent check s.yaml --layers",
                                       "descent run s.yaml",
                                       "descent run s.yaml optimizer.lr=0.01 -o results/faster",
                                       "descent status results/s",
                                       "descent compare results",
                                       "descent list optimizer adam",
                                       NULL};

static void closing(void)
{
    section("EXIT STATUS");
    entries(exit_codes);
    section("SIGNALS");
    line(
        "SIGUSR2 writes a checkpoint and continues. After SIGUSR1, SIGHUP, SIGINT, SIGTERM or SIGXCPU the same command, called again, "
        "resumes from the checkpoint; the result is the same, byte for byte. A signal that is ignored from the start stays ignored.");
    section("FILES");
    entries(files);
    section("EXAMPLES");
    line("The spec s.yaml:");
    printf(
        ".PP\n.EX\ndataset: {name: digits, train_limit: 2000}\noptimizer: {name: adam, lr: 0.002}\ntrain: {epochs: 3}\n.EE\n.PP\n");
    line("It is checked, trained, trained with another learning rate, looked at, compared:");
    printf(".PP\n.EX\n");
    for (size_t i = 0; examples[i]; i++)
        line(examples[i]);
    printf(".EE\n");
    section("SEE ALSO");
    line("The documentation that is installed with descent: tutorial, questions, reference.");
}

static int main_man(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (args.words > 0)
        return cli_usage(c, "'%s' is too much: there is one page", args.word[0]);
    printf(".TH DESCENT 1 2026-11-24 \"descent " DESCENT_VERSION "\" \"User Commands\"\n");
    section("NAME");
    printf("descent \\- runs experiments with optimizers\n");
    section("SYNOPSIS");
    printf(".B descent\n.I COMMAND\n[\\fIOPTION\\fR ...] [\\fIARGUMENT\\fR ...]\n");
    section("DESCRIPTION");
    line(
        "A spec names data set, model, batch size, optimizer, schedules and seed; descent trains it, writes a row per epoch, keeps "
        "checkpoints that a killed run resumes from, and draws the curves. Results go to standard output, progress and "
        "diagnostics to standard error. Options may stand anywhere after the command.");
    commands();
    spec();
    closing();
    return 0;
}

const struct cli_command cmd_man = {
    .name = "man",
    .usage = "man",
    .no_out = CLI_PRINTS,
    .summary = "this program's manual page: descent man | man -l -",
    .main = main_man,
};
