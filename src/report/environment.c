/* On what runs were made, and from which data, as their run.json tell. */
#include "folder/folder.h"
#include "report/html.h"
#include "run/run.h"
#include <math.h>
#include <string.h>

static const struct json *at(const struct json *j, const char *key, const char *key2,
                             const char *key3)
{
    j = j ? js_get(j, key) : NULL;
    j = j && key2 ? js_get(j, key2) : j;
    return j && key3 ? js_get(j, key3) : j;
}

const char *manifest_text(const struct json *j, const char *key, const char *key2, const char *key3)
{
    const struct json *v = at(j, key, key2, key3);
    return v ? js_string(v) : NULL;
}

int64_t manifest_integer(const struct json *j, const char *key, const char *key2)
{
    const struct json *v = at(j, key, key2, NULL);
    int64_t n = 0;
    if (v)
        js_integer(v, &n);
    return n;
}

double manifest_real(const struct json *j, const char *key, const char *key2, const char *key3)
{
    const struct json *v = at(j, key, key2, key3);
    double x;
    return v && js_real(v, &x) ? x : (double)NAN;
}

/* ---- different ones once ---- */

typedef const char *describe(struct arena *a, const struct json *j);

struct distinct {
    const char *text; /* all that tells one from another */
    const struct json *first;
    size_t n;
};

static size_t find_distinct(struct arena *a, struct json *const *manifest, size_t n, describe *f,
                            struct distinct *ret)
{
    size_t found = 0, k;
    for (size_t i = 0; i < n; i++) {
        const char *text = manifest[i] ? f(a, manifest[i]) : NULL;
        if (!text)
            continue;
        for (k = 0; k < found && strcmp(ret[k].text, text) != 0;)
            k++;
        if (k == found)
            ret[found++] = (struct distinct){text, manifest[i], 0};
        ret[k].n++;
    }
    return found;
}

/* ---- builds and machines ---- */

static const char *or_none(const char *s)
{
    return s ? s : "";
}

static const char *threads_of(struct arena *a, const struct json *j)
{
    double n = manifest_real(j, "build", "blas", "threads");
    return isfinite(n) ? arena_printf(a, "%.0f", n) : NULL;
}

static const char *describe_build(struct arena *a, const struct json *j)
{
    const struct json *b = js_get(j, "build");
    if (!b)
        return NULL;
    return arena_printf(a, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s",
                        or_none(manifest_text(b, "version", NULL, NULL)),
                        or_none(manifest_text(b, "commit", NULL, NULL)),
                        or_none(manifest_text(b, "compiler", NULL, NULL)),
                        or_none(manifest_text(b, "blas", "name", NULL)),
                        or_none(manifest_text(b, "blas", "kernel", NULL)),
                        or_none(threads_of(a, j)), or_none(manifest_text(b, "vectors", NULL, NULL)),
                        or_none(manifest_text(b, "processor", NULL, NULL)));
}

static const char *runs(struct arena *a, const char *what, const struct distinct *d, size_t all)
{
    return all < 2 ? what
                   : arena_printf(a, "%s of %s run%s", what, show_count(a, (int64_t)d->n),
                                  d->n == 1 ? "" : "s");
}

static void add_build(struct page *p, const struct distinct *d, size_t all)
{
    const struct json *j = d->first;
    html_facts_begin(p, runs(p->a, "Build and machine", d, all));
    html_fact(p, "descent", manifest_text(j, "build", "version", NULL));
    html_fact_code(p, "commit", manifest_text(j, "build", "commit", NULL));
    html_fact(p, "compiler", manifest_text(j, "build", "compiler", NULL));
    html_fact(p, "BLAS", manifest_text(j, "build", "blas", "name"));
    html_fact(p, "BLAS kernel", manifest_text(j, "build", "blas", "kernel"));
    html_fact(p, "threads", threads_of(p->a, j));
    html_fact(p, "vector loops", manifest_text(j, "build", "vectors", NULL));
    html_fact(p, "processor", manifest_text(j, "build", "processor", NULL));
    html_facts_end(p);
}

/* ---- data ---- */

static const char *const shown[] = {"training images", "training labels", "test images",
                                    "test labels"};

static const char *describe_data(struct arena *a, const struct json *j)
{
    const struct json *d = js_get(j, "dataset");
    struct strbuf b;
    if (!manifest_text(d, "name", NULL, NULL))
        return NULL;
    strbuf_init(&b);
    strbuf_addf(&b, "%s %lld %lld %lld", manifest_text(d, "name", NULL, NULL),
                (long long)manifest_integer(d, "train", NULL),
                (long long)manifest_integer(d, "validation", NULL),
                (long long)manifest_integer(d, "test", NULL));
    for (size_t i = 0; i < 4; i++)
        strbuf_addf(&b, " %s", or_none(manifest_text(d, "sha256", folder_digest_names[i], NULL)));
    const char *text = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return text;
}

static void add_data(struct page *p, const struct distinct *d, size_t all)
{
    const struct json *j = d->first;
    html_facts_begin(p, runs(p->a, "Data", d, all));
    html_fact(p, "dataset", manifest_text(j, "dataset", "name", NULL));
    if (manifest_text(j, "dataset", "sha256", folder_digest_names[0])) {
        html_fact(p, "images",
                  arena_printf(p->a,
                               "%s for training, %s for validation, %s for the test; %s classes",
                               show_count(p->a, manifest_integer(j, "dataset", "train")),
                               show_count(p->a, manifest_integer(j, "dataset", "validation")),
                               show_count(p->a, manifest_integer(j, "dataset", "test")),
                               show_count(p->a, manifest_integer(j, "dataset", "classes"))));
        for (size_t i = 0; i < 4; i++)
            html_fact_code(p, shown[i],
                           manifest_text(j, "dataset", "sha256", folder_digest_names[i]));
    }
    html_facts_end(p);
}

void html_environment(struct page *p, struct json *const *manifest, size_t n)
{
    struct distinct *d = arena_alloc(p->a, (n + 1) * sizeof *d);
    size_t found = find_distinct(p->a, manifest, n, describe_build, d);
    for (size_t i = 0; i < found; i++)
        add_build(p, &d[i], found);
    found = find_distinct(p->a, manifest, n, describe_data, d);
    for (size_t i = 0; i < found; i++)
        add_data(p, &d[i], found);
    if (found > 0)
        html_element(p, "p class=\"soft\"",
                     "Digests are SHA-256, of each file's content unpacked.");
    else if (n == 0)
        html_element(p, "p", "Nothing is recorded yet.");
}

void html_promise(struct page *p, bool by_blas, const char *more)
{
    const char *same =
        by_blas
            ? "The products are the BLAS's (model.matmul: blas): the same build, BLAS, BLAS kernel "
              "and number of threads give the same bytes"
            : "Any build gives the same bytes, on any machine, with any BLAS and any number of "
              "threads";
    html_element(p, "p class=\"soft\"",
                 arena_printf(p->a,
                              "From the folder that descent was started in: paths, that of the "
                              "data among them, are relative to it. %s%s.",
                              same, more));
}

bool html_is_by_blas(const struct json *manifest)
{
    return run_is_by_blas(manifest_text(manifest, "matmul", NULL, NULL));
}
