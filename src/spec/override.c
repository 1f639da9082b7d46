/* The words KEY=VALUE, LIST+=VALUE and ~KEY: what the tables say of their keys, and their order. */
#include "spec/spec.h"
#include <ctype.h>
#include <string.h>

static const char *key_of(const char *argument)
{
    return argument + (argument[0] == '~');
}

/* Bytes of the key. */
static size_t key_length(const char *argument)
{
    const char *key = key_of(argument);
    size_t n = strcspn(key, "=");
    return n > 0 && key[n] == '=' && key[n - 1] == '+' ? n - 1 : n;
}

/* ---- the row of a dotted key ---- */

static const struct param expectation = {.name = "expectation", .type = PARAM_TEXT};

static const struct param *row_of(const struct param *table, const char *name)
{
    for (; table && table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

/* Of the kind that stands there; of any that has such a key where none does. */
static const struct param *row_of_kind(const struct registry *r, const struct node *at,
                                       const char *key)
{
    const struct node *name = at && at->kind == NODE_MAP ? node_get(at, "name") : at;
    const struct kind *k = name && name->kind == NODE_SCALAR ? registry_find(r, name->text) : NULL;
    const struct param *p = k ? kind_param(r, k, key) : NULL;
    for (size_t i = 0; !p && r->kinds[i]; i++)
        p = kind_param(r, r->kinds[i], key);
    return p;
}

/* NULL where no table has it, or only a row that reads its value by itself; then ret_told: the table
 * that lacks it is read, and says so. */
static const struct param *find_row(struct arena *a, const struct node *root, const char *path,
                                    bool *ret_told)
{
    const struct param *table = spec_params, *p = NULL;
    *ret_told = false;
    for (const char *s = path, *dot; s; s = dot ? dot + 1 : NULL) {
        dot = strchr(s, '.');
        const char *segment = arena_strndup(a, s, dot ? (size_t)(dot - s) : strlen(s));
        bool is_kind = p && (p->type == PARAM_KIND || p->type == PARAM_KINDS);
        if (is_kind && isdigit((unsigned char)segment[0]))
            continue;
        if (p && p->type == PARAM_CUSTOM && p->choices)
            return dot ? NULL : &expectation;
        if (is_kind) {
            const char *above = s > path ? arena_strndup(a, path, (size_t)(s - path) - 1) : "";
            const struct node *at = node_find(root, above);
            *ret_told = at != NULL;
            p = row_of_kind(p->registry, at, segment);
        } else {
            const struct param *rows = p ? p->table : table;
            *ret_told = rows != NULL;
            p = row_of(rows, segment);
        }
        if (!p)
            return NULL;
    }
    return p;
}

static bool takes_a_list(const struct param *p)
{
    return p->type == PARAM_KINDS || p->type == PARAM_INTS || p->type == PARAM_REALS ||
           p->type == PARAM_CHOICES ||
           (p->type == PARAM_CUSTOM && p->fallback && p->fallback[0] == '[');
}

static struct node_override_as describe(struct arena *a, const struct node *root,
                                        const char *argument)
{
    const char *path = arena_strndup(a, key_of(argument), key_length(argument));
    bool told;
    const struct param *p = find_row(a, root, path, &told);
    if (!p)
        return (struct node_override_as){.told = told};
    return (struct node_override_as){.known = true,
                                     .text = p->type == PARAM_TEXT,
                                     .nullable = p->nullable,
                                     .is_list = takes_a_list(p),
                                     .fallback = p->fallback};
}

/* Sections before the keys within them, a name before its section's other keys: what one override
 * sets, the name that another one gives does not drop. */
static size_t depth_of(const char *argument)
{
    const char *key = key_of(argument);
    size_t n = key_length(argument), depth = 1;
    for (size_t i = 0; i < n; i++)
        depth += key[i] == '.';
    return n > 5 && strncmp(key + n - 5, ".name", 5) == 0 ? depth - 1 : depth;
}

/* A number may follow only the name of a list: train.0.epochs is no key. */
static bool indexes_a_list(const char *argument, struct diags *d)
{
    size_t n = strcspn(argument, ".=");
    const struct param *p = spec_params;
    while (p->name && (strlen(p->name) != n || strncmp(p->name, argument, n) != 0))
        p++;
    bool is_list = !p->name || (p->type != PARAM_SECTION && p->type != PARAM_KIND);
    if (is_list || argument[n] != '.' || !isdigit((unsigned char)argument[n + 1]))
        return true;
    struct source *source = arena_alloc(d->arena, sizeof *source);
    *source = (struct source){.path = "command line", .text = argument, .length = strlen(argument)};
    struct place at = {.source = source, .line = 1, .column = (unsigned)n + 2, .width = 1};
    return diags_add(d, at, NULL, "'%s' is not a list", p->name);
}

/* Only `resume` knows what train.epochs=+20 would be added to. */
static bool is_absolute(const char *argument, struct diags *d)
{
    bool epochs = strncmp(argument, "train.epochs=+", 14) == 0;
    if (!epochs && strncmp(argument, "train.steps=+", 13) != 0)
        return true;
    struct source *source = arena_alloc(d->arena, sizeof *source);
    *source = (struct source){.path = "command line", .text = argument, .length = strlen(argument)};
    struct place at = {.source = source, .line = 1, .column = epochs ? 14 : 13, .width = 1};
    return diags_add(
        d, at, "without '+' it is the length of the whole run",
        "'+' means this many more than a run has reached, which 'descent resume' alone "
        "can tell");
}

/* What is wrong with several words at once; false, always. */
static bool refuse_words(struct diags *d, const char *text, const char *hint, const char *message)
{
    struct source *s = arena_alloc(d->arena, sizeof *s);
    *s = (struct source){.path = "command line", .text = text, .length = strlen(text)};
    struct place at = {.source = s, .line = 1, .column = 1, .width = (unsigned)strlen(text)};
    return diags_add(d, at, hint, "%s", message);
}

/* "optimizer.lr = 0.1" is three words to a shell, of which each alone would be called wrong;
 * "optimizer.lr 0.1" is two. */
static bool stands_together(const struct node *root, char *const *word, size_t n, struct diags *d)
{
    for (size_t i = 0; i + 1 < n; i++) {
        bool spaced = word[i + 1][0] == '=', told;
        if (strchr(word[i], '=') || word[i][0] == '~' ||
            (!spaced && (word[i + 1][0] == '~' || strchr(word[i + 1], '=') ||
                         !find_row(d->arena, root, word[i], &told))))
            continue;
        const char *value = word[i + 1] + spaced, *space = "";
        if (!*value && i + 2 < n) {
            value = word[i + 2];
            space = " ";
        }
        return refuse_words(
            d, arena_printf(d->arena, "%s %s%s%s", word[i], spaced ? "=" : "", space, value),
            arena_printf(d->arena, "did you mean '%s=%s'?", word[i], value),
            spaced ? "no spaces stand around '='" : "'=' stands between a key and its value");
    }
    return true;
}

/* Brackets that are opened and not closed. */
static int open_brackets(const char *s)
{
    int open = 0;
    for (; *s; s++)
        open += (*s == '[' || *s == '{') - (*s == ']' || *s == '}');
    return open;
}

/* "model.hidden=[128, 64]" is two words to a shell, too. */
static bool brackets_close(char *const *word, size_t n, struct diags *d)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = word[i];
        int open = strchr(text, '=') ? open_brackets(text) : 0;
        for (size_t k = i + 1; open > 0 && k < n; k++) {
            text = arena_printf(d->arena, "%s %s", text, word[k]);
            open = open_brackets(text);
            if (open == 0)
                return refuse_words(d, text, arena_printf(d->arena, "put it in quotes: '%s'", text),
                                    "the shell takes this apart at its spaces");
        }
    }
    return true;
}

bool spec_override(struct arena *a, struct node *root, char *const *overrides, size_t n,
                   struct diags *d)
{
    size_t deepest = 0;
    bool ok = true;
    if (!stands_together(root, overrides, n, d) || !brackets_close(overrides, n, d))
        return false;
    for (size_t i = 0; i < n; i++)
        deepest = depth_of(overrides[i]) > deepest ? depth_of(overrides[i]) : deepest;
    for (size_t depth = 0; depth <= deepest; depth++)
        for (size_t i = 0; i < n; i++)
            if (depth_of(overrides[i]) == depth) {
                const struct node_override_as as = describe(a, root, overrides[i]);
                ok &= is_absolute(overrides[i], d) && indexes_a_list(overrides[i], d) &&
                      node_override(a, root, overrides[i], &as, d);
            }
    return ok;
}
