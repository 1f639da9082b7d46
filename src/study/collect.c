#include "study/collect.h"
#include "folder/folder.h"
#include "study/flatten.h"
#include "study/pending.h"
#include "study/published.h"
#include "util/file.h"
#include "util/hash.h"
#include "util/json.h"
#include "util/path.h"
#include "util/sha256.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_DEPTH = 4, MAX_SHAPES = 256 };

/* A folder that was read, whatever name it was given by. */
struct visited {
    dev_t device;
    ino_t number;
    size_t keys; /* so many values it has; keys that came later it lacks */
};

/* A sweep's folder, which may be named twice. */
struct counted {
    dev_t device;
    ino_t number;
    struct collected_sweep sweep;
};

struct reading {
    struct arena *a, scratch; /* scratch: of one run */
    struct flattener flat;
    struct collected_run *run;
    struct visited *visited;
    size_t runs, room, found; /* found: doubly named ones too */
    struct counted *counted;  /* sweeps of which the pending members are counted */
    size_t sweeps, sweep_room;
    const char *sweep; /* in which the walk is, or NULL */
    struct collected_damage *damage;
    size_t damaged, damage_room;
    uint64_t shape[MAX_SHAPES]; /* of specs that resolving leaves as they are */
    size_t shapes;
};

/* ---- one run ---- */

/* The spec in this version's words: a key that is newer than the run has its compatible default. */
static const char *resolved(struct reading *r, const char *name, const char *text)
{
    struct diags d;
    struct spec spec;
    struct strbuf b;
    diags_init(&d, &r->scratch);
    if (!spec_parse(&r->scratch, &(struct spec_text){.name = name, .text = text}, &d, &spec))
        return text;
    strbuf_init(&b);
    spec_write(&spec, &b);
    text = arena_strdup(&r->scratch, b.text);
    strbuf_fini(&b);
    return text;
}

static uint64_t add_name(uint64_t h, const char *s)
{
    return hash_add(hash_add_text(h, s), '/');
}

/* Of the keys and of what has a name: specs of one shape lack the same keys. */
static uint64_t shape_of(const struct node *n, uint64_t h)
{
    h = hash_add(h, (uint64_t)n->kind);
    for (size_t i = 0; n->kind != NODE_SCALAR && i < n->n; i++) {
        h = n->kind == NODE_MAP ? add_name(h, n->key[i]) : h;
        if (n->kind == NODE_MAP && strcmp(n->key[i], "name") == 0 &&
            n->item[i]->kind == NODE_SCALAR)
            h = add_name(h, n->item[i]->text);
        if (n->kind == NODE_MAP || n->item[i]->kind != NODE_SCALAR)
            h = shape_of(n->item[i], h);
    }
    return add_name(h, "");
}

static bool is_known(const struct reading *r, uint64_t shape)
{
    for (size_t i = 0; i < r->shapes; i++)
        if (r->shape[i] == shape)
            return true;
    return false;
}

static const struct node *parse(struct reading *r, const char *folder, const char *text,
                                struct error *err)
{
    const struct node *root;
    return run_parse_recorded(&r->scratch, folder, text, &root, err) ? root : NULL;
}

/* Resolving takes longer than reading: it is left out where it left another spec of the same shape
 * as it was. */
static const struct node *parse_resolved(struct reading *r, const char *folder, const char *text,
                                         struct error *err)
{
    const struct node *root = parse(r, folder, text, err);
    uint64_t shape = root ? shape_of(root, hash_of_nothing) : 0;
    if (!root || is_known(r, shape))
        return root;
    const char *now = resolved(r, folder, text);
    if (strcmp(now, text) != 0)
        return parse(r, folder, now, err);
    if (r->shapes < MAX_SHAPES)
        r->shape[r->shapes++] = shape;
    return root;
}

