/* What a table over groups leaves out, as it has not ended or was given up. */
#include "folder/lock.h"
#include "study/collect.h"
#include "util/strbuf.h"
#include "util/text.h"

enum { NAMED = 3 }; /* folders at most; of more the others are counted */

/* Folders that can be resumed. */
struct left {
    struct strbuf names;
    size_t n;
};

static void add_part(struct strbuf *b, size_t n, const char *what, const char *rest)
{
    if (n > 0)
        strbuf_addf(b, "%s%zu %s%s%s", b->length ? ", " : "", n, what, n == 1 ? "" : "s", rest);
}

static void add_left(struct left *l, const char *folder)
{
    if (lock_is_held(folder))
        return;
    if (l->n < NAMED)
        strbuf_addf(&l->names, "%s%s", l->n > 0 ? ", " : "", text_word(folder));
    l->n++;
}

static bool is_finished(const struct collection *c, const struct collected_sweep *s)
{
    if (s->pending > 0)
        return false;
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].sweep == s->folder && c->run[i].status == STATUS_OPEN)
            return false;
    return true;
}

/* A sweep's runs are resumed with it. */
static void add_remedy(const struct collection *c, struct strbuf *out)
{
    struct left l = {.n = 0};
    strbuf_init(&l.names);
    for (size_t i = 0; i < c->sweeps; i++)
        if (!is_finished(c, &c->sweep[i]))
            add_left(&l, c->sweep[i].folder);
    for (size_t i = 0; i < c->runs; i++)
        if (!c->run[i].sweep && c->run[i].status == STATUS_OPEN)
            add_left(&l, c->run[i].folder);
    if (l.n == 1)
        strbuf_addf(out, "; 'descent resume %s' trains what is left", l.names.text);
    else if (l.n > 1)
        strbuf_addf(out, "; 'descent resume FOLDER' trains what is left, of %s", l.names.text);
    if (l.n > NAMED)
        strbuf_addf(out, " and %zu more", l.n - NAMED);
    strbuf_fini(&l.names);
}

const char *collect_unfinished_text(struct arena *a, const struct collection *c)
{
    size_t of[STATUSES_OF_STUDIES] = {0}, pending = 0, sweeps = 0;
    struct strbuf b;
    for (size_t i = 0; i < c->runs; i++)
        of[c->run[i].status]++;
    for (size_t i = 0; i < c->sweeps; i++) {
        pending += c->sweep[i].pending;
        sweeps += c->sweep[i].pending > 0;
    }
    strbuf_init(&b);
    add_part(&b, of[STATUS_OPEN], "run", " begun");
    add_part(&b, pending, "member", sweeps == 1 ? " of a sweep not begun" : " of sweeps not begun");
    add_part(&b, of[STATUS_PRUNED], "run", " pruned");
    add_remedy(c, &b);
    const char *text = b.length ? arena_printf(a, "not finished: %s", b.text) : NULL;
    strbuf_fini(&b);
    return text;
}
