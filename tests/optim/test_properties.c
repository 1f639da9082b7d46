/* What every optimizer of the registry must do, and two published problems on which some go
 * wrong. */
#include "check_main.h"
#include "optim/optim.h"
#include "optim/wrappers.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A model's worth of tensors: hidden and output matrices (wide, tall), a bias, a norm's weight. */
enum { TENSORS = 5, STORED = 512, MAX_STATE = 16 };
static const struct {
    enum tensor_role role;
    size_t rows, cols, ld;
} shapes[TENSORS] = {{TENSOR_HIDDEN, 5, 9, 16},
                     {TENSOR_HIDDEN, 11, 4, 16},
                     {TENSOR_NORM, 11, 1, 16},
                     {TENSOR_OUTPUT, 3, 11, 16},
                     {TENSOR_BIAS, 3, 1, 16}};

struct setup {
    struct arena arena;
    struct chosen config;
    struct optim *optim;
    struct optim_tensor tensor[TENSORS];
    float w[TENSORS][STORED], g[TENSORS][STORED];
    double lr, momentum, decay;
};

static float *weight(struct setup *s, size_t t, size_t row, size_t col)
{
    return &s->w[t][col * shapes[t].ld + row];
}

/* Calls f on every weight and its gradient, never on padding. */
static void each(struct setup *s, void (*f)(float *w, float *g, size_t i))
{
    size_t i = 0;
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t c = 0; c < shapes[t].cols; c++)
            for (size_t r = 0; r < shapes[t].rows; r++)
                f(weight(s, t, r, c), &s->g[t][c * shapes[t].ld + r], i++);
}

static void first_weight(float *w, float *g, size_t i)
{
    *w = (float)(0.5 + 0.25 * sin(1.7 * (double)i + 1));
    *g = 0;
}

static void set_up(struct setup *s, const char *text)
{
    struct diags d;
    memset(s, 0, sizeof *s);
    arena_init(&s->arena);
    diags_init(&d, &s->arena);
    if (!kind_parse(&s->arena, &optim_registry, text, &d, &s->config))
        ck_abort_msg("%s does not parse", text);
    each(s, first_weight);
    for (size_t t = 0; t < TENSORS; t++)
        s->tensor[t] = (struct optim_tensor){
            .name = "w",
            .w = s->w[t],
            .g = s->g[t],
            .role = shapes[t].role,
            .shape = {.rows = shapes[t].rows, .cols = shapes[t].cols, .ld = shapes[t].ld}};
    s->optim = optim_new(&s->config, s->tensor, TENSORS);
    s->lr = optim_base_lr(&s->config);
    s->momentum = optim_base_momentum(&s->config);
    s->decay = optim_base_decay(&s->config);
}

static void tear_down(struct setup *s)
{
    optim_free(s->optim);
    arena_fini(&s->arena);
}

static void step(struct setup *s)
{
    optim_step(s->optim, s->lr, s->momentum, s->decay);
}

static const char *name_of(int i)
{
    const struct kind *k = optim_registry.kinds[i];
    return k->example ? k->example : k->name;
}

/* "{name: adam, KEYS}"; of a kind with an example the example with these keys before its own. */
static void add_keys(char *text, size_t size, int i, const char *keys)
{
    const struct kind *k = optim_registry.kinds[i];
    if (k->example)
        snprintf(text, size, "{%s, %s", keys, k->example + 1);
    else
        snprintf(text, size, "{name: %s, %s}", k->name, keys);
}

/* The kind with these keys, as far as it has them: "{name: adam, weight_decay: 0}". */
static const char *with(struct setup *s, char *text, size_t size, int i, const char *key,
                        const char *value)
{
    (void)s;
    if (kind_param(&optim_registry, optim_registry.kinds[i], key)) {
        char pair[64];
        snprintf(pair, sizeof pair, "%s: %s", key, value);
        add_keys(text, size, i, pair);
    } else
        snprintf(text, size, "%s", name_of(i));
    return text;
}

static int kinds(void)
{
    int n = 0;
    while (optim_registry.kinds[n])
        n++;
    return n;
}

/* ---- every optimizer descends a quadratic bowl ---- */

static double curvature(size_t i)
{
    return 0.1 + (double)(i % 7);
}

static void bowl_gradient(float *w, float *g, size_t i)
{
    *g = (float)(curvature(i) * (double)*w);
}

static double bowl(struct setup *s)
{
    double f = 0;
    size_t i = 0;
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t c = 0; c < shapes[t].cols; c++)
            for (size_t r = 0; r < shapes[t].rows; r++, i++) {
                double w = (double)optim_evaluated(s->optim, t)[c * shapes[t].ld + r];
                f += 0.5 * curvature(i) * w * w;
            }
    return f;
}

START_TEST(test_descends)
{
    struct setup s;
    /* of lars, the exempt tensors' rate is lr itself, and 1 is beyond 2 / (largest curvature) */
    set_up(&s, strcmp(name_of(_i), "lars") == 0 ? "{name: lars, lr: 0.1}" : name_of(_i));
    double before = bowl(&s);
    for (int n = 0; n < 500; n++) {
        each(&s, bowl_gradient);
        step(&s);
    }
    ck_assert_msg(bowl(&s) < 0.97 * before, "%s: %g after 500 updates, %g before", name_of(_i),
                  bowl(&s), before);
    tear_down(&s);
}
END_TEST

/* ---- a team's updates are one thread's ---- */

enum { BIG = 4 };

