/* descent completion SHELL: what bash, zsh and fish need to complete commands, options, files, keys
 * and kinds. */
#include "cli/keys.h"
#include "study/published.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MAX_VALUES = 256 };

/* ---- what a command or an option takes, by its usage ---- */

/* The words of "auto|never", or of "list | show FOLDER | make"; none where it is a placeholder such
 * as PATH. */
static size_t split_choices(struct arena *a, const char *text, const char **ret)
{
    size_t n = 0;
    if (!text || !islower((unsigned char)text[0]) || !strchr(text, '|'))
        return 0;
    for (const char *s = text; s && n < MAX_VALUES;
         s = strchr(s, '|'), s = s ? s + 1 + strspn(s + 1, " ") : NULL) {
        size_t length = strcspn(s, "| ]");
        if (islower((unsigned char)*s))
            ret[n++] = arena_strndup(a, s, length);
    }
    return n;
}

/* A usage without the command's name. */
static const char *usage_words(const struct cli_command *c)
{
    const char *rest = c->usage + strlen(c->name);
    return rest + strspn(rest, " ");
}

static bool takes_file(const struct cli_option *o)
{
    return o->as.path;
}

/* The words of a choice such as list|make; else what a usage names: spec, folder, file, keys,
 * kinds. */
static void print_words_of(const struct cli_command *c)
{
    static const struct {
        const char *in_usage, *word;
    } all[] = {{"SPEC", "spec"},  {"FOLDER", "folder"},       {"FILE|", "file"},
               {"|FILE", "file"}, {"FIGURE", "file"},         {"KEY=", "keys"},
               {"KIND", "kinds"}, {"published:", "published"}};
    const char *choice[MAX_VALUES], *gap = "";
    struct arena a;
    arena_init(&a);
    size_t n = split_choices(&a, usage_words(c), choice);
    for (size_t i = 0; i < n; i++)
        printf("%s%s", i ? " " : "", choice[i]);
    for (size_t i = 0; n == 0 && i < sizeof all / sizeof all[0]; i++)
        if (strstr(c->usage, all[i].in_usage)) {
            printf("%s%s", gap, all[i].word);
            gap = " ";
        }
    arena_fini(&a);
}

/* f for every option that a command takes, its own and the common ones. */
static void each_option(const struct cli_command *c,
                        void (*f)(const char *command, const struct cli_option *o))
{
    for (const struct cli_option *o = c->options; o && o->name; o++)
        f(c->name, o);
    for (const struct cli_option *o = cli_common_options; o->name; o++)
        if (cli_takes_common(c, o))
            f(c->name, o);
}

/* published:NAME of each; colon: how the shell has one there. */
static void print_published(const char *colon)
{
    for (size_t i = 0; published_all[i].name; i++)
        printf("%spublished%s%s", i ? " " : "", colon, published_all[i].name);
}

static void print_choices(const struct cli_option *o, const char *colon)
{
    const char *choice[MAX_VALUES];
    struct arena a;
    arena_init(&a);
    size_t n = o->as.choices ? 0 : split_choices(&a, o->argument, choice);
    for (; o->as.choices && o->as.choices[n]; n++)
        choice[n] = o->as.choices[n];
    bool metric = strcmp(o->argument, "METRIC") == 0 || strncmp(o->argument, "METRIC[", 7) == 0;
    for (; metric && n < METRICS; n++)
        choice[n] = metric_names[n];
    for (size_t i = 0; i < n; i++)
        printf("%s%s", i ? " " : "", choice[i]);
    if (strncmp(o->argument, "published:", 10) == 0)
        print_published(colon);
    arena_fini(&a);
}

/* Within '...' of a shell; `also` are escaped by a backslash (zsh's brackets and colons). */
static void print_quoted(const char *text, const char *also)
{
    for (; *text; text++)
        if (*text == '\'')
            printf("'\\''");
        else
            printf(strchr(also, *text) ? "\\%c" : "%c", *text);
}

