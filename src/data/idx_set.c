/* Data sets that are four IDX files. */
#include "data/internal.h"
#include "util/mem.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

struct job {
    struct data_paths paths;
    struct idx *file;
    struct error err;
    bool ok;
};

static void *read_job(void *context)
{
    struct job *j = context;
    j->ok = data_read(&j->paths, j->file, &j->err);
    return NULL;
}

/* The big file in this thread, the three others in another. */
static void *read_others(void *context)
{
    struct job *j = context;
    for (int i = 1; i < DATA_FILES; i++)
        read_job(&j[i]);
    return NULL;
}

bool idx_set_read(const struct data_config *c, struct data_files *ret, struct error *err)
{
    struct job job[DATA_FILES] = {0};
    pthread_t other;
    for (size_t i = 0; i < DATA_FILES; i++) {
        job[i].paths = data_find(ret->arena, c, i);
        if (job[i].paths.n == 0)
            return data_explain_missing(c, i, err);
        ret->path[i] = job[i].paths.path[0];
        job[i].file = &ret->file[i];
    }
    bool threaded = pthread_create(&other, NULL, read_others, job) == 0;
    read_job(&job[0]);
    if (threaded)
        pthread_join(other, NULL);
    else
        read_others(job);
    for (int i = 0; i < DATA_FILES; i++)
        if (!job[i].ok) {
            *err = job[i].err;
            return false;
        }
    return true;
}

/* ---- sizes ---- */

size_t idx_set_count(const struct data_config *c)
{
    struct error ignored;
    struct idx x;
    struct arena a;
    arena_init(&a);
    struct data_paths p = data_find(&a, c, TRAIN_LABELS);
    bool ok = p.n > 0 && idx_read_header(p.path[0], &x, &ignored);
    arena_fini(&a);
    return ok ? x.dim[0] : 0;
}

static bool read_headers(const struct data_config *c, struct data_files *ret, struct error *err)
{
    for (size_t i = 0; i < DATA_FILES; i++) {
        struct data_paths p = data_find(ret->arena, c, i);
        if (p.n == 0)
            return data_explain_missing(c, i, err);
        ret->path[i] = p.path[0];
        if (!idx_read_header(p.path[0], &ret->file[i], err))
            return false;
    }
    return data_check_headers(c, ret, err);
}

/* The classes, where they are not known, and whether all labels are among them. */
static bool read_labels(const struct data_config *c, struct data_files *s, size_t *classes,
                        struct error *err)
{
    struct idx *train = &s->file[TRAIN_LABELS], *test = &s->file[TEST_LABELS];
    if (!idx_read(s->path[TRAIN_LABELS], train, err) || !idx_read(s->path[TEST_LABELS], test, err))
        return false;
    *classes = *classes > 0 ? *classes : (size_t)data_largest_label(train) + 1;
    if (*classes < 2)
        return data_one_label(s->path[TRAIN_LABELS], err);
    data_warn_of_one_class(train, s->path[TRAIN_LABELS]);
    return data_check_labels(c, s, TRAIN_LABELS, *classes, err) &&
           data_check_labels(c, s, TEST_LABELS, *classes, err);
}

bool idx_set_measure(const struct data_config *c, struct data_sizes *ret, struct error *err)
{
    struct arena a;
    struct data_files s = {.arena = &a};
    arena_init(&a);
    bool ok = read_headers(c, &s, err) && read_labels(c, &s, &ret->classes, err);
    if (ok) {
        ret->image = data_image_shape(&s.file[TRAIN_IMAGES]);
        ret->train = s.file[TRAIN_IMAGES].dim[0];
        ret->test = s.file[TEST_IMAGES].dim[0];
    }
    for (int i = 0; i < DATA_FILES; i++)
        idx_fini(&s.file[i]);
    arena_fini(&a);
    return ok;
}

bool idx_set_inspect(const char *path, struct data_file_facts *ret, struct error *err)
{
    struct idx x;
    if (!idx_read(path, &x, err))
        return false;
    int n = snprintf(ret->dims, sizeof ret->dims, "%u", x.dim[0]);
    for (uint32_t d = 1; d < x.dims; d++)
        n += snprintf(ret->dims + n, sizeof ret->dims - (size_t)n, "x%u", x.dim[d]);
    idx_digest(&x);
    memcpy(ret->sha256, x.sha256, sizeof x.sha256);
    idx_fini(&x);
    return true;
}
