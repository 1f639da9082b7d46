/* Ticks and the finer lines between them. */
#include "figure/draw/text.h"
#include "figure/layout/layout.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Within less than most of a decade 1, 2, 5 would be too few. */
static bool spans_decades(const struct layout_scale *s)
{
    return s->log && s->lo > 0 && log(s->hi) - log(s->lo) >= 0.7 * log(10);
}

/* "1.5×10⁻³" */
static void write_power(char *to, double mantissa, int decimals, int exponent, bool bare)
{
    static const char *const superscript[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char digits[16], text[LAYOUT_LABEL] = "";
    int n = 0;
    if (!bare)
        n = snprintf(text, sizeof text, "%s%.*f×", mantissa < 0 ? "−" : "", decimals,
                     fabs(mantissa));
    if (n < 0 || n > LAYOUT_LABEL - 24)
        n = 0;
    snprintf(digits, sizeof digits, "%d", abs(exponent));
    n += snprintf(text + n, sizeof text - (size_t)n, "%s", exponent < 0 ? "10⁻" : "10");
    for (const char *d = digits; *d && n < LAYOUT_LABEL; d++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s", superscript[*d - '0']);
    memcpy(to, text, sizeof text);
}

static void write_plain(char *to, double v, int decimals, bool percent)
{
    double size = fabs(percent ? 100 * v : v);
    snprintf(to, LAYOUT_LABEL, "%s%.*f%s", v < 0 ? "−" : "", decimals, size, percent ? "%" : "");
}

/* The decimals that the k-th power of ten needs. */
static int decimals_of(int k, bool percent)
{
    k += percent ? 2 : 0;
    return k < 0 ? -k : 0;
}

double layout_rounded(double v, int digits)
{
    char text[40];
    snprintf(text, sizeof text, "%.*e", digits - 1, v);
    return strtod(text, NULL);
}

void layout_number(double v, int digits, char ret[LAYOUT_LABEL])
{
    char text[40];
    if (v == 0 || !isfinite(v)) {
        snprintf(ret, LAYOUT_LABEL, "%g", v == 0 ? 0 : v);
        return;
    }
    assert(digits > 1 && digits <= LAYOUT_DIGITS);
    snprintf(text, sizeof text, "%.*e", digits - 1, fabs(v)); /* such as 1.70e+03 */
    char *power = strchr(text, 'e');
    int exponent = (int)strtol(power + 1, NULL, 10);
    int decimals = digits - 1;
    while (decimals > 0 && text[1 + decimals] == '0')
        decimals--;
    double rounded = copysign(strtod(text, NULL), v);
    if (exponent >= -4 && exponent < 6) {
        write_plain(ret, rounded, decimals > exponent ? decimals - exponent : 0, false);
        return;
    }
    *power = '\0';
    double mantissa = copysign(strtod(text, NULL), v);
    write_power(ret, mantissa, decimals, exponent, mantissa == 1);
}

static struct layout_tick *add_tick(struct layout_ticks *to, double v)
{
    struct layout_tick *t = &to->tick[to->n++];
    *t = (struct layout_tick){.value = v};
    return t;
}

/* The smallest 1, 2 or 5 times a power of ten that is not below v. */
static double nice_step(double v, int *ret_mantissa, int *ret_exponent)
{
    static const int mantissa[] = {1, 2, 5, 10};
    int k = (int)floor(log10(v)), m = 0;
    double p = pow(10, k);
    while (m < 3 && mantissa[m] * p < v * (1 - 1e-9))
        m++;
    *ret_mantissa = m == 3 ? 1 : mantissa[m];
    *ret_exponent = m == 3 ? k + 1 : k;
    return *ret_mantissa * pow(10, *ret_exponent);
}

static void linear_ticks(const struct layout_scale *s, size_t target, bool percent,
                         struct layout_ticks *ret)
{
    int mantissa, k;
    double step = nice_step((s->hi - s->lo) / (double)target, &mantissa, &k);
    double largest = fmax(fabs(s->lo), fabs(s->hi)), slack = 1e-9;
    bool power = !percent && (largest >= 1e6 || largest < 1e-3);
    int e = (int)floor(log10(largest));
    double first = ceil(s->lo / step - slack), last = floor(s->hi / step + slack);
    for (double i = first; i <= last && ret->n < LAYOUT_TICKS; i++) {
        /* Dividing by a power of ten rounds once: 0.3, not 0.30000000000000004. */
        double v = k < 0 && k > -300 ? i * mantissa / pow(10, -k) : i * step;
        struct layout_tick *t = add_tick(ret, fmax(s->lo, fmin(s->hi, v)));
        if (fabs(i) < 0.5)
            snprintf(t->label, sizeof t->label, "%s", percent ? "0%" : "0");
        else if (power)
            write_power(t->label, v / pow(10, e), e > k ? e - k : 0, e, false);
        else
            write_plain(t->label, v, decimals_of(k, percent), percent);
    }
}

static void label_log(struct layout_tick *t, int m, int k, bool plain, bool percent)
{
    if (plain)
        write_plain(t->label, t->value, decimals_of(k, percent), percent);
    else
        write_power(t->label, m, 0, k, m == 1);
}

/* fine: with 2 and 5 between the powers of ten, however many there are. */
static void log_ticks(const struct layout_scale *s, size_t target, bool percent, bool fine,
                      struct layout_ticks *ret)
{
    double from = log10(s->lo), to = log10(s->hi), decades = to - from;
    int first = (int)floor(from), last = (int)ceil(to);
    fine |= 3 * decades <= 1.2 * (double)target;
    bool plain = ceil(from) >= (percent ? -5 : -4) && last <= 5;
    int stride = (int)ceil(decades / (double)target);
    bool between = stride == 1 && 9 * (last - first + 1) <= LAYOUT_TICKS;
    for (int k = first; k <= last; k++)
        for (int m = 1; m <= (between ? 9 : 1); m++) {
            double v = k < 0 && k > -300 ? m / pow(10, -k) : m * pow(10, k);
            if (v < s->lo * (1 - 1e-9) || v > s->hi * (1 + 1e-9) || ret->n == LAYOUT_TICKS)
                continue;
            if (m == 1 && k % stride != 0)
                continue;
            struct layout_tick *t = add_tick(ret, v);
            if (m == 1 || (fine && (m == 2 || m == 5)))
                label_log(t, m, k, plain, percent);
        }
}

static size_t labelled(const struct layout_ticks *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->tick[i].label[0] != '\0';
    return n;
}

void layout_ticks(const struct layout_scale *s, size_t target, bool percent,
                  struct layout_ticks *ret)
{
    enum { ENOUGH = 2 }; /* labels that an axis can be read by */
    assert(s->lo < s->hi);
    if (target < ENOUGH)
        target = ENOUGH;
    if (target > LAYOUT_TICKS / 4)
        target = LAYOUT_TICKS / 4;
    ret->n = 0;
    if (spans_decades(s)) {
        log_ticks(s, target, percent, false, ret);
        if (labelled(ret) >= ENOUGH)
            return;
        ret->n = 0;
        log_ticks(s, target, percent, true, ret);
        return;
    }
    for (size_t more = target; more <= 3 * target && ret->n < ENOUGH; more++) {
        ret->n = 0;
        linear_ticks(s, more, percent, ret);
    }
}

static void write_name(char to[LAYOUT_LABEL], const char *name)
{
    bool whole = strlen(name) < LAYOUT_LABEL;
    size_t room = LAYOUT_LABEL - 1 - (whole ? 0 : strlen("…"));
    snprintf(to, LAYOUT_LABEL, "%.*s%s", (int)text_prefix(name, room), name, whole ? "" : "…");
}

void layout_own_ticks(const struct layout_scale *s, const double *v, const char *const *name,
                      size_t n, struct layout_ticks *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < n && ret->n < LAYOUT_TICKS; i++)
        if (v[i] >= s->lo && v[i] <= s->hi) {
            struct layout_tick *t = add_tick(ret, v[i]);
            if (name)
                write_name(t->label, name[i]);
            else
                snprintf(t->label, sizeof t->label, "%s%.6g", v[i] < 0 ? "−" : "", fabs(v[i]));
        }
}

void layout_whole_ticks(struct layout_ticks *t)
{
    size_t n = 0;
    bool fractions = false;
    for (size_t i = 0; i < t->n; i++)
        fractions |= fabs(t->tick[i].value - round(t->tick[i].value)) > 1e-9;
    for (size_t i = 0; i < t->n && fractions; i++) {
        double v = t->tick[i].value;
        if (fabs(v - round(v)) > 1e-9)
            continue;
        t->tick[n] = t->tick[i];
        if (t->tick[i].label[0] && fabs(v) < 1e6)
            write_plain(t->tick[n].label, round(v), 0, false);
        n++;
    }
    t->n = fractions ? n : t->n;
}

size_t layout_minor(const struct layout_scale *s, const struct layout_ticks *t, bool whole,
                    double *ret)
{
    size_t n = 0;
    if (spans_decades(s)) {
        for (size_t i = 0; i < t->n; i++)
            if (!t->tick[i].label[0])
                ret[n++] = t->tick[i].value;
        return n;
    }
    if (t->n < 2)
        return 0;
    double step = t->tick[1].value - t->tick[0].value, power = pow(10, floor(log10(step) + 1e-9));
    int parts = step / power > 4 ? 5 : 2;
    step /= parts;
    if (whole && fabs(step - round(step)) > 1e-9)
        return 0;
    /* one step before the first tick, one after the last */
    for (int i = -parts; i <= (int)t->n * parts; i++) {
        double v = t->tick[0].value + i * step;
        if (i % parts != 0 && v > s->lo && v < s->hi)
            ret[n++] = v;
    }
    return n;
}
