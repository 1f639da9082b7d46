/* Any bytes as a run's epochs.csv and steps.csv: an error with the file's name, or rows; and what a
 * checkpoint would count on of them is a beginning of the file that ends with a row. */
#include "fuzz.h"
#include "run/internal.h"
#include "run/rows.h"
#include <stdlib.h>
#include <string.h>

static void check_kept(const struct rows_want *w, const char *text, size_t n)
{
    struct error err = {0};
    size_t kept, again;
    if (!rows_check(w, "table", text, n, &kept, &err)) {
        fuzz_check_error(&err, "table");
        return;
    }
    if (kept > n || text[kept - 1] != '\n' || memchr(text, '\0', kept))
        abort();
    char *part = malloc(kept + 1);
    if (!part)
        abort();
    memcpy(part, text, kept);
    part[kept] = '\0';
    if (!rows_check(w, "table", part, kept, &again, &err) || again != kept)
        abort();
    free(part);
}

static void check_rows(const char *text, size_t n)
{
    struct rows_want w = {.what = "epoch",
                          .header = run_table_header(TABLE_EPOCHS),
                          .cells = METRICS + 2,
                          .full = 2,
                          .every = 1,
                          .last = 2};
    check_kept(&w, text, n);
    w = (struct rows_want){
        .what = "step", .header = run_table_header(TABLE_STEPS), .cells = 6, .full = 2, .last = 40};
    check_kept(&w, text, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *folder = fuzz_folder("epochs.csv", bytes, n);
    struct epoch_row *rows;
    struct run_steps steps;
    struct arena a;
    struct error err = {0};
    size_t found, ends = 0;
    arena_init(&a);
    for (size_t i = 0; i < n; i++)
        ends += bytes[i] == '\n';
    if (!run_read_epochs(&a, folder, &rows, &found, &err))
        fuzz_check_error(&err, folder);
    else if (found > ends)
        abort();
    folder = fuzz_folder("steps.csv", bytes, n);
    if (run_read_steps(&a, folder, METRIC_BATCH_LOSS, &steps, &err) && steps.n > ends)
        abort();
    check_rows(arena_strndup(&a, (const char *)bytes, n), n);
    arena_fini(&a);
    return 0;
}
