/* The data of a figure as CSV. */
#include "util/csv.h"
#include "figure/layout/layout.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_number(struct strbuf *to, double v)
{
    char text[40];
    if (!isfinite(v)) {
        strbuf_add(to, isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        double back = strtod(text, NULL);
        if (memcmp(&back, &v, sizeof v) == 0)
            break;
    }
    strbuf_add(to, text);
}

static void add_rows(struct strbuf *to, size_t panel, const char *name, const double *x,
                     const double *y, size_t n)
{
    struct strbuf head;
    strbuf_init(&head);
    strbuf_addf(&head, "%zu,", panel);
    csv_add_text(&head, name);
    for (size_t i = 0; i < n; i++) {
        strbuf_add_bytes(to, head.text, head.length);
        strbuf_add_char(to, ',');
        add_number(to, x[i]);
        strbuf_add_char(to, ',');
        add_number(to, y[i]);
        strbuf_add_char(to, '\n');
    }
    strbuf_fini(&head);
}

static void add_curve(struct strbuf *to, size_t panel, const struct curve *c, size_t number)
{
    struct strbuf name;
    strbuf_init(&name);
    if (c->label || c->name)
        strbuf_add(&name, c->label ? c->label : c->name);
    else
        strbuf_addf(&name, "%zu", number);
    if (c->of > c->n)
        strbuf_addf(&name, " (%zu of %zu points)", c->n, c->of);
    size_t length = name.length;
    add_rows(to, panel, name.text, c->x, c->y, c->n);
    if (c->low && c->high) {
        strbuf_add(&name, ", low");
        add_rows(to, panel, name.text, c->x, c->low, c->n);
        name.length = length;
        name.text[length] = '\0';
        strbuf_add(&name, ", high");
        add_rows(to, panel, name.text, c->x, c->high, c->n);
    }
    strbuf_fini(&name);
}

static void add_heat(struct strbuf *to, size_t panel, const struct heat_map *h)
{
    for (size_t row = 0; row < h->rows; row++)
        for (size_t column = 0; column < h->columns; column++) {
            double x = h->x ? h->x[column] : (double)(column + 1);
            add_rows(to, panel, h->row[row], &x, &h->value[row * h->columns + column], 1);
        }
}

static void add_contours(struct strbuf *to, size_t panel, const struct contours *c)
{
    struct strbuf name;
    strbuf_init(&name);
    for (size_t row = 0; row < c->rows; row++)
        for (size_t column = 0; column < c->columns; column++) {
            double x = c->x0 + (c->x1 - c->x0) * (double)column / (double)(c->columns - 1);
            double y = c->y0 + (c->y1 - c->y0) * (double)row / (double)(c->rows - 1);
            strbuf_clear(&name);
            strbuf_add_real(&name, y);
            add_rows(to, panel, name.text, &x, &c->value[row * c->columns + column], 1);
        }
    strbuf_fini(&name);
}

void layout_csv(const struct figure *f, struct strbuf *to)
{
    strbuf_add(to, "panel,curve,x,y\n");
    for (size_t p = 0; p < f->panels; p++) {
        if (f->panel[p].heat)
            add_heat(to, p + 1, f->panel[p].heat);
        if (f->panel[p].contours && f->panel[p].contours->embedded)
            add_contours(to, p + 1, f->panel[p].contours);
        for (size_t k = 0; k < f->panel[p].curves; k++)
            add_curve(to, p + 1, &f->panel[p].curve[k], k + 1);
    }
}
