/* Shared by the files of this module. */
#ifndef DESCENT_SWEEP_INTERNAL_H
#define DESCENT_SWEEP_INTERNAL_H

#include "folder/lock.h"
#include "sweep/sweep.h"

/* More take minutes to check before anything is trained. */
enum { SWEEP_MAX_MEMBERS = 100000 };

/* A key with one value. */
struct sweep_setting {
    size_t key;
    struct place at; /* of the key as it is written */
    const struct node *value;
    const char *label; /* short, safe in a file's name, one per value of the key */
};
/* One of a factor's possibilities: a value of a grid's axis, an entry of the list, a trial, a
 * seed. */
struct sweep_choice {
    size_t n;
    struct sweep_setting *v;
    struct place place;
};
struct sweep_factor {
    size_t n;
    struct sweep_choice *v;
    bool is_grid; /* an axis of the grid */
};

/* ---- axes.c ---- */
/* The section's axes into s->factor, s->key, s->bracket; ret_skip: the condition, or NULL. */
MUST_CHECK bool sweep_read_axes(struct sweep *s, struct diags *d, const struct node **ret_skip);

/* ---- seen.c ---- */
struct sweep_seen;
/* For at most so many settings of this many keys. */
struct sweep_seen *sweep_seen_new(struct arena *a, size_t settings, size_t keys);
/* False where a setting with the same labels is there. v: of each key; it has to stay as it is once
 * it was added. */
bool sweep_seen_add(struct sweep_seen *s, const struct sweep_setting *v);

/* ---- load.c ---- */
/* The base and its section as YAML that loads to the same sweep. */
void sweep_write(const struct sweep *s, struct strbuf *out);

/* ---- label.c ---- */
/* A value in canonical flow form: equal values give equal texts. */
const char *sweep_canonical(struct arena *a, const struct node *n);
/* n values of one key to n labels, equal where the values are. */
void sweep_labels(struct arena *a, const struct node *const *value, size_t n, const char **ret);
/* A value as tables show it: as it is, but of a mapping its name alone where that is enough. */
const char *sweep_shown(struct arena *a, const struct node *value, bool by_name);
/* Whether the label of a mapping is its name, which then tells it from all others of its axis. */
bool sweep_is_name(const struct node *value, const char *label);
/* Gives each key its shortest unambiguous end. */
void sweep_name_keys(struct sweep *s);
/* Bytes of as many of the name's first characters as at most so many bytes hold. */
size_t sweep_name_cut(const char *name, size_t most);
/* A folder's name of at most 200 bytes. */
const char *sweep_folder_name(const struct sweep *s, const char *const *value);

/* ---- index.c ---- */
/* Members by the names of their folders. */
struct sweep_named;
struct sweep_names {
    size_t n;
    struct sweep_named *v; /* owned */
};
/* As the names are now. */
struct sweep_names sweep_names_new(const struct sweep *s);
/* The member, or SIZE_MAX. */
size_t sweep_names_find(const struct sweep_names *x, const char *name);
/* Frees what it owns. */
void sweep_names_free(struct sweep_names *x);
/* A member's digest by sweep_identify. */
struct sweep_identity {
    char digest[65];
    size_t member;
};
/* By their digests. */
void sweep_sort_identities(struct sweep_identity *v, size_t n);
/* Among sorted ones; NULL: none has it. */
const struct sweep_identity *sweep_find_identity(const struct sweep_identity *v, size_t n,
                                                 const char digest[65]);

/* ---- members.c ---- */
/* The tree of the member at a place of the product. */
MUST_CHECK bool sweep_member_tree(const struct sweep *s, size_t place, struct arena *a,
                                  struct diags *d, struct node **ret);
/* Its resolved spec as a tree: every key is there, the ones that nobody wrote too. */
const struct node *sweep_resolved_tree(const struct sweep *s, size_t member, struct arena *a);
/* How many a member has when it is through. */
int64_t sweep_member_epochs(const struct sweep *s, size_t member);
/* All members, in order: what they vary, folders, checks. Errors go to d. */
MUST_CHECK bool sweep_expand(struct sweep *s, const struct node *skip, struct diags *d);
struct sweep_wanted {
    const char *name;
    bool found;
};
/* The same of the n wanted members alone, which it sorts by their names; *ret_found false: not each
 * of them has a place of its own. Members have no groups then. */
MUST_CHECK bool sweep_expand_only(struct sweep *s, const struct node *skip,
                                  struct sweep_wanted *wanted, size_t n, struct diags *d,
                                  bool *ret_found);
/* The choice that the member at this place of the product takes along a factor. */
const struct sweep_choice *sweep_choice_for(const struct sweep *s, size_t place, size_t factor);

/* ---- brackets.c ---- */
/* Gives each bracket its members, in whole groups; the section then names how many, where that is
 * not what equal shares would come to. Of a sweep that is expanded. */
MUST_CHECK bool sweep_share_brackets(struct sweep *s, struct diags *d);

/* ---- members.c ---- */
/* Whether members that differ in this key are of different groups. */
bool sweep_key_groups(const struct sweep_key *k);
/* What is wrong with members: each thing once, with who has it. */
struct complaints;
/* Without any, in the arena. */
struct complaints *complaints_new(struct arena *a);
/* What d has, of this member. */
void complaints_add(struct complaints *c, const struct diags *d, const char *member);
/* tried: how many members were looked at. */
MUST_CHECK bool complaints_finish(const struct complaints *c, size_t tried, struct diags *d);

