/* What was found, and what became of it. */
#include "config/param.h"
#include "import/import.h"
#include "import/picture.h"

enum { LIGHT = 128, DARK_SET = 64, CLASSES_SHOWN = 30 };

static void tell_classes(const struct import_set *s, struct strbuf *out)
{
    size_t train[IMPORT_CLASSES_MAX], test[IMPORT_CLASSES_MAX], bare = 0;
    import_count(&s->part[IMPORT_TRAIN], train);
    import_count(&s->part[IMPORT_TEST], test);
    strbuf_addf(out, "%5s %8s %8s  name\n", "class", "train", "test");
    for (size_t k = 0; k < s->classes; k++) {
        bare += train[k] == 0;
        if (k < CLASSES_SHOWN)
            strbuf_addf(out, "%5zu %8zu %8zu  %s\n", k, train[k], test[k], s->name[k]);
    }
    if (s->classes > CLASSES_SHOWN)
        strbuf_addf(out, "... and %zu more, in classes.txt\n", s->classes - CLASSES_SHOWN);
    if (bare > 0)
        strbuf_addf(out, "%zu class%s no training image: labels are the numbers that they were\n",
                    bare, bare == 1 ? " has" : "es have");
}

static void tell_sizes(const struct import_set *s, struct strbuf *out)
{
    const struct import_sizes *z = &s->sizes;
    size_t all = s->part[IMPORT_TRAIN].n + s->part[IMPORT_TEST].n;
    if (z->resized == 0)
        return;
    bool stretched = z->least.width * s->image.height != z->least.height * s->image.width ||
                     z->most.width * s->image.height != z->most.height * s->image.width;
    strbuf_addf(out, "sizes: %zu x %zu", z->least.width, z->least.height);
    if (z->least.width != z->most.width || z->least.height != z->most.height)
        strbuf_addf(out, " to %zu x %zu", z->most.width, z->most.height);
    strbuf_addf(out, "; %zu of %zu resized to %zu x %zu%s\n", z->resized, all, s->image.width,
                s->image.height,
                stretched ? ", stretched where their sides' ratio is another" : "");
}

/* Sets such as MNIST are light on black. */
static void tell_edges(const struct import_set *s, struct strbuf *out)
{
    uint64_t sum = 0, count = 0;
    const struct import_part *p = &s->part[IMPORT_TRAIN];
    for (size_t i = 0; i < p->n; i++)
        picture_edge(p->pixels + i * image_numbers(s->image), s->image, &sum, &count);
    unsigned mean = (unsigned)(sum / (count ? count : 1));
    if (s->options.invert)
        strbuf_add(out, "inverted: every pixel is 255 less what it was\n");
    if (mean >= LIGHT && s->image.channels == 1)
        strbuf_addf(out,
                    "dark on light: the outermost pixels are %u of 255 in the mean; MNIST is light "
                    "on black, as --invert%s makes it\n",
                    mean, s->options.invert ? " left out" : "");
}

static void tell_colour(const struct import_set *s, struct strbuf *out)
{
    if (s->options.grey && s->was_colour)
        strbuf_add(out, "grey: 0.299 red + 0.587 green + 0.114 blue\n");
    else if (s->grey_files && s->image.channels == 1)
        strbuf_add(out, "grey: every picture's red, green and blue are equal\n");
    else if (s->image.channels == 3)
        strbuf_add(out, "colour: three channels (--grey makes one)\n");
    if (s->transparent > 0)
        strbuf_addf(out, "%zu picture%s transparent in places: laid over white\n", s->transparent,
                    s->transparent == 1 ? " was" : "s were");
    if (s->deep > 0)
        strbuf_addf(out, "%zu picture%s 16 bits a channel: rounded to 8\n", s->deep,
                    s->deep == 1 ? " had" : "s had");
}

/* Validation images are the last ones, where a spec does not say otherwise. */
static bool tail_lacks_a_class(const struct import_set *s)
{
    const struct import_part *p = &s->part[IMPORT_TRAIN];
    size_t all[IMPORT_CLASSES_MAX], tail[IMPORT_CLASSES_MAX], n = p->n / 10;
    const struct import_part last = {.n = n, .labels = p->labels + p->n - n};
    import_count(p, all);
    import_count(&last, tail);
    for (size_t k = 0; k < s->classes; k++)
        if (all[k] >= 10 && tail[k] == 0)
            return true;
    return false;
}

void import_tell(const struct import_set *s, const char *folder, struct strbuf *out)
{
    size_t train = s->part[IMPORT_TRAIN].n, test = s->part[IMPORT_TEST].n;
    char shape[64];
    picture_describe(s->image, shape);
    strbuf_addf(out, "%s: %zu images of %zu classes, %s: %zu to train, %zu to test\n", folder,
                train + test, s->classes, shape, train, test);
    if (s->label)
        strbuf_addf(out, "labels: %s\n", s->label);
    tell_classes(s, out);
    tell_sizes(s, out);
    tell_colour(s, out);
    tell_edges(s, out);
    if (s->brightest < DARK_SET)
        strbuf_addf(out, "no pixel is above %u of 255: dataset.scale=standard suits that\n",
                    s->brightest);
    if (s->others > 0)
        strbuf_addf(out, "%zu file%s no picture: left out\n", s->others,
                    s->others == 1 ? " is" : "s are");
    bool lacks = tail_lacks_a_class(s);
    if (lacks)
        strbuf_add(out,
                   "the last tenth of the training images lacks a class: hold out a stratified "
                   "one\n");
    strbuf_add(out, "in a spec:\ndataset: {name: idx, dir: ");
    write_text(out, folder);
    strbuf_addf(out, "%s}\n", lacks ? ", validation_split: stratified" : "");
}
