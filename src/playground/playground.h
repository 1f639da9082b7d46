/* Traces as one page for a browser, which needs nothing else: with the program's own optimizers in
 * WebAssembly, so that all can be moved and the results have the program's bits; without them
 * (the build had no clang with lld) the paths as they are. */
#ifndef DESCENT_PLAYGROUND_PLAYGROUND_H
#define DESCENT_PLAYGROUND_PLAYGROUND_H

#include "trace/trace.h"

/* The page, atomically. t, and s that it was made from: where it begins; both NULL: with a choice
 * of its own, only where pages compute. */
MUST_CHECK bool playground_write(const struct trace *t, const struct spec *s, const char *path,
                                 struct error *err);

#endif
