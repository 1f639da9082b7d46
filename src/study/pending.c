/* Members of sweeps that nobody has begun. */
#include "study/pending.h"
#include "util/csv.h"
#include "util/file.h"
#include "util/strbuf.h"
#include <string.h>

/* One whose spec is gone is a damaged run. */
static bool is_begun(const char *folder, const char *member)
{
    struct arena a;
    arena_init(&a);
    const char *at = folder_path(&a, folder, member);
    bool is = folder_has(at, FOLDER_SPEC) ||
              (folder_has(at, FOLDER_MANIFEST) && folder_has(at, FOLDER_EPOCHS));
    arena_fini(&a);
    return is;
}

/* folder: n of them, the first with the table. */
static bool count(const char *const *folder, size_t n, size_t *ret, struct error *err)
{
    struct strbuf name, cell;
    struct arena a;
    char *text;
    size_t length, pending = 0;
    arena_init(&a);
    bool ok = file_read(folder_path(&a, folder[0], FOLDER_MEMBERS), FOLDER_TABLE_MOST, &text,
                        &length, err);
    arena_fini(&a);
    if (!ok)
        return false;
    strbuf_init(&name);
    strbuf_init(&cell);
    const char *at = text;
    while (csv_cell(&at, &cell)) /* the header */
        ;
    while (*at) {
        bool more = csv_cell(&at, &name);
        while (more)
            more = csv_cell(&at, &cell);
        size_t i = 0;
        while (i < n && !is_begun(folder[i], name.text))
            i++;
        pending += i == n;
    }
    mem_free(text);
    strbuf_fini(&cell);
    strbuf_fini(&name);
    *ret = pending;
    return true;
}

bool pending_count(const char *folder, size_t *ret, struct error *err)
{
    return count(&folder, 1, ret, err);
}

/* The sweep's spec (owned), NULL where it cannot be read. */
static char *read_spec(const char *folder)
{
    struct arena a;
    struct error err;
    char *text;
    size_t length;
    arena_init(&a);
    bool ok =
        file_read(folder_path(&a, folder, FOLDER_SWEEP), FOLDER_TABLE_MOST, &text, &length, &err);
    arena_fini(&a);
    return ok ? text : NULL;
}

void pending_share(struct collected_sweep *sweep, size_t n)
{
    char **spec = mem_array(n + 1, sizeof *spec);
    const char **folder = mem_array(n + 1, sizeof *folder);
    struct error err;
    for (size_t i = 0; i < n; i++)
        spec[i] = read_spec(sweep[i].folder);
    for (size_t i = 0; i < n; i++) {
        size_t same = 0, pending;
        folder[same++] = sweep[i].folder;
        for (size_t j = i + 1; spec[i] && j < n; j++)
            if (spec[j] && strcmp(spec[i], spec[j]) == 0) {
                folder[same++] = sweep[j].folder;
                mem_free(spec[j]);
                spec[j] = NULL;
                sweep[j].pending = 0;
            }
        if (same > 1 && count(folder, same, &pending, &err))
            sweep[i].pending = pending;
    }
    for (size_t i = 0; i < n; i++)
        mem_free(spec[i]);
    mem_free(folder);
    mem_free(spec);
}
