/* A comparison as tables and as JSON. */
#ifndef DESCENT_ANALYSIS_COMPARISON_TABLE_H
#define DESCENT_ANALYSIS_COMPARISON_TABLE_H

#include "analysis/comparison.h"
#include "analysis/table.h"
#include "util/json.h"

/* A row per group. raw: every figure with all its digits in a column of its own, for programs; else for readers:
 * accuracies in per cent, mean ± sample standard deviation, only columns that say something. */
void comparison_table(struct arena *a, const struct comparison *x, bool raw, struct table *ret);
/* A row per group but the reference. */
void comparison_pairs(struct arena *a, const struct comparison *x, bool raw, struct table *ret);
/* Owned by the caller. */
struct json *comparison_json(struct arena *a, const struct comparison *x);

#endif
