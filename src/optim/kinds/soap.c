/* SOAP: Adam in the eigenbasis of Shampoo's factors. Vyas et al. 2024, algorithms 3 and 4
 * (arXiv:2409.11321).
 *     t = 1    L = (1 - b) G G',  R = (1 - b) G' G;  QL and QR their eigenvectors; no step
 *     t > 1    m = beta1 m + (1 - beta1) G
 *              V = beta2 V + (1 - beta2) (QL' G QR)^2
 *              N = QL (QL' m QR / (sqrt(V) + eps)) QR'
 *              w = w - lr sqrt(1 - beta2^(t - 1)) / (1 - beta1^(t - 1)) N
 *              L = b L + (1 - b) G G',  R = b R + (1 - b) G' G
 *              every `every` updates: QL = QR step of L QL, and so QR
 * Directions of which L says nothing yet (a minibatch of few examples) keep the vectors that they
 * have, at first unit vectors. Vectors are trained by Adam, which is the same with Q = 1. */
#include "num/math.h"
#include "optim/kinds/factors.h"
#include "optim/wrappers.h"

struct soap {
    struct optim_common common;
    double lr, betas[2], eps, shampoo_beta;
    int64_t every;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { EXP_AVG, EXP_AVG_SQ, L, R, QL, QR };

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    (void)options;
    return tensor_is_matrix(role) ? factors_scratch(s, role) : tensor_stored(s);
}

/* ---- the bases ---- */

/* Of the largest eigenvalue: below, the first factor says hardly anything but rounding. */
#define SAYS_NOTHING 1e-5

static void first_basis(size_t n, const float *factor, float *Q, const struct factors_room *room)
{
    double *values = factors_eigen(n, factor, room), *z = room->eigen;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n && !(values[j] > SAYS_NOTHING * values[0]); i++)
            z[j * n + i] = 0;
    orthogonal_rows(n, z, NULL, 0.5, z + n * n);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            Q[i * n + j] = (float)z[j * n + i];
}

/* The QR step of S = factor Q. */
static void next_basis(size_t n, const float *factor, float *Q, const struct factors_room *room)
{
    size_t ld = tensor_pad(n);
    double *q = room->eigen, *last = q + n * n, most = 0;
    factors_pad(n, factor, room->square[0]);
    factors_pad(n, Q, room->square[1]);
    matmul(room->matmul, &(struct product){.m = n,
                                           .n = n,
                                           .k = n,
                                           .a = room->square[0],
                                           .lda = ld,
                                           .b = room->square[1],
                                           .ldb = ld,
                                           .c = room->square[2],
                                           .ldc = ld});
    for (size_t j = 0; j < n; j++) {
        double square = 0;
        for (size_t i = 0; i < n; i++) {
            q[j * n + i] = (double)room->square[2][i * ld + j];
            last[j * n + i] = (double)Q[i * n + j];
            square += q[j * n + i] * q[j * n + i];
        }
        most = fmax(most, sqrt(square));
    }
    orthogonal_rows(n, q, last, 1e-6 * most, last + n * n);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            Q[i * n + j] = (float)q[j * n + i];
}

static void gather_side(const struct soap *o, const struct optim_now *now,
                        const struct optim_view *v, bool left, const struct factors_room *room)
{
    size_t n = left ? v->shape.rows : v->shape.cols;
    float *factor = v->slot[left ? L : R], *Q = v->slot[left ? QL : QR];
    double b = isnan(o->shampoo_beta) ? o->betas[1] : o->shampoo_beta;
    if (!factor)
        return;
    factors_gather(room, left, (float)b, (float)(1 - b), factor);
    if (now->t == 1)
        first_basis(n, factor, Q, room);
    else if ((now->t - 1) % (uint64_t)o->every == 0)
        next_basis(n, factor, Q, room);
}

/* ---- the step ---- */

/* V, and u = rotated / (sqrt(V) + eps); rotated may be u. */
static VECTORIZED(divide,
                  (const struct soap *o, const struct optim_view *v, const float *g,
                   const float *rotated, float *u),
                  (o, v, g, rotated, u))
{
    float *restrict V = v->slot[EXP_AVG_SQ];
    float beta2 = (float)o->betas[1], one_beta2 = (float)(1 - o->betas[1]), eps = optim_eps(o->eps);
    for (size_t i = 0; i < v->n; i++) {
        V[i] = beta2 * V[i] + one_beta2 * g[i] * g[i];
        u[i] = rotated[i] / (sqrtf(V[i]) + eps);
    }
}

static VECTORIZED(average, (const struct optim_now *now, const struct optim_view *v), (now, v))
{
    float *restrict m = v->slot[EXP_AVG];
    const float *restrict g = v->g;
    float beta1 = (float)now->momentum, one_beta1 = (float)(1 - now->momentum);
    for (size_t i = 0; i < v->n; i++)
        m[i] = beta1 * m[i] + one_beta1 * g[i];
}