/* A run that is new, or that run_read_manifest has passed. */
static bool read_spec(struct reading *r, struct collected_run *run, struct error *err)
{
    const char *text;
    if (!collect_spec_text(&r->scratch, run, &text, err))
        return false;
    const struct node *root = parse_resolved(r, run->folder, text, err);
    if (!root || !node_as_int(node_get(root, "seed"), &run->seed))
        return false;
    flattener_read(&r->flat, &r->scratch, root);
    return true;
}

static void read_metrics(const struct json *j, double *ret)
{
    for (int m = 0; m < METRICS; m++)
        if (!js_real(js_get(j, metric_names[m]), &ret[m]))
            ret[m] = (double)NAN;
}

/* Twelve digits tell the data of runs apart. */
static void read_data(struct reading *r, const struct json *digests)
{
    struct strbuf b;
    char hex[65];
    strbuf_init(&b);
    for (size_t i = 0; i < DATA_FILES; i++) {
        const char *digest = js_string(js_get(digests, folder_digest_names[i]));
        strbuf_addf(&b, "%s/", digest ? digest : "");
    }
    sha256_of(b.text, b.length, hex);
    hex[12] = '\0';
    if (digests)
        flattener_add(&r->flat, COLLECT_DATA, hex);
    strbuf_fini(&b);
}

/* Of one that has not ended: a killed run may have come further than its run.json says. */
static void take_progress(struct collected_run *run)
{
    struct run_summary now;
    struct error unread;
    if (run->status != STATUS_OPEN || !run_read_progress(run->folder, &now, &unread))
        return;
    run->epoch = now.epoch;
    run->step = now.step;
    if (isnan(now.seconds))
        run->seconds = now.seconds;
}

/* j: its run.json; NULL: it has none yet. */
static void take_manifest(struct reading *r, struct collected_run *run, const struct json *j)
{
    const char *folder = run->folder;
    run->status = STATUS_OPEN;
    run->best_epoch = -1;
    run->seconds = (double)NAN;
    read_metrics(NULL, run->final);
    read_metrics(NULL, run->best);
    if (!j)
        return;
    const struct json *metrics = js_get(j, "metrics"), *best = js_get(metrics, "best");
    enum status status = manifest_status(j);
    run->status = status_is_open(status) ? STATUS_OPEN : status;
    js_integer(js_get(j, "epoch"), &run->epoch);
    js_integer(js_get(j, "step"), &run->step);
    js_integer(js_get(best, "epoch"), &run->best_epoch);
    run->extended = js_size(js_get(j, "extended")) > 0;
    js_real(js_get(js_get(j, "times"), "seconds"), &run->seconds);
    read_metrics(js_get(metrics, "final"), run->final);
    read_metrics(best, run->best);
    const char *weights = js_string(js_get(j, "weights_sha256"));
    run->weights = weights ? arena_strdup(r->a, weights) : NULL;
    const char *init = js_string(js_get(j, "init_sha256"));
    run->init = init ? arena_strdup(r->a, init) : NULL;
    run->verified = folder_read_verified(folder, j);
    js_integer(js_get(js_get(j, "dataset"), "train"), &run->trained);
    js_integer(js_get(js_get(j, "dataset"), "validation"), &run->held_out);
    read_data(r, js_get(js_get(j, "dataset"), "sha256"));
}

/* run.json first: its certificate judges the other files. */
static bool read_run(struct reading *r, struct collected_run *run, struct error *err)
{
    struct json *j = NULL;
    bool ok =
        (!folder_has(run->folder, FOLDER_MANIFEST) || run_read_manifest(run->folder, &j, err)) &&
        read_spec(r, run, err);
    if (ok) {
        take_manifest(r, run, j);
        take_progress(run);
    }
    js_free(j);
    return ok;
}

/* ---- folders ---- */

static bool is_visited(const struct reading *r, const struct stat *s)
{
    for (size_t i = 0; i < r->runs; i++)
        if (r->visited[i].number == s->st_ino && r->visited[i].device == s->st_dev)
            return true;
    return false;
}

