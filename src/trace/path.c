/* Following an optimizer. */
#include "num/math.h"
#include "num/random.h"
#include "trace/trace.h"
#include <assert.h>
#include <math.h>

/* An optimizer on two weights. */
struct walk {
    const struct trace_config *config;
    struct optim *optim;
    struct sched *sched;
    float w[SPEC_TRACE_STORED], g[SPEC_TRACE_STORED];
    struct trace_path *path;
};

/* Adds the point where the optimizer stands. False where it, or the function there, is not
 * finite. */
static bool add_point(struct walk *k)
{
    const float *w = optim_evaluated(k->optim, 0);
    struct trace_path *p = k->path;
    double x = (double)w[0], y = (double)w[1], g[2], value = func_value(&k->config->function, x, y);
    func_gradient(&k->config->function, x, y, g);
    double norm = sqrt(g[0] * g[0] + g[1] * g[1]);
    if (!isfinite(x) || !isfinite(y) || !isfinite(value) || !isfinite(norm))
        return false;
    p->x[p->n] = x;
    p->y[p->n] = y;
    p->value[p->n] = value;
    p->grad_norm[p->n] = norm;
    p->n++;
    return true;
}

static void take_gradient(struct walk *k, uint64_t seed, uint64_t step)
{
    struct rng r = rng_stream(seed, RNG_TRACE, step, 0);
    double g[2];
    func_gradient(&k->config->function, (double)k->w[0], (double)k->w[1], g);
    for (int i = 0; i < 2; i++)
        k->g[i] = (float)(k->config->noise > 0 ? g[i] + k->config->noise * rng_normal(&r) : g[i]);
}

/* What a schedule may observe: the value as any loss, the length of the gradient. */
static double quantity(void *context, const char *name)
{
    const struct trace_path *p = ((const struct walk *)context)->path;
    enum metric m = metric_find(name);
    if (m < METRICS && metric_info[m].quantity == METRIC_LOSS)
        return p->value[p->n - 1];
    return m == METRIC_GRAD_NORM ? p->grad_norm[p->n - 1] : (double)NAN;
}

void trace_follow(struct arena *a, const struct trace_config *config,
                  const struct trace_entry *entry, uint64_t seed, const struct sched_now *fixed,
                  struct trace_path *ret)
{
    struct walk k = {.config = config, .path = ret};
    struct sched_base base = spec_trace_base(entry, config->steps);
    struct error err;
    k.w[0] = (float)config->start[0];
    k.w[1] = (float)config->start[1];
    struct optim_tensor t = spec_trace_point;
    t.w = k.w;
    t.g = k.g;
    size_t size = ((size_t)config->steps + 1) * sizeof(double);
    *ret = (struct trace_path){.x = arena_alloc(a, size),
                               .y = arena_alloc(a, size),
                               .value = arena_alloc(a, size),
                               .grad_norm = arena_alloc(a, size)};
    k.optim = optim_new(&entry->optimizer, &t, 1);
    k.sched = sched_new(&entry->scheduler, &base, &err);
    assert(k.sched); /* the spec was checked */
    ret->diverged = !add_point(&k);
    for (int64_t step = 0; step < config->steps && !ret->diverged; step++) {
        struct sched_now now = fixed ? *fixed : sched_settings(k.sched, step, step);
        take_gradient(&k, seed, (uint64_t)step);
        optim_step(k.optim, now.lr, now.momentum, now.decay);
        ret->diverged = !add_point(&k);
        if (!ret->diverged)
            sched_observe(k.sched, quantity, &k);
    }
    ret->event = optim_event(k.optim, &ret->event_step);
    sched_free(k.sched);
    optim_free(k.optim);
}

void trace_run(struct arena *a, const struct trace_config *config, uint64_t seed, struct trace *ret)
{
    *ret = (struct trace){.config = config,
                          .function = func_chosen_kind(&config->function),
                          .n = config->optimizers.n};
    ret->path = arena_alloc(a, ret->n * sizeof *ret->path);
    for (size_t i = 0; i < ret->n; i++)
        trace_follow(a, config, &config->optimizers.v[i], seed, NULL, &ret->path[i]);
    trace_label(a, config, ret->path);
}

double trace_distance(const struct trace *t, const struct trace_path *p, size_t i)
{
    const struct func_kind *f = t->function;
    double nearest = (double)INFINITY;
    for (size_t k = 0; k < f->minima; k++)
        nearest = fmin(nearest, math_hypot(p->x[i] - f->minimum[k].x, p->y[i] - f->minimum[k].y));
    return nearest;
}

int64_t trace_arrival(const struct trace *t, const struct trace_path *p, double radius)
{
    size_t i = p->n;
    if (p->diverged)
        return -1;
    while (i > 0 && trace_distance(t, p, i - 1) <= radius)
        i--;
    return i < p->n ? (int64_t)i : -1;
}
