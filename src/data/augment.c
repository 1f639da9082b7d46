/* One image as an epoch sees it: the chosen augmentations in order, each with a stream of its own,
 * so that neither batches, order nor the other kinds change what one does. */
#include "data/internal.h"
#include <string.h>

bool data_augments(const struct data *d)
{
    return d->store->augment.n > 0;
}

void data_augment(const struct data *d, const struct data_split *s, size_t index, uint64_t seed,
                  uint64_t epoch, uint8_t *ret)
{
    const struct chosen_list *list = &d->store->augment;
    memcpy(ret, s->pixels + index * d->features, d->features);
    for (size_t i = 0; i < list->n; i++) {
        const struct augment_kind *k = (const struct augment_kind *)list->v[i].kind;
        struct rng r = rng_stream(seed, RNG_AUGMENT, epoch << 32 | index, k->stream);
        k->apply(list->v[i].options, &r, d->image, ret);
    }
}
