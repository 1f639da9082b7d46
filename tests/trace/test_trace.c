/* Paths: against closed forms, with schedules and noise, to the end or to infinity; what is written
 * of them. */
#include "bench.h"
#include <math.h>

#define COUNT(v) (sizeof(v) / sizeof(v)[0])

/* float32 keeps 24 bits; a contracting path forgets its rounding errors. */
static void check_close(double got, double wanted, double scale)
{
    ck_assert_msg(fabs(got - wanted) < 1e-5 * scale, "%.9g, not %.9g", got, wanted);
}

/* ---- closed forms ---- */

START_TEST(gradient_descent_on_a_quadratic)
{
    struct bench b;
    follow(
        &b,
        "function: {name: quadratic, condition: 50}, start: [3, 1], steps: 100, optimizers: [{name: sgd, lr: 0.03}]",
        1);
    const struct trace_path *p = &b.trace.path[0];
    ck_assert_uint_eq(p->n, 101);
    ck_assert(!p->diverged);
    for (size_t i = 0; i < p->n; i++) {
        double x = 3 * pow(1 - 0.03, (double)i), y = pow(1 - 50 * 0.03, (double)i);
        check_close(p->x[i], x, 1);
        check_close(p->y[i], y, 1);
        check_close(p->value[i], 0.5 * (p->x[i] * p->x[i] + 50 * p->y[i] * p->y[i]), 1);
        check_close(p->grad_norm[i], hypot(p->x[i], 50 * p->y[i]), 1);
    }
    tear_down(&b);
}
END_TEST

/* Heavy-ball momentum along an axis of curvature c: x' = x + beta (x - x_before) - lr c x. */
static void check_heavy_ball(const struct trace_path *p, double lr, double beta, double condition)
{
    double x = p->x[0], x_before = x, y = p->y[0], y_before = y;
    for (size_t i = 1; i < p->n; i++) {
        double nx = x + beta * (x - x_before) - lr * x,
               ny = y + beta * (y - y_before) - lr * condition * y;
        x_before = x;
        y_before = y;
        x = nx;
        y = ny;
        check_close(p->x[i], x, fabs(p->x[0]));
        check_close(p->y[i], y, fabs(p->x[0]));
    }
}

START_TEST(momentum_on_a_quadratic)
{
    struct bench b;
    follow(
        &b,
        "function: {name: quadratic, condition: 80}, steps: 150, optimizers: [{name: sgd, lr: 0.02, momentum: 0.9}, "
        "{name: momentum, lr: 0.02, momentum: 0.9}]",
        1);
    check_heavy_ball(&b.trace.path[0], 0.02, 0.9, 80);
    check_heavy_ball(&b.trace.path[1], 0.02, 0.9, 80);
    tear_down(&b);
}
END_TEST

/* Goh 2017: at the best step size and momentum the error is of the order t r^t, r the root of the
 * momentum. */
START_TEST(the_best_momentum_has_its_rate)
{
    static const double conditions[] = {4, 25, 100};
    for (size_t i = 0; i < COUNT(conditions); i++) {
        struct bench b;
        struct arena a;
        double root = sqrt(conditions[i]), r = (root - 1) / (root + 1);
        arena_init(&a);
        int steps = (int)(log(1e-12) / log(r));
        follow(
            &b,
            arena_printf(&a,
                         "function: {name: quadratic, condition: %.17g}, start: [2, 1], steps: %d, "
                         "optimizers: [{name: sgd, lr: %.17g, momentum: %.17g}]",
                         conditions[i], steps, 4 / ((1 + root) * (1 + root)), r * r),
            1);
        const struct trace_path *p = &b.trace.path[0];
        size_t n = (size_t)steps;
        /* |e_t| = (a + b t) r^t: t taken out, the rate over the second half */
        double e = hypot(p->x[n], p->y[n]) / (double)n,
               half = hypot(p->x[n / 2], p->y[n / 2]) / (double)(n / 2);
        double rate = pow(e / half, 1 / (double)(n - n / 2));
        ck_assert_msg(fabs(rate / r - 1) < 0.02, "condition %g: rate %g, not %g", conditions[i],
                      rate, r);
        tear_down(&b);
        arena_fini(&a);
    }
}
END_TEST

/* Goh 2017: of each curvature c the error goes with the larger root of z^2 - (1 + beta - lr c) z +
 * beta, in size. */
static double root(double lr, double beta, double c)
{
    double b = 1 + beta - lr * c, d = b * b - 4 * beta;
    return d < 0 ? sqrt(beta) : (fabs(b) + sqrt(d)) / 2;
}

