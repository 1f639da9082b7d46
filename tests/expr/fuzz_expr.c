/* Any text at all: an error that lies within it, or a program that evaluates, twice to the same
 * bits. */
#include "expr/expr.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct expr_name names[] = {{"t", EXPR_NUMBER},
                                         {"epoch", EXPR_NUMBER},
                                         {"optimizer.name", EXPR_TEXT},
                                         {"scheduler.0.gamma", EXPR_NUMBER},
                                         {"clip", EXPR_NULL}};

static const char *first(const char *wrong, const char *const *candidates, size_t n)
{
    return n > 0 && wrong[0] == candidates[0][0] ? candidates[0] : NULL;
}

static void evaluate(const struct expr *e, enum expr_goal goal)
{
    const union expr_value values[] = {{3}, {-2.5}, {.text = "sgd"}, {0.1}, {0}};
    double a = expr_eval(e, values), b = expr_eval(e, values);
    if (memcmp(&a, &b, sizeof a) != 0 || (goal == EXPR_AS_CONDITION && a != 0 && a != 1))
        abort();
}

static void check_error(const struct expr_error *err, size_t length)
{
    bool within = err->offset <= length && err->length <= length - err->offset;
    if (!within || (err->length == 0 && err->offset < length) || err->message[0] == '\0')
        abort();
    for (const char *s = err->message; *s; s++)
        if (*s < 0x20 || *s > 0x7E) /* it goes to a terminal */
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct expr_names known = {
        .n = sizeof names / sizeof names[0], .v = names, .suggest = first};
    struct arena a;
    arena_init(&a);
    const char *text = arena_strndup(&a, (const char *)bytes, n);
    bool compiles[2];
    for (int goal = 0; goal < 2; goal++) {
        struct expr_error err;
        const struct expr *e = expr_compile(&a, text, &known, (enum expr_goal)goal, &err);
        compiles[goal] = e != NULL;
        if (e)
            evaluate(e, (enum expr_goal)goal);
        else
            check_error(&err, strlen(text));
    }
    if (compiles[EXPR_AS_NUMBER] && !compiles[EXPR_AS_CONDITION])
        abort(); /* every number is a condition */
    arena_fini(&a);
    return 0;
}
