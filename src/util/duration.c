/* Lengths of time as people write them. */
#include "util/duration.h"
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>

bool duration_read(const char *text, double *ret_seconds, bool *ret_unit)
{
    static const struct {
        char unit;
        double seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    double sum = 0;
    bool lone = false;
    const char *start = text;
    for (char *end; *text; text = end) {
        if (!isdigit((unsigned char)*text))
            return false;
        double v = strtod(text, &end), scale = 0;
        lone = *end == '\0' && text == start;
        if (lone)
            scale = 1;
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
            if (*end == units[i].unit)
                scale = units[i].seconds;
        if (scale <= 0)
            return false;
        sum += v * scale;
        end += *end != '\0';
    }
    *ret_seconds = sum;
    if (ret_unit)
        *ret_unit = !lone;
    return sum > 0;
}
