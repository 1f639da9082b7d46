#include "figure/draw/theme.h"
#include <math.h>

/* The hues of Okabe and Ito's palette without its yellow, darker: each at least 3:1 against white,
 * and no two nearer than 18 in CIE Lab to any kind of colour blindness (tests/figure/palette.py).
 * On black the same hues, lighter, in the same order, so that a curve keeps its colour's name. */
static const struct theme themes[] = {
    [FIGURE_LIGHT] = {{0x222222, 0x555555, 0xE2E2E2, 0xF1F1F1, 0x777777, 0xFFFFFF},
                      {0x1F4E9C, 0xB83C00, 0x008060, 0xB85C98, 0xB98E00, 0x3B9BDB, 0x000000},
                      {0xFD, 0xFD, 0xFB},
                      {0x9A, 0xAB, 0xBC},
                      0x6F8194},
    [FIGURE_DARK] = {{0xE8E8E8, 0xA8ADB3, 0x343A41, 0x23282D, 0x8D949C, 0x15181C},
                     {0x4AA8E8, 0xF07F3C, 0x2BC99B, 0xE5A3CB, 0xF2BC45, 0x9ADCFA, 0xF4F4F4},
                     {0x1C, 0x20, 0x26},
                     {0x55, 0x65, 0x76},
                     0x8496A8},
};

const struct theme *theme_get(enum figure_theme theme)
{
    return &themes[theme];
}

unsigned figure_colour(enum figure_theme theme, int style)
{
    return themes[theme].style[style % FIGURE_COLOURS];
}

static double luminance(unsigned rgb)
{
    static const double weight[] = {0.0722, 0.7152, 0.2126};
    double sum = 0;
    for (int i = 0; i < 3; i++, rgb >>= 8) {
        double v = (rgb & 255) / 255.0;
        sum += weight[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

double theme_contrast(unsigned a, unsigned b)
{
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

unsigned theme_band(const struct theme *t, size_t i, size_t n)
{
    double share = n > 1 ? (double)i / (double)(n - 1) : 0;
    unsigned rgb = 0;
    for (int k = 0; k < 3; k++)
        rgb = rgb << 8 | (unsigned)lround(t->low[k] + share * (t->high[k] - t->low[k]));
    return rgb;
}
