/* The two schedules that take expressions: values, and errors that point into the spec. */
#include "num/math.h"
#include "sched/sched.h"
#include "suite.h"
#include <math.h>
#include <string.h>

static struct arena arena;

static void begin(void)
{
    arena_init(&arena);
}

static void end(void)
{
    arena_fini(&arena);
}

static struct chosen parse(const char *text)
{
    struct diags d;
    struct chosen c;
    diags_init(&d, &arena);
    bool ok = kind_parse(&arena, &sched_registry, text, &d, &c);
    ck_assert_msg(ok, "%s: %s", text, d.n ? d.item[0].message : "");
    return c;
}

static double value_at(const struct chosen *c, struct sched_time now, double b)
{
    const struct sched_kind *k = (const struct sched_kind *)c->kind;
    return k->value(c->options, &now, b, NULL);
}

static double at(const struct chosen *c, double t)
{
    return value_at(
        c, (struct sched_time){.t = t, .T = 100, .epoch = t, .step = 10 * t, .epochs = 100}, 1);
}

/* A run of 60 updates, without momentum and decay. */
static const struct sched_base base = {.lr = 0.1,
                                       .momentum = (double)NAN,
                                       .decay = (double)NAN,
                                       .batch_size = 10,
                                       .train_size = 100,
                                       .epochs = 6,
                                       .steps = PARAM_NULL_INT,
                                       .accumulate = 1};

/* ---- lambda ---- */

START_TEST(names)
{
    struct sched_time now = {.t = 2, .T = 3, .epoch = 5, .step = 7, .epochs = 11};
    struct chosen c =
        parse("{name: lambda, expr: t + 100 * T + 1e4 * epoch + 1e6 * step + 1e8 * epochs}");
    ck_assert(value_at(&c, now, 1) == 2 + 3e2 + 5e4 + 7e6 + 11e8);
    c = parse("{name: lambda, expr: pi}");
    ck_assert(value_at(&c, now, 1) == acos(-1));
}
END_TEST

/* The two of the lecture, and the base value as a factor. */
START_TEST(lambda_values)
{
    struct chosen decay = parse("{name: lambda, expr: 0.95 ** epoch}");
    struct chosen steps = parse("{name: lambda, expr: epoch // 30}");
    for (int t = 0; t < 100; t++) {
        ck_assert(at(&decay, t) == math_pow(0.95, t));
        ck_assert(at(&steps, t) == t / 30);
    }
    ck_assert(value_at(&decay, (struct sched_time){.epoch = 2}, 0.5) == 0.5 * math_pow(0.95, 2));
    struct chosen number = parse("{name: lambda, expr: 3}"),
                  flag = parse("{name: lambda, expr: true}");
    ck_assert(at(&number, 1) == 3 && at(&flag, 1) == 1);
}
END_TEST

START_TEST(in_a_run)
{
    struct chosen c = parse("{name: lambda, expr: epoch // 2 + step / 1000}");
    struct chosen_list list = {.n = 1, .v = &c};
    struct error err;
    struct sched *s = sched_new(&list, &base, &err);
    ck_assert(s && sched_settings(s, 0, 0).lr == 0);
    ck_assert(sched_settings(s, 3, 34).lr == 0.1 * (1 + 34 / 1000.0));
    sched_free(s);
}
END_TEST

static void round_trip(const char *text, const char *written)
{
    struct chosen c = parse(text);
    const struct param *p = kind_param(&sched_registry, c.kind, "expr");
    struct strbuf out;
    strbuf_init(&out);
    write_value(&out, p, (const char *)c.options + p->offset);
    ck_assert_str_eq(out.text, written);
    struct chosen again =
        parse(arena_printf(&arena, "{name: %s, expr: %s}", c.kind->name, out.text));
    for (int t = 0; t < 9; t++)
        ck_assert(at(&again, t) == at(&c, t));
    strbuf_fini(&out);
}

START_TEST(written)
{
    round_trip("{name: lambda, expr: epoch}", "epoch");
    round_trip("{name: lambda, expr: 0.95 ** epoch}", "\"0.95 ** epoch\"");
    round_trip("{name: lambda, expr: 0.5}", "\"0.5\"");
    round_trip("{name: lambda, expr: true}", "\"true\"");
    round_trip("{name: lambda, expr: 'if(\"a\" == ''a'', t, 2)'}",
               "\"if(\\\"a\\\" == 'a', t, 2)\"");
    round_trip("{name: lambda, expr: \"1 +\\n\\tt\"}", "\"1 +\\n\\x09t\"");
    round_trip("{name: multiplicative, expr: 1 - t / 20}", "\"1 - t / 20\"");
}
END_TEST

