/* The figure that a finished sweep leaves: the curves of its groups, as `plot` draws them, under the
 * spec's name, so that it does not depend on the folder's. */
#include "cli/cli.h"
#include "cli/commands/train_sweep.h"
#include "config/node.h"
#include "plot/plot.h"
#include "util/file.h"
#include "util/log.h"
#include "util/text.h"

/* More curves cannot be told apart. */
enum { GROUPS_MOST = 64 };

static bool write_figure(void *path, const struct figure *f, struct error *err)
{
    return figure_write(f, path, err);
}

static bool is_wanted(const struct sweep *s, const struct sweep_options *o,
                      const struct sweep_result *r, const char *path)
{
    const struct node *plots = node_find(s->base, "plots");
    bool wanted = true;
    return !o->no_plots && s->groups <= GROUPS_MOST &&
           (!plots || !node_as_bool(plots, &wanted) || wanted) && r->tables && r->completed > 0 &&
           r->unfinished + r->damaged + r->failed == 0 &&
           (r->trained > 0 || o->summary || !file_exists(path));
}

/* Other shards may have members left to train. */
static bool have_all_ended(const struct collection *c)
{
    bool all = true;
    for (size_t i = 0; i < c->sweeps; i++)
        all &= c->sweep[i].pending == 0;
    for (size_t i = 0; i < c->runs; i++)
        all &= c->run[i].status != STATUS_OPEN;
    return all;
}

/* Whether there is anything to draw yet: *ret. */
static bool draw(struct arena *a, const struct sweep *s, const char *folder, char *path, bool *ret,
                 struct error *err)
{
    struct collection c;
    char *word = arena_strdup(a, folder);
    const struct plot_options o = {.kind = &plot_curves, .title = s->name};
    if (!collect_runs(a, &word, 1, &c, err) || !collect_need_rows(a, &c, false, err))
        return false;
    collect_once(a, &c, NULL, 0);
    *ret = have_all_ended(&c);
    return !*ret || plot_take(a, &c, &o, write_figure, path, err);
}

void cli_draw_sweep(const struct sweep *s, const struct sweep_options *o,
                    const struct sweep_result *r)
{
    struct arena a;
    struct error why;
    bool drawn = false;
    arena_init(&a);
    char *path = arena_printf(&a, "%s/%s.png", o->folder, plot_curves.name);
    if (is_wanted(s, o, r, path) && !draw(&a, s, o->folder, path, &drawn, &why))
        log_warn("%s is not drawn: %s; 'descent plot %s' draws it", path, why.message,
                 text_word(o->folder));
    else if (drawn)
        cli_say("figure %s\n", path);
    arena_fini(&a);
}
