/* The command line: one file a command (cmd_NAME at its end) and a word in meson.build; the only
 * place that prints results and exits. */
#ifndef DESCENT_CLI_CLI_H
#define DESCENT_CLI_CLI_H

#include "config/diag.h"
#include "figure/figure.h"
#include "run/run.h"
#include "spec/spec.h"
#include "util/error.h"
#include <signal.h>

/* An option: `-o PATH`, `-oPATH`, `--out PATH`, `--out=PATH`, or a flag; flags go together:
 * `-qv`. */
struct cli_option {
    char letter;          /* 0: none */
    const char *name;     /* "out" */
    const char *argument; /* "PATH"; NULL: a flag */
    const char *help;     /* without the default, which `as` has */
    struct param as;      /* what the argument has to be: one of the rows below */
};
#define CLI_FLAG                                                                                   \
    {                                                                                              \
        .type = PARAM_BOOL                                                                         \
    }
#define CLI_TEXT                                                                                   \
    {                                                                                              \
        .type = PARAM_TEXT                                                                         \
    }
#define CLI_PATH                                                                                   \
    {                                                                                              \
        .type = PARAM_TEXT, .path = true                                                           \
    }
/* The rows of typed arguments; default_ as text, NULL: none. */
#define CLI_INT(low, high, default_)                                                               \
    {                                                                                              \
        .type = PARAM_INT, .range = FROM_TO(low, high), .fallback = default_                       \
    }
#define CLI_REAL(range_, default_)                                                                 \
    {                                                                                              \
        .type = PARAM_REAL, .range = range_, .fallback = default_                                  \
    }
#define CLI_CHOICE(list, default_)                                                                 \
    {                                                                                              \
        .type = PARAM_CHOICE, .choices = list, .fallback = default_                                \
    }
/* Words with commas between them. */
#define CLI_CHOICES(list)                                                                          \
    {                                                                                              \
        .type = PARAM_CHOICES, .choices = list                                                     \
    }
union cli_value {
    int64_t integer;  /* PARAM_NULL_INT where neither given nor by default */
    double real;      /* NAN */
    int choice;       /* -1 */
    uint32_t choices; /* bit i: word i; 0 */
};

struct cli_command {
    const char *name, *usage, *summary;
    const char *asks;                 /* for the word that is missing, or NULL: it needs none */
    const char *no_out;               /* why -o is refused, or NULL */
    bool of_folders;                  /* its words, up to the settings, are those of runs */
    bool of_one;                      /* a folder that only holds such folders is none of them */
    const struct cli_option *options; /* ended by a NULL name; the common ones come on top */
    int (*main)(const struct cli_command *c, int argc,
                char **argv); /* argv[0] is the first word after the command */
};

enum { CLI_MOST_OPTIONS = 48 };

/* The words of a command line, sorted. */
struct cli_arguments {
    /* Of option i of the command's table: the argument, "" for a flag given, NULL. */
    const char *value[CLI_MOST_OPTIONS];
    union cli_value typed[CLI_MOST_OPTIONS]; /* of INT, REAL, CHOICE; the default where not given */
    const char *out;                         /* -o */
    bool no_plots, help;
    const char *command; /* its name */
    char **word;         /* what is no option, in order */
    size_t words;
};

extern const struct cli_command *const cli_commands[]; /* NULL-ended */
extern const struct cli_option cli_common_options[];   /* of every command; ended by a NULL name */

/* Whether a command takes this one of the common options. */
bool cli_takes_common(const struct cli_command *c, const struct cli_option *o);

/* Which checkpoint of a run's folder: words that several commands take. */
extern const char *const cli_weights_names[]; /* last, best */

/* What belongs to what in a command of several forms (kinds of figures, words after it): an option
 * of its table, and bit i for the form i that takes it. Options of all forms are not listed. */
struct cli_belonging {
    int option;
    uint32_t forms; /* 0: the end of the list */
};
struct cli_forms {
    const char *prefix;      /* before the name of a form, as it is typed: "--kind " */
    const char *const *name; /* NULL-ended */
    const struct cli_belonging *belonging;
};
/* Whether this form takes all options that were given; else prints which does not belong to it. */
bool cli_check_forms(const struct cli_command *c, const struct cli_arguments *args,
                     const struct cli_forms *f, int form);

/* Why commands that only print have no -o. */
#define CLI_PRINTS "it prints: redirect that with > FILE"

