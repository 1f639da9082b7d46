/* Shared by the files that inspect. */
#ifndef DESCENT_INSPECT_INTERNAL_H
#define DESCENT_INSPECT_INTERNAL_H

#include "checkpoint/safetensors.h"
#include "inspect/inspect.h"

/* An IDX file, plain or gzip. ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool inspect_idx(const char *path, struct inspection *x, struct error *err);
/* A file of CIFAR-10's binary version, plain or gzip. ERR_DATA where it is none. */
MUST_CHECK bool inspect_cifar10(const char *path, struct inspection *x, struct error *err);
/* A safetensors file: checkpoint or weights. ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool inspect_tensors(const char *path, struct inspection *x, struct error *err);
/* A PNG or SVG and the texts in it. ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool inspect_figure(const char *path, struct inspection *x, struct error *err);
/* The folder of a run: spec, run.json, tables, checkpoints. ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool inspect_run(const char *folder, struct inspection *x, struct error *err);

/* How often each value of a byte is there, and how many bytes there are. */
struct inspect_tally {
    uint64_t count[256], n;
};
/* The tally of n bytes. */
struct inspect_tally inspect_bytes(const uint8_t *bytes, uint64_t n);
/* A line with the file's size, and the n bytes that it holds where it is compressed. */
void inspect_size(struct inspection *x, const char *path, uint64_t n);
/* A line with the least and the most value, mean and deviation. */
void inspect_range(struct inspection *x, const struct inspect_tally *t);
/* A table of labels, how often each is there. */
void inspect_histogram(struct inspection *x, const struct inspect_tally *t);

/* "name           value" */
void inspect_line(struct inspection *x, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Adds a line to the problems. */
void inspect_problem(struct inspection *x, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A text of somebody else's on one line: cut to `columns` characters, control characters as '?'. */
void inspect_text(struct strbuf *out, const char *text, size_t columns);

#endif
