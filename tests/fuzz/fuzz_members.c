/* Any text as a table such as members.csv: reading its cells comes to an end, and each of them,
 * written as RFC 4180 has it, reads back. */
#include "fuzz.h"
#include "util/csv.h"
#include "util/mem.h"
#include <stdlib.h>
#include <string.h>

static void check_cell(const struct strbuf *cell)
{
    struct strbuf text, again;
    strbuf_init(&text);
    strbuf_init(&again);
    csv_add_text(&text, cell->text);
    const char *at = text.text;
    if (csv_cell(&at, &again) || *at || strcmp(again.text, cell->text) != 0)
        abort();
    strbuf_fini(&again);
    strbuf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct arena a;
    struct strbuf cell;
    arena_init(&a);
    strbuf_init(&cell);
    const char *text = arena_strndup(&a, (const char *)bytes, n), *at = text;
    for (size_t cells = 0; *at; cells++) {
        const char *before = at;
        csv_cell(&at, &cell);
        if (at <= before || at > text + n || cell.length > (size_t)(at - before) || cells > n)
            abort();
        check_cell(&cell);
    }
    strbuf_fini(&cell);
    arena_fini(&a);
    return 0;
}
