/* An image in characters. */
#include "figure/figure.h"

struct shown {
    const unsigned char *planes;
    unsigned channels, height, width;
    unsigned step; /* this many pixels of a row, and of a column, become one */
};

/* Mean of one channel over what becomes one pixel; 0 beyond the last row. */
static unsigned mean_of(const struct shown *s, unsigned channel, unsigned y, unsigned x)
{
    const unsigned char *plane = s->planes + (size_t)channel * s->height * s->width;
    unsigned long sum = 0, n = 0;
    for (unsigned j = y * s->step; j < (y + 1) * s->step && j < s->height; j++)
        for (unsigned i = x * s->step; i < (x + 1) * s->step && i < s->width; i++, n++)
            sum += plane[(size_t)j * s->width + i];
    return n > 0 ? (unsigned)(sum / n) : 0;
}

static void add_colour(const struct shown *s, int ground, unsigned y, unsigned x,
                       struct strbuf *out)
{
    unsigned blue = s->channels == 3 ? 2 : 0;
    strbuf_addf(out, "\033[%d;2;%u;%u;%um", ground, mean_of(s, 0, y, x), mean_of(s, blue / 2, y, x),
                mean_of(s, blue, y, x));
}

/* Light is full: terminals are dark, and so are the grounds of most digits. */
static void add_shade(const struct shown *s, unsigned y, unsigned x, bool ascii, struct strbuf *out)
{
    static const char *const ramp[2][10] = {{" ", " ", "\342\226\221", "\342\226\221",
                                             "\342\226\222", "\342\226\222", "\342\226\223",
                                             "\342\226\223", "\342\226\210", "\342\226\210"},
                                            {" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"}};
    unsigned sum = 0, n = 0;
    for (unsigned j = y; j < y + 2 && j * s->step < s->height; j++)
        for (unsigned c = 0; c < s->channels; c++, n++)
            sum += mean_of(s, c, j, x);
    strbuf_add(out, ramp[ascii][sum * 10 / (256 * n)]);
}

void figure_terminal_image(const unsigned char *planes, unsigned channels, unsigned height,
                           unsigned width, const struct figure_terminal *t, struct strbuf *out)
{
    unsigned room = t->columns > 2 ? t->columns - 1 : 79;
    struct shown s = {planes, channels, height, width, (width + room - 1) / room};
    unsigned rows = (height + s.step - 1) / s.step, columns = (width + s.step - 1) / s.step;
    for (unsigned y = 0; y < rows; y += 2) {
        for (unsigned x = 0; x < columns; x++) {
            if (t->colour && !t->ascii) {
                add_colour(&s, 38, y, x, out);
                add_colour(&s, 48, y + 1, x, out);
                strbuf_add(out, "\342\226\200"); /* the upper half in the first colour */
            } else {
                add_shade(&s, y, x, t->ascii, out);
            }
        }
        strbuf_add(out, t->colour && !t->ascii ? "\033[0m\n" : "\n");
    }
}
