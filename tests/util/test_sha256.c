#include "check_main.h"
#include "util/sha256.c"

static const struct vector {
    const char *text, *hex;
} vectors[] = {
    /* the examples of FIPS 180-4's companion, and the empty message */
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
     "lmnopqrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

START_TEST(fips_vectors)
{
    char hex[65];
    sha256_of(vectors[_i].text, strlen(vectors[_i].text), hex);
    ck_assert_str_eq(hex, vectors[_i].hex);
}
END_TEST

START_TEST(million_a)
{
    struct sha256 s;
    char part[1000], hex[65];
    memset(part, 'a', sizeof part);
    sha256_init(&s);
    for (int i = 0; i < 1000; i++)
        sha256_add(&s, part, sizeof part);
    sha256_finish(&s, hex);
    ck_assert_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* Lengths around the block and the padding, in one piece and in two cut anywhere. */
START_TEST(pieces_do_not_matter)
{
    char text[200], whole[65], pieces[65];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7 % 128);
    for (size_t n = 0; n <= sizeof text; n++) {
        sha256_of(text, n, whole);
        for (size_t cut = 0; cut <= n; cut++) {
            struct sha256 s;
            sha256_init(&s);
            sha256_add(&s, text, cut);
            sha256_add(&s, text + cut, n - cut);
            sha256_finish(&s, pieces);
            ck_assert_str_eq(whole, pieces);
        }
    }
}
END_TEST

START_TEST(portable_code_agrees)
{
    uint8_t bytes[64 * 5];
    struct sha256 a, b;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 131 + 17);
    sha256_init(&a);
    sha256_init(&b);
    blocks_portable(a.h, bytes, 5);
    blocks_of(b.h, bytes, 5);
    ck_assert_mem_eq(a.h, b.h, sizeof a.h);
}
END_TEST

START_TEST(portable_code_knows_abc)
{
    struct sha256 s;
    uint8_t block[64] = {'a', 'b', 'c', 0x80};
    block[63] = 24;
    sha256_init(&s);
    blocks_portable(s.h, block, 1);
    ck_assert_uint_eq(s.h[0], 0xba7816bf);
    ck_assert_uint_eq(s.h[7], 0xf20015ad);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sha256");
    TCase *t = tcase_create("sha256");
    tcase_add_loop_test(t, fips_vectors, 0, sizeof vectors / sizeof vectors[0]);
    tcase_add_test(t, million_a);
    tcase_add_test(t, pieces_do_not_matter);
    tcase_add_test(t, portable_code_agrees);
    tcase_add_test(t, portable_code_knows_abc);
    suite_add_tcase(s, t);
    return check_main(s);
}
