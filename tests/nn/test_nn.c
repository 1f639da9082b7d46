/* Every layer's gradient against central differences; losses and plans against values worked out by
 * hand. */
#include "check_main.h"
#include "digest.h"
#include "nn/internal.h"
#include "nn/nn.h"
#include "num/random.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FEATURES = 6, CLASSES = 3, BATCH = 5 };

struct setup {
    struct arena arena;
    struct diags diags;
    struct chosen config;
    struct model_plan *plan;
    struct model *model;
};

static void fail_diags(struct setup *s)
{
    struct strbuf b;
    strbuf_init(&b);
    diags_write(&s->diags, &b);
    ck_abort_msg("%s", b.text);
}

static const struct image_shape vector = {1, 1, FEATURES};

static void set_up_for(struct setup *s, struct image_shape shape, const char *text)
{
    struct error err = {0};
    arena_init(&s->arena);
    diags_init(&s->diags, &s->arena);
    if (!kind_parse(&s->arena, &model_registry, text, &s->diags, &s->config))
        fail_diags(s);
    if (!model_plan_new(&s->config, shape, CLASSES, &s->plan, &err))
        ck_abort_msg("%s: %s", err.key, err.message);
    s->model = model_new(s->plan, BATCH, BATCH, 1, 1);
    model_init(s->model, &((const struct model_common *)s->config.options)->init, 7);
    struct rng r = rng_stream(3, RNG_TEST, 0, 0);
    size_t rows = s->plan->input_image ? image_pixels(shape) : 1,
           columns = s->plan->input_image ? shape.channels : s->plan->features;
    for (size_t i = 0; i < BATCH; i++) {
        for (size_t row = 0; row < rows; row++)
            for (size_t j = 0; j < columns; j++)
                model_input(s->model)[(i * rows + row) * s->plan->input_ld + j] =
                    (float)rng_normal(&r);
        model_labels(s->model)[i] = (uint8_t)(i % CLASSES);
    }
}

static void set_up(struct setup *s, const char *text)
{
    set_up_for(s, vector, text);
}

static void tear_down(struct setup *s)
{
    model_free(s->model);
    model_plan_free(s->plan);
    arena_fini(&s->arena);
}

/* float32 forward passes: differences of 1e-3 are good to about 1e-3 of the gradient's scale */
static void check_gradient_for(struct image_shape shape, const char *text, double smoothing)
{
    struct setup s;
    set_up_for(&s, shape, text);
    float *w = model_params(s.model), *g = model_grads(s.model),
          *copy = mem_array(s.plan->param_floats, sizeof *copy);
    model_train(s.model, BATCH, 4, smoothing, 1, false);
    memcpy(copy, g, s.plan->param_floats * sizeof *g);
    double scale = 1e-2;
    for (size_t i = 0; i < s.plan->param_floats; i++)
        scale = fmax(scale, fabs((double)copy[i]));
    for (size_t t = 0; t < s.plan->params; t++) {
        const struct model_tensor *p = &s.plan->param[t];
        for (size_t i = p->offset; i < p->offset + p->stored; i++) {
            if ((i - p->offset) % p->shape.ld >= p->shape.rows) {
                ck_assert_msg(!(fabsf(copy[i]) > 0), "padding of %s has a gradient", p->name);
                continue;
            }
            float old = w[i], h = 4e-3f;
            w[i] = old + h;
            double up = model_train_loss(s.model, BATCH, 4, smoothing);
            w[i] = old - h;
            double down = model_train_loss(s.model, BATCH, 4, smoothing);
            w[i] = old;
            double difference = (up - down) / (2 * (double)h);
            ck_assert_msg(fabs(difference - (double)copy[i]) < 4e-3 * scale,
                          "%s: %s[%zu]: %g, difference quotient %g", text, p->name, i - p->offset,
                          (double)copy[i], difference);
        }
    }
    mem_free(copy);
    tear_down(&s);
}

static void check_gradient(const char *text, double smoothing)
{
    check_gradient_for(vector, text, smoothing);
}

/* ---- threads ---- */

enum { TEAM_SIDE = 40, TEAM_PIXELS = TEAM_SIDE * TEAM_SIDE };

/* The gradient of a batch, its loss and running statistics, and an evaluation's loss. */
static float *trained_by(const struct setup *s, struct team *team, size_t *ret_n)
{
    size_t params = s->plan->param_floats, buffers = s->plan->buffer_floats;
    struct model *m = model_new(s->plan, BATCH, BATCH, team_size(team), 1);
    float *ret = mem_array(*ret_n = params + buffers + 2, sizeof *ret);
    model_use_matmul(m, &(struct matmul){.team = team, .kernel = gemm_best()});
    memcpy(model_params(m), model_params(s->model), params * sizeof *ret);
    memcpy(model_buffers(m), model_buffers(s->model), buffers * sizeof *ret);
    memcpy(model_input(m), model_input(s->model),
           BATCH * s->plan->input_ld * TEAM_PIXELS * sizeof *ret);
    memcpy(model_labels(m), model_labels(s->model), BATCH);
    ret[params + buffers] = (float)model_train(m, BATCH, 4, 0.1, 1, false);
    memcpy(ret, model_grads(m), params * sizeof *ret);
    memcpy(ret + params, model_buffers(m), buffers * sizeof *ret);
    ret[params + buffers + 1] = (float)model_evaluate(m, NULL, NULL, BATCH, NULL).loss;
    model_free(m);
    return ret;
}

