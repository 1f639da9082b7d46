/* The figure of a trace, again and again as the paths grow. */
#include "trace/internal.h"
#include "util/file.h"

bool trace_draw_frames(const struct trace *t, const struct spec *s, const struct figure_look *look,
                       struct trace_frames *frames, struct error *err)
{
    struct figure_look own = {.theme = look->theme, .dpi = look->dpi};
    struct drawing d;
    int64_t steps = t->config->steps, every = frames->every;
    frames->drawn = 0;
    drawing_init(&d, t, s, &own);
    bool ok = file_make_folder(frames->folder, err);
    for (int64_t step = 0; ok && step <= steps;
         step = step < steps && steps - step < every ? steps : step + every) {
        const char *path =
            arena_printf(&d.arena, "%s/frame-%05zu.png", frames->folder, ++frames->drawn);
        ok = drawing_write(&d, (size_t)step + 1, 0.5, path, err);
    }
    drawing_fini(&d);
    return ok;
}
