/* Any bytes as an IDX file, from memory and from a file, which zlib may find to be compressed: an
 * error with the file's name, or as many bytes as the dimensions say; plain bytes read the same
 * both ways. */
#include "data/data.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

static void check_content(const struct idx *x)
{
    size_t item = 1;
    unsigned sum = 0;
    for (uint32_t i = 1; i < x->dims; i++)
        item *= x->dim[i];
    if (x->dims < 1 || x->dims > 4 || x->dim[0] == 0 || item == 0 || x->item != item)
        abort();
    for (size_t i = 0; i < x->dim[0] * x->item; i++)
        sum += x->bytes[i];
    volatile unsigned sink = sum; /* the sanitizers saw every byte */
    (void)sink;
}

static bool is_same(const struct idx *x, const struct idx *y)
{
    return x->dims == y->dims && memcmp(x->dim, y->dim, x->dims * sizeof x->dim[0]) == 0 &&
           memcmp(x->bytes, y->bytes, x->dim[0] * x->item) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct idx from_memory = {0}, from_file = {0}, header = {0};
    struct error err = {0};
    const char *path = fuzz_file(bytes, n);
    bool in_memory = idx_parse("input", bytes, n, &from_memory, &err);
    if (!in_memory)
        fuzz_check_error(&err, "input: ");
    bool on_disk = idx_read(path, &from_file, &err);
    if (!on_disk)
        fuzz_check_error(&err, path);
    if (on_disk &&
        (!idx_read_header(path, &header, &err) || header.dims != from_file.dims || header.bytes))
        abort();
    bool compressed = n >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
    if (!compressed && (in_memory != on_disk || (in_memory && !is_same(&from_memory, &from_file))))
        abort();
    if (in_memory)
        check_content(&from_memory);
    if (on_disk)
        check_content(&from_file);
    idx_fini(&from_memory);
    idx_fini(&from_file);
    return 0;
}
