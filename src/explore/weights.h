/* A model out of a checkpoint or any other safetensors file, as other programs take it. */
#ifndef DESCENT_EXPLORE_WEIGHTS_H
#define DESCENT_EXPLORE_WEIGHTS_H

#include "checkpoint/safetensors.h"
#include "util/error.h"

struct weights {
    size_t n, metas;
    struct st_tensor *tensor; /* names as torch.nn.Sequential has them: "1.weight" */
    struct st_meta *meta;     /* provenance: the spec, the position, where the values come from */
    const char *from;         /* "weights", "average" or the optimizer's slot that is evaluated */
};

/* Of a checkpoint the weights that its run evaluates: the average, else the optimizer's own choice,
 * else the plain ones; with batch norm a num_batches_tracked beside each running_var. Of another
 * file all its tensors. Both without `model.`. Lives in the arena and, as for the data, in the
 * file. path: for messages. ERR_DATA. */
MUST_CHECK bool weights_choose(struct arena *a, const struct st_file *f, const char *path,
                               struct weights *ret, struct error *err);

#endif
