/* Evaluation: which weights count, and their loss and accuracy on the splits. */
#include "num/math.h"
#include "num/tensor.h"
#include "train/internal.h"
#include "util/clock.h"
#include <math.h>
#include <string.h>

void train_gather(struct train *t, struct data_batch b)
{
    struct sparse_row *rows = model_rows(t->model);
    b.seed = (uint64_t)t->spec->seed;
    b.scratch = t->pixels;
    if (rows)
        data_gather_rows(t->data, &b, rows, model_labels(t->model));
    else if (t->plan->input_image)
        data_gather_pixels(t->data, &b, model_input(t->model), t->plan->input_ld,
                           model_labels(t->model));
    else
        data_gather(t->data, &b, model_input(t->model), t->plan->input_ld, model_labels(t->model));
}

void train_refresh_norm(struct train *t, const float *params, float *buffers, size_t limit)
{
    size_t batch = (size_t)t->spec->train.batch_size,
           n = limit < t->data->train.n ? limit : t->data->train.n;
    batch = n < batch ? n : batch;
    model_norm_begin(t->model, buffers);
    size_t number = 0;
    for (size_t first = 0; first < n; first += batch) {
        size_t m = n - first < batch ? n - first : batch;
        if (m < batch && (t->spec->train.drop_last || m * t->plan->norm_pixels < 2))
            break;
        train_gather(
            t, (struct data_batch){
                   .split = &t->data->train, .idx = t->first_order + first, .n = m, .epoch = 1});
        model_norm_add(t->model, params, buffers, m, number++);
    }
}

struct weights {
    const float *params, *buffers; /* as the plan lays them out; NULL: the model's own */
};

/* The weights that the optimizer wants evaluated. Whether all of them are those of training: then
 * their statistics are, too. */
static bool gather_evaluated(struct train *t)
{
    bool same = true;
    for (size_t i = 0; i < t->plan->params; i++) {
        size_t offset = t->plan->param[i].offset, size = t->plan->param[i].stored * sizeof(float);
        memcpy(t->evaluated + offset, optim_evaluated(t->optim, i), size);
        same = same && memcmp(t->evaluated + offset, model_params(t->model) + offset, size) == 0;
    }
    return same;
}

/* The weights that count: the average, the optimizer's own, or the plain ones (both NULL);
 * refreshes their statistics. */
static struct weights choose_weights(struct train *t)
{
    struct weights w = {NULL, NULL};
    if (t->average && t->averaged > 0) {
        w = (struct weights){t->average, t->average_buffers};
    } else if (t->evaluated && t->clock.step > 0) {
        bool own = gather_evaluated(t);
        w = (struct weights){t->evaluated, t->average_buffers};
        if (t->average_buffers && own)
            memcpy(t->average_buffers, model_buffers(t->model),
                   t->plan->buffer_floats * sizeof(float));
        else if (t->average_buffers)
            train_refresh_norm(t, t->evaluated, t->average_buffers, t->data->train.n);
    }
    return w;
}

static struct train_score evaluate(struct train *t, struct weights w, const struct data_split *s,
                                   size_t n, uint8_t *ret_predicted)
{
    size_t batch = (size_t)t->spec->evaluate.batch_size, right = 0;
    double loss = 0;
    for (size_t first = 0; first < n; first += batch) {
        size_t m = n - first < batch ? n - first : batch;
        train_gather(t, (struct data_batch){.split = s, .first = first, .n = m});
        struct model_score score = model_evaluate(t->model, w.params, w.buffers, m,
                                                  ret_predicted ? ret_predicted + first : NULL);
        loss += score.loss;
        right += score.right;
    }
    if (n == 0)
        return (struct train_score){(double)NAN, (double)NAN};
    if (isnan(loss))
        loss = (double)NAN; /* of one sign, whatever the compiler */
    return (struct train_score){loss / (double)n, (double)right / (double)n};
}

void train_evaluate(struct train *t, const struct data_split *s, size_t limit, double *ret_loss,
                    double *ret_accuracy, uint8_t *ret_predicted)
{
    struct train_score score =
        evaluate(t, choose_weights(t), s, limit < s->n ? limit : s->n, ret_predicted);
    *ret_loss = score.loss;
    *ret_accuracy = score.accuracy;
}

/* 1 / sum_k exp(z_k - z_class) */
static float probability(const float *z, size_t classes, size_t class)
{
    double sum = 0;
    for (size_t k = 0; k < classes; k++)
        sum += math_exp((double)z[k] - (double)z[class]);
    return (float)(1 / sum);
}

void train_predict(struct train *t, const struct data_split *s, uint8_t *ret_predicted,
                   float *ret_probability)
{
    size_t batch = (size_t)t->spec->evaluate.batch_size, ld;
    struct weights w = choose_weights(t);
    for (size_t first = 0; first < s->n; first += batch) {
        size_t m = s->n - first < batch ? s->n - first : batch;
        train_gather(t, (struct data_batch){.split = s, .first = first, .n = m});
        model_evaluate(t->model, w.params, w.buffers, m, ret_predicted + first);
        const float *z = model_logits(t->model, &ld);
        for (size_t i = 0; i < m; i++)
            ret_probability[first + i] =
                probability(z + i * ld, t->plan->classes, ret_predicted[first + i]);
    }
}

void train_classify(struct train *t, const struct data_split *s, float *ret_probability)
{
    size_t ld;
    struct weights w = choose_weights(t);
    train_gather(t, (struct data_batch){.split = s, .n = 1});
    model_evaluate(t->model, w.params, w.buffers, 1, NULL);
    const float *z = model_logits(t->model, &ld);
    for (size_t k = 0; k < t->plan->classes; k++)
        ret_probability[k] = probability(z, t->plan->classes, k);
}

void train_weights(struct train *t, const float **ret_params, const float **ret_buffers)
{
    struct weights w = choose_weights(t);
    *ret_params = w.params ? w.params : model_params(t->model);
    *ret_buffers = w.buffers ? w.buffers : model_buffers(t->model);
}

struct train_score train_evaluate_weights(struct train *t, const float *params,
                                          const float *buffers, const struct data_split *s,
                                          size_t limit)
{
    return evaluate(t, (struct weights){params, buffers}, s, limit < s->n ? limit : s->n, NULL);
}

void train_refresh_weights(struct train *t, const float *params, float *buffers, size_t limit)
{
    train_refresh_norm(t, params, buffers, limit);
}

static void put_score(struct epoch_row *row, enum split split, struct train_score score)
{
    row->value[split_info[split].loss] = score.loss;
    row->value[split_info[split].accuracy] = score.accuracy;
}

void train_measure(struct train *t, struct epoch_row *row, bool with_test)
{
    double began = clock_monotonic();
    const struct data *d = t->data;
    struct weights w = choose_weights(t);
    uint64_t limit = (uint64_t)t->spec->evaluate.train;
    if (with_test) {
        put_score(row, SPLIT_TEST, evaluate(t, w, &d->test, d->test.n, NULL));
    } else {
        size_t n = limit < d->train.n ? (size_t)limit : d->train.n;
        put_score(row, SPLIT_TRAIN, evaluate(t, w, &d->train, n, NULL));
        put_score(row, SPLIT_VALID, evaluate(t, w, &d->valid, d->valid.n, NULL));
    }
    row->evaluate_seconds += clock_monotonic() - began;
}
