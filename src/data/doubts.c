/* Files of a published set that can be read and still are not that set: a warning each. */
#include "data/internal.h"
#include "util/log.h"
#include <string.h>

enum { HEAD = 4096, MOST_FILES = 6 }; /* one image of any published set and more */

/* The first bytes of a file, unpacked; 0 where there is none or it cannot be read. */
static size_t read_head(const char *path, uint8_t *to)
{
    struct error ignored;
    size_t n = 0;
    struct packed *p = path ? packed_open(path, &ignored) : NULL;
    if (p && !packed_read(p, to, HEAD, &n, &ignored))
        n = 0;
    packed_close(p);
    return n;
}

void data_warn_of_copies(struct arena *a, const char *folder, const struct data_kind *set)
{
    static uint8_t none[1];
    const char *path[MOST_FILES];
    uint8_t *head[MOST_FILES];
    size_t length[MOST_FILES];
    if (set->known_train == 0)
        return;
    for (size_t i = 0; i < MOST_FILES && set->file[i]; i++) {
        bool labels = strstr(set->file[i], "labels") != NULL; /* may well begin alike */
        path[i] = labels ? NULL : data_find_file(a, folder, set, i);
        head[i] = path[i] ? arena_alloc(a, HEAD) : none;
        length[i] = read_head(path[i], head[i]);
        for (size_t k = 0; k < i; k++)
            if (length[i] > 0 && length[k] == length[i] && memcmp(head[k], head[i], length[i]) == 0)
                log_warn_once("%s and %s begin with the same image: is one a copy of the other? "
                              "'scripts/fetch-data %s' fetches the set",
                              path[k], path[i], set->base.name);
    }
}

void data_warn_of_counts(const char *folder, const struct data_kind *set, size_t train, size_t test)
{
    if (set->known_train > 0 && (train != set->known_train || test != set->known_test))
        log_warn_once("%s holds %zu training and %zu test images, and the published %s %zu and "
                      "%zu: unless that is meant, 'scripts/fetch-data %s' fetches the set",
                      folder, train, test, set->base.name, set->known_train, set->known_test,
                      set->base.name);
}
