/* descent check: is this spec right, what does it resolve to, what is its model? */
#include "cli/cli.h"
#include "sweep/sweep.h"
#include "train/train.h"
#include <stdio.h>
#include <string.h>

enum { OPTION_RESOLVED, OPTION_LAYERS, OPTION_SCHEMA };
static const struct cli_option check_options[] = {{0, "resolved", NULL, "print every value, defaults included"},
                                                  {0, "layers", NULL, "print the model's layers, shapes and sizes"},
                                                  {0, "schema", NULL, "print the JSON Schema of all specs, for editors"},
                                                  {0}};

static int print_layers(const struct spec *s)
{
    struct data_sizes n;
    struct error err = {0};
    struct model_plan *plan;
    char key[64];
    if (!data_sizes(&s->dataset, &n, key, &err) || !model_plan_new(&s->model, n.features, n.classes, &plan, key, &err))
        return cli_fail_at(s, key, &err);
    struct strbuf b;
    strbuf_init(&b);
    model_describe(plan, &b);
    fputs(b.text, stdout);
    strbuf_fini(&b);
    model_plan_free(plan);
    return 0;
}

/* What the spec says wrong of its model and data is wrong before they are needed. */
static int check_plan(const struct spec *s)
{
    struct error err;
    char key[64];
    return train_check_ahead(s, key, &err) ? 0 : cli_fail_at(s, key, &err);
}

/* All members of a sweep, as good as any other spec. */
static int check_sweep(struct arena *a, const struct cli_arguments *args)
{
    struct diags d;
    struct sweep sweep;
    diags_init(&d, a);
    if (!sweep_load(a, args->word[0], args->word + 1, args->words - 1, &d, &sweep) || !sweep_check(&sweep, &d))
        return cli_fail_diags(&d, args->word[0]);
    printf("%s is valid: a sweep of %zu members in %zu groups\n", args->word[0], sweep.members, sweep.groups);
    return 0;
}

static int print_schema(void)
{
    struct strbuf b;
    strbuf_init(&b);
    cli_write_schema(&b);
    fputs(b.text, stdout);
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
        return args.words ? cli_usage(c, "'--schema' is of all specs and takes none") : print_schema();
    if (args.words == 0)
        return cli_usage(c, "which spec?");
    arena_init(&a);
    if (cli_load_spec_any(&a, &args, &spec, &code)) {
        code = spec.model.kind && !spec.sweep ? check_plan(&spec) : 0;
        if (code == 0 && args.value[OPTION_RESOLVED]) {
            struct strbuf b;
            strbuf_init(&b);
            spec_write(&spec, &b);
            fputs(b.text, stdout);
            strbuf_fini(&b);
        }
        if (code == 0 && args.value[OPTION_LAYERS])
            code = spec.model.kind ? print_layers(&spec) : cli_usage(c, "a spec that only traces has no layers");
        if (spec.sweep && !args.value[OPTION_RESOLVED] && !args.value[OPTION_LAYERS])
            code = check_sweep(&a, &args);
        else if (code == 0 && !args.value[OPTION_RESOLVED] && !args.value[OPTION_LAYERS])
            printf("%s is valid\n", args.word[0]);
    }
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_check = {
    .name = "check",
    .usage = "check SPEC [KEY=VALUE ...]",
    .summary = "validate a spec; --resolved, --layers, --schema",
    .options = check_options,
    .main = main_check,
};
