/* A heat map of characters: a table of its values. */
#include "figure/format/terminal.h"
#include <math.h>
#include <stdio.h>

enum { CELL = 9, HEAT_MARGIN = 18 };

/* With as many digits as find room: a number that is cut is another one. */
static void write_value(const struct axes *a, size_t i, char text[40])
{
    const struct heat_map *h = a->heat;
    double v = h->value[i];
    const char *note = h->note && h->note[i] ? h->note[i] : "-", *best = i == h->best ? "*" : " ";
    if (!isfinite(v))
        snprintf(text, 40, "%.8s ", note);
    else if (a->y_percent)
        snprintf(text, 40, "%.2f%s", 100 * v, best);
    for (int digits = 4; isfinite(v) && !a->y_percent && digits > 0; digits--)
        if (snprintf(text, 40, "%.*g%s", digits, v, best) <= CELL)
            break;
}

/* A heat map's columns from ... to - 1. */
struct heat_part {
    size_t from, to;
    bool rows, columns; /* have numbers in place of their names */
};

/* With the columns' names below. */
static void add_heat_part(struct characters_page *p, const struct axes *a,
                          const struct heat_part *part)
{
    const struct heat_map *h = a->heat;
    char text[40];
    for (size_t row = h->rows; row-- > 0;) {
        characters_name(p, h->row[row], part->rows ? h->rows - row : 0, HEAT_MARGIN - 1);
        characters_blanks(p, 1);
        for (size_t i = part->from; i < part->to; i++) {
            write_value(a, row * h->columns + i, text);
            characters_padded(p, text, CELL, true);
        }
        characters_end_line(p);
    }
    characters_padded(p, a->y_label ? a->y_label : "", HEAT_MARGIN - 1, true);
    characters_blanks(p, 1);
    for (size_t i = part->from; i < part->to; i++) {
        characters_name(p, h->column[i], part->columns ? i + 1 : 0, CELL - 1);
        characters_blanks(p, 1);
    }
    characters_end_line(p);
    size_t cells = (part->to - part->from) * CELL, all = p->t->columns - HEAT_MARGIN - 1,
           label = a->x_label ? characters_columns(p, a->x_label) : 0;
    characters_centred(p, a->x_label, HEAT_MARGIN,
                       label <= cells ? cells
                       : label < all  ? label
                                      : all);
}

void characters_heat(struct characters_page *p, const struct axes *a)
{
    const struct heat_map *h = a->heat;
    size_t fits = (p->t->columns - HEAT_MARGIN - 1) / CELL;
    struct heat_part part = {.rows = characters_look_alike(p, h->row, h->rows, HEAT_MARGIN - 1),
                             .columns = characters_look_alike(p, h->column, h->columns, CELL - 1)};
    fits = fits < 1 ? 1 : fits;
    if (h->label && h->label[0])
        characters_add(p, h->label, p->t->columns - 1);
    strbuf_add_char(p->out, '\n');
    for (; part.from < h->columns; part.from = part.to) {
        part.to = part.from + fits < h->columns ? part.from + fits : h->columns;
        strbuf_add(p->out, part.from > 0 ? "\n" : "");
        add_heat_part(p, a, &part);
    }
    if (part.rows)
        characters_numbered(p, a->y_label, h->row, h->rows, true);
    if (part.columns)
        characters_numbered(p, a->x_label, h->column, h->columns, false);
}
