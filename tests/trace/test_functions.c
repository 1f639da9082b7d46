/* Every test function of the registry: its gradient, its minima, and that optimizers stand still
 * there. */
#include "bench.h"
#include "num/random.h"
#include <math.h>

#define COUNT(v) (sizeof(v) / sizeof(v)[0])

/* The functions as they are by default, and some turned bowls. */
static const char *const more[] = {"{name: quadratic, condition: 1}",
                                   "{name: quadratic, condition: 1000, angle: 30}",
                                   "{name: quadratic, condition: 3, angle: -200}"};

static size_t kinds(void)
{
    size_t n = 0;
    while (func_registry.kinds[n])
        n++;
    return n;
}

static const char *text_of(size_t i)
{
    if (i >= kinds())
        return more[i - kinds()];
    const struct kind *k = func_registry.kinds[i];
    return k->example ? k->example : k->name;
}

static struct chosen function(struct arena *a, const char *text)
{
    struct diags d;
    struct chosen f = {0};
    diags_init(&d, a);
    if (!kind_parse(a, &func_registry, text, &d, &f))
        ck_abort_msg("%s", text);
    return f;
}

/* ---- values known from elsewhere ---- */

START_TEST(values_by_hand)
{
    static const struct {
        const char *text;
        double x, y, value;
    } known[] = {
        {"{name: quadratic, condition: 4}", 1, 1, 2.5},
        {"{name: quadratic, condition: 4, angle: 90}", 1, 0, 2},
        {"rosenbrock", -1.2, 1, 24.2},
        {"beale", 0, 0, 14.203125},
        {"beale", 1, 1, 14.203125},
        {"branin", 0, 0, 56 - 10 / (8 * 3.14159265358979323846)},
        {"himmelblau", 0, 0, 170},
        {"booth", 0, 0, 74},
        {"matyas", 1, 1, 0.04},
        {"styblinski_tang", 1, -2, 0.5 * (-10 + 16 - 64 - 10)},
        {"three_hump_camel", 1, 1, 2 - 1.05 + 1.0 / 6 + 2},
        {"six_hump_camel", 1, 1, 4 - 2.1 + 1.0 / 3 + 1},
        {"ackley", 1, 0,
         20 - 20 * 0.868123445394} /* exp(-0.2 sqrt(0.5)); the waves at whole numbers are e */,
        {"rastrigin", 1, -2, 5},
        {"rastrigin", 0.5, 0, 20.25},
        {"goldstein_price", 0, 0, 600},
        {"goldstein_price", 1, 1, 1876},
        {"bukin_n6", -10, 0, 100},
        {"bukin_n6", -12, 1.44, 0.02},
        {"saddle", 2, 1, 3},
        {"monkey_saddle", 1, 1, -2},
        {"{name: expression, f: \"x ** 2 + 3 * y ** 2\"}", 2, 1, 7},
        {"{name: expression, f: \"sin(pi * x / 2) + max(x, y)\"}", 1, 3, 4},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        struct arena a;
        arena_init(&a);
        struct chosen f = function(&a, known[i].text);
        double v = func_value(&f, known[i].x, known[i].y);
        ck_assert_msg(fabs(v - known[i].value) <= 1e-9 * (1 + fabs(known[i].value)),
                      "%s(%g, %g) is %.12g, not %.12g", known[i].text, known[i].x, known[i].y, v,
                      known[i].value);
        arena_fini(&a);
    }
}
END_TEST

/* ---- the gradient ---- */

/* Not where the function has a kink, a tip or a slope without bound. */
static bool is_smooth(const char *name, double x, double y)
{
    if (strcmp(name, "bukin_n6") == 0)
        return fabs(y - 0.01 * x * x) > 0.05 && fabs(x + 10) > 0.01;
    return strcmp(name, "ackley") != 0 || hypot(x, y) > 0.1;
}

/* Central differences of step h and h / 2, extrapolated: the error is of fourth order. */
static double slope(const struct chosen *f, double x, double y, double dx, double dy)
{
    double wide = (func_value(f, x + dx, y + dy) - func_value(f, x - dx, y - dy)) / (2 * (dx + dy));
    double narrow =
        (func_value(f, x + dx / 2, y + dy / 2) - func_value(f, x - dx / 2, y - dy / 2)) / (dx + dy);
    return (4 * narrow - wide) / 3;
}

