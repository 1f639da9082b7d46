#include "cli/commands/data_import.h"
#include "util/text.h"
#include <string.h>

enum { SIDE_MAX = 4096 };

static bool read_side(const char **at, size_t *ret)
{
    size_t n = strspn(*at, "0123456789");
    *ret = 0;
    for (size_t i = 0; i < n && *ret <= SIDE_MAX; i++)
        *ret = 10 * *ret + (size_t)((*at)[i] - '0');
    *at += n;
    return n > 0 && *ret >= 1 && *ret <= SIDE_MAX;
}

/* "28x28" in pixels, each side at most 4096. */
static bool read_size(const char *text, size_t *ret_width, size_t *ret_height)
{
    return read_side(&text, ret_width) && *text++ == 'x' && read_side(&text, ret_height) &&
           *text == '\0';
}

static int import(const char *source, const struct import_options *o, const char *folder)
{
    struct import_set s = {0};
    struct error err = {0};
    struct strbuf b;
    bool ok = import_check_outside(source, folder, &err) && import_check_folder(folder, &err);
    if (!ok)
        return cli_fail(&err);
    strbuf_init(&b);
    /* a signal ends the reading at once: until then there is nothing to clean up */
    ok = import_read(source, o, &s, &err) && import_write(&s, folder, cli_signals(), &err);
    if (ok)
        import_tell(&s, folder, &b);
    cli_say("%s", b.text);
    strbuf_fini(&b);
    import_fini(&s);
    if (!ok && cli_stopped() != 0)
        return 128 + cli_stopped();
    return ok ? 0 : cli_fail(&err);
}

/* A name with spaces, unquoted, is what a shell makes several words of. */
static int several_sources(const struct cli_command *c, const struct cli_arguments *args)
{
    struct strbuf name;
    strbuf_init(&name);
    for (size_t i = 1; i < args->words; i++)
        strbuf_addf(&name, i > 1 ? " %s" : "%s", args->word[i]);
    int code = cli_usage(c,
                         "import: one source, not %zu; a name with spaces in it stands in quotes: "
                         "descent data import %s -o FOLDER",
                         args->words - 1, text_word(name.text));
    strbuf_fini(&name);
    return code;
}

int data_import(const struct cli_command *c, const struct cli_arguments *args, const char *size,
                struct import_options *o)
{
    if (args->words > 2)
        return several_sources(c, args);
    if (args->words != 2)
        return cli_usage(c, "import: one source: a folder of PNG files, a CSV, an .npz or "
                            "CIFAR-10's archive");
    if (!args->out)
        return cli_usage(
            c, "import: -o names the folder to write to: descent data import %s -o FOLDER",
            text_word(args->word[1]));
    if (cli_explain_out(c, args->out, "in it come four IDX files"))
        return ERR_USAGE;
    if (size && !read_size(size, &o->width, &o->height))
        return cli_usage(c, "import: --size is WIDTHxHEIGHT in pixels, 1x1 to %dx%d, not '%s'",
                         SIDE_MAX, SIDE_MAX, size);
    return import(args->word[1], o, args->out);
}