START_TEST(rates_are_those_of_theory)
{
    static const char *const optimizer[] = {"{name: sgd, momentum: 0.5}", "momentum"};
    for (size_t k = 0; k < 2; k++) {
        struct bench b;
        struct arena a;
        struct trace_rates r;
        arena_init(&a);
        /* condition 25: lr 1 / 9, momentum 4 / 9, rate 2 / 3 */
        follow(
            &b,
            arena_printf(
                &a,
                "function: {name: quadratic, condition: 25, angle: 20}, start: [-3, 1], steps: 600, optimizers: [%s], "
                "map: {lr: [0.01, 0.03, 0.05, 0.07, 0.09, 0.1111111111111111, 0.13, 0.3], "
                "momentum: [0, 0.2, 0.4444444444444444, 0.6, 0.8, 0.9]}",
                optimizer[k]),
            1);
        trace_measure_rates(&a, &b.trace, 1, &r);
        size_t columns = r.map->lr.n, cells = columns * r.map->momentum.n, diverging = 0;
        for (size_t i = 0; i < cells; i++) {
            double lr = r.map->lr.v[i % columns], beta = r.map->momentum.v[i / columns];
            double wanted = fmax(root(lr, beta, 1), root(lr, beta, 25));
            diverging += wanted > 1;
            if (wanted > 1)
                ck_assert_msg(isnan(r.rate[i]), "lr %g, momentum %g: rate %g, not %g", lr, beta,
                              r.rate[i], wanted);
            else
                ck_assert_msg(fabs(r.rate[i] / wanted - 1) < 0.02,
                              "lr %g, momentum %g: rate %g, not %g", lr, beta, r.rate[i], wanted);
        }
        ck_assert_uint_gt(diverging, 6);
        ck_assert_uint_eq(r.best, 2 * columns + 5);
        ck_assert_uint_eq(r.theory, r.best);
        ck_assert_double_eq_tol(r.theory_rate, 2.0 / 3, 1e-12);
        tear_down(&b);
        arena_fini(&a);
    }
}
END_TEST

START_TEST(no_theory_of_other_optimizers)
{
    struct bench b;
    struct arena a;
    struct trace_rates r;
    arena_init(&a);
    follow(
        &b,
        "function: quadratic, steps: 50, optimizers: [adam], map: {lr: [0.01, 0.1], momentum: [0.9]}",
        1);
    trace_measure_rates(&a, &b.trace, 1, &r);
    ck_assert_uint_eq(r.theory, 2);
    struct strbuf s;
    strbuf_init(&s);
    trace_write_rates(&r, &s);
    ck_assert_int_eq(strncmp(s.text, "lr,momentum,rate\n0.01,0.9,", 26), 0);
    strbuf_fini(&s);
    tear_down(&b);
    arena_fini(&a);
}
END_TEST

/* The best by theory is that of momentum alone, without noise. */
START_TEST(no_theory_of_what_else_moves_the_weights)
{
    static const struct {
        const char *optimizer;
        bool theory;
    } v[] = {{"{name: momentum, momentum_form: lr_inside}", true},
             {"{name: sgd, momentum: 0.5, dampening: 0.5}", false},
             {"{name: sgd, momentum: 0.5, weight_decay: 1}", false},
             {"{name: momentum, weight_decay: 1}", false},
             {"{name: momentum, nesterov: true}", false},
             {"{name: momentum, cautious: true}", false},
             {"{name: momentum, lookahead: {steps: 2}}", false},
             {"momentum], noise: 1, domain: [-1, 1, -1, 1", false}};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct bench b;
        struct arena a;
        struct trace_rates r;
        arena_init(&a);
        follow(&b,
               arena_printf(&a,
                            "function: quadratic, steps: 16, map: {lr: [0.1], momentum: [0.9]}, "
                            "optimizers: [%s]",
                            v[i].optimizer),
               1);
        trace_measure_rates(&a, &b.trace, 1, &r);
        ck_assert_msg((r.theory == 0) == v[i].theory, "%s", v[i].optimizer);
        tear_down(&b);
        arena_fini(&a);
    }
}
END_TEST

START_TEST(a_path_that_has_arrived_has_rate_0)
{
    struct bench b;
    struct arena a;
    struct trace_rates r;
    arena_init(&a);
    follow(&b,
           "function: {name: quadratic, condition: 1}, start: [1, 0], optimizers: [momentum], "
           "map: {lr: [0.5, 0.9, 1.0, 1.5], momentum: [0, 0.5]}",
           1);
    trace_measure_rates(&a, &b.trace, 1, &r);
    ck_assert_uint_eq(r.best, 2);
    ck_assert_uint_eq(r.theory, 2);
    ck_assert_double_eq_tol(r.rate[2], 0, 1e-12);
    ck_assert_double_eq_tol(r.rate[0], 0.5, 1e-3);
    tear_down(&b);
    arena_fini(&a);
}
END_TEST