/* ---- tables that bash and zsh share: functions that print words ---- */

static void key_line(void *context, const char *path, const struct param *p)
{
    (void)context, (void)p;
    printf("    %s\n", path);
}

static void value_case(void *context, const char *path, const struct param *p)
{
    const char *value[MAX_VALUES];
    (void)context;
    size_t n = cli_values(p, value, MAX_VALUES);
    if (n == 0)
        return;
    printf("    %s) printf '%%s\\n'", path);
    for (size_t i = 0; i < n; i++)
        printf(" %s", value[i]);
    printf(" ;;\n");
}

static void print_kind_cases(void)
{
    printf("_descent_kinds() {\n    case $1 in\n    '') printf '%%s\\n'");
    for (size_t i = 0; spec_registries[i]; i++)
        printf(" %s", spec_registries[i]->plural);
    printf(" published ;;\n    published) printf '%%s\\n'");
    for (size_t i = 0; published_all[i].name; i++)
        printf(" %s", published_all[i].name);
    printf(" ;;\n");
    for (size_t i = 0; spec_registries[i]; i++) {
        printf("    %s | %s) printf '%%s\\n'", spec_registries[i]->noun,
               spec_registries[i]->plural);
        for (size_t k = 0; spec_registries[i]->kinds[k]; k++)
            printf(" %s", spec_registries[i]->kinds[k]->name);
        printf(" ;;\n");
    }
    printf("    esac\n}\n\n");
}

static void print_tables(void)
{
    printf("_descent_keys='\n");
    cli_each_key(key_line, NULL);
    printf("'\n\n# The words that a key takes.\n_descent_values() {\n    case $1 in\n");
    cli_each_key(value_case, NULL);
    printf("    esac\n}\n\n");
    print_kind_cases();
    printf("_descent_published() {\n    printf '%%s\\n' ");
    print_published(":");
    printf("\n}\n\n# What a command takes besides options.\n_descent_words() {\n    case $1 in\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        printf("    %s) printf '%%s' '", cli_commands[i]->name);
        print_words_of(cli_commands[i]);
        printf("' ;;\n");
    }
    printf("    esac\n}\n\n");
}

/* ---- bash ---- */

static void bash_option(const char *command, const struct cli_option *o)
{
    (void)command;
    if (o->letter)
        printf(" -%c", o->letter);
    printf(" --%s", o->name);
}

static void bash_option_cases(const char *command, const struct cli_option *o)
{
    for (; o && o->name; o++) {
        if (!o->argument)
            continue;
        printf("    %s/--%s", command, o->name);
        if (o->letter)
            printf(" | %s/-%c", command, o->letter);
        printf(") printf '%%s' '");
        if (takes_file(o))
            printf("file");
        else
            print_choices(o, ":");
        printf("' ;;\n");
    }
}

