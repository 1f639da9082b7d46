/* One KEY=VALUE, LIST+=VALUE or ~KEY of the command line. */
#include "config/diag.h"
#include "config/hints.h"
#include "config/node.h"
#include <string.h>

/* Places within a value that was parsed on its own, moved to where it stands in the argument. */
static void move_places(struct node *n, const struct source *source, unsigned by)
{
    n->place.source = source;
    n->place.column += n->place.line == 1 ? by : 0;
    for (size_t i = 0; i < n->n; i++) {
        if (n->kind == NODE_MAP) {
            n->key_place[i].source = source;
            n->key_place[i].column += n->key_place[i].line == 1 ? by : 0;
        }
        move_places(n->item[i], source, by);
    }
}

/* Where YAML would begin a comment, or NULL: a '#' after a blank or at the start, outside
 * quotes. */
static const char *comment_in(const char *text)
{
    char quote = '\0', before = '\0'; /* the last character that is no blank */
    for (const char *s = text; *s; s++) {
        if (quote) {
            if (quote == '"' && *s == '\\' && s[1])
                s++;
            else if (*s == quote)
                quote = '\0';
        } else if ((*s == '"' || *s == '\'') && (!before || strchr("[{,:", before))) {
            quote = *s;
        } else if (*s == '#' && (s == text || s[-1] == ' ' || s[-1] == '\t')) {
            return s;
        }
        if (*s != ' ' && *s != '\t')
            before = *s;
    }
    return NULL;
}

static unsigned characters(const char *s, size_t n)
{
    unsigned count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xC0) != 0x80;
    return count;
}

struct argument {
    struct source *source, *part; /* the whole, the value */
    const char *key;
    size_t key_length;
    char form; /* '=', '+', '~' */
};

static struct place place_of(const struct argument *x, size_t byte, size_t length)
{
    const char *text = x->source->text;
    return (struct place){.source = x->source,
                          .line = 1,
                          .column = characters(text, byte) + 1,
                          .width = characters(text + byte, length)};
}

/* Into its parts; the text stays where it is, since places are told by its address. */
static bool take_apart(struct arena *a, const char *text, struct argument *x, struct diags *d)
{
    size_t n = strcspn(text, "=");
    bool is_reset = text[0] == '~';
    *x = (struct argument){.source = arena_alloc(a, sizeof *x->source),
                           .part = arena_alloc(a, sizeof *x->part),
                           .form = is_reset                      ? '~'
                                   : n > 1 && text[n - 1] == '+' ? '+'
                                                                 : '='};
    *x->source = (struct source){.path = "command line", .text = text, .length = strlen(text)};
    if (is_reset && text[n] == '=')
        return diags_add(d, place_of(x, n, strlen(text + n)), NULL,
                         "'~KEY' goes back to the default and takes no value");
    if (is_reset && n == 1)
        return diags_add(d, place_of(x, 0, 1), NULL,
                         "'~' stands before the key that goes back to its default");
    if (!is_reset && (text[n] == '\0' || n == 0))
        return diags_add(d, place_of(x, 0, strlen(text)), hint_on_word(a, text),
                         "'%s' is not of the form KEY=VALUE", text);
    const char *value = is_reset ? "" : text + n + 1;
    *x->part = (struct source){.path = "command line", .text = value, .length = strlen(value)};
    x->key_length = n - (x->form != '=');
    x->key = arena_strndup(a, text + is_reset, x->key_length);
    return true;
}

static bool begins_quoted(const char *s)
{
    s += strspn(s, " ");
    return *s == '"' || *s == '\'';
}

/* Where a value in quotes goes wrong, or NULL: behind the closing quote, or the opening one where
 * it does not close. */
static const char *quoted_wrongly(const char *text)
{
    const char *open = text + strspn(text, " "), *s = open + 1;
    if (!begins_quoted(text))
        return NULL;
    while (*s && (*s != *open || (*open == '\'' && s[1] == '\'')))
        s += s[1] && (*s == *open || (*open == '"' && *s == '\\')) ? 2 : 1;
    if (!*s)
        return open;
    s += 1 + strspn(s + 1, " ");
    return *s ? s : NULL;
}

/* The value as YAML; null where it is missing. */
static struct node *parse_value(struct arena *a, const struct argument *x, struct diags *d)
{
    const char *text = x->part->text, *comment = comment_in(text);
    if (comment) {
        diags_add(d, place_of(x, (size_t)(comment - x->source->text), strlen(comment)), NULL,
                  "a ' #' begins a comment, and what follows would be lost: put the value in "
                  "quotes");
        return NULL;
    }
    const char *wrong = quoted_wrongly(text);
    if (wrong) {
        diags_add(d, place_of(x, (size_t)(wrong - x->source->text), strlen(wrong)),
                  "put all of the text in quotes",
                  "a value that begins with %c ends with %c, and nothing follows",
                  text[strspn(text, " ")], text[strspn(text, " ")]);
        return NULL;
    }
    struct node *value = node_parse(a, x->part, d);
    if (value && text[strspn(text, " ")] == '\0') {
        value->kind = NODE_SCALAR;
        value->text = "";
    }
    if (value && value->kind == NODE_MAP && value->n == 0 && text[strspn(text, " ")] != '{') {
        value->kind = NODE_SCALAR; /* "null" and "~": an empty document */
        value->text = "null";
        value->place.width = (unsigned)x->part->length;
    }
    return value;
}