/* ---- every optimizer ---- */

START_TEST(every_path_begins_at_the_start)
{
    struct bench b;
    struct arena a;
    const struct kind *k = optim_registry.kinds[_i];
    arena_init(&a);
    follow(&b,
           arena_printf(&a, "function: booth, start: [-3, 2.5], steps: 40, optimizers: [%s]",
                        k->example ? k->example : k->name),
           1);
    const struct trace_path *p = &b.trace.path[0];
    ck_assert(p->n == 41 || p->diverged);
    ck_assert_double_eq(p->x[0], -3);
    ck_assert_double_eq(p->y[0], 2.5);
    ck_assert_msg(hypot(p->x[p->n - 1] + 3, p->y[p->n - 1] - 2.5) > 0, "%s does not move",
                  p->label);
    tear_down(&b);
    arena_fini(&a);
}
END_TEST

/* ---- schedules ---- */

START_TEST(a_schedule_moves_lr)
{
    static const char *const interval[] = {"epoch", "step"};
    for (size_t i = 0; i < 2; i++) {
        struct bench b;
        struct arena a;
        arena_init(&a);
        follow(
            &b,
            arena_printf(
                &a,
                "function: {name: quadratic, condition: 1}, start: [1, 0], steps: 20, "
                "optimizers: [{name: sgd, lr: 0.5, scheduler: {name: exponential, k: 0.1, interval: %s}}]",
                interval[i]),
            1);
        const struct trace_path *p = &b.trace.path[0];
        double x = 1;
        for (size_t t = 0; t < p->n; t++) {
            check_close(p->x[t], x, 1);
            x -= 0.5 * exp(-0.1 * (double)t) * x;
        }
        ck_assert_str_eq(p->label, "sgd, lr 0.5; exponential k 0.1");
        tear_down(&b);
        arena_fini(&a);
    }
}
END_TEST

START_TEST(a_plateau_is_observed)
{
    struct bench b;
    /* lr 2 jumps between -1 and 1 for ever, until it is cut */
    follow(
        &b,
        "function: {name: quadratic, condition: 1}, start: [1, 0], steps: 40, optimizers: [{name: sgd, lr: 2, "
        "scheduler: {name: reduce_on_plateau, monitor: last_batch_loss, mode: min, factor: 0.5, patience: 5}}]",
        1);
    const struct trace_path *p = &b.trace.path[0];
    ck_assert_double_eq(p->x[4], 1);
    ck_assert_double_eq(p->x[5], -1);
    ck_assert_double_eq_tol(p->x[40], 0, 1e-6);
    tear_down(&b);
}
END_TEST

/* ---- noise ---- */

START_TEST(noise_is_normal_and_the_same_for_all)
{
    struct bench b;
    double sum = 0, squares = 0, products = 0;
    follow(&b,
           "function: {name: quadratic, condition: 1}, start: [0, 0], steps: 4000, noise: 0.5, "
           "optimizers: [{name: sgd, lr: 0.25}, {name: sgd, lr: 0.125}]",
           7);
    const struct trace_path *p = b.trace.path;
    for (size_t i = 0; i < 4000; i++) {
        double nx = (p->x[i] - p->x[i + 1]) / 0.25 - p->x[i],
               ny = (p->y[i] - p->y[i + 1]) / 0.25 - p->y[i];
        double other = (p[1].x[i] - p[1].x[i + 1]) / 0.125 - p[1].x[i];
        ck_assert_double_eq_tol(nx, other, 1e-5);
        sum += nx + ny;
        squares += nx * nx + ny * ny;
        products += nx * ny;
    }
    /* 8000 draws: four standard errors */
    ck_assert_double_eq_tol(sum / 8000, 0, 4 * 0.5 / sqrt(8000));
    ck_assert_double_eq_tol(squares / 8000, 0.25, 4 * 0.25 * sqrt(2.0 / 8000));
    ck_assert_double_eq_tol(products / 4000, 0, 4 * 0.25 / sqrt(4000));
    struct bench again, another;
    follow(&again,
           "function: {name: quadratic, condition: 1}, start: [0, 0], steps: 10, noise: 0.5, "
           "optimizers: [adam, {name: sgd, lr: 0.25}]",
           7);
    follow(&another,
           "function: {name: quadratic, condition: 1}, start: [0, 0], steps: 10, noise: 0.5, "
           "optimizers: [adam, {name: sgd, lr: 0.25}]",
           8);
    ck_assert_double_eq(again.trace.path[1].x[10], p->x[10]);
    ck_assert_double_ne(another.trace.path[1].x[10], p->x[10]);
    tear_down(&again);
    tear_down(&another);
    tear_down(&b);
}
END_TEST

