/* descent report: a run or a sweep as one HTML page. */
#include "report/report.h"
#include "cli/cli.h"
#include "folder/folder.h"
#include "sweep/sweep.h"
#include "util/file.h"
#include "util/path.h"
#include <string.h>
#include <strings.h>

static int write_report(struct arena *a, const struct cli_arguments *args,
                        const struct report_options *o, const struct strbuf *html)
{
    struct error err;
    size_t n = strlen(o->folder);
    const char *path = args->out ? args->out
                                 : arena_printf(a, "%s%sreport.html", o->folder,
                                                o->folder[n - 1] == '/' ? "" : "/");
    if (!file_write(path, html->text, html->length, &err))
        return cli_fail(&err);
    cli_say("report %s\n", path);
    return 0;
}

static int report_of_run(struct arena *a, const struct cli_arguments *args,
                         const struct report_options *o)
{
    struct error err = {0};
    struct strbuf html;
    strbuf_init(&html);
    int code = report_run(a, o, &html, &err) ? write_report(a, args, o, &html) : cli_fail(&err);
    strbuf_fini(&html);
    return code;
}

static int report_of_sweep(struct arena *a, const struct cli_arguments *args,
                           const struct report_options *o)
{
    struct sweep s;
    struct error err = {0};
    struct strbuf html;
    int code;
    if (!cli_load_sweep(a, o->folder, &s, &code))
        return code;
    const char **member = arena_alloc(a, (s.members + 1) * sizeof *member);
    bool *outgrown = arena_alloc(a, s.members + 1);
    for (size_t i = 0; i < s.members; i++) {
        struct sweep_state x;
        member[i] = s.member[i].folder;
        outgrown[i] = sweep_read_state(&s, o->folder, i, &x, &err) && x.outgrown;
    }
    strbuf_init(&html);
    size_t damaged = 0;
    bool ok = report_sweep(a, o, &(struct report_members){s.name, member, outgrown, s.members},
                           &html, &damaged, &err);
    code = ok ? write_report(a, args, o, &html) : cli_fail(&err);
    strbuf_fini(&html);
    return cli_check_reruns(a, o->folder, code == 0 && damaged > 0 ? ERR_DATA : code);
}

static int report(struct arena *a, const struct cli_arguments *args)
{
    struct error err;
    const struct report_options o = {.folder = args->word[0], .no_figures = args->no_plots};
    if (args->out && file_is_folder(args->out))
        error_set(&err, ERR_USAGE, "%s is a folder; -o names the file to write", args->out);
    else if (!file_check_folder(o.folder, &err))
        return cli_fail(&err);
    else if (!file_is_folder(o.folder))
        error_set(&err, ERR_DATA, "%s is not a folder; a report is of a run's or a sweep's",
                  o.folder);
    else if (sweep_is_folder(o.folder))
        return report_of_sweep(a, args, &o);
    else if (folder_holds_run(o.folder))
        return report_of_run(a, args, &o);
    else
        error_set(&err, ERR_DATA, "%s holds neither a run nor a sweep", o.folder);
    return cli_fail(&err);
}

static int main_report(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (args.words > 1)
        return cli_usage(c, "one folder, please");
    const char *ending = args.out && !file_is_folder(args.out) ? path_ending(args.out) : "";
    if (ending[0] && strcasecmp(ending, ".html") != 0 && strcasecmp(ending, ".htm") != 0)
        return cli_usage(c, "a report is written as .html, not as '%s'", ending);
    arena_init(&a);
    int code = report(&a, &args);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_report = {
    .name = "report",
    .asks = "which folder?",
    .of_folders = true,
    .of_one = true,
    .usage = "report FOLDER",
    .summary = "one self-contained HTML page of a run or a sweep",
    .main = main_report,
};
