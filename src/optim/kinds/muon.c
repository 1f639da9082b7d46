/* Muon: momentum, orthogonalised, for the hidden matrices; AdamW for the rest. Jordan et al. 2024,
 * "Muon: an optimizer for hidden layers in neural networks" (kellerjordan.github.io/posts/muon).
 *     M = mu M + (1 - mu) g;  U = (1 - mu) g + mu M                     nesterov: false: U = M
 *     X = U / (|U| + 1e-7), the shorter side first;  ns_steps times:
 *     A = X X',  X = 3.4445 X + (-4.775 A + 2.0315 A A) X
 *     w = w - lr a X,  a = sqrt(max(1, rows / cols)); adjust_lr: match_rms_adamw: 0.2 sqrt(max(rows,
 *     cols)), which gives a step the size of AdamW's (Liu et al. 2025, arXiv:2502.16982)
 * The reference runs in bfloat16; this is float32. */
#include "num/vec.h"
#include "optim/kinds/adam.h"
#include "optim/wrappers.h"
#include <math.h>
#include <string.h>

struct muon {
    struct optim_common common;
    double lr, momentum;
    bool nesterov;
    int64_t ns_steps;
    int adjust_lr;
    double adamw_lr, betas[2], eps;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { ORIGINAL, MATCH_RMS_ADAMW };
static const char *const adjustments[] = {"original", "match_rms_adamw", NULL};

enum { BUFFER, EXP_AVG, EXP_AVG_SQ };

static bool is_hidden(enum tensor_role role)
{
    return role == TENSOR_HIDDEN;
}

static bool has_buffer(enum tensor_role role, const struct tensor_shape *s)
{
    (void)s;
    return is_hidden(role);
}

static bool has_moments(enum tensor_role role, const struct tensor_shape *s)
{
    (void)s;
    return !is_hidden(role);
}

static size_t shorter(const struct tensor_shape *s)
{
    return s->rows < s->cols ? s->rows : s->cols;
}

/* X and its successor as the weights are stored, A and the polynomial of it square; of the others
 * AdamW's step where it is masked. */
static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    size_t n = shorter(s);
    if (!is_hidden(role))
        return optim_common(options)->cautious ? tensor_stored(s) : 0;
    return 2 * tensor_stored(s) + 2 * n * tensor_pad(n);
}

enum { BLOCK = 64, TILE = 16 };

/* C[j][i] = C[i][j] for i in [first, last) and all j from last on. */
static void mirror(float *C, size_t ld, size_t first, size_t last, size_t n)
{
    for (size_t column = last; column < n; column += TILE)
        for (size_t row = first; row < last; row += TILE)
            for (size_t j = column; j < column + TILE && j < n; j++)
                for (size_t i = row; i < row + TILE; i++)
                    C[j * ld + i] = C[i * ld + j];
}

/* A product that is symmetric, its start 0 or C: computed from the diagonal on. */
static void symmetric(const struct matmul *backend, const struct product *whole)
{
    size_t n = whole->n;
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t last = first + BLOCK < n ? first + BLOCK : n;
        struct product p = *whole;
        p.m = last - first;
        p.n = n - first;
        p.a += first * (p.transpose_a ? 1 : p.lda);
        p.b += first * (p.transpose_b ? p.ldb : 1);
        p.c += first * p.ldc + first;
        p.start = p.start ? p.c : NULL;
        matmul(backend, &p);
        mirror(whole->c, whole->ldc, first, last, n);
    }
}

/* Where it happens: X, its successor, and two squares of the shorter side. */
struct room {
    float *x, *next, *A, *P;
};

