/* One table says everything about a setting: name, type, default, range, unit, meaning. Parsing,
 * range checks, "did you mean", `descent list`, the resolved spec, sweep axes, completion and the
 * README are read from it. */
#ifndef DESCENT_CONFIG_PARAM_H
#define DESCENT_CONFIG_PARAM_H

#include "config/diag.h"
#include "config/node.h"
#include <math.h>
#include <stdint.h>

struct kind;
struct registry;
struct param;

/* A number list, in the binder's arena. */
struct reals {
    size_t n;
    double *v;
};
struct ints {
    size_t n;
    int64_t *v;
};
/* A chosen kind with its own options (kind->options_size bytes, in the arena). kind NULL = null. */
struct chosen {
    const struct kind *kind;
    void *options;
    struct place place;
};
struct chosen_list {
    size_t n;
    struct chosen *v;
};

enum param_type {
    PARAM_BOOL,    /* bool */
    PARAM_INT,     /* int64_t */
    PARAM_REAL,    /* double; an integer is accepted */
    PARAM_TEXT,    /* const char * */
    PARAM_CHOICE,  /* int: index into `choices` */
    PARAM_CHOICES, /* uint32_t: bit i set = choices[i] is in the list */
    PARAM_REALS,   /* struct reals: a list (a bare number is a list of one) */
    PARAM_INTS,    /* struct ints */
    PARAM_PAIR,    /* double[2] */
    PARAM_KIND,    /* struct chosen: {name: ..., its keys} or the bare name */
    PARAM_KINDS,   /* struct chosen_list: one such mapping, or a list of them; null = empty */
    PARAM_SECTION, /* a nested struct with a table of its own */
    PARAM_CUSTOM,  /* read and written by the functions in the row */
};

/* What a number means to the machinery above (schedules move lr, momentum and weight decay). */
enum param_role {
    PARAM_ROLE_NONE,
    PARAM_ROLE_LR,
    PARAM_ROLE_MOMENTUM,
    PARAM_ROLE_DECAY,
    PARAM_ROLE_EXEMPT
};

struct param_range {
    double low, high;
    bool low_open, high_open;
};
#define PARAM_UNBOUNDED (double)INFINITY
/* clang-format off */
#define ANY_REAL         {-PARAM_UNBOUNDED, PARAM_UNBOUNDED, true, true}
#define AT_LEAST(a)      {(a), PARAM_UNBOUNDED, false, true}
#define ABOVE(a)         {(a), PARAM_UNBOUNDED, true, true}
#define FROM_TO(a, b)    {(a), (b), false, false} /* [a, b] */
#define FROM_BELOW(a, b) {(a), (b), false, true}  /* [a, b) */
#define BETWEEN(a, b)    {(a), (b), true, true}   /* (a, b) */
#define ABOVE_TO(a, b)   {(a), (b), true, false}  /* (a, b] */
/* clang-format on */

/* How a kind stands in a spec. */
enum kind_form {
    KIND_AS_NAME, /* {name: adam, lr: 0.1}, or adam */
    KIND_AS_KEY,  /* {linear: {out: 75}}, {linear: 75} (the first key's value), or relu */
};

struct binder {
    struct arena *arena;
    struct diags *diags;
    const struct param *root; /* the whole document's table, in which a key that is unknown where it
                                 stands is looked for, or NULL */
};

