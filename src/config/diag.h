/* Diagnostics: what is wrong with a spec, each with its place, all of them (up to 20) at once. */
#ifndef DESCENT_CONFIG_DIAG_H
#define DESCENT_CONFIG_DIAG_H

#include "config/node.h"
#include "util/strbuf.h"

#define DIAGS_MAX 20

struct diag {
    struct place place;
    char *message;    /* "unknown key 'learning_rate' in optimizer adam" */
    char *suggestion; /* "did you mean 'lr'?" or NULL */
};

struct diags {
    struct arena *arena;  /* messages live here */
    enum error_code code; /* the exit code: ERR_USAGE unless said otherwise */
    bool
        partial; /* a part of the tree could not be had (what it extends, an override): nothing is missed in the rest */
    size_t n, dropped;
    struct diag item[DIAGS_MAX];
};

/* Without any; messages will live in the arena. */
void diags_init(struct diags *d, struct arena *a);
/* suggestion may be NULL. Returns false, always. */
bool diags_add(struct diags *d, struct place place, const char *suggestion, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* An error that names a key, at the place of the key's value in the tree. A default has no place
 * there: its message stands alone, and is to name the key. Returns false, always. */
bool diags_add_error(struct diags *d, const struct node *root, const struct error *err);

/* Where a place begins in its source, or NULL: at its end. */
const char *place_byte(const struct place *at);
/* Where byte `offset` of a scalar's text stands in its source, across quotes, escapes and lines,
 * and as a place of `length` bytes of text; NULL, and the scalar's own place, where that cannot be
 * told.
 */
const char *node_source_byte(const struct node *scalar, size_t offset);
/* The place of those bytes. */
struct place node_place_within(const struct node *scalar, size_t offset, size_t length);

/* Appends all, in the order of their places:
 *
 *   lenet.yaml:7:3: error: unknown key 'learning_rate' in optimizer adam
 *       7 |   learning_rate: 0.1
 *         |   ^~~~~~~~~~~~~ did you mean 'lr'?
 *
 * A place without a source prints the message alone. Long lines are cut around the caret to fit 80
 * columns; control characters are shown as '?'. */
void diags_write(const struct diags *d, struct strbuf *out);
/* The same with messages of at most `page` columns; lines of the source stay whole. */
void diags_write_within(const struct diags *d, size_t page, struct strbuf *out);

/* The nearest of n names to `wrong` (Damerau-Levenshtein, at most a third of its length away; case
 * and - _ count less), or NULL. */
const char *suggest(const char *wrong, const char *const *names, size_t n);

#endif
