/* Which names a text of the language has. */
#include "expr/expr.h"
#include <string.h>

bool expr_error_is_of_name(const struct expr_error *e)
{
    return strncmp(e->message, "unknown name", 12) == 0;
}

/* As long as one is unknown, the compiler says which. */
size_t expr_names_in(struct arena *a, const char *text, const char *const **ret)
{
    struct expr_name *known = NULL;
    const char **name = NULL;
    struct expr_error e;
    size_t n = 0, room = 0, known_room = 0;
    for (;;) {
        const struct expr_names names = {.n = n, .v = known};
        if (expr_compile(a, text, &names, EXPR_AS_CONDITION, &e) || !expr_error_is_of_name(&e))
            break;
        known = arena_room(a, known, n, &known_room, sizeof *known);
        name = arena_room(a, name, n, &room, sizeof *name);
        name[n] = arena_strndup(a, text + e.offset, e.length);
        known[n] = (struct expr_name){.name = name[n], .type = EXPR_NULL};
        n++;
    }
    *ret = name;
    return n;
}
