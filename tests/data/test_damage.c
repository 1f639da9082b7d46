/* Small IDX files, plain and compressed, with every bit changed and every length: an error, or what
 * may be told apart. */
#include "check_main.h"
#include "data/data.h"
#include "data/packed.h"
#include "fuzz/fuzz.h"
#include "util/file.h"
#include "util/mem.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 5, ROWS = 3, COLUMNS = 2, HEADER = 16, BYTES = COUNT * ROWS * COLUMNS };

static char path[64];
static char *file; /* of what is in it */
static size_t length;
static uint8_t pixels[BYTES];
static struct idx sound;

static void make(bool compressed)
{
    struct error err;
    for (size_t i = 0; i < BYTES; i++)
        pixels[i] = (uint8_t)(i * i + 3);
    sound = (struct idx){
        .dims = 3, .dim = {COUNT, ROWS, COLUMNS}, .item = ROWS * COLUMNS, .bytes = pixels};
    idx_digest(&sound);
    strcpy(path, "/tmp/descent-idx-XXXXXX");
    close(mkstemp(path));
    ck_assert(compressed ? idx_write_gz(path, &sound, &err) : idx_write(path, &sound, &err));
    ck_assert(file_read(path, 1 << 16, &file, &length, &err));
    unlink(path);
}

static bool reads(const char *bytes, size_t n, struct idx *ret)
{
    struct error err = {0};
    const char *name = fuzz_file((const uint8_t *)bytes, n);
    if (idx_read(name, ret, &err))
        return true;
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_msg(strncmp(err.message, name, strlen(name)) == 0, "%s", err.message);
    return false;
}

/* A changed header is refused. Data have no checksum of their own: one byte is another one, and so
 * is the digest that a run records. */
START_TEST(every_bit_of_a_plain_file)
{
    struct idx x;
    make(false);
    ck_assert_uint_eq(length, HEADER + BYTES);
    for (size_t i = 0; i < length; i++)
        for (int bit = 0; bit < 8; bit++) {
            file[i] = (char)(file[i] ^ 1 << bit);
            bool ok = reads(file, length, &x);
            ck_assert_msg(ok == (i >= HEADER), "byte %zu, bit %d", i, bit);
            if (ok) {
                for (size_t k = 0; k < BYTES; k++)
                    ck_assert_uint_eq(x.bytes[k], pixels[k] ^ (k + HEADER == i ? 1u << bit : 0));
                idx_digest(&x);
                ck_assert_str_ne(x.sha256, sound.sha256);
                idx_fini(&x);
            }
            file[i] = (char)(file[i] ^ 1 << bit);
        }
    mem_free(file);
}
END_TEST

/* gzip keeps a checksum: what still reads is the same. Without meaning are the bytes for time,
 * system and the like, and the bits between the end of the compressed data and the next whole
 * byte. */
START_TEST(every_bit_of_a_compressed_file)
{
    struct idx x;
    size_t unseen = 0;
    make(true);
    for (size_t i = 0; i < length; i++)
        for (int bit = 0; bit < 8; bit++) {
            file[i] = (char)(file[i] ^ 1 << bit);
            if (reads(file, length, &x)) {
                unseen++;
                ck_assert_uint_eq(x.dim[0] * x.item, BYTES);
                ck_assert_msg(memcmp(x.bytes, pixels, BYTES) == 0, "byte %zu, bit %d", i, bit);
                idx_fini(&x);
            }
            file[i] = (char)(file[i] ^ 1 << bit);
        }
    ck_assert_uint_ge(unseen, 8 * 6); /* so that it was gzip that was read */
    ck_assert_uint_lt(unseen, 8 * 8);
    mem_free(file);
}
END_TEST

START_TEST(no_more_than_the_most)
{
    char name[] = "/tmp/descent-XXXXXX";
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct error err;
    int fd = mkstemp(name);
    ck_assert_int_eq(write(fd, "abcdef", 6), 6);
    close(fd);
    ck_assert(!packed_read_all(name, 5, &bytes, &n, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "more than 5 bytes"));
    ck_assert(packed_read_all(name, 6, &bytes, &n, &err));
    ck_assert_uint_eq(n, 6);
    mem_free(bytes);
    unlink(name);
}
END_TEST

START_TEST(every_length)
{
    struct idx x;
    make(_i == 1);
    for (size_t n = 0; n < length; n++)
        ck_assert_msg(!reads(file, n, &x), "%zu of %zu bytes", n, length);
    ck_assert(reads(file, length, &x));
    ck_assert_mem_eq(x.bytes, pixels, BYTES);
    idx_fini(&x);
    mem_free(file);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("damage");
    TCase *t = tcase_create("idx");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, every_bit_of_a_plain_file);
    tcase_add_test(t, every_bit_of_a_compressed_file);
    tcase_add_test(t, no_more_than_the_most);
    tcase_add_loop_test(t, every_length, 0, 2);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return check_main(suite());
}
