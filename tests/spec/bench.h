/* What the tests of whole specs share: an arena, diagnostics, and texts bound and written. */
#ifndef DESCENT_TESTS_SPEC_BENCH_H
#define DESCENT_TESTS_SPEC_BENCH_H

#include "check_main.h"
#include "spec/spec.h"
#include "util/mem.h"
#include <string.h>

#define COUNT(v) (sizeof(v) / sizeof *(v))

struct bench {
    struct arena arena;
    struct diags diags;
    struct binder binder;
};

static inline void set_up(struct bench *b)
{
    arena_init(&b->arena);
    diags_init(&b->diags, &b->arena);
    b->binder = (struct binder){.arena = &b->arena, .diags = &b->diags};
}

static inline void tear_down(struct bench *b)
{
    arena_fini(&b->arena);
}

static inline struct node *parse(struct bench *b, const char *text)
{
    struct source *s = arena_alloc(&b->arena, sizeof *s);
    *s = (struct source){
        .path = "test.yaml", .text = arena_strdup(&b->arena, text), .length = strlen(text)};
    return node_parse(&b->arena, s, &b->diags);
}

static inline bool bind(struct bench *b, const struct param *table, const char *text, void *object)
{
    const struct node *n = parse(b, text);
    return n && bind_table(&b->binder, table, n, n->place, "a test", object);
}

static inline const char *written(struct bench *b, const struct param *table, const void *object)
{
    struct strbuf s;
    strbuf_init(&s);
    write_table(&s, table, object, 0);
    const char *text = arena_strdup(&b->arena, s.text);
    strbuf_fini(&s);
    return text;
}

/* All that is wrong, as the user sees it. */
static inline const char *complaints(struct bench *b)
{
    struct strbuf s;
    strbuf_init(&s);
    diags_write(&b->diags, &s);
    const char *text = arena_strdup(&b->arena, s.text);
    strbuf_fini(&s);
    return text;
}

#endif
