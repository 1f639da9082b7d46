/* Optimizers as equations: the language against hand computation, its errors, and every file of
 * configs/equations against the built-in optimizer that it names. */
#include "check_main.h"
#include "optim/equations/program.h"
#include "optim/optim.h"
#include "util/file.h"
#include "util/mem.h"
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A matrix of several blocks with padding, one without, small ones. */
static const struct {
    struct tensor_shape shape;
    enum tensor_role role;
} shapes[] = {{{.rows = 75, .cols = 10, .ld = 80}, TENSOR_HIDDEN},
              {{.rows = 64, .cols = 9, .ld = 64}, TENSOR_OUTPUT},
              {{.rows = 5, .cols = 1, .ld = 16}, TENSOR_BIAS},
              {{.rows = 16, .cols = 1, .ld = 16}, TENSOR_NORM}};
enum { TENSORS = 4, STORED = 800, UPDATES = 30 };

struct setup {
    struct arena arena;
    struct optim *optim;
    struct chosen config;
    struct optim_tensor tensor[TENSORS];
    float w[TENSORS][STORED], g[TENSORS][STORED];
};

static bool is_weight(size_t t, size_t i)
{
    return i < tensor_stored(&shapes[t].shape) && i % shapes[t].shape.ld < shapes[t].shape.rows;
}

static float first_weight(size_t t, size_t i)
{
    return (float)(0.5 + 0.25 * sin(1.7 * (double)i + (double)t));
}

static float gradient(size_t t, size_t i, int update)
{
    return (float)(0.3 * sin(0.37 * (double)i + 1.3 * (double)t) +
                   0.4 * cos(2.1 * update + 0.11 * (double)i));
}

static void set_up(struct setup *s, const char *text)
{
    struct diags d;
    struct strbuf b;
    memset(s, 0, sizeof *s);
    arena_init(&s->arena);
    diags_init(&d, &s->arena);
    strbuf_init(&b);
    if (!kind_parse(&s->arena, &optim_registry, text, &d, &s->config)) {
        diags_write(&d, &b);
        ck_abort_msg("%s", b.text);
    }
    strbuf_fini(&b);
    for (size_t t = 0; t < TENSORS; t++) {
        for (size_t i = 0; i < STORED; i++)
            s->w[t][i] = is_weight(t, i) ? first_weight(t, i) : 0;
        s->tensor[t] = (struct optim_tensor){.name = "w",
                                             .w = s->w[t],
                                             .g = s->g[t],
                                             .role = shapes[t].role,
                                             .shape = shapes[t].shape};
    }
    s->optim = optim_new(&s->config, s->tensor, TENSORS);
}

/* With a factor on lr and weight decay, as a schedule moves them. */
static void step_by(struct setup *s, int update, double factor)
{
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t i = 0; i < STORED; i++)
            s->g[t][i] = is_weight(t, i) ? gradient(t, i, update) : 0;
    optim_step(s->optim, factor * optim_base_lr(&s->config), optim_base_momentum(&s->config),
               factor * optim_base_decay(&s->config));
}

static void step(struct setup *s, int update)
{
    step_by(s, update, 1);
}

static void tear_down(struct setup *s)
{
    optim_free(s->optim);
    arena_fini(&s->arena);
}

/* ---- values ---- */

/* What `w = EXPRESSION` makes of the third tensor's first weight. */
static double value_of(const char *expression)
{
    static struct setup s;
    char text[512];
    snprintf(
        text, sizeof text,
        "name: equations\nlr: 0.5\nmomentum: 0.25\nwith: {c: 3}\nupdate: |\n  read = lr * momentum\n  w = %s\n",
        expression);
    set_up(&s, text);
    step(&s, 1);
    double w = (double)s.w[2][0];
    tear_down(&s);
    return w;
}