START_TEST(gradient_is_the_slope)
{
    enum { POINTS = 2000 };
    const double h = 1e-3;
    struct arena a;
    arena_init(&a);
    struct chosen f = function(&a, text_of((size_t)_i));
    const double *d = func_chosen_kind(&f)->domain;
    struct rng r = rng_stream(1, RNG_TEST, (uint64_t)_i, 0);
    size_t checked = 0;
    for (int i = 0; i < POINTS; i++) {
        double x = d[0] + (d[1] - d[0]) * rng_uniform(&r),
               y = d[2] + (d[3] - d[2]) * rng_uniform(&r), g[2];
        if (!is_smooth(f.kind->name, x, y))
            continue;
        func_gradient(&f, x, y, g);
        double gx = slope(&f, x, y, h, 0), gy = slope(&f, x, y, 0, h);
        double room = 1e-6 * (1 + hypot(g[0], g[1]) + fabs(func_value(&f, x, y)));
        ck_assert_msg(fabs(g[0] - gx) < room && fabs(g[1] - gy) < room,
                      "%s(%g, %g): (%.9g, %.9g), by differences (%.9g, %.9g)", text_of((size_t)_i),
                      x, y, g[0], g[1], gx, gy);
        checked++;
    }
    ck_assert_uint_gt(checked, POINTS / 2);
    arena_fini(&a);
}
END_TEST

/* ---- minima ---- */

START_TEST(minima_are_minima)
{
    struct arena a;
    arena_init(&a);
    struct chosen f = function(&a, text_of((size_t)_i));
    const struct func_kind *k = func_chosen_kind(&f);
    double g[2];
    ck_assert_msg(k->minima + k->saddles > 0 || k->base.example, "%s has no point of interest",
                  f.kind->name);
    for (size_t i = 0; i < k->minima; i++) {
        double x = k->minimum[i].x, y = k->minimum[i].y, v = func_value(&f, x, y);
        ck_assert_msg(fabs(v - k->least) < 1e-13 * (1 + fabs(k->least)),
                      "%s: %.17g at its minimum, not %.17g", f.kind->name, v, k->least);
        func_gradient(&f, x, y, g);
        /* the minima are rounded to doubles, the curvature there is at most some thousands */
        ck_assert_msg(hypot(g[0], g[1]) < 1e-11, "%s: slope %g at its minimum", f.kind->name,
                      hypot(g[0], g[1]));
        ck_assert(x >= k->domain[0] && x <= k->domain[1] && y >= k->domain[2] && y <= k->domain[3]);
    }
    for (size_t i = 0; i < k->saddles; i++) {
        func_gradient(&f, k->saddle[i].x, k->saddle[i].y, g);
        ck_assert(!(fabs(g[0]) > 0) && !(fabs(g[1]) > 0));
    }
    ck_assert(k->minima > 0 ? isfinite(k->least) : isnan(k->least));
    arena_fini(&a);
}
END_TEST

/* Nothing in the domain lies lower, and nothing away from the minima as low. */
START_TEST(minima_are_global)
{
    enum { SIDE = 400 };
    struct arena a;
    arena_init(&a);
    struct chosen f = function(&a, text_of((size_t)_i));
    const struct func_kind *k = func_chosen_kind(&f);
    const double *d = k->domain;
    for (size_t i = 0; k->minima > 0 && i <= SIDE; i++)
        for (size_t j = 0; j <= SIDE; j++) {
            double x = d[0] + (d[1] - d[0]) * (double)i / SIDE,
                   y = d[2] + (d[3] - d[2]) * (double)j / SIDE;
            ck_assert_msg(func_value(&f, x, y) > k->least - 1e-12 * (1 + fabs(k->least)),
                          "%s is lower at (%g, %g)", f.kind->name, x, y);
        }
    arena_fini(&a);
}
END_TEST

START_TEST(documented)
{
    const struct func_kind *k = (const struct func_kind *)func_registry.kinds[_i];
    ck_assert_msg(k->base.title && k->base.equation && k->base.source && k->base.note,
                  "%s lacks a text", k->base.name);
    ck_assert(k->domain[0] < k->start[0] && k->start[0] < k->domain[1]);
    ck_assert(k->domain[2] < k->start[1] && k->start[1] < k->domain[3]);
}
END_TEST

/* ---- fixed points ---- */

