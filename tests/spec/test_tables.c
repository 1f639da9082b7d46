/* Walks over every row of every table there is, and every kind of every registry: defaults, ranges,
 * misspelt keys; random legal values, written and read again. */
#include "bench.h"
#include "num/random.h"
#include <math.h>
#include <stdio.h>

/* ---- rows ---- */

/* Calls f with every row there is: of all kinds, and of the spec's sections. */
typedef void row_visitor(const struct param *row, size_t size, void *context);

static void visit_table(const struct param *table, size_t size, row_visitor *f, void *context)
{
    for (; table && table->name; table++) {
        f(table, size, context);
        if (table->type == PARAM_SECTION)
            visit_table(table->table, size, f, context);
    }
}

static void visit_rows(row_visitor *f, void *context)
{
    for (size_t r = 0; spec_registries[r]; r++)
        for (size_t k = 0; spec_registries[r]->kinds[k]; k++) {
            visit_table(spec_registries[r]->kinds[k]->params,
                        spec_registries[r]->kinds[k]->options_size, f, context);
            visit_table(spec_registries[r]->common, spec_registries[r]->kinds[k]->options_size, f,
                        context);
        }
    visit_table(spec_params, sizeof(struct spec), f, context);
}

static bool bind_row(struct bench *b, const struct param *row, size_t size, const char *value)
{
    const struct param table[] = {*row, P_END};
    void *object = arena_alloc(&b->arena, size);
    b->diags.n = b->diags.dropped = 0;
    return bind(b, table, value ? arena_printf(&b->arena, "%s: %s", row->name, value) : "{}",
                object);
}

static void check_row(const struct param *row, size_t size, void *context)
{
    struct bench b;
    size_t *rows = context, n = 0;
    set_up(&b);
    ++*rows;
    ck_assert_msg(row->help && row->help[0] && row->help[strlen(row->help) - 1] != '.',
                  "%s: help '%s'", row->name, row->help);
    if (row->type == PARAM_CHOICES)
        for (; row->choices[n]; n++)
            ck_assert_uint_lt(n, 32);
    if (row->fallback && row->type != PARAM_SECTION) {
        ck_assert_msg(bind_row(&b, row, size, NULL), "%s: %s", row->name, complaints(&b));
        ck_assert_msg(bind_row(&b, row, size, row->fallback), "%s: %s", row->name, complaints(&b));
    }
    bool takes_null = bind_row(&b, row, size, "null");
    ck_assert_msg(row->type == PARAM_CUSTOM || takes_null == row->nullable, "%s: null", row->name);
    tear_down(&b);
}

/* Its default is among its legal values, and null where it says so. */
START_TEST(rows_are_sound)
{
    size_t rows = 0;
    visit_rows(check_row, &rows);
    ck_assert_uint_gt(rows, 50);
}
END_TEST

static bool is_whole(const struct param *row)
{
    return row->type == PARAM_INT || row->type == PARAM_INTS;
}

static bool takes_number(struct bench *b, const struct param *row, size_t size, double v)
{
    const char *number =
        is_whole(row) ? arena_printf(&b->arena, "%.0f", v) : arena_printf(&b->arena, "%.17g", v);
    return bind_row(b, row, size,
                    row->type == PARAM_PAIR ? arena_printf(&b->arena, "[%s, %s]", number, number)
                                            : number);
}

/* One end of a range: the last number within is taken, the first one beyond refused. outwards: +1
 * or -1. */
static void check_end(const struct param *row, size_t size, double end, bool open, double outwards)
{
    struct bench b;
    double far = outwards * (double)INFINITY;
    double beyond = is_whole(row) ? end + outwards : nextafter(end, far),
           within = is_whole(row) ? end - outwards : nextafter(end, -far);
    if (!isfinite(end) || (is_whole(row) && fabs(end) > 0x1p52))
        return;
    set_up(&b);
    ck_assert_msg(takes_number(&b, row, size, open ? within : end), "%s: %s", row->name,
                  complaints(&b));
    ck_assert_msg(!takes_number(&b, row, size, open ? end : beyond), "%s takes %.17g", row->name,
                  open ? end : beyond);
    ck_assert_msg(strstr(b.diags.item[0].message, "; it must be "), "%s: %s", row->name,
                  b.diags.item[0].message);
    tear_down(&b);
}

