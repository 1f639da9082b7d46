#include "study/table.h"
#include "util/csv.h"
#include "util/fold.h"
#include "util/text.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, TEXT_LEAST = 6 };

/* What stands in front of every block, at most: the rest is for figures. */
static size_t fixed_most(size_t page)
{
    return page * 46 / 80;
}

static const char *cell(const struct table *t, size_t row, size_t column)
{
    const char *s = t->cell[row * t->columns + column];
    return s ? s : "";
}

/* ---- building ---- */

const char **table_add_column(struct table_builder *b, const char *head, bool left, bool fixed)
{
    if (b->columns == b->room) {
        size_t room = 2 * b->room + 16;
        struct table_column *column = arena_alloc(b->a, room * sizeof *column);
        const char ***cell = arena_alloc(b->a, room * sizeof *cell);
        for (size_t i = 0; i < b->columns; i++) {
            column[i] = b->column[i];
            cell[i] = b->cell[i];
        }
        b->column = column;
        b->cell = cell;
        b->room = room;
    }
    b->column[b->columns] = (struct table_column){head, left, fixed, false};
    b->cell[b->columns] = arena_alloc(b->a, (b->rows + 1) * sizeof **b->cell);
    return b->cell[b->columns++];
}

void table_finish(const struct table_builder *b, struct table *ret)
{
    *ret = (struct table){.columns = b->columns, .rows = b->rows, .column = b->column};
    ret->cell = arena_alloc(b->a, (b->rows * b->columns + 1) * sizeof *ret->cell);
    for (size_t r = 0; r < b->rows; r++)
        for (size_t c = 0; c < b->columns; c++)
            ret->cell[r * b->columns + c] = b->cell[c][r];
}

/* ---- plain text ---- */

/* The table with its cells as they are printed: only of these widths are known. */
static struct table as_printed(struct arena *a, const struct table *t)
{
    struct table shown = *t;
    size_t cells = t->rows * t->columns;
    shown.cell = arena_alloc(a, (cells + 1) * sizeof *shown.cell);
    for (size_t i = 0; i < cells; i++)
        shown.cell[i] = t->cell[i] ? text_in_line(a, t->cell[i]) : NULL;
    return shown;
}

