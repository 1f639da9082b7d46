/* A file of CIFAR-10's binary version: records of a label and the pixels. */
#include "data/data.h"
#include "data/packed.h"
#include "inspect/internal.h"
#include "util/mem.h"
#include "util/sha256.h"

enum { MOST = 1 << 30 }; /* bytes */

static void add_facts(struct inspection *x, const uint8_t *images, const uint8_t *labels, size_t n)
{
    struct inspect_tally pixels = inspect_bytes(images, (uint64_t)n * CIFAR_PIXELS),
                         classes = inspect_bytes(labels, n);
    inspect_line(x, "dimensions", "%zu x 3 x 32 x 32 (images), %zu (labels)", n, n);
    inspect_range(x, &pixels);
    inspect_histogram(x, &classes);
}

bool inspect_cifar10(const char *path, struct inspection *x, struct error *err)
{
    uint8_t *bytes;
    size_t n;
    char digest[65];
    if (!packed_read_all(path, MOST, &bytes, &n, err))
        return false;
    size_t records = n / CIFAR_RECORD;
    uint8_t *images = mem_array(records + 1, CIFAR_PIXELS), *labels = mem_array(records + 1, 1);
    bool ok = cifar_parse(path, bytes, n, images, labels, err);
    if (ok) {
        sha256_of(bytes, n, digest);
        inspect_line(x, "CIFAR-10", "%s (binary version)", path);
        inspect_size(x, path, n);
        inspect_line(x, "sha256", "%s", digest);
        add_facts(x, images, labels, records);
    }
    mem_free(images);
    mem_free(labels);
    mem_free(bytes);
    return ok;
}
