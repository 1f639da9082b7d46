/* A sweep: one spec with axes, and the folder of run folders that it becomes. */
#ifndef DESCENT_SWEEP_SWEEP_H
#define DESCENT_SWEEP_SWEEP_H

#include "run/run.h"
#include "slurm/slurm.h"
#include "spec/spec.h"
#include <signal.h>

/* A key that the axes set. */
struct sweep_key {
    const char *path;   /* "train.batch_size" */
    const char *suffix; /* the shortest end of it that no other key has: "batch_size" */
    bool varies;  /* it has more than one value: part of folder names, a column of the tables */
    bool is_left; /* some members leave it as the base has it */
    bool is_seed;
};

struct sweep_member {
    const char *folder; /* relative to the sweep's */
    const char *const *
        value; /* of each key, as folder names show it; NULL: this member leaves it as the base has it */
    size_t group;   /* members with the same values but the seed */
    size_t place;   /* in the product of all factors: what its spec is made from */
    uint64_t print; /* of its resolved spec: equal specs have equal ones */
};

/* One bracket of synchronous successive halving (Jamieson and Talwalkar 2016; Li et al. 2018,
 * Hyperband). */
struct sweep_bracket {
    int metric;         /* enum metric */
    int64_t eta, first; /* a rung keeps the best 1 / eta; the first one's length in epochs */
    int64_t members;    /* PARAM_NULL_INT: an equal share of what the others leave */
    size_t from, n;     /* which members: assigned when all are known */
};

struct sweep {
    struct arena *arena;
    const char *name;        /* of the base; the folder's default */
    const struct node *base; /* the spec without its section `sweep` */
    const struct node *section;
    struct sweep_factor *factor; /* of the product, in the spec's order */
    size_t factors;
    struct sweep_key *key;
    size_t keys;
    struct sweep_member *member;
    size_t members, groups, skipped;
    bool partial;  /* only the members that were asked for are there */
    bool recorded; /* read from the folder that it has begun in */
    struct sweep_bracket *bracket;
    size_t brackets;
    struct slurm_settings slurm;
};

/* The keys of the section. */
extern const struct param sweep_section_params[];

/* Reads PATH with KEY=VALUE words and expands it: all members bound and checked. Everything in the
 * arena. False: diagnostics were added, those of the members too, each once. */
MUST_CHECK bool sweep_load(struct arena *a, const char *path, char *const *overrides, size_t n,
                           struct diags *d, struct sweep *ret);
/* The same of FOLDER/sweep.yaml as it stands. ERR_DATA with what is wrong there, the line and what
 * to do. */
MUST_CHECK bool sweep_load_folder(struct arena *a, const char *folder, struct sweep *ret,
                                  struct error *err);
/* Whether FOLDER/sweep.yaml can be read and has a sweep's section; its members are not looked at.
 * ERR_DATA likewise. */
MUST_CHECK bool sweep_check_folder(const char *folder, struct error *err);
struct sweep_options;
/* FOLDER/sweep.yaml, of which only the members are expanded that o's list names, a line each; of
 * those, the lines of o's shard. The cost is theirs. *ret_found false, and nothing
 * else: one of them is not known by its name alone, and the whole has to be loaded. */
MUST_CHECK bool sweep_load_only(struct arena *a, const char *path, const struct sweep_options *o,
                                struct diags *d, struct sweep *ret, bool *ret_found);
/* What the sizes of the data tell against the members, where those are known: diagnostics as
 * above. */
MUST_CHECK bool sweep_check(const struct sweep *s, struct diags *d);
/* A member's spec, made again in this arena. */
void sweep_member_spec(const struct sweep *s, size_t member, struct arena *a, struct spec *ret);
/* Its section as YAML, from `sweep:` on. */
void sweep_write_section(const struct sweep *s, struct strbuf *out);
/* Whether it is the folder of a sweep: it has a sweep.yaml that a sweep has left, and not somebody
 * who called his spec so. */
bool sweep_is_folder(const char *folder);

/* ---- where it stands ---- */

/* A member on disk. */
struct sweep_state {
    struct run_summary run; /* STATUS_NONE where it has not begun */
    bool done; /* nothing is left to do there: completed, diverged, pruned, or failed */
    const char
        *damage;   /* why it cannot be read, and the remedy, in the sweep's arena; NULL: it can.
                           It counts as failed, and is left as it is */
    bool outgrown; /* it was completed, and is interrupted: the sweep has become longer since */
};
/* ERR_DATA where its run.json is not valid. */
MUST_CHECK bool sweep_read_state(const struct sweep *s, const char *folder, size_t member,
                                 struct sweep_state *ret, struct error *err);
/* Whether what lies in a member's folder is its own run, and no longer than it. ERR_DATA names the
 * keys that differ. */
MUST_CHECK bool sweep_check_member(const struct sweep *s, const char *folder, size_t member,
                                   struct error *err);
/* Warns of members that were trained by another build than the one with this digest of its sources
 * (NULL: than the first of them). */
void sweep_warn_of_builds(const struct sweep *s, const struct sweep_state *states,
                          const char *sources);
