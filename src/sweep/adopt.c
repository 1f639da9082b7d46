/* Which folder is a member's: the one of its name, or one of another name that holds its run, as a
 * sweep has there that has grown by a key or a value. */
#include "sweep/internal.h"
#include "util/file.h"
#include "util/sha256.h"
#include <string.h>

/* ---- what makes a member the experiment that it is ---- */

/* Whether some axis sets what lies at or below `path`, or the section around it. */
static bool sets(const struct sweep *s, const char *path)
{
    for (size_t i = 0; i < s->keys; i++) {
        const char *key = s->key[i].path;
        size_t n = strlen(key), m = strlen(path), least = n < m ? n : m;
        if (strncmp(key, path, least) == 0 && (n == m || (n < m ? path[n] : key[m]) == '.'))
            return true;
    }
    return false;
}

/* Leaves of a spec that make it the experiment that it is. */
struct identity {
    const struct sweep *s, *other;
    struct strbuf text;
};

/* A length is two keys: where an axis sets one, both count. */
static bool is_free(const struct identity *x, const char *key)
{
    const char *const length[] = {"train.epochs", "train.steps"};
    bool is_length = strcmp(key, length[0]) == 0 || strcmp(key, length[1]) == 0;
    for (size_t i = 0; is_length && i < 2; i++)
        if (sets(x->s, length[i]) || sets(x->other, length[i]))
            return false;
    return spec_may_change(key) && !sets(x->s, key) && !sets(x->other, key);
}

static void add_leaf(void *context, const char *key, const struct node *n)
{
    struct identity *x = context;
    const char *text = n->kind == NODE_SCALAR ? n->text : n->kind == NODE_MAP ? "{}" : "[]";
    if (!is_free(x, key))
        strbuf_addf(&x->text, "%s:%s%s\n", key, n->quoted ? "\"" : "", text);
}

static void digest_of(const struct spec *spec, const struct sweep *s, const struct sweep *other,
                      char ret[65])
{
    struct identity x = {.s = s, .other = other};
    struct strbuf text;
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a);
    strbuf_init(&text);
    strbuf_init(&x.text);
    spec_write(spec, &text);
    const struct source source = {.path = "spec", .text = text.text, .length = text.length};
    const struct node *root = node_parse(&a, &source, &d);
    if (root)
        node_each_leaf(&a, root, false, add_leaf, &x);
    sha256_of(x.text.text, x.text.length, ret);
    strbuf_fini(&x.text);
    strbuf_fini(&text);
    arena_fini(&a);
}

void sweep_identify(const struct sweep *s, const struct sweep *other, size_t member, char ret[65])
{
    struct arena a;
    struct spec spec;
    arena_init(&a);
    sweep_member_spec(s, member, &a, &spec);
    digest_of(&spec, s, other, ret);
    arena_fini(&a);
}

/* ---- folders of other names ---- */

/* The folders of runs that no member is called by, sorted. */
static struct file_names find_strangers(const struct sweep *s, const char *folder, struct arena *a)
{
    struct file_names all;
    size_t n = 0;
    if (!file_list(a, folder, &all))
        return all;
    struct sweep_names names = sweep_names_new(s);
    for (size_t i = 0; i < all.n; i++)
        if (sweep_names_find(&names, all.name[i]) == SIZE_MAX &&
            folder_has(arena_printf(a, "%s/%s", folder, all.name[i]), FOLDER_SPEC))
            all.name[n++] = all.name[i];
    sweep_names_free(&names);
    all.n = n;
    return all;
}

static bool identify_folder(const struct sweep *s, const char *path, char ret[65])
{
    struct arena a;
    struct diags d;
    struct spec spec;
    struct error err;
    char *text;
    size_t n;
    if (!file_read(path, 1 << 24, &text, &n, &err))
        return false;
    arena_init(&a);
    diags_init(&d, &a);
    bool ok = spec_parse(&a, &(struct spec_text){.name = path, .text = text}, &d, &spec);
    if (ok)
        digest_of(&spec, s, s, ret);
    arena_fini(&a);
    mem_free(text);
    return ok;
}

/* A run that is longer than the member is another one's. */
static bool is_short_enough(const struct sweep *s, size_t member, const char *run)
{
    struct arena a;
    struct spec spec;
    struct error err;
    arena_init(&a);
    sweep_member_spec(s, member, &a, &spec);
    bool ok = run_admit_length(&spec, run, &err);
    arena_fini(&a);
    return ok;
}

void sweep_adopt(const struct sweep *s, const char *folder)
{
    struct arena a;
    size_t n = 0;
    arena_init(&a);
    const struct file_names stranger = find_strangers(s, folder, &a);
    struct sweep_identity *v = stranger.n > 0 ? mem_array(s->members + 1, sizeof *v) : NULL;
    for (size_t i = 0; stranger.n > 0 && i < s->members; i++)
        if (!folder_has(arena_printf(&a, "%s/%s", folder, s->member[i].folder), FOLDER_SPEC)) {
            sweep_identify(s, s, i, v[n].digest);
            v[n++].member = i;
        }
    if (n > 0)
        sweep_sort_identities(v, n);
    for (size_t i = 0; n > 0 && i < stranger.n; i++) {
        const char *path = arena_printf(&a, "%s/%s/" FOLDER_SPEC, folder, stranger.name[i]);
        char digest[65];
        const struct sweep_identity *found =
            identify_folder(s, path, digest) ? sweep_find_identity(v, n, digest) : NULL;
        if (!found || !is_short_enough(s, found->member, folder_path(&a, folder, stranger.name[i])))
            continue;
        struct sweep_member *m = &s->member[found->member];
        if (!folder_has(arena_printf(&a, "%s/%s", folder, m->folder), FOLDER_SPEC))
            m->folder = arena_strdup(s->arena, stranger.name[i]);
    }
    mem_free(v);
    arena_fini(&a);
}
