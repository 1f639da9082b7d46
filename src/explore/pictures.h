/* Pictures of data and of what a model makes of them. */
#ifndef DESCENT_EXPLORE_PICTURES_H
#define DESCENT_EXPLORE_PICTURES_H

#include "figure/figure.h"
#include "train/train.h"
#include "util/mem.h"

/* What every picture says and carries, and what it looks like. */
struct picture {
    const char *title;
    const char *spec; /* resolved */
    enum split split;
    struct figure_appearance appearance;
    const char *path; /* where it goes */
};
/* What a model says of the images of a split, s->n each. */
struct predictions {
    const struct data_split *split;
    const uint8_t *class;
    const float *probability; /* of that class */
};

/* Random images of each class in a row, the first `each` of an order drawn from the counter-based
 * generator. */
MUST_CHECK bool pictures_samples(const struct data *d, const struct data_split *s, uint64_t seed,
                                 size_t each, const struct picture *x, struct error *err);
/* An image of each class beside what the first `epochs` epochs of a run of this seed make of it. */
MUST_CHECK bool pictures_augmented(const struct data *d, uint64_t seed, size_t epochs,
                                   const struct picture *x, struct error *err);
/* The images that were taken for another class, those first of which the model was surest; `most`
 * at most. ret_wrong: how many there are in all. With none the picture says so. */
MUST_CHECK bool pictures_errors(const struct data *d, const struct predictions *p, size_t most,
                                const struct picture *x, size_t *ret_wrong, struct error *err);
/* count[label * classes + prediction] as a heat map. */
MUST_CHECK bool pictures_confusion(const struct data *d, const size_t *count,
                                   const struct picture *x, struct error *err);
/* What each unit of the first layer weighs its input with, the first `most` units; all on one scale
 * about 0. ERR_USAGE where the first layer with weights does not look at the images. */
MUST_CHECK bool pictures_weights(struct train *t, const struct data *d, size_t most,
                                 const struct picture *x, struct error *err);

/* ---- class shares ---- */

/* Shares of the classes in the splits, in validation sets as the kinds of split would hold them
 * out, and in the batches of an epoch of each sampler. */
struct class_shares {
    size_t classes, batch, batches;
    const char *const *class_name; /* borrowed from the data; NULL: their numbers */
    size_t n[3];                   /* images of train, valid, test */
    double *split[3];              /* of each class in them; NULL: an empty split */
    const char *held_name[3];      /* tail, random, stratified */
    double *held[3];               /* NULL: nothing is held out */
    const char *sampler_name[2];
    double *sampler[2]; /* [batch * classes + class], whole batches of the first epoch */
};
/* In the arena. held: the same data set with each kind of validation split (NULL: none). */
void class_shares_find(struct arena *a, const struct data *d, struct data *const held[3],
                       uint64_t seed, size_t batch, struct class_shares *ret);
/* set,class,count,share: a row per split and class. */
void class_shares_write(const struct class_shares *c, struct strbuf *out);
/* Draws both. Atomic. ERR_SYSTEM. */
MUST_CHECK bool class_shares_draw(const struct class_shares *c, const struct picture *x,
                                  struct error *err);

#endif