START_TEST(test_numbers)
{
    static const struct {
        const char *text;
        double value;
    } v[] = {{"3 + 4 * 2^2", 19},
             {"-2^2", -4},
             {"2 ** 3 ** 2", 512},
             {"2^-1", 0.5},
             {"7 // 2", 3},
             {"-7 % 3", 2},
             {"-7 // 2", -4},
             {"1 < 2 < 3", 1},
             {"1 < 3 < 2", 0},
             {"not 0", 1},
             {"2 and 0", 0},
             {"0 or 5", 1},
             {"if(1, 2, 3)", 2},
             {"if(0, 2, 3)", 3},
             {"max(2, 3)", 3},
             {"min(2, 3)", 2},
             {"abs(-4)", 4},
             {"sign(-0.5)", -1},
             {"sign(0)", 0},
             {"floor(-1.5)", -2},
             {"pow(2, 5)", 32},
             {"sqrt(9)", 3},
             {"exp(0)", 1},
             {"log(1)", 0},
             {"tanh(0)", 0},
             {"cos(0)", 1},
             {"sin(0)", 0},
             {"lr", 0.5},
             {"momentum", 0.25},
             {"c", 3},
             {"t", 1},
             {"rows", 5},
             {"cols", 1},
             {"role == 'bias'", 1},
             {"role != 'hidden'", 1},
             {"'norm' == role", 0},
             {"true + false", 1},
             {"(1 +\n  2) * 3", 9},
             {"4 # four\n", 4},
             {"norm(-3)", 3},
             {"sum(2)", 2},
             {"dot(2, 3)", 6},
             {"1e2 + .5", 100.5},
             {"+-+3", -3},
             {"weight_decay + 1", 1},
             {"1 != 2", 1},
             {"2 >= 2", 1},
             {"2 <= 1", 0}};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++)
        ck_assert_msg(fabs(value_of(v[i].text) - v[i].value) < 1e-7, "%s is %.9g, not %.9g",
                      v[i].text, value_of(v[i].text), v[i].value);
}
END_TEST

/* The same on tensors, element for element: against the double computation, to a float's
 * rounding. */
START_TEST(test_tensors)
{
    const double w = (double)first_weight(2, 0), g = (double)gradient(2, 0, 1);
    double sum = 0, square = 0, dot = 0, most = -1e9, least = 1e9;
    for (size_t i = 0; i < 5; i++) {
        double x = (double)first_weight(2, i), y = (double)gradient(2, i, 1);
        sum += x;
        square += x * x;
        dot += x * y;
        most = fmax(most, x);
        least = fmin(least, x);
    }
    const struct {
        const char *text;
        double value;
    } v[] = {{"w + g", w + g},
             {"w - 2 * g", w - 2 * g},
             {"w * g", w * g},
             {"w / g", w / g},
             {"g / w + w", g / w + w},
             {"w / 3", w / 3},
             {"3 / w", 3 / w},
             {"w^2", w * w},
             {"w^3", w * w * w},
             {"w^4", w * w * w * w},
             {"w^2.5", pow(w, 2.5)},
             {"2^w", pow(2, w)},
             {"-w", -w},
             {"sqrt(w)", sqrt(w)},
             {"exp(w)", exp(w)},
             {"log(w)", log(w)},
             {"tanh(w)", tanh(w)},
             {"cos(w)", cos(w)},
             {"sin(w)", sin(w)},
             {"sign(-w)", -1},
             {"abs(-w)", w},
             {"floor(w * 10)", floor(w * 10)},
             {"max(w, g)", fmax(w, g)},
             {"min(w, g)", fmin(w, g)},
             {"w < g", w < g},
             {"w >= 0 and g > 5", 0},
             {"not (w > 0)", 0},
             {"if(w > g, w, g)", fmax(w, g)},
             {"w % 0.3", fmod(w, 0.3)},
             {"w // 0.3", floor(w / 0.3)},
             {"0.1 < w < 0.9", 1},
             {"sum(w)", sum},
             {"mean(w)", sum / 5},
             {"norm(w)", sqrt(square)},
             {"dot(w, g)", dot},
             {"max(w)", most},
             {"min(w)", least},
             {"w / norm(w) + sum(g * 0 + 1)", w / sqrt(square) + 5},
             {"sum(w / norm(w)) + norm(w - mean(w)) * 0", sum / sqrt(square)},
             {"max(exp(w) - exp(w) - 1)", -1},
             {"min(w * 0 + 1)", 1},
             {"2 * w + 3 * g", 2 * w + 3 * g},
             {"2 * w - 3 * g", 2 * w - 3 * g},
             {"2 * w + 3 * g^2", 2 * w + 3 * g * g},
             {"sqrt(w) + 1", sqrt(w) + 1},
             {"sqrt(2 * w) + 1", sqrt(2 * w) + 1},
             {"sqrt(2 * w)", sqrt(2 * w)},
             {"2 * g^2", 2 * g * g},
             {"1 - (w + g)", 1 - (w + g)},
             {"1 / (w * 2)", 1 / (w * 2)},
             {"(w - g) * 3", (w - g) * 3},
             {"(w / g) - 1", w / g - 1},
             {"w - 2 * g / (w + 1)", w - 2 * g / (w + 1)},
             {"w - 2 * g * (w + 1)", w - 2 * g * (w + 1)},
             {"w + g^2", w + g * g},
             {"w - g^2", w - g * g},
             {"sqrt(w + 1)", sqrt(w + 1)},
             {"sqrt(w + 1) + 2", sqrt(w + 1) + 2},
             {"min(max(g, -0.1), 0.1)", fmin(fmax(g, -0.1), 0.1)},
             {"max(min(w, 0.1), -0.1)", fmax(fmin(w, 0.1), -0.1)},
             {"min(max(w - 100, -0.1), 0.1)", -0.1},
             {"max(min(w - 100, 0.1), -0.1)", -0.1},
             {"if(w < g, 2, 3)", w < g ? 2 : 3},
             {"if(w <= w, 2, 3)", 2},
             {"if(w >= g, 2, 3)", w >= g ? 2 : 3},
             {"if(w == w, 2, 3)", 2},
             {"if(w != w, 2, 3)", 3},
             {"if(w < w, 2, 3)", 3},
             {"if(w > w, 2, 3)", 3},
             {"if(w - w / 0 * 0 < g, 2, 3)", 3},
             {"if(g, 2, 3)", 2}};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        double is = value_of(v[i].text);
        ck_assert_msg(fabs(is - v[i].value) <= 4e-7 * (1 + fabs(v[i].value)),
                      "%s is %.9g, not %.9g", v[i].text, is, v[i].value);
    }
}
END_TEST

