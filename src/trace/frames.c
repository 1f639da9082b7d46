/* The figure of a trace, again and again as the paths grow. */
#include "trace/internal.h"
#include "util/file.h"

bool trace_draw_frames(const struct trace *t, const struct spec *s, const struct figure_look *look,
                       const char *folder, int64_t every, size_t *ret_count, struct error *err)
{
    struct figure_look own = {.theme = look->theme, .dpi = look->dpi};
    struct drawing d;
    int64_t steps = t->config->steps;
    size_t n = 0;
    drawing_init(&d, t, s, &own);
    bool ok = file_make_folder(folder, err);
    for (int64_t step = 0; ok && step <= steps;
         step = step < steps && steps - step < every ? steps : step + every) {
        const char *path = arena_printf(&d.arena, "%s/frame-%05zu.png", folder, ++n);
        ok = drawing_write(&d, (size_t)step + 1, 0.5, path, err);
    }
    drawing_fini(&d);
    *ret_count = n;
    return ok;
}
