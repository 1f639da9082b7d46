/* An expression as the value of a key: of a schedule, of a function. */
#ifndef DESCENT_EXPR_FORMULA_H
#define DESCENT_EXPR_FORMULA_H

#include "config/param.h"
#include "expr/expr.h"

struct formula {
    const char *text;           /* as written */
    const struct expr *program; /* both in the binder's arena */
};

/* Reads a row's value by the names that it may use; errors point into the expression. */
bool formula_read(struct binder *b, const struct param *p, const struct node *value,
                  const struct expr_names *names, struct formula *ret);
/* write of a row: the text as it was written. */
void formula_write(const void *field, struct strbuf *out);
#define FORMULA_JSON "\"type\": [\"string\", \"number\", \"boolean\"]"

#endif