/* For one more run. */
static void make_room(struct reading *r)
{
    if (r->runs < r->room)
        return;
    size_t room = 2 * r->room + 64;
    r->run = mem_grow(r->run, r->room * sizeof *r->run, room * sizeof *r->run);
    r->visited = mem_grow(r->visited, r->room * sizeof *r->visited, room * sizeof *r->visited);
    r->room = room;
}

/* What was flattened are the values of the next run, which counts from here on. */
static void hand_values(struct reading *r, dev_t device, ino_t number)
{
    struct collected_run *run = &r->run[r->runs];
    run->value = arena_alloc(r->a, (r->flat.keys + 1) * sizeof *run->value);
    memcpy(run->value, r->flat.row, r->flat.keys * sizeof *run->value);
    r->visited[r->runs++] = (struct visited){device, number, r->flat.keys};
}

/* One damaged run of a hundred is no reason to say nothing of the others. */
static void note_damage(struct reading *r, const char *folder, const struct error *why)
{
    if (r->damaged == r->damage_room) {
        size_t room = 2 * r->damage_room + 16, size = sizeof *r->damage;
        r->damage = mem_grow(r->damage, r->damage_room * size, room * size);
        r->damage_room = room;
    }
    r->damage[r->damaged++] =
        (struct collected_damage){arena_strdup(r->a, folder), arena_strdup(r->a, why->message)};
}

static void add_run(struct reading *r, const char *folder)
{
    struct stat s;
    struct error err;
    r->found++;
    if (stat(folder, &s) != 0) {
        error_set(&err, ERR_DATA, "cannot read %s: %s", folder, strerror(errno));
        note_damage(r, folder, &err);
        return;
    }
    if (is_visited(r, &s))
        return;
    make_room(r);
    struct collected_run *run = &r->run[r->runs];
    *run = (struct collected_run){.folder = arena_strdup(r->a, folder), .sweep = r->sweep};
    arena_init(&r->scratch);
    if (read_run(r, run, &err))
        hand_values(r, s.st_dev, s.st_ino);
    else
        note_damage(r, folder, &err);
    arena_fini(&r->scratch);
}

/* One that has begun: whoever calls his own spec sweep.yaml has no table of its members beside
 * it. */
static bool is_sweep(const char *folder)
{
    return folder_has(folder, FOLDER_SWEEP) && folder_has(folder, FOLDER_MEMBERS);
}

/* Checkpoints hold no run; the reruns of a sweep's best, chosen by the very figures of the search,
 * are a comparison of their own. */
static bool is_left_out(const char *folder, const char *name)
{
    return strcmp(name, FOLDER_CHECKPOINTS) == 0 ||
           (strcmp(name, FOLDER_TUNED) == 0 && is_sweep(folder));
}

static struct counted *find_counted(const struct reading *r, const struct stat *s)
{
    for (size_t i = 0; i < r->sweeps; i++)
        if (r->counted[i].number == s->st_ino && r->counted[i].device == s->st_dev)
            return &r->counted[i];
    return NULL;
}

/* One whose spec is gone is a damaged run. */
static bool is_run(const char *folder)
{
    return folder_has(folder, FOLDER_SPEC)
               ? folder_holds_run(folder)
               : folder_has(folder, FOLDER_MANIFEST) && folder_has(folder, FOLDER_EPOCHS);
}

/* The walk is in this sweep, of which the pending members are counted once. */
static void enter_sweep(struct reading *r, const char *folder)
{
    struct error err;
    struct stat s;
    if (stat(folder, &s) != 0)
        return;
    struct counted *known = find_counted(r, &s);
    if (known) {
        r->sweep = known->sweep.folder;
        return;
    }
    if (r->sweeps == r->sweep_room) {
        size_t room = 2 * r->sweep_room + 16, size = sizeof *r->counted;
        r->counted = mem_grow(r->counted, r->sweep_room * size, room * size);
        r->sweep_room = room;
    }
    r->sweep = arena_strdup(r->a, folder);
    size_t pending = 0;
    if (!pending_count(folder, &pending, &err)) {
        r->found++;
        note_damage(r, folder, &err);
    }
    r->counted[r->sweeps++] = (struct counted){s.st_dev, s.st_ino, {r->sweep, pending}};
}