/* With a plateau on the batch size the run's number of updates is not known beforehand. */
static void plays(const char *text, bool can)
{
    struct chosen c[] = {
        parse(text), parse("{name: reduce_on_plateau, monitor: train_loss, apply_to: batch_size}")};
    struct chosen_list list = {.n = 2, .v = c};
    struct error err;
    struct sched *s = sched_new(&list, &base, &err);
    ck_assert_msg((s != NULL) == can, "%s: %s", text, s ? "" : err.message);
    sched_free(s);
}

START_TEST(open_length)
{
    plays("{name: lambda, expr: 1 - t / T}", true);
    plays("{name: lambda, expr: 1 - t / T, interval: step}", false);
    plays("{name: lambda, expr: 1 - epoch / epochs, interval: step}", true);
    plays("{name: lambda, expr: 1 / (1 + step), interval: step}", true);
    plays("{name: multiplicative, expr: 1 - 1 / T, interval: step}", false);
    plays("{name: multiplicative, expr: 1 - 1 / epochs, interval: step}", true);
}
END_TEST

/* ---- multiplicative ---- */

static double product(int t)
{
    double p = 1;
    for (int i = 1; i <= t; i++)
        p *= 1 - i / 200.0;
    return p;
}

/* The same bits whatever was asked for before. */
START_TEST(any_order)
{
    struct chosen c = parse("{name: multiplicative, expr: 1 - t / 200}");
    ck_assert(at(&c, 0) == 1);
    for (int i = 0; i < 500; i++) {
        int t = i * 37 % 101;
        ck_assert(at(&c, t) == product(t));
    }
    for (int t = 100; t >= 0; t--)
        ck_assert(at(&c, t) == product(t));
    ck_assert(value_at(&c, (struct sched_time){.t = 2}, 0.3) == 0.3 * product(2));
}
END_TEST

START_TEST(length_of_the_run)
{
    struct chosen c = parse("{name: multiplicative, expr: 1 - 1 / (T + epochs)}");
    for (int round = 0; round < 2; round++)
        for (double T = 1; T < 5; T++) {
            double factor = 1 - 1 / (T + 8);
            ck_assert(value_at(&c, (struct sched_time){.t = 2, .T = T, .epochs = 8}, 1) ==
                      factor * factor);
        }
}
END_TEST

START_TEST(own_clock)
{
    struct chosen e = parse("{name: multiplicative, expr: epoch}"),
                  t = parse("{name: multiplicative, expr: t}");
    struct chosen s = parse("{name: multiplicative, expr: step, interval: step}");
    ck_assert(at(&e, 5) == 120 && at(&t, 5) == 120);
    ck_assert(value_at(&s, (struct sched_time){.t = 6, .step = 6, .epoch = 1}, 1) == 720);
    ck_assert(value_at(&t, (struct sched_time){.t = 6, .step = 6, .epoch = 1}, 1) ==
              720); /* a sequence's steps */
    ck_assert(isnan(value_at(&e, (struct sched_time){.t = 6, .step = 6, .epoch = 1}, 1)));
}
END_TEST

/* A run of 300,000 updates asks for each value: 300,000 factors, not 45,000,000,000. */
START_TEST(long_runs)
{
    struct chosen c = parse(
        "{name: multiplicative, expr: 'if(t % 3 == 0, 0.5, if(t % 3 == 1, 2, 1))', interval: step}");
    for (int t = 0; t < 300000; t++)
        ck_assert(at(&c, t) == (t % 3 == 0 ? 1 : 2));
}
END_TEST

/* ---- errors ---- */

static void fails(const char *text, unsigned line, unsigned column, unsigned width,
                  const char *message)
{
    struct diags d;
    struct chosen c;
    diags_init(&d, &arena);
    ck_assert_msg(!kind_parse(&arena, &sched_registry, text, &d, &c), "%s", text);
    ck_assert_msg(strcmp(d.item[0].message, message) == 0, "%s: %s", text, d.item[0].message);
    struct place p = d.item[0].place;
    bool there = p.line == line && p.column == column && p.width == width;
    ck_assert_msg(there, "%s: %u:%u, %u wide", text, p.line, p.column, p.width);
}