static const char bash_rest[] =
    "_descent() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}\n"
    "    local key='' values='' words=0 i\n"
    "    COMPREPLY=()\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$_descent_commands --help --version\" -- \"$cur\")\n"
    "        return\n"
    "    fi\n"
    "    # To readline ':' and '=' are words of their own.\n"
    "    if [[ $cur == ':' && $prev == published ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_descent_kinds published)\")\n"
    "        return\n"
    "    elif [[ $prev == ':' && ${COMP_WORDS[COMP_CWORD - 2]} == published ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_descent_kinds published)\" -- \"$cur\")\n"
    "        return\n"
    "    fi\n"
    "    if [[ $cur == '=' ]]; then\n"
    "        key=$prev cur=''\n"
    "    elif [[ $prev == '=' ]]; then\n"
    "        key=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    elif [[ $cur == *=* ]]; then\n"
    "        key=${cur%%=*}\n"
    "    fi\n"
    "    if [[ -z $key && $prev == -* ]] && values=$(_descent_option \"$command/$prev\"); then\n"
    "        key=$prev\n"
    "    elif [[ $key == -* ]]; then\n"
    "        values=$(_descent_option \"$command/$key\")\n"
    "    fi\n"
    "    if [[ $values == file ]]; then\n"
    "        compopt -o filenames\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "        return\n"
    "    elif [[ -n $key ]]; then\n"
    "        [[ $key == -* ]] || values=$(_descent_values \"$key\")\n"
    "        if [[ $cur == *=* ]]; then\n"
    "            mapfile -t COMPREPLY < <(compgen -P \"$key=\" -W \"$values\" -- \"${cur#*=}\")\n"
    "        else\n"
    "            mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")\n"
    "        fi\n"
    "        return\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_descent_options \"$command\")\" -- \"$cur\")\n"
    "        return\n"
    "    fi\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        [[ ${COMP_WORDS[i]} == -* || ${COMP_WORDS[i - 1]} == -* ]] || words=$((words + 1))\n"
    "    done\n"
    "    local takes\n"
    "    takes=\" $(_descent_words \"$command\") \"\n"
    "    if [[ $takes == *' keys '* ]] && ((words > 0)); then\n"
    "        _descent_next_keys \"$cur\"\n"
    "    elif [[ $takes == *' kinds '* ]]; then\n"
    "        i=''\n"
    "        ((words == 0)) || i=$prev\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_descent_kinds \"$i\")\" -- \"$cur\")\n"
    "    elif [[ $takes == *' spec '* ]]; then\n"
    "        compopt -o filenames\n"
    "        mapfile -t COMPREPLY < <(\n"
    "            compgen -d -- \"$cur\"\n"
    "            compgen -f -X '!*.yaml' -- \"$cur\"\n"
    "            compgen -f -X '!*.png' -- \"$cur\"\n"
    "        )\n"
    "    elif [[ $takes == *' file '* ]]; then\n"
    "        compopt -o filenames\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "    elif [[ $takes == *' folder '* ]]; then\n"
    "        compopt -o filenames\n"
    "        mapfile -t COMPREPLY < <(\n"
    "            compgen -d -- \"$cur\"\n"
    "            [[ $takes != *' published '* ]] || compgen -W \"$(_descent_published)\" -- \"$cur\"\n"
    "        )\n"
    "    else\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$takes\" -- \"$cur\")\n"
    "    fi\n"
    "}\n"
    "complete -F _descent descent\n";

static void print_bash(void)
{
    printf(
        "# bash completion of descent(1), from its own tables: descent completion bash\n\n_descent_commands='");
    for (size_t i = 0; cli_commands[i]; i++)
        printf("%s%s", i ? " " : "", cli_commands[i]->name);
    printf("'\n");
    print_tables();
    printf("_descent_options() {\n    case $1 in\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        printf("    %s) printf '%%s' '", cli_commands[i]->name);
        each_option(cli_commands[i], bash_option);
        printf("' ;;\n");
    }
    printf(
        "    esac\n}\n\n# The words that COMMAND/OPTION takes, or file; fails where it takes none.\n_descent_option() {\n"
        "    case $1 in\n");
    for (size_t i = 0; cli_commands[i]; i++)
        bash_option_cases(cli_commands[i]->name, cli_commands[i]->options);
    bash_option_cases("*", cli_common_options);
    printf("    *) return 1 ;;\n    esac\n}\n\n"
           "# Keys up to their next dot, so that sections come before what is in them.\n"
           "_descent_next_keys() {\n"
           "    local key rest last=''\n"
           "    compopt -o nospace\n"
           "    for key in $_descent_keys; do\n"
           "        [[ $key == \"$1\"* ]] || continue\n"
           "        rest=${key#\"$1\"}\n"
           "        if [[ $rest == *.* ]]; then\n"
           "            rest=$1${rest%%%%.*}.\n"
           "        else\n"
           "            rest=$key=\n"
           "        fi\n"
           "        [[ $rest == \"$last\" ]] || COMPREPLY+=(\"$rest\")\n"
           "        last=$rest\n"
           "    done\n"
           "}\n\n");
    fputs(bash_rest, stdout);
}

