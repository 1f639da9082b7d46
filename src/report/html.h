/* The parts that report's pages are made of. Whatever is not a literal of this program goes through
 * html_text or what calls it. */
#ifndef DESCENT_REPORT_HTML_H
#define DESCENT_REPORT_HTML_H

#include "report/report.h"
#include "study/table.h"
#include "util/json.h"
#include <stdint.h>

struct epoch_row;
struct figure;
struct spec;

struct page {
    struct arena *a;
    struct strbuf *out;
    const char *folder; /* as commands name it: never taken for an option */
    bool no_figures;
    size_t figures; /* so far */
    bool live;      /* one of them answers */
};

/* ---- text (html.c) ---- */

/* Markup, as it stands. */
void html_add(struct page *p, const char *markup);
/* Escaped for text and for attributes in double quotes; what is not UTF-8 becomes U+FFFD, control
 * characters their pictures. */
void html_text(struct page *p, const char *text);
/* <OPEN>text</CLOSE>, the tag with its attributes: html_element(p, "p class=\"lead\"", "...") */
void html_element(struct page *p, const char *tag, const char *text);

/* Everything before the first and after the last section. */
void html_begin(struct page *p, const char *title, const char *kind);
/* Ends the page, with the script where a figure needs it. */
void html_end(struct page *p);
/* <section> with a heading. */
void html_section(struct page *p, const char *id, const char *heading);
/* </section> */
void html_section_end(struct page *p);

/* ---- tables ---- */

/* Rows of a table, from `first` to before `end`. */
struct html_rows {
    size_t first, end;
    const bool *best; /* which of all rows to set in bold, or NULL */
};
/* class: of the style sheet. */
void html_table(struct page *p, const char *class, const struct table *t, const char *caption,
                struct html_rows rows);
/* Rows of a name and what it is. */
void html_facts_begin(struct page *p, const char *caption);
void html_fact(struct page *p, const char *name, const char *text); /* none where text is NULL */
void html_fact_code(struct page *p, const char *name, const char *text);
/* Ends the rows. */
void html_facts_end(struct page *p);

/* A figure worth a glance: large, its name above it, a remark (may be NULL) below. */
void html_headline(struct page *p, const char *name, const char *value, const char *remark);

/* ---- commands ---- */

/* What it does, and the words of a command line, each quoted for the shell. NULL-ended. */
void html_command(struct page *p, const char *what, const char *const *words);

/* ---- numbers, in the arena ---- */

const char *show_count(struct arena *a, int64_t n); /* 54,000 */
const char *show_seconds(struct arena *a,
                         double seconds); /* 4.32 s, 2 min 05 s, 1 h 02 min; "–" for NaN */
const char *show_share(struct arena *a, double v);  /* 97.85 %; "–" for NaN */
const char *show_number(struct arena *a, double v); /* six digits; "–" for NaN */

/* ---- figures (figure.c) ---- */

/* Draws it into the page, numbered. alt: what it shows, for those who do not see it. */
MUST_CHECK bool html_figure(struct page *p, const struct figure *f, const char *caption,
                            const char *alt, struct error *err);

/* ---- figures that answer (live.c) ---- */

/* Whether the page's script draws it: curves against numbers. */
bool html_is_live(const struct figure *f);
/* Its data, for the script. */
void html_live(struct page *p, const struct figure *f);
/* The script, where a figure needs it. */
void html_script(struct page *p);
/* SHA-256 of the script in base64, for the page's policy. */
void html_script_digest(char ret[45]);
/* The colours of curves as variables of the style sheet, light and dark. */
void html_palette(struct page *p);

/* ---- specs (spec.c) ---- */

/* The text with its keys and values told apart; marked (may be NULL): lines, from 0, that stand
 * out. */
void html_yaml(struct page *p, const char *text, const bool *marked);
/* A resolved spec: what is not as the defaults have it, and all of it. */
void html_spec(struct page *p, const struct spec *s, const char *text);

/* ---- epochs (epochs.c) ---- */

struct html_epochs {
    const struct epoch_row *row;
    const double *time; /* seconds of training up to each row; NaN: not known */
    size_t rows;        /* 1 or more */
    int64_t best;       /* the best epoch; -1: none */
};
/* Their table, folded: what changes from row to row, of at most about 500 rows. */
void html_epochs(struct page *p, const struct html_epochs *r);

/* ---- build and data (environment.c) ---- */

/* The builds, machines and data of n run.json, each different one once. NULLs among them are left
 * out. */
void html_environment(struct page *p, struct json *const *manifest, size_t n);

/* Whether the run's matrix products are the BLAS's; NULL: no. */
bool html_is_by_blas(const struct json *manifest);
/* Below the commands: where they are to be typed, and what gives the same bytes; `more` follows
 * that. */
void html_promise(struct page *p, bool by_blas, const char *more);

/* A text of run.json: one line, or NULL. */
const char *manifest_text(const struct json *j, const char *key, const char *key2,
                          const char *key3);
/* A whole number of run.json; 0: it has none. */
int64_t manifest_integer(const struct json *j, const char *key, const char *key2);
/* A number of run.json; NaN: it has none. */
double manifest_real(const struct json *j, const char *key, const char *key2, const char *key3);

/* A path that no command takes for an option, without slashes at its end. */
const char *report_path(struct arena *a, const char *folder);

/* The style sheet: NULL-ended pieces (style.c). */
extern const char *const report_style[];

#endif
