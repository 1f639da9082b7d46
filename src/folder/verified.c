/* A note that a run was trained again, and what came of it. */
#include "folder/folder.h"
#include "util/file.h"
#include <string.h>
#include <unistd.h>

const char *const verified_names[VERIFIEDS] = {"", "yes", "no"};

/* The digests that tell a run from what may be made of it later. */
static const char *const counted[] = {FOLDER_EPOCHS, "weights"};
enum { COUNTED = sizeof counted / sizeof counted[0], MOST = 1 << 16 };

static const char *digest_of(const struct json *manifest, size_t i)
{
    const char *digest = js_string(js_get(js_get(manifest, "certificate"), counted[i]));
    return digest ? digest : "";
}

bool folder_note_verified(const char *folder, bool same, struct error *err)
{
    struct arena a;
    struct strbuf b;
    struct json *manifest = NULL, *note = js_new_object();
    bool ok = folder_manifest(folder, &manifest, err);
    arena_init(&a);
    strbuf_init(&b);
    js_set(note, "verified",
           js_new_string(verified_names[same ? VERIFIED_SAME : VERIFIED_DIFFERS]));
    for (size_t i = 0; ok && i < COUNTED; i++)
        js_set(note, counted[i], js_new_string(digest_of(manifest, i)));
    js_write(note, &b, 2);
    strbuf_add_char(&b, '\n');
    ok = ok && file_write(folder_path(&a, folder, FOLDER_VERIFIED), b.text, b.length, err);
    js_free(manifest);
    js_free(note);
    strbuf_fini(&b);
    arena_fini(&a);
    return ok;
}

void folder_forget_verified(const char *folder)
{
    struct arena a;
    struct error linked;
    arena_init(&a);
    const char *path = folder_path(&a, folder, FOLDER_VERIFIED);
    if (file_check_links(path, &linked))
        unlink(path);
    arena_fini(&a);
}

enum verified folder_read_verified(const char *folder, const struct json *manifest)
{
    struct arena a;
    struct error ignored;
    struct json *note = NULL;
    char *text = NULL;
    size_t n;
    enum verified v = VERIFIED_NOT;
    arena_init(&a);
    const char *path = folder_path(&a, folder, FOLDER_VERIFIED);
    if (file_exists(path) && file_read(path, MOST, &text, &n, &ignored))
        note = js_parse(text, n, &ignored);
    const char *said = note ? js_string(js_get(note, "verified")) : NULL;
    bool of_this = said != NULL;
    for (size_t i = 0; of_this && i < COUNTED; i++) {
        const char *digest = js_string(js_get(note, counted[i]));
        of_this = digest && strcmp(digest, digest_of(manifest, i)) == 0;
    }
    for (int k = VERIFIED_SAME; of_this && k < VERIFIEDS; k++)
        v = strcmp(said, verified_names[k]) == 0 ? (enum verified)k : v;
    js_free(note);
    mem_free(text);
    arena_fini(&a);
    return v;
}
