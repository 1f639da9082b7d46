/* Writing safetensors. */
#include "checkpoint/format.h"
#include "util/file.h"
#include "util/json.h"
#include "util/sha256.h"
#include "util/strbuf.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b)
{
    const struct st_meta *x = a, *y = b;
    return strcmp(x->key, y->key);
}

/* Metadata as an object, sorted. */
static struct json *metadata_of(const struct st_meta *meta, size_t metas)
{
    struct st_meta *sorted = mem_array(metas, sizeof *sorted);
    memcpy(sorted, meta, metas * sizeof *sorted);
    qsort(sorted, metas, sizeof *sorted, by_key);
    struct json *object = js_new_object();
    for (size_t i = 0; i < metas; i++)
        js_set(object, sorted[i].key, js_new_string(sorted[i].value));
    mem_free(sorted);
    return object;
}

/* One tensor's member of the header; *end moves past its data. */
static struct json *entry_of(const struct st_tensor *t, uint64_t *end)
{
    const struct st_dtype *d = st_dtype_find(t->dtype);
    uint64_t bytes = 0;
    assert(d && t->dims <= ST_MAX_DIMS);
    bool fits = st_dtype_bytes(d, t->dim, t->dims, &bytes);
    assert(fits && bytes == t->bytes && bytes <= INT64_MAX - *end);
    (void)fits;
    struct json *entry = js_new_object(), *shape = js_new_array(), *offsets = js_new_array();
    for (size_t i = 0; i < t->dims; i++)
        js_append(shape, js_new_integer((int64_t)t->dim[i]));
    js_append(offsets, js_new_integer((int64_t)*end));
    *end += bytes;
    js_append(offsets, js_new_integer((int64_t)*end));
    js_set(entry, "dtype", js_new_string(d->name));
    js_set(entry, "shape", shape);
    js_set(entry, "data_offsets", offsets);
    return entry;
}

bool st_header_json(const struct st_tensor *tensors, size_t n, const struct st_meta *meta,
                    size_t metas, struct strbuf *out)
{
    struct json *header = js_new_object();
    size_t members = n;
    uint64_t end = 0;
    bool whole = true;
    if (metas > 0) {
        struct json *object = metadata_of(meta, metas);
        whole = js_size(object) == metas;
        js_set(header, ST_METADATA, object);
        members++;
    }
    for (size_t i = 0; i < n; i++)
        js_set(header, tensors[i].name, entry_of(&tensors[i], &end));
    whole = whole && js_size(header) == members;
    js_write(header, out, 0);
    js_free(header);
    return whole;
}

/* Length and padded header into out; both digests join the metadata where `data` is that of the
 * data. */
static bool framed_header(const struct st_content *x, const char *data, struct strbuf *out)
{
    size_t metas = x->metas;
    struct st_meta *all = mem_array(metas + 2, sizeof *all);
    char hex[65];
    bool whole = true;
    if (metas > 0)
        memcpy(all, x->meta, metas * sizeof *all);
    if (data) {
        all[metas++] = (struct st_meta){ST_DIGEST, data};
        whole = st_header_json(x->tensor, x->n, all, metas, out);
        sha256_of(out->text, out->length, hex);
        all[metas++] = (struct st_meta){ST_HEADER_DIGEST, hex};
        strbuf_clear(out);
    }
    strbuf_add_bytes(out, "\0\0\0\0\0\0\0", 8);
    whole = whole && st_header_json(x->tensor, x->n, all, metas, out);
    mem_free(all);
    while (out->length % 8 != 0)
        strbuf_add_char(out, ' ');
    uint64_t length = out->length - 8;
    for (unsigned i = 0; i < 8; i++)
        out->text[i] = (char)(unsigned char)(length >> 8 * i);
    return whole && length <= ST_MAX_HEADER;
}

static void digest_of(const struct st_content *x, char ret_hex[65])
{
    struct sha256 s;
    sha256_init(&s);
    for (size_t i = 0; i < x->n; i++)
        if (x->tensor[i].bytes > 0)
            sha256_add(&s, x->tensor[i].data, x->tensor[i].bytes);
    sha256_finish(&s, ret_hex);
}

bool st_write(const char *path, const struct st_content *x, struct error *err)
{
    char hex[65];
    struct strbuf header;
    struct file_writer w;
    if (x->digest)
        digest_of(x, hex);
    strbuf_init(&header);
    bool ok = framed_header(x, x->digest ? hex : NULL, &header);
    if (!ok) {
        error_set(err, ERR_SYSTEM,
                  "cannot write %s: a name appears twice, is not UTF-8, "
                  "or the header is longer than 100 MB",
                  path);
        goto out;
    }
    ok = file_begin(&w, path, err);
    if (!ok)
        goto out;
    ok = file_add(&w, header.text, header.length, err);
    for (size_t i = 0; ok && i < x->n; i++)
        ok = file_add(&w, x->tensor[i].data, x->tensor[i].bytes, err);
    if (ok)
        ok = file_commit(&w, err);
    else
        file_abort(&w);
out:
    strbuf_fini(&header);
    return ok;
}
