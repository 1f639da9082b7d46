/* One copy of the data for many runs. */
#include "run/run.h"
#include "train/train.h"

void run_data_key(const struct spec *spec, struct strbuf *out)
{
    write_table(out, data_params, &spec->dataset, 0);
    if (spec->dataset.validation_split != DATA_SPLIT_TAIL &&
        spec->dataset.split_seed == PARAM_NULL_INT)
        strbuf_addf(out, "%lld\n", (long long)spec->seed);
}

bool run_share_data(const struct spec *spec, struct data **ret, struct error *err)
{
    struct error ignored;
    struct data *d;
    if (!data_load(&spec->dataset, (uint64_t)spec->seed, &d, err))
        return false;
    data_digests(d); /* no thread is left: the process can be forked */
    if (!train_check(spec, d,
                     &ignored)) { /* leaves with the data what a training derives from them */
        /* whoever trains this spec will say so */
    }
    *ret = d;
    return true;
}

void run_free_data(struct data *d)
{
    data_free(d);
}
