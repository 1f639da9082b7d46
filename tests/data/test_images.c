/* Images with channels: CIFAR-10 sound and broken, IDX of four dimensions, scales, augmentations
 * bit for bit against Philox written down here again. */
#include "check_main.h"
#include "data/data.h"
#include "data/internal.h"
#include "loading.h"
#include "util/file.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { RECORD = 3073, PIXELS = 3072, A_BATCH = 4, C = 3, H = 5, W = 4, N = 20, M = 6 };

static uint8_t pixel(size_t file, size_t image, size_t k)
{
    return (uint8_t)(file * 31 + image * 7 + k * k % 251 + k / 1024 * 50);
}

static void write_batch(size_t file, size_t records)
{
    static const char *const name[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                       "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
    uint8_t *bytes = mem_array(records, RECORD);
    for (size_t i = 0; i < records; i++) {
        bytes[i * RECORD] = (uint8_t)((file * A_BATCH + i) % 10);
        for (size_t k = 0; k < PIXELS; k++)
            bytes[i * RECORD + 1 + k] = pixel(file, i, k);
    }
    write_bytes(name[file], bytes, records * RECORD);
    mem_free(bytes);
}

static void set_up(void)
{
    strcpy(folder, "/tmp/descent-images-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (size_t i = 0; i < 6; i++)
        write_batch(i, A_BATCH);
}

static int set_named(const char *name)
{
    int i = 0;
    while (strcmp(data_names[i], name) != 0)
        i++;
    return i;
}

static struct data_config config(const char *set)
{
    return (struct data_config){.name = set_named(set),
                                .dir = folder,
                                .classes = PARAM_NULL_INT,
                                .folds = PARAM_NULL_INT,
                                .split_seed = PARAM_NULL_INT,
                                .train_limit = PARAM_NULL_INT,
                                .test_limit = PARAM_NULL_INT};
}

/* ---- CIFAR-10 ---- */

START_TEST(cifar_is_read_in_order)
{
    struct data_config c = config("cifar10");
    struct data *d = load(&c);
    ck_assert(d->image.channels == 3 && d->image.height == 32 && d->image.width == 32);
    ck_assert_uint_eq(d->classes, 10);
    ck_assert_str_eq(d->class_name[3], "cat");
    ck_assert_uint_eq(d->train.n, 5 * A_BATCH);
    ck_assert_uint_eq(d->test.n, A_BATCH);
    for (size_t i = 0; i < d->train.n; i++) {
        ck_assert_uint_eq(d->train.labels[i], i % 10);
        for (size_t k = 0; k < PIXELS; k++)
            ck_assert_uint_eq(d->train.pixels[i * PIXELS + k], pixel(i / A_BATCH, i % A_BATCH, k));
    }
    ck_assert_uint_eq(d->test.pixels[PIXELS + 5], pixel(5, 1, 5));
    data_free(d);
}
END_TEST

START_TEST(cifar_sizes_agree_with_the_loaded_set)
{
    struct data_config c = config("cifar10");
    struct data_sizes n;
    struct error err;
    struct arena a;
    arena_init(&a);
    c.validation = DATA_A_TENTH;
    data_config_finish(&c, &a);
    ck_assert_double_eq(c.validation, 2);
    ck_assert(data_sizes(&c, &n, &err));
    ck_assert(n.train == 18 && n.valid == 2 && n.test == A_BATCH && n.classes == 10);
    ck_assert(n.features == PIXELS && n.image.channels == 3);
    c.dir = "nowhere"; /* of the published set all is known */
    c.validation = DATA_A_TENTH;
    data_config_finish(&c, &a);
    ck_assert_double_eq(c.validation, 5000);
    ck_assert(data_sizes(&c, &n, &err) && n.train == 45000 && n.test == 10000);
    arena_fini(&a);
}
END_TEST

static void cut(const char *name, long length)
{
    ck_assert_int_eq(truncate(path_of(name), length), 0);
}

START_TEST(a_cut_batch_is_an_error)
{
    static const long length[] = {0, 1, RECORD - 1, RECORD + 1, 4 * RECORD - 1};
    static const char *const part[] = {"empty", "image 0 is cut short", "image 0 is cut short",
                                       "image 1 is cut short", "image 3 is cut short"};
    struct data_config c = config("cifar10");
    struct data_sizes n;
    struct error err;
    cut("data_batch_3.bin", length[_i]);
    fails(&c, ERR_DATA, part[_i]);
    fails(&c, ERR_DATA, "data_batch_3.bin");
    ck_assert(!data_sizes(&c, &n, &err) && err.code == ERR_DATA && n.train == 0);
}
END_TEST

START_TEST(a_label_beyond_ten_is_an_error)
{
    struct data_config c = config("cifar10");
    uint8_t bytes[2 * RECORD] = {0};
    bytes[RECORD] = 10;
    write_bytes("test_batch.bin", bytes, sizeof bytes);
    fails(&c, ERR_DATA, "test_batch.bin: label 10 of image 1 (byte 3073) lies beyond");
}
END_TEST

/* Labels count from 0 over the files: the first 5 is the second one's second. */
START_TEST(a_label_beyond_the_classes_is_named)
{
    struct data_config c = config("cifar10");
    c.classes = 5;
    fails(&c, ERR_DATA, "data_batch_2.bin: label 5 of image 1 lies beyond the 5 classes");
    c.classes = 9;
    fails(&c, ERR_DATA, "data_batch_3.bin: label 9 of image 1 lies beyond the 9 classes");
}
END_TEST

START_TEST(a_missing_batch_is_named)
{
    struct data_config c = config("cifar10");
    ck_assert_int_eq(unlink(path_of("data_batch_4.bin")), 0);
    fails(&c, ERR_DATA, "data_batch_4.bin: no such file, nor data_batch_4.bin.gz");
    fails(&c, ERR_DATA, "scripts/fetch-data");
}
END_TEST

static void squeeze(const char *name)
{
    char *bytes, to[300];
    size_t n;
    struct error err;
    ck_assert(file_read(path_of(name), 1 << 20, &bytes, &n, &err));
    snprintf(to, sizeof to, "%s.gz", path_of(name));
    gzFile f = gzopen(to, "wb");
    ck_assert_int_eq(gzwrite(f, bytes, (unsigned)n), (int)n);
    gzclose(f);
    mem_free(bytes);
}

START_TEST(compressed_batches_are_the_same_data)
{
    struct data_config c = config("cifar10");
    struct data *plain = load(&c);
    struct data_sizes n;
    struct error err;
    data_digests(plain);
    squeeze("data_batch_2.bin");
    struct data *both = load(&c); /* side by side, and equal */
    unlink(path_of("data_batch_2.bin"));
    struct data *packed = load(&c);
    data_digests(both);
    data_digests(packed);
    ck_assert_str_eq(plain->sha256[0], both->sha256[0]);
    ck_assert_str_eq(plain->sha256[0], packed->sha256[0]);
    ck_assert(data_sizes(&c, &n, &err) && n.train == 5 * A_BATCH);
    write_batch(1, 3); /* another one beside it */
    fails(&c, ERR_DATA, "differ: remove the one that is not meant");
    data_free(plain);
    data_free(both);
    data_free(packed);
}
END_TEST

/* ---- IDX of four dimensions ---- */

static void write_idx4(const char *name, uint32_t n)
{
    struct error err;
    struct idx x = {.dims = 4, .dim = {n, C, H, W}, .item = C * H * W};
    x.bytes = mem_array(n, x.item);
    for (size_t i = 0; i < n * x.item; i++)
        x.bytes[i] = (uint8_t)(i * 37 + i / 7 + i / 60 * 11);
    ck_assert(idx_write(path_of(name), &x, &err));
    idx_fini(&x);
}

static void write_labels(const char *name, uint32_t n)
{
    struct error err;
    struct idx x = {.dims = 1, .dim = {n}, .item = 1, .bytes = mem_new(n)};
    for (uint32_t i = 0; i < n; i++)
        x.bytes[i] = (uint8_t)(i % 3);
    ck_assert(idx_write(path_of(name), &x, &err));
    idx_fini(&x);
}

static struct data_config colour(void)
{
    write_idx4("train-images-idx4-ubyte", N);
    write_labels("train-labels-idx1-ubyte", N);
    write_idx4("t10k-images-idx4-ubyte", M);
    write_labels("t10k-labels-idx1-ubyte", M);
    return config("idx");
}

START_TEST(four_dimensions_are_channels_rows_columns)
{
    struct data_config c = colour();
    struct data_sizes n;
    struct error err;
    struct data *d = load(&c);
    ck_assert(d->image.channels == C && d->image.height == H && d->image.width == W);
    ck_assert(data_sizes(&c, &n, &err) && n.image.channels == C && n.image.width == W);
    ck_assert(!d->class_name);
    data_free(d);
}
END_TEST

START_TEST(names_of_classes_stand_beside_the_files)
{
    struct data_config c = colour();
    write_bytes("classes.txt", "red\ngreen\r\nblue", 15);
    struct data *d = load(&c);
    ck_assert_str_eq(d->class_name[1], "green");
    ck_assert_str_eq(d->class_name[2], "blue");
    data_free(d);
    write_bytes("classes.txt", "red\n\nblue\n", 10);
    fails(&c, ERR_DATA, "classes.txt:2: an empty line");
}
END_TEST

START_TEST(what_is_written_reads_the_same)
{
    struct data_config c = config("cifar10");
    struct error err;
    struct data *d = load(&c);
    ck_assert(data_write(d, folder, true, &err));
    ck_assert_int_eq(access(path_of("train-images-idx4-ubyte.gz"), R_OK), 0);
    c.name = set_named("idx");
    struct data *again = load(&c);
    data_digests(d);
    data_digests(again);
    for (int i = 0; i < 4; i++)
        ck_assert_str_eq(d->sha256[i], again->sha256[i]);
    data_free(d);
    data_free(again);
}
END_TEST

START_TEST(images_of_other_channels_are_refused)
{
    struct data_config c = colour();
    struct error err;
    struct idx x = {.dims = 4, .dim = {M, 1, H, W * C}, .item = C * H * W};
    x.bytes = mem_array(M, x.item);
    ck_assert(idx_write(path_of("t10k-images-idx4-ubyte"), &x, &err));
    idx_fini(&x);
    fails(&c, ERR_DATA, "training images are 3 x 5 x 4, test images 1 x 5 x 12");
}
END_TEST

/* ---- scales ---- */

enum { ITEM = C * H * W };

static void gather(const struct data *d, float x[N * ITEM])
{
    uint8_t y[N];
    struct data_batch b = {.split = &d->train, .n = d->train.n};
    data_gather(d, &b, x, ITEM, y);
}

START_TEST(channel_scale_gives_each_channel_mean_0_and_deviation_1)
{
    static float x[N * ITEM];
    struct data_config c = colour();
    c.validation = 4;
    c.train_limit = 11; /* statistics are over these alone */
    c.scale.kind = DATA_SCALE_CHANNEL;
    struct data *d = load(&c);
    gather(d, x);
    for (size_t k = 0; k < C; k++) {
        double sum = 0, square = 0, n = 11 * H * W;
        for (size_t i = 0; i < 11; i++)
            for (size_t j = 0; j < H * W; j++) {
                double v = (double)x[i * ITEM + k * H * W + j];
                sum += v;
                square += v * v;
            }
        ck_assert_double_eq_tol(sum / n, 0, 1e-6);
        ck_assert_double_eq_tol(square / n, 1, 1e-5);
    }
    data_free(d);
}
END_TEST

START_TEST(a_channel_of_one_value_keeps_its_units)
{
    static float x[N * ITEM];
    struct data_config c = config("idx");
    struct error err;
    colour();
    struct idx v = {.dims = 4, .dim = {N, C, H, W}, .item = ITEM};
    v.bytes = mem_array(N, v.item);
    memset(v.bytes, 9, N * ITEM);
    ck_assert(idx_write(path_of("train-images-idx4-ubyte"), &v, &err));
    idx_fini(&v);
    c.scale.kind = DATA_SCALE_CHANNEL;
    struct data *d = load(&c);
    ck_assert_float_eq(d->scale[0], 1);
    gather(d, x);
    for (size_t i = 0; i < N * ITEM; i++)
        ck_assert_float_eq(x[i], 0);
    data_free(d);
}
END_TEST

START_TEST(image_scale_is_by_its_own_pixels)
{
    static float x[N * ITEM];
    struct data_config c = colour();
    c.scale.kind = DATA_SCALE_IMAGE;
    struct data *d = load(&c);
    gather(d, x);
    for (size_t i = 0; i < N; i++) {
        const uint8_t *p = d->train.pixels + i * ITEM;
        double mean = 0, square = 0;
        for (size_t k = 0; k < ITEM; k++)
            mean += (double)p[k] / ITEM;
        for (size_t k = 0; k < ITEM; k++)
            square += ((double)p[k] - mean) * ((double)p[k] - mean) / ITEM;
        for (size_t k = 0; k < ITEM; k++)
            ck_assert_double_eq_tol((double)x[i * ITEM + k],
                                    ((double)p[k] - mean) / fmax(sqrt(square), 1 / sqrt(ITEM)),
                                    2e-6);
    }
    ck_assert(!data_takes_rows(&c, C) && !data_takes_rows(&c, 1));
    data_free(d);
}
END_TEST

START_TEST(an_image_of_one_value_becomes_zero)
{
    uint8_t y[1], one[ITEM];
    float x[ITEM];
    memset(one, 200, sizeof one);
    struct data_config c = colour();
    c.scale.kind = DATA_SCALE_IMAGE;
    struct data *d = load(&c);
    struct data_split s = {.n = 1, .pixels = one, .labels = y};
    struct data_batch b = {.split = &s, .n = 1};
    y[0] = 0;
    data_gather(d, &b, x, ITEM, y);
    for (size_t k = 0; k < ITEM; k++)
        ck_assert_float_eq_tol(x[k], 0, 1e-3f);
    data_free(d);
}
END_TEST

START_TEST(numbers_are_in_raw_units)
{
    static float x[N * ITEM], p[N * ITEM];
    double mean[] = {125.3, 123.0, 113.9}, deviation[] = {63.0, 62.1, 66.7};
    struct data_config c = colour();
    uint8_t y[N];
    c.scale = (struct data_scaling){DATA_SCALE_NUMBERS, {3, mean}, {3, deviation}};
    struct data *d = load(&c);
    struct data_batch b = {.split = &d->train, .n = N};
    gather(d, x);
    data_gather_pixels(d, &b, p, C, y);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < C; k++)
            for (size_t j = 0; j < H * W; j++) {
                double raw = d->train.pixels[i * ITEM + k * H * W + j];
                float got = x[i * ITEM + k * H * W + j];
                ck_assert_double_eq_tol((double)got, (raw - mean[k]) / deviation[k], 1e-6);
                ck_assert_float_eq(p[(i * H * W + j) * C + k], got);
            }
    data_free(d);
    c.scale.mean.n = 2;
    fails(&c, ERR_USAGE, "'mean' has 2 numbers, but the images have 3 channels");
}
END_TEST

/* ---- augmentations ---- */

/* Philox4x32-10 (Salmon et al. 2011) for the stream (seed, augmentation, epoch, image): key = seed,
 * counter = (block, purpose 10 and kind, image, epoch). */
struct words {
    uint32_t key[2], counter[4], out[4];
    int used;
};

static void mix(struct words *s)
{
    uint32_t c[4], k[2] = {s->key[0], s->key[1]};
    memcpy(c, s->counter, sizeof c);
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53 * c[0], b = (uint64_t)0xCD9E8D57 * c[2];
        uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ k[0], (uint32_t)b,
                            (uint32_t)(a >> 32) ^ c[3] ^ k[1], (uint32_t)a};
        memcpy(c, next, sizeof c);
        k[0] += 0x9E3779B9;
        k[1] += 0xBB67AE85;
    }
    memcpy(s->out, c, sizeof c);
    s->counter[0]++;
}

