/* The memory of a model's passes: what training and evaluation want, planned before any is
 * taken. */
#include "nn/model.h"

void *model_take(struct model *m, size_t count, size_t size)
{
    m->bytes += count * size;
    return mem_array(count, size);
}

size_t model_input_floats(const struct model_plan *p)
{
    return p->value[0].floats;
}

/* The value that is all that later steps need of those before step i, or -1. */
static int only_value_at(const struct model_plan *p, size_t i)
{
    int found = -1;
    for (size_t k = i; k < p->layers; k++)
        for (int other = 0; other < 2; other++) {
            int v = other ? p->step[k].other : p->step[k].in;
            bool before = v == 0;
            for (size_t j = 0; v > 0 && j < i; j++)
                before |= p->step[j].out == v;
            if (v < 0 || !before)
                continue;
            if (found >= 0 && found != v)
                return -1;
            found = v;
        }
    return found;
}

/* The first step after which there are no images any more: those before it go in tiles that fit the
 * cache, those from it on in whole batches, whose weights are many. 0: no images. */
static size_t find_cut(const struct model_plan *p)
{
    size_t cut = 0;
    for (size_t i = 0; i < p->layers; i++)
        if (image_pixels(p->step[i].shape.in) > 1)
            cut = i + 1;
    while (cut > 0 && cut < p->layers && only_value_at(p, cut) < 0)
        cut++;
    return cut < p->layers ? cut : 0;
}

enum { TILE_FLOATS = 160 * 1024 };

/* Images of a tile: as many as the threads' caches hold of what lives at once. */
static size_t tile_size(struct memory *m, size_t most, size_t threads)
{
    memory_lay_out(m, 1);
    size_t each = m->floats > 0 ? TILE_FLOATS / m->floats : most,
           n = (each > 0 ? each : 1) * threads;
    return n < most ? n : most;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void model_plan_rooms(struct model *m, const struct model_plan *p, size_t train, size_t evaluation,
                      size_t threads, struct model_needs *ret)
{
    struct model_needs n = {0};
    size_t rows = larger(train, evaluation), widest = p->input_ld, work = 0, each = 0;
    memory_train(p, &m->arena, &m->train.memory);
    memory_lay_out(&m->train.memory, train);
    m->cut_step = find_cut(p);
    memory_forward(p, 0, m->cut_step, &m->arena, &m->tile.memory);
    memory_forward(p, m->cut_step, p->layers, &m->arena, &m->whole.memory);
    m->tile_images = tile_size(&m->tile.memory, evaluation, threads);
    memory_lay_out(&m->tile.memory, m->tile_images);
    memory_lay_out(&m->whole.memory, evaluation);
    n.arena = larger(m->train.memory.floats, larger(m->tile.memory.floats, m->whole.memory.floats));
    for (size_t i = 0; i < p->layers; i++) {
        const struct layer_shape *s = &p->step[i].shape;
        widest = larger(widest, p->step[i].out_ld);
        n.scratch = larger(n.scratch, s->scratch);
        n.kept += s->kept;
        work = larger(work, s->work);
        each = larger(each, s->work_thread);
    }
    n.scratch = larger(n.scratch, 4 * widest);
    n.work = work + threads * each;
    n.cut = m->cut_step > 0 ? evaluation * p->value[only_value_at(p, m->cut_step)].floats : 0;
    n.bytes = sizeof(float) * (2.0 * (double)p->param_floats + (double)p->buffer_floats +
                               (double)n.arena + (double)n.kept + (double)n.work + (double)n.cut +
                               (double)rows * (double)model_input_floats(p) +
                               (double)rows * (double)p->step[p->layers - 1].out_ld) +
              sizeof(double) * (double)n.scratch + (double)rows;
    *ret = n;
}

double model_bytes_wanted(const struct model_plan *p, size_t max_train_batch, size_t max_eval_batch,
                          size_t threads)
{
    struct model *m = mem_new(sizeof *m);
    struct model_needs n;
    arena_init(&m->arena);
    model_plan_rooms(m, p, max_train_batch, max_eval_batch, threads, &n);
    arena_fini(&m->arena);
    mem_free(m);
    return n.bytes;
}

void model_take_rooms(struct model *m, const struct model_needs *n)
{
    const struct model_plan *p = m->plan;
    m->block = model_take(m, n->arena, sizeof(float));
    m->train.base = m->tile.base = m->whole.base = m->block;
    m->keeping = model_take(m, n->kept, sizeof(float));
    m->scratch = model_take(m, n->scratch, sizeof(double));
    m->work = model_take(m, n->work, sizeof(float));
    m->cut = n->cut > 0 ? model_take(m, n->cut, sizeof(float)) : NULL;
    float *at = m->keeping;
    for (size_t i = 0; i < p->layers; i++) {
        m->kept[i] = at;
        at += p->step[i].shape.kept;
    }
}
