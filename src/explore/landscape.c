/* Loss and accuracy over slices of the space of weights. */
#include "explore/landscape.h"
#include "explore/principal.h"
#include "num/random.h"
#include "num/vec.h"
#include <math.h>
#include <string.h>

const char *const landscape_kind_names[] = {"plane", "line", "between", "trajectory", NULL};
const char *const landscape_norm_names[] = {"saved", "refreshed", NULL};

/* ---- points and directions ---- */

static float *copy_of(const float *v, size_t n)
{
    float *copy = mem_array(n + 1, sizeof *copy);
    memcpy(copy, v, n * sizeof *v);
    return copy;
}

struct landscape_point landscape_take_point(struct train *t)
{
    const float *params, *buffers;
    const struct model_plan *p = train_plan(t);
    train_weights(t, &params, &buffers);
    return (struct landscape_point){copy_of(params, p->param_floats),
                                    copy_of(buffers, p->buffer_floats)};
}

void landscape_point_fini(struct landscape_point *p)
{
    mem_free(p->params);
    mem_free(p->buffers);
    *p = (struct landscape_point){0};
}

/* ||row r|| of a weight as stored. */
static double row_norm(const struct tensor_shape *s, const float *w, size_t r)
{
    double square = 0;
    for (size_t c = 0; c < s->cols; c++)
        square += (double)w[c * s->ld + r] * (double)w[c * s->ld + r];
    return sqrt(square);
}

static void draw_rows(const struct tensor_shape *s, const float *w, struct rng *g, float *d)
{
    for (size_t r = 0; r < s->rows; r++) {
        for (size_t c = 0; c < s->cols; c++)
            d[c * s->ld + r] = (float)rng_normal(g);
        double own = row_norm(s, d, r), scale = own > 0 ? row_norm(s, w, r) / own : 0;
        for (size_t c = 0; c < s->cols; c++)
            d[c * s->ld + r] = (float)(scale * (double)d[c * s->ld + r]);
    }
}

void landscape_direction(const struct model_plan *p, const float *params, uint64_t seed,
                         uint32_t number, float *ret)
{
    memset(ret, 0, p->param_floats * sizeof *ret);
    for (size_t i = 0; i < p->params; i++) {
        const struct model_tensor *m = &p->param[i];
        struct rng g = rng_stream(seed, RNG_FIGURE, i, number);
        if (tensor_is_matrix(m->role))
            draw_rows(&m->shape, params + m->offset, &g, ret + m->offset);
    }
}

/* ---- evaluation ---- */

/* Where the points of a slice lie. */
struct slice {
    struct train *train;
    const struct data *data;
    const struct model_plan *plan;
    const struct landscape_options *options;
    const struct landscape_point *from, *to; /* to: of a line between two, else NULL */
    const float *dx, *dy;                    /* directions, or NULL */
    float *params, *buffers;                 /* of the point that is evaluated */
    size_t done, total;
};

bool landscape_check(const struct landscape_options *o, const struct data *d, struct error *err)
{
    for (int s = 0; s < SPLITS; s++)
        if (o->split[s] && split_images(d, (enum split)s)->n == 0)
            return error_set(err, ERR_USAGE, "the %s split is empty", split_names[s]);
    return true;
}

static void open_slice(struct slice *s, struct landscape_model m,
                       const struct landscape_point *from, const struct landscape_options *o)
{
    *s = (struct slice){
        .train = m.train, .data = m.data, .plan = train_plan(m.train), .options = o, .from = from};
    s->params = mem_array(s->plan->param_floats + 1, sizeof *s->params);
    s->buffers = mem_array(s->plan->buffer_floats + 1, sizeof *s->buffers);
}

static void close_slice(struct slice *s)
{
    mem_free(s->params);
    mem_free(s->buffers);
}

/* (1 - x) from + x to, in double, so that both ends are exact. */
static void blend(const float *from, const float *to, double x, size_t n, float *ret)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = (float)((1 - x) * (double)from[i] + x * (double)to[i]);
}

static void put_point(struct slice *s, double x, double y)
{
    size_t n = s->plan->param_floats, m = s->plan->buffer_floats;
    if (s->to) {
        blend(s->from->params, s->to->params, x, n, s->params);
        /* beyond an end, that end's: a variance carried on may fall below 0 */
        blend(s->from->buffers, s->to->buffers, fmin(fmax(x, 0), 1), m, s->buffers);
    } else {
        for (size_t i = 0; i < n; i++)
            s->params[i] = (float)((double)s->from->params[i] + (s->dx ? x * (double)s->dx[i] : 0) +
                                   (s->dy ? y * (double)s->dy[i] : 0));
        memcpy(s->buffers, s->from->buffers, m * sizeof *s->buffers);
    }
    if (s->options->norm == LANDSCAPE_REFRESHED && m > 0)
        train_refresh_weights(s->train, s->params, s->buffers, s->options->limit);
}