/* ---- ends ---- */

START_TEST(divergence_ends_a_path)
{
    struct bench b;
    follow(
        &b,
        "function: {name: quadratic, condition: 100}, steps: 500, optimizers: [{name: sgd, lr: 1}, {name: sgd, lr: 0.01}]",
        1);
    const struct trace_path *p = &b.trace.path[0];
    ck_assert(p->diverged && p->n > 1 && p->n < 100);
    ck_assert(!b.trace.path[1].diverged);
    for (size_t i = 0; i < p->n; i++)
        ck_assert(isfinite(p->x[i]) && isfinite(p->y[i]) && isfinite(p->value[i]) &&
                  isfinite(p->grad_norm[i]));
    ck_assert_int_eq(trace_arrival(&b.trace, p, 1e30), -1);
    struct strbuf s;
    strbuf_init(&s);
    trace_write_table(&b.trace, 80, &s);
    ck_assert_ptr_nonnull(strstr(s.text, "diverged at step"));
    strbuf_fini(&s);
    tear_down(&b);
}
END_TEST

START_TEST(distance_and_arrival)
{
    struct bench b;
    follow(&b,
           "function: himmelblau, start: [3, 2.5], steps: 300, optimizers: [{name: sgd, lr: 0.01}]",
           1);
    const struct trace_path *p = &b.trace.path[0];
    ck_assert_double_eq_tol(trace_distance(&b.trace, p, 0), 0.5, 1e-9);
    int64_t at = trace_arrival(&b.trace, p, 0.1);
    ck_assert_int_gt(at, 0);
    ck_assert(trace_distance(&b.trace, p, (size_t)at - 1) > 0.1);
    for (size_t i = (size_t)at; i < p->n; i++)
        ck_assert(trace_distance(&b.trace, p, i) <= 0.1);
    ck_assert_int_eq(trace_arrival(&b.trace, p, 0.5), 0);
    tear_down(&b);
    follow(&b, "function: saddle, steps: 3, optimizers: [sgd]", 1);
    ck_assert(isinf(trace_distance(&b.trace, &b.trace.path[0], 0)));
    ck_assert_int_eq(trace_arrival(&b.trace, &b.trace.path[0], 1), -1);
    tear_down(&b);
}
END_TEST

/* ---- labels, CSV, the resolved spec ---- */

START_TEST(labels_tell_apart)
{
    struct bench b;
    follow(
        &b,
        "optimizers: [adam, adam, {name: sgd, lr: 0.1, momentum: 0.5}, {name: adam, betas: [0.5, 0.9]}], steps: 2",
        1);
    ck_assert_str_eq(b.trace.path[0].label, "adam, lr 0.001");
    ck_assert_str_eq(b.trace.path[1].label, "adam, lr 0.001 (2)");
    ck_assert_str_eq(b.trace.path[2].label, "sgd, lr 0.1, momentum 0.5");
    ck_assert_str_eq(b.trace.path[3].label, "adam, lr 0.001, betas [0.5, 0.9]");
    tear_down(&b);
    follow(
        &b,
        "optimizers: [{name: equations, lr: 0.5, with: {b: 0.9}, state: {m: 0}, update: \"m = b * m + "
        "g\\nw = w - lr * m\"}, {name: equations, update: \"w = w - lr * g\"}], steps: 2",
        1);
    ck_assert_str_eq(b.trace.path[0].label, "equations, lr 0.5, with {b: 0.9}, state {m: 0}");
    ck_assert_str_eq(b.trace.path[1].label, "equations, lr 0.01, update \"w = w - lr * g\"");
    tear_down(&b);
    follow(
        &b,
        "optimizers: [{name: equations, update: \"u = g\\nw = w - lr * u\\n\"}, {name: equations, "
        "update: \"u = 2 * g\\nw = w - lr * u\"}, {name: equations, update: \"u = g\\nw = w - lr * u\"}], "
        "steps: 2",
        1);
    ck_assert_str_eq(b.trace.path[0].label, "equations, lr 0.01: u = g; …");
    ck_assert_str_eq(b.trace.path[1].label, "equations, lr 0.01: u = 2 * g; …");
    ck_assert_str_eq(b.trace.path[2].label, "equations, lr 0.01: u = g; … (2)");
    tear_down(&b);
    follow(
        &b,
        "optimizers: [{name: momentum, lookahead: {steps: 3}}, {name: momentum, cautious: true}, "
        "{name: momentum, groups: [{tensors: [point], lr: 2}]}, "
        "{name: momentum, scheduler: {name: exponential, gamma: 0.5}}, "
        "{name: momentum, scheduler: [{name: exponential, gamma: 0.9, apply_to: momentum}, cosine]}], "
        "steps: 2",
        1);
    static const char *const labels[] = {
        "momentum, lr 0.1, lookahead {steps: 3, alpha: 0.5}", "momentum, lr 0.1, cautious true",
        "momentum, lr 0.1, groups [{tensors: [point], lr: 2, weight_decay: 1}]",
        "momentum, lr 0.1; exponential gamma 0.5",
        "momentum, lr 0.1; exponential gamma 0.9 apply_to momentum, cosine"};
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(b.trace.path[i].label, labels[i]);
    tear_down(&b);
}
END_TEST

