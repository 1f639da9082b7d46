/* What is wrong with equations, in words: what stands there, and what may be meant. */
#include "expr/operators.h"
#include "optim/equations/parser.h"
#include <string.h>

bool eq_fail(struct eq_parser *q, const struct token *t, const char *suggestion,
             const char *message)
{
    return expr_fail(q->err, t->offset, t->length, suggestion, "%s", message);
}

const char *eq_shown(const struct eq_parser *q, const struct token *t)
{
    if (t->kind == TOKEN_END)
        return "the end of the line";
    if (t->kind == TOKEN_TEXT) { /* of any bytes: a message has plain ones, and few */
        char *text = arena_strndup(q->arena, q->text + t->offset, t->length <= 40 ? t->length : 40);
        for (char *c = text; *c; c++)
            *c = *c < ' ' || *c > '~' ? '?' : *c;
        return t->length <= 40 ? text : arena_printf(q->arena, "%s...'", text);
    }
    return arena_printf(q->arena, "'%.*s'", t->length > 40 ? 40 : (int)t->length,
                        q->text + t->offset);
}

bool eq_is_name(const struct eq_parser *q, const struct token *t, const char *name)
{
    return strlen(name) == t->length && memcmp(q->text + t->offset, name, t->length) == 0;
}

/* What other languages call it, and how it is written here. */
static const struct {
    const char *name, *here;
} elsewhere[] = {{"where", "a choice is if(condition, a, b)"},
                 {"clip", "limits are min(max(x, low), high)"},
                 {"clamp", "limits are min(max(x, low), high)"},
                 {"square", "a square is x^2"},
                 {"rsqrt", "it is 1 / sqrt(x)"},
                 {"sigmoid", "it is 1 / (1 + exp(-x))"},
                 {"relu", "it is max(x, 0)"},
                 {"round", "the nearest whole number is floor(x + 0.5)"},
                 {"log1p", "it is log(1 + x)"},
                 {"maximum", "it is max(a, b)"},
                 {"minimum", "it is min(a, b)"},
                 {"epoch", "updates are counted by t, from 1"},
                 {"step", "updates are counted by t, from 1"},
                 {"i", "updates are counted by t, from 1"},
                 {"k", "updates are counted by t, from 1"},
                 {"grad", "the gradient is g"},
                 {"gradient", "the gradient is g"},
                 {"param", "the weights are w"},
                 {"params", "the weights are w"},
                 {"theta", "the weights are w"},
                 {"p", "the weights are w"},
                 {"eta", "the learning rate is lr"},
                 {"wd", "it is weight_decay"},
                 {"var", "it is mean(x^2) - mean(x)^2"},
                 {"std", "it is sqrt(mean(x^2) - mean(x)^2)"},
                 {"numel", "it is rows * cols"},
                 {"size", "it is rows * cols"},
                 {"True", "it is true"},
                 {"False", "it is false"},
                 {"inf", "infinity is 1 / 0"},
                 {"nan", "what is not a number is 0 / 0"},
                 {"rand", "there are no random numbers"},
                 {"randn", "there are no random numbers"},
                 {"random", "there are no random numbers"},
                 {"ln", "the natural logarithm is log(x)"},
                 {"else", "a choice is if(condition, a, b)"},
                 {"hidden", "roles stand in quotes: 'hidden'"},
                 {"output", "roles stand in quotes: 'output'"},
                 {"bias", "roles stand in quotes: 'bias'"},
                 {"norm", "roles stand in quotes: 'norm'"}};

static const char *hint_of(const struct eq_parser *q, const struct token *t)
{
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (eq_is_name(q, t, elsewhere[i].name))
            return elsewhere[i].here;
    return NULL;
}

/* Whether a line assigns the name: one that is read there or above has to be kept. */
static bool is_assigned(const struct eq_parser *q, const char *name)
{
    size_t n = strlen(name);
    for (const char *line = q->text; line; line = strchr(line, '\n')) {
        line += strspn(line, " \t\r\n");
        if (strncmp(line, name, n) != 0)
            continue;
        const char *is = line + n + strspn(line + n, " \t");
        if (is[0] == '=' && is[1] != '=')
            return true;
    }
    return false;
}

static const char *hint_of_state(const struct eq_parser *q, const char *wrong)
{
    if (!is_assigned(q, wrong))
        return NULL;
    if (!is_assigned(q, "w"))
        return "the weights are w";
    return arena_printf(q->arena, "what is kept belongs under 'state': {%.40s: 0}", wrong);
}

/* "optimizer.lr" where lr is known; x.abs() where abs is a function; np.abs(x). */
static const char *hint_of_dotted(struct eq_parser *q, const struct token *t,
                                  const char *const *names, size_t n, const char *wrong,
                                  bool function)
{
    const char *dot = strrchr(wrong, '.');
    struct token object = {.offset = t->offset, .length = dot ? (size_t)(dot - wrong) : 0};
    bool of = false;
    for (size_t i = 0; function && dot && i < q->names; i++)
        of |= eq_is_name(q, &object, q->name[i].name);
    for (size_t i = 0; dot && i < n; i++)
        if (strcmp(names[i], dot + 1) == 0)
            return of ? arena_printf(q->arena, "did you mean '%s(%.*s)'?", dot + 1,
                                     (int)(dot - wrong), wrong)
                      : arena_printf(q->arena, "did you mean '%s'?", dot + 1);
    return !dot       ? NULL
           : function ? "a function stands before its argument: sqrt(g)"
                      : "names have no dots here";
}

static bool is_listed(const char *const *list, const char *name)
{
    while (list && *list && strcmp(*list, name) != 0)
        list++;
    return list && *list;
}

/* A gap that somebody left to be filled in; NULL: it is none. */
static const char *hint_of_gap(const struct eq_parser *q, const char *wrong)
{
    static const char *const marks[] = {"TODO", "FIXME", "XXX", NULL};
    if (is_listed(q->known->no_constant, wrong))
        return "it stands under 'with' without a value: give it a number";
    if (is_listed(q->known->no_state, wrong))
        return "it stands under 'state' without a first value, such as 0";
    return is_listed(marks, wrong) || wrong[strspn(wrong, "_")] == '\0'
               ? "a gap: write what belongs here"
               : NULL;
}

bool eq_unknown(struct eq_parser *q, const struct token *t, bool function)
{
    const char *names[64 + 32];
    size_t n = 0;
    for (size_t i = 0; !function && i < q->names && n < 64; i++)
        names[n++] = q->name[i].name;
    for (const struct eq_function *f = eq_functions; f->name && n < 64 + 32; f++)
        names[n++] = f->name;
    const char *wrong = arena_strndup(q->arena, q->text + t->offset, t->length);
    const char *near = q->known->suggest ? q->known->suggest(wrong, names, n) : NULL;
    const char *dotted = hint_of_dotted(q, t, names, n, wrong, function);
    const char *gap = hint_of_gap(q, wrong);
    const char *kept = function ? NULL : hint_of_state(q, wrong);
    const char *hint = gap             ? gap
                       : kept          ? kept
                       : hint_of(q, t) ? hint_of(q, t)
                       : dotted        ? dotted
                       : near          ? arena_printf(q->arena, "did you mean '%s'?", near)
                       : function      ? "'descent list optimizer equations' names those there are"
                                       : "constants stand under 'with', what is kept under 'state'";
    return expr_fail(q->err, t->offset, t->length, hint, "unknown %s '%.60s'",
                     function ? "function" : "name", wrong);
}
