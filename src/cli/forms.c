/* Options that mean something only in some forms of a command. */
#include "cli/cli.h"
#include "util/strbuf.h"

/* "'--kind target', 'profile' or 'ranks'" */
static void name_forms(const struct cli_forms *f, uint32_t mask, struct strbuf *out)
{
    size_t n = 0, of = 0;
    for (size_t i = 0; f->name[i]; i++)
        of += mask >> i & 1;
    for (size_t i = 0; f->name[i]; i++)
        if (mask >> i & 1) {
            strbuf_add(out, n == 0 ? "" : n + 1 == of ? " or " : ", ");
            strbuf_addf(out, "'%s%s'", n == 0 ? f->prefix : "", f->name[i]);
            n++;
        }
}

bool cli_check_forms(const struct cli_command *c, const struct cli_arguments *args,
                     const struct cli_forms *f, int form)
{
    for (const struct cli_belonging *b = f->belonging; b->forms; b++) {
        if (!args->value[b->option] || b->forms >> form & 1)
            continue;
        struct strbuf names;
        strbuf_init(&names);
        name_forms(f, b->forms, &names);
        cli_usage(c, "'--%s' belongs to %s, not to '%s'", c->options[b->option].name, names.text,
                  f->name[form]);
        strbuf_fini(&names);
        return false;
    }
    return true;
}
