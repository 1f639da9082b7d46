/* Shampoo: a matrix is preconditioned on both sides. Gupta, Koren and Singer 2018, algorithm 1
 * (arXiv:1802.09568), with means of the factors, corrected moments and the step's length of another
 * optimizer as Anil et al. 2020 (arXiv:2002.09018) have them.
 *     m = beta1 m + (1 - beta1) G,  L = beta2 L + (1 - beta2) G G',  R = beta2 R + (1 - beta2) G' G
 *     D = the step of the grafting method with m^ for its gradient
 *     t < every    w = (1 - lr weight_decay) w - lr D
 *     else         P = (L^ + eps)^(-1/4) m^ (R^ + eps)^(-1/4);  the roots renewed every `every`
 *                  w = (1 - lr weight_decay) w - lr |D| / |P| P
 * Each hat: over 1 - its beta^t; adam: D = m^ / (sqrt(v^) + grafting_eps); adagrad: v is the sum of the
 * squares; sgd: D = m^. Vectors take D. */
#include "num/math.h"
#include "num/vec.h"
#include "optim/kinds/factors.h"
#include "optim/wrappers.h"

enum { ADAM, ADAGRAD, SGD };
static const char *const graftings[] = {"adam", "adagrad", "sgd", NULL};

struct shampoo {
    struct optim_common common;
    double lr, betas[2], eps;
    int64_t every;
    int grafting;
    double grafting_eps;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { EXP_AVG, EXP_AVG_SQ, L, R, L_ROOT, R_ROOT };

static bool grafts_root(const void *options)
{
    return ((const struct shampoo *)options)->grafting != SGD;
}

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    (void)options;
    size_t matrix = factors_scratch(s, role), vector = 2 * tensor_stored(s);
    return matrix > vector ? matrix : vector;
}

/* ---- the roots ---- */

/* root = (factor / correction + eps)^(-1/4) = Z' diag Z, the rows of Z eigenvectors. */
static void renew(size_t n, const float *factor, double correction, double eps, float *root,
                  const struct factors_room *room)
{
    double *values = factors_eigen(n, factor, room), *z = room->eigen, *scaled = z + n * n;
    for (size_t k = 0; k < n; k++) {
        double value = fmax(values[k] / correction, 0) + fmax(eps, 1e-30);
        double of = 1 / sqrt(sqrt(value));
        for (size_t i = 0; i < n; i++)
            scaled[k * n + i] = of * z[k * n + i];
    }
    for (size_t i = 0; i < n; i++) {
        double *sum = values + n; /* of row i */
        for (size_t j = 0; j < n; j++)
            sum[j] = 0;
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++)
                sum[j] += z[k * n + i] * scaled[k * n + j];
        for (size_t j = 0; j < n; j++)
            root[i * n + j] = (float)sum[j];
    }
}

static void gather_side(const struct shampoo *o, const struct optim_now *now,
                        const struct optim_view *v, bool left, const struct factors_room *room)
{
    double b = o->betas[1], correction = b < 1 ? 1 - math_pow(b, (double)now->t) : 1;
    float *factor = v->slot[left ? L : R];
    if (!factor)
        return;
    factors_gather(room, left, (float)b, b < 1 ? (float)(1 - b) : 1, factor);
    if (now->t % (uint64_t)o->every == 0)
        renew(left ? v->shape.rows : v->shape.cols, factor, correction, o->eps,
              v->slot[left ? L_ROOT : R_ROOT], room);
}

/* ---- the step ---- */

/* m^ and D of one tensor. */
static VECTORIZED(graft,
                  (const struct shampoo *o, const struct optim_now *now, const struct optim_view *v,
                   float *restrict mean, float *restrict D),
                  (o, now, v, mean, D))
{
    float *restrict m = v->slot[EXP_AVG], *restrict s = v->slot[EXP_AVG_SQ];
    const float *restrict g = v->g;
    double t = (double)now->t, b1 = now->momentum, b2 = o->betas[1];
    bool sum = o->grafting == ADAGRAD || !(b2 < 1);
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1),
          correct = (float)(1 / (1 - math_pow(b1, t)));
    float keep = sum ? 1 : (float)b2, share = sum ? 1 : (float)(1 - b2),
          root = sum ? 1 : (float)(1 / sqrt(1 - math_pow(b2, t))), eps = optim_eps(o->grafting_eps);
    for (size_t i = 0; i < v->n; i++) {
        m[i] = beta1 * m[i] + one_beta1 * g[i];
        mean[i] = correct * m[i];
        D[i] = mean[i];
    }
    for (size_t i = 0; s && i < v->n; i++) {
        s[i] = keep * s[i] + share * g[i] * g[i];
        D[i] = mean[i] / (sqrtf(s[i]) * root + eps);
    }
}

