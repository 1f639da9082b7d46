#include "run/live.h"
#include "figure/figure.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/terminal.h"
#include <stdio.h>
#include <unistd.h>

enum { COLUMNS_MOST = 72, ROWS = 6 };

void live_init(struct live *l)
{
    *l = (struct live){.shown = terminal_redraws() && log_level() == LOG_VERBOSE};
    strbuf_init(&l->text);
}

void live_fini(struct live *l)
{
    mem_free(l->epoch);
    mem_free(l->loss);
    mem_free(l->valid);
    strbuf_fini(&l->text);
    *l = (struct live){0};
}

static void grow(double **v, size_t room, size_t more)
{
    *v = mem_grow(*v, room * sizeof **v, more * sizeof **v);
}

void live_add(struct live *l, const struct epoch_row *row)
{
    if (!l->shown)
        return;
    if (l->n == l->room) {
        size_t more = 2 * l->room + 64;
        grow(&l->epoch, l->room, more);
        grow(&l->loss, l->room, more);
        grow(&l->valid, l->room, more);
        l->room = more;
    }
    l->epoch[l->n] = (double)row->epoch;
    l->loss[l->n] = row->value[METRIC_BATCH_LOSS];
    l->valid[l->n++] = row->value[METRIC_VALID_LOSS];
}

void live_clear(struct live *l)
{
    if (l->lines > 0)
        fprintf(stderr, "\r\033[%uA\033[J", l->lines);
    l->lines = 0;
}

static void write_curve(const struct live *l, struct strbuf *out)
{
    const struct curve curve[] = {
        {.label = "minibatch loss", .x = l->epoch, .y = l->loss, .n = l->n},
        {.label = "validation loss", .x = l->epoch, .y = l->valid, .n = l->n}};
    const struct axes axes = {.x_label = "epoch", .curve = curve, .curves = 2, .x_whole = true};
    const struct figure f = {.panel = &axes, .panels = 1, .columns = 1};
    unsigned columns = terminal_columns(STDERR_FILENO);
    struct figure_terminal t = {.columns = columns < COLUMNS_MOST ? columns : COLUMNS_MOST,
                                .rows = ROWS,
                                .ascii = !terminal_is_utf8(),
                                .colour = terminal_colours(STDERR_FILENO)};
    figure_terminal(&f, &t, out);
}

void live_draw(struct live *l, bool last)
{
    double now = clock_monotonic();
    if (!l->shown || l->n < 3) /* epoch 0 has no minibatches */
        return;
    live_clear(l);
    if (last || now - l->drawn >= 0.5) {
        l->drawn = now;
        strbuf_clear(&l->text);
        write_curve(l, &l->text);
    }
    for (const char *s = l->text.text; *s; s++)
        l->lines += *s == '\n';
    fputs(l->text.text, stderr);
    fflush(stderr);
}
