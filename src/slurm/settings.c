/* The section `sweep.slurm`. Its words go into scripts, so each may hold only what cannot mean
 * anything else there. */
#include "slurm/slurm.h"
#include "util/duration.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

enum { LONGEST = 200 };

/* Letters, digits, and some others. */
static bool is_made_of(const char *text, const char *others)
{
    size_t n = 0;
    for (; text[n]; n++)
        if (!isalnum((unsigned char)text[n]) && !strchr(others, text[n]))
            return false;
    return n > 0 && n <= LONGEST;
}

static bool read_word(struct binder *b, const struct param *p, const struct node *value,
                      void *field, const char *others)
{
    const char **ret = field;
    *ret = NULL;
    if (node_is_null(value))
        return true;
    if (value->kind != NODE_SCALAR || !is_made_of(value->text, others) || value->text[0] == '-')
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    *ret = arena_strdup(b->arena, value->text);
    return true;
}

static bool read_name(struct binder *b, const struct param *p, const struct node *value,
                      void *field)
{
    return read_word(b, p, value, field, "._+-:@/");
}

static bool read_names(struct binder *b, const struct param *p, const struct node *value,
                       void *field)
{
    return read_word(b, p, value, field, "._+-:@/,");
}

static bool read_features(struct binder *b, const struct param *p, const struct node *value,
                          void *field)
{
    return read_word(b, p, value, field, "._+-:@/,&|*[]()");
}

static bool read_memory(struct binder *b, const struct param *p, const struct node *value,
                        void *field)
{
    size_t digits = value->kind == NODE_SCALAR ? strspn(value->text, "0123456789") : 0;
    bool sized = digits > 0 && digits < 16 && value->text[digits] &&
                 strchr("KMGT", value->text[digits]) && !value->text[digits + 1];
    if (!node_is_null(value) && !sized)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    return read_word(b, p, value, field, "");
}

/* Slurm looks at its clock about once a minute: a shorter job might be told to stop before it has
 * begun. */
static bool read_time(struct binder *b, const struct param *p, const struct node *value,
                      void *field)
{
    bool unit;
    double *ret = field;
    *ret = (double)NAN;
    if (node_is_null(value))
        return true;
    if (value->kind != NODE_SCALAR || !duration_read(value->text, ret, &unit) || !unit ||
        *ret < 120 || *ret > 365 * 86400)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    return true;
}

static void write_word(const void *field, struct strbuf *out)
{
    const char *text = *(const char *const *)field;
    if (text)
        write_text(out, text);
    else
        strbuf_add(out, "null");
}

static void write_time(const void *field, struct strbuf *out)
{
    double v = *(const double *)field;
    if (isnan(v))
        strbuf_add(out, "null");
    else
        strbuf_addf(out, "%.0fs", v);
}

/* ---- options: more words for sbatch ---- */

/* What descent says itself, and what has a key of its own; sbatch takes any beginning of a name. */
static const struct taken {
    const char *name, *key; /* key: of this section; NULL: none */
} taken[] = {{"account", "account"},  {"partition", "partition"},
             {"qos", "qos"},          {"constraint", "constraint"},
             {"time", "time"},        {"mem", "memory"},
             {"array", NULL},         {"chdir", NULL},
             {"clusters", NULL},      {"comment", NULL},
             {"cpus-per-task", NULL}, {"error", NULL},
             {"export", NULL},        {"help", NULL},
             {"hold", NULL},          {"input", NULL},
             {"job-name", NULL},      {"no-requeue", NULL},
             {"ntasks", NULL},        {"output", NULL},
             {"parsable", NULL},      {"requeue", NULL},
             {"signal", NULL},        {"test-only", NULL},
             {"usage", NULL},         {"version", NULL},
             {"wait", NULL},          {"wrap", NULL}};

static const struct taken *taken_by(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (strncmp(name, taken[i].name, n) == 0)
            return &taken[i];
    return NULL;
}

static bool is_option(const char *text)
{
    size_t n = strlen(text);
    if (n < 4 || n > LONGEST || strncmp(text, "--", 2) != 0 || !islower((unsigned char)text[2]))
        return false;
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c > '~' || strchr("\"'\\#$`", *c))
            return false;
    return true;
}