static VECTORIZED(move,
                  (const struct shampoo *o, const struct optim_now *now, const struct optim_view *v,
                   float *u, double size),
                  (o, now, v, u, size))
{
    if (o->common.cautious)
        cautious_mask(v, v->g, u);
    float *restrict w = v->w, by = (float)(now->lr * v->lr_factor * size),
                    shrink = (float)(1 - now->lr * v->lr_factor * v->decay);
    for (size_t i = 0; i < v->n; i++)
        w[i] = w[i] * shrink - by * u[i];
}

static void step_matrix(const struct shampoo *o, const struct optim_now *now,
                        const struct optim_view *v)
{
    struct factors_room room = factors_room(now, v, now->scratch);
    float *left = v->slot[L] ? room.square[1] : NULL, *right = v->slot[R] ? room.square[2] : NULL;
    float *mean = room.like[0], *D = room.like[1];
    gather_side(o, now, v, true, &room);
    gather_side(o, now, v, false, &room);
    graft(o, now, v, mean, D);
    if (now->t < (uint64_t)o->every) {
        move(o, now, v, D, 1);
        return;
    }
    double length = sqrt(vec_sum_squares(D, v->n));
    if (left)
        factors_pad(v->shape.rows, v->slot[L_ROOT], left);
    if (right)
        factors_pad(v->shape.cols, v->slot[R_ROOT], right);
    factors_multiply(&room, &(struct factors_product){.a = left, .x = mean, .b = right}, D);
    double own = sqrt(vec_sum_squares(D, v->n));
    move(o, now, v, D, own > 0 ? length / own : 0);
}

/* All tensors at once: it is the products of one that a team shares. */
static void step_all(const void *options, const struct optim_now *now, struct optim_view *views,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct optim_view *v = &views[i];
        if (tensor_is_matrix(v->role)) {
            step_matrix(options, now, v);
            continue;
        }
        graft(options, now, v, now->scratch, now->scratch + v->n);
        move(options, now, v, now->scratch + v->n, 1);
    }
}

static const struct param params[] = {
    P_REAL(struct shampoo, lr, "0.001", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct shampoo, betas, "[0.9, 0.999]", FROM_TO(0, 1),
           "decay of the mean and of the second moments; the last 1: sums, as in the paper",
           .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct shampoo, eps, "1e-12", AT_LEAST(0), "added to the factors' eigenvalues"),
    P_INT(struct shampoo, every, "10", FROM_TO(1, 1e9),
          "between two renewals of the roots; until the first the grafting method steps",
          .unit = "updates"),
    P_CHOICE(struct shampoo, grafting, "adam", graftings, "whose step's length a matrix takes"),
    P_REAL(struct shampoo, grafting_eps, "1e-8", AT_LEAST(0),
           "added to the grafting method's denominator"),
    OPTIM_DECAY(struct shampoo, "0", "decoupled weight decay"),
    P_END};

static const char *check(const void *options, const char **ret_key)
{
    *ret_key = "betas";
    return ((const struct shampoo *)options)->betas[0] < 1 ? NULL
                                                           : "the first of 'betas' must be below 1";
}

const struct optim_kind optim_shampoo = {
    .base =
        {
            .name = "shampoo",
            .title = "Shampoo: a matrix preconditioned on both sides",
            .equation =
                "m = beta1 * m + (1 - beta1) * G;  D = the grafting method's step with m\n"
                "L = beta2 * L + (1 - beta2) * G G';  R = beta2 * R + (1 - beta2) * G' G\n"
                "P = (L + eps)^(-1/4) m (R + eps)^(-1/4)    (moments corrected; roots renewed every\n"
                "                                            `every` updates, D until then)\n"
                "w = w - lr * (|D| / |P| * P + weight_decay * w)",
            .source =
                "Gupta, Koren and Singer 2018, arXiv:1802.09568; grafting: Anil et al. 2020, arXiv:2002.09018",
            .note =
                "The defaults are those of Meta's distributed Shampoo beside Adam, but for `every`, there 100. A side of "
                "more than 10000 is not preconditioned. A convolution's kernel is the matrix out x (in * height * width). Vectors, and all scales of norms, take the grafting method's step.",
            .params = params,
            .options_size = sizeof(struct shampoo),
            .check = check,
        },
    .family = OPTIM_SECOND_ORDER,
    .cautious = CAUTIOUS_OWN,
    .time =
        "products: about 4 rows cols (rows + cols), and the eigenvectors of both sides every `every`",
    .slots = {{.name = "exp_avg", .fades = true},
              {.name = "exp_avg_sq", .used = grafts_root},
              {.name = "L", .has = factors_of_matrix, .size = factors_left_size},
              {.name = "R", .has = factors_of_matrix, .size = factors_right_size},
              {.name = "L_root", .has = factors_of_matrix, .size = factors_left_size},
              {.name = "R_root", .has = factors_of_matrix, .size = factors_right_size}},
    .step_all = step_all,
    .scratch = scratch,
};