static void measure(struct slice *s, const float *params, const float *buffers,
                    struct landscape_values *v, size_t at)
{
    for (int k = 0; k < SPLITS; k++) {
        if (!s->options->split[k])
            continue;
        struct train_score score = train_evaluate_weights(
            s->train, params, buffers, split_images(s->data, (enum split)k), s->options->limit);
        bool finite = isfinite(score.loss);
        v->loss[k][at] = finite ? score.loss : (double)NAN;
        v->accuracy[k][at] = finite ? score.accuracy : (double)NAN;
    }
    s->done++;
    if (s->options->progress)
        s->options->progress(s->options->context, s->done, s->total);
}

static void make_values(struct arena *a, const struct landscape_options *o, size_t n,
                        struct landscape_values *ret)
{
    *ret = (struct landscape_values){.n = n};
    for (int k = 0; k < SPLITS; k++) {
        ret->loss[k] = o->split[k] ? arena_alloc(a, n * sizeof(double)) : NULL;
        ret->accuracy[k] = o->split[k] ? arena_alloc(a, n * sizeof(double)) : NULL;
    }
}

static void measure_grid(struct slice *s, struct landscape *l)
{
    for (size_t row = 0; row < l->rows; row++)
        for (size_t column = 0; column < l->columns; column++) {
            put_point(s, l->x[column], l->y[row]);
            measure(s, s->params, s->buffers, &l->grid, row * l->columns + column);
        }
}

static void begin(struct arena *a, const struct data *d, const struct landscape_options *o,
                  size_t columns, size_t rows, struct landscape *ret)
{
    ret->options = *o;
    ret->columns = columns;
    ret->rows = rows;
    for (int k = 0; k < SPLITS; k++)
        ret->images[k] = split_images(d, (enum split)k)->n < o->limit
                             ? split_images(d, (enum split)k)->n
                             : o->limit;
    ret->x = arena_alloc(a, columns * sizeof *ret->x);
    ret->y = arena_alloc(a, rows * sizeof *ret->y);
    make_values(a, o, columns * rows, &ret->grid);
}

size_t landscape_index(const struct landscape *l, double x)
{
    size_t row = 0, column = 0;
    while (row + 1 < l->rows && l->y[row] < 0)
        row++;
    while (column + 1 < l->columns && l->x[column] < x)
        column++;
    return row * l->columns + column;
}

/* ---- along random directions ---- */

/* From -span to span; the one in the middle of an odd number is exactly 0. */
static void spread(double *v, size_t n, double span)
{
    for (size_t i = 0; i < n; i++)
        v[i] = span * ((double)(2 * i) - (double)(n - 1)) / (double)(n - 1);
}

void landscape_around(struct arena *a, struct landscape_model m, const struct landscape_point *at,
                      const struct landscape_options *o, struct landscape *ret)
{
    struct slice s;
    bool plane = o->kind == LANDSCAPE_PLANE;
    open_slice(&s, m, at, o);
    float *dx = mem_array(s.plan->param_floats, sizeof *dx),
          *dy = mem_array(s.plan->param_floats, sizeof *dy);
    *ret = (struct landscape){0};
    begin(a, m.data, o, o->points, plane ? o->points : 1, ret);
    spread(ret->x, ret->columns, o->span);
    if (plane)
        spread(ret->y, ret->rows, o->span);
    landscape_direction(s.plan, at->params, o->seed, 1, dx);
    landscape_direction(s.plan, at->params, o->seed, 2, dy);
    s.dx = dx;
    s.dy = plane ? dy : NULL;
    s.total = ret->columns * ret->rows;
    measure_grid(&s, ret);
    mem_free(dx);
    mem_free(dy);
    close_slice(&s);
}

/* ---- between two ---- */

void landscape_between(struct arena *a, struct landscape_model m,
                       const struct landscape_point *from, const struct landscape_point *to,
                       const struct landscape_options *o, struct landscape *ret)
{
    struct slice s;
    size_t steps = o->points - 1, beyond = (size_t)floor(o->span * (double)steps + 1e-9);
    open_slice(&s, m, from, o);
    s.to = to;
    *ret = (struct landscape){0};
    begin(a, m.data, o, o->points + 2 * beyond, 1, ret);
    for (size_t i = 0; i < ret->columns; i++)
        ret->x[i] = ((double)i - (double)beyond) / (double)steps;
    s.total = ret->columns;
    measure_grid(&s, ret);
    close_slice(&s);
}

double landscape_barrier(const struct landscape *l, int split)
{
    size_t first = landscape_index(l, 0), last = landscape_index(l, 1);
    const double *loss = l->grid.loss[split];
    double most = 0;
    for (size_t i = first; i <= last; i++) {
        double straight = (1 - l->x[i]) * loss[first] + l->x[i] * loss[last];
        most = isnan(loss[i]) ? (double)INFINITY : fmax(most, loss[i] - straight);
    }
    return most;
}

/* ---- the trajectory ---- */