/* Sorts the arguments. An unknown option prints a suggestion and returns false, as an argument does
 * that is not as its row says, or a command line without the word that the command needs. -q and -v
 * set the log level. */
bool cli_parse(const struct cli_command *c, int argc, char **argv, struct cli_arguments *ret);
/* Whether -h or --help is among them, or --version. */
bool cli_asks(const struct cli_command *c, int argc, char **argv, bool *ret_version);
/* A command's usage, summary and options, on stdout. */
void cli_print_help(const struct cli_command *c);
/* An option's meaning with its default, in the arena. */
const char *cli_option_help(struct arena *a, const struct cli_option *o);

/* printf to stdout: control characters of what comes from files or the command line are shown, and
 * a terminal's lines folded (util/text.h). */
void cli_say(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* A text that programs read too, such as a spec: no line is folded. */
void cli_say_whole(const char *text);
/* Prints an error to stderr; returns its exit code. */
int cli_fail(const struct error *err);
/* Prints all of them, each with its line of the source, and how many; what: in which text. */
int cli_fail_diags(const struct diags *d, const char *what);
/* Prints what is wrong with the command line, and the command's usage; returns ERR_USAGE. */
int cli_usage(const struct cli_command *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Loads SPEC (a file, or a figure that carries one) with KEY=VALUE words; prints what is wrong and
 * returns false. */
bool cli_load_spec(struct arena *a, const struct cli_arguments *args, struct spec *ret,
                   int *ret_exit_code);
/* The same for a spec that may do without an optimizer, since it only traces. */
bool cli_load_spec_any(struct arena *a, const struct cli_arguments *args, struct spec *ret,
                       int *ret_exit_code);
struct sweep;
/* Loads a folder's sweep; the same. */
bool cli_load_sweep(struct arena *a, const char *folder, struct sweep *ret, int *ret_exit_code);
/* Whether the sweep of the reruns that --tune made in this sweep's folder, if any, can be read:
 * code, or where that is 0 and they cannot, the exit code of that, which is said. */
int cli_check_reruns(struct arena *a, const char *folder, int code);
/* Says why a sweep could not be loaded from path, where the folder's (NULL: it is no folder's) own
 * sweep.yaml may be damaged; returns the exit code. */
int cli_fail_sweep(struct arena *a, const char *folder, const char *path, const struct diags *d);
/* What a SPEC is that is no file, a run's folder or a config's stem, with the next thing to type;
 * false where nothing can be said. */
bool cli_explain_spec(struct arena *a, const struct cli_arguments *args);
/* A spec in the place of a command: says what to type; false where the word is none. */
bool cli_explain_spec_alone(const char *word);
/* A -o that should name a folder and is called like a file: says so and returns true. next: what to
 * type; NULL: what writes such files of runs. */
bool cli_explain_out(const struct cli_command *c, const char *out, const char *next);
/* Warns of a -o, or NULL, that names no run or sweep but the folder around some. */
void cli_warn_around_runs(const char *out, const char *name);
/* The same of a word that should be the folder of a run or a sweep: a spec, a table in one, a name
 * below results/, a folder that holds some. */
bool cli_explain_folder(struct arena *a, const struct cli_command *c, const char *word);
/* ERR_USAGE where one run is wanted and this is the folder of a sweep: names a member. */
MUST_CHECK bool cli_check_no_sweep(const char *folder, struct error *err);
/* Refuses KEY=VALUE words that the command has no use for: those of the NULL-ended keys, or, where
 * `only`, all but those. False: said which. */
bool cli_check_overrides(const struct cli_command *c, const struct cli_arguments *args,
                         const char *const *keys, bool only);
/* An error of train_new and the like, shown at the spec's key where that is known. */
int cli_fail_spec(const struct spec *s, const struct error *err);

/* The JSON Schema of a spec, with its sections `sweep` and `trace`. */
void cli_write_schema(struct strbuf *out);

/* "a,b" into words, in the arena; none of NULL. */
char **cli_words(struct arena *a, const char *text, size_t *ret_n);
/* Beside FILE.yaml: FILE followed by `end`. */
const char *cli_beside(struct arena *a, const char *file, const char *end);
/* What comes of a spec goes into the current folder, not beside a spec that came with the program:
 * DIR/FILE.yaml to FILE followed by `end`. */
const char *cli_here(struct arena *a, const char *file, const char *end);
/* The checkpoint of a run's folder, "last" or "best", in the arena; NULL and ERR_DATA where it
 * keeps none: why, and how to get it. */
MUST_CHECK const char *cli_weights(struct arena *a, const char *folder, const char *which,
                                   struct error *err);
/* A line on stderr where the folder's run is not completed; nothing where there is none. */
void cli_note_unfinished(const char *folder);
/* Writes a table of points and names it. */
MUST_CHECK bool cli_write_points(const char *path, const struct strbuf *points, struct error *err);
/* Trains or resumes one run and prints how it ended. */
int cli_train(const struct spec *s, struct run_options *o);
/* ---- figures ---- */

/* What every command that draws can be asked; the last entries of its table of options. */
#define CLI_FIGURE_OPTIONS CLI_FIGURE_OPTIONS_AND("")
/* `more`: what else --size means to the command. */
#define CLI_FIGURE_OPTIONS_AND(more)                                                               \
    {0, "format", "png|svg|pdf", "of the figure; default: by the ending of -o, else png",          \
     CLI_CHOICE(figure_format_names, NULL)},                                                       \
        {0, "theme", "light|dark", "its colours", CLI_CHOICE(figure_theme_names, "light")},        \
        {0, "size", "SIZE", "column, page, slide, or like 6x4in, 12x8cm, 800x500px" more,          \
         CLI_TEXT},                                                                                \
    {                                                                                              \
        0, "dpi", "N", "dots per inch of a PNG", CLI_INT(20, 2400, "200")                          \
    }
enum { CLI_APPEARANCES = 4 };
/* Reads them; `first` is the index of --format in the command's table. An option that is wrong is
 * printed: false. */
bool cli_appearance(const struct cli_command *c, const struct cli_arguments *args, int first,
                    struct figure_appearance *ret);
/* For commands that can also show it in the terminal; the last entries, after those. */
#define CLI_TEXT_OPTIONS                                                                           \
    {0, "text", NULL, "draw with characters, to stdout", CLI_FLAG},                                \
    {                                                                                              \
        0, "ascii", NULL, "the same in ASCII; default where the locale is not UTF-8", CLI_FLAG     \
    }
/* What stdout is like; ASCII, too, where the locale is not UTF-8. */
struct figure_terminal cli_terminal(bool ascii);
/* Draws the figure into the file and names it, or on stdout where --text says so; `first` is the
 * index of --text. */
MUST_CHECK bool cli_draw(const struct cli_arguments *args, int first, const struct figure *f,
                         const char *path, struct error *err);
/* Where a figure goes: -o, else cli_here: FILE-what.png, .svg or .pdf. NULL, and a message,
 * where -o has an ending that is no picture of ours. */
const char *cli_figure_path(const struct cli_command *c, struct arena *a,
                            const struct cli_arguments *args,
                            const struct figure_appearance *appearance, const char *what);
/* Whether the path's ending is a format of figures, or the options name the format; else prints why
 * not. */
bool cli_is_figure_name(const struct cli_command *c, const char *path,
                        const struct figure_appearance *appearance);

/* How wide text on stdout may be: 79 columns, or one less than those of a narrower terminal. */
size_t cli_width(void);
/* How wide lines on stdout may be: 80 columns, or those of a narrower terminal. */
size_t cli_page(void);
/* How wide tables on stdout may be: COLUMNS, or the terminal's columns, else 80. */
size_t cli_table_page(void);
/* The same of those that a file or a pipe without COLUMNS gets as wide as they are (SIZE_MAX). */
size_t cli_open_page(void);
/* Prints a member's name whole, two columns behind the text that ends at that column: where a
 * terminal has no room for it, below that text, and broken behind a comma. */
void cli_say_member(const char *name, size_t column);
/* On stdout, with a hanging indent, wrapped at 79 columns or where a narrower terminal ends;
 * `column` is where the cursor stands. */
void cli_print_wrapped(const char *text, size_t column, size_t indent);
/* Loss and accuracy of the last row, as a small table on stdout. */
void cli_print_metrics(const struct epoch_row *row);
/* The last signal; handlers are installed by the first call. */
volatile sig_atomic_t *cli_signals(void);
/* The signal that asked to stop, or 0: one for a checkpoint does not. */
int cli_stopped(void);

#endif
