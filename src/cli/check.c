/* descent check: is this spec right, what does it resolve to, what is its model? */
#include "cli/cli.h"
#include <stdio.h>
#include <string.h>

enum { OPTION_RESOLVED, OPTION_LAYERS };
static const struct cli_option check_options[] = {{0, "resolved", NULL, "print every value, defaults included"},
                                                  {0, "layers", NULL, "print the model's layers, shapes and sizes"},
                                                  {0}};

static int print_layers(const struct spec *s)
{
    size_t images, features = 784, classes = 10;
    struct error err = {0};
    struct model_plan *plan;
    char key[64] = "";
    bool made_or_known = strcmp(data_names[s->dataset.name], "idx") != 0;
    if (!data_sizes(&s->dataset, &images, &features, &classes, &err)) {
        if (!made_or_known)
            return cli_fail(&err);
        features = 784;
        classes = 10;
    }
    if (!model_plan_new(&s->model, features, classes, &plan, key, &err))
        return cli_fail_at(s, key, &err);
    struct strbuf b;
    strbuf_init(&b);
    model_describe(plan, &b);
    fputs(b.text, stdout);
    strbuf_fini(&b);
    model_plan_free(plan);
    return 0;
}

/* Any spec, one that only traces too. */
static bool load(struct arena *a, const struct cli_arguments *args, struct spec *ret, int *ret_code)
{
    struct diags d;
    diags_init(&d, a);
    if (spec_load_any(a, args->word[0], args->word + 1, args->words - 1, &d, ret))
        return true;
    *ret_code = cli_fail_diags(&d, args->word[0]);
    return false;
}

static int main_check(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    struct spec spec;
    int code = ERR_USAGE;
    if (!cli_parse(c, argc, argv, &args))
        return code;
    if (args.words == 0)
        return cli_usage(c, "which spec?");
    arena_init(&a);
    if (load(&a, &args, &spec, &code)) {
        code = 0;
        if (args.value[OPTION_RESOLVED]) {
            struct strbuf b;
            strbuf_init(&b);
            spec_write(&spec, &b);
            fputs(b.text, stdout);
            strbuf_fini(&b);
        }
        if (args.value[OPTION_LAYERS] && !spec.model.kind)
            code = cli_usage(c, "a spec that only traces has no layers");
        else if (args.value[OPTION_LAYERS])
            code = print_layers(&spec);
        if (!args.value[OPTION_RESOLVED] && !args.value[OPTION_LAYERS])
            printf("%s is valid\n", args.word[0]);
    }
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_check = {
    .name = "check",
    .usage = "check SPEC [KEY=VALUE ...]",
    .summary = "validate a spec; --resolved, --layers",
    .options = check_options,
    .main = main_check,
};
