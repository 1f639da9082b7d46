/* A PNG or an SVG: its size, its texts, the curves it carries. */
#include "config/diag.h"
#include "inspect/carried.h"
#include "inspect/internal.h"
#include "spec/spec.h"
#include "util/csv.h"
#include "util/file.h"
#include <stdlib.h>
#include <string.h>

/* Width and height stand at a fixed place of every PNG (its first chunk must be IHDR), in points in
 * the root of an SVG of ours. */
static bool add_size(struct inspection *x, const char *path, struct error *err)
{
    char *bytes;
    size_t n;
    if (!file_read(path, (size_t)1 << 28, &bytes, &n, err))
        return false;
    unsigned side[2] = {0};
    const char *svg = strstr(bytes, "<svg"), *width = svg ? strstr(svg, " width=\"") : NULL;
    if (width && n >= 8 && memcmp(bytes, "\x89PNG", 4) != 0) {
        const char *height = strstr(width, " height=\"");
        inspect_line(x, "SVG", "%s", path);
        inspect_line(x, "size", "%.2f x %.2f inches, %zu bytes", strtod(width + 8, NULL) / 72,
                     height ? strtod(height + 9, NULL) / 72 : 0, n);
        mem_free(bytes);
        return true;
    }
    inspect_line(x, "PNG", "%s", path);
    for (size_t i = 0; n >= 24 && i < 8; i++)
        side[i / 4] = side[i / 4] << 8 | (unsigned char)bytes[16 + i];
    inspect_line(x, "size", "%u x %u pixels, %zu bytes", side[0], side[1], n);
    mem_free(bytes);
    return true;
}

static void add_spec(struct inspection *x, struct arena *a, const struct carried_text *t)
{
    struct diags d;
    struct spec spec;
    diags_init(&d, a);
    if (spec_parse_any(a, &(struct spec_text){.name = t->keyword, .text = t->text}, &d, &spec)) {
        struct strbuf name;
        strbuf_init(&name);
        inspect_text(&name, spec.name, 40);
        if (spec.optimizer.kind)
            inspect_line(x, "spec", "%s (%s, %s)", name.text, data_names[spec.dataset.name],
                         spec.optimizer.kind->name);
        else
            inspect_line(x, "spec", "%s (a trace)", name.text);
        strbuf_fini(&name);
    } else {
        inspect_line(x, "spec", "%s is not a valid one", t->keyword);
        inspect_problem(x, "the spec under %s is not valid: %s", t->keyword,
                        d.n > 0 ? d.item[0].message : "unreadable");
    }
}

static void add_curve(struct inspection *x, const char *panel, const char *label, size_t points)
{
    strbuf_addf(&x->text, "%6.6s %8zu  ", panel, points);
    inspect_text(&x->text, label, 60);
    strbuf_add(&x->text, "\n");
}

/* Rows panel,curve,x,y; the rows of a curve follow one another. */
static void add_data(struct inspection *x, const char *csv)
{
    struct strbuf cell[5], panel, curve;
    size_t points = 0, row = 1, cells;
    for (size_t i = 0; i < 5; i++)
        strbuf_init(&cell[i]);
    strbuf_init(&panel);
    strbuf_init(&curve);
    strbuf_addf(&x->text, "\n%6s %8s  %s\n", "panel", "points", "curve");
    for (const char *at = csv; *at; row++) {
        for (cells = 0; csv_cell(&at, &cell[cells]);)
            cells += cells < 4;
        if (cells != 3) {
            inspect_problem(x, "descent.data: row %zu is not panel,curve,x,y", row);
            break;
        }
        if (row == 1)
            continue;
        if (points > 0 &&
            (strcmp(panel.text, cell[0].text) != 0 || strcmp(curve.text, cell[1].text) != 0)) {
            add_curve(x, panel.text, curve.text, points);
            points = 0;
        }
        strbuf_clear(&panel);
        strbuf_add(&panel, cell[0].text);
        strbuf_clear(&curve);
        strbuf_add(&curve, cell[1].text);
        points++;
    }
    if (points > 0)
        add_curve(x, panel.text, curve.text, points);
    for (size_t i = 0; i < 5; i++)
        strbuf_fini(&cell[i]);
    strbuf_fini(&panel);
    strbuf_fini(&curve);
}

bool inspect_figure(const char *path, struct inspection *x, struct error *err)
{
    struct arena a;
    struct carried c;
    arena_init(&a);
    bool ok = carried_read(&a, path, &c, err);
    ok = ok && add_size(x, path, err);
    for (size_t i = 0; ok && i < c.n; i++) {
        struct strbuf key;
        strbuf_init(&key);
        inspect_text(&key, c.v[i].keyword, 40);
        inspect_line(x, "text", "%s, %zu bytes", key.text, strlen(c.v[i].text));
        strbuf_fini(&key);
    }
    for (size_t i = 0; ok && i < c.n; i++)
        if (carried_is_spec(&c.v[i]))
            add_spec(x, &a, &c.v[i]);
    for (size_t i = 0; ok && i < c.n; i++)
        if (carried_is_data(&c.v[i]))
            add_data(x, c.v[i].text);
    if (ok && c.n == 0)
        inspect_line(x, "text", "none");
    arena_fini(&a);
    return ok;
}
