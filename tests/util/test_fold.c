#include "suites.h"
#include "util/fold.h"
#include <string.h>

static const struct folding {
    size_t page;
    const char *text, *folded;
} foldings[] = {
    {20, "short\n\nlines\n", "short\n\nlines\n"},
    {20, "exactly twenty wide.\n", "exactly twenty wide.\n"},
    {20, "one two three four five six seven", "one two three four\n  five six seven"},
    /* below the second column, but not where that takes much of the page */
    {24, "status  it was lost on another machine\n",
     "status  it was lost on\n        another machine\n"},
    {20, "a long name here  and what it is\n", "a long name here\n  and what it is\n"},
    {24, "    m = beta1 * m + (1 - beta1) * g\n", "    m = beta1 * m +\n      (1 - beta1) * g\n"},
    /* within brackets where the line has no better place, and behind a comma */
    {24, "s: {name: cyclic, base_lr: 0.1, max_lr: 1}\n",
     "s: {name: cyclic,\n  base_lr: 0.1,\n  max_lr: 1}\n"},
    /* what is typed stays whole */
    {24, "a key is given as 'a=[1, 2]' here\n", "a key is given as\n  'a=[1, 2]' here\n"},
    {24, "it is 'descent resume \"my run\"' that does it\n",
     "it is 'descent resume\n  \"my run\"' that does it\n"},
    {24, "the run's own folder and the runs' names\n",
     "the run's own folder and\n  the runs' names\n"},
    {10, "in results/a-long-name/here and there\n",
     "in\n  results/a-long-name/here\n  and\n  there\n"},
    {10, "unbreakable-word\n", "unbreakable-word\n"},
    {10, "figure results/a-long-name\n", "figure results/a-long-name\n"},
    {9, "\xc2\xb1 \xc2\xb1 \xc2\xb1 \xc2\xb1 \xc2\xb1 \xc2\xb1\n",
     "\xc2\xb1 \xc2\xb1 \xc2\xb1 \xc2\xb1 \xc2\xb1\n  \xc2\xb1\n"},
};

START_TEST(lines_are_folded)
{
    const struct folding *f = &foldings[_i];
    struct strbuf b;
    strbuf_init(&b);
    fold_lines(f->text, f->page, &b);
    ck_assert_str_eq(b.text, f->folded);
    strbuf_fini(&b);
}
END_TEST

TCase *fold_cases(void)
{
    TCase *t = tcase_create("fold");
    tcase_add_loop_test(t, lines_are_folded, 0, sizeof foldings / sizeof foldings[0]);
    return t;
}