/* A line sees what the lines before it made, and a name keeps its value when what it was made of
 * changes. Each text leaves w as the sum says, of first weights w, states 2 and gradients g. */
START_TEST(test_order)
{
    static struct setup s;
    const double w = (double)first_weight(2, 0), g = (double)gradient(2, 0, 1);
    double norm = 0;
    for (size_t i = 0; i < 5; i++)
        norm += pow(3 * (double)gradient(2, i, 1), 2);
    norm = sqrt(norm);
    const struct {
        const char *text;
        double value;
    } v[] = {
        {"m = m + 1\n  w = m", 3},
        {"old = m\n  m = m + 1\n  w = w + old", w + 2},
        {"p = m * m\n  m = m + 1\n  w = w + p", w + 4},
        {"p = m * w\n  m = m + 1\n  w = p + m", 2 * w + 3},
        {"m = m + 1\n  m = m * m\n  w = m + m", 18},
        {"g = 3 * g\n  d = g / norm(g)\n  m = d\n  w = w - d", w - 3 * g / norm},
        {"d = 3 * g\n  m = m + 1\n  n = norm(d)\n  w = m * d / n", 3 * 3 * g / norm},
        {"a = w\n  w = w + 1\n  b = w\n  m = a\n  w = b - a", 1},
        {"m = norm(3 * g)\n  w = m", norm},
        {"m = 7\n  w = m - lr * 0", 7},
        {"s = sum(w)\n  w = w + s - s\n  m = w\n  s = 5\n  w = s", 5},
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, "name: equations\nstate: {m: 2}\nupdate: |\n  %s\n", v[i].text);
        set_up(&s, text);
        step(&s, 1);
        ck_assert_msg(fabs((double)s.w[2][0] - v[i].value) <= 1e-6 * (1 + fabs(v[i].value)),
                      "%s: %.9g, not %.9g", v[i].text, (double)s.w[2][0], v[i].value);
        tear_down(&s);
    }
}
END_TEST

START_TEST(test_first_values)
{
    static struct setup s;
    set_up(
        &s,
        "name: equations\nstate: {start: w, m: 4}\nupdate: |\n  m = m - 1\n  start = start\n  w = start + m\n");
    step(&s, 1);
    step(&s, 2);
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t i = 0; i < STORED; i++)
            ck_assert_float_eq_tol(s.w[t][i], is_weight(t, i) ? first_weight(t, i) + 2 : 0, 1e-6f);
    tear_down(&s);
}
END_TEST

/* What would not be zero behind a column: neither kept nor summed. */
START_TEST(test_padding)
{
    static struct setup s;
    set_up(
        &s,
        "name: equations\nstate: {m: 1}\nupdate: |\n  x = exp(g) / w\n  m = x + 1 / w\n  n = mean(m * 0 + 1) + norm(m) * 0\n  w = w + n\n");
    step(&s, 1);
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t i = 0; i < STORED; i++)
            ck_assert_float_eq_tol(s.w[t][i], is_weight(t, i) ? first_weight(t, i) + 1 : 0, 1e-6f);
    tear_down(&s);
}
END_TEST