static void check_range(const struct param *row, size_t size, void *context)
{
    (void)context;
    if (is_whole(row) || row->type == PARAM_REAL || row->type == PARAM_REALS ||
        row->type == PARAM_PAIR) {
        check_end(row, size, row->range.low, row->range.low_open, -1);
        check_end(row, size, row->range.high, row->range.high_open, 1);
    }
}

START_TEST(rows_keep_their_ranges)
{
    visit_rows(check_range, NULL);
}
END_TEST

/* Two letters of a key changed places: the message names the key. */
static void check_typo(const struct registry *r, const struct kind *k, const struct param *row)
{
    struct bench b;
    struct chosen c;
    char wrong[64];
    size_t n = strlen(row->name), i = n / 2;
    if (n < 4 || row->name[i] == row->name[i - 1])
        return;
    set_up(&b);
    snprintf(wrong, sizeof wrong, "%s", row->name);
    wrong[i] = row->name[i - 1];
    wrong[i - 1] = row->name[i];
    const char *form = r->form == KIND_AS_KEY ? "{%s: {%s: 1}}" : "{name: %s, %s: 1}";
    char text[256];
    size_t at =
        (size_t)snprintf(text, sizeof text, "%.*s%s", (int)strcspn(form, "%"), form, k->name);
    form += strcspn(form, "%") + 2;
    snprintf(text + at, sizeof text - at, "%.*s%s%s", (int)strcspn(form, "%"), form, wrong,
             form + strcspn(form, "%") + 2);
    ck_assert(!kind_parse(&b.arena, r, text, &b.diags, &c));
    bool named = false;
    for (size_t d = 0; d < b.diags.n; d++)
        if (b.diags.item[d].suggestion) {
            ck_assert_str_eq(b.diags.item[d].suggestion,
                             arena_printf(&b.arena, "did you mean '%s'?", row->name));
            named = true;
        }
    ck_assert_msg(named, "%s: %s", text, complaints(&b));
    tear_down(&b);
}

START_TEST(typos_are_named)
{
    for (size_t i = 0; spec_registries[i]; i++)
        for (size_t j = 0; spec_registries[i]->kinds[j]; j++) {
            const struct registry *r = spec_registries[i];
            for (const struct param *p = r->kinds[j]->params; p && p->name; p++)
                check_typo(r, r->kinds[j], p);
            for (const struct param *p = r->common; p && p->name; p++)
                check_typo(r, r->kinds[j], p);
        }
}
END_TEST

/* ---- every kind with random legal values, written and read again ---- */

static const double small_exponent = -30, large_exponent = 30;

static double draw_real(const struct param_range *range, struct rng *r)
{
    double low = range->low, high = range->high, v;
    switch (rng_below(r, 5)) {
    case 0:
        v = range->low_open ? nextafter(low, (double)INFINITY) : low;
        break;
    case 1:
        v = range->high_open ? nextafter(high, -(double)INFINITY) : high;
        break;
    case 2:
        v = low + (high - low) * rng_uniform(r);
        break;
    default:
        v = exp(small_exponent + (large_exponent - small_exponent) * rng_uniform(r));
        v = isfinite(low) ? low + v : rng_below(r, 2) ? v : -v;
    }
    bool within = isfinite(v) && (range->low_open ? v > low : v >= low) &&
                  (range->high_open ? v < high : v <= high);
    if (within)
        return v;
    return isfinite(low) && isfinite(high) ? low + (high - low) / 2
           : isfinite(low)                 ? low + 1
           : isfinite(high)                ? high - 1
                                           : 0;
}

static int64_t draw_int(const struct param_range *range, struct rng *r)
{
    int64_t low = range->low < -0x1p62 ? -INT64_MAX : (int64_t)range->low + range->low_open;
    int64_t high = range->high > 0x1p62 ? INT64_MAX : (int64_t)range->high - range->high_open;
    uint64_t width = (uint64_t)high - (uint64_t)low;
    switch (rng_below(r, 4)) {
    case 0:
        return low;
    case 1:
        return high;
    case 2:
        return low + (int64_t)rng_below(r, width < 100 ? width + 1 : 100);
    default:
        return (int64_t)((uint64_t)low +
                         (rng_u64(r) >> rng_below(r, 64)) % (width + (width < UINT64_MAX)));
    }
}

