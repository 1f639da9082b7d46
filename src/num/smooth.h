/* Running means of a series. Pure functions. */
#ifndef DESCENT_NUM_SMOOTH_H
#define DESCENT_NUM_SMOOTH_H

#include <stddef.h>

enum smooth_window {
    SMOOTH_CENTRED,     /* (width - 1) / 2 points before, the point, width / 2 after it */
    SMOOTH_TRAILING,    /* the point and the width - 1 before it */
    SMOOTH_EXPONENTIAL, /* all up to the point, each step back counting 1 - 2 / (width + 1) times as
                           much; the weights sum to 1 from the first point on */
};
extern const char *const smooth_window_names[]; /* ended by NULL */

/* The mean of each window of n values, width >= 1; fewer at the ends. Values that are not finite
 * stay as they are and count in no mean. Each window is summed for itself: what lies outside it
 * leaves no trace, however large it is. Linear in n whatever the width. */
void smooth_mean(const double *v, size_t n, enum smooth_window window, size_t width, double *ret);

#endif
