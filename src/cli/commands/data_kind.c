#include "cli/commands/data_kind.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"
#include "util/text.h"
#include <stdio.h>

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

bool data_say_missing(struct arena *a, const char *word)
{
    const struct data_kind *kind = data_kind_named(path_base(word));
    const char *there = arena_printf(a, "datasets/%s", path_base(word));
    if (!kind || (kind->known_train == 0 && !kind->made) || file_exists(word))
        return false;
    if (file_is_folder(there))
        text_print(stderr, "descent data: there is no folder %s; did you mean '%s'?\n", word,
                   there);
    else if (kind->made)
        text_print(stderr,
                   "descent data: there is no folder %s: its images are made as they are needed; "
                   "'descent data make -o %s' makes files of them\n",
                   word, word);
    else
        text_print(stderr,
                   "descent data: there is no folder %s; 'scripts/fetch-data %s' fetches the data "
                   "set\n",
                   word, kind->base.name);
    return true;
}