static struct node *read_value(struct arena *a, const struct argument *x,
                               const struct node_override_as *as, struct diags *d)
{
    struct node plain = {.kind = NODE_SCALAR, .text = x->part->text};
    unsigned offset = characters(x->source->text, (size_t)(x->part->text - x->source->text));
    size_t before = d->n;
    bool literal =
        as && as->text && !begins_quoted(x->part->text) && !(as->nullable && node_is_null(&plain));
    struct node *value = literal ? node_literal(a, x->part, d) : parse_value(a, x, d);
    for (size_t i = before; i < d->n; i++) {
        struct place *p = &d->item[i].place;
        if (p->source == x->source)
            continue;
        p->column =
            p->line > 1 ? (unsigned)x->part->length + 1 : p->column; /* the end of the text */
        *p = (struct place){
            .source = x->source, .line = 1, .column = p->column + offset, .width = p->width};
    }
    if (value)
        move_places(value, x->source, offset);
    return value;
}

/* What stands there, or the default, as a list of its own; NULL where it is none. */
static struct node *list_at(struct arena *a, const struct node *root, const struct argument *x,
                            const struct node_override_as *as, struct diags *d)
{
    const struct node *has = node_find(root, x->key);
    if (!has && as && as->is_list && as->fallback) {
        struct source *s = arena_alloc(a, sizeof *s);
        *s = (struct source){.path = x->key, .text = as->fallback, .length = strlen(as->fallback)};
        has = node_parse(a, s, d);
        has = has && has->kind == NODE_MAP && has->n == 0 ? NULL : has; /* null */
    } else if (!(as && as->is_list) && !(has && has->kind == NODE_LIST)) {
        diags_add(d, place_of(x, 0, x->key_length), NULL, "'%s' is not a list: '+=' appends to one",
                  x->key);
        return NULL;
    }
    if (has && has->kind == NODE_LIST)
        return node_copy(a, has);
    bool is_empty = !has || (has->kind == NODE_SCALAR && node_is_null(has));
    struct node *list = arena_alloc(a, sizeof *list);
    *list =
        (struct node){.kind = NODE_LIST, .place = place_of(x, 0, x->key_length), .n = !is_empty};
    list->item = arena_alloc(a, 2 * sizeof *list->item);
    if (!is_empty)
        list->item[0] = node_copy(a, has);
    return list;
}

/* The entries of a list one by one, but a list as a whole where the entries are lists. */
static struct node *appended(struct arena *a, const struct node *list, struct node *value)
{
    bool whole = value->kind != NODE_LIST || (list->n > 0 && list->item[0]->kind == NODE_LIST);
    size_t more = whole ? 1 : value->n;
    struct node *longer = arena_alloc(a, sizeof *longer);
    *longer = *list;
    longer->item = arena_alloc(a, (list->n + more + 1) * sizeof *longer->item);
    for (size_t i = 0; i < list->n; i++)
        longer->item[i] = list->item[i];
    for (size_t i = 0; i < more; i++)
        longer->item[longer->n++] = whole ? value : value->item[i];
    return longer;
}

/* A key that there is not: with a value there its table will refuse it, and name what is meant. */
static bool is_left_to_its_table(const struct node *root, const struct argument *x,
                                 const struct node_override_as *as)
{
    return as && as->told && !as->known && !node_find(root, x->key);
}

static struct node *nothing_at(struct arena *a, const struct argument *x)
{
    struct node *nothing = arena_alloc(a, sizeof *nothing);
    *nothing =
        (struct node){.kind = NODE_SCALAR, .text = "", .place = place_of(x, 1, x->key_length)};
    return nothing;
}

static bool reset(struct node *root, const struct argument *x, const struct node_override_as *as,
                  struct diags *d)
{
    struct place at = place_of(x, 1, x->key_length);
    if ((!as || !as->known) && !node_find(root, x->key))
        return diags_add(d, at, NULL, "unknown key '%s'", x->key);
    return node_remove(root, x->key) ||
           diags_add(d, at, NULL, "an entry of a list has no default to go back to");
}

bool node_override(struct arena *a, struct node *root, const char *argument,
                   const struct node_override_as *as, struct diags *d)
{
    struct argument x;
    if (!take_apart(a, argument, &x, d))
        return false;
    bool unknown = is_left_to_its_table(root, &x, as), is_reset = x.form == '~';
    if (is_reset && !unknown)
        return reset(root, &x, as, d);
    struct node *value = is_reset ? nothing_at(a, &x) : read_value(a, &x, as, d);
    if (!value)
        return false;
    if (x.form == '+' && !unknown) {
        struct node *list = list_at(a, root, &x, as, d);
        if (!list)
            return false;
        value = appended(a, list, value);
    }
    return node_set(a, root, x.key, place_of(&x, is_reset, strlen(argument) - is_reset), value, d);
}
