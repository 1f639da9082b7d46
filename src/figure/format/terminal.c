/* Figures of characters, for a terminal. */
#include "figure/format/terminal.h"
#include "figure/layout/layout.h"
#include "figure/layout/raster.h"
#include "util/mem.h"
#include <math.h>
#include <string.h>

enum { MARGIN_MAX = 24, ROWS_MIN = 4, COLUMNS_MIN = 8 };

/* ---- curves ---- */

/* a, b, ..., z, A, ... and '*' for a curve alone. */
static char sign_of(size_t i, size_t n)
{
    static const char signs[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    return n == 1 ? '*' : signs[i % (sizeof signs - 1)];
}

/* The labels of the lines of all panels that share a legend, each once, by which they are
 * lettered. */
struct letters {
    const char **label;
    size_t n;
};

struct plotted {
    const struct axes *axes;
    const struct letters *shared;
    struct layout_scale x, y;
    struct raster raster;
    size_t margin;
    bool numbered; /* rows have numbers in place of their names */
    int *owner;    /* of each curve, -1: not drawn */
    size_t owners;
    char *sign;    /* of each owner */
    bool lettered; /* it is not alone */
    int *style;
};

static bool is_line(const struct curve *c)
{
    return !c->faint && !c->points;
}

static size_t letter_of(const struct letters *l, const char *label)
{
    size_t i = 0;
    while (i < l->n && strcmp(l->label[i], label) != 0)
        i++;
    return i;
}

/* Whether some panel has a line of that label. */
static bool is_drawn(const struct figure *f, const char *label)
{
    for (size_t i = 0; i < f->panels; i++)
        for (size_t k = 0; k < f->panel[i].curves; k++) {
            const struct curve *c = &f->panel[i].curve[k];
            if (is_line(c) && c->n > 0 && c->label && strcmp(c->label, label) == 0)
                return true;
        }
    return false;
}

/* None where each panel has its own legend. A line without points has its place too. */
static struct letters collect_letters(const struct figure *f)
{
    size_t most = 1;
    for (size_t i = 0; i < f->panels; i++)
        most += f->panel[i].curves;
    struct letters l = {.label = mem_array(most, sizeof *l.label)};
    for (size_t i = 0; i < f->panels && f->shared_legend; i++)
        for (size_t k = 0; k < f->panel[i].curves; k++) {
            const struct curve *c = &f->panel[i].curve[k];
            if (is_line(c) && c->label && letter_of(&l, c->label) == l.n && is_drawn(f, c->label))
                l.label[l.n++] = c->label;
        }
    return l;
}

static char sign_of_points(const struct curve *c)
{
    return c->symbol == SYMBOL_STAR ? '*' : c->symbol == SYMBOL_CROSS ? 'x' : c->faint ? '.' : 'o';
}

static void draw_points(struct plotted *d, const struct curve *c)
{
    struct layout_rect plot = raster_plot(&d->raster);
    for (size_t i = 0; i < c->n; i++) {
        if (layout_is_gap(d->axes, c, i))
            continue;
        double y = c->edge ? layout_edge(c->edge, plot)
                           : layout_map(&d->y, c->y[i], plot.y + plot.h, plot.y);
        struct raster_cell *cell =
            raster_find(&d->raster, layout_map(&d->x, c->x[i], plot.x, plot.x + plot.w), y);
        if (cell && (cell->sign == 0 || !c->faint))
            cell->sign = sign_of_points(c);
    }
}

/* A group has one letter in all panels that share a legend, else its place in its own. */
static void choose_signs(struct plotted *d)
{
    const struct axes *a = d->axes;
    size_t others = 0, shared = d->shared->n;
    for (size_t k = 0; k < a->curves; k++) {
        d->owner[k] = is_line(&a->curve[k]) && a->curve[k].n > 0 ? (int)d->owners++ : -1;
        others += d->owner[k] >= 0 && (shared == 0 || !a->curve[k].label);
    }
    d->lettered = shared + others > 1;
    for (size_t k = 0, other = 0; k < a->curves; k++) {
        const char *label = a->curve[k].label;
        if (d->owner[k] >= 0)
            d->sign[d->owner[k]] =
                sign_of(shared > 0 && label ? letter_of(d->shared, label) : shared + other++,
                        shared + others);
    }
}

static void draw_curves(struct characters_page *p, struct plotted *d)
{
    struct layout_rect plot = raster_plot(&d->raster);
    const struct axes *a = d->axes;
    choose_signs(d);
    for (size_t k = 0; k < a->curves; k++) {
        if (d->owner[k] < 0)
            continue;
        struct layout_line line = layout_polyline(a, &a->curve[k], &d->x, &d->y, plot);
        raster_line(&d->raster, &line, d->owner[k]);
        layout_line_fini(&line);
    }
    if (d->lettered || p->t->ascii)
        for (size_t k = 0; k < a->curves; k++)
            if (d->owner[k] >= 0 && (a->curve[k].label || p->t->ascii))
                raster_sign(&d->raster, d->owner[k], (int)d->owners, d->sign[d->owner[k]]);
    for (size_t k = 0; k < a->curves; k++)
        if (a->curve[k].points)
            draw_points(d, &a->curve[k]);
}

static bool is_mark(const struct plotted *d, size_t column)
{
    for (size_t i = 0; i < d->axes->marks; i++) {
        double x = d->axes->mark[i].x;
        if (x >= d->x.lo && x <= d->x.hi &&
            (size_t)round(layout_map(&d->x, x, 0, raster_plot(&d->raster).w)) / RASTER_X == column)
            return true;
    }
    return false;
}

static void add_colour(struct characters_page *p, const struct plotted *d, int owner, int *now)
{
    static const int colour[LAYOUT_COLOURS] = {34, 31, 32, 35, 33, 36, 39};
    int style = -1;
    for (size_t k = 0; owner >= 0 && k < d->axes->curves; k++)
        if (d->owner[k] == owner)
            style = d->style[k];
    if (!p->t->colour || style == *now)
        return;
    if (style >= 0)
        strbuf_addf(p->out, "\033[%dm", colour[style % LAYOUT_COLOURS]);
    else
        strbuf_add(p->out, "\033[0m");
    *now = style;
}

static void add_cell(struct characters_page *p, const struct plotted *d, size_t row, size_t column,
                     int *now)
{
    const struct raster_cell *cell = &d->raster.cell[row * d->raster.columns + column];
    bool empty = cell->dots == 0 && cell->sign == 0;
    add_colour(p, d, empty || cell->owner < 0 ? -1 : cell->owner, now);
    if (cell->sign)
        strbuf_add_char(p->out, cell->sign);
    else if (empty)
        strbuf_add(p->out, !is_mark(d, column) ? " " : p->t->ascii ? ":" : "┊");
    else if (p->t->ascii)
        strbuf_add_char(p->out, d->sign[cell->owner]);
    else /* U+2800 and the dots in three bytes */
        strbuf_addf(p->out, "\xE2%c%c", (char)(0xA0 | cell->dots >> 6),
                    (char)(0x80 | (cell->dots & 0x3F)));
}

/* ---- axes ---- */

/* The label of row `row` of the plot, or "". */
static const char *label_at(const struct plotted *d, const struct layout_ticks *t, size_t row)
{
    const struct axes *a = d->axes;
    if (a->rows > 0)
        return row < a->rows && a->row ? a->row[a->rows - 1 - row] : "";
    for (size_t i = t->n; i-- > 0;) {
        double y = round(layout_map(&d->y, t->tick[i].value, raster_plot(&d->raster).h, 0));
        if (t->tick[i].label[0] && (size_t)fmax(0, y) / RASTER_Y == row)
            return t->tick[i].label;
    }
    return "";
}

/* As many labels as find room below their ticks, which are noted; returns how many these are. */
static size_t add_x_labels(struct characters_page *p, const struct plotted *d,
                           const struct layout_ticks *t, bool *is_tick)
{
    size_t columns = d->raster.columns, at = 0, placed = 0, left = d->margin + 1;
    memset(is_tick, 0, columns * sizeof *is_tick);
    for (size_t i = 0; i < t->n; i++) {
        const char *label = t->tick[i].label;
        size_t column =
            (size_t)round(layout_map(&d->x, t->tick[i].value, 0, raster_plot(&d->raster).w)) /
            RASTER_X;
        if (!label[0] || column >= columns)
            continue;
        size_t width = characters_columns(p, label), from = left + column;
        from = from > width / 2 ? from - width / 2 : 0;
        if (from + width > left + columns)
            from = left + columns > width ? left + columns - width : 0;
        if (from < at + (at > 0))
            continue;
        is_tick[column] = true;
        characters_blanks(p, from - at);
        at = from + characters_add(p, label, p->t->columns - from);
        placed++;
    }
    return placed;
}

/* Whether the names are whole as labels of ticks. */
static bool are_short(const struct axes *a)
{
    bool all = true;
    for (size_t i = 0; i < a->x_ticks; i++)
        all &= strlen(a->x_name[i]) < LAYOUT_LABEL;
    return all;
}

/* Where the axis has ticks of its own, these; names that find no room are numbered, and false. */
static bool label_x_axis(struct characters_page *p, const struct plotted *d, bool *is_tick)
{
    struct layout_ticks t;
    const struct axes *a = d->axes;
    if (!a->x_tick) {
        layout_ticks(&d->x, d->raster.columns / 12, a->x_percent, &t);
        if (a->x_whole)
            layout_whole_ticks(&t);
        add_x_labels(p, d, &t, is_tick);
        return true;
    }
    layout_own_ticks(&d->x, a->x_tick, a->x_name, a->x_ticks, &t);
    bool all = add_x_labels(p, d, &t, is_tick) == t.n;
    if (!a->x_name || (all && are_short(a)))
        return true;
    strbuf_clear(p->out);
    layout_own_ticks(&d->x, a->x_tick, NULL, a->x_ticks, &t);
    add_x_labels(p, d, &t, is_tick);
    return false;
}

static void add_x_axis(struct characters_page *p, const struct plotted *d)
{
    size_t columns = d->raster.columns;
    bool *is_tick = mem_array(columns + 1, sizeof *is_tick);
    struct strbuf labels, *old = p->out;
    strbuf_init(&labels);
    p->out = &labels;
    bool named = label_x_axis(p, d, is_tick);
    p->out = old;
    characters_blanks(p, d->margin);
    strbuf_add(p->out, p->t->ascii ? "+" : "└");
    for (size_t i = 0; i < columns; i++)
        strbuf_add(p->out, is_tick[i] ? (p->t->ascii ? "+" : "┬") : p->t->ascii ? "-" : "─");
    strbuf_addf(p->out, "\n%s\n", labels.text);
    mem_free(is_tick);
    strbuf_fini(&labels);
    characters_centred(p, d->axes->x_label, d->margin + 1, columns);
    if (!named)
        characters_numbered(p, NULL, d->axes->x_name, d->axes->x_ticks, false);
}

/* The columns of a row's name at most. */
static size_t row_room(const struct characters_page *p)
{
    size_t half = p->t->columns / 2, most = 2 * MARGIN_MAX;
    return half < most ? half : most;
}

/* The widest label's columns. */
static size_t margin_of(const struct characters_page *p, const struct plotted *d,
                        const struct layout_ticks *t)
{
    size_t most = 3, rows = d->axes->rows > 0 ? d->axes->rows : t->n;
    if (d->numbered)
        return most;
    for (size_t i = 0; i < rows; i++) {
        const char *label =
            d->axes->rows > 0 ? (d->axes->row ? d->axes->row[i] : "") : t->tick[i].label;
        struct strbuf out;
        struct characters_page probe = {p->t, &out};
        strbuf_init(&out);
        size_t n = characters_add(&probe, label, d->axes->rows > 0 ? 2 * MARGIN_MAX : MARGIN_MAX);
        most = n > most ? n : most;
        strbuf_fini(&out);
    }
    return most < p->t->columns / 2 ? most : p->t->columns / 2;
}

static void add_plot(struct characters_page *p, struct plotted *d, const struct layout_ticks *t)
{
    for (size_t row = 0; row < d->raster.rows; row++) {
        int now = -1;
        const char *label = label_at(d, t, row);
        characters_name(p, label, d->numbered && label[0] ? row + 1 : 0, d->margin);
        strbuf_add(p->out, p->t->ascii ? (label[0] ? "+" : "|") : label[0] ? "┤" : "│");
        for (size_t column = 0; column < d->raster.columns; column++)
            add_cell(p, d, row, column, &now);
        add_colour(p, d, -1, &now);
        characters_end_line(p);
    }
}

/* ---- below the plot ---- */

static void add_legend(struct characters_page *p, const struct plotted *d)
{
    for (size_t k = 0; k < d->axes->curves; k++) {
        int now = -1;
        const struct curve *c = &d->axes->curve[k];
        bool explains = c->points && c->symbol != SYMBOL_OF_STYLE; /* a sign, where n is 0 */
        if (!c->label || (d->owner[k] < 0 && (!c->points || c->n == 0) && !explains))
            continue;
        characters_blanks(p, 2);
        add_colour(p, d, d->owner[k], &now);
        if (d->owner[k] >= 0)
            strbuf_add_char(p->out, d->lettered || p->t->ascii ? d->sign[d->owner[k]] : '-');
        else
            strbuf_add_char(p->out, sign_of_points(c));
        add_colour(p, d, -1, &now);
        characters_blanks(p, 2);
        characters_folded(p, c->label, 5);
    }
}

static void add_marks(struct characters_page *p, const struct plotted *d)
{
    for (size_t i = 0; i < d->axes->marks && d->axes->marks <= 20; i++) {
        const struct mark *m = &d->axes->mark[i];
        if (!m->label || !m->label[0] || !(m->x >= d->x.lo && m->x <= d->x.hi))
            continue;
        strbuf_add(p->out, p->t->ascii ? "  :  " : "  ┊  ");
        characters_add(p, m->label, p->t->columns - 25);
        strbuf_addf(p->out, " (%.4g)\n", m->x);
    }
}

/* ---- panels ---- */

static bool has_edges(const struct axes *a)
{
    for (size_t k = 0; k < a->curves; k++)
        if (a->curve[k].edge && a->curve[k].n > 0)
            return true;
    return false;
}

static void add_curves(struct characters_page *p, const struct axes *a,
                       const struct letters *shared)
{
    struct plotted d = {.axes = a, .shared = shared};
    struct layout_ticks t;
    size_t rows = a->rows > 0 ? a->rows : p->t->rows ? p->t->rows : 16;
    bool any = layout_scales(a, &d.x, &d.y);
    rows = rows < ROWS_MIN && a->rows == 0 ? ROWS_MIN : rows;
    layout_ticks(&d.y, rows / 4, a->y_percent, &t);
    d.numbered = a->row && characters_look_alike(p, a->row, a->rows, row_room(p));
    d.margin = margin_of(p, &d, &t);
    size_t columns =
        p->t->columns > d.margin + COLUMNS_MIN + 2 ? p->t->columns - d.margin - 2 : COLUMNS_MIN;
    raster_init(&d.raster, columns, rows);
    d.owner = mem_array(a->curves + 1, sizeof *d.owner);
    d.sign = mem_array(a->curves + 1, sizeof *d.sign);
    d.style = mem_array(a->curves + 1, sizeof *d.style);
    layout_styles(a, d.style);
    draw_curves(p, &d);
    if (a->y_label && a->y_label[0]) {
        characters_add(p, a->y_label, p->t->columns - 1);
        strbuf_add_char(p->out, '\n');
    }
    add_plot(p, &d, &t);
    add_x_axis(p, &d);
    if (d.numbered)
        characters_numbered(p, NULL, a->row, a->rows, true);
    if (!any)
        strbuf_addf(p->out, "  %s\n", a->nothing ? a->nothing : "no data");
    if (any || has_edges(a))
        add_legend(p, &d);
    if (any)
        add_marks(p, &d);
    mem_free(d.owner);
    mem_free(d.sign);
    mem_free(d.style);
    raster_fini(&d.raster);
}

void figure_terminal(const struct figure *f, const struct figure_terminal *t, struct strbuf *out)
{
    struct figure_terminal bounded = *t;
    bounded.columns = t->columns == 0     ? 80
                      : t->columns < 40   ? 40
                      : t->columns > 1000 ? 1000
                                          : t->columns;
    bounded.rows = t->rows > 500 ? 500 : t->rows;
    struct characters_page p = {&bounded, out};
    struct letters shared = collect_letters(f);
    characters_centred(&p, f->title, 0, bounded.columns - 1);
    for (size_t i = 0; i < f->panels; i++) {
        if (i > 0)
            strbuf_add_char(out, '\n');
        characters_centred(&p, f->panel[i].title, 0, bounded.columns - 1);
        if (f->panel[i].heat)
            characters_heat(&p, &f->panel[i]);
        else
            add_curves(&p, &f->panel[i], &shared);
    }
    mem_free(shared.label);
}
