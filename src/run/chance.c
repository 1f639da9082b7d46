/* Whether a run has learned anything. */
#include "num/sample.h"
#include "run/internal.h"
#include <math.h>

/* The share of the commonest label among the first n images: what one answer to all of them
 * gets. */
static double share_of_one_answer(const struct data_split *s, size_t n)
{
    size_t count[UINT8_MAX + 1] = {0}, most = 0;
    for (size_t i = 0; i < n; i++) {
        size_t c = ++count[s->labels[s->index ? s->index[i] : i]];
        most = c > most ? c : most;
    }
    return (double)most / (double)n;
}

/* The low end of Wilson's interval lies above that share. */
static bool beats_one_answer(const struct data_split *s, size_t n, double accuracy)
{
    double low, high;
    stats_wilson((size_t)lround(accuracy * (double)n), n, &low, &high);
    return low > share_of_one_answer(s, n);
}

bool run_is_chance(const struct data *d, const struct spec *spec, const struct epoch_row *row)
{
    bool measured = false;
    for (int i = 0; i < SPLITS; i++) {
        double accuracy = row->value[split_info[i].accuracy];
        const struct data_split *s = split_images(d, (enum split)i);
        size_t n = s->n;
        if (i == SPLIT_TRAIN && (uint64_t)spec->evaluate.train < n)
            n = (size_t)spec->evaluate.train;
        if (isnan(accuracy) || n == 0)
            continue;
        if (beats_one_answer(s, n, accuracy))
            return false;
        measured = true;
    }
    return measured;
}
