/* Every figure that is logged of a run: what it is called, what it is of, what it is good for. */
#ifndef DESCENT_SPEC_METRIC_H
#define DESCENT_SPEC_METRIC_H

#include <stdbool.h>

struct spec;

/* What is logged after each epoch, in the order of the columns of epochs.csv. */
enum metric {
    METRIC_LR,
    METRIC_MOMENTUM,
    METRIC_BATCH_SIZE,
    METRIC_BATCH_LOSS,
    METRIC_LAST_BATCH_LOSS,
    METRIC_GRAD_NORM,
    METRIC_TRAIN_LOSS,
    METRIC_TRAIN_ACCURACY,
    METRIC_VALID_LOSS,
    METRIC_VALID_ACCURACY,
    METRIC_TEST_LOSS,
    METRIC_TEST_ACCURACY,
    METRICS
};

struct data;
struct data_split;

/* The images that a model is evaluated on. */
enum split { SPLIT_TRAIN, SPLIT_VALID, SPLIT_TEST, SPLITS, SPLIT_NONE = SPLITS };

struct split_info {
    const char *name;   /* as metrics have it: "valid" */
    const char *word;   /* "validation" */
    const char *images; /* "validation set" */
    enum metric loss, accuracy;
};
extern const struct split_info split_info[SPLITS];
extern const char *const split_names[]; /* NULL-ended */
/* The images of a split; borrowed from the data. split < SPLITS. */
const struct data_split *split_images(const struct data *d, enum split split);

enum metric_quantity {
    METRIC_SCHEDULED, /* a setting in force, which the optimizer or a schedule gives */
    METRIC_LOSS,      /* less of it is better */
    METRIC_ACCURACY,  /* a share from 0 to 1, more of it is better */
    METRIC_NORM
};

struct metric_info {
    const char *name;  /* the column: "valid_accuracy" */
    const char *label; /* "validation accuracy" */
    enum split split;  /* of which images; SPLIT_NONE: of minibatches, or of none */
    enum metric_quantity quantity;
};
extern const struct metric_info metric_info[METRICS];
extern const char *const metric_names[]; /* METRICS names, NULL-ended */
/* Those by which a run decides something: all but the test's; and of these, those that tell which
 * of two models is better. NULL-ended. */
extern const char *const metric_deciding_names[], *const metric_ranking_names[];
/* What `expect` takes: a metric, or the digest of the weights; NULL-ended. */
extern const char *const expect_names[];
extern const char metric_header[]; /* the first line of epochs.csv, newline included */

/* The metric of this name, or METRICS. */
enum metric metric_find(const char *name);
/* Whether more of it is better: an accuracy, a share that is shown in per cent. */
bool metric_rises(enum metric m);
/* Whether it is a setting, not a result. */
bool metric_is_scheduled(enum metric m);
/* Whether it tells which of two models is better: a loss or an accuracy. */
bool metric_ranks(enum metric m);
/* Whether it is of the test set, by which nothing is chosen. */
bool metric_is_test(enum metric m);
/* A loss as tables for readers have it, in 10 characters at most: four decimals, from 100,000 on
 * four digits and a power of ten. */
enum { METRIC_LOSS_TEXT = 16 };
/* Returns ret. */
const char *metric_show_loss(char ret[METRIC_LOSS_TEXT], double loss);
/* Takes the figures of the test set out of a row. */
void metric_forget_tests(double value[METRICS]);
/* The metric that may decide in its place: for one of the test set that of the validation set. */
enum metric metric_to_choose_by(enum metric m);
/* What this spec would have to give for it to be evaluated, as an error message says it ("a
 * validation set (dataset.validation)"); NULL where nothing is missing. */
const char *metric_needs(enum metric m, const struct spec *s);

#endif
