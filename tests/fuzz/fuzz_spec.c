/* Any text as a spec, and after a NUL byte any overrides, one behind each: diagnostics that can be
 * printed, or a spec whose resolved text binds again to the same text. */
#include "fuzz.h"
#include "spec/spec.h"
#include <stdlib.h>
#include <string.h>

enum { OVERRIDES = 8 };

/* What a terminal gets: lines of text, whatever was in the spec. */
static void check_diags(const struct diags *d)
{
    struct strbuf b;
    if (d->n == 0 || d->n > DIAGS_MAX || d->code == ERR_NONE)
        abort();
    strbuf_init(&b);
    diags_write(d, &b);
    for (size_t i = 0; i < b.length; i++) {
        unsigned char c = (unsigned char)b.text[i];
        if ((c < 0x20 && c != '\n') || c == 0x7F)
            abort();
    }
    strbuf_fini(&b);
}

static bool resolve(struct arena *a, const char *text, char *const *overrides, size_t n,
                    struct strbuf *ret)
{
    struct diags d;
    struct spec s;
    diags_init(&d, a);
    if (!spec_parse(a,
                    &(struct spec_text){
                        .name = "fuzz.yaml", .text = text, .override = overrides, .overrides = n},
                    &d, &s)) {
        check_diags(&d);
        return false;
    }
    spec_write(&s, ret);
    return true;
}

static void must_not_differ(void *context, const char *key, const char *one, const char *other)
{
    (void)context;
    (void)key;
    (void)one;
    (void)other;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct arena a;
    struct strbuf first, second;
    char *override[OVERRIDES];
    size_t overrides = 0;
    arena_init(&a);
    strbuf_init(&first);
    strbuf_init(&second);
    char *text =
        arena_strndup(&a, (const char *)bytes, n); /* one NUL more, which ends the last part */
    for (size_t at = strlen(text) + 1; at < n && overrides < OVERRIDES; at += strlen(text + at) + 1)
        override[overrides++] = text + at;
    if (resolve(&a, text, override, overrides, &first)) {
        if (!resolve(&a, first.text, NULL, 0, &second) || strcmp(first.text, second.text) != 0)
            abort();
        spec_differences(&a, first.text, second.text, must_not_differ, NULL);
    }
    strbuf_fini(&second);
    strbuf_fini(&first);
    arena_fini(&a);
    return 0;
}
