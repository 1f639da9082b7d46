#include "spec/spec.h"
#include <string.h>

const char *const metric_names[] = {"lr",
                                    "momentum",
                                    "batch_size",
                                    "batch_loss",
                                    "last_batch_loss",
                                    "grad_norm",
                                    "train_loss",
                                    "train_accuracy",
                                    "valid_loss",
                                    "valid_accuracy",
                                    "test_loss",
                                    "test_accuracy",
                                    NULL};

enum metric metric_find(const char *name)
{
    for (int i = 0; i < METRICS; i++)
        if (strcmp(metric_names[i], name) == 0)
            return (enum metric)i;
    return METRICS;
}

bool metric_rises(enum metric m)
{
    return m == METRIC_TRAIN_ACCURACY || m == METRIC_VALID_ACCURACY ||
           m == METRIC_TEST_ACCURACY;
}
