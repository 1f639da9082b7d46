/* An IDX file: what it promises, and what the bytes look like. */
#include "data/data.h"
#include "inspect/internal.h"
#include <math.h>
#include <sys/stat.h>

struct inspect_tally inspect_bytes(const uint8_t *bytes, uint64_t n)
{
    struct inspect_tally t = {.n = n};
    for (uint64_t i = 0; i < n; i++)
        t.count[bytes[i]]++;
    return t;
}

void inspect_range(struct inspection *x, const struct inspect_tally *t)
{
    int least = -1, most = 0;
    double sum = 0, square = 0, n = (double)t->n;
    for (int v = 0; v < 256; v++) {
        if (t->count[v] == 0)
            continue;
        least = least < 0 ? v : least;
        most = v;
        sum += (double)v * (double)t->count[v];
        square += (double)v * (double)v * (double)t->count[v];
    }
    double mean = sum / n, variance = square / n - mean * mean;
    inspect_line(x, "values", "min %d, max %d, mean %.4f, deviation %.4f", least, most, mean,
                 sqrt(variance > 0 ? variance : 0));
}

void inspect_histogram(struct inspection *x, const struct inspect_tally *t)
{
    strbuf_addf(&x->text, "\n%6s %10s %8s\n", "label", "count", "share");
    for (int v = 0; v < 256; v++)
        if (t->count[v] > 0)
            strbuf_addf(&x->text, "%6d %10llu %6.2f %%\n", v, (unsigned long long)t->count[v],
                        100 * (double)t->count[v] / (double)t->n);
}

void inspect_size(struct inspection *x, const char *path, uint64_t n)
{
    struct stat st;
    unsigned long long whole = n;
    if (stat(path, &st) != 0)
        st.st_size = 0;
    if ((unsigned long long)st.st_size == whole)
        inspect_line(x, "size", "%llu bytes", whole);
    else
        inspect_line(x, "size", "%lld bytes, %llu decompressed", (long long)st.st_size, whole);
}

bool inspect_idx(const char *path, struct inspection *x, struct error *err)
{
    struct idx f;
    if (!idx_read(path, &f, err))
        return false;
    struct inspect_tally t = inspect_bytes(f.bytes, (uint64_t)f.dim[0] * f.item);
    struct strbuf dims;
    strbuf_init(&dims);
    for (uint32_t i = 0; i < f.dims; i++)
        strbuf_addf(&dims, "%s%u", i ? " x " : "", f.dim[i]);
    inspect_line(x, "IDX file", "%s", path);
    inspect_size(x, path, 4 + 4 * (uint64_t)f.dims + t.n);
    inspect_line(x, "type", "unsigned bytes (0x08)");
    inspect_line(x, "dimensions", "%s (%s)", dims.text, f.dims == 1 ? "labels" : "images");
    inspect_range(x, &t);
    if (f.dims > 1)
        inspect_line(x, "nonzero", "%.2f %% of %llu", 100 * (1 - (double)t.count[0] / (double)t.n),
                     (unsigned long long)t.n);
    idx_digest(&f);
    inspect_line(x, "sha256", "%s", f.sha256);
    const struct data_published *known = data_find_published(f.sha256);
    if (known)
        inspect_line(x, "published", "%s of %s", known->file, known->set);
    if (f.dims == 1)
        inspect_histogram(x, &t);
    strbuf_fini(&dims);
    idx_fini(&f);
    return true;
}
