/* What a row of a table takes, in words. */
#include "config/param.h"
#include <math.h>

static void write_range(struct strbuf *out, const struct param_range *r)
{
    bool low = isfinite(r->low), high = isfinite(r->high);
    if (!low && !high)
        return;
    strbuf_add(out, " ");
    if (low && high) {
        strbuf_addf(out, "in %s", r->low_open ? "(" : "[");
        strbuf_add_real(out, r->low);
        strbuf_add(out, ", ");
        strbuf_add_real(out, r->high);
        strbuf_add(out, r->high_open ? ")" : "]");
        return;
    }
    strbuf_addf(out, "%s%s ", low ? ">" : "<", (low ? r->low_open : r->high_open) ? "" : "=");
    strbuf_add_real(out, low ? r->low : r->high);
}

static void write_names(struct strbuf *out, const char *const *names, const char *last)
{
    for (size_t i = 0; names[i]; i++)
        strbuf_addf(out, "%s%s", i == 0 ? "" : names[i + 1] ? ", " : last, names[i]);
}

/* Numbers, by this name: each in the row's range. */
static void write_numbers(struct strbuf *out, const struct param *p, const char *name,
                          const char *more)
{
    strbuf_add(out, name);
    write_range(out, &p->range);
    strbuf_add(out, more);
}

void write_type(struct strbuf *out, const struct param *p)
{
    switch (p->type) {
    case PARAM_BOOL:
        strbuf_add(out, "true or false");
        break;
    case PARAM_INT:
        write_numbers(out, p, "a whole number", "");
        break;
    case PARAM_REAL:
        write_numbers(out, p, "a number", "");
        break;
    case PARAM_TEXT:
        strbuf_add(out, "text");
        break;
    case PARAM_CHOICE:
        strbuf_add(out, "one of ");
        write_names(out, param_offers(p), " or ");
        break;
    case PARAM_CHOICES:
        strbuf_add(out, "a list out of ");
        write_names(out, p->choices, " and ");
        break;
    case PARAM_REALS:
        write_numbers(out, p, "a number", ", or a list of them");
        break;
    case PARAM_INTS:
        write_numbers(out, p, "a whole number", ", or a list of them");
        break;
    case PARAM_PAIR:
        write_numbers(out, p, "a list of two numbers", "");
        break;
    case PARAM_KIND:
        strbuf_addf(out, "the name of %s %s, or a mapping", registry_article(p->registry),
                    p->registry->noun);
        break;
    case PARAM_KINDS:
        strbuf_addf(out, "%s %s or a list of %s", registry_article(p->registry), p->registry->noun,
                    p->registry->plural);
        break;
    case PARAM_SECTION:
        strbuf_add(out, "a mapping");
        break;
    case PARAM_CUSTOM:
        strbuf_add(out, p->shape);
        break;
    }
    if (p->nullable && p->type != PARAM_CUSTOM)
        strbuf_add(out, ", or null");
}
