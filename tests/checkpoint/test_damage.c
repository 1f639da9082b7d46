/* A run's checkpoint from the middle of an epoch, small enough to damage it everywhere: a byte
 * changed, the end missing. What still loads, because the byte meant nothing, is the same state to
 * the last bit. */
#include "check_main.h"
#include "fuzz/fuzz.h"
#include "train/train.h"
#include "util/file.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct arena arena;
static struct spec spec;
static struct strbuf spec_text;
static struct data *data;
static char folder[64], path[128];
static char *whole, *changed; /* the sound checkpoint, and a copy to damage */
static size_t length;

static void write_set(const char *images, const char *labels, uint32_t n)
{
    struct idx x = {.dims = 3, .dim = {n, 1, 2}, .item = 2, .bytes = mem_new(n * 2)};
    struct idx y = {.dims = 1, .dim = {n}, .item = 1, .bytes = mem_new(n)};
    struct error err;
    for (uint32_t i = 0; i < n; i++) {
        x.bytes[2 * i] = (uint8_t)(37 * i);
        x.bytes[2 * i + 1] = (uint8_t)(91 * i + 5);
        y.bytes[i] = i % 2;
    }
    snprintf(path, sizeof path, "%s/%s", folder, images);
    ck_assert(idx_write(path, &x, &err));
    snprintf(path, sizeof path, "%s/%s", folder, labels);
    ck_assert(idx_write(path, &y, &err));
    idx_fini(&x);
    idx_fini(&y);
}

static void make_spec(void)
{
    static const char rest[] =
        ", validation: 4}\n"
        "model: {name: mlp, hidden: [2], batch_norm: true}\n"
        "train: {epochs: 3, batch_size: 2, early_stopping: {monitor: valid_loss, patience: 5}}\n"
        "optimizer: adam\n"
        "scheduler: {name: reduce_on_plateau, monitor: valid_loss, patience: 0}\n"
        "average: {name: ema, decay: 0.9}\n";
    struct diags d;
    diags_init(&d, &arena);
    const char *text = arena_printf(&arena, "dataset: {name: idx, dir: \"%s\"%s", folder, rest);
    if (!spec_parse(&arena, &(struct spec_text){.name = "small", .text = text}, &d, &spec)) {
        diags_write(&d, &spec_text);
        ck_abort_msg("%s", spec_text.text);
    }
    spec_write(&spec, &spec_text);
}

static struct train *train_anew(void)
{
    struct train *t;
    struct error err;
    bool ok = train_new(&spec, data, &t, &err);
    ck_assert_msg(ok, "%s", err.message);
    return t;
}

static enum train_wish stop_at_eight(void *context, int64_t step, double loss)
{
    (void)context;
    (void)loss;
    return step == 8 ? TRAIN_STOP : TRAIN_GO_ON;
}

static void enter(void)
{
    struct error err;
    struct train_events events = {.wish = stop_at_eight};
    bool finished;
    strcpy(folder, "/tmp/descent-damage-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    arena_init(&arena);
    strbuf_init(&spec_text);
    write_set(data_file_names[0], data_file_names[1], 16);
    write_set(data_file_names[2], data_file_names[3], 4);
    make_spec();
    ck_assert(data_load(&spec.dataset, 1, &data, &err));
    struct train *t = train_anew();
    ck_assert(train_run(t, &events, &finished, &err));
    ck_assert(!finished && train_is_within_epoch(t));
    snprintf(path, sizeof path, "%s/whole", folder);
    ck_assert(train_save(t, path, spec_text.text, NULL, 0, &err));
    ck_assert(file_read(path, 1 << 20, &whole, &length, &err));
    changed = mem_new(length);
    memcpy(changed, whole, length);
    train_free(t);
}

static void leave(void)
{
    mem_free(changed);
    mem_free(whole);
    data_free(data);
    strbuf_fini(&spec_text);
    arena_fini(&arena);
    for (size_t i = 0; i < DATA_FILES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, data_file_names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/whole", folder);
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* What was loaded, saved again, is the sound file. */
static void check_is_whole(struct train *t, size_t at)
{
    struct error err;
    char *again;
    size_t n;
    ck_assert(train_save(t, path, spec_text.text, NULL, 0, &err));
    ck_assert(file_read(path, 1 << 20, &again, &n, &err));
    ck_assert_msg(n == length && memcmp(again, whole, n) == 0,
                  "another state after a change of byte %zu", at);
    mem_free(again);
}

static bool loads(const char *bytes, size_t n, size_t at)
{
    struct train *t = train_anew();
    struct error err = {0};
    const char *file = fuzz_file((const uint8_t *)bytes, n);
    bool ok = train_load(t, file, &err);
    if (ok) {
        check_is_whole(t, at);
    } else {
        ck_assert_int_eq(err.code, ERR_DATA);
        ck_assert_msg(strncmp(err.message, file, strlen(file)) == 0, "%s", err.message);
    }
    train_free(t);
    return ok;
}

START_TEST(the_sound_file_loads)
{
    ck_assert(loads(whole, length, 0));
}
END_TEST

START_TEST(every_byte_changed)
{
    static const unsigned char how[] = {0x01, 0x20, 0x80, 0xFF};
    size_t unseen = 0;
    for (size_t i = 0; i < length; i++) {
        changed[i] = (char)(whole[i] ^ how[_i]);
        unseen += loads(changed, length, i);
        changed[i] = whole[i];
    }
    ck_assert_uint_le(unseen, strlen("descent.header") +
                                  7); /* the name of the header's digest, and the padding */
}
END_TEST

START_TEST(every_length)
{
    for (size_t n = 0; n < length; n++)
        ck_assert_msg(!loads(whole, n, n), "%zu of %zu bytes", n, length);
}
END_TEST

START_TEST(bytes_behind_the_end)
{
    char *longer = mem_new(length + 8);
    memcpy(longer, whole, length);
    for (size_t n = 1; n <= 8; n++)
        ck_assert(!loads(longer, length + n, length));
    mem_free(longer);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("damage");
    TCase *t = tcase_create("checkpoint");
    tcase_add_checked_fixture(t, enter, leave);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, the_sound_file_loads);
    tcase_add_loop_test(t, every_byte_changed, 0, 4);
    tcase_add_test(t, every_length);
    tcase_add_test(t, bytes_behind_the_end);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return check_main(suite());
}
