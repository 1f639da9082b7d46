/* IDX files sound and broken, splits, samplers, scaling, the synthetic digits, real MNIST where it
 * is at hand. */
#include "check_main.h"
#include "data/data.h"
#include "loading.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/sha256.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { N = 40, M = 10, SIDE = 3, ITEM = SIDE * SIDE };
static const char *const names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

static struct idx images(uint32_t n, uint32_t rows, uint32_t cols)
{
    struct idx x = {.dims = 3, .dim = {n, rows, cols}, .item = (size_t)rows * cols};
    x.bytes = mem_array(n, x.item);
    for (size_t i = 0; i < n * x.item; i++)
        x.bytes[i] = (uint8_t)(i * 37 + i / 7);
    return x;
}

static struct idx labels(uint32_t n, unsigned classes)
{
    struct idx x = {.dims = 1, .dim = {n}, .item = 1, .bytes = mem_new(n)};
    for (uint32_t i = 0; i < n; i++)
        x.bytes[i] = (uint8_t)(i * i % classes);
    return x;
}

static void write_idx(const char *name, struct idx x)
{
    struct error err;
    ck_assert_msg(idx_write(path_of(name), &x, &err), "%s", err.message);
    idx_fini(&x);
}

static void set_up(void)
{
    strcpy(folder, "/tmp/descent-data-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_idx(names[0], images(N, SIDE, SIDE));
    write_idx(names[1], labels(N, 5));
    write_idx(names[2], images(M, SIDE, SIDE));
    write_idx(names[3], labels(M, 5));
}

/* Sets by name: where a set stands in the list is its own affair. */
static int named(const char *name)
{
    int i = 0;
    while (data_names[i] && strcmp(data_names[i], name) != 0)
        i++;
    ck_assert_ptr_nonnull(data_names[i]);
    return i;
}

static struct data_config config(void)
{
    return (struct data_config){.name = named("idx"),
                                .dir = folder,
                                .classes = PARAM_NULL_INT,
                                .validation = 8,
                                .folds = PARAM_NULL_INT,
                                .split_seed = PARAM_NULL_INT,
                                .train_limit = PARAM_NULL_INT,
                                .test_limit = PARAM_NULL_INT};
}

/* ---- IDX ---- */

static const struct {
    const char *what;
    uint8_t bytes[24];
    size_t n;
    const char *part;
} broken[] = {
    {"empty", {0}, 0, "too short"},
    {"wrong magic", {1, 0, 8, 1, 0, 0, 0, 1, 9}, 9, "begins with bytes 01 00"},
    {"wrong type",
     {0, 0, 0x0D, 1, 0, 0, 0, 1, 9},
     9,
     "element type 0x0d (floats); only unsigned bytes (0x08)"},
    {"no dimensions", {0, 0, 8, 0, 9}, 5, "0 dimensions"},
    {"five dimensions", {0, 0, 8, 5, 9}, 5, "5 dimensions"},
    {"zero count", {0, 0, 8, 1, 0, 0, 0, 0}, 8, "dimension 1 is 0"},
    {"header cut", {0, 0, 8, 2, 0, 0, 0, 1}, 8, "within its header"},
    {"data cut",
     {0, 0, 8, 1, 0, 0, 0, 3, 1, 2},
     10,
     "cut short: 10 bytes, but its header promises 11"},
    {"trailing bytes", {0, 0, 8, 1, 0, 0, 0, 1, 1, 2, 3}, 11, "2 bytes more"},
    {"huge",
     {0, 0, 8, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 9, 1},
     17,
     "more data than fits"},
    {"lying header", {0, 0, 8, 2, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 9, 1}, 13, "cut short"},
    {"lowest byte first", {0, 0, 8, 2, 60, 0, 0, 0, 4, 4, 0, 0, 1}, 13, "lowest byte first"},
};

START_TEST(broken_idx_in_memory)
{
    struct idx x;
    struct error err = {0};
    ck_assert(!idx_parse("f", broken[_i].bytes, broken[_i].n, &x, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_msg(strstr(err.message, broken[_i].part) != NULL, "%s: %s", broken[_i].what,
                  err.message);
}
END_TEST

START_TEST(broken_idx_on_disk)
{
    struct idx x;
    struct error err = {0};
    write_bytes("f", broken[_i].bytes, broken[_i].n);
    ck_assert(!idx_read(path_of("f"), &x, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_msg(strstr(err.message, broken[_i].part) != NULL, "%s: %s", broken[_i].what,
                  err.message);
}
END_TEST

START_TEST(every_truncation_is_an_error)
{
    char *text;
    size_t n;
    struct error err;
    ck_assert(file_read(path_of(names[0]), 1 << 20, &text, &n, &err));
    for (size_t cut = 0; cut < n; cut++) {
        struct idx x;
        ck_assert(!idx_parse("f", (const uint8_t *)text, cut, &x, &err));
        ck_assert_int_eq(err.code, ERR_DATA);
    }
    mem_free(text);
}
END_TEST

START_TEST(round_trip)
{
    struct idx x = images(4, 5, 2), y;
    struct error err;
    ck_assert(idx_write(path_of("f"), &x, &err));
    ck_assert(idx_read(path_of("f"), &y, &err));
    ck_assert_uint_eq(y.dims, 3);
    ck_assert_uint_eq(y.item, 10);
    ck_assert(memcmp(x.bytes, y.bytes, 40) == 0);
    idx_fini(&x);
    idx_fini(&y);
}
END_TEST

START_TEST(header_alone)
{
    struct idx x;
    struct error err;
    ck_assert(idx_read_header(path_of(names[0]), &x, &err));
    ck_assert_uint_eq(x.dim[0], N);
    ck_assert_ptr_null(x.bytes);
}
END_TEST

/* The training images, compressed; the plain file goes. Returns the compressed length. */
static size_t compress_images(uint8_t *ret, size_t room)
{
    char *text;
    size_t n, got;
    struct error err;
    ck_assert(file_read(path_of(names[0]), 1 << 20, &text, &n, &err));
    char gz[300];
    snprintf(gz, sizeof gz, "%s.gz", path_of(names[0]));
    gzFile f = gzopen(gz, "wb");
    ck_assert_int_eq(gzwrite(f, text, (unsigned)n), (int)n);
    gzclose(f);
    unlink(path_of(names[0]));
    mem_free(text);
    ck_assert(file_read(gz, 1 << 20, &text, &got, &err));
    ck_assert_uint_lt(got, room);
    memcpy(ret, text, got);
    mem_free(text);
    return got;
}

START_TEST(gz_reads_the_same)
{
    uint8_t bytes[2048];
    struct idx x, y = images(N, SIDE, SIDE);
    struct error err;
    compress_images(bytes, sizeof bytes);
    ck_assert(idx_read(path_of(names[0]), &x, &err));
    ck_assert(memcmp(x.bytes, y.bytes, N * ITEM) == 0);
    idx_fini(&x);
    idx_fini(&y);
}
END_TEST

START_TEST(gz_cut_short_anywhere_is_an_error)
{
    uint8_t bytes[2048];
    size_t n = compress_images(bytes, sizeof bytes);
    for (size_t cut = 0; cut < n; cut++) {
        struct idx x;
        struct error err = {0};
        char name[64];
        snprintf(name, sizeof name, "%s.gz", names[0]);
        write_bytes(name, bytes, cut);
        ck_assert_msg(!idx_read(path_of(names[0]), &x, &err), "cut at %zu of %zu", cut, n);
        ck_assert_int_eq(err.code, ERR_DATA);
    }
}
END_TEST

START_TEST(gz_with_a_wrong_byte_is_an_error)
{
    uint8_t bytes[2048];
    size_t n = compress_images(bytes, sizeof bytes);
    struct idx x;
    struct error err = {0};
    char name[64];
    bytes[n / 2] ^= 0x10;
    snprintf(name, sizeof name, "%s.gz", names[0]);
    write_bytes(name, bytes, n);
    ck_assert(!idx_read(path_of(names[0]), &x, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
}
END_TEST

START_TEST(a_plain_file_wins_over_a_compressed_one)
{
    uint8_t bytes[2048];
    compress_images(bytes, sizeof bytes);
    write_idx(names[0], images(2, 1, 1));
    struct idx x;
    struct error err;
    ck_assert(idx_read(path_of(names[0]), &x, &err));
    ck_assert_uint_eq(x.dim[0], 2);
    idx_fini(&x);
}
END_TEST

START_TEST(a_missing_file_names_the_remedy)
{
    struct data_config c = config();
    unlink(path_of(names[3]));
    fails(&c, ERR_DATA, "descent data list");
}
END_TEST

START_TEST(gz_with_bytes_after_its_end_is_an_error)
{
    uint8_t bytes[2048];
    size_t n = compress_images(bytes, sizeof bytes);
    char name[64];
    snprintf(name, sizeof name, "%s.gz", names[0]);
    for (size_t extra = 1; extra <= 3; extra++) {
        struct idx x;
        struct error err = {0};
        memset(bytes + n, 0, extra);
        write_bytes(name, bytes, n + extra);
        ck_assert(!idx_read(path_of(names[0]), &x, &err));
        ck_assert_int_eq(err.code, ERR_DATA);
        ck_assert_msg(strstr(err.message, "after the end") != NULL, "%s", err.message);
    }
}
END_TEST

/* As `cat a.gz b.gz` and parallel compressors make them. */
START_TEST(gz_of_two_members_is_read)
{
    uint8_t whole[4 + 12 + N * ITEM] = {0, 0, 8, 3, 0, 0, 0, N, 0, 0, 0, SIDE, 0, 0, 0, SIDE};
    struct idx x, y = images(N, SIDE, SIDE);
    struct error err;
    char path[300];
    memcpy(whole + 16, y.bytes, N * ITEM);
    unlink(path_of(names[0]));
    snprintf(path, sizeof path, "%s.gz", path_of(names[0]));
    for (size_t i = 0; i < 2; i++) {
        gzFile f = gzopen(path, i ? "ab" : "wb");
        ck_assert_int_gt(gzwrite(f, whole + i * 100, i ? sizeof whole - 100 : 100), 0);
        gzclose(f);
    }
    ck_assert(idx_read(path_of(names[0]), &x, &err));
    ck_assert(memcmp(x.bytes, y.bytes, N * ITEM) == 0);
    idx_fini(&x);
    idx_fini(&y);
}
END_TEST

/* ---- names and folders as people have them ---- */

static void move_to(const char *below, char mark)
{
    char command[512], name[64];
    snprintf(command, sizeof command, "mkdir -p %s/%s", folder, below);
    ck_assert_int_eq(system(command), 0);
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s", names[i]);
        *strstr(name, "-idx") = mark;
        snprintf(command, sizeof command, "mv %s/%s %s/%s/%s", folder, names[i], folder, below,
                 name);
        ck_assert_int_eq(system(command), 0);
    }
}

static const struct {
    const char *below;
    char mark;
    const char *name;
} layouts[] = {{".", '.', "idx"},
               {"raw", '-', "idx"},
               {"MNIST/raw", '-', "mnist"},
               {"FashionMNIST/raw", '.', "fashion-mnist"}};

START_TEST(files_are_found_as_people_have_them)
{
    struct data_config c = config();
    struct data_sizes n;
    struct error err;
    c.name = named(layouts[_i].name);
    move_to(layouts[_i].below, layouts[_i].mark);
    struct data *d = load(&c);
    ck_assert_uint_eq(d->train.n, N - 8);
    ck_assert(data_sizes(&c, &n, &err) && n.train == N - 8);
    data_free(d);
}
END_TEST

START_TEST(another_sets_folder_is_not_taken)
{
    struct data_config c = config();
    move_to("FashionMNIST/raw", '-');
    c.name = named("mnist");
    fails(&c, ERR_DATA, "no such file");
}
END_TEST

START_TEST(files_side_by_side_must_be_the_same)
{
    struct data_config c = config();
    write_idx("train-labels.idx1-ubyte", labels(N, 5));
    data_free(load(&c));
    write_idx("train-labels.idx1-ubyte", labels(N, 4));
    fails(&c, ERR_DATA, "train-labels-idx1-ubyte and ");
    fails(&c, ERR_DATA, "train-labels.idx1-ubyte differ");
}
END_TEST

START_TEST(a_compressed_file_beside_a_plain_one)
{
    uint8_t bytes[2048];
    struct data_config c = config();
    compress_images(bytes, sizeof bytes);
    write_idx(names[0], images(N, SIDE, SIDE));
    data_free(load(&c));
    write_idx(names[0], images(N, SIDE, SIDE + 1));
    fails(&c, ERR_DATA, "train-images-idx3-ubyte.gz differ");
}
END_TEST

START_TEST(an_empty_folder_names_the_files_and_the_next_step)
{
    struct data_config c = config();
    for (int i = 0; i < 4; i++)
        unlink(path_of(names[i]));
    fails(&c, ERR_DATA, "t10k-labels-idx1-ubyte, plain or .gz");
    fails(&c, ERR_DATA, "descent data import");
    c.dir = "nowhere";
    fails(&c, ERR_DATA, "no such folder");
}
END_TEST

START_TEST(a_folder_is_no_file)
{
    struct data_config c = config();
    unlink(path_of(names[3]));
    ck_assert_int_eq(mkdir(path_of(names[3]), 0700), 0);
    fails(&c, ERR_DATA, "folder");
}
END_TEST

/* ---- the four files against one another ---- */

START_TEST(counts_that_disagree)
{
    struct data_config c = config();
    write_idx(names[1], labels(N - 1, 5));
    fails(&c, ERR_DATA, "40 images in train-images-idx3-ubyte, but 39 labels");
}
END_TEST

START_TEST(a_test_label_beyond_the_training_labels)
{
    struct data_config c = config();
    struct idx x = labels(M, 5);
    x.bytes[3] = 7;
    write_idx(names[3], x);
    fails(&c, ERR_DATA, "label 7 of image 3 lies beyond the 5 classes");
    struct data_sizes n;
    struct error err;
    ck_assert(!data_sizes(&c, &n, &err) && err.code == ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "label 7 of image 3 lies beyond the 5 classes"));
}
END_TEST

START_TEST(a_training_label_beyond_the_given_classes)
{
    struct data_config c = config();
    c.classes = 4;
    fails(&c, ERR_DATA, "beyond the 4 classes");
}
END_TEST

START_TEST(more_classes_than_labels_are_allowed)
{
    struct data_config c = config();
    c.classes = 9;
    struct data *d = load(&c);
    ck_assert_uint_eq(d->classes, 9);
    data_free(d);
}
END_TEST

START_TEST(test_images_of_another_size)
{
    struct data_config c = config();
    write_idx(names[2], images(M, SIDE, SIDE + 1));
    fails(&c, ERR_DATA, "training images are 1 x 3 x 3, test images 1 x 3 x 4");
}
END_TEST

START_TEST(all_labels_zero)
{
    struct data_config c = config();
    write_idx(names[1], labels(N, 1));
    fails(&c, ERR_DATA, "all labels are 0");
}
END_TEST

START_TEST(labels_with_two_dimensions)
{
    struct data_config c = config();
    write_idx(names[1], images(N, 1, 1));
    fails(&c, ERR_DATA, "labels have 1");
}
END_TEST

/* Sizes are asked for before anything is loaded. */
static void sizes_fail(const struct data_config *c, const char *words)
{
    struct data_sizes n;
    struct error err = {0};
    ck_assert(!data_sizes(c, &n, &err) && err.code == ERR_DATA);
    ck_assert_msg(strstr(err.message, words), "%s", err.message);
}

START_TEST(sizes_of_files_that_do_not_fit)
{
    struct data_config c = config();
    write_idx(names[0], labels(N, 2));
    fails(&c, ERR_DATA, "has 1 dimension; images have at least 2");
    sizes_fail(&c, "has 1 dimension; images have at least 2");
    write_idx(names[0], images(N, SIDE, SIDE + 1));
    sizes_fail(&c, "training images are 1 x 3 x 4, test images 1 x 3 x 3");
    write_idx(names[0], images(N, SIDE, SIDE));
    write_idx(names[1], images(N, 1, 1));
    sizes_fail(&c, "labels have 1");
    write_idx(names[1], labels(N + 1, 2));
    sizes_fail(&c, "images in");
}
END_TEST

/* ---- splits ---- */

static void check_split(double validation, int how, size_t expected)
{
    struct data_config c = config();
    c.validation = validation;
    c.validation_split = how;
    struct data *d = load(&c);
    bool seen[N] = {false};
    ck_assert_uint_eq(d->valid.n, expected);
    ck_assert_uint_eq(d->train.n, N - expected);
    for (size_t i = 0; i < N; i++) {
        uint32_t at = i < d->train.n ? d->train.index[i] : d->valid.index[i - d->train.n];
        ck_assert(!seen[at]);
        seen[at] = true;
    }
    data_free(d);
}

START_TEST(split_of_every_kind_is_complete_and_disjoint)
{
    check_split(8, _i, 8);
    check_split(0.25, _i, 10);
    check_split(0, _i, 0);
    check_split(N - 1, _i, N - 1);
}
END_TEST

START_TEST(tail_is_the_tail)
{
    struct data_config c = config();
    struct data *d = load(&c);
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_uint_eq(d->valid.index[i], N - 8 + i);
    data_free(d);
}
END_TEST

START_TEST(random_split_follows_the_seed)
{
    struct data_config c = config();
    struct data *a = NULL, *b = NULL, *other = NULL;
    struct error err;
    c.validation_split = DATA_SPLIT_RANDOM;
    ck_assert(data_load(&c, 1, &a, &err) && data_load(&c, 1, &b, &err) &&
              data_load(&c, 2, &other, &err));
    ck_assert(memcmp(a->valid.index, b->valid.index, 8 * sizeof(uint32_t)) == 0);
    ck_assert(memcmp(a->valid.index, other->valid.index, 8 * sizeof(uint32_t)) != 0);
    data_free(a);
    data_free(b);
    data_free(other);
}
END_TEST

START_TEST(stratified_split_keeps_the_shares)
{
    struct data_config c = config();
    c.validation_split = DATA_SPLIT_STRATIFIED;
    c.validation = 20;
    struct data *d = load(&c);
    size_t all[5] = {0}, held[5] = {0};
    for (uint32_t i = 0; i < N; i++)
        all[i * i % 5]++;
    for (size_t i = 0; i < 20; i++)
        held[d->valid.labels[d->valid.index[i]]]++;
    for (int k = 0; k < 5; k++)
        ck_assert_double_le(fabs((double)held[k] - (double)all[k] / 2), 1);
    data_free(d);
}
END_TEST

/* Every image is held out once; sizes differ by at most one. */
START_TEST(folds_are_a_partition)
{
    struct data_config c = config();
    size_t times[N] = {0}, least = N, most = 0, first = 0;
    c.validation = DATA_A_TENTH;
    c.validation_split = _i;
    c.folds = 6;
    for (c.fold = 0; c.fold < c.folds; c.fold++) {
        struct data *d = load(&c);
        size_t n = d->valid.n, of[5] = {0};
        least = n < least ? n : least;
        most = n > most ? n : most;
        ck_assert_uint_eq(d->train.n + n, N);
        for (size_t i = 0; i < n; i++) {
            times[d->valid.index[i]]++;
            of[d->valid.labels[d->valid.index[i]]]++;
            ck_assert(_i != DATA_SPLIT_TAIL || d->valid.index[i] == first + i);
        }
        for (size_t i = 0; i < d->train.n; i++)
            for (size_t k = 0; k < n; k++)
                ck_assert_uint_ne(d->train.index[i], d->valid.index[k]);
        if (_i == DATA_SPLIT_STRATIFIED) { /* squares mod 5: 8, 16, 0, 0, 16 of 40 */
            ck_assert_double_le(fabs((double)of[0] - 8.0 / 6), 1);
            ck_assert_double_le(fabs((double)of[1] - 16.0 / 6), 1);
            ck_assert_double_le(fabs((double)of[4] - 16.0 / 6), 1);
        }
        first += n;
        data_free(d);
    }
    for (size_t i = 0; i < N; i++)
        ck_assert_uint_eq(times[i], 1);
    ck_assert_uint_eq(least, 6);
    ck_assert_uint_eq(most, 7);
}
END_TEST

START_TEST(folds_come_before_the_limit)
{
    struct data_config c = config();
    c.folds = 4;
    c.fold = 0;
    c.train_limit = 7;
    struct data *d = load(&c);
    ck_assert_uint_eq(d->valid.n, 10);
    ck_assert_uint_eq(d->train.n, 7);
    ck_assert_uint_eq(d->train.index[0], 10);
    data_free(d);
    c.folds = N + 1;
    fails(&c, ERR_USAGE, "there are 40 training images");
}
END_TEST

START_TEST(a_split_may_have_a_seed_of_its_own)
{
    struct data_config c = config();
    struct data *a = NULL, *b = NULL, *own = NULL;
    struct error err;
    c.validation_split = DATA_SPLIT_RANDOM;
    ck_assert(data_load(&c, 2, &own, &err));
    c.split_seed = 2;
    ck_assert(data_load(&c, 1, &a, &err) && data_load(&c, 3, &b, &err));
    ck_assert(memcmp(a->valid.index, b->valid.index, 8 * sizeof(uint32_t)) == 0);
    ck_assert(memcmp(a->valid.index, own->valid.index, 8 * sizeof(uint32_t)) == 0);
    data_free(a);
    data_free(b);
    data_free(own);
}
END_TEST

START_TEST(validation_defaults_to_a_tenth_of_the_file)
{
    struct arena a;
    struct data_config c = config();
    arena_init(&a);
    c.validation = DATA_A_TENTH;
    data_config_finish(&c, &a);
    ck_assert_double_eq(c.validation, 4);
    static const char *const of_60000[] = {"mnist", "fashion-mnist", "digits"};
    for (size_t i = 0; i < sizeof of_60000 / sizeof of_60000[0]; i++) {
        c.name = named(of_60000[i]);
        c.validation = DATA_A_TENTH;
        c.dir = "nowhere";
        data_config_finish(&c, &a);
        ck_assert_double_eq(c.validation, 6000);
    }
    c.name = named("idx");
    c.validation = DATA_A_TENTH;
    data_config_finish(&c, &a);
    ck_assert(isinf(c.validation)); /* nothing is known of IDX files that are not there */
    arena_fini(&a);
}
END_TEST

START_TEST(limits_take_the_first)
{
    struct data_config c = config();
    c.train_limit = 5;
    c.test_limit = 3;
    struct data *d = load(&c);
    ck_assert_uint_eq(d->train.n, 5);
    ck_assert_uint_eq(d->valid.n, 8);
    ck_assert_uint_eq(d->test.n, 3);
    ck_assert_uint_eq(d->train.index[4], 4);
    ck_assert_uint_eq(d->valid.index[0], N - 8);
    data_free(d);
}
END_TEST

START_TEST(too_much_is_refused)
{
    struct data_config c = config();
    c.validation = N;
    fails(&c, ERR_USAGE, "none are left");
    c = config();
    c.train_limit = N - 7;
    fails(&c, ERR_USAGE, "train_limit");
    c = config();
    c.test_limit = M + 1;
    fails(&c, ERR_USAGE, "test_limit");
    c = config();
    c.validation = 0.001;
    fails(&c, ERR_USAGE, "no image");
}
END_TEST

START_TEST(sizes_agree_with_the_loaded_set)
{
    struct data_config c = config();
    struct data_sizes n;
    struct error err;
    struct data *d = load(&c);
    ck_assert(data_sizes(&c, &n, &err));
    ck_assert_uint_eq(n.train, d->train.n);
    ck_assert_uint_eq(n.valid, d->valid.n);
    ck_assert_uint_eq(n.test, d->test.n);
    ck_assert_uint_eq(n.features, d->features);
    ck_assert_uint_eq(n.classes, d->classes);
    data_free(d);
}
END_TEST

START_TEST(sizes_refuse_as_loading_does)
{
    static const struct {
        double validation;
        int64_t train_limit, test_limit;
        const char *key;
    } wrong[] = {{N, PARAM_NULL_INT, PARAM_NULL_INT, "dataset.validation"},
                 {0.001, PARAM_NULL_INT, PARAM_NULL_INT, "dataset.validation"},
                 {8, N - 7, PARAM_NULL_INT, "dataset.train_limit"},
                 {8, PARAM_NULL_INT, M + 1, "dataset.test_limit"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct data_config c = config();
        struct data_sizes n;
        struct error err;
        c.validation = wrong[i].validation;
        c.train_limit = wrong[i].train_limit;
        c.test_limit = wrong[i].test_limit;
        ck_assert(!data_sizes(&c, &n, &err));
        ck_assert_int_eq(err.code, ERR_USAGE);
        ck_assert_str_eq(err.key, wrong[i].key);
        fails(&c, ERR_USAGE, err.message);
    }
}
END_TEST

START_TEST(sizes_of_published_sets_need_no_files)
{
    struct data_config c = config();
    struct data_sizes n;
    struct error err;
    c.dir = "nowhere";
    ck_assert(!data_sizes(&c, &n, &err) && err.code == ERR_DATA);
    ck_assert(n.train == 0 && n.features == 0 && n.classes == 0);
    c.name = named("mnist");
    ck_assert(data_sizes(&c, &n, &err));
    ck_assert(n.train == 59992 && n.valid == 8 && n.test == 10000 && n.features == 784 &&
              n.classes == 10);
    c.dir = folder;
    ck_assert(data_sizes(&c, &n, &err) && n.train == N - 8);
}
END_TEST

/* ---- pixels ---- */

static void gather(int scale, float *x)
{
    struct data_config c = config();
    uint8_t y[N];
    c.scale.kind = scale;
    struct data *d = load(&c);
    struct data_batch b = {.split = &d->train, .n = d->train.n};
    data_gather(d, &b, x, 16, y);
    for (size_t i = 0; i < d->train.n; i++)
        ck_assert_uint_eq(y[i], i * i % 5);
    data_free(d);
}

START_TEST(unit_scale)
{
    static float x[N * 16];
    gather(DATA_SCALE_UNIT, x);
    ck_assert_float_eq_tol(x[16 + 2], (float)(uint8_t)(11 * 37 + 11 / 7) / 255, 1e-7f);
}
END_TEST

START_TEST(no_scale)
{
    static float x[N * 16];
    gather(DATA_SCALE_NONE, x);
    ck_assert_float_eq(x[16 + 2], (float)(uint8_t)(11 * 37 + 11 / 7));
}
END_TEST

START_TEST(standard_scale_has_mean_0_and_deviation_1)
{
    static float x[N * 16];
    double sum = 0, square = 0, n = (N - 8) * ITEM;
    gather(DATA_SCALE_STANDARD, x);
    for (size_t i = 0; i < N - 8; i++)
        for (size_t j = 0; j < ITEM; j++) {
            double v = (double)x[i * 16 + j];
            sum += v;
            square += v * v;
        }
    ck_assert_double_eq_tol(sum / n, 0, 1e-6);
    ck_assert_double_eq_tol(square / n, 1, 1e-5);
}
END_TEST

START_TEST(digests_are_those_of_the_files)
{
    struct data_config c = config();
    struct data *d = load(&c);
    data_digests(d);
    for (int i = 0; i < 4; i++) {
        char *text, hex[65];
        size_t n;
        struct error err;
        ck_assert(file_read(path_of(names[i]), 1 << 20, &text, &n, &err));
        sha256_of(text, n, hex);
        ck_assert_str_eq(hex, d->sha256[i]);
        mem_free(text);
    }
    data_free(d);
}
END_TEST

/* ---- samplers ---- */

static const size_t batches[] = {1, 3, 7, 32};

START_TEST(order_is_a_permutation)
{
    struct data_config c = config();
    struct data *d = load(&c);
    uint32_t order[N], again[N], scratch[N];
    for (size_t b = 0; b < 4; b++)
        for (uint64_t epoch = 0; epoch < 5; epoch++) {
            bool seen[N] = {false};
            const struct data_pass pass = {(enum data_sampler)_i, 9, epoch, batches[b]};
            data_order(&d->train, pass, order, scratch);
            data_order(&d->train, pass, again, scratch);
            ck_assert(memcmp(order, again, d->train.n * sizeof *order) == 0);
            for (size_t i = 0; i < d->train.n; i++) {
                ck_assert_uint_lt(order[i], d->train.n);
                ck_assert(!seen[order[i]]);
                seen[order[i]] = true;
            }
        }
    data_free(d);
}
END_TEST

START_TEST(epochs_differ_unless_sequential)
{
    struct data_config c = config();
    struct data *d = load(&c);
    uint32_t one[N], two[N], scratch[N];
    data_order(&d->train, (struct data_pass){(enum data_sampler)_i, 9, 0, 8}, one, scratch);
    data_order(&d->train, (struct data_pass){(enum data_sampler)_i, 9, 1, 8}, two, scratch);
    ck_assert_int_eq(memcmp(one, two, d->train.n * sizeof *one) == 0, _i == SAMPLER_SEQUENTIAL);
    data_free(d);
}
END_TEST

START_TEST(stratified_batches_keep_the_shares)
{
    struct data_config c = config();
    struct data *d = load(&c);
    uint32_t order[N], scratch[N];
    size_t n = d->train.n, b = batches[_i], all[5] = {0};
    data_order(&d->train, (struct data_pass){SAMPLER_STRATIFIED, 3, 2, b}, order, scratch);
    for (size_t i = 0; i < n; i++)
        all[d->train.labels[d->train.index[order[i]]]]++;
    for (size_t first = 0; first + b <= n; first += b) {
        size_t count[5] = {0};
        for (size_t i = first; i < first + b; i++)
            count[d->train.labels[d->train.index[order[i]]]]++;
        for (int k = 0; k < 5; k++) {
            double share = (double)all[k] / (double)n * (double)b;
            ck_assert_msg(fabs((double)count[k] - share) < 1 + 1e-9,
                          "batch at %zu: %zu of class %d, share %g", first, count[k], k, share);
        }
    }
    data_free(d);
}
END_TEST

/* ---- the synthetic digits ---- */

START_TEST(digits_are_a_pure_function)
{
    uint8_t a[784], b[784], c[784];
    digits_draw(5, 123, a);
    digits_draw(5, 7, b);
    digits_draw(5, 123, b);
    digits_draw(6, 123, c);
    ck_assert(memcmp(a, b, sizeof a) == 0);
    ck_assert(memcmp(a, c, sizeof a) != 0);
}
END_TEST

/* Of so many training images as are asked for, no more, with their validation set. */
START_TEST(fractions_of_limited_digits)
{
    static const struct {
        double fraction;
        size_t valid;
    } v[] = {{0.5, 600}, {0.25, 200}, {0.1, 67}, {0.9, 5400}, {1e-9, 0}};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct data_config c = {.name = named("digits"),
                                .classes = PARAM_NULL_INT,
                                .train_limit = 600,
                                .test_limit = 10,
                                .validation = v[i].fraction};
        if (v[i].valid == 0) {
            fails(&c, ERR_USAGE, "no image");
            continue;
        }
        struct data *d = load(&c);
        ck_assert_uint_eq(d->train.n, 600);
        ck_assert_uint_eq(d->valid.n, v[i].valid);
        data_free(d);
    }
}
END_TEST

START_TEST(digits_have_ink_and_balanced_labels)
{
    size_t count[10] = {0};
    for (uint32_t i = 0; i < 2000; i++) {
        uint8_t x[784];
        unsigned ink = 0;
        digits_draw(0, i, x);
        for (int p = 0; p < 784; p++)
            ink += x[p] > 64;
        ck_assert_msg(ink >= 12, "image %u has %u dark pixels", i, ink);
        count[digits_label(0, i)]++;
    }
    for (int k = 0; k < 10; k++)
        ck_assert(count[k] > 140 && count[k] < 260);
}
END_TEST

START_TEST(only_as_many_digits_as_asked_and_the_same)
{
    struct data_config c = config();
    c.name = named("digits");
    c.validation = 20;
    c.train_limit = 50;
    c.test_limit = 10;
    struct data *d = load(&c);
    uint8_t x[784];
    ck_assert_uint_eq(d->train.n, 50);
    ck_assert_uint_eq(d->valid.n, 20);
    ck_assert_uint_eq(d->test.n, 10);
    ck_assert_uint_eq(d->classes, 10);
    digits_draw(0, 49, x);
    ck_assert(memcmp(x, d->train.pixels + 49 * 784, 784) == 0);
    digits_draw(0, 60009, x);
    ck_assert(memcmp(x, d->test.pixels + 9 * 784, 784) == 0);
    data_free(d);
}
END_TEST

/* ---- the real thing ---- */

START_TEST(real_mnist)
{
    const char *dir = getenv("DESCENT_MNIST");
    if (!dir) {
        printf("# real MNIST: skipped, DESCENT_MNIST does not name its folder\n");
        return;
    }
    static const size_t expected[10] = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};
    struct data_config c = config();
    size_t count[10] = {0};
    c.name = named("mnist");
    c.dir = dir;
    c.validation = 0;
    struct data *d = load(&c);
    ck_assert_uint_eq(d->train.n, 60000);
    ck_assert_uint_eq(d->test.n, 10000);
    ck_assert_uint_eq(d->image.height, 28);
    for (size_t i = 0; i < d->train.n; i++)
        count[d->train.labels[d->train.index[i]]]++;
    ck_assert(memcmp(count, expected, sizeof count) == 0);
    data_free(d);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data");
    TCase *t = tcase_create("data");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, broken_idx_in_memory, 0, (int)(sizeof broken / sizeof broken[0]));
    tcase_add_loop_test(t, broken_idx_on_disk, 0, (int)(sizeof broken / sizeof broken[0]));
    tcase_add_test(t, every_truncation_is_an_error);
    tcase_add_test(t, round_trip);
    tcase_add_test(t, header_alone);
    tcase_add_test(t, gz_reads_the_same);
    tcase_add_test(t, gz_cut_short_anywhere_is_an_error);
    tcase_add_test(t, gz_with_a_wrong_byte_is_an_error);
    tcase_add_test(t, a_plain_file_wins_over_a_compressed_one);
    tcase_add_test(t, a_missing_file_names_the_remedy);
    tcase_add_test(t, gz_with_bytes_after_its_end_is_an_error);
    tcase_add_test(t, gz_of_two_members_is_read);
    tcase_add_loop_test(t, files_are_found_as_people_have_them, 0, 4);
    tcase_add_test(t, another_sets_folder_is_not_taken);
    tcase_add_test(t, files_side_by_side_must_be_the_same);
    tcase_add_test(t, a_compressed_file_beside_a_plain_one);
    tcase_add_test(t, an_empty_folder_names_the_files_and_the_next_step);
    tcase_add_test(t, a_folder_is_no_file);
    tcase_add_test(t, counts_that_disagree);
    tcase_add_test(t, a_test_label_beyond_the_training_labels);
    tcase_add_test(t, a_training_label_beyond_the_given_classes);
    tcase_add_test(t, more_classes_than_labels_are_allowed);
    tcase_add_test(t, test_images_of_another_size);
    tcase_add_test(t, all_labels_zero);
    tcase_add_test(t, labels_with_two_dimensions);
    tcase_add_test(t, sizes_of_files_that_do_not_fit);
    tcase_add_loop_test(t, split_of_every_kind_is_complete_and_disjoint, 0, 3);
    tcase_add_test(t, tail_is_the_tail);
    tcase_add_test(t, random_split_follows_the_seed);
    tcase_add_test(t, stratified_split_keeps_the_shares);
    tcase_add_loop_test(t, folds_are_a_partition, 0, 3);
    tcase_add_test(t, folds_come_before_the_limit);
    tcase_add_test(t, a_split_may_have_a_seed_of_its_own);
    tcase_add_test(t, validation_defaults_to_a_tenth_of_the_file);
    tcase_add_test(t, limits_take_the_first);
    tcase_add_test(t, too_much_is_refused);
    tcase_add_test(t, sizes_agree_with_the_loaded_set);
    tcase_add_test(t, sizes_refuse_as_loading_does);
    tcase_add_test(t, sizes_of_published_sets_need_no_files);
    tcase_add_test(t, unit_scale);
    tcase_add_test(t, no_scale);
    tcase_add_test(t, standard_scale_has_mean_0_and_deviation_1);
    tcase_add_test(t, digests_are_those_of_the_files);
    tcase_add_loop_test(t, order_is_a_permutation, 0, 3);
    tcase_add_loop_test(t, epochs_differ_unless_sequential, 0, 3);
    tcase_add_loop_test(t, stratified_batches_keep_the_shares, 0, 4);
    tcase_add_test(t, digits_are_a_pure_function);
    tcase_add_test(t, digits_have_ink_and_balanced_labels);
    tcase_add_test(t, fractions_of_limited_digits);
    tcase_add_test(t, only_as_many_digits_as_asked_and_the_same);
    tcase_add_test(t, real_mnist);
    suite_add_tcase(suite, t);
    return check_main(suite);
}