/* ---- zsh ---- */

/* '(-o --out)'{-o,--out}'[where results go]:PATH:_files' */
static void zsh_option(const char *command, const struct cli_option *o)
{
    (void)command;
    printf("        ");
    if (o->letter)
        printf("'(-%c --%s)'{-%c,--%s}'", o->letter, o->name, o->letter, o->name);
    else
        printf("'--%s", o->name);
    printf("[");
    print_quoted(o->help, "[]:\\");
    printf("]");
    if (o->argument) {
        printf(":");
        print_quoted(o->argument, "[]:\\");
        printf(":%s", takes_file(o) ? "_files" : "(");
        if (!takes_file(o)) {
            print_choices(o, "\\:");
            printf(")");
        }
    }
    printf("'\n");
}

static const char zsh_rest[] =
    "_descent_word() {\n"
    "    local takes=\" $(_descent_words $descent_command) \" key=${PREFIX%%=*}\n"
    "    local -a before\n"
    "    before=(${${words[2,CURRENT-1]}:#-*})\n"
    "    if [[ $takes == *' keys '* && $PREFIX == *=* ]]; then\n"
    "        compset -P '*='\n"
    "        compadd -- $(_descent_values $key)\n"
    "    elif [[ $takes == *' keys '* && $#before -gt 0 ]]; then\n"
    "        compadd -S '=' -q -- $=_descent_keys\n"
    "    elif [[ $takes == *' kinds '* ]]; then\n"
    "        compadd -- $(_descent_kinds \"$before[1]\")\n"
    "    elif [[ $takes == *' spec '* ]]; then\n"
    "        _files -g '*.(yaml|png)'\n"
    "    elif [[ $takes == *' file '* ]]; then\n"
    "        _files\n"
    "    elif [[ $takes == *' folder '* ]]; then\n"
    "        _files -/\n"
    "        [[ $takes != *' published '* ]] || compadd -- $(_descent_published)\n"
    "    else\n"
    "        compadd -- $=takes\n"
    "    fi\n"
    "}\n"
    "\n"
    "_descent() {\n"
    "    local -a commands options\n"
    "    local descent_command\n"
    "    if (( CURRENT == 2 )); then\n"
    "        commands=($_descent_described)\n"
    "        _describe -t commands command commands\n"
    "        return\n"
    "    fi\n"
    "    shift words\n"
    "    (( CURRENT-- ))\n"
    "    descent_command=$words[1]\n"
    "    _descent_options_of $descent_command\n"
    "    _arguments -s $options '*: :_descent_word'\n"
    "}\n"
    "\n"
    "# as an autoloaded function it completes; by source <(descent completion zsh) it is made known\n"
    "if [[ ${funcstack[1]} == _descent ]]; then\n"
    "    _descent \"$@\"\n"
    "else\n"
    "    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"
    "    compdef _descent descent\n"
    "fi\n";

static void print_zsh(void)
{
    printf(
        "#compdef descent\n# zsh completion of descent(1), from its own tables: descent completion zsh\n\n_descent_described=(\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        printf("    '%s:", cli_commands[i]->name);
        print_quoted(cli_commands[i]->summary, ":\\");
        printf("'\n");
    }
    printf(")\n");
    print_tables();
    printf("_descent_options_of() {\n    case $1 in\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        printf("    %s) options=(\n", cli_commands[i]->name);
        each_option(cli_commands[i], zsh_option);
        printf("    ) ;;\n");
    }
    printf("    esac\n}\n\n");
    fputs(zsh_rest, stdout);
}

/* ---- fish ---- */

