/* Every optimizer along recorded trajectories: reference/NAME.json, which reference.py wrote in
 * double precision from the papers' equations. A case is one set of options; what it records, and
 * its tolerance, is explained there. */
#include "check_main.h"
#include "num/tensor.h"
#include "optim/optim.h"
#include "util/file.h"
#include "util/json.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PADDING = 16, MAX_FILE = 1 << 22 };

enum { MOST_CASES = 1000, MOST_FILES = 100 };

static const struct json *root; /* setting.json */
static const struct json *cases[MOST_CASES];
static size_t case_count;

/* ---- one case ---- */

struct tensor {
    const char *name;
    size_t n, first; /* elements; number of the first one among all tensors' */
    float *initial, *canonical, *w, *g;
};

struct setup {
    const struct json *test;
    const char *options;
    double tolerance;
    struct arena arena;
    struct diags diags;
    struct chosen config;
    size_t count;
    struct tensor *tensor;
    struct optim_tensor *seen;
    struct optim *optim;
};

static int64_t integer(const struct json *j)
{
    int64_t v = 0;
    ck_assert(js_integer(j, &v));
    return v;
}

static double real(const struct json *j)
{
    double v = 0;
    ck_assert(js_real(j, &v));
    return v;
}

static enum tensor_role role_of(const char *name)
{
    static const char *const names[] = {[TENSOR_HIDDEN] = "hidden",
                                        [TENSOR_OUTPUT] = "output",
                                        [TENSOR_BIAS] = "bias",
                                        [TENSOR_NORM] = "norm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return (enum tensor_role)i;
    ck_abort_msg("no role '%s'", name);
}

static void make_tensor(struct setup *s, size_t i, const struct json *from, size_t first)
{
    const struct json *shape = js_get(from, "shape"), *initial = js_get(from, "initial");
    size_t rows = (size_t)integer(js_element(shape, 0)),
           cols = js_size(shape) > 1 ? (size_t)integer(js_element(shape, 1)) : 1;
    struct tensor_shape stored = {
        .rows = rows, .cols = cols, .ld = rows + PADDING - rows % PADDING};
    struct tensor *t = &s->tensor[i];
    *t = (struct tensor){.name = js_string(js_get(from, "name")), .n = rows * cols, .first = first};
    t->initial = mem_array(t->n, sizeof(float));
    t->canonical = mem_array(t->n, sizeof(float));
    t->w = mem_array(tensor_stored(&stored), sizeof(float));
    t->g = mem_array(tensor_stored(&stored), sizeof(float));
    ck_assert_uint_eq(js_size(initial), t->n);
    for (size_t k = 0; k < t->n; k++)
        t->initial[k] = (float)real(js_element(initial, k));
    tensor_unpack(&stored, t->initial, t->w);
    s->seen[i] = (struct optim_tensor){.name = t->name,
                                       .w = t->w,
                                       .g = t->g,
                                       .shape = stored,
                                       .role = role_of(js_string(js_get(from, "role")))};
}

static void parse(struct setup *s)
{
    struct strbuf b;
    if (kind_parse(&s->arena, &optim_registry, s->options, &s->diags, &s->config))
        return;
    strbuf_init(&b);
    diags_write(&s->diags, &b);
    ck_abort_msg("%s: %s", s->options, b.text);
}

static void set_up(struct setup *s, const struct json *test)
{
    const struct json *tensors = js_get(root, "tensors");
    size_t first = 0;
    *s = (struct setup){
        .test = test, .options = js_string(js_get(test, "options")), .count = js_size(tensors)};
    s->tolerance = real(js_get(test, "tolerance"));
    arena_init(&s->arena);
    diags_init(&s->diags, &s->arena);
    parse(s);
    s->tensor = mem_array(s->count, sizeof *s->tensor);
    s->seen = mem_array(s->count, sizeof *s->seen);
    for (size_t i = 0; i < s->count; i++) {
        make_tensor(s, i, js_element(tensors, i), first);
        first += s->tensor[i].n;
    }
    s->optim = optim_new(&s->config, s->seen, s->count);
}

static void tear_down(struct setup *s)
{
    optim_free(s->optim);
    for (size_t i = 0; i < s->count; i++) {
        mem_free(s->tensor[i].initial);
        mem_free(s->tensor[i].canonical);
        mem_free(s->tensor[i].w);
        mem_free(s->tensor[i].g);
    }
    mem_free(s->tensor);
    mem_free(s->seen);
    arena_fini(&s->arena);
}

/* ---- gradients, as reference.py makes them ---- */

/* lowbias32 of Chris Wellons, public domain */
static uint32_t scramble(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352dU;
    x ^= x >> 15;
    x *= 0x846ca68bU;
    return x ^ x >> 16;
}

/* Exact in a float: at most 10 bits, and a power of two. */
static float gradient(size_t element, unsigned t, bool even)
{
    static const int scale[] = {0, 0, 2, 5, 9, 27};
    uint32_t character = scramble((uint32_t)element + 1), noise = scramble(character + t);
    uint32_t kind = (character >> 20) % 24;
    int drift = (int)((character >> 8) % 801) - 400, quarter = (drift + 400) / 4 - 100;
    if (even)
        return ldexpf((float)((int)(noise % 1023) - 511 + quarter), -10);
    if (kind == 0 || (kind == 1 && t < 5) || noise >> 28 == 0)
        return 0;
    return ldexpf((float)((int)(noise % 1023) - 511 + drift), -(10 + scale[character % 6]));
}

static void set_gradients(struct setup *s, unsigned t)
{
    bool even = integer(js_get(s->test, "even")) > 0;
    for (size_t i = 0; i < s->count; i++) {
        struct tensor *x = &s->tensor[i];
        for (size_t k = 0; k < x->n; k++)
            x->canonical[k] = gradient(x->first + k, t, even);
        tensor_unpack(&s->seen[i].shape, x->canonical, x->g);
    }
}

static double factor(const struct setup *s, const char *what, unsigned t)
{
    const struct json *list = js_get(js_get(s->test, "schedule"), what),
                      *starts = js_get(root, "segments");
    size_t segment = 0;
    if (!list)
        return 1;
    while (segment + 1 < js_size(starts) && t >= (unsigned)integer(js_element(starts, segment + 1)))
        segment++;
    return real(js_element(list, segment));
}

/* The base values are the program's own, so that its defaults are under test as well. */
static void update(struct setup *s, unsigned t)
{
    set_gradients(s, t);
    optim_step(s->optim, optim_base_lr(&s->config) * factor(s, "lr", t),
               optim_base_momentum(&s->config) * factor(s, "momentum", t),
               optim_base_decay(&s->config) * factor(s, "decay", t));
}

/* ---- comparing ---- */

/* A list of numbers is [d, v, ...]: v / 10^d. */
static size_t count_of(const struct json *list)
{
    return js_size(list) - 1;
}

static double number(const struct json *list, size_t k)
{
    return real(js_element(list, k + 1)) / pow(10, real(js_element(list, 0)));
}

static double largest(const struct json *list, const float *offset)
{
    double most = 0;
    for (size_t k = 0; k < count_of(list); k++)
        most = fmax(most, fabs(number(list, k) + (offset ? (double)offset[k] : 0)));
    return most;
}

/* What is compared: numbers of one tensor after update t. */
struct comparison {
    const char *what;
    unsigned t;
    const float *got;
    const struct json *list;
    const float *start; /* or NULL */
};

/* What is allowed grows with the displacement (or the state) itself, and with the rounding of the
 * weights: two half units in the last place (2^-24) per update, an average or a decoupled decay
 * being a second rounding, and two more for the initial ones and the reading. `list` holds
 * displacements from `start`, or values where that is NULL. */
static void compare(const struct setup *s, const struct comparison *c, const struct tensor *x)
{
    unsigned t = c->t;
    const float *got = c->got, *start = c->start;
    const struct json *list = c->list;
    double moved = largest(list, NULL), size = start ? largest(list, start) : moved;
    double allowed = s->tolerance * moved + 2 * (t + 1) * 0x1p-24 * size;
    for (size_t k = 0; k < count_of(list); k++) {
        double expected = number(list, k) + (start ? (double)start[k] : 0);
        ck_assert_msg(fabs((double)got[k] - expected) <= allowed,
                      "%s: %s of %s[%zu] after update %u: %.9g, expected %.9g +- %.1e", s->options,
                      c->what, x->name, k, t, (double)got[k], expected, allowed);
    }
}

static void padding_is_zero(const struct setup *s, size_t i, const float *stored, const char *what)
{
    const struct tensor_shape *shape = &s->seen[i].shape;
    for (size_t c = 0; c < shape->cols; c++)
        for (size_t r = shape->rows; r < shape->ld; r++) {
            float v = stored[c * shape->ld + r];
            ck_assert_msg(fpclassify(v) == FP_ZERO, "%s: the padding of %s of %s is %g", s->options,
                          what, s->tensor[i].name, (double)v);
        }
}

static void compare_weights(const struct setup *s, const char *member, size_t record, unsigned t)
{
    bool evaluated = strcmp(member, "evaluated") == 0;
    const struct json *snapshot = js_element(js_get(s->test, member), record);
    for (size_t i = 0; i < s->count; i++) {
        const struct tensor *x = &s->tensor[i];
        const float *stored = evaluated ? optim_evaluated(s->optim, i) : x->w;
        ck_assert_uint_eq(count_of(js_element(snapshot, i)), x->n);
        tensor_pack(&s->seen[i].shape, stored, x->canonical);
        compare(s,
                &(struct comparison){member, t, x->canonical, js_element(snapshot, i), x->initial},
                x);
        padding_is_zero(s, i, stored, member);
    }
}

/* ---- state ---- */

struct wanted {
    struct setup *s;
    unsigned t;
};

static void compare_slot(struct wanted *want, const char *name, size_t i, const struct json *list)
{
    struct setup *s = want->s;
    const struct tensor *x = &s->tensor[i];
    struct optim_state found;
    for (size_t slot = 0; optim_state(s->optim, i, slot, &found); slot++) {
        if (strcmp(found.name, name) != 0)
            continue;
        ck_assert_msg(found.data != NULL, "%s: %s has no %s", s->options, x->name, name);
        ck_assert_uint_eq(count_of(list), found.shape.rows * found.shape.cols);
        if (found.like_weights)
            tensor_pack(&found.shape, found.data, x->canonical);
        const float *got = found.like_weights ? x->canonical : found.data;
        compare(s, &(struct comparison){name, want->t, got, list, NULL}, x);
        return;
    }
    ck_abort_msg("%s: no slot '%s'", s->options, name);
}

/* null: that tensor has no such state */
static bool state_member(void *context, const char *name, const struct json *value)
{
    struct wanted *want = context;
    ck_assert_uint_eq(js_size(value), want->s->count);
    for (size_t i = 0; i < want->s->count; i++)
        if (!js_is_null(js_element(value, i)))
            compare_slot(want, name, i, js_element(value, i));
    return true;
}

static bool scalar_member(void *context, const char *name, const struct json *value)
{
    struct setup *s = ((struct wanted *)context)->s;
    for (size_t i = 0; i < optim_scalar_count(s->optim); i++) {
        const char *found;
        double got = *optim_scalar(s->optim, i, &found), expected = real(value);
        if (strcmp(found, name) != 0)
            continue;
        ck_assert_msg(fabs(got - expected) <= s->tolerance * fabs(expected),
                      "%s: %s is %.12g, expected %.12g", s->options, name, got, expected);
        return true;
    }
    ck_abort_msg("%s: no scalar '%s'", s->options, name);
}

/* SWATS decides at the end of an update and continues as SGD from the next. */
static void check_event(const struct setup *s, unsigned t)
{
    int64_t switched = 0;
    bool switches = js_integer(js_get(s->test, "switched"), &switched);
    uint64_t update = 0;
    const char *event = optim_event(s->optim, &update);
    if (!switches || t < switched)
        ck_assert_msg(!event, "%s: '%s' after update %u", s->options, event, t);
    else if (t > switched)
        ck_assert_msg(event && update == (uint64_t)switched,
                      "%s: by update %u event of %llu, not of %lld", s->options, t,
                      (unsigned long long)update, (long long)switched);
}

START_TEST(trajectory)
{
    const struct json *recorded = js_get(root, "recorded");
    struct setup s;
    set_up(&s, cases[_i]);
    struct wanted want = {.s = &s};
    bool evaluates_other = js_size(js_get(s.test, "evaluated")) > 0;
    ck_assert_msg(optim_evaluates_other(s.optim) == evaluates_other, "%s", s.options);
    for (size_t record = 0; record < js_size(recorded); record++) {
        while (want.t < (unsigned)integer(js_element(recorded, record))) {
            update(&s, ++want.t);
            check_event(&s, want.t);
        }
        compare_weights(&s, "weights", record, want.t);
        if (evaluates_other)
            compare_weights(&s, "evaluated", record, want.t);
    }
    js_each(js_get(s.test, "state"), state_member, &want);
    js_each(js_get(s.test, "scalars"), scalar_member, &want);
    tear_down(&s);
}
END_TEST

/* ---- nothing left out ---- */

static const char *optimizer_of(size_t i)
{
    return js_string(js_get(cases[i], "optimizer"));
}

static bool is_set_for(const char *optimizer, const char *key)
{
    char text[80];
    snprintf(text, sizeof text, " %s: ", key);
    for (size_t i = 0; i < case_count; i++)
        if (strcmp(optimizer_of(i), optimizer) == 0 &&
            strstr(js_string(js_get(cases[i], "options")), text))
            return true;
    return false;
}

static size_t kind_count(void)
{
    size_t n = 0;
    while (optim_registry.kinds[n])
        n++;
    return n;
}

START_TEST(every_key_is_under_test)
{
    const struct kind *k = optim_registry.kinds[_i];
    ck_assert_msg(k->params != NULL && k->params->name != NULL, "%s has no keys", k->name);
    for (const struct param *p = k->params; p->name && !k->example; p++) /* else test_equations.c */
        ck_assert_msg(is_set_for(k->name, p->name), "no case in reference.py sets %s of %s",
                      p->name, k->name);
}
END_TEST

/* A test case per optimizer, of the consecutive cases that name it. */
static Suite *make_suite(void)
{
    Suite *suite = suite_create("optimizers against reference");
    for (size_t i = 0, end; i < case_count; i = end) {
        const char *name = optimizer_of(i);
        TCase *tc = tcase_create(name);
        for (end = i; end < case_count && strcmp(optimizer_of(end), name) == 0; end++)
            continue;
        tcase_add_loop_test(tc, trajectory, (int)i, (int)end);
        suite_add_tcase(suite, tc);
    }
    TCase *tc = tcase_create("registry");
    tcase_add_loop_test(tc, every_key_is_under_test, 0, (int)kind_count());
    suite_add_tcase(suite, tc);
    return suite;
}

/* Each file by its name; its cases are those of that optimizer. */
static struct json *read_file(struct arena *a, const char *folder, const char *name)
{
    struct error err = {0};
    char *text;
    size_t length;
    const char *path = arena_printf(a, "%s/%s", folder, name);
    struct json *j = NULL;
    if (file_read(path, MAX_FILE, &text, &length, &err)) {
        j = js_parse(text, length, &err);
        mem_free(text);
    }
    if (!j)
        fprintf(stderr, "%s: %s\n", path, err.message);
    return j;
}

static bool add_cases(const struct json *list, const char *file)
{
    size_t n = js_size(list), length = strlen(file) - strlen(".json");
    if (case_count + n > MOST_CASES) {
        fprintf(stderr, "more than %d cases\n", MOST_CASES);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const struct json *j = js_element(list, i);
        const char *name = js_string(js_get(j, "optimizer"));
        if (!name || strlen(name) != length || strncmp(name, file, length) != 0) {
            fprintf(stderr, "%s has a case of %s\n", file, name ? name : "nothing");
            return false;
        }
        cases[case_count++] = j;
    }
    return n > 0;
}

int main(int argc, char **argv)
{
    struct json *file[MOST_FILES] = {0};
    struct file_names names;
    struct arena a;
    bool ok = argc == 2;
    int result = EXIT_FAILURE;
    arena_init(&a);
    ok = ok && file_list(&a, argv[1], &names) && names.n <= MOST_FILES;
    if (!ok)
        fprintf(stderr, "usage: test_reference FOLDER\n");
    for (size_t i = 0; ok && i < names.n; i++) {
        file[i] = read_file(&a, argv[1], names.name[i]);
        ok = file[i] != NULL;
        if (ok && strcmp(names.name[i], "setting.json") == 0)
            root = file[i];
        else if (ok)
            ok = add_cases(file[i], names.name[i]);
    }
    if (ok && root)
        result = check_main(make_suite());
    for (size_t i = 0; i < MOST_FILES; i++)
        js_free(file[i]);
    arena_fini(&a);
    return result;
}
