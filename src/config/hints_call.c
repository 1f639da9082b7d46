/* Kinds with their keys as other languages write them: "SGD(lr=0.1)", "adam, lr=0.1", "adam lr 0.1". */
#include "config/hints.h"
#include "config/rows.h"
#include <ctype.h>
#include <string.h>

struct call {
    struct arena *arena;
    struct rows rows; /* the kind's keys */
    bool given[MAX_ROWS];
    struct strbuf text; /* ", lr: 0.1" */
    hint_taker *takes;
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Where the name of the kind ends: before a parenthesis, or a key or number behind a blank. */
static size_t name_length(const char *word)
{
    size_t open = strcspn(word, "("), blank = strcspn(word, " ,");
    return word[open] == '(' || !strpbrk(word + blank, "=0123456789") ? open : blank;
}

const char *hint_call_name(struct arena *a, const char *word, const char *noun)
{
    size_t n = name_length(word), last = strlen(noun);
    while (n > 0 && word[n - 1] == ' ')
        n--;
    size_t i = 0;
    while (i < last && n > last && tolower((unsigned char)word[n - last + i]) == noun[i])
        i++;
    n -= i == last ? last : 0;
    while (n > 0 && strchr(" _-", word[n - 1]))
        n--;
    return arena_strndup(a, word, n);
}

/* The length of a value, up to a comma, or a blank, in no brackets. */
static size_t value_length(const char *p, bool in_parentheses)
{
    size_t n = 0;
    for (int depth = 0; p[n]; n++) {
        if (depth == 0 && (p[n] == ',' || p[n] == ')' || (!in_parentheses && p[n] == ' ')))
            break;
        depth += strchr("([", p[n]) ? 1 : strchr(")]", p[n]) ? -1 : 0;
    }
    return n;
}

/* The row of a key by its name here or elsewhere, or NULL. */
static const struct param *row_of(const struct call *c, const char *key)
{
    const struct param *row = rows_find(&c->rows, key);
    const char *other;
    for (size_t i = 0; !row && (other = hint_other_name(key, i)); i++)
        row = rows_find(&c->rows, other);
    return row;
}

/* The row of a number without a name: the learning rate, else the key that has to be given. */
static const struct param *unnamed_row(const struct call *c, const char *value)
{
    const struct param *required = NULL;
    if (!strchr("0123456789.[", value[0]))
        return NULL;
    for (size_t i = 0; i < c->rows.n; i++) {
        if (c->rows.v[i]->role == PARAM_ROLE_LR)
            return c->rows.v[i];
        if (!required && !c->rows.v[i]->fallback)
            required = c->rows.v[i];
    }
    return required;
}

/* What has no counterpart here is left out; tuples become lists. */
static void add_argument(struct call *c, const char *key, char *value)
{
    const struct param *row = *key ? row_of(c, key) : unnamed_row(c, value);
    for (char *p = value; *p; p++)
        *p = (char)(*p == '(' ? '[' : *p == ')' ? ']' : *p);
    size_t i = 0;
    while (i < c->rows.n && c->rows.v[i] != row)
        i++;
    if (i == c->rows.n || c->given[i] || !value[0] || !c->takes(c->arena, c->rows.kind, row, value))
        return;
    c->given[i] = true;
    strbuf_addf(&c->text, ", %s: %s", row->name, value);
    if (strcmp(key, "total_steps") == 0 && rows_find(&c->rows, "interval"))
        strbuf_add(&c->text, ", interval: step");
}

static void read_arguments(struct call *c, const char *p)
{
    bool in_parentheses = p[strspn(p, " ")] == '(';
    for (p += strspn(p, " (,"); *p; p += strspn(p, " ,)")) {
        size_t key = 0;
        while (is_word(p[key]))
            key++;
        size_t sign = key + strspn(p + key, " ");
        bool has_sign = p[sign] == '=' || p[sign] == ':',
             named = isalpha((unsigned char)p[0]) && (has_sign || (!in_parentheses && sign > key));
        const char *value = named ? p + sign + has_sign : p;
        value += strspn(value, " ");
        size_t n = value_length(value, in_parentheses);
        add_argument(c, named ? arena_strndup(c->arena, p, key) : "",
                     arena_strndup(c->arena, value, n));
        p = value + n;
    }
}

const char *hint_call(struct arena *a, const struct registry *r, const char *word, const char *name,
                      hint_taker *takes)
{
    const char *typed = hint_typed(a, word);
    const struct kind *kind = registry_find(r, name);
    if (typed || !kind)
        return typed ? typed : name;
    struct call c = {.arena = a, .rows = rows_of(r, kind), .takes = takes};
    strbuf_init(&c.text);
    read_arguments(&c, word + name_length(word));
    const char *text =
        c.text.length > 0 ? arena_printf(a, "{name: %s%s}", name, c.text.text) : name;
    strbuf_fini(&c.text);
    return text;
}
