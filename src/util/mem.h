/* Memory: allocation that does not fail (it prints and exits with 4), and arenas freed whole. */
#ifndef DESCENT_UTIL_MEM_H
#define DESCENT_UTIL_MEM_H

#include "util/error.h"
#include <stddef.h>

/* n zeroed bytes, 64-byte aligned, owned by the caller, freed with mem_free. n = 0 is allowed. */
void *mem_new(size_t n);
/* count zeroed elements of `size` bytes; overflow counts as out of memory. */
void *mem_array(size_t count, size_t size);
/* The same, holding whatever was there: pages that are never written cost nothing. */
void *mem_unset(size_t count, size_t size);
/* The block with new_bytes, those past old_bytes zeroed; old may be NULL. It may move. */
void *mem_grow(void *old, size_t old_bytes, size_t new_bytes);
/* Room for one more than n things of this size in an array with room for *room: the array as it is,
 * or all of them in one with more than twice the room. */
void *mem_room(void *old, size_t n, size_t *room, size_t size);
/* Takes NULL. */
void mem_free(void *p);
/* What those do where there is no memory: a message, exit 4. For a library that met the same; n =
 * 0: it did not say how much it wanted. */
_Noreturn void mem_exhausted(size_t n);

/* Bytes that this process can hope for: the machine's memory, or less where a limit is set. */
double mem_limit(void);

/* An arena: many small allocations, one arena_fini. Memory is zeroed and 16-byte aligned. */
struct arena {
    struct arena_block *last;
};
/* Without any memory yet. */
void arena_init(struct arena *a);
/* Frees all that was taken from it. */
void arena_fini(struct arena *a);
/* n zeroed bytes; n = 0 is allowed. */
void *arena_alloc(struct arena *a, size_t n);
/* As mem_room, in the arena. */
void *arena_room(struct arena *a, void *old, size_t n, size_t *room, size_t size);
/* A copy of the text. */
char *arena_strdup(struct arena *a, const char *s);
/* A copy of the text's first n bytes, or of all where it is shorter. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
/* A text as printf has it. */
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