/* However a tensor is stored, its weights get the same bits: with padding or without, in whole
 * vectors or not, in one block or several. */
START_TEST(test_any_stride)
{
    enum { ROWS = 3, COLS = 600, WIDEST = 37 };
    static const size_t lds[] = {ROWS, 4, 16, 19, WIDEST, 32};
    static float w[6][COLS * WIDEST], g[COLS * WIDEST], m[COLS * WIDEST];
    struct arena a;
    struct expr_error err;
    const char *const state[] = {"m"};
    arena_init(&a);
    const struct eq_program *p =
        eq_compile(&a, "m = 0.9 * m + exp(g)\nw = w - lr * if(g > 0, m, sqrt(abs(w * t)) + 1 / m)",
                   &(struct eq_names){.states = 1, .state = state}, &err);
    ck_assert_ptr_nonnull(p);
    for (size_t l = 0; l < sizeof lds / sizeof lds[0]; l++) {
        struct tensor_shape shape = {.rows = ROWS, .cols = COLS, .ld = lds[l]};
        float *scratch = mem_array(eq_scratch(p, tensor_stored(&shape)), sizeof *scratch),
              *states[] = {m};
        memset(g, 0, sizeof g);
        memset(m, 0, sizeof m);
        for (size_t i = 0; i < ROWS * COLS; i++) {
            size_t at = i / ROWS * lds[l] + i % ROWS;
            w[l][at] = first_weight(0, i);
            g[at] = gradient(0, i, 1);
        }
        for (uint64_t t = 1; t <= 2; t++)
            eq_update(p, &(struct eq_run){.w = w[l],
                                          .g = g,
                                          .state = states,
                                          .n = tensor_stored(&shape),
                                          .shape = shape,
                                          .lr = 0.1,
                                          .t = t,
                                          .scratch = scratch});
        mem_free(scratch);
        for (size_t i = 0; i < COLS * lds[l]; i++) {
            size_t row = i % lds[l], same = i / lds[l] * ROWS + row;
            float wanted = row < ROWS ? w[0][same] : 0;
            ck_assert_msg(memcmp(&w[l][i], &wanted, sizeof wanted) == 0, "ld %zu, float %zu: %.9g",
                          lds[l], i, (double)w[l][i]);
        }
    }
    arena_fini(&a);
}
END_TEST

/* ---- errors: the message, and what the caret stands under ---- */

