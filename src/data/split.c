/* Which images are trained on, held out and tested. */
#include "data/internal.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The first of the images held out, in the order of the split, and how many there are. */
static size_t held_out(const struct data_config *c, size_t n, size_t *ret_first)
{
    size_t first = 0, end = 0;
    if (data_has_folds(c)) {
        size_t folds = (size_t)c->folds, fold = (size_t)c->fold;
        first = fold * (n / folds) + least(fold, n % folds);
        end = first + n / folds + (fold < n % folds);
    } else {
        double share = c->validation < DATA_A_TENTH ? c->validation : 0.1;
        end = share < 1 ? (size_t)floor(share * (double)n + 0.5) : (size_t)share;
    }
    *ret_first = first;
    return end - first;
}

/* By class, in the order that they have: n more words. */
static void sort_by_class(const struct idx *labels, uint32_t *order, uint32_t *scratch)
{
    size_t n = labels->dim[0], at = 0;
    memcpy(scratch, order, n * sizeof *order);
    for (unsigned k = 0; k < 256; k++)
        for (size_t i = 0; i < n; i++)
            if (labels->bytes[scratch[i]] == k)
                order[at++] = scratch[i];
}

/* Marks `count` images of a random order from `first` on. Stratified: each class's share of them;
 * of folds, every N-th image in the order of classes, so that folds and a class's images in them
 * differ by at most one. */
static void choose_held_out(const struct data_config *c, uint64_t seed, const struct idx *labels,
                            size_t first, size_t count, bool *held)
{
    size_t n = labels->dim[0], step = 1;
    seed = c->split_seed != PARAM_NULL_INT ? (uint64_t)c->split_seed : seed;
    uint32_t *order = mem_array(n, sizeof *order), *scratch = mem_array(n, sizeof *scratch);
    struct rng r = rng_stream(seed, RNG_SPLIT, 0, 0);
    struct data_split all = {.n = n, .labels = labels->bytes};
    bool stratified = c->validation_split == DATA_SPLIT_STRATIFIED;
    if (stratified && !data_has_folds(c)) {
        /* the first batch of a stratified order that no epoch of training has */
        data_order(&all, (struct data_pass){SAMPLER_STRATIFIED, seed, (uint64_t)1 << 62, count},
                   order, scratch);
    } else {
        for (uint32_t i = 0; i < n; i++)
            order[i] = i;
        rng_shuffle(&r, order, n);
    }
    if (stratified && data_has_folds(c)) {
        sort_by_class(labels, order, scratch);
        first = (size_t)c->fold;
        step = (size_t)c->folds;
    }
    for (size_t i = 0; i < count; i++)
        held[order[first + i * step]] = true;
    mem_free(order);
    mem_free(scratch);
}

void data_split(struct data *d, const struct data_config *c, uint64_t seed,
                const struct data_sizes *sizes)
{
    struct data_store *s = d->store;
    size_t n = s->files.file[TRAIN_IMAGES].dim[0], first, held_count = held_out(c, n, &first),
           train = 0, valid = 0;
    s->index = mem_array(n + 1, sizeof *s->index);
    bool *held = mem_array(n, sizeof *held);
    if (c->validation_split == DATA_SPLIT_TAIL)
        memset(held + (data_has_folds(c) ? first : n - held_count), 1, held_count);
    else if (held_count > 0)
        choose_held_out(c, seed, &s->files.file[TRAIN_LABELS], first, held_count, held);
    for (uint32_t i = 0; i < n; i++)
        s->index[held[i] ? n - held_count + valid++ : train++] = i;
    mem_free(held);
    const uint8_t *pixels = s->files.file[TRAIN_IMAGES].bytes,
                  *labels = s->files.file[TRAIN_LABELS].bytes;
    d->train = (struct data_split){
        .n = sizes->train, .pixels = pixels, .labels = labels, .index = s->index};
    d->valid = (struct data_split){
        .n = valid, .pixels = pixels, .labels = labels, .index = s->index + (n - held_count)};
    d->test = (struct data_split){.n = sizes->test,
                                  .pixels = s->files.file[TEST_IMAGES].bytes,
                                  .labels = s->files.file[TEST_LABELS].bytes};
}

/* left: images to train on, as a message counts them: all that there are. */
static bool check_limits(const struct data_config *c, size_t most, size_t left, size_t test,
                         struct error *err)
{
    bool train_fits = c->train_limit == PARAM_NULL_INT || (uint64_t)c->train_limit <= most,
         test_fits = c->test_limit == PARAM_NULL_INT || (uint64_t)c->test_limit <= test;
    if (train_fits && test_fits)
        return true;
    if (train_fits)
        return error_set_key(err, ERR_USAGE, "dataset.test_limit",
                             "'dataset.test_limit' is %lld, but there are %zu test images",
                             (long long)c->test_limit, test);
    error_set_key(err, ERR_USAGE, "dataset.train_limit",
                  "'dataset.train_limit' is %lld, but only %zu training images remain",
                  (long long)c->train_limit, left);
    size_t n = strlen(err->message);
    if (!test_fits)
        snprintf(err->message + n, sizeof err->message - n,
                 ", and 'dataset.test_limit' %lld, but there are %zu test images",
                 (long long)c->test_limit, test);
    return false;
}

/* What the spec makes of so many training and test images. */
bool data_count_splits(const struct data_config *c, size_t n, size_t test, struct data_sizes *ret,
                       struct error *err)
{
    size_t first, held = held_out(c, n, &first), all = data_config_kind(c)->made ? DIGITS_TRAIN : n;
    if (data_has_folds(c) && (uint64_t)c->folds > n)
        return error_set_key(err, ERR_USAGE, "dataset.folds",
                             "'dataset.folds' is %lld, but there are %zu training images",
                             (long long)c->folds, n);
    if (held >= n)
        return error_set_key(
            err, ERR_USAGE, "dataset.validation",
            "'dataset.validation' holds out %zu of %zu training images: none are left", held, n);
    if (c->validation > 0 && held == 0 && !data_has_folds(c) && c->validation < DATA_A_TENTH)
        return error_set_key(
            err, ERR_USAGE, "dataset.validation",
            "'dataset.validation' is so small a fraction that it holds out no image");
    if (!check_limits(c, n - held, all - held, test, err))
        return false;
    ret->train = c->train_limit != PARAM_NULL_INT ? (size_t)c->train_limit : n - held;
    ret->valid = held;
    ret->test = c->test_limit != PARAM_NULL_INT ? (size_t)c->test_limit : test;
    return true;
}