static struct words words(uint64_t seed, uint32_t kind, uint32_t epoch, uint32_t image)
{
    return (struct words){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                          .counter = {0, (uint32_t)10 << 24 | kind, image, epoch},
                          .used = 4};
}

static uint64_t word64(struct words *s)
{
    uint64_t v = 0;
    for (int i = 0; i < 2; i++) {
        if (s->used == 4) {
            mix(s);
            s->used = 0;
        }
        v |= (uint64_t)s->out[s->used++] << (32 * i);
    }
    return v;
}

/* Lemire's: the high word of word * n; with so small an n a word is never thrown away in
 * practice. */
static size_t below(struct words *s, uint64_t n)
{
    uint64_t w = word64(s), low = (w & 0xFFFFFFFF) * n, high = (w >> 32) * n + (low >> 32);
    return (size_t)(high >> 32);
}

static uint8_t at(const uint8_t *x, size_t c, long y, long col)
{
    bool inside = y >= 0 && y < H && col >= 0 && col < W;
    return inside ? x[(c * H + (size_t)y) * W + (size_t)col] : 0;
}

/* By the definition, pixel by pixel. */
static void expect(const uint8_t *image, unsigned kinds, uint64_t seed, uint32_t epoch,
                   uint32_t number, uint8_t *ret)
{
    uint8_t x[ITEM], next[ITEM];
    memcpy(x, image, ITEM);
    struct words s[] = {words(seed, 1, epoch, number), words(seed, 2, epoch, number),
                        words(seed, 3, epoch, number)};
    long dy = (long)below(&s[0], 5) - 2, dx = (long)below(&s[0], 5) - 2;
    bool flip = below(&s[1], 2) == 1;
    long cy = (long)below(&s[2], H), cx = (long)below(&s[2], W);
    for (unsigned kind = 0; kind < 3; kind++) {
        for (size_t c = 0; c < C; c++)
            for (long y = 0; y < H; y++)
                for (long k = 0; k < W; k++) {
                    uint8_t v = at(x, c, y, k);
                    if (kind == 0 && (kinds & 1))
                        v = at(x, c, y + dy, k + dx);
                    if (kind == 1 && (kinds & 2) && flip)
                        v = at(x, c, y, W - 1 - k);
                    if (kind == 2 && (kinds & 4) && y >= cy - 1 && y <= cy + 1 && k >= cx - 1 &&
                        k <= cx + 1)
                        v = 0;
                    next[(c * H + (size_t)y) * W + (size_t)k] = v;
                }
        memcpy(x, next, ITEM);
    }
    memcpy(ret, x, ITEM);
}

