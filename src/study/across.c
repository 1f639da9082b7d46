/* What stands in one table and does not compare: other data, other images held out, no figure. */
#include "study/comparison.h"
#include "util/strbuf.h"

enum { NAMED = 3 };

/* Of a set that is made from a seed, each run has as many images as it asks for: the first ones. */
static bool has_same_data(const struct collection *c, const struct collected_run *x,
                          const struct collected_run *y)
{
    size_t data = collect_key_index(c, COLLECT_DATA), seed = collect_key_index(c, "dataset.seed"),
           name = collect_key_index(c, "dataset.name");
    bool is_made =
        seed < c->keys && name < c->keys && x->value[name] && spec_makes_data(x->value[name]->text);
    return x->value[data] == y->value[data] ||
           (is_made && x->value[seed] == y->value[seed] && x->value[name] == y->value[name]);
}

/* The first run of each set of data, in the order in which they were collected; what has read none
 * yet does not count. */
static size_t firsts(struct arena *a, const struct collection *c, const struct collected_run ***ret)
{
    const struct collected_run **v = arena_alloc(a, (c->runs + 1) * sizeof *v);
    size_t n = 0, data = collect_key_index(c, COLLECT_DATA);
    for (size_t i = 0; i < c->runs && data < c->keys; i++) {
        size_t k = 0;
        while (k < n && !has_same_data(c, v[k], &c->run[i]))
            k++;
        if (k == n && c->run[i].value[data])
            v[n++] = &c->run[i];
    }
    *ret = v;
    return n;
}

/* "idx in dB (sha256 0123456789ab)": the folder where it has one name everywhere. */
static void add_data(struct strbuf *b, const struct collection *c, const struct collected_run *r)
{
    size_t name = collect_key_index(c, "dataset.name"), dir = collect_key_index(c, "dataset.dir");
    bool told = name < c->keys && collect_differs(c, name);
    strbuf_add(b, name < c->keys && r->value[name] ? r->value[name]->text : "data");
    if (!told && dir < c->keys && collect_differs(c, dir) && r->value[dir])
        strbuf_addf(b, " in %s", r->value[dir]->text);
    strbuf_addf(b, " (sha256 %s)", r->value[collect_key_index(c, COLLECT_DATA)]->text);
}

static const char *other_data(struct arena *a, const struct collection *c)
{
    const struct collected_run **run;
    struct strbuf b;
    size_t n = firsts(a, c, &run);
    if (n < 2)
        return NULL;
    strbuf_init(&b);
    for (size_t i = 0; i < n && i < NAMED; i++) {
        strbuf_add(&b, i > 0 ? ", " : "");
        add_data(&b, c, run[i]);
    }
    const char *rest = n > NAMED ? arena_printf(a, " and %zu more", n - NAMED) : "",
               *text =
                   arena_printf(a,
                                "the runs are of %zu different sets of data, across which "
                                "neither figures nor ranks compare, nor a deviation pooled over "
                                "them: %s%s",
                                n, b.text, rest);
    strbuf_fini(&b);
    return text;
}

/* Other images of the same data. */
static const char *other_images(struct arena *a, const struct collection *c, enum split split)
{
    static const char *const of_valid[] = {"dataset.validation", "dataset.folds",
                                           "dataset.validation_split", NULL},
                             *const of_test[] = {"dataset.test_limit", NULL};
    const char *const *key = split == SPLIT_VALID ? of_valid : split == SPLIT_TEST ? of_test : NULL;
    for (; key && *key; key++) {
        size_t k = collect_key_index(c, *key);
        if (k < c->keys && collect_differs(c, k))
            return arena_printf(a,
                                "the runs differ in %s, so their %s figures are not of the same "
                                "images",
                                *key, split_info[split].name);
    }
    return NULL;
}

const char *comparison_across_text(struct arena *a, const struct collection *c,
                                   const struct measure *m)
{
    const char *data = other_data(a, c);
    return data ? data : other_images(a, c, metric_info[m->metric].split);
}

const char *comparison_lacking_text(struct arena *a, const struct collection *c,
                                    const struct measure *m)
{
    const struct collected_run *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < c->runs; i++) {
        const struct collected_run *r = &c->run[i];
        if (r->status != STATUS_COMPLETED || isfinite(measure_value(m, r)))
            continue;
        first = first ? first : r;
        n++;
    }
    if (n == 0)
        return NULL;
    const char *name = measure_name(a, m),
               *of = first->published ? arena_printf(a, "published:%s", first->published)
                                      : first->folder;
    return arena_printf(a, "%zu completed run%s no %s, such as %s: %s", n,
                        n == 1 ? " has" : "s have", name, of,
                        m->best ? "a group with such a run has none either"
                                : "what was not evaluated, or not kept, does not count");
}

const char *comparison_uneven_text(struct arena *a, const struct comparison *x)
{
    for (size_t i = 0; i < x->grouping.groups; i++)
        for (int split = 0; split < SPLITS; split++) {
            const struct measure m = {split_info[split].accuracy, false};
            size_t n = group_sample(&x->grouping.group[i], &m).n;
            if (n > 0 && n != x->sample[i].n)
                return arena_printf(a,
                                    "n counts runs with a %s: figures beside it are of more or "
                                    "fewer, which --format csv counts",
                                    measure_name(a, &x->measure));
        }
    return NULL;
}
