/* Where runs stand in their sweeps: members.csv has the members in the order of the spec's axes, in
 * which `sweep --tune` goes through them. */
#include "folder/folder.h"
#include "study/collect.h"
#include "util/csv.h"
#include "util/file.h"
#include <stdlib.h>
#include <string.h>

struct placed {
    const char *folder;
    size_t first, row, run; /* the sweep's first run; its row in members.csv */
};

static int by_folder(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return strcmp(x->folder, y->folder);
}

static int by_row(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

/* v: the runs, sorted by folder. */
static void read_rows(const char *sweep, const char *text, struct placed *v, size_t n)
{
    struct strbuf name, cell;
    struct arena a;
    arena_init(&a);
    strbuf_init(&name);
    strbuf_init(&cell);
    for (size_t row = 0; *text; row++) {
        bool more = csv_cell(&text, &name);
        while (more)
            more = csv_cell(&text, &cell);
        struct placed key = {.folder = arena_printf(&a, "%s/%s", sweep, name.text)};
        struct placed *at = bsearch(&key, v, n, sizeof *v, by_folder);
        if (at)
            at->row = row;
    }
    strbuf_fini(&cell);
    strbuf_fini(&name);
    arena_fini(&a);
}

void collect_place(struct collection *c)
{
    struct placed *v = mem_array(c->runs + 1, sizeof *v);
    for (size_t i = 0; i < c->runs; i++) {
        const struct collected_run *r = &c->run[i];
        bool again = i > 0 && r->sweep && c->run[i - 1].sweep == r->sweep;
        size_t first = r->sweep && !again ? 0 : i;
        while (!again && r->sweep && c->run[first].sweep != r->sweep)
            first++;
        first = again ? v[i - 1].first : first;
        v[i] = (struct placed){r->folder, first, SIZE_MAX, i};
    }
    if (c->runs > 1)
        qsort(v, c->runs, sizeof *v, by_folder);
    for (size_t i = 0; i < c->sweeps; i++) {
        struct arena a;
        struct error unread;
        char *text;
        size_t n;
        arena_init(&a);
        if (file_read(folder_path(&a, c->sweep[i].folder, FOLDER_MEMBERS), FOLDER_TABLE_MOST, &text,
                      &n, &unread)) {
            read_rows(c->sweep[i].folder, text, v, c->runs);
            mem_free(text);
        }
        arena_fini(&a);
    }
    if (c->runs > 1)
        qsort(v, c->runs, sizeof *v, by_row);
    for (size_t i = 0; i < c->runs; i++)
        c->run[v[i].run].place = i;
    mem_free(v);
}