/* Some are names and expressions, for the kinds that look into them. */
static const char *const any_text[] = {"valid_loss",   "valid_loss", "1",   "t",    "train_loss",
                                       "a b: c # d",   "null",       "0.1", "true", " \"x\\\" ",
                                       "\u00e4\u20ac", "two\nlines", "-"};

/* Values of the rows that have functions of their own. */
static const struct {
    const char *row, *value;
} custom[] = {
    {"expr", "t"},
    {"expr", "\"0.5 ** t\""},
    {"expr", "\"max(0.1, cos(t / T))\""},
    {"f", "\"x ** 2 + 3 * y\""},
    {"f", "x"},
    {"with", "{beta: 0.5}"},
    {"update", "\"w = w - lr * g\""},
    {"update", "\"g = g + weight_decay * w\\n# steps\\nw = w - lr * sign(g)\\n\""},
    {"validation", "0"},
    {"validation", "0.1"},
    {"validation", "5e3"},
    {"early_stopping", "null"},
    {"early_stopping", "{monitor: train_loss, patience: 3, min_delta: 1e-9}"},
    {"sam", "null"},
    {"sam", "{rho: 0.05}"},
    {"lookahead", "null"},
    {"lookahead", "{steps: 7, alpha: 0.25}"},
    {"train", "none"},
    {"train", "12345"},
    {"expect", "{test_accuracy: \">= 0.97\", batch_loss: \"0.25 +- 1e-3\"}"},
    {"expect", "{train_loss: \" <0.1\", grad_norm: \"1 \u00b1 0\"}"},
};

static void draw_kind(struct strbuf *out, const struct param *p, const struct registry *r,
                      const struct kind *k, struct rng *rng, unsigned depth);

static const struct kind *any_kind(const struct registry *r, struct rng *rng, unsigned depth)
{
    size_t n = 0;
    while (r->kinds[n])
        n++;
    for (;;) {
        const struct kind *k = r->kinds[rng_below(rng, n)];
        bool nests = false;
        for (const struct param *p = k->params; p && p->name; p++)
            nests |= p->type == PARAM_KINDS;
        if (!nests || depth < 2)
            return k;
    }
}

static void draw_list(struct strbuf *out, const struct param *p, struct rng *r, unsigned depth)
{
    size_t n = p->type == PARAM_PAIR ? 2 : rng_below(r, 4);
    strbuf_add(out, "[");
    for (size_t i = 0; i < n; i++) {
        strbuf_add(out, i ? ", " : "");
        if (p->type == PARAM_INTS)
            strbuf_addf(out, "%lld", (long long)draw_int(&p->range, r));
        else if (p->type == PARAM_KINDS)
            draw_kind(out, p, p->registry, any_kind(p->registry, r, depth), r, depth + 1);
        else
            strbuf_addf(out, "%.17g", draw_real(&p->range, r));
    }
    strbuf_add(out, "]");
}

static size_t choices_of(const struct param *p)
{
    size_t n = 0;
    while (p->choices[n])
        n++;
    return n;
}

static void draw_custom(struct strbuf *out, const struct param *p, struct rng *r)
{
    size_t first = 0, n = 0;
    while (first < COUNT(custom) && strcmp(custom[first].row, p->name) != 0)
        first++;
    while (first + n < COUNT(custom) && strcmp(custom[first + n].row, p->name) == 0)
        n++;
    ck_assert_msg(n > 0 || p->fallback, "no value of '%s' is known here", p->name);
    bool by_default = n == 0 || (p->fallback && rng_below(r, n + 1) == 0);
    strbuf_add(out, by_default ? p->fallback : custom[first + rng_below(r, n)].value);
}

