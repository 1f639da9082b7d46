/* Shared by the files that inspect. */
#ifndef DESCENT_INSPECT_INTERNAL_H
#define DESCENT_INSPECT_INTERNAL_H

#include "checkpoint/safetensors.h"
#include "inspect/inspect.h"

/* An IDX file, plain or gzip. ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool inspect_idx(const char *path, struct inspection *x, struct error *err);
/* A safetensors file: checkpoint or weights. ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool inspect_tensors(const char *path, struct inspection *x, struct error *err);
/* A PNG or SVG and the texts in it. ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool inspect_figure(const char *path, struct inspection *x, struct error *err);
/* The folder of a run: spec, run.json, tables, checkpoints. ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool inspect_run(const char *folder, struct inspection *x, struct error *err);

/* "name           value" */
void inspect_line(struct inspection *x, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Adds a line to the problems. */
void inspect_problem(struct inspection *x, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A text of somebody else's on one line: cut to `columns` characters, control characters as '?'. */
void inspect_text(struct strbuf *out, const char *text, size_t columns);

#endif