/* P = -4.775 A + 2.0315 A A, all n x n. */
static void polynomial(const struct matmul *backend, size_t n, const float *A, float *P)
{
    size_t ld = tensor_pad(n);
    for (size_t i = 0; i < n * ld; i++)
        P[i] = -4.775f / 2.0315f * A[i]; /* 2.0315 (A A - 4.775 / 2.0315 A) */
    symmetric(backend, &(struct product){.m = n,
                                         .n = n,
                                         .k = n,
                                         .a = A,
                                         .lda = ld,
                                         .b = A,
                                         .ldb = ld,
                                         .start = P,
                                         .start_ld = ld,
                                         .c = P,
                                         .ldc = ld});
    for (size_t i = 0; i < n * ld; i++)
        P[i] *= 2.0315f;
}

/* Newton-Schulz on S = X', which is how X (rows x cols) lies in memory: cols x rows, leading
 * dimension ld. Where rows <= cols, A = X X' = S' S and X becomes P X: S becomes S P'. Else the
 * transpose is meant, A = S S', and S becomes P S. P is symmetric. Returns where the result
 * lies. */
static float *orthogonalise(const struct matmul *backend, const struct tensor_shape *s,
                            int64_t steps, const struct room *room)
{
    float *x = room->x, *next = room->next, *A = room->A, *P = room->P;
    bool wide = s->rows <= s->cols;
    size_t n = shorter(s), in = s->cols, out = s->rows, ld = s->ld, square = tensor_pad(n);
    struct product gram = {.transpose_a = wide,
                           .transpose_b = !wide,
                           .m = n,
                           .n = n,
                           .k = wide ? in : out,
                           .lda = ld,
                           .ldb = ld,
                           .c = A,
                           .ldc = square};
    for (int64_t k = 0; k < steps; k++) {
        gram.a = gram.b = x;
        symmetric(backend, &gram);
        polynomial(backend, n, A, P);
        for (size_t i = 0; i < in * ld; i++)
            next[i] = 3.4445f * x[i];
        matmul(backend, &(struct product){.m = in,
                                          .n = out,
                                          .k = n,
                                          .a = wide ? x : P,
                                          .lda = wide ? ld : square,
                                          .b = wide ? P : x,
                                          .ldb = wide ? square : ld,
                                          .start = next,
                                          .start_ld = ld,
                                          .c = next,
                                          .ldc = ld});
        float *swap = x;
        x = next;
        next = swap;
    }
    return x;
}

static VECTORIZED(step_hidden,
                  (const struct muon *o, const struct optim_now *now, const struct optim_view *v),
                  (o, now, v))
{
    float *restrict w = v->w, *restrict b = v->slot[BUFFER];
    const float *restrict g = v->g;
    size_t square = shorter(&v->shape) * tensor_pad(shorter(&v->shape));
    float *x = now->scratch;
    const struct room room = {x, x + v->n, x + 2 * v->n, x + 2 * v->n + square};
    float mu = (float)now->momentum, one_mu = (float)(1 - now->momentum);
    for (size_t i = 0; i < v->n; i++) {
        b[i] = mu * b[i] + one_mu * g[i];
        x[i] = o->nesterov ? one_mu * g[i] + mu * b[i] : b[i];
    }
    float inverse = (float)(1 / (sqrt(vec_sum_squares(x, v->n)) + 1e-7));
    vec_scale(x, inverse, v->n);
    x = orthogonalise(now->matmul, &v->shape, o->ns_steps, &room);
    if (o->common.cautious)
        cautious_mask(v, g, x);
    double rows = (double)v->shape.rows, cols = (double)v->shape.cols;
    float lr = (float)(now->lr * v->lr_factor *
                       (o->adjust_lr == ORIGINAL ? sqrt(fmax(1, rows / cols))
                                                 : 0.2 * sqrt(fmax(rows, cols))));
    float shrink = (float)(1 - now->lr * v->lr_factor * v->decay);
    for (size_t i = 0; i < v->n; i++)
        w[i] = w[i] * shrink - lr * x[i];
}

