/* A sweep's spec: read, taken apart, written back. */
#include "sweep/internal.h"
#include "util/log.h"
#include "util/path.h"
#include "util/text.h"
#include <string.h>

/* The tree without its section `sweep`; ret_section NULL where there is none. */
static const struct node *without_section(struct arena *a, const struct node *root,
                                          const struct node **ret_section)
{
    struct node *base = node_copy(a, root);
    *ret_section = node_get(root, "sweep");
    base->n = 0;
    for (size_t i = 0; i < root->n; i++)
        if (root->item[i] != *ret_section &&
            !(strcmp(root->key[i], "name") == 0 && node_is_null(root->item[i]))) {
            base->key[base->n] = root->key[i];
            base->key_place[base->n] = root->key_place[i];
            base->item[base->n++] = root->item[i];
        }
    if (*ret_section && node_is_null(*ret_section))
        *ret_section = NULL;
    return base;
}

/* ---- overrides that axes undo ---- */

static bool holds(const struct node *n, const char *argument)
{
    if (n->n == 0)
        return n->place.source && n->place.source->text == argument;
    for (size_t i = 0; i < n->n; i++)
        if (holds(n->item[i], argument))
            return true;
    return false;
}

/* Whether one path is the other, or the way to it. */
static bool meet(const char *one, const char *other, size_t m)
{
    size_t n = strlen(one), least = n < m ? n : m;
    return strncmp(one, other, least) == 0 && (n == m || (n < m ? other[n] : one[m]) == '.');
}

/* With seeds: N the base's seed is the first. */
static bool counts_from(const struct sweep *s, const char *argument)
{
    const struct node *seeds = node_get(s->section, "seeds");
    return strncmp(argument, "seed=", 5) == 0 && seeds && seeds->kind == NODE_SCALAR &&
           !node_is_null(seeds);
}

/* Or has the very value that is asked for. */
static bool has_value(const struct sweep *s, const struct node *root, const char *path)
{
    const struct node *has = node_find(root, path), *wants = node_find(s->base, path);
    return has && wants && has->kind == NODE_SCALAR && wants->kind == NODE_SCALAR &&
           strcmp(has->text, wants->text) == 0;
}

static bool reaches_a_member(const struct sweep *s, const char *argument)
{
    const char *path = arena_strndup(s->arena, argument, strcspn(argument, "+="));
    bool found = false;
    for (size_t i = 0; !found && i < s->members; i++) {
        struct arena a;
        struct diags d;
        struct node *root;
        arena_init(&a);
        diags_init(&d, &a);
        found = sweep_member_tree(s, s->member[i].place, &a, &d, &root) &&
                (holds(root, argument) || has_value(s, root, path));
        arena_fini(&a);
    }
    return found;
}

static bool refuse_override(const struct sweep *s, const char *argument, size_t n, const char *key,
                            struct diags *d)
{
    const struct node *grid = node_get(s->section, "grid"), *seeds = node_get(s->section, "seeds");
    struct source *source = arena_alloc(s->arena, sizeof *source);
    *source = (struct source){.path = "command line", .text = argument, .length = strlen(argument)};
    struct place at = {.source = source, .line = 1, .column = 1, .width = (unsigned)n};
    const char *way = "";
    if (strcmp(key, "seed") == 0 && seeds && !node_is_null(seeds))
        way = "; 'sweep.seeds=[...]' gives it others";
    else if (grid && (node_get(grid, key) || node_find(grid, key)))
        way = arena_printf(s->arena, "; 'sweep.grid.%s=[...]' gives it others", key);
    return diags_add(d, at, NULL,
                     "'%.*s' would change no member: the sweep's axis '%s' has values of its own%s",
                     (int)n, argument, key, way);
}

/* An override that was made in the base and that the axes undo in every member. */
static bool check_override(const struct sweep *s, const char *argument, struct diags *d)
{
    size_t n = strcspn(argument, "+=");
    if (!holds(s->base, argument) || counts_from(s, argument))
        return true;
    for (size_t i = 0; i < s->keys; i++)
        if (meet(s->key[i].path, argument, n))
            return reaches_a_member(s, argument) ||
                   refuse_override(s, argument, n, s->key[i].path, d);
    return true;
}

