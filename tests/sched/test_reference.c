/* Every schedule against values written down by reference.py, at every t. */
#include "setup.h"
#include "util/json.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ENTRIES = 4, UPDATES_PER_EPOCH = 10 };

static struct json *recorded;

static struct json *load(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct strbuf text;
    struct error err = {0};
    char block[4096];
    strbuf_init(&text);
    for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;)
        strbuf_addf(&text, "%.*s", (int)n, block);
    if (f)
        fclose(f);
    struct json *j = js_parse(text.text, text.length, &err);
    strbuf_fini(&text);
    if (!j)
        fprintf(stderr, "%s: %s\n", path, err.message);
    return j;
}

static double real(const struct json *c, const char *key)
{
    double v = (double)NAN;
    ck_assert_msg(js_real(js_get(c, key), &v), "no '%s'", key);
    return v;
}

static struct sched_base base_of(const struct json *c)
{
    struct sched_base base = plain_base();
    base.lr = real(c, "lr");
    base.momentum = real(c, "momentum");
    if (strcmp(js_string(js_get(c, "interval")), "step") == 0)
        base.steps = (int64_t)real(c, "length");
    else
        base.epochs = (int64_t)real(c, "length");
    return base;
}

/* 1e-12 of the value. Where a curve comes near its lowest value, that is the difference of numbers
 * as large as its highest: there, of the highest, the few units in the last place that they were
 * rounded by. */
static void check_value(const char *name, const char *what, const struct json *want, size_t t,
                        double scale, double got)
{
    double v;
    ck_assert(js_real(js_element(want, t), &v));
    ck_assert_msg(fabs(got - v) <= 1e-12 * fabs(v) + 4 * DBL_EPSILON * scale,
                  "%s: %s at t = %zu is %.17g, not %.17g", name, what, t, got, v);
}

static double largest(const struct json *values)
{
    double most = 0, v;
    for (size_t t = 0; t < js_size(values); t++)
        if (js_real(js_element(values, t), &v))
            most = fmax(most, v);
    return most;
}

static double current; /* the metric to be observed */

static double metric(void *context, const char *name)
{
    (void)context;
    ck_assert_str_eq(name, "valid_loss");
    return current;
}

START_TEST(recorded_values)
{
    const struct json *c = js_element(recorded, (size_t)_i), *spec = js_get(c, "spec"),
                      *values = js_get(c, "values");
    const struct json *momenta = js_get(c, "momenta"), *metrics = js_get(c, "metrics");
    const char *name = js_string(js_get(c, "name")), *text[MAX_ENTRIES];
    bool steps = strcmp(js_string(js_get(c, "interval")), "step") == 0;
    struct setup s;
    struct sched_base base = base_of(c);
    ck_assert_uint_le(js_size(spec), MAX_ENTRIES);
    for (size_t i = 0; i < js_size(spec); i++)
        text[i] = js_string(js_element(spec, i));
    set_up_list(&s, &base, js_size(spec), text);
    ck_assert_uint_gt(js_size(values), 0);
    for (size_t t = 0; t < js_size(values); t++) {
        int64_t i = (int64_t)t;
        struct sched_now now = steps ? sched_settings(s.sched, i / UPDATES_PER_EPOCH, i)
                                     : sched_settings(s.sched, i, i * UPDATES_PER_EPOCH);
        check_value(name, "lr", values, t, largest(values), now.lr);
        if (momenta)
            check_value(name, "momentum", momenta, t, largest(momenta), now.momentum);
        else
            ck_assert_msg(now.momentum == base.momentum, "%s: momentum at t = %zu is %.17g", name,
                          t, now.momentum);
        if (metrics && t < js_size(metrics)) {
            current = (double)NAN;
            js_real(js_element(metrics, t), &current);
            sched_observe(s.sched, metric, NULL);
        }
    }
    tear_down(&s);
}
END_TEST

TCase *reference_cases(const char *path)
{
    TCase *c = tcase_create("reference");
    recorded = load(path);
    if (!recorded)
        exit(EXIT_FAILURE);
    tcase_add_loop_test(c, recorded_values, 0, (int)js_size(recorded));
    return c;
}

void reference_free(void)
{
    js_free(recorded);
}