/* A schedule moves adamw_lr as it moves lr; not where lr is 0, of which it is no factor. */
static VECTORIZED(step_other,
                  (const struct muon *o, const struct optim_now *now, const struct optim_view *v),
                  (o, now, v))
{
    struct adam adamw = {
        .betas = {o->betas[0], o->betas[1]}, .eps = o->eps, .bias_correction = true};
    struct optim_now as_adamw = *now;
    struct optim_view view = *v;
    as_adamw.lr = o->adamw_lr * (o->lr > 0 ? now->lr / o->lr : 1) * v->lr_factor;
    as_adamw.momentum = o->betas[0];
    view.slot[0] = v->slot[EXP_AVG];
    view.slot[1] = v->slot[EXP_AVG_SQ];
    view.slot[2] = NULL;
    if (o->common.cautious) {
        view.w = now->scratch;
        memset(view.w, 0, v->n * sizeof *view.w);
    }
    adam_step(&adamw, &as_adamw, &view, true);
    if (o->common.cautious)
        cautious_apply(v, (float)(1 - as_adamw.lr * v->decay), view.w, v->g);
}

/* All tensors at once: it is the products of one that a team shares. */
static void step_all(const void *options, const struct optim_now *now, struct optim_view *views,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_hidden(views[i].role))
            step_hidden(options, now, &views[i]);
        else
            step_other(options, now, &views[i]);
}

static const struct param params[] = {
    P_REAL(struct muon, lr, "0.02", AT_LEAST(0), "learning rate of the hidden matrices",
           .role = PARAM_ROLE_LR),
    P_REAL(struct muon, momentum, "0.95", FROM_BELOW(0, 1), "decay of their momentum",
           .role = PARAM_ROLE_MOMENTUM),
    P_BOOL(struct muon, nesterov, "true", "look ahead along the momentum"),
    P_INT(struct muon, ns_steps, "5", FROM_TO(1, 100), "Newton-Schulz iterations"),
    P_CHOICE(struct muon, adjust_lr, "original", adjustments,
             "factor of lr: sqrt(max(1, rows / cols)), or 0.2 sqrt(max(rows, cols)), with which "
             "AdamW's lr and weight decay fit (PyTorch's adjust_lr_fn)"),
    P_REAL(struct muon, adamw_lr, "3e-4", AT_LEAST(0),
           "learning rate of AdamW, for output layer, biases and norms"),
    P_PAIR(struct muon, betas, "[0.9, 0.95]", FROM_BELOW(0, 1), "AdamW's moments"),
    P_REAL(struct muon, eps, "1e-8", AT_LEAST(0), "AdamW's denominator"),
    OPTIM_DECAY(struct muon, "0", "decoupled weight decay of all tensors"),
    P_END};

const struct optim_kind optim_muon = {
    .base =
        {
            .name = "muon",
            .title = "Muon: orthogonalised momentum for hidden layers",
            .equation =
                "M = momentum * M + (1 - momentum) * g;  U = (1 - momentum) * g + momentum * M\n"
                "X = U / (|U| + 1e-7);  ns_steps times:  A = X X'\n"
                "    X = 3.4445 * X + (-4.775 * A + 2.0315 * A A) X\n"
                "w = w - lr * sqrt(max(1, rows / cols)) * X    for hidden matrices; AdamW for the rest",
            .source =
                "Jordan et al. 2024, \"Muon: an optimizer for hidden layers in neural networks\"",
            .note =
                "The first layer's matrix counts as hidden. A model without a hidden layer is trained by AdamW alone. A convolution's kernel is the matrix out x (in * height * width). "
                "cautious masks X, as its paper masks what is subtracted; its authors' code masks M before it is orthogonalised.",
            .params = params,
            .options_size = sizeof(struct muon),
        },
    .family = OPTIM_SECOND_ORDER,
    .cautious = CAUTIOUS_OWN,
    .time = "products: 5 (ns_steps) of about 3 rows^2 cols each, rows the shorter side",
    .slots = {{.name = "momentum_buffer", .fades = true, .has = has_buffer},
              {.name = "exp_avg", .fades = true, .has = has_moments},
              {.name = "exp_avg_sq", .has = has_moments}},
    .step_all = step_all,
    .scratch = scratch,
};
