/* What the parts of the suite share: schedules from text, and a run to put them into. */
#ifndef DESCENT_TESTS_SCHED_SETUP_H
#define DESCENT_TESTS_SCHED_SETUP_H

#include "../assertions.h"
#include "sched/sched.h"

struct setup {
    struct arena arena;
    struct diags diags;
    struct chosen_list entries;
    struct sched *sched;
};

/* lr 0.05, momentum 0.9, weight decay 1e-4; 1000 images in batches of 100, so ten updates an epoch;
 * 60 epochs. */
struct sched_base plain_base(void);

/* n entries, each a mapping in YAML; fails the test unless they are accepted. */
void set_up_list(struct setup *s, const struct sched_base *base, size_t n, const char *const *text);
void set_up(struct setup *s, const struct sched_base *base, const char *text);
void tear_down(struct setup *s);

/* The parts, one a file; recorded: path of reference.json. */
TCase *reference_cases(const char *recorded);
void reference_free(void);
TCase *refusal_cases(void);
TCase *property_cases(void);
TCase *length_cases(void);

#endif
