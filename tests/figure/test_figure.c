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
<<<<<<< HEAD
    add_mosaic_cases(suite);
=======
    add_place_cases(suite);
<<<<<<< HEAD
>>>>>>> b41da80 (figure: legends inside, beside or above; ticks fit the final plot; places of all texts tested over random figures)
=======
    add_format_cases(suite);
>>>>>>> a22769c (figure: tests of SVG, PDF, characters, thinning)
    return check_main(suite);
}
