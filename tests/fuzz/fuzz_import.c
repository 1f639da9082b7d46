/* Any bytes as a table, an .npz or an archive to import: an error with the file's name, or images
 * and labels that are classes. */
#include "fuzz.h"
#include "import/import.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_set(const struct import_set *s)
{
    if (s->classes < 2 || s->classes > IMPORT_CLASSES_MAX || image_numbers(s->image) == 0)
        abort();
    for (int k = 0; k < IMPORT_PARTS; k++) {
        unsigned sum = 0;
        if (s->part[k].n == 0)
            abort();
        for (size_t i = 0; i < s->part[k].n; i++)
            if (s->part[k].labels[i] >= s->classes || !s->name[s->part[k].labels[i]][0])
                abort();
        for (size_t i = 0; i < s->part[k].n * image_numbers(s->image); i++)
            sum += s->part[k].pixels[i];
        volatile unsigned sink = sum; /* the sanitizers saw every byte */
        (void)sink;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct import_options o[] = {
        {.test = (double)NAN},
        {.width = 3, .height = 5, .label = "2", .grey = true, .invert = true, .test = (double)NAN}};
    const char *path = fuzz_file(bytes, n);
    for (size_t i = 0; i < sizeof o / sizeof o[0]; i++) {
        struct import_set s;
        struct strbuf b;
        struct error err = {0};
        bool ok = import_read(path, &o[i], &s, &err);
        strbuf_init(&b);
        if (ok) {
            check_set(&s);
            import_tell(&s, "somewhere", &b);
        } else if (err.code == ERR_NONE || !strstr(err.message, path)) {
            abort();
        }
        strbuf_fini(&b);
        import_fini(&s);
    }
    return 0;
}
