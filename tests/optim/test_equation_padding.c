/* Programs of equations over a tensor whose columns are padded, against the same tensor without
 * padding: what a reduction reads is used again in the same pass, and what is kept of that is
 * summed. All programs that the lists below make. */
#include "check_main.h"
#include "optim/equations/program.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 10, COLS = 70, PADDED = 16, STATES = 3, UPDATES = 3 };
static const char *const state[STATES] = {"m", "k", "n"};

struct side {
    struct tensor_shape shape;
    float w[COLS * PADDED], g[COLS * PADDED], state[STATES][COLS * PADDED];
};

static float first_weight(size_t i)
{
    return (float)(0.5 + 0.25 * sin(1.7 * (double)i));
}

static float gradient(size_t i, uint64_t t)
{
    return (float)(0.3 * sin(0.37 * (double)i) + 0.4 * cos(2.1 * (double)t + 0.11 * (double)i));
}

static size_t place(const struct side *s, size_t i)
{
    return i / ROWS * s->shape.ld + i % ROWS;
}

static void run(const struct eq_program *p, size_t ld, struct side *s)
{
    *s = (struct side){.shape = {.rows = ROWS, .cols = COLS, .ld = ld}};
    size_t stored = tensor_stored(&s->shape);
    float *scratch = mem_array(eq_scratch(p, stored), sizeof *scratch);
    float *states[STATES] = {s->state[0], s->state[1], s->state[2]};
    for (size_t i = 0; i < ROWS * COLS; i++)
        s->w[place(s, i)] = first_weight(i);
    for (uint64_t t = 1; t <= UPDATES; t++) {
        for (size_t i = 0; i < ROWS * COLS; i++)
            s->g[place(s, i)] = gradient(i, t);
        eq_update(p, &(struct eq_run){.w = s->w,
                                      .g = s->g,
                                      .state = states,
                                      .n = stored,
                                      .shape = s->shape,
                                      .lr = 0.01,
                                      .t = t,
                                      .scratch = scratch});
    }
    mem_free(scratch);
}

static void compare(const char *text, const char *name, const struct side *padded, const float *x,
                    const struct side *plain, const float *wanted)
{
    for (size_t i = 0; i < COLS * PADDED; i++)
        if (i % PADDED >= ROWS)
            ck_assert_msg(memcmp(&x[i], &(float){0}, sizeof *x) == 0,
                          "%s\npadding of %s, float %zu: %g", text, name, i, (double)x[i]);
    for (size_t i = 0; i < ROWS * COLS; i++) {
        double is = (double)x[place(padded, i)], right = (double)wanted[place(plain, i)];
        ck_assert_msg(fabs(is - right) <= 1e-5 * (1 + fabs(right)), "%s\n%s, %zu: %.9g, not %.9g",
                      text, name, i, is, right);
    }
}

static void both(const char *text)
{
    static struct side padded, plain;
    struct arena a;
    struct expr_error err;
    arena_init(&a);
    const struct eq_program *p =
        eq_compile(&a, text, &(struct eq_names){.states = STATES, .state = state}, &err);
    ck_assert_msg(p != NULL, "%s\n%s", text, p ? "" : err.message);
    run(p, PADDED, &padded);
    run(p, ROWS, &plain);
    compare(text, "w", &padded, padded.w, &plain, plain.w);
    for (size_t i = 0; i < STATES; i++)
        compare(text, state[i], &padded, padded.state[i], &plain, plain.state[i]);
    arena_fini(&a);
}

/* ? is what is made, q its reduction. */
static const char *const made[] = {"g + 1",          "abs(g) + 1e-3",   "sqrt(abs(w)) + 1e-6",
                                   "g - mean(g)",    "if(g > 0, 1, 2)", "(w - 1)^2",
                                   "max(abs(g), 1)", "cos(g)",          "0.5 * m + t"};
static const char *const reduced[] = {"sum(?)", "max(?)", "dot(?, g)", "norm(w - ?)"};
static const char *const used[] = {
    "? - 1",   "1 / ?",         "g / ?", "sqrt(?) - 1", "? / (abs(g) + ?)", "if(? == 0, 1, 0)",
    "? < 0.5", "min(?, 1) - 1", "? - q"};
static const char *const rests[] = {
    "w = w - lr * g\nm = g\nn = 0.5 * n + sum(k)", /* a pass that nothing else lengthens, */
    "n = 0.5 * n + k\nw = w - lr * g * q\nm = g",  /* a later one that takes the number, */
    "n = w\nw = w - lr * g / ?\nm = g - ?",        /* and one that takes the tensor */
};
enum {
    MADE = sizeof made / sizeof made[0],
    REDUCED = sizeof reduced / sizeof reduced[0],
    USED = sizeof used / sizeof used[0],
    RESTS = sizeof rests / sizeof rests[0]
};

static void put_name(char *ret, size_t room, const char *text, const char *name)
{
    size_t n = 0;
    for (; *text; text++)
        n += (size_t)snprintf(ret + n, room - n, "%.*s", 1, *text == '?' ? name : text);
}

/* In a temporary, or in the state m. */
START_TEST(test_used_after_a_reduction)
{
    const char *name = _i % 2 == 0 ? "a" : "m", *make = made[_i / 2];
    char lines[400], text[400];
    for (size_t i = 0; i < REDUCED * USED * RESTS; i++) {
        snprintf(lines, sizeof lines, "? = %s\nq = %s\nx = %s\nk = if(abs(x) < 1e6, x, 0)\n%s\n",
                 make, reduced[i % REDUCED], used[i / REDUCED % USED], rests[i / REDUCED / USED]);
        put_name(text, sizeof text, lines, name);
        both(text);
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("padding of equations");
    TCase *tc = tcase_create("reductions");
    tcase_add_loop_test(tc, test_used_after_a_reduction, 0, 2 * MADE);
    suite_add_tcase(suite, tc);
    return suite;
}

int main(void)
{
    return check_main(make_suite());
}
