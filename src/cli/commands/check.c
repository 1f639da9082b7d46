/* descent check: is this spec right, what does it resolve to, what is its model? */
#include "cli/cli.h"
#include "sweep/sweep.h"
#include "train/train.h"
#include <string.h>

enum { OPTION_RESOLVED, OPTION_LAYERS, OPTION_SCHEMA };
static const struct cli_option check_options[] = {
    {0, "resolved", NULL, "print every value, defaults included", CLI_FLAG},
    {0, "layers", NULL, "print the model's layers, shapes and sizes", CLI_FLAG},
    {0, "schema", NULL, "print the JSON Schema of all specs, for editors", CLI_FLAG},
    {0}};

static int print_layers(const struct spec *s)
{
    struct data_sizes n;
    struct error err = {0};
    struct model_plan *plan;
    size_t batch = (size_t)s->train.batch_size;
    if (!data_sizes(&s->dataset, &n, &err) ||
        !model_plan_new(&s->model, n.image, n.classes, &plan, &err))
        return cli_fail_spec(s, &err);
    struct strbuf b;
    strbuf_init(&b);
    const struct model_description how = {.train_batch = batch < n.train ? batch : n.train,
                                          .eval_batch =
                                              spec_evaluation_batch(s, n.train, n.valid, n.test),
                                          .threads = (size_t)s->threads,
                                          .more_bytes = train_state_bytes(s, plan),
                                          .page = cli_open_page()};
    model_describe(plan, &how, &b);
    cli_say("%s", b.text);
    strbuf_fini(&b);
    model_plan_free(plan);
    return 0;
}

/* A spec is good without its data; data that are there must be such as a run can read. */
static int check_data(const struct spec *s)
{
    struct data_sizes n;
    struct error err = {0};
    bool missing = !data_config_kind(&s->dataset)->made && data_has_no_files(&s->dataset);
    return missing || data_sizes(&s->dataset, &n, &err) ? 0 : cli_fail_spec(s, &err);
}

/* What the spec says wrong of its model and data is wrong before they are needed. */
static int check_plan(struct arena *a, const struct spec *s)
{
    struct diags d;
    diags_init(&d, a);
    return train_check_all(s, 0, 0, &d) ? check_data(s) : cli_fail_diags(&d, "the spec");
}

/* The data that members train on, each once, the first that is not fit ending it. */
static int check_members_data(const struct sweep *s)
{
    struct arena seen;
    const char **known;
    size_t n = 0;
    int code = 0;
    arena_init(&seen);
    known = arena_alloc(&seen, (s->members + 1) * sizeof *known);
    for (size_t i = 0; code == 0 && i < s->members; i++) {
        struct arena a;
        struct strbuf key;
        struct spec spec;
        arena_init(&a);
        strbuf_init(&key);
        sweep_member_spec(s, i, &a, &spec);
        write_table(&key, data_params, &spec.dataset, 0);
        size_t k = 0;
        while (k < n && strcmp(known[k], key.text) != 0)
            k++;
        if (k == n) {
            known[n++] = arena_strdup(&seen, key.text);
            code = check_data(&spec);
        }
        strbuf_fini(&key);
        arena_fini(&a);
    }
    arena_fini(&seen);
    return code;
}

/* All members of a sweep, as good as any other spec. */
static int check_sweep(struct arena *a, const struct cli_arguments *args, struct sweep *ret)
{
    struct diags d;
    diags_init(&d, a);
    bool ok = sweep_load(a, args->word[0], args->word + 1, args->words - 1, &d, ret) &&
              sweep_check(ret, &d);
    return ok ? check_members_data(ret) : cli_fail_diags(&d, args->word[0]);
}

/* sweep: NULL where there is none; else its section stands for the one that a run has not. */
static void print_resolved(const struct spec *s, const struct sweep *sweep)
{
    static const char none[] = "\nsweep: null\n";
    struct strbuf b, section;
    strbuf_init(&b);
    strbuf_init(&section);
    spec_write(s, &b);
    const char *rest = sweep ? strstr(b.text, none) : NULL;
    if (rest) {
        sweep_write_section(sweep, &section);
        strbuf_add(&section, rest + sizeof none - 1);
        b.text[rest + 1 - b.text] = '\0';
    }
    cli_say_whole(b.text);
    cli_say_whole(section.text);
    strbuf_fini(&section);
    strbuf_fini(&b);
}

static int check(struct arena *a, const struct cli_command *c, const struct cli_arguments *args,
                 const struct spec *s)
{
    bool resolved = args->value[OPTION_RESOLVED] != NULL,
         layers = args->value[OPTION_LAYERS] != NULL;
    struct sweep sweep;
    int code = s->sweep ? check_sweep(a, args, &sweep) : s->model.kind ? check_plan(a, s) : 0;
    if (code != 0)
        return code;
    if (layers && !s->model.kind)
        return cli_usage(c, "a spec that only traces has no layers");
    if (resolved)
        print_resolved(s, s->sweep ? &sweep : NULL);
    if (layers)
        return print_layers(s);
    if (!resolved && s->sweep)
        cli_say("%s is valid: a sweep of %zu member%s in %zu group%s\n", args->word[0],
                sweep.members, sweep.members == 1 ? "" : "s", sweep.groups,
                sweep.groups == 1 ? "" : "s");
    else if (!resolved)
        cli_say("%s is valid\n", args->word[0]);
    return 0;
}

static int print_schema(void)
{
    struct strbuf b;
    strbuf_init(&b);
    cli_write_schema(&b);
    cli_say_whole(b.text);
    strbuf_fini(&b);
    return 0;
}

static int main_check(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    struct spec spec;
    int code = ERR_USAGE;
    if (!cli_parse(c, argc, argv, &args))
        return code;
    if (args.value[OPTION_SCHEMA])
        return args.words ? cli_usage(c, "'--schema' is of all specs and takes none")
                          : print_schema();
    if (args.words == 0)
        return cli_usage(c, "which spec?");
    arena_init(&a);
    if (cli_load_spec_any(&a, &args, &spec, &code))
        code = check(&a, c, &args, &spec);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_check = {
    .name = "check",
    .usage = "check SPEC [KEY=VALUE ...]",
    .no_out = CLI_PRINTS,
    .summary = "validate a spec; --resolved, --layers, --schema",
    .options = check_options,
    .main = main_check,
};
