/* A team does each part once; what is shared is as it is alone, or to rounding where the
 * header says so. */
#include "check_main.h"
#include "num/matmul.h"
#include "num/random.h"
#include "num/sparse.h"
#include "num/vec.h"
#include "util/mem.h"

enum { PARTS = 5, TURNS = 2000 };

static struct team *team_of(size_t n)
{
    struct team *t;
    struct error err;
    ck_assert(team_new(n, &t, &err));
    ck_assert_uint_eq(team_size(t), n);
    return t;
}

static void count_part(void *context, size_t part)
{
    ((int *)context)[part]++; /* each its own element */
}

START_TEST(every_part_is_done_once)
{
    struct team *t = team_of(PARTS);
    int done[PARTS] = {0};
    for (int i = 0; i < TURNS; i++) {
        team_run(t, count_part, done);
        for (int p = 0; p < PARTS; p++)
            ck_assert_int_eq(done[p], i + 1);
    }
    team_free(t);
}
END_TEST

START_TEST(one_is_no_team)
{
    struct team *t = team_of(1);
    int done[PARTS] = {0};
    ck_assert_ptr_null(t);
    team_run(t, count_part, done);
    ck_assert_int_eq(done[0], 1);
    ck_assert_int_eq(done[1], 0);
    team_free(t);
}
END_TEST

START_TEST(shares_are_whole_and_complete)
{
    struct team *t = team_of(PARTS);
    for (size_t n = 0; n < 300; n++)
        for (size_t unit = 1; unit <= 64; unit *= 4) {
            size_t next = 0, first, count;
            for (size_t p = 0; p < PARTS; p++) {
                team_share(t, p, n, unit, &first, &count);
                ck_assert_uint_eq(first, next);
                next = first + count;
                ck_assert(next == n || next % unit == 0);
            }
            ck_assert_uint_eq(next, n);
        }
    team_free(t);
}
END_TEST

static float *numbers(size_t n, uint32_t part)
{
    float *v = mem_array(n, sizeof *v);
    struct rng r = rng_stream(7, RNG_TEST, 1, part);
    for (size_t i = 0; i < n; i++)
        v[i] = (float)(rng_uniform(&r) - 0.5);
    return v;
}

/* ta, tb, m, n, k: both sides shared, both transposes. */
static const struct {
    bool ta, tb;
    size_t m, n, k;
} products[] = {{false, false, 100, 208, 300},
                {true, false, 300, 112, 100},
                {false, true, 90, 250, 300},
                {true, true, 333, 48, 200}};

/* Bit for bit, or to rounding where BLAS makes it. */
static void compare(enum gemm_kernel kernel, const float *alone, const float *shared, size_t n)
{
    for (size_t i = 0; i < n && kernel == GEMM_NONE; i++)
        ck_assert_float_eq_tol(alone[i], shared[i], 1e-4f); /* sums of k products of up to 1/4 */
    if (kernel != GEMM_NONE)
        ck_assert_mem_eq(alone, shared, n * sizeof *alone);
}

static void multiply(const struct matmul *backend, struct product p, const float *start,
                     size_t start_ld, float *c)
{
    p.start = start;
    p.start_ld = start_ld;
    p.c = c;
    matmul(backend, &p);
}

START_TEST(shared_product_is_the_product)
{
    size_t ld = 400;
    struct team *t = team_of(3);
    for (enum gemm_kernel kernel = GEMM_NONE; kernel <= gemm_best(); kernel++) {
        struct matmul one = {NULL, kernel}, three = {t, kernel};
        float *a = numbers(ld * ld, 0), *b = numbers(ld * ld, 1), *alone = numbers(ld * ld, 2),
              *shared = numbers(ld * ld, 2);
        float *again = numbers(ld * ld, 2), *start = numbers(ld, 3);
        struct product p = {.transpose_a = products[_i].ta,
                            .transpose_b = products[_i].tb,
                            .m = products[_i].m,
                            .n = products[_i].n,
                            .k = products[_i].k,
                            .a = a,
                            .lda = ld,
                            .b = b,
                            .ldb = ld,
                            .ldc = ld};
        multiply(&one, p, alone, ld, alone);
        multiply(&three, p, shared, ld, shared);
        compare(kernel, alone, shared, ld * ld);
        multiply(&three, p, again, ld, again);
        ck_assert_mem_eq(shared, again, ld * ld * sizeof *again);
        multiply(&one, p, start, 0, alone);
        multiply(&three, p, start, 0, shared);
        compare(kernel, alone, shared, ld * ld);
        float *all[] = {a, b, alone, shared, again, start};
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
            mem_free(all[i]);
    }
    team_free(t);
}
END_TEST