static struct chosen_list chosen(struct arena *a, unsigned kinds)
{
    static const char *const text[] = {"{crop: {padding: 2}}", "flip", "{cutout: 3}"};
    struct chosen_list l = {.v = arena_alloc(a, 3 * sizeof *l.v)};
    struct diags d;
    diags_init(&d, a);
    for (unsigned k = 0; k < 3; k++)
        if (kinds >> k & 1)
            ck_assert(kind_parse(a, &augment_registry, text[k], &d, &l.v[l.n++]));
    return l;
}

/* Of every set of kinds: adding one shifts no other. */
START_TEST(augmentations_are_those_of_the_definition)
{
    struct arena a;
    struct data_config c = colour();
    arena_init(&a);
    c.augment = chosen(&a, (unsigned)_i);
    struct data *d = load(&c);
    arena_fini(&a); /* the data have their own copy */
    ck_assert_int_eq(data_augments(d), _i > 0);
    for (uint32_t epoch = 1; epoch < 9; epoch++)
        for (uint32_t i = 0; i < N; i++) {
            uint8_t want[ITEM], got[ITEM];
            uint64_t seed = epoch % 2 ? 3 : (uint64_t)1 << 40 | 9;
            expect(d->train.pixels + i * ITEM, (unsigned)_i, seed, epoch, i, want);
            data_augment(d, &d->train, i, seed, epoch, got);
            ck_assert_msg(memcmp(want, got, ITEM) == 0, "kinds %d, epoch %u, image %u", _i, epoch,
                          i);
        }
    data_free(d);
}
END_TEST

