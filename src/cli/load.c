/* SPEC and KEY=VALUE words of a command line. */
#include "cli/cli.h"
#include "inspect/carried.h"
#include "sweep/sweep.h"
#include "util/strbuf.h"
#include <string.h>

static bool is_figure(const char *path)
{
    return figure_format_from_name(path) != FIGURE_BY_NAME;
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
            cli_usage(c, "'%s' is not used by this command%s", args->word[i], b.text);
            strbuf_fini(&b);
            return false;
        }
    return true;
}

static bool load_spec(struct arena *a, const struct cli_arguments *args, bool any, struct spec *ret,
                      int *ret_exit_code)
{
    if (cli_explain_spec(a, args)) {
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
        const struct spec_text x = {args->word[0], text, args->word + 1, args->words - 1};
        ok = (any ? spec_parse_any : spec_parse)(a, &x, &d, ret);
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

bool cli_load_sweep(struct arena *a, const char *folder, struct sweep *ret, int *ret_exit_code)
{
    struct error err;
    bool ok = sweep_load_folder(a, folder, ret, &err);
    if (!ok)
        *ret_exit_code = cli_fail(&err);
    return ok;
}

int cli_check_reruns(struct arena *a, const char *folder, int code)
{
    struct sweep s;
    int damaged = 0;
    const char *reruns = folder_path(a, folder, FOLDER_TUNED);
    if (folder_has(folder, FOLDER_TUNING) && sweep_is_folder(reruns))
        cli_load_sweep(a, reruns, &s, &damaged);
    return code != 0 ? code : damaged;
}

int cli_fail_sweep(struct arena *a, const char *folder, const char *path, const struct diags *d)
{
    struct error err;
    struct sweep s;
    return folder && !sweep_load_folder(a, folder, &s, &err) ? cli_fail(&err)
                                                             : cli_fail_diags(d, path);
}