START_TEST(shared_sum_of_squares_is_the_sum)
{
    size_t most = 200200;
    float *x = numbers(most, 4);
    for (size_t threads = 1; threads <= 6; threads++) {
        struct team *t = team_of(threads);
        for (size_t n = most - 130; n <= most; n++) {
            double alone = vec_sum_squares(x, n), shared = vec_sum_squares_shared(t, x, n);
            ck_assert_mem_eq(&alone, &shared, sizeof alone);
        }
        team_free(t);
    }
    mem_free(x);
}
END_TEST

enum { ROWS = 300, COLUMNS = 150, WIDTH = 304 };

START_TEST(shared_sparse_products_have_the_same_bits)
{
    static uint8_t value[ROWS][COLUMNS];
    static uint64_t mask[ROWS][3];
    static struct sparse_row x[ROWS];
    struct rng r = rng_stream(8, RNG_TEST, 1, 0);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++)
            value[i][j] = rng_uniform(&r) < 0.8 ? 0 : (uint8_t)(256 * rng_uniform(&r));
        sparse_mask(value[i], COLUMNS, mask[i]);
        x[i] = (struct sparse_row){mask[i], value[i]};
    }
    struct team *t = team_of(3);
    float *w = numbers(COLUMNS * WIDTH, 0), *base = numbers(WIDTH, 1),
          *dy = numbers(ROWS * WIDTH, 2);
    float *y[2], *dw[2];
    for (int i = 0; i < 2; i++) {
        struct team *who = i ? t : NULL;
        y[i] = numbers(ROWS * WIDTH, 3);
        dw[i] = numbers(COLUMNS * WIDTH, 4);
        struct sparse_product p = {.team = who,
                                   .x = x,
                                   .n = ROWS,
                                   .columns = COLUMNS,
                                   .scale = 0.1f,
                                   .right = w,
                                   .ld = WIDTH,
                                   .width = WIDTH,
                                   .base = base,
                                   .result = y[i]};
        sparse_gemm(&p);
        p.right = dy;
        p.accumulate = _i > 0;
        p.result = dw[i];
        sparse_gemm_transposed(&p);
    }
    ck_assert_mem_eq(y[0], y[1], ROWS * WIDTH * sizeof(float));
    ck_assert_mem_eq(dw[0], dw[1], COLUMNS * WIDTH * sizeof(float));
    float *all[] = {w, base, dy, y[0], y[1], dw[0], dw[1]};
    for (size_t i = 0; i < 7; i++)
        mem_free(all[i]);
    team_free(t);
}
END_TEST

/* Against the definition, bit by bit. */
START_TEST(masks_say_what_is_not_zero)
{
    uint8_t value[200];
    struct rng r = rng_stream(9, RNG_TEST, 1, 0);
    for (size_t columns = 1; columns <= 200; columns++) {
        uint64_t mask[4];
        for (size_t j = 0; j < columns; j++)
            value[j] = rng_uniform(&r) < 0.5 ? 0 : (uint8_t)(1 + 255 * rng_uniform(&r));
        sparse_mask(value, columns, mask);
        for (size_t j = 0; j < 64 * sparse_words(columns); j++)
            ck_assert_uint_eq(mask[j / 64] >> j % 64 & 1, j < columns && value[j] != 0);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("team");
    TCase *t = tcase_create("team");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, every_part_is_done_once);
    tcase_add_test(t, one_is_no_team);
    tcase_add_test(t, shares_are_whole_and_complete);
    tcase_add_loop_test(t, shared_product_is_the_product, 0,
                        (int)(sizeof products / sizeof products[0]));
    tcase_add_loop_test(t, shared_sparse_products_have_the_same_bits, 0, 2);
    tcase_add_test(t, shared_sum_of_squares_is_the_sum);
    tcase_add_test(t, masks_say_what_is_not_zero);
    suite_add_tcase(s, t);
    return check_main(s);
}