/* ---- values that axes undo ---- */

static const struct sweep_setting *setting_in(const struct sweep_choice *c, size_t key)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i].key == key)
            return &c->v[i];
    return NULL;
}

/* Whether every member's value of the key is an axis's. */
static bool is_always_set(const struct sweep *s, size_t key)
{
    for (size_t f = 0; f < s->factors; f++) {
        size_t n = 0;
        while (n < s->factor[f].n && setting_in(&s->factor[f].v[n], key))
            n++;
        if (n == s->factor[f].n)
            return true;
    }
    return false;
}

/* The first value of a section that has the key `rest` below it; NULL: none has. */
static const struct node *find_undone(const struct sweep *s, size_t section, const char *rest)
{
    for (size_t f = 0; f < s->factors; f++)
        for (size_t i = 0; i < s->factor[f].n; i++) {
            const struct sweep_setting *x = setting_in(&s->factor[f].v[i], section);
            const struct node *n = x ? node_find(x->value, rest) : NULL;
            if (n)
                return n;
        }
    return NULL;
}

/* optimizer: [{name: sgd, lr: 0.1}, ...] beside optimizer.lr: [...]. */
static void warn_of_undone(const struct sweep *s)
{
    for (size_t i = 0; i < s->keys; i++)
        for (size_t j = 0; j < s->keys; j++) {
            const char *section = s->key[i].path, *path = s->key[j].path;
            size_t n = strlen(section);
            if (strncmp(path, section, n) != 0 || path[n] != '.' || !is_always_set(s, j))
                continue;
            const struct node *undone = find_undone(s, i, path + n + 1);
            if (undone && undone->place.source)
                log_warn("%s:%u:%u: no member has this value: the axis '%s' has values of its own",
                         undone->place.source->path, undone->place.line, undone->place.column,
                         path);
        }
}

/* Whether some member's optimizer reads it. */
static bool is_read(const struct sweep *s, enum param_role role)
{
    bool is = false;
    for (size_t i = 0; !is && i < s->members; i++) {
        struct arena a;
        struct spec spec;
        arena_init(&a);
        sweep_member_spec(s, i, &a, &spec);
        is = optim_reads(&spec.optimizer, role);
        arena_fini(&a);
    }
    return is;
}

/* An axis of what no equation reads: its members cannot differ. */
static void warn_of_unread(const struct sweep *s)
{
    static const struct {
        const char *path;
        enum param_role role;
    } v[] = {{"optimizer.lr", PARAM_ROLE_LR},
             {"optimizer.momentum", PARAM_ROLE_MOMENTUM},
             {"optimizer.weight_decay", PARAM_ROLE_DECAY}};
    for (size_t i = 0; i < s->keys; i++)
        for (size_t k = 0; k < sizeof v / sizeof v[0]; k++)
            if (s->key[i].varies && strcmp(s->key[i].path, v[k].path) == 0 &&
                !is_read(s, v[k].role))
                log_warn("the axis '%s' has no effect: no line of optimizer.update reads it",
                         v[k].path);
}

/* The easier fold would outlive the harder one. */
static void warn_of_rivals(const struct sweep *s)
{
    for (size_t i = 0; s->brackets > 0 && i < s->keys; i++)
        if (s->key[i].varies && spec_splits_data(s->key[i].path))
            log_warn(
                "halving lets the values of '%s' compete, and gives up those whose validation images "
                "are harder: search on one of them, and train what is best on the others",
                s->key[i].path);
}

/* ---- the whole ---- */

/* The spec taken apart: its base, its axes; ret_skip: the condition, or NULL. */
static bool take_apart(struct arena *a, const char *path, const struct node *root, struct diags *d,
                       struct sweep *s, const struct node **ret_skip)
{
    *s = (struct sweep){.arena = a, .name = path_stem(a, path)};
    s->base = without_section(a, root, &s->section);
    const struct node *name = node_get(s->base, "name");
    if (name && name->kind == NODE_SCALAR)
        s->name = name->text;
    if (!s->section)
        return diags_add(d, root->place,
                         arena_printf(a,
                                      spec_only_traces(root)
                                          ? "'descent trace %s' draws what it describes"
                                          : "'descent run %s' trains a single run",
                                      text_word(path)),
                         "there is no section 'sweep' in it");
    return sweep_read_axes(s, d, ret_skip);
}

