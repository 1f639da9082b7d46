/* Landscapes and pictures of data as numbers: directions, principal directions, class shares. */
#include "check_main.h"
#include "explore/landscape.h"
#include "explore/pictures.h"
#include "explore/principal.h"
#include "num/random.h"
#include "num/vec.h"
#include "spec/spec.h"
#include <math.h>
#include <string.h>

#include "principal_values.inc"

static struct arena a;
static struct spec spec;
static struct data *data;
static struct train *train;
#define MODEL ((struct landscape_model){train, data})
static const struct model_plan *plan;

static const char text[] =
    "seed: 5\n"
    "dataset: {name: digits, train_limit: 400, test_limit: 100, validation: 100}\n"
    "model: {name: mlp, hidden: [20, 13], batch_norm: true}\n"
    "train: {epochs: 1, batch_size: 30}\n"
    "optimizer: sgd\n";

static void enter(void)
{
    struct diags d;
    struct error err;
    arena_init(&a);
    diags_init(&d, &a);
    ck_assert(spec_parse(&a, &(struct spec_text){.name = "spec", .text = text}, &d, &spec));
    ck_assert_msg(data_load(&spec.dataset, 5, &data, &err), "%s", err.message);
    ck_assert_msg(train_new(&spec, data, &train, &err), "%s", err.message);
    plan = train_plan(train);
}

static void leave(void)
{
    train_free(train);
    data_free(data);
    arena_fini(&a);
}

/* ---- random directions ---- */

static float *direction(uint64_t seed, uint32_t number)
{
    const float *params, *buffers;
    float *d = arena_alloc(&a, plan->param_floats * sizeof *d);
    train_weights(train, &params, &buffers);
    landscape_direction(plan, params, seed, number, d);
    return d;
}

static double row_norm(const struct model_tensor *m, const float *block, size_t row)
{
    double square = 0;
    for (size_t c = 0; c < m->shape.cols; c++)
        square += pow((double)block[m->offset + c * m->shape.ld + row], 2);
    return sqrt(square);
}

/* Li et al. 2018, section 4: each filter of the direction has the norm of the weights' filter. */
START_TEST(filter_norms)
{
    const float *params, *buffers, *d = direction(1, 1);
    size_t rows = 0;
    train_weights(train, &params, &buffers);
    for (size_t i = 0; i < plan->params; i++) {
        const struct model_tensor *m = &plan->param[i];
        for (size_t r = 0; tensor_is_matrix(m->role) && r < m->shape.rows; r++, rows++) {
            double wanted = row_norm(m, params, r);
            ck_assert_double_gt(wanted, 0);
            ck_assert_double_eq_tol(row_norm(m, d, r) / wanted, 1, 1e-6);
        }
    }
    ck_assert_uint_eq(rows, 20 + 13 + 10);
}
END_TEST

START_TEST(no_biases)
{
    const float *d = direction(1, 1);
    size_t vectors = 0;
    for (size_t i = 0; i < plan->params; i++)
        if (!tensor_is_matrix(plan->param[i].role)) {
            vectors++;
            ck_assert(vec_sum_abs(d + plan->param[i].offset, plan->param[i].stored) <= 0);
        }
    ck_assert_uint_eq(vectors, 5); /* two norms' weights and biases, the output's bias */
}
END_TEST

/* What lies between the rows of a stored weight is not part of it. */
START_TEST(no_padding)
{
    const float *d = direction(1, 1);
    for (size_t i = 0; i < plan->params; i++) {
        const struct tensor_shape *s = &plan->param[i].shape;
        for (size_t c = 0; c < s->cols; c++)
            ck_assert(
                vec_sum_abs(d + plan->param[i].offset + c * s->ld + s->rows, s->ld - s->rows) <= 0);
    }
}
END_TEST

static double cosine(const float *x, const float *y)
{
    size_t n = plan->param_floats;
    return vec_dot(x, y, n) / sqrt(vec_sum_squares(x, n) * vec_sum_squares(y, n));
}

START_TEST(directions_differ)
{
    const float *d = direction(1, 1);
    ck_assert(memcmp(d, direction(1, 1), plan->param_floats * sizeof *d) == 0);
    ck_assert_double_lt(fabs(cosine(d, direction(1, 2))), 0.1);
    ck_assert_double_lt(fabs(cosine(d, direction(2, 1))), 0.1);
}
END_TEST

/* ---- slices ---- */