static void draw_value(struct strbuf *out, const struct param *p, struct rng *r, unsigned depth)
{
    const char *comma = "";
    if (p->nullable && p->type != PARAM_CUSTOM && rng_below(r, 4) == 0) {
        strbuf_add(out, "null");
        return;
    }
    switch (p->type) {
    case PARAM_BOOL:
        strbuf_add(out, rng_below(r, 2) ? "true" : "false");
        break;
    case PARAM_INT:
        strbuf_addf(out, "%lld", (long long)draw_int(&p->range, r));
        break;
    case PARAM_REAL:
        strbuf_addf(out, "%.17g", draw_real(&p->range, r));
        break;
    case PARAM_TEXT:
        write_text(out, any_text[rng_below(r, COUNT(any_text))]);
        break;
    case PARAM_CHOICE:
        strbuf_add(out, p->choices[rng_below(r, choices_of(p))]);
        break;
    case PARAM_CHOICES:
        strbuf_add(out, "[");
        for (size_t i = 0; p->choices[i]; i++)
            if (rng_below(r, 2)) {
                strbuf_addf(out, "%s%s", comma, p->choices[i]);
                comma = ", ";
            }
        strbuf_add(out, "]");
        break;
    case PARAM_REALS:
    case PARAM_INTS:
    case PARAM_PAIR:
    case PARAM_KINDS:
        draw_list(out, p, r, depth);
        break;
    case PARAM_KIND:
        draw_kind(out, p, p->registry, any_kind(p->registry, r, depth), r, depth + 1);
        break;
    case PARAM_CUSTOM:
        draw_custom(out, p, r);
        break;
    case PARAM_SECTION:
        ck_abort_msg("%s: a section within a kind", p->name);
    }
}

/* A kind with a random subset of its keys. */
static void draw_kind(struct strbuf *out, const struct param *p, const struct registry *r,
                      const struct kind *k, struct rng *rng, unsigned depth)
{
    bool as_key = r->form == KIND_AS_KEY || (p && p->form == KIND_AS_KEY);
    const struct param *table[] = {k->params, r->common};
    const char *comma = as_key ? "" : ", ";
    strbuf_addf(out, as_key ? "{%s: {" : "{name: %s", k->name);
    for (int t = 0; t < 2; t++)
        for (const struct param *row = table[t]; row && row->name; row++) {
            bool is_replaced = kind_param(r, k, row->name) != row;
            if (is_replaced || (row->fallback && rng_below(rng, 2)))
                continue;
            strbuf_addf(out, "%s%s: ", comma, row->name);
            draw_value(out, row, rng, depth);
            comma = ", ";
        }
    strbuf_add(out, as_key ? "}}" : "}");
}

static bool same_value(const struct param *p, const void *a, const void *b);