START_TEST(places)
{
    const char *message = "'expr': unknown name 'epohc'";
    fails("{name: lambda, expr: 0.95 ** epohc}", 1, 30, 5, message);
    fails("{name: lambda, expr: '0.95 ** epohc'}", 1, 31, 5, message);
    fails("{name: lambda, expr: \"0.95 ** epohc\"}", 1, 31, 5, message);
    fails("name: lambda\nexpr:   0.95 ** epohc # of it\n", 2, 17, 5, message);
    fails("name: multiplicative\nexpr: epohc", 2, 7, 5, message);
    fails("name: lambda\nexpr: 1 +", 2, 10, 1,
          "'expr': the expression ends where a value is expected");
    fails("name: lambda\nexpr: '1 +'", 2, 11, 1,
          "'expr': the expression ends where a value is expected");
    fails("name: lambda\nexpr: \"foo(1)\"", 2, 8, 3, "'expr': unknown function 'foo'");
    fails("name: lambda\nexpr: ''", 2, 8, 1, "'expr': the expression is empty");
}
END_TEST

/* Quotes within quotes, escapes and characters of several bytes take up their columns, and lines
 * that are folded into one their own rows. */
START_TEST(places_behind_escapes)
{
    fails("expr: \"(\\\"a\\\" == 't') + u\"\nname: lambda", 1, 25, 1, "'expr': unknown name 'u'");
    fails("expr: '(''a'' == \"t\") + u'\nname: lambda", 1, 25, 1, "'expr': unknown name 'u'");
    fails("expr: ('\303\251\303\251' == 't') + u\nname: lambda", 1, 23, 1,
          "'expr': unknown name 'u'");
    fails("expr: \"1\\t+ u\"\nname: lambda", 1, 13, 1, "'expr': unknown name 'u'");
    fails("expr: \"\\x31 + u\"\nname: lambda", 1, 15, 1, "'expr': unknown name 'u'");
    fails("expr: 1 +\n  u\nname: lambda", 2, 3, 1, "'expr': unknown name 'u'");
    fails("expr: >\n  1 + u\nname: lambda", 2, 7, 1, "'expr': unknown name 'u'");
}
END_TEST

START_TEST(wrong_rows)
{
    const char *shape = "'expr' must be an expression such as \"0.95 ** t\"";
    fails("{name: lambda}", 1, 1, 1, "scheduler lambda needs 'expr', which is missing");
    fails("{name: lambda, expr: [1, 2]}", 1, 22, 1, shape);
    fails("{name: lambda, expr: null}", 1, 22, 4, shape);
    fails("{name: lambda, expr: \"null\"}", 1, 23, 4, "'expr': the value is null, not a number");
    fails("{name: lambda, expr: \"'a'\"}", 1, 23, 3, "'expr': the value is a text, not a number");
    fails(
        "{name: multiplicative, expr: step}", 1, 30, 4,
        "scheduler multiplicative: with interval: epoch the factors have no 'step'; 't' and 'epoch' count epochs");
    fails(
        "{name: multiplicative, expr: epoch, interval: step}", 1, 30, 5,
        "scheduler multiplicative: with interval: step the factors have no 'epoch'; 't' and 'step' count updates");
}
END_TEST

/* In braces the comma ends the scalar. */
START_TEST(needs_quotes)
{
    struct diags d;
    struct chosen c;
    diags_init(&d, &arena);
    ck_assert(!kind_parse(&arena, &sched_registry, "{name: lambda, expr: min(1, t)}", &d, &c));
    ck_assert_str_eq(d.item[1].message, "'expr': this '(' is not closed");
    ck_assert_str_eq(d.item[1].suggestion, "with a comma in it, an expression needs quotes");
}
END_TEST

TCase *lambda_case(void)
{
    TCase *tests = tcase_create("schedules");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, names);
    tcase_add_test(tests, lambda_values);
    tcase_add_test(tests, in_a_run);
    tcase_add_test(tests, written);
    tcase_add_test(tests, open_length);
    tcase_add_test(tests, any_order);
    tcase_add_test(tests, length_of_the_run);
    tcase_add_test(tests, own_clock);
    tcase_add_test(tests, long_runs);
    tcase_add_test(tests, places);
    tcase_add_test(tests, places_behind_escapes);
    tcase_add_test(tests, wrong_rows);
    tcase_add_test(tests, needs_quotes);
    tcase_set_timeout(tests, 60);
    return tests;
}