static void add_padded(struct strbuf *out, const char *s, size_t width, bool left)
{
    size_t n = text_columns(s), bytes = strlen(s);
    bool cut = n > width;
    if (cut) { /* before a wide character a column may stay free */
        bytes = text_bytes_within(s, width - 1);
        n -= text_columns(s + bytes) - 1;
    }
    for (size_t i = n; !left && i < width; i++)
        strbuf_add_char(out, ' ');
    strbuf_add_bytes(out, s, bytes);
    strbuf_add(out, cut ? "…" : "");
    for (size_t i = n; left && i < width; i++)
        strbuf_add_char(out, ' ');
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How narrow a column of texts may be: its head whole, and texts that differ still told apart. */
static size_t least_width(const struct table *t, size_t column)
{
    size_t least = text_columns(t->column[column].head);
    const char **text = mem_array(t->rows, sizeof *text);
    for (size_t r = 0; r < t->rows; r++)
        text[r] = cell(t, r, column);
    if (t->rows > 1)
        qsort(text, t->rows, sizeof *text, compare_texts);
    for (size_t r = 1; r < t->rows; r++) {
        size_t sum = 0, own = 0, n;
        const char *at = text[r], *above = text[r - 1];
        for (; *at; at += n, above += n, sum += own) {
            n = text_step(at, &own);
            if (strncmp(at, above, n) != 0)
                break;
        }
        if (*at && sum + own + 1 > least) /* one that differs, and an ellipsis */
            least = sum + own + 1;
    }
    mem_free(text);
    return least > TEXT_LEAST ? least : TEXT_LEAST;
}

static size_t sum_of(const struct table *t, const size_t *width, const bool *front)
{
    size_t sum = 0;
    for (size_t c = 0; c < t->columns; c++)
        sum += front[c] ? width[c] + GAP : 0;
    return sum;
}

/* The longest text columns in front give way until they leave room for figures. */
static void shrink(const struct table *t, size_t page, const bool *front, const size_t *least,
                   size_t *width)
{
    while (sum_of(t, width, front) > fixed_most(page)) {
        size_t longest = t->columns;
        for (size_t c = 0; c < t->columns; c++)
            if (front[c] && t->column[c].left && width[c] > least[c] &&
                (longest == t->columns || width[c] > width[longest]))
                longest = c;
        if (longest == t->columns)
            return;
        width[longest]--;
    }
}

/* Chooses what stands in front of every block: the fixed columns, or the first alone where they
 * leave no room for the others. Then the rows' order tells which is which, unless it is names that
 * cannot be cut without being taken for each other: true, each stands on a line of its own. */
static bool lay_out(const struct table *t, size_t page, size_t *width, bool *front)
{
    bool above = false;
    size_t *least = mem_array(t->columns, sizeof *least),
           *natural = mem_array(t->columns, sizeof *natural), widest = 0;
    for (size_t c = 0; c < t->columns; c++) {
        width[c] = text_columns(t->column[c].head);
        for (size_t r = 0; r < t->rows; r++)
            width[c] =
                text_columns(cell(t, r, c)) > width[c] ? text_columns(cell(t, r, c)) : width[c];
        natural[c] = width[c];
        front[c] = t->column[c].fixed;
        least[c] = front[c] && t->column[c].left ? least_width(t, c) : width[c];
        widest = !front[c] && width[c] > widest ? width[c] : widest;
    }
    shrink(t, page, front, least, width);
    if (sum_of(t, width, front) + widest > page) {
        above = t->columns > 1 && t->column[0].left && least[0] > fixed_most(page);
        for (size_t c = 0, rest = page; c < t->columns; c++) {
            front[c] = c == 0;
            width[c] = c == 0 && above                           ? 0
                       : c == 0 && natural[c] > fixed_most(page) ? fixed_most(page)
                       : natural[c] < rest                       ? natural[c]
                                                                 : rest;
            rest -= c == 0 ? width[c] + GAP : 0;
        }
    }
    mem_free(least);
    mem_free(natural);
    return above;
}

/* What lines are written with. */
struct lines {
    const struct table *t;
    size_t page;
    const size_t *width;
    const bool *shown;
    bool above; /* the first column is, on a line of its own */
};

static void write_line(const struct lines *l, size_t row, bool head, struct strbuf *out)
{
    const struct table *t = l->t;
    bool first = true;
    for (size_t c = 0; c < t->columns; c++) {
        const char *text = head ? t->column[c].head : cell(t, row, c);
        if (!l->shown[c])
            continue;
        strbuf_add(out, first ? "" : "  ");
        if (first && l->above) {
            fold_name(text, l->page, 0, 2 * GAP, out);
            strbuf_add_char(out, '\n');
        } else {
            add_padded(out, text, l->width[c], t->column[c].left);
        }
        first = false;
    }
    while (out->length > 0 && out->text[out->length - 1] == ' ')
        out->text[--out->length] = '\0';
    strbuf_add_char(out, '\n');
}

/* Columns of a block: how many there are beside those in front, and where the following one
 * begins. */
struct block {
    size_t added, next;
};

/* Marks the columns of the block that begins at `next`. */
static struct block take_block(const struct table *t, size_t page, const size_t *width,
                               const bool *front, size_t next, bool *shown)
{
    struct block b = {0, next};
    size_t sum = sum_of(t, width, front);
    memcpy(shown, front, t->columns * sizeof *shown);
    for (; b.next < t->columns; b.next++) {
        if (front[b.next])
            continue;
        if (b.added > 0 && sum + width[b.next] > page)
            break;
        sum += width[b.next] + GAP;
        shown[b.next] = true;
        b.added++;
    }
    return b;
}

static void write_blocks(const struct table *t, size_t page, struct strbuf *out)
{
    size_t *width = mem_array(t->columns, sizeof *width);
    bool *shown = mem_array(t->columns, sizeof *shown),
         *front = mem_array(t->columns, sizeof *front);
    struct lines l = {t, page, width, shown, lay_out(t, page, width, front)};
    for (size_t next = 0; next < t->columns;) {
        bool first_block = next == 0;
        struct block b = take_block(t, page, width, front, next, shown);
        if (b.added == 0 && !first_block)
            break;
        next = b.next;
        strbuf_add(out, first_block ? "" : "\n");
        write_line(&l, 0, true, out);
        for (size_t r = 0; r < t->rows; r++)
            write_line(&l, r, false, out);
    }
    mem_free(width);
    mem_free(shown);
    mem_free(front);
}

void table_write_text_within(const struct table *t, size_t page, struct strbuf *out)
{
    struct arena a;
    arena_init(&a);
    struct table printed = as_printed(&a, t);
    write_blocks(&printed, page, out);
    arena_fini(&a);
}

void table_write_text(const struct table *t, struct strbuf *out)
{
    table_write_text_within(t, TABLE_WIDTH, out);
}

/* Which columns the first block has: its fixed ones, as many as leave room for the needed ones,
 * these, and of the others as many as fit. */
static void choose_first(const struct table *t, size_t page, const size_t *width, const bool *front,
                         bool *first)
{
    size_t used = sum_of(t, width, front), reserved = 0, added = 0;
    for (size_t c = 0; c < t->columns; c++) {
        first[c] = front[c];
        reserved += !front[c] && t->column[c].needed ? width[c] + GAP : 0;
    }
    for (int fixed = 1; fixed >= 0; fixed--)
        for (size_t c = 0, full = 0; c < t->columns; c++) {
            bool needed = t->column[c].needed, own = t->column[c].fixed == (fixed == 1);
            if (first[c] || !own)
                continue;
            reserved -= needed ? width[c] + GAP : 0;
            full |= !needed && (added > 0 || fixed) && used + width[c] + reserved > page;
            if (full && !needed)
                continue;
            first[c] = true;
            used += width[c] + GAP;
            added++;
        }
}

/* Numbers of the columns that are kept, as they are to stand. */
static size_t arrange(const struct table *t, const bool *first, size_t *ret)
{
    size_t n = 0;
    for (size_t c = 0; c < t->columns; c++)
        if (first[c])
            ret[n++] = c;
    for (size_t c = 0; c < t->columns; c++)
        if (!first[c] && t->column[c].fixed) /* what tells the rows apart stays */
            ret[n++] = c;
    return n;
}

void table_fit(struct arena *a, const struct table *raw, size_t page, struct table *ret,
               const char **ret_left)
{
    struct table printed = as_printed(a, raw);
    const struct table *t = &printed;
    size_t *width = arena_alloc(a, (t->columns + 1) * sizeof *width),
           *order = arena_alloc(a, (t->columns + 1) * sizeof *order);
    bool *first = arena_alloc(a, (t->columns + 1) * sizeof *first),
         *front = arena_alloc(a, (t->columns + 1) * sizeof *front);
    const char *left = NULL;
    lay_out(t, page, width, front);
    choose_first(t, page, width, front, first);
    size_t kept = arrange(t, first, order);
    struct table_column *column = arena_alloc(a, (kept + 1) * sizeof *column);
    const char **cell = arena_alloc(a, (t->rows * kept + 1) * sizeof *cell);
    for (size_t k = 0; k < kept; k++) {
        column[k] = t->column[order[k]];
        for (size_t r = 0; r < t->rows; r++)
            cell[r * kept + k] = t->cell[r * t->columns + order[k]];
    }
    for (size_t c = 0; c < t->columns; c++)
        if (!first[c] && !t->column[c].fixed)
            left = left ? arena_printf(a, "%s, %s", left, t->column[c].head) : t->column[c].head;
    *ret = (struct table){.columns = kept, .rows = t->rows, .column = column, .cell = cell};
    *ret_left = left;
}

/* ---- CSV ---- */

void table_write_csv(const struct table *t, struct strbuf *out)
{
    for (size_t r = 0; r <= t->rows; r++)
        for (size_t c = 0; c < t->columns; c++) {
            strbuf_add(out, c ? "," : "");
            csv_add_text(out, r == 0 ? t->column[c].head : cell(t, r - 1, c));
            strbuf_add(out, c + 1 == t->columns ? "\n" : "");
        }
}

/* ---- Markdown ---- */

static bool is_bold(const struct table *t, size_t row, size_t column)
{
    return t->bold && t->bold[row * t->columns + column];
}

/* '$' begins a formula and '~' what is struck out on GitHub, '&' a character's name. */
static const char markdown_marks[] = "|\\*_`<[]$~&";

static void add_markdown(struct strbuf *out, const char *s, bool bold)
{
    strbuf_add(out, bold ? "| **" : "| ");
    for (; *s; s++) {
        if (strchr(markdown_marks, *s))
            strbuf_add_char(out, '\\');
        strbuf_add_char(out, *s == '\n' ? ' ' : *s);
    }
    strbuf_add(out, bold ? "** " : " ");
}

void table_write_markdown_notes(const char *text, struct strbuf *out)
{
    strbuf_add_char(out, '\n');
    for (bool begins = true; *text; text++) {
        if (strchr(markdown_marks, *text) || (begins && strchr("#+-", *text)))
            strbuf_add_char(out, '\\');
        strbuf_add_char(out, *text);
        begins = *text == '\n';
    }
}

void table_write_markdown(const struct table *t, struct strbuf *out)
{
    for (size_t c = 0; c < t->columns; c++)
        add_markdown(out, t->column[c].head, false);
    strbuf_add(out, "|\n");
    for (size_t c = 0; c < t->columns; c++)
        strbuf_add(out, t->column[c].left ? "|:---" : "|---:");
    strbuf_add(out, "|\n");
    for (size_t r = 0; r < t->rows; r++) {
        for (size_t c = 0; c < t->columns; c++)
            add_markdown(out, cell(t, r, c), is_bold(t, r, c));
        strbuf_add(out, "|\n");
    }
}

/* ---- LaTeX ---- */

/* Whether TeX makes one character of these two: a dash, a quotation mark. */
static bool is_joined(const char *s)
{
    return s[0] == s[1] && strchr("-',", s[0]);
}

static void add_latex(struct strbuf *out, const char *s)
{
    static const char *const special[][2] = {{"±", "$\\pm$"},
                                             {"–", "--"},
                                             {"−", "$-$"},
                                             {"\\", "\\textbackslash{}"},
                                             {"~", "\\textasciitilde{}"},
                                             {"^", "\\textasciicircum{}"},
                                             {"|", "\\textbar{}"},
                                             {"\"", "\\texttt{\\char34}"},
                                             {"`", "\\textasciigrave{}"},
                                             {"<", "$<$"},
                                             {">", "$>$"}};
    for (const char *all = s; *s;) {
        bool minus = *s == '-' && (s == all || s[-1] == ' ') && isdigit((unsigned char)s[1]);
        if (minus) {
            strbuf_add(out, "$-$");
            s++;
            continue;
        }
        size_t i = 0, n = sizeof special / sizeof special[0];
        while (i < n && strncmp(s, special[i][0], strlen(special[i][0])) != 0)
            i++;
        if (i < n) {
            strbuf_add(out, special[i][1]);
            s += strlen(special[i][0]);
            continue;
        }
        if (strchr("&%$#_{}", *s))
            strbuf_add_char(out, '\\');
        strbuf_add_char(out, *s);
        strbuf_add(out, is_joined(s) ? "{}" : "");
        s++;
    }
}

/* Behind the end of a row '[' and '*' would be read as an argument of that end. */
static bool is_argument(const char *cell)
{
    return cell[0] == '[' || cell[0] == '*';
}

void table_write_latex(const struct table *t, struct strbuf *out)
{
    strbuf_add(out, "\\begin{tabular}{");
    for (size_t c = 0; c < t->columns; c++)
        strbuf_add_char(out, t->column[c].left ? 'l' : 'r');
    strbuf_add(out, "}\n\\toprule\n");
    for (size_t r = 0; r <= t->rows; r++) {
        for (size_t c = 0; c < t->columns; c++) {
            strbuf_add(out, c ? " & " : "");
            bool bold = r > 0 && is_bold(t, r - 1, c);
            const char *text = r == 0 ? t->column[c].head : cell(t, r - 1, c);
            strbuf_add(out, bold ? "\\textbf{" : is_argument(text) ? "{}" : "");
            add_latex(out, text);
            strbuf_add(out, bold ? "}" : "");
        }
        strbuf_add(out, r == 0 ? " \\\\\n\\midrule\n" : " \\\\\n");
    }
    strbuf_add(out, "\\bottomrule\n\\end{tabular}\n");
}

void table_write_latex_float(const struct table *t, const char *caption, struct strbuf *out)
{
    strbuf_add(out, "\\begin{table}\n\\centering\n\\caption{");
    add_latex(out, caption);
    strbuf_add(out, "}\n");
    table_write_latex(t, out);
    strbuf_add(out, "\\end{table}\n");
}

/* ---- JSON ---- */

static struct json *json_cell(const char *text)
{
    char *end;
    if (!text)
        return js_new_null();
    double v = strtod(text, &end);
    bool number = end != text && *end == '\0' && isfinite(v) &&
                  strspn(text, "+-.0123456789eE") == strlen(text);
    bool whole = number && strspn(text, "-0123456789") == strlen(text) && fabs(v) < 9e15;
    return whole ? js_new_integer((int64_t)v) : number ? js_new_real(v) : js_new_string(text);
}

struct json *table_json(const struct table *t)
{
    struct json *rows = js_new_array();
    for (size_t r = 0; r < t->rows; r++) {
        struct json *row = js_new_object();
        for (size_t c = 0; c < t->columns; c++)
            js_set(row, t->column[c].head, json_cell(t->cell[r * t->columns + c]));
        js_append(rows, row);
    }
    return rows;
}
