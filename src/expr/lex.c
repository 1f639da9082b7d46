/* Text to tokens. */
#include "expr/lex.h"
#include "util/decimal.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool expr_fail(struct expr_error *err, size_t offset, size_t length, const char *suggestion,
               const char *fmt, ...)
{
    *err = (struct expr_error){.offset = offset, .length = length};
    va_list list;
    va_start(list, fmt);
    vsnprintf(err->message, sizeof err->message, fmt, list);
    va_end(list);
    snprintf(err->suggestion, sizeof err->suggestion, "%s", suggestion ? suggestion : "");
    return false;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* 12, 1.5, 1., .5, each perhaps with an exponent; 0 where there is none. */
static size_t number_length(const char *s)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(s, digits), n = whole;
    if (s[n] == '.')
        n += 1 + strspn(s + n + 1, digits);
    if (n == 0 || (whole == 0 && n == 1))
        return 0;
    if (s[n] == 'e' || s[n] == 'E') {
        size_t sign = s[n + 1] == '+' || s[n + 1] == '-',
               exponent = strspn(s + n + 1 + sign, digits);
        n += exponent > 0 ? 1 + sign + exponent : 0;
    }
    return n;
}

/* "2g": a product whose sign is missing. */
static bool not_a_number(const char *word, const struct token *t, size_t length,
                         struct expr_error *err)
{
    char hint[sizeof err->suggestion] = "";
    const char *rest = word + t->length;
    bool exponent = (rest[0] == 'e' || rest[0] == 'E') && rest[1] == '\0',
         hexadecimal = t->length == 1 && word[0] == '0', product = isalpha((unsigned char)rest[0]);
    product &= !exponent && !hexadecimal && !strchr(rest, '.') && length < 40;
    if (product)
        snprintf(hint, sizeof hint, "did you mean '%.*s * %s'?", (int)t->length, word, rest);
    return expr_fail(err, t->offset, length, hint, "'%.40s' is not a number", word);
}

static bool lex_number(const char *text, struct token *ret, struct expr_error *err)
{
    const char *s = text + ret->offset;
    char copy[EXPR_MAX_LENGTH + 1]; /* ended where the number ends: strtod reads other forms too */
    size_t n = ret->length;
    while (is_word(s[n]) || s[n] == '.')
        n++;
    if (n > EXPR_MAX_LENGTH)
        return expr_fail(err, ret->offset, n, NULL, "this number has too many digits");
    memcpy(copy, s, n);
    copy[n] = '\0';
    if (n > ret->length)
        return not_a_number(copy, ret, n, err);
    ret->number = strtod(copy, NULL);
    if (!isfinite(ret->number))
        return expr_fail(err, ret->offset, n, NULL, "this number is too large");
    if (decimal_vanishes(copy, ret->number))
        return expr_fail(err, ret->offset, n, NULL,
                         "this number is too small: the least above 0 is 4.9e-324");
    return true;
}

static bool lex_text(const char *text, struct token *ret, struct expr_error *err)
{
    const char *s = text + ret->offset, stop[] = {s[0], '\\', '\n', '\0'};
    size_t n = 1 + strcspn(s + 1, stop);
    if (s[n] == '\\')
        return expr_fail(err, ret->offset + n, 1, NULL,
                         "a text cannot contain a backslash: there are no escapes");
    if (s[n] != s[0])
        return expr_fail(err, ret->offset, 1, NULL, "this quote is not closed");
    ret->length = n + 1;
    return true;
}

const struct lex_word lex_words[] = {
    {"true", TOKEN_TRUE}, {"false", TOKEN_FALSE}, {"null", TOKEN_NULL}, {"and", TOKEN_AND},
    {"or", TOKEN_OR},     {"not", TOKEN_NOT},     {NULL, TOKEN_END}};

static void lex_name(const char *text, struct token *ret)
{
    const char *s = text + ret->offset;
    size_t n = 0;
    while (is_word(s[n]) || (s[n] == '.' && is_word(s[n + 1])))
        n++;
    ret->length = n;
    ret->kind = TOKEN_NAME;
    for (const struct lex_word *w = lex_words; w->word; w++)
        if (strlen(w->word) == n && memcmp(s, w->word, n) == 0)
            ret->kind = w->kind;
}

static const char gap[] = "a gap: write what belongs here";

/* Signs of other languages, n of them in a row, and what is meant. */
static const char *meant(char c, size_t n)
{
    switch (c) {
    case '=':
        return "did you mean '=='?";
    case '!':
        return "did you mean 'not'?";
    case '&':
        return "did you mean 'and'?";
    case '|':
        return n == 1 ? "did you mean 'or'? The size of x is abs(x)" : "did you mean 'or'?";
    case '[':
        return "there is no index: a name stands for all it holds";
    case ';':
        return "what follows belongs on a line of its own";
    case '^':
        return "did you mean '**'?";
    case '?':
        return n == 1 ? "a choice is if(condition, a, b)" : gap;
    case '.':
        return n > 1 ? gap : NULL;
    case '{':
        return "brackets are ( )";
    default:
        return NULL;
    }
}