/* Layers of more than 100,000 floats are shared out. */
START_TEST(a_team_has_the_same_bits)
{
    static const char *const shortcuts[] = {"identity", "pad"};
    struct setup s;
    char text[512];
    snprintf(
        text, sizeof text,
        "{name: layers, layers: [{conv: {out: 16, kernel: 3, padding: same}}, batch_norm, tanh, "
        "{residual: {layers: [{conv: {out: %d, kernel: 3, padding: same}}, batch_norm], shortcut: %s}}, relu, "
        "{avg_pool: {size: 3, stride: 1}}, flatten, {linear: 3}]}",
        _i ? 40 : 16, shortcuts[_i]);
    set_up_for(&s, (struct image_shape){1, TEAM_SIDE, TEAM_SIDE}, text);
    size_t n;
    float *one = trained_by(&s, NULL, &n);
    for (size_t threads = 2; threads <= 3; threads++) {
        struct team *team;
        struct error err;
        ck_assert(team_new(threads, &team, &err));
        float *several = trained_by(&s, team, &n);
        ck_assert_mem_eq(one, several, n * sizeof *one);
        mem_free(several);
        team_free(team);
    }
    mem_free(one);
    tear_down(&s);
}
END_TEST

static const char *const smooth_activations[] = {"elu",     "gelu",     "silu",    "tanh",
                                                 "sigmoid", "softplus", "identity"};

START_TEST(smooth_activation_gradient)
{
    char text[128];
    snprintf(text, sizeof text, "{name: mlp, hidden: [5, 4], activation: %s}",
             smooth_activations[_i]);
    check_gradient(text, 0);
}
END_TEST

START_TEST(relu_gradient)
{
    check_gradient("{name: mlp, hidden: [5, 4], activation: relu}", 0);
}
END_TEST

START_TEST(leaky_relu_gradient)
{
    check_gradient("{name: mlp, hidden: [5, 4], activation: leaky_relu}", 0);
}
END_TEST

START_TEST(batch_norm_gradient)
{
    check_gradient("{name: mlp, hidden: [5, 4], activation: tanh, batch_norm: true}", 0);
}
END_TEST

START_TEST(dropout_gradient)
{
    check_gradient("{name: mlp, hidden: [5, 4], activation: tanh, dropout: 0.5}", 0);
}
END_TEST

START_TEST(smoothing_gradient)
{
    check_gradient("{name: mlp, hidden: [5], activation: tanh}", 0.1);
}
END_TEST

START_TEST(softmax_gradient)
{
    check_gradient("softmax", 0);
}
END_TEST

START_TEST(list_gradient)
{
    check_gradient(
        "{name: layers, layers: [flatten, batch_norm, {linear: 20}, sigmoid, {dropout: 0.3}, "
        "{linear: {out: 17, bias: false}}, batch_norm, silu, {linear: 3}]}",
        0.05);
}
END_TEST

/* What layers make of images: every backward pass, and the ways that gradients take. */
#define LIST(layers) "{name: layers, layers: [" layers ", flatten, {linear: 3}]}"
#define CONV(out, rest) "{conv: {out: " #out ", kernel: " rest "}}"
static const struct {
    struct image_shape shape;
    const char *text;
} image_models[] = {
    {{1, 6, 7}, LIST(CONV(5, "3"))},
    {{3, 5, 6}, LIST("batch_norm, " CONV(4, "[3, 2], stride: 2, padding: [1, 0]") ", tanh")},
    {{2, 7, 6},
     LIST("batch_norm, " CONV(20, "3, padding: same") ", sigmoid, " CONV(
         3, "2, stride: [3, 2], padding: 2"))},
    {{5, 4, 6}, LIST("batch_norm, {max_pool: {size: 2}}")},
    {{4, 7, 7}, LIST("layer_norm, {max_pool: {size: 3, stride: 2, padding: 1, ceil: true}}")},
    {{4, 5, 8}, LIST("batch_norm, {avg_pool: {size: 3, stride: 2, padding: 1, ceil: true}}")},
    {{4, 5, 6},
     LIST("batch_norm, {max_pool: {size: [3, 2], stride: 1}}, {avg_pool: {size: [1, 2]}}")},
    {{4, 5, 6}, LIST(CONV(18, "3") ", silu, global_avg_pool")},
    {{6, 3, 4}, LIST("{group_norm: {groups: 3}}, tanh, {group_norm: {groups: 1}}")},
    {{3, 3, 4}, LIST(CONV(6, "1") ", {group_norm: {groups: 6}}, {dropout: 0.3}")},
    {{3, 3, 4}, LIST("layer_norm, tanh, layer_norm")},
    {{17, 2, 3}, LIST("layer_norm, " CONV(3, "2") ", batch_norm")},
    {{4, 4, 5},
     LIST("batch_norm, {residual: {layers: [" CONV(4, "3, padding: 1") ", batch_norm, tanh, " CONV(
         4, "1") ", batch_norm]}}, tanh")},
    {{4, 4, 5},
     LIST("batch_norm, {residual: {layers: [batch_norm, tanh, " CONV(4, "3, padding: 1") "]}}")},
    {{3, 4, 5}, LIST("{residual: {layers: [" CONV(3, "3, padding: 1") "]}}, silu")},
    {{4, 5, 4},
     LIST("batch_norm, {residual: {layers: [" CONV(
         7, "3, padding: 1, stride: 2") ", tanh], shortcut: pad}}")},
    {{4, 5, 5},
     LIST("batch_norm, {residual: {layers: [" CONV(
         7, "3, padding: 1, stride: 2") ", batch_norm], shortcut: conv}}")},
    {{4, 4, 4},
     LIST("batch_norm, {residual: {layers: [{residual: {layers: [" CONV(
         4, "3, padding: 1") ", tanh]}}, " CONV(4, "1") "]}}")},
    {{4, 4, 4},
     LIST("batch_norm, {residual: {layers: [" CONV(4, "1") ", {residual: {layers: [tanh, " CONV(
         4, "1") "]}}]}}")},
    {{3, 4, 4},
     LIST(
         "{residual: {layers: [tanh], shortcut: pad}}, {residual: {layers: [layer_norm, {residual: {layers: [silu], shortcut: conv}}], "
         "shortcut: identity}}")},
    {{1, 5, 4}, LIST("{residual: {layers: [batch_norm, tanh], shortcut: conv}}")},
    {{1, 1, 6},
     "{name: layers, layers: [flatten, {linear: 5}, {residual: {layers: [{linear: 5}, tanh]}}, "
     "layer_norm, {residual: {layers: [{linear: 7}], shortcut: pad}}, {group_norm: {groups: 7}}, {linear: 3}]}"},
};