struct param {
    const char *name; /* NULL ends a table */
    enum param_type type;
    size_t offset; /* in the struct that the table describes */
    const char
        *fallback; /* default as YAML text ("0.9", "[0.9, 0.999]", "null"); NULL = required */
    struct param_range range; /* numbers, and each number of a list */
    const char *help;         /* one line of meaning, lower case, no full stop */
    const char *unit;         /* "epochs", or NULL */
    bool path;                /* TEXT: of a file or folder; "~/" is the home folder */
    bool nullable;            /* null is allowed: NAN, INT64_MIN (PARAM_NULL_INT), NULL, empty */
    enum param_role role;
    const char *const *choices; /* NULL-ended; CHOICE and CHOICES; TEXT: its schema's */
    const char *const
        *offered; /* CHOICE: those that help and schema name, where others are read to be
                                 * refused with a reason; NULL: all; NULL-ended */
    /* CHOICE: what to type in place of a word that is like none of them, or NULL. */
    const char *(*hint)(struct arena *a, const char *word);
    const struct registry *registry; /* KIND and KINDS */
    enum kind_form form;
    const struct param *table; /* SECTION */
    /* CUSTOM: read sets *field or adds diagnostics (and returns false); write appends the value in
     * YAML flow form. shape is what `list` and error messages call it: "a count, or a fraction in
     * (0, 1)". */
    bool (*read)(struct binder *b, const struct param *p, const struct node *value, void *field);
    void (*write)(const void *field, struct strbuf *out);
    const char *shape;
    /* CUSTOM, for those who describe a spec without reading one (JSON Schema, completion): table: a
     * mapping of these keys (or null, where nullable); registry: one of these kinds or a list of
     * them, with table: and these keys on top; choices: a mapping with these keys; listable: or a
     * list of such mappings. */
    bool listable;
    const char *
        json; /* members of the value's JSON Schema: of a CUSTOM row, all; with choices, of each key's; TEXT: more */
};

#define PARAM_NULL_INT INT64_MIN

/* The choices that a reader is told of. */
static inline const char *const *param_offers(const struct param *p)
{
    return p->offered ? p->offered : p->choices;
}

/* Whether its value is a list of numbers. */
static inline bool param_lists_numbers(const struct param *p)
{
    return p->type == PARAM_INTS || p->type == PARAM_REALS || p->type == PARAM_PAIR;
}

/* offsetof, checked at compile time: the field must have the C type of the row's kind. */
#define PARAM_OFFSET(T, field, type) _Generic(&((T *)0)->field, type * : offsetof(T, field))

/* P_REAL(struct adam, lr, "0.001", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR): struct,
 * field (which is the key too), default, range or choices, help, and any further members of the
 * row. */
#define P_ROW(ptype, T, f, ctype, fallback_, ...)                                                  \
    {                                                                                              \
        .name = #f, .type = ptype, .offset = PARAM_OFFSET(T, f, ctype), .fallback = fallback_,     \
        __VA_ARGS__                                                                                \
    }
#define P_BOOL(T, f, d, ...) P_ROW(PARAM_BOOL, T, f, bool, d, .help = __VA_ARGS__)
#define P_INT(T, f, d, r, ...) P_ROW(PARAM_INT, T, f, int64_t, d, .range = r, .help = __VA_ARGS__)
#define P_REAL(T, f, d, r, ...) P_ROW(PARAM_REAL, T, f, double, d, .range = r, .help = __VA_ARGS__)
#define P_TEXT(T, f, d, ...) P_ROW(PARAM_TEXT, T, f, const char *, d, .help = __VA_ARGS__)
#define P_CHOICE(T, f, d, list, ...)                                                               \
    P_ROW(PARAM_CHOICE, T, f, int, d, .choices = list, .help = __VA_ARGS__)
#define P_CHOICES(T, f, d, list, ...)                                                              \
    P_ROW(PARAM_CHOICES, T, f, uint32_t, d, .choices = list, .help = __VA_ARGS__)
#define P_REALS(T, f, d, r, ...)                                                                   \
    P_ROW(PARAM_REALS, T, f, struct reals, d, .range = r, .help = __VA_ARGS__)
#define P_INTS(T, f, d, r, ...)                                                                    \
    P_ROW(PARAM_INTS, T, f, struct ints, d, .range = r, .help = __VA_ARGS__)
#define P_PAIR(T, f, d, r, ...)                                                                    \
    {                                                                                              \
        .name = #f, .type = PARAM_PAIR,                                                            \
        .offset = _Generic(&((T *)0)->f, double(*)[2]                                              \
                           : offsetof(T, f)),                                                      \
        .fallback = d, .range = r, .help = __VA_ARGS__                                             \
    }
#define P_KIND(T, f, d, reg, ...)                                                                  \
    P_ROW(PARAM_KIND, T, f, struct chosen, d, .registry = reg, .help = __VA_ARGS__)
#define P_KINDS(T, f, d, reg, ...)                                                                 \
    P_ROW(PARAM_KINDS, T, f, struct chosen_list, d, .registry = reg, .help = __VA_ARGS__)
#define P_SECTION(T, f, tab, help_)                                                                \
    {                                                                                              \
        .name = #f, .type = PARAM_SECTION, .offset = offsetof(T, f), .fallback = "",               \
        .help = help_, .table = tab                                                                \
    }