static struct landscape_options options_of(enum landscape_kind kind)
{
    return (struct landscape_options){.kind = kind,
                                      .split = {true, true, false},
                                      .limit = SIZE_MAX,
                                      .points = 5,
                                      .span = 1,
                                      .seed = 3};
}

static double loss_of(const struct data_split *s)
{
    double loss, accuracy;
    train_evaluate(train, s, s->n, &loss, &accuracy, NULL);
    return loss;
}

static bool same(double x, double y)
{
    return memcmp(&x, &y, sizeof x) == 0;
}

START_TEST(middle_is_the_model)
{
    struct landscape l;
    struct landscape_options o = options_of(LANDSCAPE_PLANE);
    struct landscape_point at = landscape_take_point(train);
    landscape_around(&a, MODEL, &at, &o, &l);
    ck_assert_uint_eq(l.columns * l.rows, 25);
    ck_assert_uint_eq(landscape_index(&l, 0), 12);
    ck_assert(same(l.grid.loss[SPLIT_TRAIN][12], loss_of(&data->train)));
    ck_assert(same(l.grid.loss[SPLIT_VALID][12], loss_of(&data->valid)));
    ck_assert_ptr_null(l.grid.loss[SPLIT_TEST]);
    ck_assert(!same(l.grid.loss[SPLIT_TRAIN][12], l.grid.loss[SPLIT_TRAIN][13]));
    landscape_point_fini(&at);
}
END_TEST

/* A line is the middle row of the plane, whatever the number of its points. */
START_TEST(line_lies_in_the_plane)
{
    struct landscape plane, line;
    struct landscape_options o = options_of(LANDSCAPE_PLANE);
    struct landscape_point at = landscape_take_point(train);
    landscape_around(&a, MODEL, &at, &o, &plane);
    o.kind = LANDSCAPE_LINE;
    landscape_around(&a, MODEL, &at, &o, &line);
    for (size_t i = 0; i < 5; i++)
        ck_assert(same(line.grid.loss[SPLIT_TRAIN][i], plane.grid.loss[SPLIT_TRAIN][10 + i]));
    landscape_point_fini(&at);
}
END_TEST

/* The model itself is not moved by being looked at. */
START_TEST(looking_changes_nothing)
{
    char before[65], after[65];
    struct landscape l;
    struct landscape_options o = options_of(LANDSCAPE_LINE);
    o.norm = LANDSCAPE_REFRESHED;
    struct landscape_point at = landscape_take_point(train);
    train_digest(train, before);
    landscape_around(&a, MODEL, &at, &o, &l);
    train_digest(train, after);
    ck_assert_str_eq(before, after);
    landscape_point_fini(&at);
}
END_TEST

START_TEST(ends_of_a_line_are_exact)
{
    struct landscape l;
    struct landscape_options o = options_of(LANDSCAPE_BETWEEN);
    struct landscape_point from = landscape_take_point(train), to = landscape_take_point(train);
    for (size_t i = 0; i < plan->param_floats;
         i++) /* of sizes that no difference could carry over */
        to.params[i] = i % 3 == 0 ? to.params[i] * 1e-20f : to.params[i] * (float)(i % 7);
    for (size_t i = 0; i < plan->buffer_floats; i++)
        to.buffers[i] += 0.5f;
    o.span = 0.5;
    landscape_between(&a, MODEL, &from, &to, &o, &l);
    ck_assert_uint_eq(l.columns, 9);
    ck_assert_uint_eq(landscape_index(&l, 0), 2);
    ck_assert_uint_eq(landscape_index(&l, 1), 6);
    ck_assert(same(l.grid.loss[SPLIT_TRAIN][2], loss_of(&data->train)));
    struct train_score score =
        train_evaluate_weights(train, to.params, to.buffers, &data->train, SIZE_MAX);
    ck_assert(same(l.grid.loss[SPLIT_TRAIN][6], score.loss));
    ck_assert(same(l.grid.accuracy[SPLIT_TRAIN][6], score.accuracy));
    landscape_point_fini(&from);
    landscape_point_fini(&to);
}
END_TEST

/* Points of a plane, moved by small amounts off it: the coordinates are those that they were made
 * with, up to a turn. */
