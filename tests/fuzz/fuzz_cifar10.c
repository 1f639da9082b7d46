/* Any bytes as a file of CIFAR-10, from memory and from a file, which zlib may find to be
 * compressed: an error with the file's name, or whole records whose labels are classes. */
#include "data/internal.h"
#include "fuzz.h"
#include "util/mem.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct data_kind *k = data_kind_named("cifar10");
    struct data_file_facts facts;
    struct error err = {0};
    const char *path = fuzz_file(bytes, n);
    size_t records = n / CIFAR_RECORD;
    uint8_t *images = mem_array(records + 1, CIFAR_PIXELS), *labels = mem_array(records + 1, 1);
    bool in_memory = cifar_parse("input", bytes, n, images, labels, &err);
    if (!in_memory)
        fuzz_check_error(&err, "input: ");
    if (in_memory && (records == 0 || n % CIFAR_RECORD != 0))
        abort();
    for (size_t i = 0; in_memory && i < records; i++)
        if (labels[i] > 9 || labels[i] != bytes[i * CIFAR_RECORD] ||
            memcmp(images + i * CIFAR_PIXELS, bytes + i * CIFAR_RECORD + 1, CIFAR_PIXELS) != 0)
            abort();
    bool on_disk = k->inspect(path, &facts, &err);
    if (!on_disk)
        fuzz_check_error(&err, path);
    bool compressed = n >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
    if (!compressed && in_memory != on_disk)
        abort();
    mem_free(images);
    mem_free(labels);
    return 0;
}