START_TEST(test_team_has_the_same_bits)
{
    static const struct tensor_shape big[BIG] = {
        {300, 304, 304, 0, 0}, {250, 600, 256, 0, 0}, {304, 1, 304, 0, 0}, {250, 1, 256, 0, 0}};
    static const enum tensor_role roles[BIG] = {TENSOR_HIDDEN, TENSOR_OUTPUT, TENSOR_BIAS,
                                                TENSOR_BIAS};
    struct arena arena;
    struct diags d;
    struct chosen config;
    struct error err;
    struct team *team;
    float *w[2][BIG], *g[BIG];
    arena_init(&arena);
    diags_init(&d, &arena);
    ck_assert(kind_parse(&arena, &optim_registry, name_of(_i), &d, &config) &&
              team_new(3, &team, &err));
    for (size_t t = 0; t < BIG; t++)
        g[t] = mem_array(tensor_stored(&big[t]), sizeof(float));
    for (int way = 0; way < 2; way++) {
        struct optim_tensor tensor[BIG];
        for (size_t t = 0; t < BIG; t++) {
            w[way][t] = mem_array(tensor_stored(&big[t]), sizeof(float));
            tensor[t] = (struct optim_tensor){
                .name = "w", .w = w[way][t], .g = g[t], .role = roles[t], .shape = big[t]};
            for (size_t c = 0; c < big[t].cols; c++)
                for (size_t r = 0; r < big[t].rows; r++)
                    w[way][t][c * big[t].ld + r] = (float)sin((double)(c * big[t].ld + r));
        }
        struct optim *o = optim_new(&config, tensor, BIG);
        optim_use_matmul(o, &(struct matmul){.team = way ? team : NULL, .kernel = gemm_best()});
        for (int n = 0; n < 3; n++) {
            for (size_t t = 0; t < BIG; t++)
                for (size_t c = 0; c < big[t].cols; c++)
                    for (size_t r = 0; r < big[t].rows; r++)
                        g[t][c * big[t].ld + r] =
                            0.01f * (float)cos((double)(c + 7 * r + (size_t)n));
            optim_step(o, optim_base_lr(&config), optim_base_momentum(&config),
                       optim_base_decay(&config));
        }
        optim_free(o);
    }
    for (size_t t = 0; t < BIG; t++) {
        ck_assert_msg(memcmp(w[0][t], w[1][t], tensor_stored(&big[t]) * sizeof(float)) == 0,
                      "%s: tensor %zu differs", name_of(_i), t);
        mem_free(w[0][t]);
        mem_free(w[1][t]);
        mem_free(g[t]);
    }
    team_free(team);
    arena_fini(&arena);
}
END_TEST

/* ---- no gradient, no decay: no movement ---- */

START_TEST(test_zero_gradient)
{
    /* what moves without a gradient by its definition, and what switches that off */
    static const char *const still[][2] = {{"asgd", "{name: asgd, lambd: 0}"},
                                           {"yogi", "{name: yogi, initial: 0}"},
                                           {"fromage", "{name: fromage, lr: 0}"}};
    static struct setup s, first;
    char text[512];
    with(&s, text, sizeof text, _i, "weight_decay", "0");
    for (size_t k = 0; k < sizeof still / sizeof *still; k++)
        if (strcmp(name_of(_i), still[k][0]) == 0)
            snprintf(text, sizeof text, "%s", still[k][1]);
    set_up(&s, text);
    first = s;
    for (int n = 0; n < 20; n++)
        step(&s);
    ck_assert_msg(memcmp(s.w, first.w, sizeof s.w) == 0, "%s moves without a gradient", text);
    tear_down(&s);
}
END_TEST

/* ---- tiny weights ---- */

static void no_gradient(float *w, float *g, size_t i)
{
    (void)w, (void)i;
    *g = 0;
}

START_TEST(test_tiny_weights)
{
    static const char *const each_way[] = {"{name: sgd, lr: 0.1}",                  /* by columns */
                                           "{name: adam, lr: 0.1, cautious: true}", /* by tensors */
                                           "{name: asgd, lr: 0.1, lambd: 0}"}; /* all at once */
    for (size_t i = 0; i < sizeof each_way / sizeof *each_way; i++) {
        static struct setup s;
        set_up(&s, each_way[i]);
        s.w[0][0] = 0x1.fffffep-101f;
        s.w[0][1] = -0x1p-100f;
        s.w[0][2] = -1e-45f;
        for (int n = 1; n <= 4; n++) {
            each(&s, no_gradient);
            ck_assert(s.w[0][0] > 0);
            step(&s);
        }
        ck_assert(s.w[0][0] == 0 && s.w[0][1] < 0 && s.w[0][2] == 0);
        tear_down(&s);
    }
    float w[] = {0, -0x1p-90f}, slow[] = {0x1p-100f, -0x1p-90f};
    lookahead_step(0.5, w, slow, 2);
    ck_assert(w[0] == 0 && slow[0] == 0 && w[1] < 0 && slow[1] == w[1]);
}
END_TEST

/* Under a penalty no update leaves a tiny weight: one that faded to 0 is not made again by what is
 * left of its momentum. */
START_TEST(test_tiny_weights_under_a_penalty)
{
    static const char *const each_way[] = {
        "{name: sgd, lr: 0.1, momentum: 0.9, weight_decay: 0.1}",
        "{name: adam, lr: 0.1, eps: 1, weight_decay: 0.1, cautious: true}",
        "{name: asgd, lr: 0.1, lambd: 0, weight_decay: 0.1}"};
    for (size_t i = 0; i < sizeof each_way / sizeof *each_way; i++) {
        static struct setup s;
        set_up(&s, each_way[i]);
        for (int n = 1; n <= 3; n++) {
            s.w[0][0] = 0x1p-101f;
            each(&s, no_gradient);
            step(&s);
            ck_assert_msg(s.w[0][0] == 0, "%s, update %d: %g", each_way[i], n, (double)s.w[0][0]);
        }
        tear_down(&s);
    }
}
END_TEST

