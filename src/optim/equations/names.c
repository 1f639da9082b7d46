/* The names of equations: those given, constants and states, and those that lines assign. */
#include "optim/equations/parser.h"
#include <string.h>

/* In the order of their registers. */
static const struct {
    const char *name;
    uint32_t at;
} given[] = {{"lr", EQ_LR},
             {"momentum", EQ_MOMENTUM},
             {"weight_decay", EQ_WEIGHT_DECAY},
             {"t", EQ_T},
             {"rows", EQ_ROWS},
             {"cols", EQ_COLS},
             {"role", EQ_ROLE},
             {"pi", EQ_PI}};
static const char *const words[] = {"and", "or", "not", "true", "false", "null"};
enum { GIVEN = sizeof given / sizeof given[0], WORDS = sizeof words / sizeof words[0] };

const char *eq_taken(const char *name)
{
    for (size_t i = 0; i < GIVEN; i++)
        if (strcmp(given[i].name, name) == 0)
            return "is one of the language's own names: take another";
    if (strcmp(name, "w") == 0 || strcmp(name, "g") == 0)
        return "is one of the language's own names: take another";
    for (size_t i = 0; i < WORDS; i++)
        if (strcmp(words[i], name) == 0)
            return "is a word of the language: take another name";
    for (const struct eq_function *f = eq_functions; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return "is a function: take another name";
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (name[0] == '\0' || name[n] != '\0' || (name[0] >= '0' && name[0] <= '9'))
        return "is no name: letters, digits and _, a letter first";
    return NULL;
}

struct eq_name *eq_find_name(const struct eq_parser *q, const struct token *t)
{
    for (size_t i = 0; i < q->names; i++)
        if (eq_is_name(q, t, q->name[i].name))
            return &q->name[i];
    return NULL;
}

struct eq_name *eq_add_name(struct eq_parser *q, size_t *room, const char *name, struct eq_value v,
                            bool constant)
{
    q->name = arena_room(q->arena, q->name, q->names, room, sizeof *q->name);
    q->name[q->names] = (struct eq_name){.name = name, .value = v, .constant = constant};
    return &q->name[q->names++];
}

void eq_begin_names(struct eq_parser *q, size_t *room)
{
    struct eq_program *p = q->p;
    for (size_t i = 0; i < EQ_GIVEN; i++)
        eq_add_number(q, i == EQ_PI ? 3.14159265358979323846 : 0);
    for (size_t i = 0; i < GIVEN; i++)
        eq_add_name(q, room, given[i].name,
                    (struct eq_value){.type = given[i].at == EQ_ROLE ? VALUE_ROLE : VALUE_NUMBER,
                                      .at = given[i].at},
                    true);
    for (size_t i = 0; i < q->known->constants; i++)
        eq_add_name(q, room, q->known->constant[i].name,
                    (struct eq_value){.type = VALUE_NUMBER,
                                      .at = eq_add_number(q, q->known->constant[i].value)},
                    true);
    eq_add_name(q, room, "w", (struct eq_value){.type = VALUE_TENSOR, .at = EQ_W}, false)->kept =
        true;
    eq_add_name(q, room, "g", (struct eq_value){.type = VALUE_TENSOR, .at = EQ_G}, false);
    q->state_first = q->names;
    p->states = q->known->states;
    for (size_t i = 0; i < p->states; i++)
        eq_add_name(q, room, q->known->state[i],
                    (struct eq_value){.type = VALUE_TENSOR, .at = (uint32_t)(EQ_STATE + i)}, false)
            ->kept = true;
    p->tensors = EQ_STATE + p->states;
}
