/* A YAML document as a tree in which everything knows its place. The one user of yaml.h. */
#ifndef DESCENT_CONFIG_NODE_H
#define DESCENT_CONFIG_NODE_H

#include "util/mem.h"
#include "util/strbuf.h"
#include <stddef.h>
#include <stdint.h>

/* A text with a name: a file, or one KEY=VALUE of the command line. Lives in an arena. */
struct source {
    const char *path; /* as the user gave it; "command line" for an override */
    const char *text; /* whole text, NUL-terminated */
    size_t length;
};

/* Where something stands. Lines and columns count from 1; columns count characters, not bytes. */
struct place {
    const struct source *source; /* NULL: nowhere (a default) */
    unsigned line, column, width;
};

enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct node {
    enum node_kind kind;
    struct place place; /* of the value */
    const char *text;   /* scalar only */
    bool quoted;        /* scalar only: '...', "...", | or > : text, never number, bool or null */
    size_t n;           /* map, list */
    struct node **item; /* n values */
    const char **key;   /* map only: n names */
    struct place *key_place; /* map only */
};

struct diags;

/* Parses a text (YAML 1.2 core by libyaml events). On failure adds diagnostics and returns NULL. An
 * empty document is an empty map. Refused, with their place: over 16 MiB, depth over 32, aliases,
 * anchors, tags, a second document, duplicate keys, keys that are not scalars, tabs as indentation,
 * invalid UTF-8. */
struct node *node_parse(struct arena *a, const struct source *source, struct diags *d);
/* The same of a text that must be a map. */
struct node *node_parse_sections(struct arena *a, const struct source *source, struct diags *d);

/* Bytes of a spec that somebody has written, and of one that a run or a sweep has left: that has
 * every value written out. */
enum { NODE_GIVEN_MOST = 1 << 20, NODE_RECORDED_MOST = 1 << 24 };

/* Reads a file of at most `most` bytes and what it `extends` (paths relative to the extending
 * file), merged: mappings merge, and so does the bare name of a section that has one; anything else
 * replaces; where the upper spec changes a section's `name` (also one that the lower spec leaves at
 * its default), the section's other inherited keys are dropped. The `extends` key is removed. A
 * missing or circular one is a diagnostic at its place. NULL on failure. */
struct node *node_load(struct arena *a, const char *path, size_t most, struct diags *d);
/* The same, but what stands above a missing or wrong spec is returned, so that its own errors can
 * be told too; d->partial says that it is not all. */
struct node *node_load_part(struct arena *a, const char *path, size_t most, struct diags *d);

/* A text as it stands, by the same rules for its bytes; NULL and a diagnostic where it breaks them.
 */
struct node *node_literal(struct arena *a, const struct source *source, struct diags *d);

/* What the table says of an override's key. */
struct node_override_as {
    bool known;
    bool told;     /* where it is not: the table that lacks it will say so of a value there */
    bool text;     /* its value is taken literally unless it begins with a quote ... */
    bool nullable; /* ... or is null */
    bool is_list;  /* it may be appended to */
    const char *fallback; /* of a list: the default, as YAML */
};

/* Applies one override. "a.b.0.c=value": the value is parsed as a YAML flow value, in which a
 * comment is an error. Sections on the way are made; an index addresses a list's entry (0 also
 * addresses a lone mapping where a list could stand); a new `name` drops the section's other keys,
 * and an empty mapping all of them. "list+=value" appends an entry, or those of a list. "~key"
 * takes the key away. as NULL: nothing is known of the key. On failure adds diagnostics, places in
 * the argument. */
bool node_override(struct arena *a, struct node *root, const char *argument,
                   const struct node_override_as *as, struct diags *d);
/* The same with a ready value (a sweep's axis); at: where the path stands. */
bool node_set(struct arena *a, struct node *root, const char *path, struct place at,
              struct node *value, struct diags *d);

/* Takes the key at path away, where it is there; a `name` goes with its section's other keys. False
 * where it is an entry of a list. */
bool node_remove(struct node *root, const char *path);

/* Whether a bare name and a mapping with a `name` are one thing as this key's value, and merge. */
bool node_is_named(const char *key);
/* upper merged over lower, by the rules above; either may be NULL. New nodes, shared leaves. */
struct node *node_merge(struct arena *a, const struct node *lower, const struct node *upper);
/* A deep copy in the arena, with the places. */
struct node *node_copy(struct arena *a, const struct node *n);

/* Child of a map by name, or NULL. */
const struct node *node_get(const struct node *map, const char *key);
/* By dotted path ("optimizer.lr", "scheduler.0.gamma"); NULL where absent. */
const struct node *node_find(const struct node *root, const char *path);
/* The place of the key at path, or of the nearest ancestor that is there (at last the document). */
struct place node_place(const struct node *root, const char *path);

/* Calls f for each value of a tree with its dotted key, in the arena: for scalars, and for maps and
 * lists without entries; with whole_lists, lists of scalars are values too, without it their
 * entries ("milestones.0"). */
typedef void node_leaf(void *context, const char *key, const struct node *n);
/* In the order of the tree. */
void node_each_leaf(struct arena *a, const struct node *root, bool whole_lists, node_leaf *f,
                    void *context);

/* "[75, 45]", of a list of scalars, or a map or list without entries. */
void node_write_list(const struct node *n, struct strbuf *out);

bool node_is_null(const struct node *n);            /* plain ~, null, Null, NULL or nothing */
bool node_as_bool(const struct node *n, bool *ret); /* plain true/false (True, TRUE) */
bool node_as_int(const struct node *n,
                 int64_t *ret); /* plain; 12, -3, 0x1F, 0o17; false also on overflow */
bool node_as_real(const struct node *n,
                  double *ret); /* plain; 1e-3, .5, 2; true for .inf and .nan, 1e999 too (inf) */

/* Makes room for one more entry. */
void node_grow(struct arena *a, struct node *n);

#endif