START_TEST(trajectory_keeps_distances)
{
    enum { N = 6 };
    struct landscape l;
    struct error err;
    struct landscape_options o = options_of(LANDSCAPE_TRAJECTORY);
    struct landscape_point point[N];
    const int64_t step[N] = {0, 10, 20, 30, 40, 50};
    const double x[N] = {-5, -3, -2, -1, -0.5, 0}, y[N] = {1, -2, -2.5, -1, -0.5, 0};
    const float *d[] = {direction(1, 1), direction(1, 2)};
    double norm[] = {sqrt(vec_sum_squares(d[0], plan->param_floats)),
                     sqrt(vec_sum_squares(d[1], plan->param_floats))};
    double across = cosine(d[0], d[1]);
    for (size_t i = 0; i < N; i++) {
        point[i] = landscape_take_point(train);
        for (size_t k = 0; k < plan->param_floats; k++)
            point[i].params[k] +=
                (float)(x[i] / norm[0] * (double)d[0][k] + y[i] / norm[1] * (double)d[1][k]);
    }
    ck_assert_msg(
        landscape_trajectory(&a, MODEL, &(struct landscape_path){point, step, N}, &o, &l, &err),
        "%s", err.message);
    ck_assert_double_eq_tol(l.share[0] + l.share[1], 1, 1e-6);
    ck_assert_double_ge(l.share[0], l.share[1]);
    for (size_t i = 0; i + 1 < N; i++) {
        double dx = x[i + 1] - x[i], dy = y[i + 1] - y[i],
               wanted = sqrt(dx * dx + dy * dy + 2 * across * dx * dy);
        ck_assert_double_eq_tol(hypot(l.path_x[i + 1] - l.path_x[i], l.path_y[i + 1] - l.path_y[i]),
                                wanted, 1e-4);
    }
    ck_assert_double_eq_tol(l.path_x[N - 1], 0, 1e-12);
    ck_assert_double_eq_tol(l.path_y[N - 1], 0, 1e-12);
    ck_assert_double_lt(l.path_x[0], 0);
    ck_assert_double_ge(l.path_y[0], 0);
    for (size_t i = 0; i < N; i++) {
        ck_assert_double_eq_tol(l.place.loss[SPLIT_TRAIN][i], l.path.loss[SPLIT_TRAIN][i], 1e-3);
        ck_assert(l.x[0] < l.path_x[i] && l.path_x[i] < l.x[l.columns - 1]);
        ck_assert(l.y[0] < l.path_y[i] && l.path_y[i] < l.y[l.rows - 1]);
        landscape_point_fini(&point[i]);
    }
}
END_TEST

START_TEST(trajectory_of_a_line)
{
    struct landscape l;
    struct error err;
    struct landscape_options o = options_of(LANDSCAPE_TRAJECTORY);
    struct landscape_point point[4];
    const int64_t step[4] = {0, 1, 2, 3};
    for (size_t i = 0; i < 4; i++)
        point[i] = landscape_take_point(train);
    ck_assert(
        !landscape_trajectory(&a, MODEL, &(struct landscape_path){point, step, 4}, &o, &l, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "do not span a plane"));
    for (size_t i = 0; i < 4; i++)
        landscape_point_fini(&point[i]);
}
END_TEST

/* ---- principal directions ---- */

/* The vectors of principal_values.py. */
static void make_rows(float *row[PRINCIPAL_N])
{
    for (int i = 0; i < PRINCIPAL_N; i++) {
        row[i] = arena_alloc(&a, PRINCIPAL_LENGTH * sizeof(float));
        for (int j = 0; j < PRINCIPAL_LENGTH; j++)
            row[i][j] = (float)(((i + 1) * (j + 3) * 37 + 11 * i * i) % 101 - 50) / 64 +
                        (float)((PRINCIPAL_N - 1 - i) * (j % 7 - 3)) / 8;
    }
    for (int i = 0; i < PRINCIPAL_N; i++)
        for (int j = 0; j < PRINCIPAL_LENGTH; j++)
            row[i][j] -= i == PRINCIPAL_N - 1 ? 0 : row[PRINCIPAL_N - 1][j];
    memset(row[PRINCIPAL_N - 1], 0, PRINCIPAL_LENGTH * sizeof(float));
}