START_TEST(test_errors)
{
    static const struct {
        const char *text, *message, *at;
    } v[] = {
        {"w = w - lr * gg", "unknown name 'gg'", "gg"},
        {"w = w - lr * sqtr(g)", "unknown function 'sqtr'", "sqtr"},
        {"w = w - max(g, 1, 2)", "'max' takes 1 or 2 arguments, not 3", "max"},
        {"w = sqrt(w, 2)", "'sqrt' takes 1 argument, not 2", "sqrt"},
        {"w = sqrt()", "'sqrt' takes 1 argument, not 0", "sqrt"},
        {"w = w - sqrt * g", "'sqrt' is a function: its arguments are missing", "sqrt"},
        {"lr = 3", "'lr' is given and cannot be assigned", "lr"},
        {"beta = 3", "'beta' is given and cannot be assigned", "beta"},
        {"sum = 3", "'sum' is a function: take another name", "sum"},
        {"w = (w + g", "this '(' is not closed", "("},
        {"w = w + g)", "this ')' closes nothing", ")"},
        {"w = w g", "an operator is expected here, not 'g'", "g"},
        {"w = ", "the line ends where a value is expected", ""},
        {"w == 3", "a line is 'name = expression': there is no '=' after this name", "w"},
        {"3 = w", "'3' is no name: a name begins with a letter", "3"},
        {"2m = g", "'2m' is no name: a name begins with a letter", "2m"},
        {"and = g", "'and' is a word of the language: take another name", "and"},
        {"-w = g", "such as 'm = beta * m + (1 - beta) * g'", "-"},
        {"w - g", "such as 'w = w - lr * g'", "w"},
        {"w == w - g", "did you mean '=', not '=='?", "w"},
        {"lr = 2", "give the result a name of its own", "lr"},
        {"w = w - 2g", "did you mean '2 * g'?", "2g"},
        {"w = w - lr g", "a product is written with '*'", "g"},
        {"w = w - lr (g)", "unknown function 'lr'", "lr"},
        {"w = w - 2 (g)", "a product is written with '*'", "(g"},
        {"w = w - sqrt(g, g)", "it is sqrt(x)", "sqrt"},
        {"w = w - dot(g)", "it is dot(a, b)", "dot"},
        {"w = w - if(g > 0, g)", "it is if(condition, a, b)", "if"},
        {"w = w - max()", "max(a, b) is of two, max(x) over a tensor", "max"},
        {"w = w - optimizer.lr * g", "did you mean 'lr'?", "optimizer.lr"},
        {"w = w - np.sqrt(g)", "did you mean 'sqrt'?", "np.sqrt"},
        {"w = w - lr * v\n  v = g", "what is kept belongs under 'state': {v: 0}", "v"},
        {"p = 0.9 * p + g\n  w = w - p", "what is kept belongs under 'state': {p: 0}", NULL},
        {"W = W - lr * g", "the weights are w", NULL},
        {"weights = weights - lr * g", "the weights are w", NULL},
        {"w = if(True, w, g)", "it is true", "True"},
        {"w_new = w - g", "did you mean 'w', not 'w_new'?", NULL},
        {"w = w - g.abs()", "did you mean 'abs(g)'?", "g.abs"},
        {"w = w - np.foo(g)", "a function stands before its argument: sqrt(g)", "np.foo"},
        {"w = w - lr * g / epoch", "updates are counted by t, from 1", "epoch"},
        {"w = w - lr * grad", "the gradient is g", "grad"},
        {"w = w - |g|", "The size of x is abs(x)", "|g"},
        {"w = w - g[0]", "there is no index", "["},
        {"w = w; g = g", "what follows belongs on a line of its own", ";"},
        {"w = t > 3 ? w : g", "a choice is if(condition, a, b)", "?"},
        {"w = w \xe2\x88\x92 g", "did you mean '-'?", "\xe2\x88\x92"},
        {"w = lr \xc2\xb7 g", "did you mean '*'?", "\xc2\xb7"},
        {"w = g\xc2\xb2", "did you mean '**2'?", "\xc2\xb2"},
        {"w = w -\xc2\xa0g", "a space of another kind: type a plain one", "\xc2\xa0"},
        {"w = \xce\xb2 * g", "names are spelled in a to z", "\xce\xb2"},
        {"w = role", "a text cannot be kept: compare it by == or !=", "role"},
        {"w = role == 'conv'", "'conv' is no role: there are 'hidden', 'output', 'bias' and 'norm'",
         "'conv'"},
        {"w = role == '\xc3\xa9'", "'\?\?' is no role", "'\xc3\xa9'"},
        {"w = if(role == '0123456789012345678901234567890123456789', w, g)",
         "'012345678901234567890123456789012345678...' is no role",
         "'0123456789012345678901234567890123456789'"},
        {"w += g", "there is no '+=': write 'w = w + ...'", "+="},
        {"= g", "there is no name before this '='", "="},
        {"w = w if g > 0 else 0", "a choice is if(condition, a, b)", "if"},
        {"w = where(g > 0, w, 0)", "a choice is if(condition, a, b)", "where"},
        {"w = w - lr * sigmoid(g)", "it is 1 / (1 + exp(-x))", "sigmoid"},
        {"w = relu(w)", "it is max(x, 0)", "relu"},
        {"w = round(w)", "the nearest whole number is floor(x + 0.5)", "round"},
        {"w = w - lr * log1p(g)", "it is log(1 + x)", "log1p"},
        {"w = clip(g, -1, 1)", "limits are min(max(x, low), high)", "clip"},
        {"w = role == hidden", "roles stand in quotes: 'hidden'", "hidden"},
        {"w = w \xe2\x80\x93 g", " ^ did you mean '-'?\n", "\xe2\x80\x93"},
        {"w = role == 3", "a number is never equal to a text", "=="},
        {"w = role + 1", "'+' takes no text: the role is compared by == or !=", "+"},
        {"w = w & g", "'&' has no meaning in an expression", "&"},
        {"w = 1e999", "this number is too large", "1e999"},
        {"g = g", "no line assigns w: nothing would be trained", NULL},
        {"w = w - m", "assigns the state 'm': a constant belongs under 'with'", NULL},
        {"w = w - 1e-400", "this number is too small: the least above 0 is 4.9e-324", "1e-400"},
        {"w = w - 1e39 * g", "this number is beyond 3.4e38 and meets a tensor", "1e39"},
        {"w = 1e39", "this number is beyond 3.4e38 and meets a tensor", "1e39"},
    };
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct arena a;
        struct diags d;
        struct chosen config;
        struct strbuf b;
        char text[512], caret[128];
        arena_init(&a);
        diags_init(&d, &a);
        strbuf_init(&b);
        snprintf(text, sizeof text,
                 "name: equations\nwith: {beta: 0.9}\nstate: {m: 0}\nupdate: |\n  %s\n", v[i].text);
        ck_assert_msg(!kind_parse(&a, &optim_registry, text, &d, &config), "%s is taken",
                      v[i].text);
        diags_write(&d, &b);
        ck_assert_msg(strstr(b.text, v[i].message) != NULL, "%s: %s", v[i].text, b.text);
        if (v[i].at && v[i].at[0]) {
            const char *from = strstr(strchr(v[i].text, '=') && v[i].at[0] != v[i].text[0]
                                          ? strchr(v[i].text, '=') + 1
                                          : v[i].text,
                                      v[i].at);
            from = from ? from : strstr(v[i].text, v[i].at);
            snprintf(caret, sizeof caret, ":5:%d:", (int)(from - v[i].text) + 3);
            ck_assert_msg(strstr(b.text, caret) != NULL, "%s stands not at %s: %s", v[i].at, caret,
                          b.text);
        }
        strbuf_fini(&b);
        arena_fini(&a);
    }
}
END_TEST

