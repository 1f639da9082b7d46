/* Names of settings, as `skip`, `--where`, `--sort` and `--group-by` take them: a dotted key, or
 * the end of one where only one key has it. */
#ifndef DESCENT_EXPR_VOCABULARY_H
#define DESCENT_EXPR_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>

struct vocabulary {
    size_t n;
    const char *const *key; /* dotted: "optimizer.lr", "scheduler.0.gamma" */
    /* The last so many are no keys, but stand for those of a list: "scheduler" for the names of
     * several, "hidden.0" for an entry. */
    size_t lists;
    /* Whether what is looked at differs in this key: of several with the same end, the only one
     * that does is meant. */
    bool (*differs)(const void *context, size_t key);
    /* Whether the key itself stands for those of a list. NULL: none does. */
    bool (*names_list)(const void *context, size_t key);
    const void *context;
};

enum vocabulary_answer { VOCABULARY_NONE, VOCABULARY_ONE, VOCABULARY_MANY };

/* "lr" is optimizer.lr, "optimizer" is optimizer.name, "scheduler.gamma" is scheduler.0.gamma. ret
 * is set where one key is meant. */
enum vocabulary_answer vocabulary_find(const struct vocabulary *v, const char *name, size_t *ret);
/* All that it could mean: "optimizer.lr or scheduler.0.lr"; cut at size bytes. */
void vocabulary_list(const struct vocabulary *v, const char *name, char *ret, size_t size);

/* Whether the end of this key is also that of a section's around its own, which it means then: "lr"
 * is optimizer.lr and never optimizer.groups.0.lr. */
bool vocabulary_is_overruled(const struct vocabulary *v, const char *name, size_t key);

/* Is the name the whole path, or what follows one of its dots? */
bool vocabulary_is_end(const char *path, const char *name);

#endif
