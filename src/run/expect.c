/* What a spec expects of a run's figures and weights. */
#include "run/internal.h"
#include <math.h>
#include <string.h>

static bool meets(const struct expectation *e, double v)
{
    switch (e->op) {
    case '<':
        return v < e->a;
    case '>':
        return v > e->a;
    case 'l':
        return v <= e->a;
    case 'g':
        return v >= e->a;
    default:
        return fabs(v - e->a) <= e->b + 1e-9 * fabs(e->a); /* 0.16 is 0.15 +- 0.01 */
    }
}

int run_check_expectations(const struct run *r, struct error *err)
{
    struct strbuf failed;
    strbuf_init(&failed);
    for (size_t i = 0; i < r->spec->expect.n; i++) {
        const struct expectation *e = &r->spec->expect.v[i];
        if (e->op == '#') {
            char digest[65];
            train_digest(r->train, digest);
            if (strcmp(digest, e->text + strlen("sha256:")) != 0)
                strbuf_addf(&failed, "%sweights are sha256:%s, expected %s",
                            failed.length ? "; " : "", digest, e->text);
            continue;
        }
        double v = r->last.value[metric_find(e->metric)];
        bool met = meets(e, v);
        if (!met && isnan(v))
            strbuf_addf(&failed, "%s%s was not evaluated, expected %s", failed.length ? "; " : "",
                        e->metric, e->text);
        else if (!met)
            strbuf_addf(&failed, "%s%s is %.9g, expected %s%s", failed.length ? "; " : "",
                        e->metric, v, e->text, e->percent ? " percent" : "");
    }
    bool ok = failed.length == 0;
    if (!ok)
        error_set(err, ERR_EXPECT, "%s", failed.text);
    strbuf_fini(&failed);
    return ok ? 0 : ERR_EXPECT;
}