START_TEST(test_names)
{
    static const char *const bad[] = {
        "{name: equations, with: {lr: 1}, update: \"w = g\"}",
        "{name: equations, with: {exp: 1}, update: \"w = g\"}",
        "{name: equations, state: {w: 0}, update: \"w = g\"}",
        "{name: equations, with: {a: 1}, state: {a: 0}, update: \"w = g\"}",
        "{name: equations, with: {a-b: 1}, update: \"w = g\"}",
        "{name: equations, with: {a: x}, update: \"w = g\"}",
        "{name: equations, state: {a: .nan}, update: \"a = g\\nw = g\"}",
        "{name: equations, state: {a: 1e39}, update: \"a = g\\nw = g\"}",
        "{name: equations, state: {a: -1e39}, update: \"a = g\\nw = g\"}",
        "{name: equations, state: {a: 1e-50}, update: \"a = g\\nw = g\"}",
        "{name: equations, state: {a: 1e-400}, update: \"a = g\\nw = g\"}",
        "{name: equations, with: {a: 1e-400}, update: \"w = a * g\"}",
        "{name: equations, with: {a: 1e39}, update: \"w = g + a\"}",
        "{name: equations}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct arena a;
        struct diags d;
        struct chosen config;
        arena_init(&a);
        diags_init(&d, &a);
        ck_assert_msg(!kind_parse(&a, &optim_registry, bad[i], &d, &config), "%s is taken", bad[i]);
        arena_fini(&a);
    }
}
END_TEST

static bool is_taken(const char *text, struct strbuf *why)
{
    struct arena a;
    struct diags d;
    struct chosen config;
    arena_init(&a);
    diags_init(&d, &a);
    bool ok = kind_parse(&a, &optim_registry, text, &d, &config);
    strbuf_clear(why);
    diags_write(&d, why);
    arena_fini(&a);
    return ok;
}

/* What is computed in double may be beyond a float, and a name that is null is none. */
START_TEST(test_numbers_that_are_taken)
{
    static const char *const good[] = {
        "{name: equations, with: {a: 1e39}, update: \"w = w - lr * log(a) * g\"}",
        "{name: equations, update: \"w = w - g / 1e39\"}",
        "{name: equations, state: {a: 3e38}, update: \"a = g\\nw = g\"}",
        "{name: equations, state: {a: w, b: null}, with: {c: null}, update: \"a = g\\nw = g\"}"};
    struct strbuf why;
    strbuf_init(&why);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(is_taken(good[i], &why), "%s: %s", good[i], why.text);
    strbuf_fini(&why);
}
END_TEST