/* Without a gradient a momentum ends at 0, not at the least number that its factor rounds up to; a
 * mean of squares stays. */
START_TEST(test_momentum_fades)
{
    static const struct {
        const char *text;
        bool fades[2];
    } cases[] = {{"{name: momentum, lr: 0.1}", {true}},
                 {"{name: adam, lr: 0.1}", {true, false}},
                 {"{name: ademamix, lr: 0.1}", {true, true}},
                 {"{name: lion, lr: 0.1}", {false}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct setup s;
        struct optim_state state;
        set_up(&s, cases[i].text);
        for (size_t k = 0; k < 2 && optim_state(s.optim, 0, k, &state); k++)
            state.data[0] = 0x1p-140f;
        each(&s, no_gradient);
        for (int n = 1; n <= 4; n++)
            step(&s);
        for (size_t k = 0; k < 2 && optim_state(s.optim, 0, k, &state); k++)
            ck_assert_msg((state.data[0] == 0) == cases[i].fades[k], "%s, slot %zu: %g",
                          cases[i].text, k, (double)state.data[0]);
        tear_down(&s);
    }
}
END_TEST

/* ---- extreme gradients stay finite ---- */

static float extreme;
static void extreme_gradient(float *w, float *g, size_t i)
{
    (void)w;
    *g = i % 3 == 0 ? -extreme : extreme;
}

START_TEST(test_extremes)
{
    static const float sizes[] = {0, 1e-30f, 1e-8f, 1e15f};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        static struct setup s;
        set_up(&s, name_of(_i));
        extreme = sizes[k];
        for (int n = 0; n < 30; n++) {
            each(&s, extreme_gradient);
            step(&s);
        }
        for (size_t t = 0; t < TENSORS; t++)
            for (size_t i = 0; i < STORED; i++) {
                ck_assert_msg(isfinite(s.w[t][i]), "%s: gradient %g leaves a weight not finite",
                              name_of(_i), (double)sizes[k]);
                ck_assert(i >= shapes[t].cols * shapes[t].ld ||
                          isfinite(optim_evaluated(s.optim, t)[i]));
            }
        tear_down(&s);
    }
}
END_TEST

/* ---- padding stays zero, in the weights and in what is evaluated ---- */

START_TEST(test_padding)
{
    static struct setup s;
    set_up(&s, name_of(_i));
    for (int n = 0; n < 30; n++) {
        each(&s, bowl_gradient);
        step(&s);
    }
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t c = 0; c < shapes[t].cols; c++)
            for (size_t r = shapes[t].rows; r < shapes[t].ld; r++) {
                ck_assert_msg(memcmp(weight(&s, t, r, c), &(float){0}, sizeof(float)) == 0 ||
                                  fabsf(*weight(&s, t, r, c)) <= 0,
                              "%s writes into the padding", name_of(_i));
                ck_assert(fabsf(optim_evaluated(s.optim, t)[c * shapes[t].ld + r]) <= 0);
            }
    tear_down(&s);
}
END_TEST

/* ---- 15 + 15 updates through the saved state are 30, bit for bit ---- */

static void copy_state(struct optim *from, struct optim *to, double last_lr)
{
    const char *name;
    struct optim_state a, b;
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t k = 0; optim_state(from, t, k, &a); k++) {
            optim_state(to, t, k, &b);
            if (a.data)
                memcpy(b.data, a.data, tensor_stored(&a.shape) * sizeof(float));
        }
    for (size_t k = 0; k < optim_scalar_count(from); k++)
        *optim_scalar(to, k, &name) = *optim_scalar(from, k, &name);
    optim_set_updates(to, optim_updates(from), last_lr);
}

static void train_some(struct setup *s, int from, int to)
{
    for (int n = from; n < to; n++) {
        each(s, bowl_gradient);
        s->g[0][n % 5] += 0.3f; /* no two updates alike */
        step(s);
    }
}

static void check_resume(const char *text)
{
    static struct setup whole, half, rest;
    set_up(&whole, text);
    set_up(&half, text);
    set_up(&rest, text);
    train_some(&whole, 0, 15);
    train_some(&half, 0, 15);
    memcpy(rest.w, half.w, sizeof rest.w);
    copy_state(half.optim, rest.optim, half.lr);
    whole.lr = rest.lr = 0.3 * half.lr;
    train_some(&whole, 15, 30);
    train_some(&rest, 15, 30);
    ck_assert_msg(memcmp(rest.w, whole.w, sizeof rest.w) == 0, "%s: 15 + 15 updates are not 30",
                  text);
    for (size_t t = 0; t < TENSORS; t++)
        ck_assert(memcmp(optim_evaluated(rest.optim, t), optim_evaluated(whole.optim, t),
                         shapes[t].cols * shapes[t].ld * sizeof(float)) == 0);
    tear_down(&whole);
    tear_down(&half);
    tear_down(&rest);
}

START_TEST(test_resume)
{
    check_resume(name_of(_i));
}
END_TEST

