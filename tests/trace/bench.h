/* A trace's section from text, for the tests beside this file. */
#ifndef DESCENT_TESTS_TRACE_BENCH_H
#define DESCENT_TESTS_TRACE_BENCH_H

#include "check_main.h"
#include "trace/trace.h"
#include <stdio.h>
#include <string.h>

struct bench {
    struct arena arena;
    struct diags diags;
    struct spec spec;
    struct trace trace;
};

/* "function: saddle, steps: 10" as the section `trace`, followed. */
static inline void follow(struct bench *b, const char *section, uint64_t seed)
{
    memset(b, 0, sizeof *b);
    arena_init(&b->arena);
    diags_init(&b->diags, &b->arena);
    const char *text = arena_printf(&b->arena, "trace: {%s}\n", section);
    if (!spec_parse_any(&b->arena, &(struct spec_text){.name = "spec.yaml", .text = text},
                        &b->diags, &b->spec))
        ck_abort_msg("%s: %s", section, b->diags.item[0].message);
    trace_run(&b->arena, b->spec.trace, seed, &b->trace);
}

static inline void tear_down(struct bench *b)
{
    arena_fini(&b->arena);
}

#endif
