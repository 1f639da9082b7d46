/* An expression as the value of a key. */
#include "expr/formula.h"
#include <string.h>

/* {name: lambda, expr: min(1, t)}: the scalar ends at the comma. */
static bool is_cut_by_comma(const struct node *scalar)
{
    const char *end = scalar->quoted ? NULL : node_source_byte(scalar, strlen(scalar->text));
    return end && end[strspn(end, " ")] == ',';
}

bool formula_read(struct binder *b, const struct param *p, const struct node *value,
                  const struct expr_names *names, struct formula *ret)
{
    struct expr_error e;
    if (value->kind != NODE_SCALAR || node_is_null(value))
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    ret->text = arena_strdup(b->arena, value->text);
    ret->program = expr_compile(b->arena, ret->text, names, EXPR_AS_NUMBER, &e);
    if (ret->program)
        return true;
    const char *hint = e.suggestion[0] ? e.suggestion : NULL;
    if (!hint && is_cut_by_comma(value))
        hint = "with a comma in it, an expression needs quotes";
    return diags_add(b->diags, node_place_within(value, e.offset, e.length), hint, "'%s': %s",
                     p->name, e.message);
}

void formula_write(const void *field, struct strbuf *out)
{
    const struct formula *f = field;
    write_text(out, f->text ? f->text : "");
}