START_TEST(principal_as_numpy)
{
    float *row[PRINCIPAL_N], x[PRINCIPAL_LENGTH], y[PRINCIPAL_LENGTH], *direction[] = {x, y};
    struct principal p;
    double total = 0;
    make_rows(row);
    ck_assert(principal_directions((const float *const *)row, PRINCIPAL_N, PRINCIPAL_LENGTH,
                                   direction, &p));
    for (size_t i = 0; i < PRINCIPAL_N; i++) {
        total += principal_variance[i];
        ck_assert_double_eq_tol(vec_dot(row[i], x, PRINCIPAL_LENGTH), principal_x[i], 2e-6);
        ck_assert_double_eq_tol(vec_dot(row[i], y, PRINCIPAL_LENGTH), principal_y[i], 2e-6);
    }
    ck_assert_double_eq_tol(p.variance[0], principal_variance[0], 1e-9);
    ck_assert_double_eq_tol(p.variance[1], principal_variance[1], 1e-9);
    ck_assert_double_eq_tol(p.total, total, 1e-9);
    ck_assert_double_eq_tol(vec_sum_squares(x, PRINCIPAL_LENGTH), 1, 1e-6);
    ck_assert_double_eq_tol(vec_sum_squares(y, PRINCIPAL_LENGTH), 1, 1e-6);
    ck_assert_double_eq_tol(vec_dot(x, y, PRINCIPAL_LENGTH), 0, 1e-6);
}
END_TEST

/* ---- class shares ---- */

START_TEST(shares_add_up)
{
    struct class_shares c;
    struct data *const none[3] = {0};
    struct data *const held[3] = {data, data, data};
    class_shares_find(&a, data, held, 5, 30, &c);
    ck_assert_uint_eq(c.batches, data->train.n / 30);
    for (int k = 0; k < 3; k++) {
        double sum = 0, own = 0;
        for (size_t i = 0; i < c.classes; i++) {
            sum += c.split[k][i];
            own += c.held[k][i];
            ck_assert_double_eq_tol(c.held[k][i], c.split[1][i], 1e-15);
        }
        ck_assert_double_eq_tol(sum, 1, 1e-12);
        ck_assert_double_eq_tol(own, 1, 1e-12);
    }
    for (int k = 0; k < 2; k++)
        for (size_t b = 0; b < c.batches; b++) {
            double sum = 0;
            for (size_t i = 0; i < c.classes; i++)
                sum += c.sampler[k][b * c.classes + i];
            ck_assert_double_eq_tol(sum, 1, 1e-12);
        }
    class_shares_find(&a, data, none, 5, 30, &c);
    ck_assert_ptr_null(c.held[0]);
}
END_TEST

/* Stratified batches have each class's share to within one image; shuffled ones do not. */
START_TEST(stratified_batches)
{
    struct class_shares c;
    struct data *const none[3] = {0};
    double farthest[2] = {0};
    class_shares_find(&a, data, none, 5, 30, &c);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < c.batches * c.classes; i++)
            farthest[k] = fmax(farthest[k], fabs(c.sampler[k][i] - c.split[0][i % c.classes]));
    ck_assert_double_le(farthest[1] * 30, 1 + 1e-9);
    ck_assert_double_gt(farthest[0] * 30, 2);
}
END_TEST

START_TEST(shares_as_a_table)
{
    struct class_shares c;
    struct data *const none[3] = {0};
    struct strbuf b;
    strbuf_init(&b);
    class_shares_find(&a, data, none, 5, 30, &c);
    class_shares_write(&c, &b);
    size_t lines = 0;
    for (const char *s = b.text; *s; s++)
        lines += *s == '\n';
    ck_assert_uint_eq(lines, 1 + 10 * (3 + 2 * c.batches));
    ck_assert_int_eq(strncmp(b.text, "set,class,count,share\ntrain,0,", 30), 0);
    strbuf_fini(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("landscape");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, enter, leave);
    tcase_add_test(t, filter_norms);
    tcase_add_test(t, no_biases);
    tcase_add_test(t, no_padding);
    tcase_add_test(t, directions_differ);
    tcase_add_test(t, middle_is_the_model);
    tcase_add_test(t, line_lies_in_the_plane);
    tcase_add_test(t, looking_changes_nothing);
    tcase_add_test(t, ends_of_a_line_are_exact);
    tcase_add_test(t, trajectory_keeps_distances);
    tcase_add_test(t, trajectory_of_a_line);
    tcase_add_test(t, principal_as_numpy);
    tcase_add_test(t, shares_add_up);
    tcase_add_test(t, stratified_batches);
    tcase_add_test(t, shares_as_a_table);
    suite_add_tcase(suite, t);
    return check_main(suite);
}