/* The place of a state that no line assigns is its own. */
START_TEST(test_place_of_a_state)
{
    struct strbuf why;
    strbuf_init(&why);
    ck_assert(!is_taken("name: equations\nstate:\n  m: 0\n  v: 0\nupdate: |\n  # Adam\n  m = g\n"
                        "  w = w - lr * m\n",
                        &why));
    ck_assert_msg(strstr(why.text, ":4:3:") != NULL, "%s", why.text);
    ck_assert_msg(strstr(why.text, "'v: null' drops it") != NULL, "%s", why.text);
    ck_assert(!is_taken("{name: equations, state: {a: w}, update: \"w = w - g - (w - a)\"}", &why));
    ck_assert_msg(strstr(why.text, "'a = a' keeps the first weights") != NULL, "%s", why.text);
    strbuf_fini(&why);
}
END_TEST

/* The work of a check grows with the square of the operations. */
START_TEST(test_long_texts)
{
    struct strbuf text, why;
    strbuf_init(&text);
    strbuf_init(&why);
    strbuf_add(&text, "{name: equations, update: \"w = w - lr * (g");
    for (size_t i = 0; i < 3900; i++)
        strbuf_add(&text, " + g");
    size_t fits = text.length;
    strbuf_add(&text, ")\"}");
    ck_assert_msg(is_taken(text.text, &why), "%s", why.text);
    text.text[text.length = fits] = '\0';
    for (size_t i = 0; i < 300; i++)
        strbuf_add(&text, " + g");
    strbuf_add(&text, ")\"}");
    ck_assert(!is_taken(text.text, &why));
    ck_assert_msg(strstr(why.text, "more than 4096 operations") != NULL, "%s", why.text);
    strbuf_clear(&text);
    strbuf_add(&text, "name: equations\nupdate: |\n  w = g\n  w = w - lr * (g");
    for (size_t i = 0; i < 4200; i++)
        strbuf_add(&text, " + g");
    strbuf_add(&text, ")\n");
    ck_assert(!is_taken(text.text, &why));
    ck_assert_msg(strstr(why.text, ":4:3: error: the equations have more") != NULL, "%s", why.text);
    strbuf_fini(&text);
    strbuf_fini(&why);
}
END_TEST

/* A condition without a tensor chooses once for all weights; the same condition with one, weight by
 * weight. `?` is the first, or the second. */
START_TEST(test_choices_once)
{
    static const char *const updates[] = {
        "m = if(?, g, 0.5 * m + g)\n  w = w - lr * m",
        "m = if(?, 0.5 * m + g, g)\n  w = w - lr * m",
        "x = if(?, w, 2 * g)\n  y = if(?, x * 3, x)\n  m = y\n  w = w - lr * y",
        "x = g * g\n  y = m + 1\n  m = if(?, x, m)\n  w = w - lr * (m + y)",
        "x = g * m\n  m = m + 1\n  m = if(?, x, m)\n  w = w - lr * m",
        "x = g + m\n  m = 3 * g\n  z = sum(m)\n  m = if(?, x, 1)\n  w = w - 0.001 * z * m",
        "x = g + 1\n  z = sum(m)\n  m = if(?, x, 1)\n  w = w - 0.001 * z * m",
        "m = if(?, m, g)\n  w = if(?, w - g, w)",
        "x = if(?, lr, m)\n  m = if(?, x, -x)\n  w = w - m + if(?, g, w * g)",
        "m = if(?, if(?, g * g, m), if(?, w, g + w))\n  w = if(?, 2 * m, m * m) * g"};
    static const char *const conditions[] = {"t > 1", "t == 2", "t - 1",
                                             "t < 9", "0",      "role == 'norm'"};
    static struct setup s[2];
    for (size_t i = 0; i < sizeof updates / sizeof updates[0]; i++)
        for (size_t c = 0; c < sizeof conditions / sizeof conditions[0]; c++) {
            for (int k = 0; k < 2; k++) {
                char text[1024] = "name: equations\nstate: {m: 0.5}\nupdate: |\n  ";
                for (const char *from = updates[i]; *from; from++) {
                    size_t n = strlen(text);
                    if (*from == '?')
                        snprintf(text + n, sizeof text - n, k ? "(%s) + 0 * w != 0" : "(%s) != 0",
                                 conditions[c]);
                    else
                        snprintf(text + n, sizeof text - n, "%c", *from);
                }
                strcat(text, "\n");
                set_up(&s[k], text);
                for (int update = 1; update <= 3; update++)
                    step(&s[k], update);
            }
            for (size_t t = 0; t < TENSORS; t++)
                for (size_t n = 0; n < STORED; n++)
                    ck_assert_msg(memcmp(&s[0].w[t][n], &s[1].w[t][n], sizeof(float)) == 0,
                                  "%s, %s: tensor %zu, %zu: %a %a", updates[i], conditions[c], t, n,
                                  (double)s[0].w[t][n], (double)s[1].w[t][n]);
            tear_down(&s[0]);
            tear_down(&s[1]);
        }
}
END_TEST