/* The optimizer with what moves it without a gradient switched off. */
static const char *at_rest(struct arena *a, const struct kind *k)
{
    static const char *const off[] = {"weight_decay", "lambd", "initial"};
    struct strbuf b;
    if (k->example)
        return k->example;
    if (strcmp(k->name, "fromage") == 0) /* its division pulls to 0: check_shrinks */
        return "{name: fromage, lr: 0}";
    strbuf_init(&b);
    strbuf_addf(&b, "{name: %s", k->name);
    for (size_t i = 0; i < COUNT(off); i++)
        if (kind_param(&optim_registry, k, off[i]))
            strbuf_addf(&b, ", %s: 0", off[i]);
    strbuf_add(&b, "}");
    const char *text = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return text;
}

static bool is_float(double v)
{
    return !(fabs((double)(float)v - v) > 0);
}

/* No optimizer leaves this point of the function within 50 steps. */
static void check_rest(const char *name, struct func_point at)
{
    for (size_t o = 0; optim_registry.kinds[o]; o++) {
        struct bench b;
        struct arena a;
        arena_init(&a);
        follow(&b,
               arena_printf(&a, "function: %s, start: [%.17g, %.17g], steps: 50, optimizers: [%s]",
                            name, at.x, at.y, at_rest(&a, optim_registry.kinds[o])),
               1);
        const struct trace_path *p = &b.trace.path[0];
        ck_assert_uint_eq(p->n, 51);
        for (size_t i = 0; i < p->n; i++)
            ck_assert_msg(!(fabs(p->x[i] - at.x) > 0) && !(fabs(p->y[i] - at.y) > 0),
                          "%s leaves the minimum of %s for (%g, %g) at step %zu",
                          optim_registry.kinds[o]->name, name, p->x[i], p->y[i], i);
        tear_down(&b);
        arena_fini(&a);
    }
}

/* Algorithm 1 of Bernstein et al. (2020) ends each step with w / sqrt(1 + lr^2), a gradient or not:
 * where there is none, fromage makes just that of the point. */
static void check_shrinks(const char *name, struct func_point at)
{
    struct bench b;
    struct arena a;
    const float lr = 0.25f, shrink = (float)(1 / sqrt(1 + (double)lr * (double)lr));
    arena_init(&a);
    follow(&b,
           arena_printf(&a,
                        "function: %s, start: [%.17g, %.17g], steps: 1, optimizers: "
                        "[{name: fromage, lr: %g}]",
                        name, at.x, at.y, (double)lr),
           1);
    const struct trace_path *p = &b.trace.path[0];
    ck_assert_uint_eq(p->n, 2);
    ck_assert_msg(!(fabs(p->x[1] - (double)((float)at.x * shrink)) > 0) &&
                      !(fabs(p->y[1] - (double)((float)at.y * shrink)) > 0),
                  "fromage steps from the minimum of %s to (%.9g, %.9g)", name, p->x[1], p->y[1]);
    tear_down(&b);
    arena_fini(&a);
}

START_TEST(minima_are_fixed_points)
{
    static const char *const expected[] = {
        "quadratic",        "rosenbrock", "beale",           "himmelblau", "booth",        "matyas",
        "three_hump_camel", "rastrigin",  "goldstein_price", "saddle",     "monkey_saddle"};
    size_t found = 0;
    for (size_t i = 0; i < kinds(); i++) {
        const struct func_kind *k = (const struct func_kind *)func_registry.kinds[i];
        struct arena a;
        arena_init(&a);
        struct chosen f = function(&a, text_of(i));
        bool here = false;
        for (size_t m = 0; m < k->minima + k->saddles; m++) {
            struct func_point at = m < k->minima ? k->minimum[m] : k->saddle[m - k->minima];
            double g[2];
            func_gradient(&f, at.x, at.y, g);
            if (!is_smooth(k->base.name, at.x, at.y) || !is_float(at.x) || !is_float(at.y) ||
                fabs(g[0]) > 0 || fabs(g[1]) > 0)
                continue;
            check_rest(k->base.name, at);
            check_shrinks(k->base.name, at);
            here = true;
        }
        for (size_t e = 0; here && e < COUNT(expected); e++)
            found += strcmp(expected[e], k->base.name) == 0;
        arena_fini(&a);
    }
    ck_assert_uint_eq(found, COUNT(expected));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("functions");
    TCase *t = tcase_create("functions");
    int n = (int)kinds(), all = n + (int)COUNT(more);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, values_by_hand);
    tcase_add_loop_test(t, gradient_is_the_slope, 0, all);
    tcase_add_loop_test(t, minima_are_minima, 0, all);
    tcase_add_loop_test(t, minima_are_global, 0, all);
    tcase_add_loop_test(t, documented, 0, n);
    tcase_add_test(t, minima_are_fixed_points);
    suite_add_tcase(s, t);
    return check_main(s);
}
