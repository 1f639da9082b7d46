/* What cairo's SVG lacks: ids of its own, a title, texts; and reading those back (private to
 * figure). */
#ifndef DESCENT_FIGURE_FORMAT_SVG_H
#define DESCENT_FIGURE_FORMAT_SVG_H

#include "figure/figure.h"

/* Appends the document that cairo wrote, its ids begun by `prefix`, with title and texts; selectable:
 * elements that stand on top of it, NULL: none. page: to stand within another document. */
void svg_finish(const char *raw, const char *prefix, bool page, const char *title,
                const struct figure_text *text, size_t texts, const char *selectable,
                struct strbuf *out);
/* Calls f for each text of such a document; ERR_DATA where it is not one from beginning to end. */
MUST_CHECK bool svg_read_texts(const char *bytes, size_t n, const char *path,
                               void (*f)(void *context, const char *keyword, const char *text),
                               void *context, struct error *err);

#endif
