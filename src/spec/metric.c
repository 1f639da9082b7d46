#include "spec/metric.h"
#include "spec/spec.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TABLE(ROW)                                                                                 \
    ROW(LR, "lr", "learning rate", NONE, SCHEDULED)                                                \
    ROW(MOMENTUM, "momentum", "momentum", NONE, SCHEDULED)                                         \
    ROW(BATCH_SIZE, "batch_size", "batch size", NONE, SCHEDULED)                                   \
    ROW(BATCH_LOSS, "batch_loss", "minibatch loss", NONE, LOSS)                                    \
    ROW(LAST_BATCH_LOSS, "last_batch_loss", "last minibatch's loss", NONE, LOSS)                   \
    ROW(GRAD_NORM, "grad_norm", "gradient norm", NONE, NORM)                                       \
    ROW(TRAIN_LOSS, "train_loss", "training loss", TRAIN, LOSS)                                    \
    ROW(TRAIN_ACCURACY, "train_accuracy", "training accuracy", TRAIN, ACCURACY)                    \
    ROW(VALID_LOSS, "valid_loss", "validation loss", VALID, LOSS)                                  \
    ROW(VALID_ACCURACY, "valid_accuracy", "validation accuracy", VALID, ACCURACY)                  \
    ROW(TEST_LOSS, "test_loss", "test loss", TEST, LOSS)                                           \
    ROW(TEST_ACCURACY, "test_accuracy", "test accuracy", TEST, ACCURACY)

#define INFO(ID, NAME, LABEL, SPLIT, QUANTITY)                                                     \
    [METRIC_##ID] = {NAME, LABEL, SPLIT_##SPLIT, METRIC_##QUANTITY},
#define NAME(ID, NAME, LABEL, SPLIT, QUANTITY) [METRIC_##ID] = NAME,
#define DECIDING_NONE(NAME) NAME,
#define DECIDING_TRAIN(NAME) NAME,
#define DECIDING_VALID(NAME) NAME,
#define DECIDING_TEST(NAME)
#define DECIDING(ID, NAME, LABEL, SPLIT, QUANTITY) DECIDING_##SPLIT(NAME)
#define RANKING_SCHEDULED(NAME, SPLIT)
#define RANKING_LOSS(NAME, SPLIT) DECIDING_##SPLIT(NAME)
#define RANKING_ACCURACY(NAME, SPLIT) DECIDING_##SPLIT(NAME)
#define RANKING_NORM(NAME, SPLIT)
#define RANKING(ID, NAME, LABEL, SPLIT, QUANTITY) RANKING_##QUANTITY(NAME, SPLIT)
#define COLUMN(ID, NAME, LABEL, SPLIT, QUANTITY) "," NAME

const struct metric_info metric_info[METRICS] = {TABLE(INFO)};
const char *const metric_names[] = {TABLE(NAME)[METRICS] = NULL};
const char *const metric_deciding_names[] = {TABLE(DECIDING) NULL};
const char *const metric_ranking_names[] = {TABLE(RANKING) NULL};
const char *const expect_names[] = {TABLE(NAME)[METRICS] = "weights", NULL};
const char metric_header[] = "epoch,step" TABLE(COLUMN) "\n";

#define SPLIT_TABLE(X)                                                                             \
    X(TRAIN, "train", "training", "training set")                                                  \
    X(VALID, "valid", "validation", "validation set")                                              \
    X(TEST, "test", "test", "test set")
#define SPLIT_INFO(ID, NAME, WORD, IMAGES)                                                         \
    [SPLIT_##ID] = {NAME, WORD, IMAGES, METRIC_##ID##_LOSS, METRIC_##ID##_ACCURACY},
#define SPLIT_NAME(ID, NAME, WORD, IMAGES) [SPLIT_##ID] = NAME,

const struct split_info split_info[SPLITS] = {SPLIT_TABLE(SPLIT_INFO)};
const char *const split_names[] = {SPLIT_TABLE(SPLIT_NAME)[SPLITS] = NULL};

const struct data_split *split_images(const struct data *d, enum split split)
{
    return split == SPLIT_TRAIN ? &d->train : split == SPLIT_VALID ? &d->valid : &d->test;
}

enum metric metric_find(const char *name)
{
    for (int i = 0; i < METRICS; i++)
        if (strcmp(metric_names[i], name) == 0)
            return (enum metric)i;
    return METRICS;
}

bool metric_rises(enum metric m)
{
    return metric_info[m].quantity == METRIC_ACCURACY;
}

bool metric_is_scheduled(enum metric m)
{
    return metric_info[m].quantity == METRIC_SCHEDULED;
}

bool metric_ranks(enum metric m)
{
    return metric_info[m].quantity == METRIC_LOSS || metric_info[m].quantity == METRIC_ACCURACY;
}

bool metric_is_test(enum metric m)
{
    return metric_info[m].split == SPLIT_TEST;
}

void metric_forget_tests(double value[METRICS])
{
    for (int m = 0; m < METRICS; m++)
        if (metric_is_test((enum metric)m))
            value[m] = (double)NAN;
}

enum metric metric_to_choose_by(enum metric m)
{
    const struct split_info *valid = &split_info[SPLIT_VALID];
    if (!metric_is_test(m))
        return m;
    return metric_rises(m) ? valid->accuracy : valid->loss;
}

const char *metric_needs(enum metric m, const struct spec *s)
{
    enum split split = metric_info[m].split;
    if (split == SPLIT_VALID && !(s->dataset.validation > 0))
        return "a validation set (dataset.validation)";
    if (split == SPLIT_TRAIN && s->evaluate.train == 0)
        return "evaluate.train";
    if (split == SPLIT_TEST && s->evaluate.test == EVALUATE_NEVER)
        return "evaluate.test: end or every";
    if (m == METRIC_MOMENTUM && s->optimizer.kind && isnan(optim_base_momentum(&s->optimizer)))
        return "an optimizer with momentum";
    return NULL;
}

const char *metric_show_loss(char ret[METRIC_LOSS_TEXT], double loss)
{
    snprintf(ret, METRIC_LOSS_TEXT, fabs(loss) < 99999.99995 ? "%.4f" : "%.4g", loss);
    return ret;
}