/* ---- skip.c ---- */
struct sweep_skip;
/* The condition `skip` of the sweep, in its arena; parsed with the first member. */
struct sweep_skip *sweep_skip_new(const struct sweep *s, const struct node *condition);
/* Whether a member goes, by its resolved spec; or, where that cannot be made of it, by its tree as
 * it stands. */
bool sweep_skips(struct sweep_skip *k, const struct node *wrong, const char *resolved);
/* Adds what was wrong with the condition in whatever member. */
MUST_CHECK bool sweep_skip_finish(struct sweep_skip *k, struct diags *d);

/* ---- folder.c ---- */
/* One process on the whole sweep, or several on shards of it; shards 0: beside others, on no shard
 * of its own. */
MUST_CHECK bool sweep_lock(struct lock *l, const char *folder, size_t shard, size_t shards,
                           struct error *err);
/* The tables are read and written by one process at a time. False: a signal came while another one
 * had them. */
MUST_CHECK bool sweep_lock_tables(struct lock *l, const volatile sig_atomic_t *stop);
/* Ends that. */
void sweep_unlock_tables(struct lock *l);
/* What is asked before a folder is changed: each member's `folder` is where its run lies then. */
struct sweep_asked {
    bool (*may_begin)(void *context, struct error *err);
    void *context;
    const char *remedy; /* what to type where it is another sweep's */
};
/* Makes the folder this sweep's: new, the same, or one that has grown. Members whose runs are there
 * under other names keep those folders. A refusal changes nothing. */
MUST_CHECK bool sweep_claim(const struct sweep *s, const char *folder,
                            const struct sweep_asked *may, struct error *err);

/* ---- load.c ---- */
/* Whether FOLDER/sweep.yaml is a sweep's own: members.csv lies beside it, or it is what sweep_write
 * makes of it. */
bool sweep_is_written(const char *folder);

/* ---- adopt.c ---- */
/* What makes a member the experiment that it is: its spec but for what a resume may change, unless
 * an axis of this sweep or of the other one sets it. */
void sweep_identify(const struct sweep *s, const struct sweep *other, size_t member, char ret[65]);
/* Gives members that have no folder of their name the folders that hold their runs. */
void sweep_adopt(const struct sweep *s, const char *folder);

/* ---- copies.c ---- */
/* Of each member, whether another one is the same run: they differ in what cannot change the
 * result. The one that counts is the first that completed, else the first. Owned by the caller. */
bool *sweep_find_copies(const struct sweep *s, const struct sweep_state *states);

/* ---- tune.c ---- */
MUST_CHECK bool sweep_note_tuning(const char *folder, const struct sweep_tuning *t,
                                  struct error *err);

/* ---- tables.c ---- */
/* Writes members.csv alone. */
MUST_CHECK bool sweep_write_members(const struct sweep *s, const char *folder,
                                    const struct sweep_state *states, struct error *err);

/* ---- pool.c ---- */
struct pool;
struct pool_job {
    const struct spec *spec;
    struct run_options options;
    double begun; /* the share of it that is done, until the worker tells */
};
/* For so many members at once; none runs yet. */
struct pool *pool_new(size_t workers);
void pool_free(struct pool *p); /* kills what still runs */
bool pool_is_full(const struct pool *p);
/* Whether no member runs. */
bool pool_is_empty(const struct pool *p);
/* Runs a job in a process of its own, known by `id`. */
MUST_CHECK bool pool_start(struct pool *p, size_t id, const struct pool_job *job,
                           struct error *err);
/* To all workers. SIGUSR1: checkpoint and end; SIGUSR2: checkpoint and continue. */
void pool_signal(struct pool *p, int signal);

/* How a worker ended. */
struct pool_end {
    size_t id;
    double first, last; /* share of the job that was done when it began, and when it told last */
    int code,
        signal; /* exit code, as the interface's or POOL_BUSY; the signal that killed it, or 0 */
    char message[400]; /* of its error, or "" */
    bool lengthened;   /* as run_result has it */
};
enum { POOL_BUSY = 100 }; /* another process has the run folder */
/* Waits at most 0.1 s for a worker to end, or for a signal; false where none has ended. */
bool pool_wait(struct pool *p, struct pool_end *ret);
/* Sum over workers of the share of their jobs that is done. */
double pool_progress(const struct pool *p);
/* The same without what was done when they began. */
double pool_gained(const struct pool *p);

/* ---- only.c ---- */
/* The members that a text names, a line each: their numbers in the order of the lines, n of them,
 * in the arena. ERR_USAGE where no member has a name. */
MUST_CHECK bool sweep_find_members(const struct sweep *s, const char *text, size_t **ret,
                                   size_t *ret_n, struct error *err);

/* ---- rungs.c ---- */
/* What each member is to do now, by what all of its bracket have reached: the same whatever the
 * order in which they got there. */
struct rung_order {
    int64_t until; /* the epoch to stop after; 0: go to the end */
    bool pruned;   /* it is out */
};
/* How much all brackets are to train, in whole runs, if every run reaches its rungs. */
double sweep_work_of_rungs(const struct sweep *s);
/* What each member is to do next; ret: one of each. */
void sweep_plan_rungs(const struct sweep *s, const char *folder, const struct sweep_state *states,
                      struct rung_order *ret);

#endif
