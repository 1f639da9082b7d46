#include "data/internal.h"

static const char *const folders[] = {"raw", "MNIST/raw", NULL};

const struct data_kind data_mnist = {
    .base = {.name = "mnist",
             .title = "handwritten digits, 28 x 28 pixels, ten classes",
             .source = "LeCun, Cortes and Burges 1998, The MNIST database of handwritten digits"},
    .folder = folders,
    IDX_SET,
    .known_train = 60000,
    .known_test = 10000,
    .known_classes = 10,
    .known_image = {1, 28, 28},
};