static bool check_option(struct binder *b, const struct param *p, const struct node *item)
{
    if (item->kind != NODE_SCALAR || !is_option(item->text))
        return diags_add(b->diags, item->place, NULL, "each of '%s' must be %s", p->name,
                         "one of sbatch's long options as one word, such as --mail-type=END, "
                         "without spaces, quotes, \\ # $ `");
    const char *name = item->text + 2;
    size_t n = strcspn(name, "=");
    const struct taken *t = taken_by(name, n);
    if (!t)
        return true;
    if (t->key)
        return diags_add(b->diags, item->place, NULL, "'--%.*s' has a key of its own: '%s'", (int)n,
                         name, t->key);
    return diags_add(b->diags, item->place, NULL, "'--%.*s' is not for users: descent sets it",
                     (int)n, name);
}

static bool read_options(struct binder *b, const struct param *p, const struct node *value,
                         void *field)
{
    const char *const **ret = field;
    *ret = NULL;
    if (node_is_null(value))
        return true;
    if (value->kind != NODE_LIST)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    const char **v = arena_alloc(b->arena, (value->n + 1) * sizeof *v);
    bool ok = true;
    for (size_t i = 0; i < value->n; i++) {
        ok &= check_option(b, p, value->item[i]);
        v[i] = value->item[i]->text;
    }
    *ret = v;
    return ok;
}

static void write_options(const void *field, struct strbuf *out)
{
    const char *const *v = *(const char *const *const *)field;
    strbuf_add(out, v ? "[" : "null");
    for (size_t i = 0; v && v[i]; i++) {
        strbuf_add(out, i > 0 ? ", " : "");
        write_text(out, v[i]);
    }
    strbuf_add(out, v ? "]" : "");
}

#define SETTING(f, ctype, read_, write_, shape_, help_)                                            \
    {                                                                                              \
        .name = #f, .type = PARAM_CUSTOM, .offset = PARAM_OFFSET(struct slurm_settings, f, ctype), \
        .fallback = "null", .shape = shape_, .read = read_, .write = write_, .help = help_,        \
        .nullable = true                                                                           \
    }

const struct param slurm_params[] = {
    SETTING(account, const char *, read_name, write_word,
            "a name of letters, digits and . _ + - : @ /", "who is charged"),
    SETTING(partition, const char *, read_names, write_word,
            "a name, or several with commas, of letters, digits and . _ + - : @ /", "which nodes"),
    SETTING(qos, const char *, read_name, write_word, "a name of letters, digits and . _ + - : @ /",
            "quality of service"),
    SETTING(constraint, const char *, read_features, write_word,
            "node features of letters, digits and . _ + - : @ / , & | * [ ] ( )",
            "which processors; only under matmul: blas do results depend on them"),
    SETTING(time, double, read_time, write_time,
            "a time of 2m to 365d with its units, such as 90m or 1h30m",
            "limit of a task; one that has more to do is requeued"),
    SETTING(memory, const char *, read_memory, write_word,
            "a whole number with K, M, G or T, such as 2G", "of a task"),
    P_INT(struct slurm_settings, tasks, "null", FROM_TO(1, 100000),
          "at most this many, each with several members; default: one for each member",
          .nullable = true),
    SETTING(options, const char *const *, read_options, write_options,
            "a list of sbatch's long options, such as [--mail-type=END, --gres=gpu:1]",
            "of sbatch, for the array"),
    P_END};

/* ---- on the command line ---- */

bool slurm_set(struct slurm_settings *s, const char *key, const char *text, const char *given,
               struct arena *a, struct diags *d)
{
    struct binder b = {.arena = a, .diags = d};
    struct source *source = arena_alloc(a, sizeof *source);
    *source = (struct source){.path = "command line", .text = given, .length = strlen(given)};
    size_t length = strlen(text);
    struct place place = {.source = source,
                          .line = 1,
                          .column = (unsigned)(source->length - length) + 1,
                          .width = (unsigned)length};
    const struct node value = {.kind = NODE_SCALAR, .place = place, .text = text, .quoted = true};
    const struct param *p = slurm_params;
    while (strcmp(p->name, key) != 0)
        p++;
    unsigned char *field = (unsigned char *)s + p->offset;
    return p->read(&b, p, &value, field);
}
