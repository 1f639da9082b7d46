/* What a sweep's workers are known to have done. */
#include "check_main.h"
#include "sweep/internal.h"

/* A member that resumes after the others of its rung: nobody has heard of its worker yet. */
START_TEST(a_worker_unheard_of_has_what_was_done)
{
    struct arena a;
    struct diags d;
    struct spec spec;
    struct error err;
    arena_init(&a);
    diags_init(&d, &a);
    struct spec_text text = {.name = "s", .text = "dataset: digits\noptimizer: {name: sgd}\n"};
    ck_assert(spec_parse(&a, &text, &d, &spec));
    struct pool *p = pool_new(2);
    struct pool_job job = {.spec = &spec, .options = {.folder = "/dev/null/none"}, .begun = 0.5};
    ck_assert(pool_start(p, 7, &job, &err));
    job.begun = 0.25;
    ck_assert(pool_start(p, 8, &job, &err));
    ck_assert_double_eq(pool_progress(p), 0.75);
    ck_assert_double_eq(pool_gained(p), 0);
    pool_free(p);
    arena_fini(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pool");
    TCase *c = tcase_create("pool");
    tcase_add_test(c, a_worker_unheard_of_has_what_was_done);
    suite_add_tcase(s, c);
    return check_main(s);
}
