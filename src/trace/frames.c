/* The figure of a trace, again and again as the paths grow. */
#include "trace/internal.h"
#include "util/file.h"

size_t trace_frames(const struct trace *t, int64_t every)
{
    int64_t steps = t->config->steps;
    return (size_t)(steps / every + (steps % every != 0)) + 1;
}

/* Points of the paths that frame i shows. */
static size_t points_in(const struct trace *t, int64_t every, size_t i)
{
    int64_t steps = t->config->steps;
    return (size_t)(i + 1 < trace_frames(t, every) ? (int64_t)i * every : steps) + 1;
}

bool trace_draw_frames(const struct trace *t, const struct spec *s,
                       const struct figure_appearance *appearance, const char *folder,
                       int64_t every, struct error *err)
{
    const struct figure_appearance own = {.theme = appearance->theme, .dpi = appearance->dpi};
    struct arena a;
    arena_init(&a);
    struct drawing *d = drawing_new(&a, t, s, &own);
    bool ok = file_make_folder(folder, err);
    for (size_t i = 0; ok && i < trace_frames(t, every); i++) {
        const char *path = arena_printf(&a, "%s/frame-%05zu.png", folder, i + 1);
        struct figure f = drawing_figure(d, points_in(t, every, i), 0.5);
        ok = figure_write_png(&f, path, err);
    }
    arena_fini(&a);
    return ok;
}

/* ---- one picture that moves ---- */

enum { MILLISECONDS = 60, LAST_MILLISECONDS = 2000 };

struct moving {
    struct drawing *drawing;
    int64_t every;
};

static struct figure moving_frame(void *context, size_t i)
{
    const struct moving *m = context;
    return drawing_figure(m->drawing, points_in(m->drawing->trace, m->every, i), 0.5);
}

bool trace_animate(const struct trace *t, const struct spec *s,
                   const struct figure_appearance *appearance, const char *path, int64_t every,
                   struct error *err)
{
    const struct figure_appearance own = {.theme = appearance->theme, .dpi = appearance->dpi};
    struct arena a;
    arena_init(&a);
    struct moving m = {drawing_new(&a, t, s, &own), every};
    struct figure_animation moving = {.frames = trace_frames(t, every),
                                      .frame = moving_frame,
                                      .context = &m,
                                      .milliseconds = MILLISECONDS,
                                      .last_milliseconds = LAST_MILLISECONDS};
    bool ok = figure_write_animation(&moving, path, err);
    arena_fini(&a);
    return ok;
}