/* Whatever the batch and the order; and the number is the one in the file. */
START_TEST(bits_do_not_depend_on_the_batch)
{
    static float all[N * ITEM], one[ITEM], pixels[N * ITEM];
    struct arena a;
    uint8_t y[N], scratch[ITEM];
    uint32_t back[N];
    struct data_config c = colour();
    arena_init(&a);
    c.augment = chosen(&a, 7);
    c.scale.kind = _i ? DATA_SCALE_IMAGE : DATA_SCALE_CHANNEL;
    c.validation = 5;
    c.validation_split = DATA_SPLIT_RANDOM;
    struct data *d = load(&c);
    size_t n = d->train.n;
    for (uint32_t i = 0; i < n; i++)
        back[i] = (uint32_t)n - 1 - i;
    struct data_batch b = {.split = &d->train, .n = n, .seed = 4, .epoch = 3, .scratch = scratch};
    data_gather(d, &b, all, ITEM, y);
    data_gather_pixels(d, &b, pixels, C, y);
    for (size_t i = 0; i < n; i++) {
        struct data_batch of = b;
        of.idx = &back[i];
        of.n = 1;
        data_gather(d, &of, one, ITEM, y);
        ck_assert(memcmp(one, all + (n - 1 - i) * ITEM, sizeof one) == 0);
        for (size_t k = 0; k < ITEM; k++)
            ck_assert_float_eq(pixels[((n - 1 - i) * H * W + k % (H * W)) * C + k / (H * W)],
                               one[k]);
    }
    b.epoch = 0; /* as they are */
    data_gather(d, &b, all, ITEM, y);
    if (d->scale)
        for (size_t k = 0; k < ITEM; k++) {
            const uint8_t *raw = d->train.pixels + d->train.index[2] * ITEM;
            ck_assert_float_eq_tol(all[2 * ITEM + k],
                                   (float)raw[k] * d->scale[k / (H * W)] + d->shift[k / (H * W)],
                                   1e-6f);
        }
    ck_assert(!data_takes_rows(&c, 1));
    data_free(d);
    arena_fini(&a);
}
END_TEST