static void walk(struct reading *r, const char *folder, int depth)
{
    struct file_names file;
    struct arena a;
    struct error err;
    if (is_run(folder)) {
        add_run(r, folder);
        return;
    }
    if (depth == 0 || !file_is_folder(folder))
        return;
    arena_init(&a);
    const char *outer = r->sweep;
    if (is_sweep(folder))
        enter_sweep(r, folder);
    if (!file_list(&a, folder, &file)) {
        error_set(&err, ERR_DATA, "cannot read folder %s: %s", folder, strerror(errno));
        r->found++;
        note_damage(r, folder, &err);
    }
    for (size_t i = 0; i < file.n; i++)
        if (!is_left_out(folder, file.name[i]))
            walk(r, arena_printf(&a, "%s/%s", folder, file.name[i]), depth - 1);
    r->sweep = outer;
    arena_fini(&a);
}

/* `init: pytorch` beside `init: {name: normal, std: 0.1}` in another run is a name as well. */
static void add_names(struct collection *c)
{
    for (size_t k = 0; k < c->keys; k++) {
        const char *dot = strrchr(c->key[k], '.');
        size_t n = dot && strcmp(dot, ".name") == 0 ? (size_t)(dot - c->key[k]) : 0, scalar = 0;
        while (n > 0 && scalar < c->keys &&
               (strncmp(c->key[scalar], c->key[k], n) != 0 || c->key[scalar][n] != '\0'))
            scalar++;
        for (size_t i = 0; n > 0 && scalar < c->keys && i < c->runs; i++) {
            const struct collected_value **value = c->run[i].value, *v = value[scalar];
            if (!value[k] && v && v->type == EXPR_TEXT && !strchr("[{", v->text[0]))
                value[k] = v;
        }
    }
}

/* What was gathered, in the arena; every run has a value, or NULL, for every key. */
static void hand_over(struct reading *r, struct collection *ret)
{
    size_t keys = r->flat.keys;
    *ret = (struct collection){.keys = keys, .runs = r->runs};
    ret->key = arena_alloc(r->a, (keys + 1) * sizeof *ret->key);
    ret->run = arena_alloc(r->a, (r->runs + 1) * sizeof *ret->run);
    for (size_t i = 0; i < keys; i++)
        ret->key[i] = r->flat.key[i];
    for (size_t i = 0; i < r->runs; i++) {
        ret->run[i] = r->run[i];
        if (r->visited[i].keys == keys)
            continue;
        ret->run[i].value = arena_alloc(r->a, (keys + 1) * sizeof *ret->run[i].value);
        memcpy(ret->run[i].value, r->run[i].value, r->visited[i].keys * sizeof *ret->run[i].value);
    }
    add_names(ret);
    collect_add_lists(&r->flat, ret);
    collect_add_names(&r->flat, ret);
}

static void hand_over_damage(const struct reading *r, struct collection *ret)
{
    size_t bytes = r->damaged * sizeof *r->damage;
    struct collected_damage *all = arena_alloc(r->a, bytes + 1);
    if (bytes > 0)
        memcpy(all, r->damage, bytes);
    ret->damage = all;
    ret->damaged = r->damaged;
}

static void hand_over_sweeps(const struct reading *r, struct collection *ret)
{
    struct collected_sweep *all = arena_alloc(r->a, (r->sweeps + 1) * sizeof *all);
    for (size_t i = 0; i < r->sweeps; i++)
        all[i] = r->counted[i].sweep;
    pending_share(all, r->sweeps);
    ret->sweep = all;
    ret->sweeps = r->sweeps;
}