/* Writes members.csv and summary.csv from the run folders. */
MUST_CHECK bool sweep_write_tables(const struct sweep *s, const char *folder,
                                   const struct sweep_state *states, struct error *err);

/* Of each member, whether a task in Slurm's queue has it. In the arena. */
enum slurm_life *sweep_lives(const struct sweep *s, const struct slurm_queue *q, struct arena *a);

/* ---- training ---- */

struct sweep_tuning {
    const char
        *per; /* the keys whose values are the groups: "optimizer", "train.batch_size,scheduler" */
    int metric;    /* enum metric, one that sweep_tunes_by */
    size_t reruns; /* of each group's best */
};

struct sweep_options {
    const char *folder;
    const struct sweep_tuning *tuning; /* NULL: none; else noted, for who resumes it ... */
    const char *noted_in;              /* ... in this folder */
    const char *remedy;   /* what to type where the folder holds another sweep; NULL: the usual */
    size_t jobs;          /* members at once */
    size_t shard, shards; /* members shard, shard + shards, ...; 0, 1: all */
    const char *only;     /* a file that names the members, a line each; NULL: all */
    const char *names;    /* what it holds */
    bool summary;         /* make the tables, train nothing */
    struct slurm_launch *slurm; /* NULL: train here */
    bool retry_failed, fail_fast, no_plots;
    double time_limit;             /* seconds after which all checkpoint and stop; 0: none */
    volatile sig_atomic_t *signal; /* the last signal received, 0 = none */
    /* Called after each member that was worked on; done, of: how many are finished so far. */
    void (*report)(void *context, const struct sweep *s, size_t member,
                   const struct sweep_state *state, size_t done, size_t of);
    void *context;
};

struct sweep_result {
    int exit_code;
    size_t completed, diverged, failed, damaged, pruned, unmet, unfinished,
        trained; /* trained: worked on by this call */
    bool tables; /* it has written them */
};

/* Trains what is missing. False: err says why nothing or not all could be done (its code is the
 * exit code); where diagnostics were added, those are all that the data say against the members. */
MUST_CHECK bool sweep_execute(const struct sweep *s, const struct sweep_options *o,
                              struct sweep_result *ret, struct diags *d, struct error *err);

/* ---- tuning: the best of a search, again with fresh seeds ---- */

/* A group of the search, its best settings (a group of seeds) and their reruns. */
struct sweep_best {
    const char *name;
    size_t members, completed; /* of the search */
    size_t member;         /* the first one of the best settings; SIZE_MAX: none was completed */
    size_t seeds;          /* that many of these completed */
    bool lost;             /* others of these diverged or failed */
    double found[METRICS]; /* their means */
    size_t from;           /* the first rerun */
    size_t splits; /* so many splits or folds the settings were tried on: each is rerun; else 1 */
    size_t completed_reruns, n[METRICS];
    double mean[METRICS], deviation[METRICS]; /* over reruns; the deviation is that of a sample */
};
struct sweep_tuned {
    struct sweep_best *group;
    size_t groups, per_group; /* reruns each, on each split */
    int metric;
    /* Of each group of seeds of the search the first one of the same settings on another split. */
    const size_t *setting;
    bool over_splits;    /* some settings have several */
    int64_t last_seed;   /* the largest of the search */
    const char *folder;  /* of the reruns: FOLDER/tuned */
    struct sweep reruns; /* members 0: there was nothing to choose from */
};

/* Whether a choice may be made by this metric: one of the validation set, never of the test set. */
bool sweep_tunes_by(int metric);
/* What FOLDER/tune.yaml says of a sweep that was to be tuned; *ret_found false where there is none.
 * In the arena. */
MUST_CHECK bool sweep_read_tuning(struct arena *a, const char *folder, struct sweep_tuning *ret,
                                  bool *ret_found, struct error *err);
/* What stands against tuning this sweep, before anything is trained. */
MUST_CHECK bool sweep_can_tune(const struct sweep *s, const struct sweep_tuning *o,
                               struct error *err);
/* Chooses from the finished run folders and lays out the reruns. ERR_DIFFERS: the search is not
 * finished, or members of it failed. */
MUST_CHECK bool sweep_choose(const struct sweep *s, const char *folder,
                             const struct sweep_tuning *o, struct sweep_tuned *ret, struct diags *d,
                             struct error *err);
/* How many reruns of each group there are, where those are of this choice and more than it asks
 * for; else 0. */
size_t sweep_more_reruns(const struct sweep_tuned *t, struct arena *a);
/* Reads the reruns' folders, fills in their figures and writes FOLDER/tuned.csv. */
MUST_CHECK bool sweep_write_tuned(const struct sweep *s, const char *folder, struct sweep_tuned *t,
                                  struct error *err);
/* Whether a table of what was chosen has a column of this key. */
bool sweep_tuned_shows(const struct sweep *s, const struct sweep_tuned *t, size_t key);
/* A member's value of a key, as tables show it; from its base where it is not set. */
const char *sweep_member_value(const struct sweep *s, size_t member, size_t key, struct arena *a);

#endif
