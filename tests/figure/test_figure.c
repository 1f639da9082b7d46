#include "cases.h"
#include "check_main.h"

/* fontconfig keeps what it has read to the end of the process: no leak of ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

int main(void)
{
    Suite *suite = suite_create("figure");
    add_layout_cases(suite);
    add_group_cases(suite);
    add_png_cases(suite);
    add_mosaic_cases(suite);
    add_place_cases(suite);
    add_format_cases(suite);
    return check_main(suite);
}