/* Every switch of every kind, one at a time. */
START_TEST(test_resume_with_switches)
{
    char text[512];
    for (const struct param *p = optim_registry.kinds[_i]->params; p->name; p++)
        if (p->type == PARAM_BOOL &&
            !(strcmp(p->name, "nesterov") == 0 && strcmp(name_of(_i), "sgd") == 0)) {
            snprintf(text, sizeof text, "{name: %s, %s: %s}", name_of(_i), p->name,
                     strcmp(p->fallback, "true") == 0 ? "false" : "true");
            check_resume(text);
        }
}
END_TEST

START_TEST(test_resume_of_averages_and_switches)
{
    static const char *const texts[] = {
        "{name: asgd, t0: 10}", "{name: swats, rtol: 1e6}",
        "{name: asgd, lambd: 0.1, groups: [{tensors: ['*'], lr: 20}]}",
        "{name: rmsprop, momentum: 0.9, centered: true}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_resume(texts[i]);
}
END_TEST

/* ---- the keys of all ---- */

/* Whether the kind takes these keys; the message where it does not. */
static bool takes(const char *text, char *ret_message, size_t size)
{
    struct arena arena;
    struct diags d;
    struct chosen config;
    struct strbuf b;
    arena_init(&arena);
    diags_init(&d, &arena);
    strbuf_init(&b);
    bool ok = kind_parse(&arena, &optim_registry, text, &d, &config);
    diags_write(&d, &b);
    snprintf(ret_message, size, "%s", ok ? "" : b.text);
    strbuf_fini(&b);
    arena_fini(&arena);
    return ok;
}

START_TEST(test_lookahead)
{
    const struct optim_kind *k = (const struct optim_kind *)optim_registry.kinds[_i];
    char text[512], message[1024];
    add_keys(text, sizeof text, _i, "lookahead: {steps: 4, alpha: 0.7}");
    if (takes(text, message, sizeof message)) {
        ck_assert_msg(!k->evaluate_slot, "%s", text);
        check_resume(text);
    } else {
        ck_assert_msg(k->evaluate_slot && strstr(message, "leave out lookahead"), "%s: %s", text,
                      message);
    }
}
END_TEST

START_TEST(test_cautious)
{
    const struct optim_kind *k = (const struct optim_kind *)optim_registry.kinds[_i];
    const struct param *momentum =
        kind_param_of_role(&optim_registry, &k->base, PARAM_ROLE_MOMENTUM);
    char text[512], message[1024], keys[64];
    bool number = momentum && momentum->type == PARAM_REAL;
    snprintf(keys, sizeof keys, "cautious: true%s%s%s", number ? ", " : "",
             number ? momentum->name : "", number ? ": 0.8" : "");
    if (k->base.example) /* which may set that itself */
        snprintf(keys, sizeof keys, "cautious: true");
    add_keys(text, sizeof text, _i, keys);
    bool never = k->cautious == CAUTIOUS_NEVER;
    ck_assert_msg(takes(text, message, sizeof message) == !never, "%s: %s", text, message);
    if (never)
        ck_assert_msg(
            strstr(message, momentum ? "its own is one of weights" : "it has no momentum") != NULL,
            "%s: %s", text, message);
    else
        check_resume(text);
    if (!never && number && !k->base.example) {
        snprintf(text, sizeof text, "{name: %s, cautious: true, %s: 0}", k->base.name,
                 momentum->name);
        ck_assert_msg(!takes(text, message, sizeof message), "%s", text);
    }
}
END_TEST

/* Heavy ball as equations, once more in double. Their decay is the equations' own: u is the whole
 * change, g the gradient as it comes. */
struct heavy_ball {
    double w[64], m[64];
    size_t n;
};

static size_t place_of(size_t i)
{
    return i / shapes[0].rows * shapes[0].ld + i % shapes[0].rows;
}

static void cautious_heavy_ball(struct heavy_ball *x, const float *gradient)
{
    double u[64];
    size_t moving = 0;
    for (size_t i = 0; i < x->n; i++) {
        double g = (double)gradient[place_of(i)];
        x->m[i] = 0.8 * x->m[i] + g;
        u[i] = 0.1 * (x->m[i] + 0.1 * x->w[i]);
        u[i] = u[i] * g > 0 ? u[i] : 0;
        moving += u[i] * g > 0;
    }
    for (size_t i = 0; i < x->n; i++)
        x->w[i] -= u[i] * (double)x->n / (double)(moving + 1);
}

START_TEST(test_cautious_equations)
{
    static struct setup s;
    struct heavy_ball x = {.n = shapes[0].rows * shapes[0].cols};
    set_up(
        &s,
        "{name: equations, lr: 0.1, momentum: 0.8, weight_decay: 0.1, state: {m: 0}, cautious: true, "
        "update: \"m = momentum * m + g\\nw = w - lr * (m + weight_decay * w)\"}");
    for (size_t i = 0; i < x.n; i++)
        x.w[i] = (double)s.w[0][place_of(i)];
    for (int t = 1; t <= 10; t++) {
        each(&s, bowl_gradient);
        for (size_t i = 0; i < x.n; i++)
            s.g[0][place_of(i)] = (float)sin(0.7 * (double)i + 1.9 * t);
        cautious_heavy_ball(&x, s.g[0]);
        step(&s);
        for (size_t i = 0; i < x.n; i++)
            ck_assert_msg(fabs((double)s.w[0][place_of(i)] - x.w[i]) < 5e-6,
                          "update %d, %zu: %g, not %g", t, i, (double)s.w[0][place_of(i)], x.w[i]);
    }
    tear_down(&s);
}
END_TEST

START_TEST(test_cautious_equations_without_state)
{
    char message[1024];
    ck_assert(!takes("{name: equations, update: \"w = w - lr * g\", cautious: true}", message,
                     sizeof message));
    ck_assert_msg(strstr(message, "keep one under 'state'") != NULL, "%s", message);
}
END_TEST

/* ---- decay_exempt and the documentation ---- */

START_TEST(test_exempt)
{
    static struct setup s, first;
    char text[512], keys[128];
    const struct param *p =
        kind_param_of_role(&optim_registry, optim_registry.kinds[_i], PARAM_ROLE_EXEMPT);
    if (!p)
        return;
    snprintf(keys, sizeof keys, "weight_decay: 0.5, %s: [bias, norm]", p->name);
    add_keys(text, sizeof text, _i, keys);
    set_up(&s, text);
    first = s;
    for (int n = 0; n < 5; n++)
        step(&s);
    /* two move of themselves, and two wait for their first gradient */
    bool moves = strcmp(name_of(_i), "asgd") == 0 || strcmp(name_of(_i), "yogi") == 0 ||
                 strcmp(name_of(_i), "prodigy") == 0 || strcmp(name_of(_i), "dadapt_sgd") == 0;
    for (size_t t = 0; t < TENSORS; t++) {
        bool exempt = shapes[t].role == TENSOR_NORM || shapes[t].role == TENSOR_BIAS;
        bool same = memcmp(s.w[t], first.w[t], sizeof s.w[t]) == 0;
        ck_assert_msg(moves || same == exempt, "%s: tensor %zu %s", text, t,
                      same ? "does not decay" : "decays");
    }
    tear_down(&s);
}
END_TEST

START_TEST(test_documented)
{
    const struct kind *k = optim_registry.kinds[_i];
    ck_assert_msg(k->title && k->equation && k->source && k->note,
                  "%s lacks title, equation, source or note", k->name);
    ck_assert_msg(kind_param_of_role(&optim_registry, k, PARAM_ROLE_LR), "%s has no learning rate",
                  k->name);
    for (const struct param *p = k->params; p->name; p++)
        ck_assert_msg(p->help && (p->fallback || k->example), "%s: %s lacks help or default",
                      k->name, p->name);
}
END_TEST

/* What the published problems below come to goes to stderr: scripts/reproduce shows it beside
 * theory. */

/* ---- AMSGrad's counter-example (Reddi et al. 2018, section 3) ---- */

/* f_t = C x where t = 1 (mod 3), else -x, on [-1, 1]; lr / sqrt(t), beta1 0, beta2 1 / (1 + C^2),
 * no bias correction. Returns where x ends after n updates from `x`. */
static float counter_example(bool amsgrad, double C, double lr, float x, int n)
{
    struct arena a;
    struct diags d;
    struct chosen config;
    char text[256];
    float w[16] = {x}, g[16] = {0};
    arena_init(&a);
    diags_init(&d, &a);
    snprintf(text, sizeof text,
             "{name: adam, lr: %.17g, betas: [0, %.17g], bias_correction: false, amsgrad: %s}", lr,
             1 / (1 + C * C), amsgrad ? "true" : "false");
    ck_assert_msg(kind_parse(&a, &optim_registry, text, &d, &config), "%s", text);
    struct optim_tensor t = {
        .name = "x", .w = w, .g = g, .shape = {1, 1, 16, 0, 0}, .role = TENSOR_BIAS};
    struct optim *o = optim_new(&config, &t, 1);
    for (int i = 1; i <= n; i++) {
        g[0] = i % 3 == 1 ? (float)C : -1;
        optim_step(o, lr / sqrt(i), 0, 0);
        w[0] = w[0] > 1 ? 1 : w[0] < -1 ? -1 : w[0];
    }
    optim_free(o);
    arena_fini(&a);
    return w[0];
}

START_TEST(test_amsgrad_counter_example)
{
    static const double Cs[] = {3, 4, 10};
    for (size_t i = 0; i < 3; i++) {
        float adam = counter_example(false, Cs[i], 0.5, 0, 30000),
              amsgrad = counter_example(true, Cs[i], 0.5, 0, 30000);
        fprintf(stderr, "measured: amsgrad C=%g adam %.6f amsgrad %.6f\n", Cs[i], (double)adam,
                (double)amsgrad);
        ck_assert_msg(adam > 0.95f, "Adam ends at %g with C = %g, not at the worst point 1",
                      (double)adam, Cs[i]);
        ck_assert_msg(amsgrad < -0.95f, "AMSGrad ends at %g with C = %g, not at the best point -1",
                      (double)amsgrad, Cs[i]);
    }
    float after = counter_example(true, 3, 0.5, 1, 250);
    fprintf(stderr, "measured: amsgrad-from-1 C=3 updates 250 amsgrad %.6f\n", (double)after);
    ck_assert_msg(after < -0.95f, "AMSGrad is not at -1 from +1 within 250 updates");
}
END_TEST

/* ---- the separable problem of Wilson et al. 2017, section 3.3 ---- */

enum { EXAMPLES = 40, POSITIVE = 24, FEATURES = 3 + 5 * EXAMPLES };

static float wilson_label(int i)
{
    return i < POSITIVE ? 1 : -1;
}

/* x_1 is the label, x_2 = x_3 = 1, and each example has features of its own: one if positive, five
 * if negative. */
static float wilson_feature(int i, int j)
{
    if (j == 0)
        return wilson_label(i);
    if (j < 3)
        return 1;
    int own = j - 3 - 5 * i;
    return own >= 0 && own <= (wilson_label(i) > 0 ? 0 : 4) ? 1 : 0;
}

/* Least squares from 0 on all examples; how many of two new ones (one a class) it gets right. */
static int wilson(const char *text, int updates)
{
    struct arena a;
    struct diags d;
    struct chosen config;
    static float w[FEATURES + 13], g[FEATURES + 13]; /* a multiple of 16 */
    memset(w, 0, sizeof w);
    memset(g, 0, sizeof g);
    arena_init(&a);
    diags_init(&d, &a);
    ck_assert_msg(kind_parse(&a, &optim_registry, text, &d, &config), "%s", text);
    struct optim_tensor t = {.name = "w",
                             .w = w,
                             .g = g,
                             .shape = {FEATURES, 1, FEATURES + 13, 0, 0},
                             .role = TENSOR_BIAS};
    struct optim *o = optim_new(&config, &t, 1);
    double worst = 0;
    for (int n = 0; n < updates; n++) {
        memset(g, 0, sizeof g);
        worst = 0;
        for (int i = 0; i < EXAMPLES; i++) {
            float residual = -wilson_label(i);
            for (int j = 0; j < FEATURES; j++)
                residual += wilson_feature(i, j) * w[j];
            worst = fmax(worst, (double)fabsf(residual));
            for (int j = 0; j < FEATURES; j++)
                g[j] += residual * wilson_feature(i, j) / EXAMPLES;
        }
        double decayed = optim_base_lr(&config) / (1 + 0.01 * n);
        optim_step(o, strstr(text, "sgd") ? optim_base_lr(&config) : decayed,
                   optim_base_momentum(&config), optim_base_decay(&config));
    }
    ck_assert_msg(worst < 0.2, "%s does not fit the training set: residual %g", text, worst);
    /* new examples: their own features were never seen */
    int right = (w[0] + w[1] + w[2] > 0) + (-w[0] + w[1] + w[2] < 0);
    fprintf(stderr, "measured: wilson %s right %d of 2 residual %.3g\n", config.kind->name, right,
            worst);
    optim_free(o);
    arena_fini(&a);
    return right;
}

START_TEST(test_wilson)
{
    ck_assert_int_eq(wilson("{name: sgd, lr: 0.2}", 20000), 2);
    ck_assert_int_eq(wilson("{name: momentum, lr: 0.05}", 10000), 2);
    ck_assert_int_eq(wilson("{name: adam, lr: 0.01}", 3000), 1);
    ck_assert_int_eq(wilson("{name: adagrad, lr: 0.05}", 3000), 1);
    ck_assert_int_eq(wilson("{name: rmsprop, lr: 0.01}", 3000), 1);
}
END_TEST

/* asgd's step size is computed another way. */
static float tolerance_of(const struct kind *k)
{
    return strcmp(k->name, "asgd") == 0 ? 1e-6f : 0;
}

/* Kinds with one number for all tensors, on which each tensor's path depends: by their papers'
 * equations a sum over all weights. dog's r and G and dowg's R and V are norms over all of them;
 * prodigy's and D-Adaptation's d is a ratio of sums over all. So what a factor does to one tensor
 * changes the others' path too. (swats' ratio is taken of the steps before their factors.) */
static bool looks_around(const struct kind *k)
{
    static const char *const names[] = {"prodigy", "dadapt_adam", "dadapt_sgd", "dog", "dowg"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(k->name, names[i]) == 0)
            return true;
    return false;
}

/* With a factor of 0 for two tensors: they keep their bits, evaluated ones too, and others move. */
static void stand_still(const char *text)
{
    static struct setup s, first;
    set_up(&s, text);
    s.tensor[1].name = s.tensor[3].name = "g.weight";
    optim_free(s.optim);
    s.optim = optim_new(&s.config, s.tensor, TENSORS);
    first = s;
    for (int n = 0; n < 20; n++) {
        each(&s, bowl_gradient);
        step(&s);
    }
    size_t others = 0;
    for (size_t t = 0; t < TENSORS; t++) {
        size_t bytes = shapes[t].cols * shapes[t].ld * sizeof(float);
        bool moved = memcmp(s.w[t], first.w[t], bytes) != 0;
        if (t == 1 || t == 3)
            ck_assert_msg(!moved && !memcmp(optim_evaluated(s.optim, t), first.w[t], bytes),
                          "%s: tensor %zu moved", text, t);
        else
            others += moved;
    }
    ck_assert_msg(others > 0, "%s: nothing moved", text);
    tear_down(&s);
}

/* Of a key that the kind has as a number: ", KEY: VALUE"; of others "". */
static const char *more_of(const struct kind *k, const char *key, const char *pair)
{
    const struct param *p = kind_param(&optim_registry, k, key);
    return p && p->type == PARAM_REAL ? pair : "";
}

START_TEST(test_groups_that_stand_still)
{
    static const char groups[] = "groups: [{tensors: ['g*'], lr: 0}]";
    const struct kind *k = optim_registry.kinds[_i];
    char text[1024], keys[256];
    add_keys(text, sizeof text, _i, groups);
    stand_still(text);
    if (k->example)
        return;
    snprintf(keys, sizeof keys, "%s%s%s", groups, more_of(k, "momentum", ", momentum: 0.9"),
             more_of(k, "weight_decay", ", weight_decay: 0.01"));
    add_keys(text, sizeof text, _i, keys);
    stand_still(text);
    snprintf(keys, sizeof keys, "%s%s", groups, more_of(k, "lr_1d", ", lr: 0"));
    add_keys(text, sizeof text, _i, keys);
    stand_still(text);
}
END_TEST

struct three {
    struct setup grouped, scaled, plain; /* tensors 1 and 3 in a group; its lr and decay; without */
};

static bool is_swats(const struct kind *k)
{
    return strcmp(k->name, "swats") == 0;
}

static void set_up_three(struct three *x, const struct kind *k, int kind, bool decays)
{
    static const char keys[] = "groups: [{tensors: ['g*'], lr: 0.5, weight_decay: 4}]";
    static const char rates[] = "groups: [{tensors: ['g*'], lr: 0.5}]";
    const char *more = is_swats(k)             ? ", rtol: 0.5" /* becomes SGD early */
                       : decays && !k->example ? ", weight_decay: 0.01"
                                               : "";
    char text[1024], own[512];
    snprintf(own, sizeof own, "%s%s", decays ? keys : rates, more);
    add_keys(text, sizeof text, kind, own);
    set_up(&x->grouped, text);
    add_keys(text, sizeof text, kind, more[0] ? more + 2 : "groups: []");
    set_up(&x->plain, text);
    set_up(&x->scaled, text);
    x->grouped.tensor[1].name = x->grouped.tensor[3].name = "g.weight";
    optim_free(x->grouped.optim);
    x->grouped.optim = optim_new(&x->grouped.config, x->grouped.tensor, TENSORS);
    x->scaled.lr *= 0.5;
    x->scaled.decay *= 4;
}

static void step_three(struct three *x)
{
    each(&x->grouped, bowl_gradient);
    for (size_t t = 0; t < TENSORS; t++) {
        memcpy(x->plain.g[t], x->grouped.g[t], sizeof x->plain.g[t]);
        memcpy(x->scaled.g[t], x->grouped.g[t], sizeof x->scaled.g[t]);
    }
    step(&x->grouped);
    step(&x->plain);
    step(&x->scaled);
}

/* The tensor of which the grouped run has other weights than it should, or TENSORS. */
static size_t parted(const struct three *x, float tolerance)
{
    for (size_t t = 0; t < TENSORS; t++) {
        const float *want = t == 1 || t == 3 ? x->scaled.w[t] : x->plain.w[t];
        for (size_t i = 0; i < shapes[t].cols * shapes[t].ld; i++)
            if (!(fabsf(x->grouped.w[t][i] - want[i]) <= tolerance * fabsf(want[i])))
                return t;
    }
    return TENSORS;
}

/* Two tensors of a group have the bits of a run with that lr and decay, the others those of a run
 * without groups. Where tensors look at one another this holds as long as the number that they
 * share has not learned of the factors: in the first update exactly, and not for ever. Decay is in
 * the gradients of which such numbers are sums, and so left out there. */
START_TEST(test_groups)
{
    static struct three x;
    const struct kind *k = optim_registry.kinds[_i];
    bool shared = looks_around(k), sums = shared || is_swats(k);
    bool decays = !sums && kind_param_of_role(&optim_registry, k, PARAM_ROLE_DECAY) != NULL;
    size_t apart = TENSORS;
    set_up_three(&x, k, _i, decays);
    for (int n = 0; n < (shared ? 400 : 20) && apart == TENSORS; n++) {
        step_three(&x);
        size_t t = parted(&x, tolerance_of(k));
        ck_assert_msg(t == TENSORS || (shared && n > 0), "%s: tensor %zu in update %d", k->name, t,
                      n + 1);
        apart = t;
    }
    ck_assert_msg((apart != TENSORS) == shared, "%s: its tensors %s one another", k->name,
                  shared ? "do not look at" : "look at");
    ck_assert(memcmp(x.grouped.w[3], x.plain.w[3], sizeof x.plain.w[3]) != 0);
    tear_down(&x.grouped);
    tear_down(&x.plain);
    tear_down(&x.scaled);
}
END_TEST

/* A tensor of factor 0 stands still, and the others do as if it had no gradient. */
static void stands_still(const char *name)
{
    static struct setup grouped, plain;
    char text[256];
    snprintf(text, sizeof text, "{name: %s, groups: [{tensors: [output], lr: 0}]}", name);
    set_up(&grouped, text);
    set_up(&plain, name);
    float start[STORED];
    memcpy(start, grouped.w[3], sizeof start);
    for (int i = 0; i < 20; i++) {
        each(&grouped, bowl_gradient);
        for (size_t t = 0; t < TENSORS; t++)
            memcpy(plain.g[t], grouped.g[t], sizeof plain.g[t]);
        memset(plain.g[3], 0, sizeof plain.g[3]);
        step(&grouped);
        step(&plain);
    }
    ck_assert_msg(memcmp(start, grouped.w[3], sizeof start) == 0, "%s moves what lr 0 holds", name);
    for (size_t t = 0; t < TENSORS; t++)
        ck_assert_msg(t == 3 || memcmp(plain.w[t], grouped.w[t], sizeof plain.w[t]) == 0,
                      "%s: tensor %zu follows one that stands still", name, t);
    tear_down(&grouped);
    tear_down(&plain);
}

START_TEST(test_factor_zero)
{
    stands_still("prodigy");
    stands_still("swats");
    stands_still("adam");
}
END_TEST

/* Roles, names with '*', the first entry that matches; what matches nothing is refused. */
START_TEST(test_which_group)
{
    static const struct {
        const char *word, *name, *layer;
        enum tensor_role role;
        bool matches;
    } v[] = {
        {"weight", "1.weight", "linear", TENSOR_HIDDEN, true},
        {"weight", "9.weight", "linear", TENSOR_OUTPUT, true},
        {"weight", "2.weight", "batch_norm", TENSOR_NORM, false},
        {"bias", "1.bias", "linear", TENSOR_BIAS, true},
        {"bias", "2.bias", "batch_norm", TENSOR_NORM, false},
        {"norm", "2.bias", "batch_norm", TENSOR_NORM, true},
        {"output", "9.weight", "linear", TENSOR_OUTPUT, true},
        {"output", "9.bias", "linear", TENSOR_BIAS, false},
        {"conv", "0.bias", "conv", TENSOR_BIAS, true},
        {"conv", "3.layers.0.weight", "conv", TENSOR_HIDDEN, true},
        {"linear", "0.bias", "conv", TENSOR_BIAS, false},
        {"linear", "9.bias", "linear", TENSOR_BIAS, true},
        {"batch_norm", "2.bias", "batch_norm", TENSOR_NORM, true},
        {"batch_norm", "1.bias", "linear", TENSOR_BIAS, false},
        {"'3.*'", "3.layers.0.weight", "conv", TENSOR_HIDDEN, true},
        {"'3.*'", "30.weight", "conv", TENSOR_HIDDEN, false},
        {"'*.0.*'", "3.layers.0.weight", "conv", TENSOR_HIDDEN, true},
        {"'*ight'", "3.layers.0.weight", "conv", TENSOR_HIDDEN, true},
        {"'*igh'", "3.layers.0.weight", "conv", TENSOR_HIDDEN, false},
        {"'*'", "1.bias", "linear", TENSOR_BIAS, true},
        {"'1.bias'", "1.bias", "linear", TENSOR_BIAS, true},
        {"'1.bias'", "11.bias", "linear", TENSOR_BIAS, false},
    };
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a);
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        char text[160];
        struct chosen config;
        struct error err = {0};
        struct optim_tensor t = {.name = v[i].name, .role = v[i].role, .layer = v[i].layer};
        snprintf(text, sizeof text,
                 "{name: adam, groups: [{tensors: [%s], lr: 3}, {tensors: '*', lr: 7}]}",
                 v[i].word);
        ck_assert(kind_parse(&a, &optim_registry, text, &d, &config));
        const struct optim_group *g = optim_find_group(&config, &t);
        ck_assert_msg(g && (g->lr < 5) == v[i].matches, "%s and %s", v[i].word, v[i].name);
        ck_assert(!optim_check_groups(&config, &t, 1, &err)); /* one of the two has no tensor */
        ck_assert_str_eq(err.key, v[i].matches ? "optimizer.groups.1.tensors"
                                               : "optimizer.groups.0.tensors");
        snprintf(text, sizeof text, "{name: adam, groups: [{tensors: [%s], lr: 3}]}", v[i].word);
        ck_assert(kind_parse(&a, &optim_registry, text, &d, &config));
        ck_assert_int_eq(optim_check_groups(&config, &t, 1, &err), v[i].matches);
    }
    arena_fini(&a);
}
END_TEST

