#include "check_main.h"
#include "checkpoint/safetensors.h"
#include "util/file.h"
#include "util/sha256.h"
#include "util/strbuf.h"
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static char folder[64], path[96];

static void enter(void)
{
    snprintf(folder, sizeof folder, "/tmp/descent-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.safetensors", folder);
}

static void leave(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* ---- a small file with all that a file can hold ---- */

static const float weight[6] = {0.5f, -1.25f, 3e30f, -0.0f, 1e-40f, 7.0f};
static const int64_t label[2] = {INT64_MIN, 42};
static const unsigned char mask[3] = {1, 0, 1};
static const double scalar[1] = {0.1};
static const struct st_tensor tensors[] = {
    {.name = "model.1.weight",
     .dtype = "F32",
     .dims = 2,
     .dim = {2, 3},
     .data = weight,
     .bytes = 24},
    {.name = "l\303\244bel \"x\"",
     .dtype = "I64",
     .dims = 1,
     .dim = {2},
     .data = label,
     .bytes = 16},
    {.name = "mask", .dtype = "BOOL", .dims = 3, .dim = {1, 3, 1}, .data = mask, .bytes = 3},
    {.name = "empty", .dtype = "F32", .dims = 2, .dim = {0, 9}},
    {.name = "scalar", .dtype = "F64", .data = scalar, .bytes = 8},
};
#define TENSORS (sizeof tensors / sizeof tensors[0])
static const struct st_meta metas[] = {
    {"z", "last"}, {"descent.step", "12"}, {"a", "line\nline \342\202\254"}};
#define METAS (sizeof metas / sizeof metas[0])

static void write_small(bool digest)
{
    struct error err;
    bool ok = st_write(path, &(struct st_content){tensors, TENSORS, metas, METAS, digest}, &err);
    ck_assert_msg(ok, "%s", err.message);
}

static char *slurp(size_t *n)
{
    struct error err;
    char *text;
    ck_assert(file_read(path, 1 << 20, &text, n, &err));
    return text;
}

static size_t header_length(const char *bytes)
{
    size_t n = 0;
    for (int i = 7; i >= 0; i--)
        n = n << 8 | (unsigned char)bytes[i];
    return n;
}

START_TEST(round_trip)
{
    write_small(true);
    struct st_file f;
    struct error err;
    ck_assert(st_read(path, &f, &err));
    ck_assert_uint_eq(f.n, TENSORS);
    for (size_t i = 0; i < TENSORS; i++) {
        ck_assert_str_eq(f.tensor[i].name, tensors[i].name);
        ck_assert_str_eq(f.tensor[i].dtype, tensors[i].dtype);
        ck_assert_uint_eq(f.tensor[i].dims, tensors[i].dims);
        for (size_t d = 0; d < tensors[i].dims; d++)
            ck_assert_uint_eq(f.tensor[i].dim[d], tensors[i].dim[d]);
        ck_assert_uint_eq(f.tensor[i].bytes, tensors[i].bytes);
        if (tensors[i].bytes > 0)
            ck_assert_mem_eq(f.tensor[i].data, tensors[i].data, tensors[i].bytes);
    }
    ck_assert_uint_eq(f.metas, METAS + 2); /* two digests */
    for (size_t i = 0; i < METAS; i++)
        ck_assert_str_eq(st_meta(&f, metas[i].key), metas[i].value);
    ck_assert_str_eq(st_meta(&f, "descent.digest"), f.digest);
    st_fini(&f);
}
END_TEST

START_TEST(finds_by_name)
{
    write_small(false);
    struct st_file f;
    struct error err;
    ck_assert(st_read(path, &f, &err));
    ck_assert_ptr_eq(st_find(&f, "mask"), &f.tensor[2]);
    ck_assert_ptr_null(st_find(&f, "mas"));
    ck_assert_ptr_null(st_meta(&f, "descent.digest"));
    st_fini(&f);
}
END_TEST

START_TEST(digest_is_of_the_data_section)
{
    write_small(true);
    size_t n;
    char *bytes = slurp(&n), hex[65];
    size_t data = 8 + header_length(bytes);
    sha256_of(bytes + data, n - data, hex);
    struct st_file f;
    struct error err;
    ck_assert(st_read(path, &f, &err));
    ck_assert_str_eq(f.digest, hex);
    st_fini(&f);
    mem_free(bytes);
}
END_TEST

START_TEST(writes_the_same_bytes_for_metadata_in_any_order)
{
    size_t n, m;
    struct error err;
    struct st_meta turned[METAS];
    write_small(true);
    char *a = slurp(&n);
    for (size_t i = 0; i < METAS; i++)
        turned[i] = metas[METAS - 1 - i];
    ck_assert(st_write(path, &(struct st_content){tensors, TENSORS, turned, METAS, true}, &err));
    char *b = slurp(&m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(a, b, n);
    mem_free(a);
    mem_free(b);
}
END_TEST

/* Byte for byte what the format says. */
START_TEST(writes_exact_bytes)
{
    static const char expected[] =
        "\120\0\0\0\0\0\0\0"
        "{\"__metadata__\":{\"k\":\"v\"},\"m\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}";
    static const struct st_tensor t = {
        .name = "m", .dtype = "U8", .dims = 1, .dim = {3}, .data = mask, .bytes = 3};
    struct error err;
    size_t n;
    ck_assert(
        st_write(path, &(struct st_content){&t, 1, &(struct st_meta){"k", "v"}, 1, false}, &err));
    char *bytes = slurp(&n);
    size_t text = sizeof expected - 1, padded = 8 + (text - 8 + 7) / 8 * 8;
    ck_assert_uint_eq(n, padded + 3);
    ck_assert_mem_eq(bytes, expected, text);
    for (size_t i = text; i < padded; i++)
        ck_assert_int_eq(bytes[i], ' ');
    ck_assert_mem_eq(bytes + padded, mask, 3);
    mem_free(bytes);
}
END_TEST

START_TEST(pads_the_header_to_eight)
{
    struct error err;
    for (size_t length = 0; length < 9; length++) {
        char name[10] = "";
        memset(name, 'x', length);
        struct st_tensor t = {
            .name = name, .dtype = "U8", .dims = 1, .dim = {3}, .data = mask, .bytes = 3};
        ck_assert(st_write(path, &(struct st_content){&t, 1, NULL, 0, false}, &err));
        size_t n;
        char *bytes = slurp(&n);
        ck_assert_uint_eq(header_length(bytes) % 8, 0);
        ck_assert_uint_eq(n, 8 + header_length(bytes) + 3);
        mem_free(bytes);
    }
}
END_TEST

START_TEST(a_file_of_nothing)
{
    struct st_file f;
    struct error err;
    ck_assert(st_write(path, &(struct st_content){NULL, 0, NULL, 0, false}, &err));
    ck_assert(st_read(path, &f, &err));
    ck_assert_uint_eq(f.n, 0);
    ck_assert_uint_eq(f.metas, 0);
    ck_assert_str_eq(f.digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    st_fini(&f);
}
END_TEST

/* ---- writing that fails ---- */

static void refuses_to_write(const struct st_tensor *t, size_t n, const struct st_meta *m,
                             size_t count)
{
    struct error err = {0};
    size_t before, after;
    write_small(true);
    char *a = slurp(&before);
    ck_assert(!st_write(path, &(struct st_content){t, n, m, count, true}, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    char *b = slurp(&after);
    ck_assert_uint_eq(before, after);
    ck_assert_mem_eq(a, b, before);
    mem_free(a);
    mem_free(b);
}

START_TEST(write_refuses_a_name_twice)
{
    struct st_tensor twice[2] = {tensors[2], tensors[2]};
    refuses_to_write(twice, 2, NULL, 0);
}
END_TEST

START_TEST(write_refuses_metadata_as_a_name)
{
    struct st_tensor t = tensors[2];
    t.name = "__metadata__";
    refuses_to_write(&t, 1, metas, METAS);
}
END_TEST

START_TEST(write_refuses_a_name_that_is_not_utf8)
{
    struct st_tensor t = tensors[2];
    t.name = "\377";
    refuses_to_write(&t, 1, NULL, 0);
}
END_TEST

START_TEST(write_refuses_a_key_twice)
{
    struct st_meta twice[2] = {{"k", "a"}, {"k", "b"}};
    refuses_to_write(tensors, 1, twice, 2);
}
END_TEST

START_TEST(write_names_a_folder_that_is_missing)
{
    struct error err = {0};
    ck_assert(!st_write("/nonexistent-folder/a",
                        &(struct st_content){tensors, TENSORS, NULL, 0, true}, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "/nonexistent-folder/a"));
}
END_TEST

/* No file may grow, as on a full disk. */
START_TEST(write_on_a_full_disk_keeps_the_old_file)
{
    struct error err = {0};
    struct rlimit old, none;
    size_t n, m;
    write_small(true);
    char *a = slurp(&n);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    bool ok = st_write(path, &(struct st_content){tensors, 1, NULL, 0, true}, &err);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    ck_assert(!ok);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    char *b = slurp(&m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(a, b, n);
    mem_free(a);
    mem_free(b);
}
END_TEST

/* ---- damage ---- */

static bool parses(const char *bytes, size_t n, struct error *err)
{
    struct st_file f;
    *err = (struct error){0};
    if (!st_parse("F", bytes, n, &f, err))
        return false;
    st_fini(&f);
    return true;
}

START_TEST(every_flip_in_the_data_is_found)
{
    write_small(true);
    size_t n;
    struct error err;
    char *bytes = slurp(&n);
    for (size_t i = 8 + header_length(bytes); i < n; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
            ck_assert(!parses(bytes, n, &err));
            ck_assert_int_eq(err.code, ERR_DATA);
            ck_assert_str_eq(err.message, "F: the data are damaged: their SHA-256 is not the one "
                                          "in descent.digest");
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
        }
    ck_assert(parses(bytes, n, &err));
    mem_free(bytes);
}
END_TEST

/* A header's bit may flip unseen only where nothing depends on it: in the name of its own digest,
 * and in spaces. */
static void check_same_content(const struct st_file *f)
{
    ck_assert_uint_eq(f->n, TENSORS);
    for (size_t i = 0; i < TENSORS; i++) {
        const struct st_tensor *t = &f->tensor[i];
        ck_assert_str_eq(t->name, tensors[i].name);
        ck_assert_str_eq(t->dtype, tensors[i].dtype);
        ck_assert_uint_eq(t->dims, tensors[i].dims);
        for (size_t d = 0; d < t->dims; d++)
            ck_assert_uint_eq(t->dim[d], tensors[i].dim[d]);
        ck_assert_uint_eq(t->bytes, tensors[i].bytes);
        if (t->bytes > 0)
            ck_assert_mem_eq(t->data, tensors[i].data, t->bytes);
    }
    for (size_t i = 0; i < METAS; i++)
        ck_assert_pstr_eq(st_meta(f, metas[i].key), metas[i].value);
    ck_assert_pstr_eq(st_meta(f, "descent.digest"), f->digest);
}

START_TEST(every_flip_in_the_header_is_found)
{
    write_small(true);
    size_t n, unseen = 0;
    char *bytes = slurp(&n);
    size_t key = 8;
    while (memcmp(bytes + key, "descent.header", strlen("descent.header")) != 0)
        key++;
    for (size_t i = 0; i < 8 + header_length(bytes); i++)
        for (int bit = 0; bit < 8; bit++) {
            struct st_file f;
            struct error err;
            char old = bytes[i];
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
            if (st_parse("F", bytes, n, &f, &err)) {
                bool own_name = i >= key && i < key + strlen("descent.header");
                ck_assert_msg(own_name || old == ' ', "byte %zu, bit %d", i, bit);
                check_same_content(&f);
                st_fini(&f);
                unseen++;
            } else {
                ck_assert_int_eq(err.code, ERR_DATA);
            }
            bytes[i] = old;
        }
    ck_assert_uint_lt(unseen, 8 * (strlen("descent.header") + 8));
    mem_free(bytes);
}
END_TEST

START_TEST(header_digest_is_of_the_header_without_it)
{
    write_small(true);
    size_t n;
    char *bytes = slurp(&n), hex[65], stated[65];
    static const char name[] = ",\"descent.header\":\"";
    size_t width = sizeof name - 1 + 64 + 1, length = header_length(bytes);
    char *member = bytes + 8;
    while (memcmp(member, name, sizeof name - 1) != 0)
        member++;
    memcpy(stated, member + width - 65, 64);
    stated[64] = '\0';
    while (bytes[8 + length - 1] == ' ')
        length--;
    memmove(member, member + width, (size_t)(bytes + 8 + length - (member + width)));
    sha256_of(bytes + 8, length - width, hex);
    ck_assert_str_eq(hex, stated);
    mem_free(bytes);
}
END_TEST

/* As files were written before the header had a digest. */
START_TEST(a_file_without_header_digest)
{
    write_small(true);
    struct st_file f, g;
    struct error err;
    ck_assert(st_read(path, &f, &err));
    struct st_meta old[] = {{"descent.step", "12"}, {"descent.digest", f.digest}};
    ck_assert(st_write(path, &(struct st_content){tensors, TENSORS, old, 2, false}, &err));
    bool ok = st_read(path, &g, &err);
    ck_assert_msg(ok, "%s", err.message);
    ck_assert_ptr_null(st_meta(&g, "descent.header"));
    ck_assert_str_eq(st_meta(&g, "descent.step"), "12");
    st_fini(&g);
    st_fini(&f);
}
END_TEST

START_TEST(every_truncation_is_found)
{
    for (int digest = 0; digest < 2; digest++) {
        write_small(digest);
        size_t n;
        struct error err;
        char *bytes = slurp(&n);
        for (size_t length = 0; length < n; length++) {
            ck_assert(!parses(bytes, length, &err));
            ck_assert_int_eq(err.code, ERR_DATA);
        }
        mem_free(bytes);
    }
}
END_TEST

START_TEST(a_truncated_file_names_its_path)
{
    struct st_file f;
    struct error err;
    size_t n;
    write_small(true);
    char *bytes = slurp(&n);
    ck_assert_int_eq(truncate(path, (off_t)n - 1), 0);
    ck_assert(!st_read(path, &f, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    mem_free(bytes);
}
END_TEST

START_TEST(a_file_that_is_missing)
{
    struct st_file f;
    struct error err;
    ck_assert(!st_read(path, &f, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, path));
}
END_TEST

static uint64_t next(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    return *s ^= *s << 17;
}

START_TEST(changed_headers_never_crash)
{
    static const char words[] = "{}[]\",:0129-eE. \\ux\0\377\200ndtypeshapF32";
    uint64_t seed = 0x9e3779b97f4a7c15u;
    write_small(false);
    size_t n;
    char *bytes = slurp(&n);
    char *changed = mem_new(n);
    size_t header = 8 + header_length(bytes);
    for (int round = 0; round < 30000; round++) {
        memcpy(changed, bytes, n);
        for (uint64_t k = 1 + next(&seed) % 4; k > 0; k--)
            changed[next(&seed) % header] = words[next(&seed) % (sizeof words - 1)];
        ck_assert_int_eq(LLVMFuzzerTestOneInput((const uint8_t *)changed, n), 0);
    }
    mem_free(changed);
    mem_free(bytes);
}
END_TEST

START_TEST(every_header_byte_flipped_never_crashes)
{
    write_small(true);
    size_t n;
    char *bytes = slurp(&n);
    for (size_t i = 0; i < 8 + header_length(bytes) && i < n; i++)
        for (int bit = 0; bit < 8; bit++) {
            char old = bytes[i];
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
            ck_assert_int_eq(LLVMFuzzerTestOneInput((const uint8_t *)bytes, n), 0);
            bytes[i] = old;
        }
    mem_free(bytes);
}
END_TEST

START_TEST(random_bytes_never_crash)
{
    uint64_t seed = 88172645463325252u;
    uint8_t bytes[64];
    for (int round = 0; round < 20000; round++) {
        size_t n = (size_t)(next(&seed) % (sizeof bytes + 1));
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)next(&seed);
        if (n >= 8 && round % 2)
            memset(bytes + 1, 0, 7);
        ck_assert_int_eq(LLVMFuzzerTestOneInput(bytes, n), 0);
    }
}
END_TEST

/* ---- the rules, one by one ---- */

/* A file of this header and so many zero bytes of data. */
static bool reads(const char *header, size_t data, struct error *err)
{
    struct strbuf b;
    strbuf_init(&b);
    size_t length = strlen(header);
    for (unsigned i = 0; i < 8; i++)
        strbuf_add_char(&b, (char)(unsigned char)((uint64_t)length >> 8 * i));
    strbuf_add(&b, header);
    for (size_t i = 0; i < data; i++)
        strbuf_add_char(&b, '\0');
    bool ok = parses(b.text, b.length, err);
    strbuf_fini(&b);
    return ok;
}

#define T(dtype, shape, b, e)                                                                      \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" #b "," #e "]}"

static const struct good {
    const char *header;
    size_t data;
} good[] = {
    {"{}", 0},
    {"  {}  \n", 0},
    {"{\"__metadata__\":{}}", 0},
    {"{\"a\":" T("F32", "[]", 0, 4) "}", 4},
    {"{\"a\":" T("F32", "[0]", 0, 0) "}", 0},
    {"{\"a\":" T("F32", "[1]", 4, 8) ",\"b\":" T("F32", "[1]", 0, 4) "}", 8},
    {"{\"a\":" T("U8", "[1]", 0, 1) ",\"b\":" T("U8", "[0]", 1, 1) ",\"c\":" T("U8", "[2]", 1,
                                                                               3) "}",
     3},
    {"{\"a\":" T("U8", "[1,1,1,1,1,1,1,2]", 0, 2) "}", 2},
    {"{\"a\":" T("F4", "[4]", 0, 2) "}", 2},
    {"{\"a\":" T("BF16", "[3]", 0, 6) "}", 6},
    {"{\"\":" T("U8", "[1]", 0, 1) "}", 1},
    {"\t\r\n {}\t\r\n ", 0},
    {"{\"a\":" T("F32", "[3,0,2]", 0, 0) "}", 0},
    {"{\"a\":" T("U8", "[2]", 0, 2) ",\"__metadata__\":{\"k\":\"\"}}", 2},
};

START_TEST(accepts)
{
    struct error err;
    bool ok = reads(good[_i].header, good[_i].data, &err);
    ck_assert_msg(ok, "%s: %s", good[_i].header, err.message);
}
END_TEST

static const struct bad {
    const char *header;
    size_t data;
    const char *part; /* of the message */
} bad[] = {
    {"", 0, "not valid JSON"},
    {"{", 0, "not valid JSON"},
    {"{} x", 0, "not valid JSON"},
    {"{\"a\377\":1}", 0, "not valid JSON"},
    {"{\"a\\u0000\":1}", 0, "not valid JSON"},
    {"{\"a\":NaN}", 0, "not valid JSON"},
    {"{\"a\":1e400}", 0, "not valid JSON"},
    {"\357\273\277{}", 0, "not valid JSON"},
    {"{\"\300\200\":1}", 0, "not valid JSON"},
    {"{\"\\ud800\":1}", 0, "not valid JSON"},
    {"{}{}", 0, "not valid JSON"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "duplicate"},
    {"{\"__metadata__\":{\"k\":{\"a\":\"b\"}}}", 0, "the metadata 'k' is not a string"},
    {"{\"a\":" T("F32", "[2,0]", 0, 4) "}", 4, "has 4 bytes of data, its shape takes 0"},
    {"{\"a\":" T("F32", "[]", 0, 0) "}", 0, "has 0 bytes of data, its shape takes 4"},
    {"{\"a\":" T("U8", "[9223372036854775807,2]", 0, 0) "}", 0, "no possible size"},
    {"[]", 0, "the header is not an object"},
    {"1", 0, "the header is not an object"},
    {"{\"a\":" T("U8", "[1]", 0, 1) ",\"a\":" T("U8", "[1]", 1, 2) "}", 2, "duplicate"},
    {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
     "duplicate"},
    {"{\"__metadata__\":{\"k\":\"a\",\"k\":\"b\"}}", 0, "duplicate"},
    {"{\"__metadata__\":{\"k\":1}}", 0, "the metadata 'k' is not a string"},
    {"{\"__metadata__\":{\"k\":null}}", 0, "the metadata 'k' is not a string"},
    {"{\"__metadata__\":[]}", 0, "the metadata are not an object"},
    {"{\"a\":1}", 0, "tensor 'a' is not an object"},
    {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "tensor 'a' has no dtype"},
    {"{\"a\":{\"dtype\":5,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "tensor 'a' has no dtype"},
    {"{\"a\":" T("F33", "[1]", 0, 4) "}", 4, "unknown dtype 'F33'"},
    {"{\"a\":" T("f32", "[1]", 0, 4) "}", 4, "unknown dtype 'f32'"},
    {"{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, "tensor 'a' has no shape"},
    {"{\"a\":" T("U8", "3", 0, 3) "}", 3, "tensor 'a' has no shape"},
    {"{\"a\":" T("U8", "[-1]", 0, 1) "}", 1, "dimension 1 is not a whole number"},
    {"{\"a\":" T("U8", "[1,1.0]", 0, 1) "}", 1, "dimension 2 is not a whole number"},
    {"{\"a\":" T("U8", "[\"1\"]", 0, 1) "}", 1, "dimension 1 is not a whole number"},
    {"{\"a\":" T("U8", "[1,1,1,1,1,1,1,1,1]", 0, 1) "}", 1, "has 9 dimensions, more than 8"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "data_offsets are not two whole numbers"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1,
     "data_offsets are not two"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 1,
     "data_offsets are not two"},
    {"{\"a\":" T("U8", "[1]", -1, 0) "}", 1, "data_offsets are not two whole numbers"},
    {"{\"a\":" T("U8", "[1]", 0.0, 1.0) "}", 1, "data_offsets are not two whole numbers"},
    {"{\"a\":" T("U8", "[1]", 0, 99999999999999999999) "}", 1, "not valid JSON"},
    {"{\"a\":" T("U8", "[1]", 1, 0) "}", 1, "ends before it begins"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":0}}", 1,
     "not of the format"},
    {"{\"a\":" T("F32", "[2]", 0, 4) "}", 4, "has 4 bytes of data, its shape takes 8"},
    {"{\"a\":" T("F32", "[4294967296,4294967296]", 0, 0) "}", 0, "no possible size"},
    {"{\"a\":" T("F64", "[2305843009213693952]", 0, 0) "}", 0, "no possible size"},
    {"{\"a\":" T("F4", "[3]", 0, 1) "}", 1, "no possible size"},
    {"{\"a\":" T("U8", "[1]", 1, 2) "}", 2, "begins at byte 1 of the data, where 0 is due"},
    {"{\"a\":" T("U8", "[1]", 0, 1) ",\"b\":" T("U8", "[1]", 2, 3) "}", 3, "begins at byte 2"},
    {"{\"a\":" T("U8", "[2]", 0, 2) ",\"b\":" T("U8", "[2]", 1, 3) "}", 3, "begins at byte 1"},
    {"{\"a\":" T("U8", "[2]", 0, 2) ",\"b\":" T("U8", "[2]", 0, 2) "}", 2, "begins at byte 0"},
    {"{\"a\":" T("U8", "[2]", 0, 2) ",\"b\":" T("U8", "[0]", 1, 1) "}", 2, "where 2 is due"},
    {"{\"a\":" T("U8", "[3]", 0, 3) "}", 2, "ends at byte 3 of the data, of which there are 2"},
    {"{\"a\":" T("U8", "[2]", 0, 2) "}", 3, "1 bytes of data belong to no tensor"},
    {"{}", 1, "1 bytes of data belong to no tensor"},
    {"{\"__metadata__\":{\"descent.digest\":\"00\"}}", 0, "the data are damaged"},
    {"{\"__metadata__\":{\"descent.header\":\"00\"}}", 0,
     "the header is damaged: its SHA-256 is not the one in descent.header"},
};

START_TEST(refuses)
{
    struct error err;
    ck_assert_msg(!reads(bad[_i].header, bad[_i].data, &err), "%s", bad[_i].header);
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_msg(strncmp(err.message, "F: ", 3) == 0, "%s", err.message);
    ck_assert_msg(strstr(err.message, bad[_i].part), "%s: %s", bad[_i].header, err.message);
}
END_TEST

START_TEST(refuses_a_header_beyond_the_limit)
{
    struct error err;
    ck_assert(!parses("\001\341\365\005\0\0\0\0{}", 10, &err)); /* 100,000,001 */
    ck_assert_ptr_nonnull(strstr(err.message, "longer than 100 MB"));
    ck_assert(!parses("\377\377\377\377\377\377\377\377{}", 10, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "longer than 100 MB"));
}
END_TEST

START_TEST(refuses_a_file_too_short_for_a_length)
{
    struct error err;
    for (size_t n = 0; n < 8; n++) {
        ck_assert(!parses("\002\0\0\0\0\0\0", n, &err));
        ck_assert_ptr_nonnull(strstr(err.message, "no safetensors file"));
    }
}
END_TEST

START_TEST(refuses_a_header_nested_deeply)
{
    enum { DEPTH = 100000 };
    struct error err;
    char *header = mem_new(DEPTH + 8);
    memcpy(header, "{\"a\":", 5);
    memset(header + 5, '[', DEPTH);
    ck_assert(!reads(header, 0, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "not valid JSON"));
    mem_free(header);
}
END_TEST

START_TEST(refuses_a_header_beyond_the_file)
{
    struct error err;
    ck_assert(!parses("\000\341\365\005\0\0\0\0{}", 10, &err)); /* 100,000,000 */
    ck_assert_ptr_nonnull(strstr(err.message, "ends within the header"));
    ck_assert(!parses("\003\0\0\0\0\0\0\0{}", 10, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "ends within the header"));
}
END_TEST

START_TEST(shows_names_that_can_be_printed)
{
    struct error err;
    ck_assert(!reads("{\"a\\u001b[2Jb\":1}", 0, &err));
    ck_assert_str_eq(err.message, "F: tensor 'a?[2Jb' is not an object");
    char header[512] = "{\"x",
         *end = header + 3; /* 1 + 2 * 100 bytes: the cut is within a letter */
    for (int i = 0; i < 100; i++, end += 2)
        memcpy(end, "\303\244", 2);
    memcpy(end, "\":1}", 5);
    ck_assert(!reads(header, 0, &err));
    const char *quote = strchr(err.message, '\'');
    ck_assert_uint_eq((size_t)(strrchr(err.message, '\'') - quote - 1) % 2, 1);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("safetensors");
    TCase *t = tcase_create("safetensors");
    tcase_add_checked_fixture(t, enter, leave);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, round_trip);
    tcase_add_test(t, finds_by_name);
    tcase_add_test(t, digest_is_of_the_data_section);
    tcase_add_test(t, writes_the_same_bytes_for_metadata_in_any_order);
    tcase_add_test(t, writes_exact_bytes);
    tcase_add_test(t, pads_the_header_to_eight);
    tcase_add_test(t, a_file_of_nothing);
    tcase_add_test(t, write_refuses_a_name_twice);
    tcase_add_test(t, write_refuses_metadata_as_a_name);
    tcase_add_test(t, write_refuses_a_name_that_is_not_utf8);
    tcase_add_test(t, write_refuses_a_key_twice);
    tcase_add_test(t, write_names_a_folder_that_is_missing);
    tcase_add_test(t, write_on_a_full_disk_keeps_the_old_file);
    tcase_add_test(t, every_flip_in_the_data_is_found);
    tcase_add_test(t, every_flip_in_the_header_is_found);
    tcase_add_test(t, header_digest_is_of_the_header_without_it);
    tcase_add_test(t, a_file_without_header_digest);
    tcase_add_test(t, every_truncation_is_found);
    tcase_add_test(t, a_truncated_file_names_its_path);
    tcase_add_test(t, a_file_that_is_missing);
    tcase_add_test(t, changed_headers_never_crash);
    tcase_add_test(t, every_header_byte_flipped_never_crashes);
    tcase_add_test(t, random_bytes_never_crash);
    tcase_add_loop_test(t, accepts, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(t, refuses, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(t, refuses_a_header_beyond_the_limit);
    tcase_add_test(t, refuses_a_header_beyond_the_file);
    tcase_add_test(t, refuses_a_file_too_short_for_a_length);
    tcase_add_test(t, refuses_a_header_nested_deeply);
    tcase_add_test(t, shows_names_that_can_be_printed);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return check_main(suite());
}