/* The folder whose sweep.yaml the path is; NULL: it is another file. */
static const char *folder_of(struct arena *a, const char *path)
{
    const char *file = path_base(path);
    if (strcmp(file, FOLDER_SWEEP) != 0)
        return NULL;
    return file > path ? arena_strndup(a, path, (size_t)(file - path)) : ".";
}

/* A sweep's own sweep.yaml has every value written out. */
static struct node *load(struct arena *a, const char *path, struct diags *d)
{
    return node_load(a, path, folder_of(a, path) ? NODE_RECORDED_MOST : NODE_GIVEN_MOST, d);
}

/* folder: whose sweep.yaml was read, or NULL. */
static bool has_begun(const char *folder)
{
    return folder && (folder_has(folder, FOLDER_LOCK) || folder_has(folder, FOLDER_MEMBERS));
}

bool sweep_load(struct arena *a, const char *path, char *const *overrides, size_t n,
                struct diags *d, struct sweep *ret)
{
    struct sweep s;
    const struct node *skip;
    const char *folder = folder_of(a, path);
    struct node *root = load(a, path, d);
    if (!root || !spec_override(a, root, overrides, n, d) ||
        !take_apart(a, path, root, d, &s, &skip))
        return false;
    s.recorded = has_begun(folder);
    if (!sweep_expand(&s, skip, d) || !sweep_share_brackets(&s, d))
        return false;
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        ok &= check_override(&s, overrides[i], d);
    if (!ok)
        return false;
    if (folder)
        sweep_adopt(&s, folder);
    if (!s.recorded) {
        warn_of_undone(&s);
        warn_of_unread(&s);
        warn_of_rivals(&s);
    }
    *ret = s;
    return true;
}

/* The sweep whose best members are run again in this folder, NULL: it is no such folder. */
static const char *tuned_from(struct arena *a, const char *folder)
{
    const char *bare = path_bare(a, folder), *base = path_base(bare);
    if (strcmp(base, FOLDER_TUNED) != 0)
        return NULL;
    const char *above =
        base > bare ? path_bare(a, arena_strndup(a, bare, (size_t)(base - bare))) : ".";
    return folder_has(above, FOLDER_TUNING) ? above : NULL;
}

/* Nothing else of the folder is lost with it: the members have specs of their own. */
static bool refuse_folder(struct arena *a, const char *folder, const struct diags *d,
                          struct error *err)
{
    const char *path = folder_path(a, folder, FOLDER_SWEEP), *search = tuned_from(a, folder);
    const char *why = d->n > 0 ? d->item[0].message : "this is no sweep";
    unsigned line = d->n > 0 ? d->item[0].place.line : 0;
    const char *at = line > 0 ? arena_printf(a, "%s:%u", path, line) : path;
    const char *again =
        search ? arena_printf(a, "'descent resume %s'", text_word(search))
               : arena_printf(a, "'descent sweep SPEC -o %s' with the sweep's own spec",
                              text_word(folder));
    return error_set(err, ERR_DATA,
                     "%s: %s; put the file back as it was, or move it away and %s writes it again",
                     at, why, again);
}

bool sweep_load_folder(struct arena *a, const char *folder, struct sweep *ret, struct error *err)
{
    struct diags d;
    diags_init(&d, a);
    return sweep_load(a, folder_path(a, folder, FOLDER_SWEEP), NULL, 0, &d, ret) ||
           refuse_folder(a, folder, &d, err);
}

bool sweep_check_folder(const char *folder, struct error *err)
{
    struct arena a;
    struct diags d;
    struct sweep s;
    const struct node *skip;
    arena_init(&a);
    diags_init(&d, &a);
    const char *path = folder_path(&a, folder, FOLDER_SWEEP);
    const struct node *root = load(&a, path, &d);
    bool ok =
        (root && take_apart(&a, path, root, &d, &s, &skip)) || refuse_folder(&a, folder, &d, err);
    arena_fini(&a);
    return ok;
}