START_TEST(csv)
{
    struct bench b;
    struct strbuf s;
    follow(
        &b,
        "function: {name: quadratic, condition: 2}, start: [2, -1], steps: 1, optimizers: [{name: sgd, lr: 0.25}]",
        1);
    strbuf_init(&s);
    trace_write_csv(&b.trace, &s);
    /* f = (4 + 2) / 2, gradient (2, -2); then (1.5, -0.5), f = (2.25 + 0.5) / 2, gradient (1.5,
     * -1) */
    ck_assert_str_eq(
        s.text, "optimizer,step,x,y,value,grad_norm\n\"sgd, lr 0.25\",0,2,-1,3,2.8284271247461903\n"
                "\"sgd, lr 0.25\",1,1.5,-0.5,1.375,1.8027756377319946\n");
    strbuf_fini(&s);
    tear_down(&b);
}
END_TEST

START_TEST(the_resolved_spec_resolves_to_itself)
{
    static const char *const sections[] = {
        "",
        "function: {name: quadratic, condition: 7, angle: 12}, domain: [-1, 1, -2, 2], noise: 0.25",
        "optimizers: {name: momentum, momentum: 0.5}, map: {lr: [0.1, 0.2], momentum: 0.5}",
        "function: ackley, optimizers: {name: adam, scheduler: [{name: cosine}, {name: warmup, over: 5}]}"};
    for (size_t i = 0; i < COUNT(sections); i++) {
        struct bench b;
        struct spec again;
        struct strbuf one, two;
        follow(&b, sections[i], 1);
        strbuf_init(&one);
        strbuf_init(&two);
        spec_write(&b.spec, &one);
        ck_assert_msg(spec_parse_any(&b.arena,
                                     &(struct spec_text){.name = "other.yaml",
                                                         .text = arena_strdup(&b.arena, one.text)},
                                     &b.diags, &again),
                      "%s: %s", one.text, b.diags.item[0].message);
        spec_write(&again, &two);
        ck_assert_str_eq(one.text, two.text);
        ck_assert(!spec_parse(
            &b.arena,
            &(struct spec_text){.name = "other.yaml", .text = arena_strdup(&b.arena, one.text)},
            &b.diags, &again));
        strbuf_fini(&one);
        strbuf_fini(&two);
        tear_down(&b);
    }
}
END_TEST

int main(void)
{
    int optimizers = 0;
    while (optim_registry.kinds[optimizers])
        optimizers++;
    static const TTest *const *const cases[] = {&gradient_descent_on_a_quadratic,
                                                &momentum_on_a_quadratic,
                                                &the_best_momentum_has_its_rate,
                                                &rates_are_those_of_theory,
                                                &no_theory_of_other_optimizers,
                                                &no_theory_of_what_else_moves_the_weights,
                                                &a_path_that_has_arrived_has_rate_0,
                                                &a_schedule_moves_lr,
                                                &a_plateau_is_observed,
                                                &noise_is_normal_and_the_same_for_all,
                                                &divergence_ends_a_path,
                                                &distance_and_arrival,
                                                &labels_tell_apart,
                                                &csv,
                                                &the_resolved_spec_resolves_to_itself};
    Suite *s = suite_create("trace");
    TCase *t = tcase_create("trace");
    for (size_t i = 0; i < COUNT(cases); i++)
        tcase_add_test(t, *cases[i]);
    tcase_add_loop_test(t, every_path_begins_at_the_start, 0, optimizers);
    suite_add_tcase(s, t);
    return check_main(s);
}