#define P_END                                                                                      \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* A pluggable thing: optimizer, schedule, layer, model, data set, test function. The first member
 * of every `struct X_kind`. */
struct kind {
    const char *name;     /* as written in a spec */
    const char *title;    /* "Adam: adaptive moment estimation" */
    const char *equation; /* plain text, one step a line; NULL where there is none */
    const char *source;   /* "Kingma and Ba 2014, algorithm 1, arXiv:1412.6980" */
    const char *note;     /* what it is good and bad at, what is disputed; NULL */
    const char *example;  /* one that is complete, where keys have no default: "{name: ...}" */
    const struct param *params; /* its own keys, may be NULL */
    size_t options_size; /* of the struct that params (and the registry's common keys) describe */
    /* Cross checks among its own keys: a sentence that says what is wrong and which key to blame,
     * or NULL. */
    const char *(*check)(const void *options, const char **ret_key);
    /* The same of an entry of its list of kinds against it: the key is the entry's; may be NULL. */
    const char *(*check_entry)(const void *options, const struct chosen *entry,
                               const char **ret_key);
};

struct registry {
    const char *noun, *plural;       /* "optimizer", "optimizers" */
    const struct kind *const *kinds; /* NULL-ended */
    const struct param
        *common; /* keys that every kind has, whose fields every options struct begins
                                         with (or NULL); a kind's own row of the same name goes first */
    enum kind_form form;
    /* Cross checks of the common keys against a kind, as a kind's own; may be NULL. */
    const char *(*check)(const struct kind *k, const void *options, const char **ret_key);
};

/* The kind of this name, or NULL. */
const struct kind *registry_find(const struct registry *r, const char *name);
/* "a" or "an", as the noun wants it. */
const char *registry_article(const struct registry *r);

/* Reads `map` (NULL: all defaults) into object by the table; fills defaults; adds a diagnostic for
 * every unknown key ("did you mean", or "'betas' belongs to adam, not to sgd"), wrong type, value
 * out of range, missing required key, kind check failed. Returns false if it added any. what:
 * "optimizer adam", "section 'train'", used in messages. */
bool bind_table(struct binder *b, const struct param *table, const struct node *map,
                struct place place, const char *what, void *object);
/* One value by its row; its field is at `field`. */
bool bind_value(struct binder *b, const struct param *p, const struct node *value, void *field);
/* read of a CUSTOM row that is kept as it stands: a node, NULL of null. */
bool bind_tree(struct binder *b, const struct param *p, const struct node *value, void *field);
/* The value of a row of type PARAM_KIND: a name, or a mapping with the kind's keys. */
bool bind_kind(struct binder *b, const struct param *p, const struct node *value,
               struct chosen *ret);
/* One kind with all defaults, in the arena (for tests and lists). Required keys without default
 * stay zero. */
struct chosen kind_defaults(struct arena *a, const struct registry *r, const struct kind *k);
/* From YAML text: kind_parse(a, &optim_registry, "{name: sgd, lr: 0.1}", &diags): tests and
 * tools. */
bool kind_parse(struct arena *a, const struct registry *r, const char *text, struct diags *d,
                struct chosen *ret);

/* The row of a kind's tables with this role (own, then common), or NULL; and the field it names. */
const struct param *kind_param_of_role(const struct registry *r, const struct kind *k,
                                       enum param_role role);
/* Whether a table, or NULL, has a row of this name. */
bool param_in(const struct param *table, const char *name);
/* The row of this name, the kind's own or a common one; NULL: it has none. */
const struct param *kind_param(const struct registry *r, const struct kind *k, const char *name);

/* Writes every value out as block YAML that binds to the same object ("key: value" lines at this
 * indent). */
void write_table(struct strbuf *out, const struct param *table, const void *object,
                 unsigned indent);
/* One value in flow form: 0.001, [75, 45], {name: adam, lr: 0.001}, text quoted where needed. */
void write_value(struct strbuf *out, const struct param *p, const void *field);
void write_text(struct strbuf *out,
                const char *text); /* plain where that reads back as text, else "..." */
/* "real >= 0", "one of relu, tanh", "list of counts": for list and messages. */
void write_type(struct strbuf *out, const struct param *p);

#endif
