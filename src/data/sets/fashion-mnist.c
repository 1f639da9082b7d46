#include "data/internal.h"

static const char *const folders[] = {"raw", "FashionMNIST/raw", NULL};
static const char *const classes[] = {"T-shirt/top", "trouser",    "pullover", "dress",
                                      "coat",        "sandal",     "shirt",    "sneaker",
                                      "bag",         "ankle boot", NULL};

const struct data_kind data_fashion_mnist = {
    .base = {.name = "fashion-mnist",
             .title = "articles of clothing, 28 x 28 pixels, ten classes",
             .source = "Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747"},
    .folder = folders,
    .class_name = classes,
    IDX_SET,
    .known_train = 60000,
    .known_test = 10000,
    .known_classes = 10,
    .known_image = {1, 28, 28},
};
