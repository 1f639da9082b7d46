/* descent sweep --tune */
#include "cli/commands/tune.h"
#include "cli/cli.h"
#include "cli/commands/train_sweep.h"
#include "study/table.h"
#include "util/clock.h"
#include "util/log.h"
#include <stdio.h>

static const char *settings_of(const struct sweep *s, const struct sweep_tuned *t,
                               const struct sweep_best *g, struct arena *a)
{
    const char *text = "";
    if (g->member == SIZE_MAX)
        return "none was completed";
    for (size_t k = 0; k < s->keys; k++)
        if (sweep_tuned_shows(s, t, k))
            text = arena_printf(a, "%s%s%s=%s", text, text[0] ? "," : "", s->key[k].suffix,
                                sweep_member_value(s, g->member, k, a));
    return text[0] ? text : "as in the spec";
}

/* An accuracy in per cent, a loss as it is; with what it deviates by, where there are several. */
static const char *figure_text(struct arena *a, int metric, size_t n, double mean, double deviation)
{
    char middle[METRIC_LOSS_TEXT], around[METRIC_LOSS_TEXT];
    if (n == 0 || isnan(mean))
        return "–";
    if (metric_rises((enum metric)metric)) {
        snprintf(middle, sizeof middle, "%.2f", 100 * mean);
        snprintf(around, sizeof around, "%.2f", 100 * deviation);
    } else {
        metric_show_loss(middle, mean);
        metric_show_loss(around, deviation);
    }
    return isnan(deviation) ? arena_strdup(a, middle) : arena_printf(a, "%s ± %s", middle, around);
}

static void print_tuned(const struct sweep *s, const struct sweep_tuned *t, struct arena *a)
{
    bool loss = !metric_rises((enum metric)t->metric);
    const struct table_column column[] = {{"group", true, true, false},
                                          {"settings", true, false, false},
                                          {loss ? "search" : "search %", false, false, false},
                                          {"n", false, false, false},
                                          {loss ? "valid loss" : "valid %", false, false, false},
                                          {"test %", false, false, false}};
    enum { COLUMNS = sizeof column / sizeof column[0] };
    struct strbuf out;
    struct table table = {.columns = COLUMNS, .rows = t->groups, .column = column};
    table.cell = arena_alloc(a, (t->groups + 1) * COLUMNS * sizeof *table.cell);
    for (size_t i = 0; i < t->groups; i++) {
        const struct sweep_best *g = &t->group[i];
        const char **cell = table.cell + i * COLUMNS;
        cell[0] = g->name;
        cell[1] = settings_of(s, t, g, a);
        cell[2] = figure_text(a, t->metric, g->seeds, g->found[t->metric], (double)NAN);
        cell[3] = arena_printf(a, "%zu", g->completed_reruns);
        cell[4] =
            figure_text(a, t->metric, g->n[t->metric], g->mean[t->metric], g->deviation[t->metric]);
        cell[5] = figure_text(a, METRIC_TEST_ACCURACY, g->n[METRIC_TEST_ACCURACY],
                              g->mean[METRIC_TEST_ACCURACY], g->deviation[METRIC_TEST_ACCURACY]);
    }
    strbuf_init(&out);
    table_write_text_within(&table, cli_table_page(), &out);
    cli_say("\n%s\nchosen by the search's final %s;\nthen mean ± sample deviation of n %s\n",
            out.text, metric_names[t->metric],
            t->over_splits ? "reruns, with fresh seeds on each split" : "fresh seeds");
    strbuf_fini(&out);
}

/* What is left of the time limit goes to the reruns. Whoever resumes is to have them: they are
 * noted once they may begin. */
static int train_reruns(const struct sweep *s, struct sweep_tuned *t, struct sweep_options o,
                        const struct sweep_tuning *tuning, double began, struct arena *a)
{
    struct diags d;
    struct error err = {0};
    int code = 0;
    diags_init(&d, a);
    const char *folder = o.folder;
    o.folder = t->folder;
    o.tuning = tuning;
    o.noted_in = folder;
    if (o.time_limit > 0)
        o.time_limit = fmax(o.time_limit - (clock_monotonic() - began), 1e-9);
    size_t more = sweep_more_reruns(t, a);
    if (more > 0) {
        error_set(&err, ERR_USAGE,
                  "%s holds %zu reruns of this choice, more than %zu: '--reruns %zu' shows them; "
                  "remove the folder to have fewer",
                  t->folder, more, t->per_group, more);
        return cli_fail(&err);
    }
    if (t->reruns.members > 0) {
        log_info("the best of each group again: %zu run%s", t->reruns.members,
                 t->reruns.members == 1 ? "" : "s");
        o.remedy = arena_printf(a, "another choice was rerun there: remove %s to rerun this one",
                                t->folder);
        code = cli_train_sweep(&t->reruns, &o, &d);
        if (code == ERR_USAGE || code == ERR_DATA || code == ERR_SYSTEM)
            return code;
    }
    if (!sweep_write_tuned(s, folder, t, &err))
        return cli_fail(&err);
    print_tuned(s, t, a);
    cli_say("table %s/tuned.csv\n", folder);
    return code;
}

int cli_tune_sweep(const struct sweep *s, struct sweep_options *o,
                   const struct sweep_tuning *tuning, struct diags *d, struct arena *a)
{
    struct sweep_tuned t;
    struct error err = {0};
    double began = clock_monotonic();
    if (!sweep_can_tune(s, tuning, &err))
        return cli_fail(&err);
    const char *tuned = folder_path(a, o->folder, FOLDER_TUNED);
    /* reruns that have begun may refuse another choice: it is noted once they accept it */
    o->tuning = folder_has(tuned, FOLDER_SWEEP) ? NULL : tuning;
    o->noted_in = o->folder;
    int search = cli_train_sweep(s, o, d);
    if (search != 0 && search != ERR_DIFFERS && search != ERR_EXPECT)
        return search;
    if (!sweep_choose(s, o->folder, tuning, &t, d, &err))
        return d->n > 0 ? cli_fail_diags(d, "the chosen settings") : cli_fail(&err);
    int reruns = train_reruns(s, &t, *o, tuning, began, a);
    return reruns != 0 ? reruns : search;
}
