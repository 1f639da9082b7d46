/* Any bytes at all: an error or a file whose every tensor can be read. */
#include "checkpoint/safetensors.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void touch(const struct st_file *f)
{
    unsigned sum = 0;
    for (size_t i = 0; i < f->n; i++) {
        const unsigned char *p = f->tensor[i].data;
        for (size_t k = 0; k < f->tensor[i].bytes; k++)
            sum += p[k];
        if (st_find(f, f->tensor[i].name) != &f->tensor[i])
            abort(); /* names are unique */
    }
    for (size_t i = 0; i < f->metas; i++)
        if (st_meta(f, f->meta[i].key) != f->meta[i].value)
            abort();
    volatile unsigned sink = sum; /* the sanitizers saw every byte */
    (void)sink;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct st_file f;
    struct error err = {0};
    if (st_parse("input", (const char *)bytes, n, &f, &err)) {
        touch(&f);
        st_fini(&f);
    } else if (err.code != ERR_DATA || strncmp(err.message, "input: ", 7) != 0) {
        abort();
    }
    return 0;
}