START_TEST(image_gradient)
{
    check_gradient_for(image_models[_i].shape, image_models[_i].text, 0);
}
END_TEST

/* The loss of a batch does not depend on the tiles: half as many images give the same bits. */
START_TEST(tiles_leave_bits_alone)
{
    struct setup s;
    set_up_for(&s, (struct image_shape){4, 100, 100},
               LIST(CONV(40, "3, padding: 1") ", batch_norm, relu, {residual: {layers: [" CONV(
                   40, "3, padding: 1") ", relu]}}, global_avg_pool"));
    static uint8_t predicted[BATCH];
    double sum = 0;
    size_t ld, floats = 100 * 100 * s.plan->input_ld;
    double loss = model_evaluate(s.model, NULL, NULL, BATCH, predicted).loss;
    float logits[BATCH * 16];
    memcpy(logits, model_logits(s.model, &ld), sizeof logits);
    for (size_t i = 0; i < BATCH; i++) {
        memmove(model_input(s.model), model_input(s.model) + (i ? floats : 0),
                (BATCH - i) * floats * sizeof(float));
        model_labels(s.model)[0] = (uint8_t)(i % CLASSES);
        sum += model_evaluate(s.model, NULL, NULL, 1, NULL).loss;
        ck_assert_mem_eq(model_logits(s.model, &ld), logits + i * 16, 3 * sizeof(float));
    }
    ck_assert(memcmp(&loss, &sum, sizeof sum) == 0);
    tear_down(&s);
}
END_TEST

/* A convolution does the ReLU and the pool behind it: neither keeps an image of its own. */
START_TEST(what_is_behind_a_convolution_takes_no_memory)
{
    struct setup plain, behind;
    set_up_for(&plain, (struct image_shape){3, 40, 40},
               LIST(CONV(20, "3") ", {max_pool: {size: 2}}"));
    set_up_for(&behind, (struct image_shape){3, 40, 40},
               LIST(CONV(20, "3") ", relu, {max_pool: {size: 2}}"));
    double map = BATCH * 38.0 * 38 * 32 * sizeof(float);
    ck_assert(model_bytes_wanted(behind.plan, BATCH, BATCH, 1) <
              model_bytes_wanted(plain.plan, BATCH, BATCH, 1) + map / 2);
    tear_down(&plain);
    tear_down(&behind);
}
END_TEST

/* Steps that hand their input on as it is. */
static size_t handed_on(const struct model_plan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->layers; i++)
        n += p->step[i].shape.passes;
    return n;
}

/* A ReLU behind a convolution or a norm is done by that; not where a mean over one pixel, which
 * changes nothing, stands between. */
#define WITH(between)                                                                              \
    LIST(CONV(20, "3") between                                                                     \
         ", relu, " CONV(18, "2") ", batch_norm" between ", relu, {residual: {layers: [" CONV(     \
             18, "3, padding: 1") ", batch_norm" between ", relu]}}, global_avg_pool")
START_TEST(a_relu_done_besides_has_the_same_bits)
{
    struct setup besides, apart;
    struct image_shape shape = {4, TEAM_SIDE, TEAM_SIDE};
    set_up_for(&besides, shape, WITH(""));
    set_up_for(&apart, shape, WITH(", {avg_pool: {size: 1}}"));
    ck_assert_uint_eq(handed_on(besides.plan), handed_on(apart.plan) + 3);
    size_t n, same;
    float *a = trained_by(&besides, NULL, &n), *b = trained_by(&apart, NULL, &same);
    ck_assert_uint_eq(n, same);
    ck_assert_mem_eq(a, b, n * sizeof *a);
    mem_free(a);
    mem_free(b);
    tear_down(&besides);
    tear_down(&apart);
}
END_TEST

/* two halves of a batch add up to the whole, for a model without batch statistics */
START_TEST(accumulation_adds)
{
    struct setup s;
    set_up(&s, "{name: mlp, hidden: [5], activation: tanh}");
    size_t n = s.plan->param_floats;
    float *whole = mem_array(n, sizeof *whole);
    model_train(s.model, 4, 0, 0, 0.25, false);
    memcpy(whole, model_grads(s.model), n * sizeof *whole);
    float *x = model_input(s.model);
    uint8_t *y = model_labels(s.model);
    model_train(s.model, 2, 0, 0, 0.25, false);
    memmove(x, x + 2 * s.plan->input_ld, 2 * s.plan->input_ld * sizeof *x);
    memmove(y, y + 2, 2);
    model_train(s.model, 2, 0, 0, 0.25, true);
    for (size_t i = 0; i < n; i++)
        ck_assert_float_eq_tol(whole[i], model_grads(s.model)[i], 1e-6f);
    mem_free(whole);
    tear_down(&s);
}
END_TEST

