#include "figure/draw/font.h"
#include "util/mem.h"
#include "util/path.h"
#include "util/system.h"
#include <cairo-ft.h>
#include <fontconfig/fontconfig.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OTHERS = 16 }; /* fonts of one figure besides the first */

struct fonts {
    FcPattern *wanted, *first;
    FcFontSet *sorted; /* NULL until the first character that DejaVu Sans lacks */
    cairo_font_face_t *face[OTHERS];
    FcCharSet *covered[OTHERS];
    int others;
};

static void cut_last(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
}

void fonts_prepare(void)
{
    char prefix[4096];
    if (!system_program(prefix, sizeof prefix))
        return;
    cut_last(prefix);
    cut_last(prefix);
    char *own = path_join(prefix, "share/descent/fonts/fonts.conf");
    if (access(own, R_OK) == 0)
        setenv("FONTCONFIG_FILE", own, 0);
    mem_free(own);
}

static FcPattern *make_pattern(void)
{
    FcPattern *p = FcPatternCreate();
    FcPatternAddString(p, FC_FAMILY, (const FcChar8 *)"DejaVu Sans");
    FcConfigSubstitute(NULL, p, FcMatchPattern);
    FcDefaultSubstitute(p);
    return p;
}

void fonts_free(struct fonts *f)
{
    if (!f)
        return;
    for (int i = 0; i < f->others; i++)
        cairo_font_face_destroy(f->face[i]);
    if (f->sorted)
        FcFontSetDestroy(f->sorted);
    if (f->first)
        FcPatternDestroy(f->first);
    FcPatternDestroy(f->wanted);
    mem_free(f);
}

static bool covers(const FcPattern *font, unsigned character, FcCharSet **ret)
{
    return FcPatternGetCharSet(font, FC_CHARSET, 0, ret) == FcResultMatch &&
           FcCharSetHasChar(*ret, character);
}

/* Pictures (colour fonts) are no outlines; cairo would draw them badly or not at all. */
static bool is_outline(const FcPattern *font)
{
    FcBool outline = FcFalse, colour = FcFalse;
    FcPatternGetBool(font, FC_OUTLINE, 0, &outline);
    FcPatternGetBool(font, FC_COLOR, 0, &colour);
    return outline && !colour;
}

static int add_font(struct fonts *f, FcPattern *font, FcCharSet *covered)
{
    FcPattern *prepared = FcFontRenderPrepare(NULL, f->wanted, font);
    f->face[f->others] = cairo_ft_font_face_create_for_pattern(prepared);
    f->covered[f->others] = covered; /* as long as the sorted set */
    FcPatternDestroy(prepared);
    return ++f->others;
}

int fonts_find(struct fonts **fonts, unsigned character)
{
    FcResult result;
    FcCharSet *set;
    if (character < 0x80)
        return 0;
    if (!*fonts) {
        *fonts = mem_new(sizeof **fonts);
        (*fonts)->wanted = make_pattern();
        (*fonts)->first = FcFontMatch(NULL, (*fonts)->wanted, &result);
    }
    struct fonts *f = *fonts;
    if (!f->first || covers(f->first, character, &set))
        return 0;
    for (int i = 0; i < f->others; i++)
        if (FcCharSetHasChar(f->covered[i], character))
            return i + 1;
    if (!f->sorted)
        f->sorted = FcFontSort(NULL, f->wanted, FcTrue, NULL, &result);
    for (int i = 0; f->sorted && f->others < OTHERS && i < f->sorted->nfont; i++)
        if (covers(f->sorted->fonts[i], character, &set) && is_outline(f->sorted->fonts[i]))
            return add_font(f, f->sorted->fonts[i], set);
    return -1;
}

cairo_font_face_t *fonts_face(const struct fonts *f, int number)
{
    return number > 0 ? f->face[number - 1] : NULL;
}
