/* The columns that say which group or run a row is. */
#include "study/comparison_table.h"

void comparison_add_keys(struct table_builder *b, const struct grouping *g, const size_t *group,
                         bool raw)
{
    for (size_t k = 0; k < g->keys; k++) {
        bool numbers = true;
        const char **cell = table_add_column(b, raw ? g->key[k] : g->name[k], true, true);
        for (size_t r = 0; r < b->rows; r++) {
            const struct collected_value *v = g->group[group[r]].value[k];
            cell[r] = raw ? (v ? v->text : NULL) : g->group[group[r]].shown[k];
            numbers &= !v || v->type == EXPR_NUMBER;
        }
        b->column[b->columns - 1].left = !numbers;
    }
    if (g->keys > 0)
        return;
    const char **cell = table_add_column(b, raw ? "folder" : "run", true, true);
    for (size_t r = 0; r < b->rows; r++)
        cell[r] = g->group[group[r]].label;
}
