/* Which folder is a member's: the one of its name, or one of another name that holds its run, as a
 * sweep has there that has grown by a key or a value. */
#include "sweep/internal.h"
#include "util/csv.h"
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

/* Whatever has become of its files. */
static bool holds_run(const char *folder, const char *name)
{
    struct arena a;
    arena_init(&a);
    const char *path = folder_path(&a, folder, name);
    bool holds = folder_has(path, FOLDER_SPEC) || folder_has(path, FOLDER_MANIFEST);
    arena_fini(&a);
    return holds;
}

/* The folders of runs that no member is called by, sorted. */
static struct file_names find_strangers(const struct sweep *s, const char *folder, struct arena *a)
{
    struct file_names all;
    size_t n = 0;
    if (!file_list(a, folder, &all))
        return all;
    struct sweep_names names = sweep_names_new(s);
    for (size_t i = 0; i < all.n; i++)
        if (sweep_names_find(&names, all.name[i]) == SIZE_MAX && holds_run(folder, all.name[i]))
            all.name[n++] = all.name[i];
    sweep_names_free(&names);
    all.n = n;
    return all;
}

/* Members that have no folder of their name, by what `identify` makes of each, sorted; owned. */
static struct sweep_identity *
find_homeless(const struct sweep *s, const char *folder,
              void (*identify)(const struct sweep *s, size_t member, char ret[65]), size_t *ret_n)
{
    struct sweep_identity *v = mem_array(s->members + 1, sizeof *v);
    size_t n = 0;
    for (size_t i = 0; i < s->members; i++)
        if (!holds_run(folder, s->member[i].folder)) {
            identify(s, i, v[n].digest);
            v[n++].member = i;
        }
    sweep_sort_identities(v, n);
    *ret_n = n;
    return v;
}

/* ---- by what their spec.yaml says ---- */

static void identify_member(const struct sweep *s, size_t member, char ret[65])
{
    sweep_identify(s, s, member, ret);
}

static bool identify_folder(const struct sweep *s, const char *path, char ret[65])
{
    struct arena a;
    struct diags d;
    struct spec spec;
    struct error err;
    const char *text;
    arena_init(&a);
    diags_init(&d, &a);
    bool ok = folder_spec_text(&a, path, &text, &err) &&
              spec_parse(&a, &(struct spec_text){.name = path, .text = text}, &d, &spec);
    if (ok)
        digest_of(&spec, s, s, ret);
    arena_fini(&a);
    return ok;
}

/* A run that is longer than the member is another one's; one that is damaged is its own. */
static bool is_short_enough(const struct sweep *s, size_t member, const char *run)
{
    struct arena a;
    struct spec spec;
    struct error err;
    arena_init(&a);
    sweep_member_spec(s, member, &a, &spec);
    bool ok = run_admit_length(&spec, run, &err) || err.code != ERR_USAGE;
    arena_fini(&a);
    return ok;
}

/* What it finds no member for stays in `stranger`. */
static void adopt_by_spec(const struct sweep *s, const char *folder, struct file_names *stranger)
{
    size_t n, left = 0;
    struct sweep_identity *v = find_homeless(s, folder, identify_member, &n);
    for (size_t i = 0; i < stranger->n; i++) {
        struct arena a;
        char digest[65];
        arena_init(&a);
        const char *path = folder_path(&a, folder, stranger->name[i]);
        const struct sweep_identity *found =
            identify_folder(s, path, digest) ? sweep_find_identity(v, n, digest) : NULL;
        if (found && is_short_enough(s, found->member, path) &&
            !holds_run(folder, s->member[found->member].folder))
            s->member[found->member].folder = arena_strdup(s->arena, stranger->name[i]);
        else
            stranger->name[left++] = stranger->name[i];
        arena_fini(&a);
    }
    stranger->n = left;
    mem_free(v);
}

/* ---- by members.csv: its spec.yaml may be damaged ---- */

static void identify_values(const struct sweep *s, size_t member, char ret[65])
{
    struct arena a;
    struct strbuf text;
    arena_init(&a);
    strbuf_init(&text);
    for (size_t k = 0; k < s->keys; k++)
        if (s->key[k].varies) {
            csv_add_text(&text, sweep_member_value(s, member, k, &a));
            strbuf_add(&text, ",");
        }
    sha256_of(text.text, text.length, ret);
    strbuf_fini(&text);
    arena_fini(&a);
}

/* Cells of a line of the table, at most so many. */
static size_t read_line(struct arena *a, const char **at, const char **cell, size_t most)
{
    struct strbuf b;
    size_t n = 0;
    strbuf_init(&b);
    for (bool more = true; more;) {
        more = csv_cell(at, &b);
        if (n < most)
            cell[n++] = arena_strdup(a, b.text);
    }
    strbuf_fini(&b);
    return n;
}

enum { MOST_COLUMNS = 1000 };

struct line {
    size_t n;
    const char *cell[MOST_COLUMNS];
};

/* False where the table, or this line of it, has no cell for one of the keys. */
static bool identify_line(const struct sweep *s, const struct line *header, const struct line *line,
                          char ret[65])
{
    struct strbuf text;
    bool ok = true;
    strbuf_init(&text);
    for (size_t k = 0; k < s->keys && ok; k++) {
        size_t c = 0;
        if (!s->key[k].varies)
            continue;
        while (c < header->n && strcmp(header->cell[c], s->key[k].path) != 0)
            c++;
        ok = c < header->n && c < line->n;
        csv_add_text(&text, ok ? line->cell[c] : "");
        strbuf_add(&text, ",");
    }
    sha256_of(text.text, text.length, ret);
    strbuf_fini(&text);
    return ok;
}

static bool is_named(const struct file_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->name[i], name) == 0)
            return true;
    return false;
}

static void adopt_by_table(const struct sweep *s, const char *folder, struct arena *a,
                           const struct file_names *stranger, const char *text)
{
    struct line header, line;
    char digest[65];
    size_t n;
    struct sweep_identity *v = find_homeless(s, folder, identify_values, &n);
    header.n = read_line(a, &text, header.cell, MOST_COLUMNS);
    while (*text) {
        line.n = read_line(a, &text, line.cell, MOST_COLUMNS);
        if (!is_named(stranger, line.cell[0]) || !identify_line(s, &header, &line, digest))
            continue;
        const struct sweep_identity *found = sweep_find_identity(v, n, digest);
        if (found && !holds_run(folder, s->member[found->member].folder))
            s->member[found->member].folder = arena_strdup(s->arena, line.cell[0]);
    }
    mem_free(v);
}

void sweep_adopt(const struct sweep *s, const char *folder)
{
    struct arena a;
    struct error err;
    char *table;
    size_t n;
    arena_init(&a);
    struct file_names stranger = find_strangers(s, folder, &a);
    if (stranger.n > 0)
        adopt_by_spec(s, folder, &stranger);
    if (stranger.n > 0 &&
        file_read(folder_path(&a, folder, FOLDER_MEMBERS), FOLDER_TABLE_MOST, &table, &n, &err)) {
        adopt_by_table(s, folder, &a, &stranger, table);
        mem_free(table);
    }
    arena_fini(&a);
}