/* Reads what is there by this name; *ret_any: some run was found. */
static bool read_named(struct reading *r, const char *name, bool *ret_any, struct error *err)
{
    size_t before = r->found;
    const char *clean = path_bare(r->a, name);
    if (!file_exists(clean) && strncmp(name, PUBLISHED_PREFIX, strlen(PUBLISHED_PREFIX)) == 0)
        return error_set(err, ERR_USAGE,
                         "%s is no folder: 'descent compare FOLDER --against %s' puts it beside "
                         "runs",
                         name, name);
    if (!file_check_folder(clean, err))
        return false;
    if (file_is_folder(clean))
        walk(r, clean, MAX_DEPTH);
    *ret_any = r->found > before;
    return true;
}

/* ---- published results ---- */

/* As run folders have it: of the files' digests, one after the other. */
static void add_data(struct reading *r, const struct published_set *s)
{
    struct json *digests = js_new_object();
    for (size_t i = 0; i < DATA_FILES; i++)
        if (s->sha256[i][0])
            js_set(digests, folder_digest_names[i], js_new_string(s->sha256[i]));
    read_data(r, digests);
    js_free(digests);
}

static bool add_published(struct reading *r, const struct published_set *s,
                          const struct published_run *p, struct error *err)
{
    struct diags d;
    struct spec spec;
    struct strbuf b;
    diags_init(&d, &r->scratch);
    struct spec_text text = {p->run.folder, s->spec, p->override, p->overrides};
    if (!spec_parse(&r->scratch, &text, &d, &spec))
        return error_set(err, ERR_DATA, "%s: %s", p->run.folder,
                         d.n ? d.item[0].message : "not a spec");
    strbuf_init(&b);
    spec_write(&spec, &b);
    const struct node *root = parse(r, p->run.folder, arena_strdup(&r->scratch, b.text), err);
    strbuf_fini(&b);
    if (!root)
        return false;
    flattener_read(&r->flat, &r->scratch, root);
    add_data(r, s);
    make_room(r);
    r->run[r->runs] = p->run;
    hand_values(r, 0, 0);
    return true;
}

static bool read_published(struct reading *r, const char *word, struct error *err)
{
    struct published_set s;
    bool ok = published_read(r->a, word, &s, err);
    for (size_t i = 0; ok && i < s.runs; i++) {
        arena_init(&r->scratch);
        ok = add_published(r, &s, &s.run[i], err);
        arena_fini(&r->scratch);
    }
    return ok;
}

bool collect_runs(struct arena *a, char *const *folder, size_t n, struct collection *ret,
                  struct error *err)
{
    return collect_runs_against(a, &(struct collect_sources){.folder = folder, .folders = n}, ret,
                                err);
}

bool collect_runs_against(struct arena *a, const struct collect_sources *s, struct collection *ret,
                          struct error *err)
{
    struct reading r = {.a = a};
    size_t skipped = 0;
    const char *first = NULL;
    bool ok = true;
    flattener_init(&r.flat, a);
    for (size_t i = 0; ok && i < s->folders; i++) {
        bool any = true;
        ok = read_named(&r, s->folder[i], &any, err);
        skipped += !any;
        first = !any && !first ? s->folder[i] : first;
    }
    if (ok && first && r.found == 0)
        ok = error_set(err, ERR_DATA,
                       file_is_folder(first) ? "%s holds no run" : "%s is not a folder", first);
    if (ok && r.damaged > 0 && r.runs == 0)
        ok = collect_none_left(r.damage, r.damaged, err);
    for (size_t i = 0; ok && i < s->n_published; i++)
        ok = read_published(&r, s->published[i], err);
    if (ok) {
        hand_over(&r, ret);
        hand_over_sweeps(&r, ret);
        collect_place(ret);
        ret->skipped = skipped;
        ret->first_skipped = first ? arena_strdup(a, first) : NULL;
        hand_over_damage(&r, ret);
    }
    mem_free(r.counted);
    mem_free(r.damage);
    mem_free(r.run);
    mem_free(r.visited);
    flattener_fini(&r.flat);
    return ok;
}
