#include "check_main.h"
#include "data/packed.h"
#include "figure/figure.h"
#include "inspect/carried.h"
#include "inspect/crc32c.h"
#include "inspect/element.h"
#include "inspect/inspect.h"
#include "inspect/npz.h"
#include "inspect/verify.h"
#include "util/csv.h"
#include "util/file.h"
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char folder[64], path[128], other[128];

static void enter(void)
{
    snprintf(folder, sizeof folder, "/tmp/descent-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a", folder);
    snprintf(other, sizeof other, "%s/b", folder);
}

static int drop(const char *file, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(file);
}

static void leave(void)
{
    ck_assert_int_eq(nftw(folder, drop, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static char *slurp(const char *file, size_t *n)
{
    struct error err;
    char *text;
    bool ok = file_read(file, 1 << 24, &text, n, &err);
    ck_assert_msg(ok, "%s", err.message);
    return text;
}

/* ---- checks ---- */

/* The check values of both sums for "123456789", as the catalogue of Cook lists them; RFC 3720, B.4
 * has the zeros. Bytes in two parts, or none at all, change nothing. */
START_TEST(crc32_of_known_bytes)
{
    static const char zeros[32];
    ck_assert_uint_eq(packed_crc32(0, "123456789", 9), 0xcbf43926u);
    ck_assert_uint_eq(packed_crc32(packed_crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
    ck_assert_uint_eq(packed_crc32(0xcbf43926u, NULL, 0), 0xcbf43926u);
    ck_assert_uint_eq(crc32c_add(0, "123456789", 9), 0xe3069283u);
    ck_assert_uint_eq(crc32c_add(0, zeros, 32), 0x8a9136aau);
    ck_assert_uint_eq(crc32c_add(0, "", 0), 0);
    ck_assert_uint_eq(crc32c_add(crc32c_add(0, "1234", 4), "56789", 5), 0xe3069283u);
}
END_TEST

/* ---- tables ---- */

START_TEST(csv_cells)
{
    static const char text[] = "a,\"b,\"\"c\"\"\nd\",\n,\nlast";
    static const struct {
        const char *cell;
        bool more;
    } wanted[] = {{"a", true}, {"b,\"c\"\nd", true}, {"", false},
                  {"", true},  {"", false},          {"last", false}};
    struct strbuf cell;
    const char *at = text;
    strbuf_init(&cell);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        ck_assert(csv_cell(&at, &cell) == wanted[i].more);
        ck_assert_str_eq(cell.text, wanted[i].cell);
    }
    ck_assert_str_eq(at, "");
    strbuf_fini(&cell);
}
END_TEST

/* ---- numbers ---- */

static double value_of(const char *dtype, uint64_t bits)
{
    struct st_tensor t = {.dtype = dtype, .data = &bits};
    ck_assert(element_known(dtype));
    return element_value(&t, 0);
}

/* Bit patterns of IEEE 754's binary16 and of the formats cut from binary32 and binary16. */
START_TEST(elements_of_every_type)
{
    static const struct {
        const char *dtype;
        uint64_t bits;
        double value;
    } wanted[] = {
        {"F16", 0x3c00, 1},
        {"F16", 0xc000, -2},
        {"F16", 0x7bff, 65504},
        {"F16", 0x0001, 0x1p-24},
        {"F16", 0x03ff, 1023 * 0x1p-24},
        {"F16", 0x0400, 0x1p-14},
        {"F16", 0x3555, 1365 * 0x1p-12},
        {"BF16", 0x3f80, 1},
        {"BF16", 0x4049, 3.140625},
        {"BF16", 0x0001, 0x1p-133},
        {"F8_E5M2", 0x3c, 1},
        {"F8_E5M2", 0x7b, 57344},
        {"F8_E5M2", 0x01, 0x1p-16},
        {"F32", 0x3f000000, 0.5},
        {"F64", 0x4008000000000000, 3},
        {"I8", 0xff, -1},
        {"U8", 0xff, 255},
        {"I16", 0x8000, -32768},
        {"U16", 0x8000, 32768},
        {"I32", 0xfffffffe, -2},
        {"U32", 0xfffffffe, 4294967294.0},
        {"I64", UINT64_MAX, -1},
        {"BOOL", 1, 1},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        ck_assert_msg(value_of(wanted[i].dtype, wanted[i].bits) == wanted[i].value, "%s %llx",
                      wanted[i].dtype, (unsigned long long)wanted[i].bits);
    ck_assert(isinf(value_of("F16", 0x7c00)) && isnan(value_of("F16", 0x7c01)));
    ck_assert(signbit(value_of("F16", 0x8000)));
    ck_assert(!element_known("C64") && !element_known("F4"));
}
END_TEST

/* ---- zip ---- */

START_TEST(npz_refuses_what_numpy_lacks)
{
    static const unsigned char bytes[2];
    struct st_tensor t = {
        .name = "x", .dtype = "BF16", .dims = 1, .dim = {1}, .data = bytes, .bytes = 2};
    struct error err;
    ck_assert(!npz_write(path, &t, 1, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_str_eq(err.message, "tensor 'x' has type BF16, which numpy does not know");
    ck_assert(!file_exists(path));
}
END_TEST

static uint32_t word(const char *b, int n)
{
    uint32_t v = 0;
    while (n-- > 0)
        v = v << 8 | (unsigned char)b[n];
    return v;
}

/* Walks the archive as APPNOTE says: from its end to the directory, from there to each file. */
START_TEST(npz_is_a_zip_file)
{
    static const float data[6] = {1, 2, 3, 4, 5, 6};
    struct st_tensor t[] = {
        {.name = "1.weight", .dtype = "F32", .dims = 2, .dim = {2, 3}, .data = data, .bytes = 24},
        {.name = "n", .dtype = "F32", .data = data, .bytes = 4},
        {.name = "none", .dtype = "F32", .dims = 1, .dim = {0}}};
    static const char *const dict[] = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } ",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (), } ",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), } "};
    struct error err;
    size_t n;
    ck_assert(npz_write(path, t, 3, &err));
    char *zip = slurp(path, &n);
    const char *end = zip + n - 22;
    ck_assert_mem_eq(end, "PK\5\6", 4);
    ck_assert_uint_eq(word(end + 10, 2), 3);
    const char *entry = zip + word(end + 16, 4);
    ck_assert_ptr_eq(entry + word(end + 12, 4), end);
    for (int i = 0; i < 3; i++) {
        ck_assert_mem_eq(entry, "PK\1\2", 4);
        const char *local = zip + word(entry + 42, 4);
        size_t name = word(entry + 28, 2), size = word(entry + 24, 4);
        ck_assert_mem_eq(local, "PK\3\4", 4);
        ck_assert_mem_eq(local + 4, entry + 6, 26); /* the same facts twice */
        ck_assert_uint_eq(name, strlen(t[i].name) + 4);
        ck_assert_mem_eq(local + 30, entry + 46, name);
        ck_assert_mem_eq(local + 30, t[i].name, name - 4);
        const char *npy = local + 30 + name;
        ck_assert_uint_eq(packed_crc32(0, npy, size), word(entry + 16, 4));
        size_t header = 10 + word(npy + 8, 2);
        ck_assert_mem_eq(npy, "\223NUMPY\1\0", 8);
        ck_assert_uint_eq(header % 64, 0);
        ck_assert_int_eq(npy[header - 1], '\n');
        ck_assert_mem_eq(npy + 10, dict[i], strlen(dict[i]));
        ck_assert_uint_eq(size - header, t[i].bytes);
        if (t[i].bytes > 0)
            ck_assert_mem_eq(npy + header, t[i].data, t[i].bytes);
        entry += 46 + name;
    }
    ck_assert_ptr_eq(entry, end);
    mem_free(zip);
}
END_TEST

/* ---- figures ---- */

static void draw(const struct figure_text *text, size_t texts)
{
    static const double x[] = {0, 1}, y[] = {2, 3};
    static const struct curve curve = {.label = "a, \"b\"", .x = x, .y = y, .n = 2};
    static const struct axes axes = {.x_label = "x", .y_label = "y", .curve = &curve, .curves = 1};
    struct figure f = {.panel = &axes, .panels = 1, .columns = 1, .text = text, .texts = texts};
    struct error err;
    snprintf(path, sizeof path, "%s/some.figure.png", folder);
    ck_assert(figure_write_png(&f, path, &err));
}

struct written {
    size_t n;
    char name[8][64];
};

static void note(void *context, const char *file)
{
    struct written *w = context;
    ck_assert_uint_lt(w->n, 8);
    ck_assert(strncmp(file, other, strlen(other)) == 0 && file[strlen(other)] == '/');
    snprintf(w->name[w->n++], 64, "%s", file + strlen(other) + 1);
}

static void check_content(const char *name, const char *text)
{
    char file[256];
    size_t n;
    snprintf(file, sizeof file, "%s/%s", other, name);
    char *got = slurp(file, &n);
    ck_assert_str_eq(got, text);
    mem_free(got);
}

START_TEST(extracts_each_spec_once)
{
    static const struct figure_text text[] = {
        {"descent.spec.0", "name: a\nseed: 1\n"}, {"descent.spec.1", "name: a\nseed: 2\n"},
        {"descent.spec.2", "name: a\nseed: 1\n"}, {"descent.spec.3", "seed: 3\n"},
        {"descent.specific", "name: no\n"},       {"Comment", "name: no\n"},
    };
    static const char *const wanted[] = {"a.yaml", "a-2.yaml", "some.figure.yaml",
                                         "some.figure.csv"};
    struct written w = {0};
    struct error err;
    draw(text, sizeof text / sizeof text[0]);
    bool ok = carried_extract(path, other, false, note, &w, &err);
    ck_assert_msg(ok, "%s", err.message);
    ck_assert_uint_eq(w.n, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(w.name[i], wanted[i]);
    check_content("a.yaml", text[0].text);
    check_content("a-2.yaml", text[1].text);
    check_content("some.figure.yaml", text[3].text);
    check_content("some.figure.csv",
                  "panel,curve,x,y\n1,\"a, \"\"b\"\"\",0,2\n1,\"a, \"\"b\"\"\",1,3\n");
}
END_TEST

/* Whatever a stranger's figure says, its files stay in the folder and in sight. */
START_TEST(extracts_nowhere_else)
{
    static const struct figure_text text[] = {
        {"descent.spec.0", "name: ../../evil\n"}, {"descent.spec.1", "name: /etc/evil\n"},
        {"descent.spec.2", "name: .hidden\n"},    {"descent.spec.3", "name: [a, list]\n"},
        {"descent.spec.4", "name: {\n"},
    };
    static const char *const wanted[] = {"_._.._evil.yaml", "_etc_evil.yaml", "_hidden.yaml",
                                         "some.figure.yaml", "some.figure-2.yaml"};
    struct written w = {0};
    struct error err;
    draw(text, sizeof text / sizeof text[0]);
    ck_assert(carried_extract(path, other, false, note, &w, &err));
    ck_assert_uint_eq(w.n, 6);
    for (size_t i = 1; i < 5; i++)
        ck_assert_str_eq(w.name[i], wanted[i]);
    ck_assert_ptr_null(strchr(w.name[0], '/'));
    ck_assert_int_ne(w.name[0][0], '.');
}
END_TEST

START_TEST(one_spec_of_several)
{
    static const struct figure_text same[] = {{"descent.spec.0", "seed: 1\n"},
                                              {"descent.spec.1", "seed: 1\n"}},
                                    two[] = {{"descent.spec.0", "seed: 1\n"},
                                             {"descent.spec.1", "seed: 2\n"}};
    struct arena a;
    struct error err;
    const char *text;
    arena_init(&a);
    draw(same, 2);
    ck_assert(carried_spec(&a, path, &text, &err));
    ck_assert_str_eq(text, "seed: 1\n");
    draw(two, 2);
    ck_assert(!carried_spec(&a, path, &text, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "carries several specs"));
    draw(two, 0);
    ck_assert(!carried_spec(&a, path, &text, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "carries no spec"));
    arena_fini(&a);
}
END_TEST

/* ---- inspecting ---- */

static void inspect(const char *file, struct inspection *x)
{
    struct error err;
    inspection_init(x, false);
    bool ok = inspect_path(file, x, &err);
    ck_assert_msg(ok, "%s", err.message);
}

START_TEST(inspects_every_kind_of_number)
{
    static const float odd[4] = {(float)NAN, (float)INFINITY, -3, 4};
    static const struct st_tensor t[] = {
        {.name = "odd", .dtype = "F32", .dims = 1, .dim = {4}, .data = odd, .bytes = 16},
        {.name = "empty", .dtype = "F32", .dims = 2, .dim = {0, 3}},
        {.name = "a.name.that.is.so.long.that.it.leaves.no.room.for.its.numbers.beside.it",
         .dtype = "F8_E4M3FNUZ",
         .dims = 1,
         .dim = {3},
         .data = odd,
         .bytes = 3},
    };
    struct error err;
    struct inspection x;
    snprintf(path, sizeof path, "%s/a.safetensors", folder);
    ck_assert(st_write(
        path, &(struct st_content){t, 3, &(struct st_meta){"line", "a\nb"}, 1, false}, &err));
    inspect(path, &x);
    ck_assert_ptr_nonnull(strstr(x.text.text, "holds 1 NaN and 1 infinite values"));
    ck_assert_ptr_nonnull(strstr(x.text.text, "3, together 7 numbers"));
    ck_assert_ptr_nonnull(strstr(x.text.text, "line: 1 lines, 3 bytes"));
    for (const char *line = x.text.text; *line; line = strchr(line, '\n') + 1)
        ck_assert(strcspn(line, "\n") <= 80 || strncmp(line, "safetensors", 11) == 0);
    ck_assert_uint_eq(x.n, 0);
    inspection_fini(&x);
}
END_TEST

START_TEST(inspects_a_figure_with_a_bad_spec)
{
    static const struct figure_text text = {"descent.spec", "optimizer: nothing of that name\n"};
    struct inspection x;
    draw(&text, 1);
    inspect(path, &x);
    ck_assert_uint_eq(x.n, 1);
    ck_assert_ptr_nonnull(strstr(x.problems.text, "the spec under descent.spec is not valid"));
    ck_assert_ptr_nonnull(strstr(x.text.text, "     1        2  a, \"b\"\n"));
    inspection_fini(&x);
}
END_TEST

/* ---- comparing ---- */

static void put(const char *where, const char *name, const char *text)
{
    struct error err;
    char file[256];
    ck_assert(file_make_folder(where, &err));
    snprintf(file, sizeof file, "%s/%s", where, name);
    ck_assert(file_write(file, text, strlen(text), &err));
}

static const struct {
    const char *one, *two, *said; /* NULL: identical */
} tables[] = {
    {"k,v\n1,2\n", "k,v\n1,2\n", NULL},
    {"k,v\n1,2\n3,4\n", "k,v\n1,2\n3,5\n", "differs first in row 2 (k 3), column v:"},
    {"k,v\n1,2\n3,4\n", "k,v\n1,2\n5,4\n", "differs first in row 2, column k:"},
    {"k,v\n1,2\n", "k,w\n1,2\n", "differs first in the header, column v:"},
    {"k,v\n1,2\n", "k,v\n1,2\n3,4\n", "1 row recorded, 2 now; so far they are the same"},
    {"k,v\n1,2\n", "k,v\n", "1 row recorded, 0 now"},
    {"k,v\n1,2\n", "k,v\n1,2,3\n", "row 1 has more cells than recorded"},
    {"k,v\n1,2,3\n", "k,v\n1,2\n", "row 1 has fewer cells than recorded"},
    {"k,v\n1,2\n", "k,v\n1,\"2\"\n", "the same cells, written differently"},
    {"k,v\n1,2\n", "k,v\n1,2", "the same cells, written differently"},
    {"k,v\n1,2\n", "", "1 row recorded, 0 now"},
};

START_TEST(compares_tables)
{
    struct verification v;
    struct error err;
    put(path, "t.csv", tables[_i].one);
    put(other, "t.csv", tables[_i].two);
    verification_init(&v);
    ck_assert(verify_table(path, other, "t.csv", &v, &err));
    ck_assert_uint_eq(v.differences, tables[_i].said ? 1 : 0);
    ck_assert_msg(strstr(v.text.text,
                         tables[_i].said ? tables[_i].said : "identical: 1 row, 8 bytes") != NULL,
                  "%s", v.text.text);
    verification_fini(&v);
}
END_TEST

static size_t compare_tensors(const struct st_tensor *a, size_t n, const struct st_tensor *b,
                              size_t m, const char *said)
{
    struct verification v;
    struct error err;
    verification_init(&v);
    ck_assert(st_write(path, &(struct st_content){a, n, NULL, 0, false}, &err) &&
              st_write(other, &(struct st_content){b, m, NULL, 0, false}, &err));
    ck_assert(verify_tensors(path, other, "x", &v, &err));
    ck_assert_msg(strstr(v.text.text, said) != NULL, "%s", v.text.text);
    size_t differences = v.differences;
    verification_fini(&v);
    return differences;
}

START_TEST(compares_tensors)
{
    static const float zero[6] = {0, 0, 0, 0, 0, 0}, minus[6] = {0, 0, 0, 0, -0.0f, 0},
                       least[6] = {0, 0, 0, 0, 0, 1e-45f};
    static const float across[6] = {-1e-45f, 0, 0, 0, 0, 1e-45f},
                       nan[6] = {(float)NAN, 0, 0, 0, 0, 0};
    struct st_tensor t = {.name = "t",
                          .dtype = "F32",
                          .dims = 2,
                          .dim = {2, 3},
                          .data = zero,
                          .bytes = 24},
                     u = t, pair[2];
    ck_assert_uint_eq(compare_tensors(&t, 1, &u, 1, "identical: 1 tensors, 6 numbers"), 0);
    u.data = minus; /* equal numbers, other bits */
    ck_assert_uint_eq(compare_tensors(&t, 1, &u, 1, "first t[1, 1]:"), 1);
    compare_tensors(&t, 1, &u, 1, "0 recorded, -0 now, 0 ulp apart");
    u.data = least;
    compare_tensors(&t, 1, &u, 1, "first t[1, 2]:");
    compare_tensors(&t, 1, &u, 1, "1.40129846e-45 now, 1 ulp apart");
    t.data = across;
    compare_tensors(&t, 1, &u, 1, "first t[0, 0]:");
    t.data = u.data = nan; /* the same bits */
    ck_assert_uint_eq(compare_tensors(&t, 1, &u, 1, "identical"), 0);
    u.dim[0] = 3;
    u.dim[1] = 2;
    ck_assert_uint_eq(compare_tensors(&t, 1, &u, 1, "t is of another shape or type now"), 1);
    u = t;
    u.name = "u";
    ck_assert_uint_eq(compare_tensors(&t, 1, &u, 1, "t is missing now"), 2);
    compare_tensors(&t, 1, &u, 1, "u was not recorded");
    pair[0] = u;
    pair[1] = t;
    ck_assert_uint_eq(compare_tensors(&t, 1, pair, 2, "u was not recorded"), 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("analysis");
    TCase *c = tcase_create("analysis");
    tcase_add_checked_fixture(c, enter, leave);
    tcase_add_test(c, crc32_of_known_bytes);
    tcase_add_test(c, csv_cells);
    tcase_add_test(c, elements_of_every_type);
    tcase_add_test(c, npz_refuses_what_numpy_lacks);
    tcase_add_test(c, npz_is_a_zip_file);
    tcase_add_test(c, extracts_each_spec_once);
    tcase_add_test(c, extracts_nowhere_else);
    tcase_add_test(c, one_spec_of_several);
    tcase_add_test(c, inspects_every_kind_of_number);
    tcase_add_test(c, inspects_a_figure_with_a_bad_spec);
    tcase_add_loop_test(c, compares_tables, 0, sizeof tables / sizeof tables[0]);
    tcase_add_test(c, compares_tensors);
    suite_add_tcase(s, c);
    return check_main(s);
}
