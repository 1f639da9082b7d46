/* A panel on its way onto a canvas, and its parts (private to figure). */
#ifndef DESCENT_FIGURE_DRAW_PANEL_H
#define DESCENT_FIGURE_DRAW_PANEL_H

#include "figure/draw/canvas.h"
#include "figure/layout/layout.h"

/* Widths of lines in units: one unit is a pixel of a panel of at least 1000 by 600. */
#define PANEL_THIN 1.4
#define PANEL_HAIR 1.2

/* Room around a plot for ticks, labels and title. */
struct margins {
    double left, right, top, bottom;
};

struct legend {
    const char **label; /* fitted, one per entry */
    size_t *curve;
    size_t n;
    double size; /* of its font */
    struct layout_rect box;
    size_t columns;                       /* in which the entries flow */
    enum { INSIDE, BESIDE, ABOVE } where; /* the plot */
};

struct panel {
    const struct axes *axes;
    const char *x_label;               /* clean, fitted; "" where absent, as the next */
    const char *title[2], *y_label[2]; /* in one line or in two */
    const char **row;                  /* the rows' names */
    size_t every;                      /* so many rows have one name */
    bool upright;                      /* the names along x are written upwards */
    bool unlisted;                     /* its curves are in a legend below all panels */
    const struct axes *together; /* of a legend below them all: the panels, told apart by style */
    size_t togethers;
    bool has_data;
    struct layout_scale x, y;
    struct layout_ticks x_ticks, y_ticks;
    struct layout_rect cell, plot;
    double above; /* room between the title and the plot */
    double left;  /* the plot's left margin that its own column of panels needs */
    struct layout_line *line;
    int *style;
    const char **mark_label;
    double *mark_x;
    struct layout_rect *mark_box;
    size_t marks;
    struct legend legend;
};

/* Ticks as dense as a plot of this size allows without labels that touch; names, where they would,
 * only if they are upright. */
void axes_choose_ticks(struct canvas *c, struct panel *p, double width, double height);
/* Whether the names along x are upright: where they find no room side by side. */
void axes_turn_names(struct canvas *c, struct panel *p);
/* The rows' names, each less than half of the panel long, and how many of them find room. */
void axes_name_rows(struct canvas *c, struct panel *p);
/* The label of y; of rows that are not all named it says so. */
const char *axes_y_label(struct canvas *c, const struct panel *p);
/* The room that ticks, labels and title need. */
struct margins axes_measure(struct canvas *c, struct panel *p);
/* The lines at ticks and between them. */
void axes_draw_grid(struct canvas *c, const struct panel *p);
/* The two axes with ticks and labels, and the title. */
void axes_draw(struct canvas *c, const struct panel *p);

/* The curves as lines in pixels of the panel's plot; frees those of before. */
void curves_make_lines(struct panel *p);
/* Bands, then raw data, then the curves that they belong to. */
void curves_draw(struct canvas *c, const struct panel *p);
/* Does curve k have a symbol at its points? */
bool curves_have_symbols(const struct panel *p, size_t k);
/* Has curve k no point that can be drawn? */
bool curves_are_empty(const struct panel *p, size_t k);
/* Is curve k points that all stand between gaps, nothing of a line? Or nothing at all, among curves
 * of which none is a line. */
bool curves_are_lone(const struct panel *p, size_t k);
/* The dash pattern of curve k; 0: solid. */
int curves_dash(const struct panel *p, size_t k);
/* The pen of curve k: colour, width, dashes. */
void curves_set_pen(struct canvas *c, const struct panel *p, size_t k);
/* The symbol of curve k. */
void curves_draw_symbol(struct canvas *c, const struct panel *p, size_t k, double x, double y,
                        double radius);

/* Finds the marks within the axis, and places for their labels. */
void marks_place(struct canvas *c, struct panel *p);
/* The marks' lines. */
void marks_draw(struct canvas *c, const struct panel *p);
/* The labels, over the curves. */
void marks_draw_labels(struct canvas *c, const struct panel *p);

/* Inside if it hides nothing there, beside if that leaves the plot wide enough, else above. Returns
 * the room that it needs above the plot. */
double legend_place(struct canvas *c, struct panel *p);
/* Inside the plot, where it hides the least. */
void legend_place_inside(struct canvas *c, struct panel *p);
/* Draws it where it was placed. */
void legend_draw(struct canvas *c, const struct panel *p);

/* A curve of one of the panels that a legend is of; panel NULL: none. */
struct sample {
    const struct panel *panel;
    size_t curve;
};
/* From which curves the sample of the legend's curve k of p takes its line and its symbol: a dash
 * of one panel and a symbol of another are both shown, so that each panel can be read by them. */
void legend_choose_sample(const struct panel *p, size_t k, const struct panel *all, size_t panels,
                          struct sample *ret_line, struct sample *ret_symbol);

/* The entries of the first panel's curves, in rows below all panels. */
struct shared_legend {
    struct panel panel; /* of which only what an entry needs is set, as of the next */
    struct panel *all;  /* whose curves its samples show */
    size_t panels;
    size_t columns;
    double column, height; /* pixels */
};
/* Its size below panels of that width and height together. */
void legend_measure_shared(struct canvas *c, const struct figure *f, double width, double height,
                           struct shared_legend *ret);
/* Draws it, centred, from `top` on. */
void legend_draw_shared(struct canvas *c, const struct shared_legend *s, double width, double top);

#endif