/* A factor of a decay that the kind does not have would do nothing. */
START_TEST(test_group_of_a_kind_without_decay)
{
    struct arena a;
    struct diags d;
    struct chosen config;
    struct error err = {0};
    struct optim_tensor t = {.name = "1.bias", .role = TENSOR_BIAS};
    arena_init(&a);
    diags_init(&d, &a);
    ck_assert(kind_parse(&a, &optim_registry,
                         "{name: rprop, groups: [{tensors: bias, weight_decay: 0}]}", &d, &config));
    ck_assert(!optim_check_groups(&config, &t, 1, &err));
    ck_assert_str_eq(err.key, "optimizer.groups.0.weight_decay");
    arena_fini(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("optimizers");
    const struct {
        const char *name;
        const TTest *test;
    } of_each[] = {{"descends a quadratic", test_descends},
                   {"a team has the same bits", test_team_has_the_same_bits},
                   {"zero gradient moves nothing", test_zero_gradient},
                   {"extreme gradients stay finite", test_extremes},
                   {"padding stays zero", test_padding},
                   {"15 + 15 updates are 30", test_resume},
                   {"15 + 15 updates are 30, switches on and off", test_resume_with_switches},
                   {"lookahead", test_lookahead},
                   {"cautious", test_cautious},
                   {"exempt tensors do not decay", test_exempt},
                   {"groups are runs with their factors", test_groups},
                   {"groups that stand still", test_groups_that_stand_still},
                   {"documented", test_documented}};
    for (size_t i = 0; i < sizeof of_each / sizeof of_each[0]; i++) {
        TCase *c = tcase_create(of_each[i].name);
        tcase_set_timeout(c, 240);
        tcase_add_loop_test(c, of_each[i].test, 0, kinds());
        suite_add_tcase(s, c);
    }
    TCase *c = tcase_create("published problems");
    tcase_set_timeout(c, 240);
    tcase_add_test(c, test_tiny_weights);
    tcase_add_test(c, test_tiny_weights_under_a_penalty);
    tcase_add_test(c, test_momentum_fades);
    tcase_add_test(c, test_resume_of_averages_and_switches);
    tcase_add_test(c, test_cautious_equations);
    tcase_add_test(c, test_cautious_equations_without_state);
    tcase_add_test(c, test_amsgrad_counter_example);
    tcase_add_test(c, test_wilson);
    tcase_add_test(c, test_factor_zero);
    tcase_add_test(c, test_which_group);
    tcase_add_test(c, test_group_of_a_kind_without_decay);
    suite_add_tcase(s, c);
    return check_main(s);
}
