/* An ended run's files against its certificate in run.json. */
#include "checkpoint/safetensors.h"
#include "folder/folder.h"
#include "run/internal.h"
#include "run/rows.h"
#include "util/json.h"
#include "util/text.h"
#include <string.h>

static bool check_file(const char *folder, const struct json *j, const char *file,
                       const char *remedy, struct error *err)
{
    const char *then = js_string(js_get(js_get(j, "certificate"), file));
    char digest[65];
    if (!then || !status_is_settled(manifest_status(j)))
        return true;
    if (!folder_has(folder, file))
        return error_set(err, ERR_DATA, "%s/%s is missing, and run.json's certificate names it%s",
                         folder, file, remedy);
    if (!folder_digest(folder, file, digest, err)) {
        err->code = ERR_DATA;
        return false;
    }
    return strcmp(digest, then) == 0 ||
           error_set(err, ERR_DATA,
                     "%s/%s is not the one that run.json's certificate is of: its SHA-256 is "
                     "%.12s..., not %.12s...%s",
                     folder, file, digest, then, remedy);
}

bool run_check_certificate(const char *folder, const struct json *j, const char *file,
                           struct error *err)
{
    return check_file(folder, j, file, rows_remedy, err);
}

/* A kill came between the two files of a rename. */
static bool spec_is_before_rename(const char *folder, const struct json *j)
{
    const char *before = js_string(js_get(j, "renamed_from"));
    char now[65];
    struct error err;
    return before && folder_has(folder, FOLDER_SPEC) &&
           folder_digest(folder, FOLDER_SPEC, now, &err) && strcmp(now, before) == 0;
}

/* One that was edited may be taken over; one that was cut, or is no more, has to come back: it is
 * not whole. */
static const char *spec_remedy(struct arena *a, const char *folder)
{
    static const char back[] = "; put it back as it was";
    const char *text;
    struct error err;
    if (!folder_spec_text(a, folder, &text, &err) || !spec_is_resolved(text))
        return run_spec_remedy(a, folder);
    return folder_has(folder, FOLDER_LAST)
               ? arena_printf(a,
                              "%s; 'descent resume %s' takes over what may be changed (a name, "
                              "more epochs)",
                              back, text_word(folder))
               : arena_printf(a, "%s; 'descent run' with --force trains the run again", back);
}

bool run_check_spec(const char *folder, const struct json *j, struct error *err)
{
    struct arena a;
    if (spec_is_before_rename(folder, j) || check_file(folder, j, FOLDER_SPEC, "", err))
        return true;
    struct error why = *err;
    arena_init(&a);
    error_set(err, ERR_DATA, "%s%s", why.message, spec_remedy(&a, folder));
    arena_fini(&a);
    return false;
}

/* ---- spec.yaml read back ---- */

static bool read_spec_text(struct arena *a, const char *folder, const char **ret, struct error *err)
{
    if (folder_has(folder, FOLDER_SPEC))
        return folder_spec_text(a, folder, ret, err);
    return error_set(err, ERR_DATA, "there is no %s%s", folder_path(a, folder, FOLDER_SPEC),
                     run_spec_remedy(a, folder));
}

bool run_spec_text(struct arena *a, const char *folder, const char **ret, struct error *err)
{
    struct json *j = NULL;
    const struct node *root;
    if (folder_has(folder, FOLDER_MANIFEST) && !folder_manifest(folder, &j, err))
        return false;
    bool ok = run_check_spec(folder, j, err) && read_spec_text(a, folder, ret, err) &&
              run_parse_recorded(a, folder, *ret, &root, err);
    js_free(j);
    return ok;
}

bool run_edited_spec_text(struct arena *a, const char *folder, const char **ret, struct error *err)
{
    const struct node *root;
    struct error why;
    return (folder_spec_text(a, folder, ret, &why) &&
            run_parse_recorded(a, folder, *ret, &root, &why)) ||
           run_spec_text(a, folder, ret, err);
}

bool run_read_spec(struct arena *a, const char *folder, struct spec *ret, struct error *err)
{
    struct diags d;
    const char *text;
    diags_init(&d, a);
    if (!run_spec_text(a, folder, &text, err))
        return false;
    struct spec_text x = {.name = folder_path(a, folder, FOLDER_SPEC), .text = text};
    return spec_parse(a, &x, &d, ret) || run_refuse_spec(folder, &d, err);
}

/* ---- weights ---- */

struct foreign {
    struct arena *a;
    struct strbuf keys;
};

static void add_foreign(void *context, const char *key, const char *one, const char *other)
{
    struct foreign *f = context;
    if (!spec_may_change(key))
        spec_add_difference(f->a, key, one, other, &f->keys);
}

static const char weights_remedy[] =
    "; put the run's own back, or name the file itself in the folder's place";

/* Whether the spec in the checkpoint is the folder's, but for what resuming may change. */
static bool check_its_spec(struct arena *a, const char *folder, const char *path,
                           const struct st_file *f, struct error *err)
{
    const char *trained = st_meta(f, "descent.spec"), *text;
    struct foreign x = {.a = a};
    if (!trained || !folder_has(folder, FOLDER_SPEC))
        return true;
    if (!folder_spec_text(a, folder, &text, err))
        return false;
    strbuf_init(&x.keys);
    spec_differences(a, spec_completed(a, trained), spec_completed(a, text), add_foreign, &x);
    bool ok = x.keys.length == 0 ||
              error_set(err, ERR_DATA, "%s is of another spec than %s/" FOLDER_SPEC ":%s\n%s", path,
                        folder, x.keys.text, weights_remedy + 2);
    strbuf_fini(&x.keys);
    return ok;
}

/* Only of the final weights a digest is kept. */
static bool check_its_digest(const char *folder, const char *path, const struct json *j,
                             const struct st_file *f, struct error *err)
{
    const char *then = js_string(js_get(j, "weights_sha256"));
    char digest[65];
    struct arena a;
    arena_init(&a);
    bool final = strcmp(path, folder_path(&a, folder, FOLDER_LAST)) == 0;
    arena_fini(&a);
    if (!final || !then || manifest_status(j) != STATUS_COMPLETED)
        return true;
    folder_weights_digest(f, digest);
    return strcmp(digest, then) == 0 ||
           error_set(err, ERR_DATA,
                     "%s: its weights are not those that run.json names: their SHA-256 is "
                     "%.12s..., not %.12s...%s",
                     path, digest, then, weights_remedy);
}

bool run_check_weights(const char *folder, const char *path, struct error *err)
{
    struct st_file f;
    struct arena a;
    struct json *j = NULL;
    if (folder_has(folder, FOLDER_MANIFEST) && !folder_manifest(folder, &j, err))
        return false;
    arena_init(&a);
    bool ok = run_check_spec(folder, j, err) && st_read(path, &f, err);
    if (ok) {
        ok =
            check_its_spec(&a, folder, path, &f, err) && check_its_digest(folder, path, j, &f, err);
        st_fini(&f);
    }
    js_free(j);
    arena_fini(&a);
    return ok;
}
