/* Other programs, and lengths of time. */
#include "suites.h"
#include "util/command.h"
#include "util/duration.h"

extern char **environ;

#define RUN(...)                                                                                   \
    command_run((const char *const[]){__VA_ARGS__, NULL}, (const char *const *)environ,            \
                &(bool){false}, &out, &err)

START_TEST(command_takes_what_is_printed)
{
    struct strbuf out;
    struct error err;
    strbuf_init(&out);
    strbuf_add(&out, "> ");
    ck_assert(RUN("printf", "%s|", "a b", "$HOME", "x;y\n'\""));
    ck_assert_str_eq(out.text, "> a b|$HOME|x;y\n'\"|");
    strbuf_fini(&out);
}
END_TEST

START_TEST(command_takes_much)
{
    struct strbuf out;
    struct error err;
    strbuf_init(&out);
    ck_assert(RUN("sh", "-c",
                  "head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero >&2; cat"));
    ck_assert_uint_eq(out.length, 300000);
    strbuf_fini(&out);
}
END_TEST

START_TEST(command_tells_why_it_failed)
{
    struct strbuf out;
    struct error err = {0};
    strbuf_init(&out);
    ck_assert(!RUN("sh", "-c", "echo out; echo 'no account' >&2; exit 3"));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_str_eq(err.message, "'sh' ended with exit code 3: no account");
    ck_assert(!RUN("sh", "-c", "kill -9 $$"));
    ck_assert_str_eq(err.message, "'sh' was killed by signal 9");
    ck_assert(!RUN("descent-has-no-such-program"));
    ck_assert_str_eq(err.message,
                     "cannot run 'descent-has-no-such-program': No such file or directory");
    ck_assert_uint_eq(out.length, 0);
    strbuf_fini(&out);
}
END_TEST

static const struct {
    const char *text;
    double seconds; /* 0: is none */
    bool unit;
} durations[] = {{"90", 90, false},    {"90s", 90, true},    {"1h30m", 5400, true},
                 {"2d", 172800, true}, {"0.5h", 1800, true}, {"", 0, false},
                 {"0", 0, false},      {"1h30", 0, false},   {"h", 0, false},
                 {"-1h", 0, false},    {"1 h", 0, false},    {"1:30", 0, false},
                 {"1w", 0, false},     {"1h ", 0, false},    {"inf", 0, false}};

START_TEST(durations_as_people_write_them)
{
    double v = 0;
    bool unit = false;
    ck_assert_int_eq(duration_read(durations[_i].text, &v, &unit), durations[_i].seconds > 0);
    if (durations[_i].seconds > 0) {
        ck_assert_double_eq(v, durations[_i].seconds);
        ck_assert_int_eq(unit, durations[_i].unit);
    }
}
END_TEST

TCase *command_cases(void)
{
    TCase *t = tcase_create("command");
    tcase_add_test(t, command_takes_what_is_printed);
    tcase_add_test(t, command_takes_much);
    tcase_add_test(t, command_tells_why_it_failed);
    tcase_add_loop_test(t, durations_as_people_write_them, 0,
                        sizeof durations / sizeof durations[0]);
    return t;
}