START_TEST(zero_weights_give_log_classes)
{
    struct setup s;
    set_up(&s, "{name: softmax, init: zeros}");
    uint8_t predicted[BATCH];
    struct model_score score = model_evaluate(s.model, NULL, NULL, BATCH, predicted);
    ck_assert_double_eq_tol(score.loss, BATCH * log(3), 1e-6);
    ck_assert_uint_eq(score.right,
                      2); /* the first of equals: class 0, the label of images 0 and 3 */
    ck_assert_uint_eq(predicted[1], 0);
    tear_down(&s);
}
END_TEST

START_TEST(running_statistics_as_pytorch)
{
    struct setup s;
    set_up(&s, "{name: layers, layers: [flatten, batch_norm, {linear: 3}]}");
    double mean = 0, square = 0;
    const float *x = model_input(s.model);
    for (size_t i = 0; i < BATCH; i++)
        mean += (double)x[i * s.plan->input_ld] / BATCH;
    for (size_t i = 0; i < BATCH; i++)
        square += pow((double)x[i * s.plan->input_ld] - mean, 2) / (BATCH - 1);
    model_train(s.model, BATCH, 0, 0, 1, false);
    const struct model_tensor *b = s.plan->buffer;
    ck_assert_float_eq_tol(model_buffers(s.model)[b[0].offset], (float)(0.1 * mean), 1e-6f);
    ck_assert_float_eq_tol(model_buffers(s.model)[b[1].offset], (float)(0.9 + 0.1 * square), 1e-6f);
    tear_down(&s);
}
END_TEST

START_TEST(evaluation_leaves_training_alone)
{
    struct setup s;
    set_up(&s, "{name: mlp, hidden: [5, 4], batch_norm: true, dropout: 0.5}");
    double first = model_train(s.model, BATCH, 3, 0, 1, false);
    float *g = mem_array(s.plan->param_floats, sizeof *g);
    memcpy(g, model_grads(s.model), s.plan->param_floats * sizeof *g);
    model_evaluate(s.model, NULL, NULL, BATCH, NULL);
    double second = model_train(s.model, BATCH, 3, 0, 1, false);
    ck_assert(memcmp(&first, &second, sizeof first) == 0);
    ck_assert(memcmp(g, model_grads(s.model), s.plan->param_floats * sizeof *g) == 0);
    mem_free(g);
    tear_down(&s);
}
END_TEST

START_TEST(dropout_share_and_scale)
{
    struct setup s;
    set_up(&s, "{name: layers, layers: [flatten, {dropout: 0.25}, {linear: 3}], init: zeros}");
    size_t ld, zeros = 0, kept = 0;
    float *x = model_input(s.model);
    for (size_t i = 0; i < BATCH; i++)
        for (size_t j = 0; j < FEATURES; j++)
            x[i * s.plan->input_ld + j] = 3;
    /* with zero weights dW = X^T (p - onehot): the rows of a dropped pixel in a batch of one are
     * zero */
    for (uint64_t minibatch = 0; minibatch < 400; minibatch++) {
        model_train(s.model, 1, minibatch, 0, 1, false);
        for (size_t j = 0; j < FEATURES; j++) {
            float v = model_grads(s.model)[j * s.plan->param[0].shape.ld + 1];
            zeros += !(v > 0);
            kept += fabsf(v - 4.0f / 3) < 1e-5f; /* 3 / 0.75 * 1/3 */
        }
    }
    ck_assert_uint_eq(zeros + kept, 400 * FEATURES);
    ck_assert_double_eq_tol((double)zeros / (400 * FEATURES), 0.25, 0.03);
    model_logits(s.model, &ld);
    ck_assert_uint_eq(ld, 16);
    tear_down(&s);
}
END_TEST

START_TEST(layers_without_effect_have_no_number)
{
    struct setup s;
    set_up(&s, "{name: mlp, hidden: [5], dropout: 0}");
    ck_assert_uint_eq(s.plan->layers, 4);
    ck_assert_str_eq(s.plan->param[0].name, "1.weight");
    ck_assert_str_eq(s.plan->param[2].name, "3.weight");
    ck_assert_int_eq(s.plan->param[2].role, TENSOR_OUTPUT);
    tear_down(&s);
}
END_TEST

START_TEST(pytorch_init_is_within_its_bound)
{
    struct setup s;
    set_up(&s, "{name: mlp, hidden: [500]}");
    const struct model_tensor *p = &s.plan->param[0];
    double bound = 1 / sqrt(FEATURES), most = 0, sum = 0;
    for (size_t c = 0; c < FEATURES; c++)
        for (size_t r = 0; r < 500; r++) {
            double v = (double)model_params(s.model)[p->offset + c * p->shape.ld + r];
            most = fmax(most, fabs(v));
            sum += v;
        }
    ck_assert_double_le(most, bound);
    ck_assert_double_gt(most, 0.99 * bound);
    ck_assert_double_lt(fabs(sum / 3000), 0.03);
    tear_down(&s);
}
END_TEST

/* The documented draws of each initialisation, once more: a tensor's stream is (seed, RNG_INIT, its
 * number), in the order (out, in). */
enum draw { UNIFORM, NORMAL, TRUNCATED };
static const struct start {
    const char *init;
    enum draw draw;
    double numerator; /* of the squared bound or deviation, over the fans */
    bool in, out;     /* which fans */
    bool biases_too;
    double bias;
} starts[] = {
    {"pytorch", UNIFORM, 1, true, false, true, 0},
    {"lecun_uniform", UNIFORM, 3, true, false, false, 0},
    {"{name: kaiming_normal, bias: 0.25}", NORMAL, 2, true, false, false, 0.25},
    {"{name: normal, std: 0.25, bias: -2}", NORMAL, 0.0625, false, false, false, -2},
    {"xavier_uniform", UNIFORM, 6, true, true, false, 0},
    {"xavier_normal", NORMAL, 2, true, true, false, 0},
    {"kaiming_uniform", UNIFORM, 6, true, false, false, 0},
    {"kaiming_normal", NORMAL, 2, true, false, false, 0},
    {"{name: normal, std: 0.25}", NORMAL, 0.0625, false, false, false, 0},
    {"{name: truncated_normal, std: 0.25}", TRUNCATED, 0.0625, false, false, false, 0},
    {"zeros", UNIFORM, 0, false, false, false, 0},
};

