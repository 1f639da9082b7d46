/* Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
 * easy as 1, 2, 3"). A stream is named by (seed, purpose, index, part); nothing needs saving. */
#ifndef DESCENT_NUM_RANDOM_H
#define DESCENT_NUM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for. Numbers are part of the results: never renumber. */
enum rng_purpose {
    RNG_INIT = 1,     /* index: tensor */
    RNG_SHUFFLE = 2,  /* index: epoch */
    RNG_DROPOUT = 3,  /* index: minibatch, part: layer */
    RNG_SPLIT = 4,    /* index: 0 */
    RNG_DIGITS = 5,   /* index: image */
    RNG_SEARCH = 6,   /* random search; index: trial, part: axis */
    RNG_TRACE = 7,    /* gradient noise; index: step */
    RNG_FIGURE = 8,   /* a landscape's direction: index: tensor, part: direction; samples shown:
                      * index: class */
    RNG_TEST = 9,     /* the tests' own */
    RNG_AUGMENT = 10, /* index: epoch (from 1) << 32 | image, part: kind */
};

struct rng {
    uint32_t key[2],
        counter[4]; /* counter[0] counts blocks; [1] = purpose << 24 | part; [2..3] = index */
    uint32_t block[4];
    unsigned used; /* words of block already given out */
};

/* part < 2^24. */
struct rng rng_stream(uint64_t seed, enum rng_purpose purpose, uint64_t index, uint32_t part);
/* The next word: 32 random bits. */
uint32_t rng_u32(struct rng *r);
/* The next two words, the first one low. */
uint64_t rng_u64(struct rng *r);
double rng_uniform(struct rng *r);             /* [0, 1), 53 bits */
uint64_t rng_below(struct rng *r, uint64_t n); /* 0 ... n-1, unbiased */
double rng_normal(struct rng *r); /* N(0, 1), Box-Muller, both draws used up each time */
void rng_shuffle(struct rng *r, uint32_t *v, size_t n); /* Fisher-Yates */
/* The first n words of the stream into out, vectorised; the same words that rng_u32 gives. The
 * stream is not advanced. */
void rng_fill(const struct rng *fresh, uint32_t *out, size_t n);
/* One block, for tests against the published vectors. */
void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4]);

#endif