/* ---- the built-in optimizers ---- */

static const char *folder; /* configs/equations */
static char files[64][64];
static int file_count;

/* The line "# Built in: TEXT", and the keys of `optimizer:` with their indentation taken off. */
static void parts_of(char *text, char **ret_built_in, char *ret_keys)
{
    char *at = strstr(text, "# Built in: ");
    ck_assert_ptr_nonnull(at);
    *ret_built_in = at + strlen("# Built in: ");
    char *line = strstr(text, "\noptimizer:\n");
    ck_assert_ptr_nonnull(line);
    line += strlen("\noptimizer:\n");
    (*ret_built_in)[strcspn(*ret_built_in, "\n")] = '\0';
    for (char *next; *line; line = next) {
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        memcpy(ret_keys, line + 2, (size_t)(next - line - 2));
        ret_keys += next - line - 2;
    }
    *ret_keys = '\0';
}

static void compare_over_updates(const char *keys, const char *built_in)
{
    static struct setup x, y;
    set_up(&x, keys);
    set_up(&y, built_in);
    for (int update = 1; update <= UPDATES; update++) {
        double factor = update < 10 ? 1 : update < 20 ? 0.25 : 1.5;
        step_by(&x, update, factor);
        step_by(&y, update, factor);
    }
    for (size_t t = 0; t < TENSORS; t++) {
        double moved = 0, apart = 0;
        for (size_t i = 0; i < STORED; i++) {
            moved = fmax(moved, fabs((double)y.w[t][i] -
                                     (is_weight(t, i) ? (double)first_weight(t, i) : 0)));
            apart = fmax(apart, fabs((double)y.w[t][i] - (double)x.w[t][i]));
        }
        ck_assert_msg(moved > 0, "%s: tensor %zu does not move", built_in, t);
        /* thirty roundings of w itself, and of a step of the size it took */
        ck_assert_msg(apart <= 30 * 6e-8 + 2e-5 * moved, "%s: tensor %zu: %g apart, moved by %g",
                      built_in, t, apart, moved);
    }
    tear_down(&x);
    tear_down(&y);
}

START_TEST(test_equals_the_built_in)
{
    static const char lookahead[] = "lookahead: {steps: 4, alpha: 0.5}";
    char path[512], keys[8192], more[256], *text, *built_in;
    size_t n;
    struct error err;
    snprintf(path, sizeof path, "%s/%s", folder, files[_i]);
    ck_assert_msg(file_read(path, 8000, &text, &n, &err), "%s", err.message);
    parts_of(text, &built_in, keys);
    compare_over_updates(keys, built_in);
    snprintf(more, sizeof more, "{%s, %s", lookahead, built_in + 1);
    n = strlen(keys);
    snprintf(keys + n, sizeof keys - n, "\n%s\n", lookahead);
    compare_over_updates(keys, more);
    mem_free(text);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("equations");
    TCase *tc = tcase_create("language");
    tcase_add_test(tc, test_numbers);
    tcase_add_test(tc, test_tensors);
    tcase_add_test(tc, test_order);
    tcase_add_test(tc, test_first_values);
    tcase_add_test(tc, test_padding);
    tcase_add_test(tc, test_any_stride);
    tcase_add_test(tc, test_errors);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_numbers_that_are_taken);
    tcase_add_test(tc, test_place_of_a_state);
    tcase_add_test(tc, test_long_texts);
    tcase_add_test(tc, test_choices_once);
    suite_add_tcase(suite, tc);
    tc = tcase_create("built-in optimizers");
    tcase_add_loop_test(tc, test_equals_the_built_in, 0, file_count);
    suite_add_tcase(suite, tc);
    return suite;
}

int main(int argc, char **argv)
{
    DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
    if (!d) {
        fprintf(stderr, "usage: test_equations configs/equations\n");
        return EXIT_FAILURE;
    }
    folder = argv[1];
    for (struct dirent *e; (e = readdir(d)) != NULL && file_count < 64;)
        if (e->d_name[0] != '.')
            snprintf(files[file_count++], sizeof files[0], "%.63s", e->d_name);
    closedir(d);
    if (file_count < 20) {
        fprintf(stderr, "%s has %d files only\n", folder, file_count);
        return EXIT_FAILURE;
    }
    return check_main(make_suite());
}
