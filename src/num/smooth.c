#include "num/smooth.h"
#include "util/mem.h"
#include <math.h>

const char *const smooth_window_names[] = {"centred", "trailing", "exponential", NULL};

static double counted(double v)
{
    return isfinite(v) ? v : 0;
}

/* Sums from each block's beginning up to each point, and from each point to its block's end (van
 * Herk 1992, Gil and Werman 1993): a window as wide as a block is the end of one and the beginning
 * of the next, and nothing has to be subtracted. */
struct blocks {
    double *from_start, *to_end;
    size_t *finite; /* values before each point */
    size_t width;
};

static void blocks_init(struct blocks *b, const double *v, size_t n, size_t width)
{
    b->width = width;
    b->from_start = mem_array(n + 1, sizeof *b->from_start);
    b->to_end = mem_array(n + 1, sizeof *b->to_end);
    b->finite = mem_array(n + 1, sizeof *b->finite);
    for (size_t i = 0; i < n; i++) {
        b->from_start[i] = counted(v[i]) + (i % width == 0 ? 0 : b->from_start[i - 1]);
        b->finite[i + 1] = b->finite[i] + (isfinite(v[i]) ? 1 : 0);
    }
    for (size_t i = n; i-- > 0;)
        b->to_end[i] = counted(v[i]) + (i + 1 == n || (i + 1) % width == 0 ? 0 : b->to_end[i + 1]);
}

static void blocks_fini(struct blocks *b)
{
    mem_free(b->from_start);
    mem_free(b->to_end);
    mem_free(b->finite);
}

/* Of the points from `from` to before `end`: at most a width of them, all up to an end of the
 * series where they are fewer. */
static double mean_of(const struct blocks *b, size_t from, size_t end)
{
    size_t block = from / b->width;
    double sum = block < (end - 1) / b->width ? b->to_end[from] + b->from_start[end - 1]
                 : from % b->width == 0       ? b->from_start[end - 1]
                                              : b->to_end[from];
    return sum / (double)(b->finite[end] - b->finite[from]);
}

static void exponential(const double *v, size_t n, double share, double *ret)
{
    double sum = 0, weight = 0;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(v[i])) {
            sum += share * (v[i] - sum);
            weight += share * (1 - weight);
        }
        ret[i] = isfinite(v[i]) ? sum / weight : v[i];
    }
}

void smooth_mean(const double *v, size_t n, enum smooth_window window, size_t width, double *ret)
{
    struct blocks b;
    if (window == SMOOTH_EXPONENTIAL) {
        exponential(v, n, 2 / ((double)width + 1), ret);
        return;
    }
    size_t before = window == SMOOTH_TRAILING ? width - 1 : (width - 1) / 2,
           after = width - 1 - before;
    blocks_init(&b, v, n, width);
    for (size_t i = 0; i < n; i++) {
        size_t from = i > before ? i - before : 0, end = after < n - i ? i + after + 1 : n;
        ret[i] = isfinite(v[i]) ? mean_of(&b, from, end) : v[i];
    }
    blocks_fini(&b);
}
