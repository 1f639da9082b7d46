/* A progress bar with ETA on stderr; draws nothing unless stderr is a terminal and not quiet. */
#ifndef DESCENT_UTIL_PROGRESS_H
#define DESCENT_UTIL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;
    double started, drawn; /* seconds, monotonic */
    int64_t first;         /* where this process began (a resumed run) */
};
/* Starts the clock; first: what was done before. Shown only where stderr is a terminal. */
void progress_begin(struct progress *p, int64_t first);
/* At most ten times a second: "epoch 3/100 [#####.....]  loss 0.123  valid 97.1 %  ETA 0:42". */
void progress_draw(struct progress *p, int64_t done, int64_t total, const char *label);
/* The same line with other words for the count, and seconds to go (< 0: not known); when it is
 * due. */
void progress_show(double share, const char *count, const char *label, long seconds);
/* How fast a work goes. */
struct pace {
    bool begun;
    double began, from; /* when something of it was done first, in seconds, and how much */
};
/* Seconds to go for what is left, by what was done since the first of it: what came before, such as
 * loading the data, is done once. < 0: not known, within the first two seconds of that. All zero
 * before the first call; done: what this process has done so far, in the same unit as left. */
long pace_left(struct pace *p, double now, double done, double left);
/* Clears the line, so that other text can be printed. */
void progress_clear(struct progress *p);

#endif