static VECTORIZED(move,
                  (const struct soap *o, const struct optim_now *now, const struct optim_view *v,
                   float *u),
                  (o, now, v, u))
{
    float *restrict w = v->w;
    if (o->common.cautious)
        cautious_mask(v, v->g, u);
    double t = (double)now->t - 1;
    float size = (float)(now->lr * v->lr_factor * sqrt(1 - math_pow(o->betas[1], t)) /
                         (1 - math_pow(now->momentum, t))),
          shrink = (float)(1 - now->lr * v->lr_factor * v->decay);
    for (size_t i = 0; i < v->n; i++)
        w[i] = w[i] * shrink - size * u[i];
}

static void step_matrix(const struct soap *o, const struct optim_now *now,
                        const struct optim_view *v)
{
    struct factors_room room = factors_room(now, v, now->scratch);
    float *left = v->slot[QL] ? room.square[1] : NULL, *right = v->slot[QR] ? room.square[2] : NULL;
    float *g = room.like[0], *u = room.like[1];
    if (now->t > 1) {
        if (left)
            factors_pad(v->shape.rows, v->slot[QL], left);
        if (right)
            factors_pad(v->shape.cols, v->slot[QR], right);
        average(now, v);
        struct factors_product to = {.a = left, .x = v->g, .b = right, .transpose_a = true},
                               back = {.a = left, .x = u, .b = right, .transpose_b = true};
        factors_multiply(&room, &to, g);
        to.x = v->slot[EXP_AVG];
        factors_multiply(&room, &to, u);
        divide(o, v, g, u, u);
        factors_multiply(&room, &back, g);
        move(o, now, v, g);
    }
    gather_side(o, now, v, true, &room);
    gather_side(o, now, v, false, &room);
}

static void step_vector(const struct soap *o, const struct optim_now *now,
                        const struct optim_view *v)
{
    if (now->t == 1)
        return;
    average(now, v);
    divide(o, v, v->g, v->slot[EXP_AVG], now->scratch);
    move(o, now, v, now->scratch);
}

/* All tensors at once: it is the products of one that a team shares. */
static void step_all(const void *options, const struct optim_now *now, struct optim_view *views,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tensor_is_matrix(views[i].role))
            step_matrix(options, now, &views[i]);
        else
            step_vector(options, now, &views[i]);
}

static const struct param params[] = {
    P_REAL(struct soap, lr, "0.003", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct soap, betas, "[0.95, 0.95]", FROM_BELOW(0, 1),
           "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct soap, eps, "1e-8", AT_LEAST(0), "added to the denominator"),
    P_REAL(struct soap, shampoo_beta, "null", FROM_BELOW(0, 1),
           "decay of L and R; null: that of the second moment", .nullable = true),
    P_INT(struct soap, every, "10", FROM_TO(1, 1e9), "between two renewals of the bases",
          .unit = "updates"),
    OPTIM_DECAY(struct soap, "0.01", "decoupled weight decay"),
    P_END};

const struct optim_kind optim_soap = {
    .base =
        {
            .name = "soap",
            .title = "SOAP: Adam in Shampoo's eigenbasis",
            .equation =
                "m = beta1 * m + (1 - beta1) * G\n"
                "V = beta2 * V + (1 - beta2) * (QL' G QR)^2\n"
                "N = QL (QL' m QR / (sqrt(V) + eps)) QR'\n"
                "w = w - lr * sqrt(1 - beta2^(t-1)) / (1 - beta1^(t-1)) * N\n"
                "L = b * L + (1 - b) * G G';  R = b * R + (1 - b) * G' G    (b: shampoo_beta)\n"
                "every `every` updates: QL = QR step of L QL;  QR = QR step of R QR",
            .source = "Vyas et al. 2024, algorithms 3 and 4, arXiv:2409.11321",
            .note =
                "The first update only finds the bases; directions whose eigenvalue is below 1e-5 of the largest, of which a few examples say "
                "nothing, begin as unit vectors made orthogonal to the others. Bases are renewed after update 1 + every, 1 + 2 every, ... The authors' code sorts the basis by its eigenvalues at each "
                "renewal, the paper does not. A side of more than 10000 is not rotated. A convolution's kernel is the matrix out x (in * height * width); the authors' code rotates its four sides, each by a basis of its own. Vectors, and all scales of norms: Adam. Leave eps above 0: at 0 a direction whose squared gradients underflow takes a step without bound.",
            .params = params,
            .options_size = sizeof(struct soap),
        },
    .family = OPTIM_SECOND_ORDER,
    .cautious = CAUTIOUS_OWN,
    .time =
        "products: about 10 rows cols (rows + cols), and a QR decomposition of both sides every `every`",
    .slots = {{.name = "exp_avg", .fades = true},
              {.name = "exp_avg_sq"},
              {.name = "L", .has = factors_of_matrix, .size = factors_left_size},
              {.name = "R", .has = factors_of_matrix, .size = factors_right_size},
              {.name = "QL", .has = factors_of_matrix, .size = factors_left_size},
              {.name = "QR", .has = factors_of_matrix, .size = factors_right_size}},
    .step_all = step_all,
    .scratch = scratch,
};
