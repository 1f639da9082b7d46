/* Which colour, which symbol and which dash pattern a curve gets. */
#include "figure/layout/layout.h"

static bool style_taken(const struct axes *a, const int *style, size_t k, int wanted)
{
    for (size_t i = 0; i < a->curves; i++)
        if (a->curve[i].style == wanted || (i < k && style[i] == wanted))
            return true;
    return false;
}

void layout_styles(const struct axes *a, int *ret_style)
{
    for (size_t k = 0; k < a->curves; k++) {
        ret_style[k] = a->curve[k].style;
        if (ret_style[k] >= 0)
            continue;
        ret_style[k] = 0;
        while (style_taken(a, ret_style, k, ret_style[k]))
            ret_style[k]++;
    }
}

int layout_dash(int style, bool symbols)
{
    int round = style / LAYOUT_COLOURS;
    return (symbols ? 2 * round : style + 3 * round) % LAYOUT_DASHES;
}

int layout_symbol(int style)
{
    return (style + style / LAYOUT_COLOURS) % LAYOUT_SYMBOLS;
}