/* The deviation of what is drawn: of U(+-1), N(0, 1), and N(0, 1) cut at 2 (1 - 4 phi(2) / (2
 * Phi(2) - 1), whose root is this). */
static const double deviations[] = {0.57735027, 1, 0.87962566};

static double drawn(enum draw d, struct rng *r)
{
    if (d == UNIFORM)
        return 2 * rng_uniform(r) - 1;
    double x = rng_normal(r);
    while (d == TRUNCATED && fabs(x) > 2)
        x = rng_normal(r);
    return x;
}

static void check_start(const struct setup *s, const struct start *e, size_t number)
{
    const struct model_tensor *p = &s->plan->param[number];
    bool bias = p->role == TENSOR_BIAS;
    double in = (double)p->fan_in, out = (double)p->shape.rows;
    double fans = (e->in ? in : 0) + (e->out ? out : 0), sum = 0, squares = 0,
           size = sqrt(e->numerator / (fans > 0 ? fans : 1)),
           n = (double)(p->shape.rows * p->shape.cols);
    struct rng r = rng_stream(7, RNG_INIT, number, 0);
    for (size_t row = 0; row < p->shape.rows; row++)
        for (size_t c = 0; c < p->shape.cols; c++) {
            double got = (double)model_params(s->model)[p->offset + c * p->shape.ld + row],
                   want = bias && !e->biases_too ? e->bias : size * drawn(e->draw, &r);
            ck_assert_msg(fabs(got - want) <= 1e-6 * fabs(want), "%s: %s[%zu, %zu] is %g, not %g",
                          e->init, p->name, row, c, got, want);
            sum += got;
            squares += got * got;
        }
    if (bias)
        return;
    double deviation = size * deviations[e->draw];
    ck_assert_msg(fabs(sum / n) <= 4 * deviation / sqrt(n), "%s: a mean of %g", e->init, sum / n);
    ck_assert_msg(fabs(sqrt(squares / n) - deviation) <= 4 * deviation / sqrt(n),
                  "%s: a deviation of %g, not %g", e->init, sqrt(squares / n), deviation);
}

enum { STARTS = sizeof starts / sizeof starts[0] };

/* One that is new wants a line above. */
START_TEST(every_init_is_documented)
{
    for (size_t k = 0; init_registry.kinds[k]; k++) {
        const char *name = init_registry.kinds[k]->name;
        char mapping[64];
        bool any = false;
        snprintf(mapping, sizeof mapping, "{name: %s,", name);
        for (size_t i = 0; i < STARTS; i++)
            any |= strcmp(starts[i].init, name) == 0 ||
                   strncmp(starts[i].init, mapping, strlen(mapping)) == 0;
        ck_assert_msg(any, "what %s draws is not checked", name);
    }
}
END_TEST

START_TEST(initial_weights_are_as_documented)
{
    const struct start *e = &starts[_i];
    struct setup s;
    char text[128];
    snprintf(text, sizeof text, "{name: mlp, hidden: [500], init: %s}", e->init);
    set_up(&s, text);
    ck_assert_uint_eq(s.plan->params, 4);
    for (size_t i = 0; i < s.plan->params; i++)
        check_start(&s, e, i);
    tear_down(&s);
}
END_TEST

/* A NaN before an activation is one after it: the loss tells. */
static const char *const all_activations[] = {"relu", "leaky_relu", "elu",      "gelu",    "silu",
                                              "tanh", "sigmoid",    "softplus", "identity"};
START_TEST(activations_pass_nan_on)
{
    struct setup s;
    char text[128];
    snprintf(text, sizeof text, "{name: layers, layers: [flatten, %s, {linear: 3}]}",
             all_activations[_i]);
    set_up(&s, text);
    ck_assert(isfinite(model_evaluate(s.model, NULL, NULL, BATCH, NULL).loss));
    model_input(s.model)[s.plan->input_ld + 2] = (float)NAN;
    ck_assert_msg(isnan(model_evaluate(s.model, NULL, NULL, BATCH, NULL).loss),
                  "%s makes a number of NaN", all_activations[_i]);
    ck_assert(isnan(model_train(s.model, BATCH, 1, 0, 1, false)));
    tear_down(&s);
}
END_TEST