static void fish_option(const char *command, const struct cli_option *o)
{
    printf("complete -c descent -n '__fish_seen_subcommand_from %s' ", command);
    if (o->letter)
        printf("-s %c ", o->letter);
    printf("-l %s ", o->name);
    if (o->argument) {
        printf(takes_file(o) ? "-r " : "-x -a '");
        if (!takes_file(o)) {
            print_choices(o, ":");
            printf("' ");
        }
    }
    printf("-d '");
    for (const char *s = o->help; *s; s++)
        printf(*s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
    printf("'\n");
}

/* fish completes whole words: key=, and key=value where the values are known. */
static void fish_key(void *context, const char *path, const struct param *p)
{
    const char *value[MAX_VALUES];
    (void)context;
    size_t n = cli_values(p, value, MAX_VALUES);
    if (n == 0 && (p->type == PARAM_SECTION || p->table))
        return;
    if (n == 0)
        printf("    echo '%s='\n", path);
    for (size_t i = 0; i < n; i++)
        printf("    echo '%s=%s'\n", path, value[i]);
}

static void fish_words(const struct cli_command *c)
{
    const char *n = c->name, *choice[MAX_VALUES], *usage = c->usage;
    printf("complete -c descent -n '__fish_seen_subcommand_from %s' ", n);
    if (strstr(usage, "KEY="))
        printf("-k -a '(__descent_keys)'\n");
    else if (strstr(usage, "KIND"))
        printf("-f -a '(__descent_kinds)'\n");
    else if (strstr(usage, "published:")) {
        printf("-F -a '");
        print_published(":");
        printf("'\n");
    } else if (strstr(usage, "FOLDER") && !strstr(usage, "FILE") && !strchr(usage, '|'))
        printf("-f -a '(__fish_complete_directories)'\n");
    else {
        struct arena a;
        arena_init(&a);
        size_t m = split_choices(&a, usage_words(c), choice);
        printf(m ? "-f -a '" : "-F\n");
        for (size_t i = 0; i < m; i++)
            printf("%s%s", i ? " " : "", choice[i]);
        printf(m ? "'\n" : "");
        arena_fini(&a);
    }
}

static void print_fish(void)
{
    printf(
        "# fish completion of descent(1), from its own tables: descent completion fish\n\nfunction __descent_keys\n");
    cli_each_key(fish_key, NULL);
    printf("end\n\nfunction __descent_kinds\n    switch (commandline -opc)[-1]\n");
    for (size_t i = 0; spec_registries[i]; i++) {
        printf("        case %s %s\n            printf '%%s\\n'", spec_registries[i]->noun,
               spec_registries[i]->plural);
        for (size_t k = 0; spec_registries[i]->kinds[k]; k++)
            printf(" %s", spec_registries[i]->kinds[k]->name);
        printf("\n");
    }
    printf("        case published\n            printf '%%s\\n'");
    for (size_t i = 0; published_all[i].name; i++)
        printf(" %s", published_all[i].name);
    printf("\n        case '*'\n            printf '%%s\\n'");
    for (size_t i = 0; spec_registries[i]; i++)
        printf(" %s", spec_registries[i]->plural);
    printf(" published\n    end\nend\n\n");
    for (size_t i = 0; cli_commands[i]; i++) {
        printf("complete -c descent -n __fish_use_subcommand -f -a %s -d '", cli_commands[i]->name);
        for (const char *s = cli_commands[i]->summary; *s; s++)
            printf(*s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
        printf("'\n");
    }
    for (size_t i = 0; cli_commands[i]; i++) {
        fish_words(cli_commands[i]);
        each_option(cli_commands[i], fish_option);
    }
}

/* ---- the command ---- */

static int main_completion(const struct cli_command *c, int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    struct cli_arguments args;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    for (size_t i = 0; args.words == 1 && i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(args.word[0], shells[i].name) == 0) {
            shells[i].print();
            return 0;
        }
    return cli_usage(c, args.words == 1 ? "no completion is known for '%s'" : "which shell?",
                     args.words ? args.word[0] : "");
}

const struct cli_command cmd_completion = {
    .name = "completion",
    .usage = "completion bash|zsh|fish",
    .no_out = CLI_PRINTS,
    .summary = "what the shell needs to complete commands, options, keys",
    .main = main_completion,
};
