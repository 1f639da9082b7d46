/* Any text as an optimizer's equations: an error that lies within it, or a program. A program makes
 * the same bits each time it runs, leaves the padding zero, and makes of a weight the same in a
 * tensor of one block and of several, unless it looks at the whole tensor. */
#include "fuzz.h"
#include "optim/equations/program.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 5, LD = 16, FEW = 3, MANY = 37, UPDATES = 2, STATES = 2 };

struct tensors {
    float w[MANY * LD], g[MANY * LD], state[STATES][MANY * LD];
};

static const char *first(const char *wrong, const char *const *candidates, size_t n)
{
    return n > 0 && wrong[0] == candidates[0][0] ? candidates[0] : NULL;
}

static void check_error(const struct expr_error *err, size_t length)
{
    if (err->offset > length || err->length > length - err->offset || err->message[0] == '\0')
        abort();
    for (const char *s = err->message; *s; s++)
        if (*s < 0x20 || *s > 0x7E) /* it goes to a terminal */
            abort();
}

/* Every column alike, so that where blocks end makes no difference. */
static void update(const struct eq_program *p, struct tensors *t, size_t cols)
{
    float *states[STATES] = {t->state[0], t->state[1]};
    float *scratch = mem_array(eq_scratch(p, cols * LD) + 1, sizeof *scratch);
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < cols * LD; i++)
        if (i % LD < ROWS) {
            t->w[i] = 0.5f - 0.2f * (float)(i % LD);
            t->state[1][i] = 1;
        }
    for (uint64_t n = 1; n <= UPDATES; n++) {
        for (size_t i = 0; i < cols * LD; i++)
            t->g[i] = i % LD < ROWS ? 0.25f * (float)n - 0.1f * (float)(i % LD) : 0;
        eq_update(p, &(struct eq_run){.w = t->w,
                                      .g = t->g,
                                      .state = states,
                                      .n = cols * LD,
                                      .shape = {ROWS, cols, LD, 0, 0},
                                      .role = TENSOR_HIDDEN,
                                      .lr = 0.1,
                                      .momentum = 0.9,
                                      .weight_decay = 0.01,
                                      .t = n,
                                      .scratch = scratch});
    }
    mem_free(scratch);
}

static void check_padding(const float *x)
{
    for (size_t i = 0; i < MANY * LD; i++)
        if (i % LD >= ROWS && !(x[i] <= 0 && x[i] >= 0))
            abort();
}

static bool looks_at_cols(const struct eq_program *p)
{
    for (size_t i = 0; i < p->ops; i++)
        for (uint32_t k = 0; k < p->op[i].takes && k < 4; k++)
            if (!p->op[i].in[k].is_tensor && p->op[i].in[k].at == EQ_COLS)
                return true;
    return false;
}

/* NaNs have one look less than bits. */
static bool same(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&a[i], &b[i], sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i])))
            return false;
    return true;
}

static void run(const struct eq_program *p)
{
    static struct tensors once, again, few;
    update(p, &once, MANY);
    update(p, &again, MANY);
    if (memcmp(&once, &again, sizeof once) != 0)
        abort();
    check_padding(once.w);
    for (int s = 0; s < STATES; s++)
        check_padding(once.state[s]);
    if (p->passes > 1 || p->reductions > 0 || looks_at_cols(p))
        return;
    update(p, &few, FEW);
    if (!same(once.w, few.w, FEW * LD) || !same(once.w + (MANY - FEW) * LD, few.w, FEW * LD) ||
        !same(once.state[0] + (MANY - FEW) * LD, few.state[0], FEW * LD))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const struct eq_constant constants[] = {{"beta", 0.9}, {"eps", 1e-8}};
    static const char *const states[] = {"m", "v"};
    struct eq_names names = {.constants = 2, .constant = constants, .suggest = first};
    struct arena a;
    arena_init(&a);
    const char *text = arena_strndup(&a, (const char *)bytes, n);
    for (size_t known = 0; known <= STATES; known += STATES) {
        struct expr_error err;
        names.states = known;
        names.state = states;
        const struct eq_program *p = eq_compile(&a, text, &names, &err);
        if (p)
            run(p);
        else
            check_error(&err, strlen(text));
    }
    arena_fini(&a);
    return 0;
}