/* The lines shard, shard + shards, ... of a text. */
static struct sweep_wanted *read_names(struct arena *a, const char *text, size_t shard,
                                       size_t shards, size_t *ret_n)
{
    struct sweep_wanted *v = arena_alloc(a, (strlen(text) / 2 + 2) * sizeof *v);
    size_t n = 0;
    for (size_t line = 0; *text; line++) {
        size_t length = strcspn(text, "\n");
        if (length > 0 && line % shards == shard)
            v[n++].name = arena_strndup(a, text, length);
        text += length + (text[length] == '\n');
    }
    *ret_n = n;
    return v;
}

bool sweep_load_only(struct arena *a, const char *path, const struct sweep_options *o,
                     struct diags *d, struct sweep *ret, bool *ret_found)
{
    struct sweep s;
    const struct node *skip;
    size_t n;
    struct sweep_wanted *wanted = read_names(a, o->names, o->shard, o->shards, &n);
    *ret_found = false;
    const struct node *root = load(a, path, d);
    if (!root || !take_apart(a, path, root, d, &s, &skip))
        return false;
    s.recorded = has_begun(folder_of(a, path));
    if (!sweep_expand_only(&s, skip, wanted, n, d, ret_found))
        return false;
    if (*ret_found)
        *ret = s;
    return true;
}

/* ---- writing ---- */

static bool is_plain(const struct node *n)
{
    for (size_t i = 0; i < n->n; i++)
        if (n->item[i]->kind != NODE_SCALAR)
            return false;
    return true;
}

/* Mappings as blocks, but for those in a list; a list of them has a line for each. */
static void write_tree(const struct node *n, unsigned indent, struct strbuf *out)
{
    struct arena a;
    arena_init(&a);
    if (n->kind == NODE_MAP && n->n > 0) {
        for (size_t i = 0; i < n->n; i++) {
            strbuf_addf(out, "\n%*s", (int)indent, "");
            write_text(out, n->key[i]);
            strbuf_add(out, ":");
            write_tree(n->item[i], indent + 2, out);
        }
    } else if (n->kind == NODE_LIST && !is_plain(n)) {
        for (size_t i = 0; i < n->n; i++)
            strbuf_addf(out, "\n%*s- %s", (int)indent, "", sweep_canonical(&a, n->item[i]));
    } else {
        strbuf_addf(out, " %s", sweep_canonical(&a, n));
    }
    arena_fini(&a);
}

void sweep_write_section(const struct sweep *s, struct strbuf *out)
{
    strbuf_add(out, "sweep:");
    write_tree(s->section, 2, out);
    strbuf_add(out, "\n");
}

void sweep_write(const struct sweep *s, struct strbuf *out)
{
    struct strbuf b;
    strbuf_init(&b);
    if (!node_get(s->base, "name")) {
        strbuf_add(&b, "\nname: ");
        write_text(&b, s->name);
    }
    write_tree(s->base, 0, &b);
    strbuf_add(&b, "\n");
    sweep_write_section(s, &b);
    strbuf_add(out, b.text + 1); /* the first line break */
    strbuf_fini(&b);
}

bool sweep_is_written(const char *folder)
{
    struct arena a;
    struct error err;
    struct sweep s;
    struct strbuf b;
    const char *text;
    arena_init(&a);
    strbuf_init(&b);
    bool is = folder_has(folder, FOLDER_MEMBERS);
    if (!is && folder_sweep_text(&a, folder, &text, &err)) {
        if (sweep_load_folder(&a, folder, &s, &err))
            sweep_write(&s, &b);
        is = b.length > 0 && strcmp(b.text, text) == 0;
    }
    strbuf_fini(&b);
    arena_fini(&a);
    return is;
}

bool sweep_is_folder(const char *folder)
{
    return folder_has(folder, FOLDER_SWEEP) &&
           (folder_has(folder, FOLDER_LOCK) || sweep_is_written(folder));
}
