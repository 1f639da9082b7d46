/* What cairo's SVG lacks: unique ids, a title, texts; and reading those back (private to
 * figure). */
#ifndef DESCENT_FIGURE_FORMAT_SVG_H
#define DESCENT_FIGURE_FORMAT_SVG_H

#include "figure/figure.h"

struct svg_document {
    const char *raw;    /* as cairo wrote it */
    const char *prefix; /* of its ids */
    bool page;          /* it becomes part of another document */
    const char *title;
    const struct figure_text *text;
    size_t texts;
    const char *selectable; /* elements on top of it; NULL: none */
};
/* Appends the document with title and texts. */
void svg_finish(const struct svg_document *d, struct strbuf *out);
/* Visits each text of such a document; ERR_DATA where it is not one from beginning to end. */
MUST_CHECK bool svg_read_texts(const char *bytes, size_t n, const char *path,
                               struct figure_visitor each, struct error *err);

#endif
