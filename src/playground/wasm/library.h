/* What the library wants of the page, and the page of the library. */
#ifndef DESCENT_PLAYGROUND_WASM_LIBRARY_H
#define DESCENT_PLAYGROUND_WASM_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#define PAGE_GIVES(name) __attribute__((import_module("page"), import_name(name)))
#define PAGE_TAKES(name) __attribute__((export_name(name)))

/* The double nearest to n bytes of a decimal number. */
PAGE_GIVES("read_number") double page_read_number(const char *s, size_t n);
PAGE_GIVES("write_number")
/* As printf's %g ('g') of this precision, or %f ('f') of a number below 1e21; returns the length,
 * below 400. */
size_t page_write_number(double v, int what, int precision, char *ret);
/* For the console. */
PAGE_GIVES("say") void page_say(const char *s, size_t n);

/* All memory is free again. */
void library_release(void);

#endif
