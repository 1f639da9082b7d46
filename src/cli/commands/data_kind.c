#include "cli/commands/data_kind.h"
#include "util/mem.h"

size_t data_count_files(struct arena *a, const char *folder, const struct data_kind *set)
{
    size_t n = 0;
    for (size_t i = 0; set->file[i]; i++)
        n += data_find_file(a, folder, set, i) != NULL;
    return n;
}

const struct data_kind *data_kind_in(struct arena *a, const char *folder)
{
    const struct data_kind *found = NULL;
    for (size_t i = 0; data_names[i]; i++) {
        const struct data_kind *k = data_kind_named(data_names[i]);
        size_t n = 0;
        while (k->file && k->file[n])
            n++;
        if (n > 0 && data_count_files(a, folder, k) == n && (!found || k->known_train == 0))
            found = k;
    }
    return found;
}
