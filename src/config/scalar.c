/* Scalars by the YAML 1.2 core schema: what is plain text may be null, a bool, a whole number or a
 * number. */
#include "config/node.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_one_of(const struct node *n, const char *const *words)
{
    if (!n || n->kind != NODE_SCALAR || n->quoted)
        return false;
    for (; *words; words++)
        if (strcmp(n->text, *words) == 0)
            return true;
    return false;
}

bool node_is_null(const struct node *n)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return is_one_of(n, words);
}

bool node_as_bool(const struct node *n, bool *ret)
{
    static const char *const yes[] = {"true", "True", "TRUE", NULL}, *const no[] = {"false",
                                                                                    "False",
                                                                                    "FALSE", NULL};
    if (is_one_of(n, yes))
        *ret = true;
    else if (is_one_of(n, no))
        *ret = false;
    else
        return false;
    return true;
}

bool node_as_int(const struct node *n, int64_t *ret)
{
    if (n->kind != NODE_SCALAR || n->quoted)
        return false;
    const char *s = n->text, *digits = s + (*s == '-' || *s == '+');
    int base = 10;
    if (digits == s && s[0] == '0' && (s[1] == 'x' || s[1] == 'o')) {
        base = s[1] == 'x' ? 16 : 8;
        digits = s + 2;
    }
    if (!isxdigit((unsigned char)*digits) || (base == 16 && (digits[1] == 'x' || digits[1] == 'X')))
        return false; /* strtoll would take a second 0x */
    char *end;
    errno = 0;
    long long v = strtoll(base == 10 ? s : digits, &end, base);
    if (*end != '\0' || errno == ERANGE)
        return false;
    *ret = v;
    return true;
}

/* [-+]? ( [0-9]+ (.[0-9]*)? | .[0-9]+ ) ([eE][-+]?[0-9]+)? */
static bool is_decimal(const char *s)
{
    static const char digits[] = "0123456789";
    s += *s == '-' || *s == '+';
    size_t whole = strspn(s, digits), fraction = 0;
    s += whole;
    if (*s == '.') {
        fraction = strspn(++s, digits);
        s += fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s += 1 + (s[1] == '-' || s[1] == '+');
        size_t exponent = strspn(s, digits);
        if (exponent == 0)
            return false;
        s += exponent;
    }
    return *s == '\0';
}

bool node_as_real(const struct node *n, double *ret)
{
    static const char *const nan_words[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const inf_words[] = {".inf",  ".Inf",  ".INF", "+.inf",
                                            "+.Inf", "+.INF", NULL};
    static const char *const minus_words[] = {"-.inf", "-.Inf", "-.INF", NULL};
    int64_t whole;
    if (n->kind != NODE_SCALAR || n->quoted)
        return false;
    if (is_one_of(n, nan_words))
        *ret = (double)NAN;
    else if (is_one_of(n, inf_words))
        *ret = (double)INFINITY;
    else if (is_one_of(n, minus_words))
        *ret = (double)-INFINITY;
    else if (is_decimal(n->text))
        *ret = strtod(n->text, NULL);
    else if (node_as_int(n, &whole))
        *ret = (double)whole;
    else
        return false;
    return true;
}
