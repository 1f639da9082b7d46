#include "setup.h"
#include "util/mem.h"

struct sched_base plain_base(void)
{
    return (struct sched_base){
        .lr = 0.05,
        .momentum = 0.9,
        .decay = 1e-4,
        .batch_size = 100,
        .train_size = 1000,
        .epochs = 60,
        .steps = PARAM_NULL_INT,
        .drop_last = true,
        .accumulate = 1,
    };
}

void set_up_list(struct setup *s, const struct sched_base *base, size_t n, const char *const *text)
{
    struct error err = {0};
    *s = (struct setup){.entries = {.n = n}};
    arena_init(&s->arena);
    diags_init(&s->diags, &s->arena);
    s->entries.v = arena_alloc(&s->arena, (n + 1) * sizeof *s->entries.v);
    for (size_t i = 0; i < n; i++)
        if (!kind_parse(&s->arena, &sched_registry, text[i], &s->diags, &s->entries.v[i]))
            ck_abort_msg("%s: %s", text[i], s->diags.item[0].message);
    s->sched = sched_new(&s->entries, base, &err);
    if (!s->sched)
        ck_abort_msg("%s ...: %s", n > 0 ? text[0] : "", err.message);
}

void set_up(struct setup *s, const struct sched_base *base, const char *text)
{
    set_up_list(s, base, 1, &text);
}

void tear_down(struct setup *s)
{
    sched_free(s->sched);
    arena_fini(&s->arena);
}