static void refused(const char *text, const char *expected_key)
{
    struct arena a;
    struct diags d;
    struct chosen c;
    struct model_plan *p;
    struct error err = {0};
    arena_init(&a);
    diags_init(&d, &a);
    ck_assert(kind_parse(&a, &model_registry, text, &d, &c));
    ck_assert(!model_plan_new(&c, (struct image_shape){1, 2, 3}, CLASSES, &p, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_str_eq(err.key, expected_key);
    arena_fini(&a);
}

START_TEST(wrong_last_width_is_refused)
{
    refused("{name: layers, layers: [flatten, {linear: 4}]}", "model.layers.1");
}
END_TEST

START_TEST(no_linear_layer_is_refused)
{
    refused("{name: layers, layers: [flatten, relu]}", "model.layers");
}
END_TEST

START_TEST(dropout_list_of_wrong_length_is_refused)
{
    refused("{name: mlp, hidden: [5, 4, 3], dropout: [0.1, 0.2]}", "model.dropout");
}
END_TEST

START_TEST(layers_that_do_not_fit_are_refused)
{
    refused("{name: layers, layers: [{linear: 3}]}", "model.layers.0");
    refused("{name: layers, layers: [batch_norm, {linear: 3}]}", "model.layers.1");
    refused("{name: layers, layers: [flatten, {conv: {out: 3, kernel: 1}}, {linear: 3}]}",
            "model.layers.1");
    refused("{name: layers, layers: [{conv: {out: 3, kernel: 3}}, flatten, {linear: 3}]}",
            "model.layers.0");
    refused("{name: layers, layers: [{max_pool: {size: [3, 1]}}, flatten, {linear: 3}]}",
            "model.layers.0");
    refused("{name: layers, layers: [flatten, global_avg_pool, {linear: 3}]}", "model.layers.1");
    refused("{name: layers, layers: [{group_norm: {groups: 2}}, flatten, {linear: 3}]}",
            "model.layers.0");
    refused(
        "{name: layers, layers: [{residual: {layers: [relu, {conv: {out: 4, kernel: 1}}]}}, flatten, {linear: 3}]}",
        "model.layers.0");
    refused(
        "{name: layers, layers: [{residual: {layers: [relu, {conv: {out: 4, kernel: 5}}]}}, flatten, {linear: 3}]}",
        "model.layers.0.residual.layers.1");
    refused("{name: layers, layers: [{residual: {layers: [{dropout: 0}]}}, flatten, {linear: 3}]}",
            "model.layers.0");
    refused(
        "{name: layers, layers: [flatten, {linear: 4}, {residual: {shortcut: pad, layers: [{linear: 2}]}}, {linear: 3}]}",
        "model.layers.2");
    refused("vgg", "model");
}
END_TEST

/* ---- sparse rows against the dense input ---- */

enum { WIDE = 70, IMAGES = 130 };

/* Gradients and logits of one batch, given densely or as rows. */
static void both_ways(bool sparse, const float scaling[2], const char *text, float *ret_grads,
                      size_t *ret_n, float *ret_logits)
{
    const float scale = scaling[0], shift = scaling[1];
    static uint64_t mask[IMAGES][2];
    static uint8_t value[IMAGES][WIDE];
    struct arena arena;
    struct diags diags;
    struct chosen config;
    struct model_plan *plan;
    struct error err = {0};
    arena_init(&arena);
    diags_init(&diags, &arena);
    ck_assert(kind_parse(&arena, &model_registry, text, &diags, &config));
    ck_assert(model_plan_new(&config, (struct image_shape){1, 1, WIDE}, CLASSES, &plan, &err));
    ck_assert(model_takes_rows(plan));
    struct model *m = model_new(plan, IMAGES, IMAGES, 1, 1);
    model_init(m, &((const struct model_common *)config.options)->init, 7);
    if (sparse)
        model_use_rows(m, scale, shift);
    ck_assert(!sparse == !model_rows(m));
    struct rng r = rng_stream(3, RNG_TEST, 1, 0);
    for (size_t i = 0; i < IMAGES; i++) {
        for (size_t j = 0; j < WIDE; j++) {
            uint8_t v = i == 5 || rng_uniform(&r) < 0.7
                            ? 0
                            : (uint8_t)(256 * rng_uniform(&r)); /* the sixth is empty */
            value[i][j] = v;
            model_input(m)[i * plan->input_ld + j] = (float)v * scale + shift;
        }
        sparse_mask(value[i], WIDE, mask[i]);
        if (sparse)
            model_rows(m)[i] = (struct sparse_row){mask[i], value[i]};
        model_labels(m)[i] = (uint8_t)(i % CLASSES);
    }
    if (sparse) /* not to be looked at */
        memset(model_input(m), 0x7f, IMAGES * plan->input_ld * sizeof(float));
    model_train(m, IMAGES, 0, 0, 1.0 / IMAGES, false);
    model_train(m, IMAGES, 0, 0, 1.0 / IMAGES, true);
    *ret_n = plan->param_floats;
    memcpy(ret_grads, model_grads(m), plan->param_floats * sizeof(float));
    size_t ld;
    model_evaluate(m, NULL, NULL, IMAGES, NULL);
    const float *z = model_logits(m, &ld);
    for (size_t i = 0; i < IMAGES; i++)
        memcpy(ret_logits + i * CLASSES, z + i * ld, CLASSES * sizeof(float));
    model_free(m);
    model_plan_free(plan);
    arena_fini(&arena);
}

START_TEST(sparse_input_is_the_dense_one)
{
    static const char *const models[] = {
        "softmax", "{name: mlp, hidden: [5]}", "{name: mlp, hidden: [75], batch_norm: true}",
        "{name: mlp, hidden: [300, 7], activation: tanh}",
        "{name: layers, layers: [flatten, {linear: {out: 140, bias: false}}, relu, {linear: 3}]}"};
    static const float scales[][2] = {{1.0f / 255, 0}, {1.0f / 78, -0.42f}, {1, 0}};
    static float grads[2][100000], logits[2][IMAGES * CLASSES];
    size_t n;
    for (size_t k = 0; k < 3; k++) {
        for (int way = 0; way < 2; way++)
            both_ways(way == 1, scales[k], models[_i], grads[way], &n, logits[way]);
        float most = 0, top = 0;
        for (size_t i = 0; i < n; i++)
            most = fmaxf(most, fabsf(grads[0][i]));
        for (size_t i = 0; i < n; i++)
            ck_assert_msg(fabsf(grads[0][i] - grads[1][i]) < 1e-5f * most,
                          "%s: gradient %zu is %g dense, %g sparse", models[_i], i,
                          (double)grads[0][i], (double)grads[1][i]);
        for (size_t i = 0; i < IMAGES * CLASSES; i++)
            top = fmaxf(top, fabsf(logits[0][i]));
        for (size_t i = 0; i < IMAGES * CLASSES; i++)
            ck_assert_msg(fabsf(logits[0][i] - logits[1][i]) < 1e-5f * top, "%s: logits differ",
                          models[_i]);
    }
}
END_TEST

/* Rows are for the first linear layer alone: a shortcut past it would read floats that nobody has
 * made. */
START_TEST(rows_have_one_reader)
{
    static const struct {
        const char *layers;
        bool takes;
    } cases[] = {
        {"[flatten, {linear: 6}, {linear: 3}]", true},
        {"[flatten, {linear: 6}, {residual: {layers: [{linear: 6}, relu]}}, {linear: 3}]", true},
        {"[flatten, {residual: {layers: [{linear: 6}, relu]}}, {linear: 3}]", false},
        {"[flatten, {residual: {layers: [{linear: 9}], shortcut: pad}}, {linear: 3}]", false},
        {"[flatten, {residual: {layers: [{residual: {layers: [{linear: 6}]}}]}}, {linear: 3}]",
         false},
        {"[flatten, relu, {linear: 3}]", false},
        {"[{conv: {out: 2, kernel: 1}}, flatten, {linear: 3}]", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setup s;
        char text[256];
        snprintf(text, sizeof text, "{name: layers, layers: %s}", cases[i].layers);
        set_up_for(&s, (struct image_shape){1, 2, 3}, text);
        ck_assert_msg(model_takes_rows(s.plan) == cases[i].takes, "%s", cases[i].layers);
        tear_down(&s);
    }
}
END_TEST

START_TEST(sparse_rows_keep_to_themselves)
{
    /* the same row alone and amid others gives the same bits */
    static float w[40 * 48], base[48], alone[48], amid[3 * 48];
    static const uint8_t values[3][40] = {
        {1, 0, 0, 2, [17] = 3, [39] = 4}, {9, 0, 0, 255, [17] = 1, [39] = 77}, {1, 0, 0, 2}};
    uint64_t mask[3][1];
    for (size_t i = 0; i < 40 * 48; i++)
        w[i] = (float)sin((double)i);
    struct sparse_row rows[3];
    for (size_t i = 0; i < 3; i++) {
        sparse_mask(values[i], 40, mask[i]);
        rows[i] = (struct sparse_row){mask[i], values[i]};
    }
    ck_assert_uint_eq(mask[1][0], 1 | 1 << 3 | 1 << 17 | (uint64_t)1 << 39);
    float *aw = mem_array(40 * 48, sizeof *aw), *y = mem_array(3 * 48, sizeof *y);
    memcpy(aw, w, sizeof w);
    struct sparse_product p = {.x = rows + 1,
                               .n = 1,
                               .columns = 40,
                               .scale = 0.1f,
                               .right = aw,
                               .ld = 48,
                               .width = 48,
                               .base = base,
                               .result = y};
    sparse_gemm(&p);
    memcpy(alone, y, sizeof alone);
    p.x = rows;
    p.n = 3;
    sparse_gemm(&p);
    memcpy(amid, y, sizeof amid);
    ck_assert(memcmp(alone, amid + 48, sizeof alone) == 0);
    double exact = 0;
    for (size_t k = 0; k < 40; k++)
        exact += (double)values[1][k] * 0.1 * (double)w[k * 48];
    ck_assert_double_eq_tol((double)alone[0], exact, 1e-5 * fabs(exact));
    mem_free(aw);
    mem_free(y);
}
END_TEST

/* ---- the order of sums in double: what is rounded to float hides it, but for numbers that cancel
 * ---- */

/* Numbers from 1 to 2^40, the large ones again with the other sign: half an image on, and two
 * images on. */
static void wild_input(struct setup *s, struct image_shape shape)
{
    struct rng r = rng_stream(11, RNG_TEST, 0, 0);
    bool image = s->plan->input_image;
    size_t rows = image ? image_pixels(shape) : 1,
           columns = image ? shape.channels : s->plan->features, n = rows * columns;
    float *x = mem_array(BATCH * n, sizeof *x);
    for (size_t i = 0; i < BATCH; i++)
        for (size_t k = 0; k < n; k++) {
            bool large = i < 2 && k < n / 2 && rng_u32(&r) % 2 == 0;
            float v = (float)rng_normal(&r), *to = x + i * n + k;
            *to = large ? ldexpf(v, 20 + 20 * (int)(rng_u32(&r) % 2)) : v;
            if (k >= n / 2 && fabsf(to[-(ptrdiff_t)(n / 2)]) > 1e4f)
                *to = -to[-(ptrdiff_t)(n / 2)];
            else if (i >= 2 && i < 4 && fabsf(to[-2 * (ptrdiff_t)n]) > 1e4f)
                *to = -to[-2 * (ptrdiff_t)n];
        }
    for (size_t i = 0; i < BATCH * rows; i++)
        memcpy(model_input(s->model) + i * s->plan->input_ld, x + i * columns, columns * sizeof *x);
    mem_free(x);
}

/* Of four inputs one has large weights, another the same with the other sign. */
static void wild_output(struct setup *s)
{
    const struct model_tensor *t = &s->plan->param[s->plan->params - 2];
    float *w = model_params(s->model) + t->offset;
    for (size_t i = 0; i < t->stored; i++)
        if (i / t->shape.ld % 4 == 0)
            w[i] = ldexpf(w[i], 40);
        else if (i / t->shape.ld % 4 == 2)
            w[i] = -w[i - 2 * t->shape.ld];
}

static const struct image_shape wild_image = {12, 3, 4};
static const struct {
    const char *layers; /* before {linear: 3} */
    bool image;
    uint64_t digest;
} wild[] = {
    {"flatten, batch_norm", false, 0x86f7dfe4c0db0169u},
    {"flatten, layer_norm", false, 0xca2bab8d190e1931u},
    {"flatten", false, 0xb3cd8da7a136bbd6u},
    {"batch_norm, flatten", true, 0xa4ab7d01dd2a7f5bu},
    {"layer_norm, flatten", true, 0x664dd6863f25547cu},
    {"{group_norm: {groups: 2}}, flatten", true, 0xb118443f17e01739u},
    {"{group_norm: {groups: 4}}, flatten", true, 0xa1969a5e6f8c0e05u},
    {"global_avg_pool, flatten", true, 0xbf0b2e4431c90bd6u},
    {"{avg_pool: {size: 2}}, flatten", true, 0xe5428db8a2dec31au},
    {"{conv: {out: 3, kernel: 3, padding: 1}}, flatten", true, 0x3e87cf7b94d92d46u},
    {"{conv: {out: 17, kernel: 2}}, relu, {max_pool: {size: 2}}, flatten", true,
     0x8693e5af221a143cu},
};

/* Another digest is another version of results. */
START_TEST(sums_keep_their_order)
{
    struct setup s;
    char text[160];
    struct image_shape shape = wild[_i].image ? wild_image : vector;
    snprintf(text, sizeof text, "{name: layers, layers: [%s, {linear: 3}]}", wild[_i].layers);
    set_up_for(&s, shape, text);
    wild_input(&s, shape);
    wild_output(&s);
    double loss = model_train(s.model, BATCH, 1, 0.1, 0.25, false);
    const float *g = model_grads(s.model);
    uint64_t digest = digest_add(DIGEST_BEGIN, &loss, sizeof loss);
    for (size_t i = 0; i < s.plan->param_floats; i++) {
        ck_assert(isfinite(g[i]));
        float x = g[i] + 0; /* one zero */
        digest = digest_add(digest, &x, sizeof x);
    }
    digest = digest_add(digest, model_buffers(s.model), s.plan->buffer_floats * sizeof(float));
    ck_assert_msg(digest == wild[_i].digest, "%s: digest %#llx", wild[_i].layers,
                  (unsigned long long)digest);
    tear_down(&s);
}
END_TEST

/* Exponentials of which the smaller ones together are more than one by one, beside 1. */
START_TEST(losses_keep_their_order)
{
    struct setup s;
    set_up(&s, "{name: softmax}");
    uint64_t digest = DIGEST_BEGIN;
    for (size_t trial = 0; trial < 200; trial++) {
        struct rng r = rng_stream(12, RNG_TEST, trial, 0);
        for (size_t j = 0; j < FEATURES; j++)
            model_input(s.model)[j] = (float)(60 * rng_normal(&r));
        for (uint8_t label = 0; label < CLASSES; label++) { /* one of them is the largest */
            model_labels(s.model)[0] = label;
            double loss = model_train_loss(s.model, 1, 1, 0.1 * (double)(trial % 2));
            digest = digest_add(digest, &loss, sizeof loss);
        }
    }
    ck_assert_msg(digest == 0xe1ee422ca66466b0u, "losses have digest %#llx",
                  (unsigned long long)digest);
    tear_down(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nn");
    TCase *t = tcase_create("nn");
    tcase_set_timeout(t, 240);
    tcase_add_loop_test(t, smooth_activation_gradient, 0,
                        (int)(sizeof smooth_activations / sizeof smooth_activations[0]));
    tcase_add_test(t, relu_gradient);
    tcase_add_test(t, leaky_relu_gradient);
    tcase_add_test(t, batch_norm_gradient);
    tcase_add_test(t, dropout_gradient);
    tcase_add_test(t, smoothing_gradient);
    tcase_add_test(t, softmax_gradient);
    tcase_add_test(t, list_gradient);
    tcase_add_loop_test(t, image_gradient, 0, (int)(sizeof image_models / sizeof image_models[0]));
    tcase_add_test(t, tiles_leave_bits_alone);
    tcase_add_test(t, what_is_behind_a_convolution_takes_no_memory);
    tcase_add_test(t, a_relu_done_besides_has_the_same_bits);
    tcase_add_test(t, layers_that_do_not_fit_are_refused);
    tcase_add_test(t, accumulation_adds);
    tcase_add_test(t, zero_weights_give_log_classes);
    tcase_add_test(t, running_statistics_as_pytorch);
    tcase_add_test(t, evaluation_leaves_training_alone);
    tcase_add_test(t, dropout_share_and_scale);
    tcase_add_test(t, layers_without_effect_have_no_number);
    tcase_add_test(t, pytorch_init_is_within_its_bound);
    tcase_add_loop_test(t, initial_weights_are_as_documented, 0, STARTS);
    tcase_add_test(t, every_init_is_documented);
    tcase_add_loop_test(t, activations_pass_nan_on, 0, 9);
    tcase_add_test(t, wrong_last_width_is_refused);
    tcase_add_test(t, no_linear_layer_is_refused);
    tcase_add_test(t, dropout_list_of_wrong_length_is_refused);
    tcase_add_loop_test(t, sparse_input_is_the_dense_one, 0, 5);
    tcase_add_test(t, sparse_rows_keep_to_themselves);
    tcase_add_test(t, rows_have_one_reader);
    tcase_add_loop_test(t, sums_keep_their_order, 0, sizeof wild / sizeof wild[0]);
    tcase_add_test(t, losses_keep_their_order);
    tcase_add_loop_test(t, a_team_has_the_same_bits, 0, 2);
    suite_add_tcase(suite, t);
    return check_main(suite);
}
