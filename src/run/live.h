/* A small curve on the terminal while a run trains (private to run). */
#ifndef DESCENT_RUN_LIVE_H
#define DESCENT_RUN_LIVE_H

#include "train/train.h"
#include "util/strbuf.h"

struct live {
    bool shown;
    unsigned lines; /* on the terminal now, above the cursor */
    double drawn;   /* monotonic seconds */
    size_t n, room;
    double *epoch, *loss, *valid; /* n each, owned */
    struct strbuf text;           /* as it was drawn last */
};
/* Shown where stderr is a terminal and more is asked for than usual (-v). */
void live_init(struct live *l);
/* Frees it; what was drawn stays on the terminal. */
void live_fini(struct live *l);
/* An epoch's losses. */
void live_add(struct live *l, const struct epoch_row *row);
/* Takes the curve away, so that a line can be printed. */
void live_clear(struct live *l);
/* Draws it, with what is new at most twice a second but for the last time; from two points on. */
void live_draw(struct live *l, bool last);

#endif