static bool same_chosen(const struct registry *r, const struct chosen *a, const struct chosen *b)
{
    if (a->kind != b->kind || !a->kind)
        return a->kind == b->kind;
    const struct param *table[] = {a->kind->params, r->common};
    bool same = true;
    for (int t = 0; t < 2; t++)
        for (const struct param *p = table[t]; p && p->name; p++)
            if (kind_param(r, a->kind, p->name) == p)
                same &= same_value(p, (const char *)a->options + p->offset,
                                   (const char *)b->options + p->offset);
    return same;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_value(const struct param *p, const void *a, const void *b)
{
    const struct reals *x = a, *y = b;
    const struct ints *m = a, *n = b;
    const struct chosen_list *s = a, *t = b;
    bool same = true;
    switch (p->type) {
    case PARAM_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case PARAM_INT:
        return *(const int64_t *)a == *(const int64_t *)b;
    case PARAM_REAL:
        return memcmp(a, b, sizeof(double)) == 0;
    case PARAM_PAIR:
        return memcmp(a, b, 2 * sizeof(double)) == 0;
    case PARAM_TEXT:
        return same_text(*(const char *const *)a, *(const char *const *)b);
    case PARAM_CHOICE:
        return *(const int *)a == *(const int *)b;
    case PARAM_CHOICES:
        return *(const uint32_t *)a == *(const uint32_t *)b;
    case PARAM_REALS:
        return x->n == y->n && (x->n == 0 || memcmp(x->v, y->v, x->n * sizeof *x->v) == 0);
    case PARAM_INTS:
        return m->n == n->n && (m->n == 0 || memcmp(m->v, n->v, m->n * sizeof *m->v) == 0);
    case PARAM_KIND:
        return same_chosen(p->registry, a, b);
    case PARAM_KINDS:
        for (size_t i = 0; i < s->n && s->n == t->n; i++)
            same &= same_chosen(p->registry, &s->v[i], &t->v[i]);
        return same && s->n == t->n;
    case PARAM_SECTION:
        for (const struct param *row = p->table; row->name; row++)
            same &= same_value(row, (const char *)a + row->offset, (const char *)b + row->offset);
        return same;
    case PARAM_CUSTOM:
        return true; /* by its text */
    }
    return false;
}

/* Whether all is in the struct itself, so that equal options are equal bytes. */
static bool is_flat(const struct registry *r, const struct kind *k)
{
    const struct param *table[] = {k->params, r->common};
    for (int t = 0; t < 2; t++)
        for (const struct param *p = table[t]; p && p->name; p++)
            if (p->type == PARAM_TEXT || p->type >= PARAM_KIND || p->type == PARAM_REALS ||
                p->type == PARAM_INTS)
                return false;
    return true;
}

/* The numbers as C reads them are those in the struct. */
static void check_drawn(struct bench *b, const struct registry *r, const struct kind *k,
                        const char *text, const struct chosen *c)
{
    const struct node *n = parse(b, text), *map = r->form == KIND_AS_KEY ? n->item[0] : n;
    for (size_t i = 0; i < map->n; i++) {
        const struct param *p = kind_param(r, k, map->key[i]);
        if (!p || map->item[i]->kind != NODE_SCALAR || node_is_null(map->item[i]))
            continue;
        const char *field = (const char *)c->options + p->offset, *value = map->item[i]->text;
        if (p->type == PARAM_REAL)
            ck_assert_msg(*(const double *)field == strtod(value, NULL), "%s: %s", text, p->name);
        if (p->type == PARAM_INT)
            ck_assert_msg(*(const int64_t *)field == strtoll(value, NULL, 10), "%s: %s", text,
                          p->name);
        if (p->type == PARAM_CHOICE)
            ck_assert_str_eq(p->choices[*(const int *)field], value);
        if (p->type == PARAM_TEXT)
            ck_assert_str_eq(*(const char *const *)field, value);
    }
}

/* In flow form and in block form: what is written binds to the same, and is written the same. */
static void round_trip(struct bench *b, const struct registry *r, const struct chosen *c)
{
    struct holder {
        struct chosen it;
    } one = {*c}, other = {{0}};
    struct chosen back;
    struct strbuf s, again;
    const struct param table[] = {P_KIND(struct holder, it, NULL, r, "it", .form = r->form), P_END};
    strbuf_init(&s);
    strbuf_init(&again);
    write_value(&s, table, c);
    ck_assert_msg(kind_parse(&b->arena, r, s.text, &b->diags, &back), "%s\n%s", s.text,
                  complaints(b));
    ck_assert_msg(same_chosen(r, c, &back), "%s binds to other values", s.text);
    if (is_flat(r, c->kind))
        ck_assert_mem_eq(c->options, back.options, c->kind->options_size);
    write_value(&again, table, &back);
    ck_assert_str_eq(s.text, again.text);
    const char *block = written(b, table, &one);
    ck_assert_msg(bind(b, table, block, &other), "%s\n%s", block, complaints(b));
    ck_assert_msg(same_chosen(r, c, &other.it), "%s binds to other values", block);
    ck_assert_str_eq(block, written(b, table, &other));
    strbuf_fini(&s);
    strbuf_fini(&again);
}

/* A kind may refuse a draw as a whole ("scheduler exponential: give 'k' or 'gamma'"), never one of
 * its values. */
static bool refused_as_a_whole(const struct diags *d)
{
    for (size_t i = 0; i < d->n; i++) {
        bool found = false;
        for (size_t r = 0; spec_registries[r]; r++)
            for (size_t k = 0; spec_registries[r]->kinds[k]; k++) {
                char start[128];
                snprintf(start, sizeof start, "%s %s: ", spec_registries[r]->noun,
                         spec_registries[r]->kinds[k]->name);
                found |= strncmp(d->item[i].message, start, strlen(start)) == 0;
            }
        if (!found)
            return false;
    }
    return d->n > 0;
}

enum { TAKEN = 50, MOST_DRAWS = 20000 };

/* Rows of this kind that a text has a value for, as bits in the order of its tables. */
static uint64_t rows_in(struct bench *b, const struct registry *r, const struct kind *k,
                        const char *text)
{
    const struct node *n = text ? parse(b, text) : NULL,
                      *map = n && r->form == KIND_AS_KEY ? n->item[0] : n;
    const struct param *table[] = {k->params, r->common};
    uint64_t bit = 1, bits = 0;
    for (int t = 0; t < 2; t++)
        for (const struct param *p = table[t]; p && p->name; p++, bit <<= 1)
            bits |= !text || node_get(map, p->name) ? bit : 0;
    return bits;
}

/* Draws until each key was in one that was taken, and enough were. */
static void walk_kind(const struct registry *r, const struct kind *k, struct rng *rng)
{
    uint64_t missing = UINT64_MAX;
    for (int taken = 0, draws = 0; taken < TAKEN || missing; draws++) {
        struct bench b;
        struct strbuf text;
        struct chosen c;
        set_up(&b);
        strbuf_init(&text);
        ck_assert_msg(draws < MOST_DRAWS, "%d draws of %s were taken, none with all its keys",
                      taken, k->name);
        draw_kind(&text, NULL, r, k, rng, 0);
        if (kind_parse(&b.arena, r, text.text, &b.diags, &c)) {
            check_drawn(&b, r, k, text.text, &c);
            round_trip(&b, r, &c);
            missing &= rows_in(&b, r, k, NULL) & ~rows_in(&b, r, k, text.text);
            taken++;
        } else {
            ck_assert_msg(refused_as_a_whole(&b.diags), "%s\n%s", text.text, complaints(&b));
        }
        strbuf_fini(&text);
        tear_down(&b);
    }
}

START_TEST(kinds_round_trip)
{
    const struct registry *r = spec_registries[_i];
    for (size_t k = 0; r->kinds[k]; k++) {
        struct rng rng = rng_stream(4, RNG_TEST, (uint64_t)_i, (uint32_t)k);
        walk_kind(r, r->kinds[k], &rng);
    }
}
END_TEST

/* A kind's defaults, by its bare name where all its keys have one. */
START_TEST(defaults_round_trip)
{
    const struct registry *r = spec_registries[_i];
    for (size_t i = 0; r->kinds[i]; i++) {
        struct bench b;
        struct chosen c;
        set_up(&b);
        const struct kind *k = r->kinds[i];
        bool complete = true;
        const struct param *table[] = {k->params, r->common};
        for (int t = 0; t < 2; t++)
            for (const struct param *p = table[t]; p && p->name; p++)
                complete &= p->fallback != NULL;
        if (kind_parse(&b.arena, r, k->name, &b.diags, &c)) {
            struct chosen defaults = kind_defaults(&b.arena, r, k);
            ck_assert_msg(complete, "%s binds without its required keys", k->name);
            ck_assert_msg(same_chosen(r, &c, &defaults), "%s has other defaults", k->name);
            round_trip(&b, r, &c);
        } else {
            ck_assert_msg(!complete || refused_as_a_whole(&b.diags), "%s: %s", k->name,
                          complaints(&b));
        }
        tear_down(&b);
    }
}
END_TEST

/* ---- the spec's own tables ---- */

/* Each section, and the top level without its sections: bound alone, so that the checks across
 * sections stay out. */
static void walk_section(const struct param *section, size_t size, struct rng *rng)
{
    struct param row[64] = {{0}};
    size_t rows = 0;
    for (const struct param *p = section; p->name; p++)
        if (p->type != PARAM_SECTION && rows < COUNT(row) - 1)
            row[rows++] = *p;
    for (int i = 0; i < 100; i++) {
        struct bench b;
        struct strbuf text;
        set_up(&b);
        strbuf_init(&text);
        for (size_t j = 0; j < rows; j++)
            if (!row[j].fallback || rng_below(rng, 2)) {
                strbuf_addf(&text, "%s: ", row[j].name);
                draw_value(&text, &row[j], rng, 0);
                strbuf_add_char(&text, '\n');
            }
        void *one = arena_alloc(&b.arena, size), *other = arena_alloc(&b.arena, size);
        if (bind(&b, row, text.text, one)) {
            const char *block = written(&b, row, one);
            ck_assert_msg(bind(&b, row, block, other), "%s\n%s", block, complaints(&b));
            for (size_t j = 0; j < rows; j++)
                ck_assert_msg(
                    same_value(&row[j], (char *)one + row[j].offset, (char *)other + row[j].offset),
                    "%s in\n%s", row[j].name, block);
            ck_assert_str_eq(block, written(&b, row, other));
        } else {
            ck_assert_msg(refused_as_a_whole(&b.diags), "%s\n%s", text.text, complaints(&b));
        }
        strbuf_fini(&text);
        tear_down(&b);
    }
}

START_TEST(sections_round_trip)
{
    struct rng rng = rng_stream(6, RNG_TEST, 0, 0);
    walk_section(spec_params, sizeof(struct spec), &rng);
    for (const struct param *p = spec_params; p->name; p++)
        if (p->type == PARAM_SECTION)
            walk_section(p->table, sizeof(struct spec), &rng);
}
END_TEST

/* ---- names ---- */

/* A kind's name is plain text, and no other kind of its registry has it. */
START_TEST(names_are_plain)
{
    for (size_t i = 0; spec_registries[i]; i++) {
        const struct registry *r = spec_registries[i];
        for (size_t j = 0; r->kinds[j]; j++) {
            struct strbuf s;
            strbuf_init(&s);
            write_text(&s, r->kinds[j]->name);
            ck_assert_str_eq(s.text, r->kinds[j]->name);
            ck_assert_ptr_eq(registry_find(r, s.text), r->kinds[j]);
            ck_assert_msg(r->kinds[j]->title && r->kinds[j]->title[0], "%s has no title", s.text);
            strbuf_fini(&s);
        }
        ck_assert_ptr_null(registry_find(r, ""));
        ck_assert_ptr_null(registry_find(r, "nothing"));
    }
}
END_TEST

/* Where a merge changes the name that a section has by default, it knows that name: config/node.c
 * has it once more. */
START_TEST(default_names_are_known)
{
    struct bench b;
    set_up(&b);
    for (const struct param *p = spec_params; p->name; p++) {
        const char *fallback = p->type == PARAM_KIND ? p->fallback : NULL;
        for (const struct param *q = p->type == PARAM_SECTION ? p->table : NULL; q && q->name; q++)
            fallback = strcmp(q->name, "name") == 0 ? q->fallback : fallback;
        if (!fallback || strcmp(fallback, "null") == 0)
            continue;
        const struct node *lower = parse(&b, arena_printf(&b.arena, "{%s: {a: 1}}", p->name));
        for (int same = 0; same < 2; same++) {
            const struct node *upper = parse(&b, arena_printf(&b.arena, "{%s: {name: %s}}", p->name,
                                                              same ? fallback : "another"));
            const struct node *merged = node_get(node_merge(&b.arena, lower, upper), p->name);
            ck_assert_msg((node_get(merged, "a") != NULL) == (same == 1), "%s of %s", p->name,
                          same ? fallback : "another");
        }
    }
    tear_down(&b);
}
END_TEST

static void check_named(const struct param *table)
{
    for (const struct param *p = table; p && p->name; p++) {
        if (p->type == PARAM_SECTION)
            check_named(p->table);
        bool has_name =
            p->type == PARAM_KIND || (p->type == PARAM_KINDS && p->registry->form != KIND_AS_KEY);
        if (p->type == PARAM_KIND || p->type == PARAM_KINDS)
            ck_assert_msg(node_is_named(p->name) == has_name, "%s", p->name);
    }
}

/* So it does the keys whose bare names are sections. */
START_TEST(named_keys_are_known)
{
    check_named(spec_params);
    for (size_t i = 0; spec_registries[i]; i++)
        for (size_t j = 0; spec_registries[i]->kinds[j]; j++)
            check_named(spec_registries[i]->kinds[j]->params);
}
END_TEST

int main(void)
{
    int registries = 0;
    while (spec_registries[registries])
        registries++;
    Suite *s = suite_create("tables");
    TCase *t = tcase_create("rows");
    tcase_add_test(t, rows_are_sound);
    tcase_add_test(t, rows_keep_their_ranges);
    tcase_add_test(t, typos_are_named);
    tcase_add_test(t, names_are_plain);
    tcase_add_test(t, default_names_are_known);
    tcase_add_test(t, named_keys_are_known);
    suite_add_tcase(s, t);

    t = tcase_create("round trips");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, kinds_round_trip, 0, registries);
    tcase_add_loop_test(t, defaults_round_trip, 0, registries);
    tcase_add_test(t, sections_round_trip);
    suite_add_tcase(s, t);
    return check_main(s);
}