/* A crop's border may be wider than the image, and a cutout larger. */
START_TEST(large_ones_leave_nothing_outside)
{
    struct arena a;
    struct diags diags;
    struct chosen crop, cutout;
    arena_init(&a);
    diags_init(&diags, &a);
    ck_assert(kind_parse(&a, &augment_registry, "{crop: 1000}", &diags, &crop));
    ck_assert(kind_parse(&a, &augment_registry, "{cutout: 1000}", &diags, &cutout));
    struct data_config c = colour();
    for (int k = 0; k < 2; k++) {
        c.augment = (struct chosen_list){1, k ? &cutout : &crop};
        struct data *d = load(&c);
        size_t ink = 0;
        for (uint32_t i = 0; i < N; i++) {
            uint8_t x[ITEM + 16];
            memset(x, 77, sizeof x);
            data_augment(d, &d->train, i, 1, 1, x + 8);
            for (size_t j = 0; j < 8; j++)
                ck_assert(x[j] == 77 && x[8 + ITEM + j] == 77);
            for (size_t j = 0; j < ITEM; j++)
                ink += x[8 + j] != 0;
        }
        ck_assert_uint_le(ink, k ? 0 : ITEM);
        data_free(d);
    }
    arena_fini(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("images");
    TCase *t = tcase_create("images");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, cifar_is_read_in_order);
    tcase_add_test(t, cifar_sizes_agree_with_the_loaded_set);
    tcase_add_loop_test(t, a_cut_batch_is_an_error, 0, 5);
    tcase_add_test(t, a_label_beyond_ten_is_an_error);
    tcase_add_test(t, a_label_beyond_the_classes_is_named);
    tcase_add_test(t, a_missing_batch_is_named);
    tcase_add_test(t, compressed_batches_are_the_same_data);
    tcase_add_test(t, four_dimensions_are_channels_rows_columns);
    tcase_add_test(t, names_of_classes_stand_beside_the_files);
    tcase_add_test(t, what_is_written_reads_the_same);
    tcase_add_test(t, images_of_other_channels_are_refused);
    tcase_add_test(t, channel_scale_gives_each_channel_mean_0_and_deviation_1);
    tcase_add_test(t, a_channel_of_one_value_keeps_its_units);
    tcase_add_test(t, image_scale_is_by_its_own_pixels);
    tcase_add_test(t, an_image_of_one_value_becomes_zero);
    tcase_add_test(t, numbers_are_in_raw_units);
    tcase_add_loop_test(t, augmentations_are_those_of_the_definition, 0, 8);
    tcase_add_loop_test(t, bits_do_not_depend_on_the_batch, 0, 2);
    tcase_add_test(t, large_ones_leave_nothing_outside);
    suite_add_tcase(suite, t);
    return check_main(suite);
}
