/* Clocks, in seconds. */
#ifndef DESCENT_UTIL_CLOCK_H
#define DESCENT_UTIL_CLOCK_H

/* Since some moment, and never set back: for durations. */
double clock_monotonic(void);
/* Since 1970-01-01 UTC: for what people read. */
double clock_wall(void);

#endif
