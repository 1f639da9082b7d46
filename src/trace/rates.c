/* How fast an optimizer converges, over a grid of learning rates and momentum values. */
#include "num/math.h"
#include "trace/internal.h"
#include <math.h>

/* ---- measuring ---- */

static double farthest(const double *distance, size_t from, size_t to)
{
    double most = 0;
    for (size_t i = from; i <= to; i++)
        most = fmax(most, distance[i]);
    return most;
}

/* The factor per step between the middle and the end, 0 of one that has arrived by then. A path
 * that turns around its minimum comes near to it again and again: of an eighth of the way before
 * each of both the farthest point counts. */
static double rate_of(const struct trace *t, const struct trace_path *p)
{
    struct arena a;
    if (p->diverged)
        return (double)NAN;
    arena_init(&a);
    double *distance = arena_alloc(&a, p->n * sizeof *distance);
    size_t n = p->n - 1;
    for (size_t i = 0; i < p->n; i++)
        distance[i] = trace_distance(t, p, i);
    /* beyond that float32 has no more digits */
    while (n > 16 && !(distance[n] > 1e-25 * distance[0]))
        n--;
    double middle = farthest(distance, n / 2 - n / 8, n / 2),
           end = farthest(distance, n - n / 8, n);
    size_t half = n - n / 2;
    double rate = middle > 0 ? math_pow(end / middle, 1 / (double)half) : 0;
    arena_fini(&a);
    return rate < 1 - 1e-6 ? rate : (double)NAN;
}

static double measure(const struct trace *t, uint64_t seed, double lr, double momentum)
{
    struct arena a;
    struct trace_path p;
    const struct trace_entry *e = &t->config->optimizers.v[0];
    struct sched_now fixed = {
        .lr = lr, .momentum = momentum, .decay = optim_base_decay(&e->optimizer)};
    arena_init(&a);
    trace_follow(&a, t->config, e, seed, &fixed, &p);
    double rate = rate_of(t, &p);
    arena_fini(&a);
    return rate;
}

/* ---- theory ---- */

static size_t nearest(const struct reals *v, double wanted)
{
    size_t best = 0;
    for (size_t i = 1; i < v->n; i++)
        if (fabs(v->v[i] - wanted) < fabs(v->v[best] - wanted))
            best = i;
    return best;
}

/* Momentum alone: what else moves the weights has another rate. */
static bool is_heavy_ball(const struct chosen *optimizer)
{
    static const char *const more[] = {"groups", "lookahead", "cautious"};
    const struct optim_kind *kind = (const struct optim_kind *)optimizer->kind;
    bool is = kind->heavy_ball && kind->heavy_ball(optimizer->options);
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        is &= trace_is_default(&optim_registry, optimizer, more[i]);
    return is;
}

/* Heavy-ball momentum on a quadratic of condition k with curvatures 1 and k (Polyak 1964; Goh 2017,
 * doi:10.23915/distill.00006): lr = (2 / (1 + sqrt k))^2, momentum = ((sqrt k - 1) / (sqrt k +
 * 1))^2, rate its root. */
static void find_theory(const struct trace *t, struct trace_rates *r)
{
    const struct chosen *f = &t->config->function;
    const struct func_kind *kind = (const struct func_kind *)f->kind;
    if (!kind->condition || t->config->noise > 0 ||
        !is_heavy_ball(&t->config->optimizers.v[0].optimizer))
        return;
    double root = sqrt(kind->condition(f->options));
    r->theory_lr = 4 / ((1 + root) * (1 + root));
    r->theory_rate = (root - 1) / (root + 1);
    r->theory_momentum = r->theory_rate * r->theory_rate;
    r->theory = nearest(&r->map->momentum, r->theory_momentum) * r->map->lr.n +
                nearest(&r->map->lr, r->theory_lr);
}

void trace_measure_rates(struct arena *a, const struct trace *t, uint64_t seed,
                         struct trace_rates *ret)
{
    const struct trace_map *m = &t->config->map;
    size_t cells = m->lr.n * m->momentum.n;
    *ret = (struct trace_rates){.map = m, .best = cells, .theory = cells};
    ret->rate = arena_alloc(a, cells * sizeof *ret->rate);
    for (size_t i = 0; i < cells; i++) {
        ret->rate[i] = measure(t, seed, m->lr.v[i % m->lr.n], m->momentum.v[i / m->lr.n]);
        if (isfinite(ret->rate[i]) && (ret->best == cells || ret->rate[i] < ret->rate[ret->best]))
            ret->best = i;
    }
    find_theory(t, ret);
}

/* ---- writing ---- */

void trace_write_rates(const struct trace_rates *r, struct strbuf *out)
{
    strbuf_add(out, "lr,momentum,rate\n");
    for (size_t i = 0; i < r->map->lr.n * r->map->momentum.n; i++) {
        strbuf_add_real(out, r->map->lr.v[i % r->map->lr.n]);
        strbuf_add_char(out, ',');
        strbuf_add_real(out, r->map->momentum.v[i / r->map->lr.n]);
        /* as elsewhere: what there is not is empty */
        strbuf_add_char(out, ',');
        if (isfinite(r->rate[i]))
            strbuf_addf(out, "%.9g", r->rate[i]);
        strbuf_add_char(out, '\n');
    }
}

static const char **names(struct arena *a, const struct reals *v)
{
    const char **name = arena_alloc(a, v->n * sizeof *name);
    for (size_t i = 0; i < v->n; i++)
        name[i] = arena_printf(a, "%.3g", v->v[i]);
    return name;
}

bool trace_draw_rates(const struct trace *t, const struct trace_rates *r, const struct spec *s,
                      const struct figure_appearance *appearance, const char *path,
                      struct error *err)
{
    struct arena a;
    struct strbuf text;
    size_t cells = r->map->lr.n * r->map->momentum.n;
    arena_init(&a);
    strbuf_init(&text);
    spec_write_trace(s, &text);
    const char **note = arena_alloc(&a, cells * sizeof *note);
    for (size_t i = 0; i < cells; i++)
        note[i] = i == r->theory ? "theory" : isfinite(r->rate[i]) ? NULL : "≥ 1";
    struct heat_map heat = {.columns = r->map->lr.n,
                            .rows = r->map->momentum.n,
                            .column = names(&a, &r->map->lr),
                            .row = names(&a, &r->map->momentum),
                            .x = r->map->lr.v,
                            .value = r->rate,
                            .note = note,
                            .best = r->best,
                            .label = "error after a step / error before it"};
    struct axes panel = {.title = arena_printf(&a, "%s on the %s",
                                               t->config->optimizers.v[0].optimizer.kind->name,
                                               trace_function_label(&a, t->config)),
                         .x_label = "learning rate",
                         .y_label = "momentum",
                         .heat = &heat};
    struct figure_text carried;
    struct figure f = figure_column(s->name, &panel, 1, text.text, &carried);
    f.appearance = *appearance;
    bool ok = figure_write(&f, path, err);
    strbuf_fini(&text);
    arena_fini(&a);
    return ok;
}
