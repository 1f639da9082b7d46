#include "cli/commands/eval_image.h"
#include "figure/pixels.h"
#include "import/picture.h"
#include "util/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the picture ---- */

/* Mean of the outermost pixels. */
static unsigned edge_of(const uint8_t *bytes, struct image_shape s, size_t n)
{
    uint64_t sum = 0, count = 0;
    for (size_t i = 0; i < n; i++)
        picture_edge(bytes + i * image_numbers(s), s, &sum, &count);
    return (unsigned)(sum / (count ? count : 1));
}

/* A dark ground where the model knows light ones, or the reverse: most likely not what is meant. */
static void tell_ground(const uint8_t *image, bool inverted, const struct data *d)
{
    enum { LOOKED_AT = 1000, FAR = 100 };
    size_t n = d->train.n < LOOKED_AT ? d->train.n : LOOKED_AT;
    unsigned own = edge_of(image, d->image, 1), theirs = edge_of(d->train.pixels, d->image, n);
    if (inverted)
        cli_say("inverted: every pixel is 255 less what it was\n");
    if (own > theirs + FAR || theirs > own + FAR)
        cli_say(
            "its edges are %s (mean %u of 255), those of the training images %s (%u): %s--invert "
            "turns it\n",
            own > theirs ? "light" : "dark", own, own > theirs ? "dark" : "light", theirs,
            inverted ? "leaving out " : "");
}

static void tell_changes(const char *path, const struct pixels *p, struct image_shape to)
{
    char shape[64];
    bool stretched = p->width * to.height != p->height * to.width;
    picture_describe(to, shape);
    cli_say("%s: %u x %u%s, seen as %s\n", path, p->width, p->height, p->grey ? "" : " in colour",
            shape);
    if (p->transparent)
        cli_say("transparent in places: laid over white\n");
    if (p->deep)
        cli_say("16 bits a channel: rounded to 8\n");
    if (!p->grey && to.channels == 1)
        cli_say("made grey: 0.299 red + 0.587 green + 0.114 blue\n");
    if (p->width != to.width || p->height != to.height)
        cli_say("resized: a pixel is the mean of what it covers%s\n",
                stretched ? "; stretched, since its sides have another ratio" : "");
}

/* Planes of the model's shape. */
static uint8_t *convert(const struct pixels *p, bool invert, struct image_shape to)
{
    struct image_shape from = {to.channels, p->height, p->width};
    size_t n = image_pixels(from);
    uint8_t *grey = mem_new(n), *image = mem_new(image_numbers(to));
    picture_grey(p->rgb, n, grey);
    const uint8_t *planes = to.channels == 1 ? grey : p->rgb;
    if (from.width == to.width && from.height == to.height)
        memcpy(image, planes, image_numbers(to));
    else
        picture_resize(planes, from, to, image);
    if (invert)
        picture_invert(image, image_numbers(to));
    mem_free(grey);
    return image;
}

static void draw(const uint8_t *image, struct image_shape s)
{
    struct figure_terminal t = cli_terminal(false);
    const char *depth = getenv("COLORTERM"); /* of few colours, shades are the better picture */
    t.colour =
        t.colour && depth && (strcmp(depth, "truecolor") == 0 || strcmp(depth, "24bit") == 0);
    struct strbuf b;
    strbuf_init(&b);
    figure_terminal_image(image, (unsigned)s.channels, (unsigned)s.height, (unsigned)s.width, &t,
                          &b);
    fputs(b.text, stdout);
    strbuf_fini(&b);
}

bool eval_see(const char *path, bool invert, struct data *d, struct error *err)
{
    struct pixels p;
    if (d->image.channels != 1 && d->image.channels != 3)
        return error_set(err, ERR_USAGE,
                         "'--image' is for grey and for colour images; these have %zu channels",
                         d->image.channels);
    if (!pixels_read(path, &p, err)) {
        err->code = ERR_DATA;
        return false;
    }
    uint8_t *image = convert(&p, invert, d->image);
    draw(image, d->image);
    tell_changes(path, &p, d->image);
    tell_ground(image, invert, d);
    data_set_test(d, image);
    mem_free(image);
    pixels_fini(&p);
    return true;
}

/* ---- what the model says ---- */

struct chance {
    size_t class;
    float probability;
};

static int by_probability(const void *a, const void *b)
{
    const struct chance *x = a, *y = b;
    if (x->probability != y->probability)
        return x->probability > y->probability ? -1 : 1;
    return x->class < y->class ? -1 : x->class > y->class;
}

static void say_name(const char *name, int width)
{
    int columns = (int)text_columns(name);
    cli_say("  %s%*s", name, columns < width ? width - columns : 0, "");
}

void eval_tell(struct train *t, const struct data *d)
{
    enum { BAR = 40 };
    float *probability = mem_array(d->classes, sizeof *probability);
    struct chance *c = mem_array(d->classes, sizeof *c);
    train_classify(t, &d->test, probability);
    int width = 0;
    for (size_t k = 0; k < d->classes; k++) {
        int name = d->class_name ? (int)text_columns(d->class_name[k]) : 0;
        width = name > width && name <= 20 ? name : width;
        c[k] = (struct chance){k, probability[k]};
    }
    qsort(c, d->classes, sizeof *c, by_probability);
    printf("\n%5s %12s\n", "class", "probability");
    for (size_t k = 0; k < d->classes; k++) {
        int bar = (int)(BAR * (double)c[k].probability + 0.5);
        printf("%5zu %10.4f %%", c[k].class, 100 * (double)c[k].probability);
        if (d->class_name)
            say_name(d->class_name[c[k].class], width);
        printf("%s%.*s\n", bar > 0 ? "  " : "", bar, "########################################");
    }
    mem_free(c);
    mem_free(probability);
}