/* Differences from the last point, one after another, in one block. */
static float **differences(const struct landscape_point *point, size_t n, size_t length)
{
    float **row = mem_array(n, sizeof *row);
    for (size_t i = 0; i < n; i++) {
        row[i] = copy_of(point[i].params, length);
        for (size_t j = 0; j < length; j++)
            row[i][j] -= point[n - 1].params[j];
    }
    return row;
}

/* The range of the path with room around it. */
static void frame_axis(const double *v, size_t n, double room, double *ret_low, double *ret_high)
{
    *ret_low = *ret_high = v[0];
    for (size_t i = 1; i < n; i++) {
        *ret_low = fmin(*ret_low, v[i]);
        *ret_high = fmax(*ret_high, v[i]);
    }
    *ret_low -= room;
    *ret_high += room;
}

/* At least `length` from end to end. */
static void widen(double *low, double *high, double length)
{
    double lacks = (length - (*high - *low)) / 2;
    if (lacks > 0) {
        *low -= lacks;
        *high += lacks;
    }
}

static void place(double *v, size_t n, double low, double high)
{
    for (size_t i = 0; i < n; i++)
        v[i] = low + (high - low) * (double)i / (double)(n - 1);
}

static double size_of(const double *v, size_t n)
{
    double low, high;
    frame_axis(v, n, 0, &low, &high);
    return high - low;
}

/* A grid around the path: `points` along the longer side, the other one in proportion. */
static void frame_path(struct arena *a, const struct data *d, const struct landscape_options *o,
                       struct landscape *l)
{
    double x0, x1, y0, y1,
        room = o->span * fmax(size_of(l->path_x, l->n), size_of(l->path_y, l->n));
    frame_axis(l->path_x, l->n, room, &x0, &x1);
    frame_axis(l->path_y, l->n, room, &y0, &y1);
    widen(&y0, &y1, (x1 - x0) / 1.25);
    widen(&x0, &x1, (y1 - y0) / 1.25);
    double cell = fmax(x1 - x0, y1 - y0) / (double)(o->points - 1);
    size_t columns = (size_t)lround((x1 - x0) / cell) + 1,
           rows = (size_t)lround((y1 - y0) / cell) + 1;
    begin(a, d, o, columns, rows, l);
    place(l->x, columns, x0, x1);
    place(l->y, rows, y0, y1);
}

/* The checkpoints themselves keep the statistics that they were saved with. */
static void measure_path(struct slice *s, struct arena *a, const struct landscape_point *point,
                         struct landscape *l)
{
    make_values(a, s->options, l->n, &l->path);
    make_values(a, s->options, l->n, &l->place);
    for (size_t i = 0; i < l->n; i++) {
        measure(s, point[i].params, point[i].buffers, &l->path, i);
        put_point(s, l->path_x[i], l->path_y[i]);
        measure(s, s->params, s->buffers, &l->place, i);
    }
}

static void put_path(struct arena *a, const int64_t *step, float *const *row,
                     float *const direction[2], size_t length, struct landscape *l)
{
    l->step = arena_alloc(a, l->n * sizeof *l->step);
    l->path_x = arena_alloc(a, l->n * sizeof *l->path_x);
    l->path_y = arena_alloc(a, l->n * sizeof *l->path_y);
    for (size_t i = 0; i < l->n; i++) {
        l->step[i] = step[i];
        l->path_x[i] = vec_dot(row[i], direction[0], length);
        l->path_y[i] = vec_dot(row[i], direction[1], length);
    }
}

bool landscape_trajectory(struct arena *a, struct landscape_model m,
                          const struct landscape_path *path, const struct landscape_options *o,
                          struct landscape *ret, struct error *err)
{
    struct slice s;
    struct principal p;
    size_t n = path->n;
    open_slice(&s, m, &path->point[n - 1], o);
    size_t length = s.plan->param_floats;
    float **row = differences(path->point, n, length), *direction[2];
    for (int k = 0; k < 2; k++)
        direction[k] = mem_array(length, sizeof *direction[k]);
    bool ok =
        principal_directions((const float *const *)row, n, length, direction, &p) ||
        error_set(err, ERR_USAGE,
                  "the %zu checkpoints do not span a plane: they lie on a line or are all the same",
                  n);
    if (ok) {
        *ret =
            (struct landscape){.n = n, .share = {p.variance[0] / p.total, p.variance[1] / p.total}};
        put_path(a, path->step, row, direction, length, ret);
        frame_path(a, m.data, o, ret);
        s.dx = direction[0];
        s.dy = direction[1];
        s.total = ret->columns * ret->rows + 2 * n;
        measure_path(&s, a, path->point, ret);
        measure_grid(&s, ret);
    }
    for (size_t i = 0; i < n; i++)
        mem_free(row[i]);
    mem_free(row);
    for (int k = 0; k < 2; k++)
        mem_free(direction[k]);
    close_slice(&s);
    return ok;
}
