/* Any function of time that a line can hold: b expr(t). */
#include "sched/kinds/lambda.h"
#include <string.h>

/* ---- names ---- */

static const struct expr_name names[] = {{"t", EXPR_NUMBER},      {"T", EXPR_NUMBER},
                                         {"epoch", EXPR_NUMBER},  {"step", EXPR_NUMBER},
                                         {"epochs", EXPR_NUMBER}, {"pi", EXPR_NUMBER}};
enum { NAMES = sizeof names / sizeof names[0] };

double formula_value(const struct formula *f, const struct sched_time *now)
{
    const union expr_value values[NAMES] = {
        {now->t}, {now->T}, {now->epoch}, {now->step}, {now->epochs}, {3.14159265358979323846}};
    return f->program ? expr_eval(f->program, values) : (double)NAN;
}

bool formula_uses(const struct formula *f, const char *name)
{
    for (size_t i = 0; f->program && i < NAMES; i++)
        if (strcmp(names[i].name, name) == 0)
            return expr_uses(f->program, i);
    return false;
}

bool formula_needs_length(const struct formula *f, int interval)
{
    return formula_uses(f, "T") || (interval == SCHED_EPOCH && formula_uses(f, "epochs"));
}

/* ---- where in the file: from bytes of a scalar's text to columns of its line ---- */

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

/* What stands at a place, or NULL. */
static const char *text_at(const struct place *p)
{
    if (!p->source)
        return NULL;
    const char *s = p->source->text;
    for (unsigned line = 1; s && line < p->line; line++) {
        s = strchr(s, '\n');
        s = s ? s + 1 : NULL;
    }
    for (unsigned column = 1; s && *s && column < p->column; column++)
        while (!begins_character(*++s))
            ;
    return s;
}

/* The columns that the first n bytes of the scalar's text take up in the file, its quote included;
 * ret_end: what stands behind them. False where the file has them otherwise, as an escape other
 * than of a quote, or over several lines. */
static bool columns_of(const struct node *scalar, size_t n, unsigned *ret, const char **ret_end)
{
    const char *raw = text_at(&scalar->place);
    if (!raw)
        return false;
    char quote = scalar->quoted && (*raw == '"' || *raw == '\'') ? *raw : '\0';
    *ret = quote ? 1 : 0;
    raw += *ret;
    for (size_t i = 0; i < n; i++, raw++) {
        if ((quote == '"' && *raw == '\\') || (quote == '\'' && *raw == '\'')) {
            raw++;
            ++*ret;
        }
        if (*raw != scalar->text[i])
            return false;
        *ret += begins_character(*raw);
    }
    *ret_end = raw;
    return true;
}

/* The place of a part of a scalar's text; the whole scalar's where that cannot be told. */
static struct place place_within(const struct node *scalar, size_t offset, size_t length)
{
    struct place at = scalar->place;
    unsigned before, after;
    const char *end;
    if (!columns_of(scalar, offset, &before, &end))
        return at;
    bool ends = length > 0 && columns_of(scalar, offset + length, &after, &end);
    at.column += before;
    at.width = ends && after > before ? after - before : 1;
    return at;
}

/* {name: lambda, expr: min(1, t)}: the scalar ends at the comma. */
static bool is_cut_by_comma(const struct node *scalar)
{
    unsigned columns;
    const char *end;
    return !scalar->quoted && columns_of(scalar, strlen(scalar->text), &columns, &end) &&
           end[strspn(end, " ")] == ',';
}

/* ---- the row ---- */

bool formula_read(struct binder *b, const struct param *p, const struct node *value,
                  void *field)
{
    const struct expr_names known = {.n = NAMES, .v = names, .suggest = suggest};
    struct formula *f = field;
    struct expr_error e;
    if (value->kind != NODE_SCALAR || node_is_null(value))
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    f->text = arena_strdup(b->arena, value->text);
    f->program = expr_compile(b->arena, f->text, &known, EXPR_AS_NUMBER, &e);
    if (f->program)
        return true;
    const char *hint = e.suggestion[0] ? e.suggestion : NULL;
    if (!hint && is_cut_by_comma(value))
        hint = "with a comma in it, an expression needs quotes";
    return diags_add(b->diags, place_within(value, e.offset, e.length), hint, "'%s': %s",
                     p->name, e.message);
}

void formula_write(const void *field, struct strbuf *out)
{
    const struct formula *f = field;
    write_text(out, f->text ? f->text : "");
}

/* ---- the schedule ---- */

struct lambda {
    struct sched_common common;
    struct formula expr;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct lambda *o = options;
    return b * formula_value(&o->expr, now);
}

static bool needs_length(const void *options)
{
    const struct lambda *o = options;
    return formula_needs_length(&o->expr, o->common.interval);
}

static const struct param params[] = {{.name = "expr",
                                       .type = PARAM_CUSTOM,
                                       .offset = offsetof(struct lambda, expr),
                                       .shape = FORMULA_SHAPE,
                                       .json = FORMULA_JSON,
                                       .read = formula_read,
                                       .write = formula_write,
                                       .help = "factor of the base value at time t"},
                                      P_END};

const struct sched_kind sched_lambda = {
    .base =
        {
            .name = "lambda",
            .title = "any expression of time",
            .equation = "b * expr(t)",
            .source = "PyTorch's LambdaLR",
            .note = FORMULA_LANGUAGE,
            .params = params,
            .options_size = sizeof(struct lambda),
        },
    .value = value,
    .needs_length = needs_length,
};
