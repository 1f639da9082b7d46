/* What a table over groups leaves out, as it has not ended or was given up. */
#include "study/collect.h"
#include "util/strbuf.h"

static void add_part(struct strbuf *b, size_t n, const char *what, const char *rest)
{
    if (n > 0)
        strbuf_addf(b, "%s%zu %s%s%s", b->length ? ", " : "", n, what, n == 1 ? "" : "s", rest);
}

const char *collect_unfinished_text(struct arena *a, const struct collection *c)
{
    size_t of[STATUSES_OF_STUDIES] = {0};
    struct strbuf b;
    for (size_t i = 0; i < c->runs; i++)
        of[c->run[i].status]++;
    strbuf_init(&b);
    add_part(&b, of[STATUS_OPEN], "run", " begun");
    add_part(&b, c->pending, "member", " of a sweep not begun");
    add_part(&b, of[STATUS_PRUNED], "run", " pruned");
    const char *text = b.length ? arena_printf(a, "not finished: %s", b.text) : NULL;
    strbuf_fini(&b);
    return text;
}