/* Characters of books and word processors. */
static const char *meant_beyond_ascii(const char *s)
{
    static const struct {
        const char *sign, *hint;
    } signs[] = {{"\u2212", "did you mean '-'?"},
                 {"\u2013", "did you mean '-'?"},
                 {"\u2014", "did you mean '-'?"},
                 {"\u00d7", "did you mean '*'?"},
                 {"\u00b7", "did you mean '*'?"},
                 {"\u22c5", "did you mean '*'?"},
                 {"\u2217", "did you mean '*'?"},
                 {"\u2219", "did you mean '*'?"},
                 {"\u2299", "did you mean '*'?"},
                 {"\u2218", "did you mean '*'?"},
                 {"\u00f7", "did you mean '/'?"},
                 {"\u2215", "did you mean '/'?"},
                 {"\u2264", "did you mean '<='?"},
                 {"\u2265", "did you mean '>='?"},
                 {"\u2260", "did you mean '!='?"},
                 {"\u00b2", "did you mean '**2'?"},
                 {"\u00b3", "did you mean '**3'?"},
                 {"\u221a", "did you mean 'sqrt(...)'?"},
                 {"\u2190", "did you mean '='?"},
                 {"\u2026", gap},
                 {"\u2018", "did you mean a plain quote, '?"},
                 {"\u2019", "did you mean a plain quote, '?"},
                 {"\u201c", "did you mean a plain quote, \"?"},
                 {"\u201d", "did you mean a plain quote, \"?"},
                 {"\u00a0", "a space of another kind: type a plain one"},
                 {"\u2009", "a space of another kind: type a plain one"},
                 {"\u202f", "a space of another kind: type a plain one"},
                 {"\u200b", "it is not seen: delete it"},
                 {"\ufeff", "it is not seen: delete it"}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (strncmp(s, signs[i].sign, strlen(signs[i].sign)) == 0)
            return signs[i].hint;
    return "names are spelled in a to z, digits and _, such as beta";
}

static bool meaningless(const char *text, size_t offset, struct expr_error *err)
{
    unsigned char c = (unsigned char)text[offset];
    size_t n = 1;
    if (c >= 0x80) {
        while (((unsigned char)text[offset + n] & 0xC0) == 0x80)
            n++;
        return expr_fail(err, offset, n, meant_beyond_ascii(text + offset),
                         "only texts in quotes can have characters beyond ASCII");
    }
    if (!isprint(c))
        return expr_fail(err, offset, 1, NULL,
                         "a control character (0x%02X) has no meaning in an expression", c);
    while (strchr("&|.?", c) && text[offset + n] == (char)c)
        n++;
    bool index = c == '{' && offset > 0 && text[offset - 1] == '_';
    return expr_fail(err, offset, n,
                     index ? "names have no index; one read before its line holds its last value"
                           : meant((char)c, n),
                     "'%.*s' has no meaning in an expression", n > 3 ? 3 : (int)n, text + offset);
}

static bool lex_sign(const char *text, struct token *ret, struct expr_error *err)
{
    static const struct {
        char sign[3]; /* the longer ones first */
        enum token_kind kind;
    } signs[] = {{"**", TOKEN_POWER},     {"//", TOKEN_FLOOR_DIVIDE}, {"==", TOKEN_EQUAL},
                 {"!=", TOKEN_NOT_EQUAL}, {"<=", TOKEN_LESS_EQUAL},   {">=", TOKEN_GREATER_EQUAL},
                 {"<", TOKEN_LESS},       {">", TOKEN_GREATER},       {"+", TOKEN_PLUS},
                 {"-", TOKEN_MINUS},      {"*", TOKEN_TIMES},         {"/", TOKEN_DIVIDE},
                 {"%", TOKEN_MODULO},     {"(", TOKEN_OPEN},          {")", TOKEN_CLOSE},
                 {",", TOKEN_COMMA}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t n = strlen(signs[i].sign);
        if (strncmp(text + ret->offset, signs[i].sign, n) == 0) {
            ret->kind = signs[i].kind;
            ret->length = n;
            return true;
        }
    }
    return meaningless(text, ret->offset, err);
}

bool lex(const char *text, size_t offset, bool power_by_caret, struct token *ret,
         struct expr_error *err)
{
    offset += strspn(text + offset, " \t\r\n");
    *ret = (struct token){.kind = TOKEN_END, .offset = offset};
    char c = text[offset];
    if (c == '\0')
        return true;
    ret->length = number_length(text + offset);
    if (ret->length > 0) {
        ret->kind = TOKEN_NUMBER;
        return lex_number(text, ret, err);
    }
    if (c == '"' || c == '\'') {
        ret->kind = TOKEN_TEXT;
        return lex_text(text, ret, err);
    }
    if (is_word(c)) {
        lex_name(text, ret);
        return true;
    }
    if (c == '^' && power_by_caret) {
        ret->kind = TOKEN_POWER;
        ret->length = 1;
        return true;
    }
    return lex_sign(text, ret, err);
}
