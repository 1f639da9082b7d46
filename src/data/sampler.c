/* The order in which an epoch visits the images: a pure function of (seed, epoch). */
#include "data/data.h"
#include <string.h>

const char *const data_samplers[] = {"shuffle", "sequential", "stratified", NULL};

static uint8_t label_of(const struct data_split *s, uint32_t i)
{
    return s->labels[s->index ? s->index[i] : i];
}

/* Sorts 0 ... n-1 by class, in order within each. */
static void by_class(const struct data_split *s, uint32_t *out, size_t start[257])
{
    size_t count[256] = {0};
    for (uint32_t i = 0; i < s->n; i++)
        count[label_of(s, i)]++;
    start[0] = 0;
    for (int c = 0; c < 256; c++)
        start[c + 1] = start[c] + count[c];
    size_t at[256];
    memcpy(at, start, sizeof at);
    for (uint32_t i = 0; i < s->n; i++)
        out[at[label_of(s, i)]++] = i;
}

/* Classes are shuffled each for itself, then dealt: at every moment the class that is furthest
 * behind its share comes next, so that each stretch of the order has every class's share to within
 * one image. */
static void stratify(const struct data_split *s, struct rng *r, uint32_t *order, uint32_t *sorted)
{
    size_t start[257], given[256] = {0};
    by_class(s, sorted, start);
    for (int c = 0; c < 256; c++)
        rng_shuffle(r, sorted + start[c], start[c + 1] - start[c]);
    for (size_t k = 0; k < s->n; k++) {
        int next = -1;
        double earliest = 0;
        for (int c = 0; c < 256; c++) {
            double size = (double)(start[c + 1] - start[c]);
            if ((double)given[c] >= size)
                continue;
            double deadline = ((double)given[c] + 1) /
                              size; /* when its next image is due, as a share of the epoch */
            bool allowed = (double)given[c] < size / (double)s->n * (double)(k + 1);
            if (allowed && (next < 0 || deadline < earliest)) {
                next = c;
                earliest = deadline;
            }
        }
        order[k] = sorted[start[next] + given[next]];
        given[next]++;
    }
}

/* Within each batch the classes come in no fixed order. */
static void shuffle_batches(struct rng *r, uint32_t *order, size_t n, size_t batch)
{
    for (size_t first = 0; first < n; first += batch)
        rng_shuffle(r, order + first, n - first < batch ? n - first : batch);
}

void data_order(const struct data_split *s, struct data_pass pass, uint32_t *order,
                uint32_t *scratch)
{
    struct rng r = rng_stream(pass.seed, RNG_SHUFFLE, pass.epoch, 0);
    if (pass.sampler == SAMPLER_STRATIFIED) {
        stratify(s, &r, order, scratch);
        shuffle_batches(&r, order, s->n, pass.batch_size);
        return;
    }
    for (uint32_t i = 0; i < s->n; i++)
        order[i] = i;
    if (pass.sampler == SAMPLER_SHUFFLE)
        rng_shuffle(&r, order, s->n);
}
