/* What an update by equations costs over the built-in optimizer's: no test, but a table.
 *
 *     bench_equations FILE.yaml ... (of configs/equations)
 *
 * For each file that names its built-in one: microseconds of that, of the equations, and their ratio,
 * for a few small tensors, those of the lecture's model and a large matrix; the least of several
 * rounds in turns, processor time. */
#include "config/diag.h"
#include "optim/optim.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_TENSORS = 6, TEXT = 8192 };

static const struct set {
    size_t count;
    int updates, rounds;
    struct tensor_shape shape[MOST_TENSORS];
} sets[] = {{3,
             200,
             25,
             {{.rows = 45, .cols = 1, .ld = 48},
              {.rows = 45, .cols = 75, .ld = 48},
              {.rows = 10, .cols = 1, .ld = 16}}},
            {6,
             20,
             25,
             {{.rows = 75, .cols = 784, .ld = 80},
              {.rows = 75, .cols = 1, .ld = 80},
              {.rows = 45, .cols = 75, .ld = 48},
              {.rows = 45, .cols = 1, .ld = 48},
              {.rows = 10, .cols = 45, .ld = 16},
              {.rows = 10, .cols = 1, .ld = 16}}},
            {1, 1, 15, {{.rows = 1024, .cols = 1024, .ld = 1040}}}};

struct side {
    struct arena arena;
    struct chosen config;
    struct optim *optim;
    float *block[2 * MOST_TENSORS];
};

static void begin(struct side *s, const char *text, const struct set *set)
{
    struct optim_tensor tensor[MOST_TENSORS];
    struct diags d;
    arena_init(&s->arena);
    diags_init(&d, &s->arena);
    if (!kind_parse(&s->arena, &optim_registry, text, &d, &s->config)) {
        fprintf(stderr, "bench_equations: cannot read: %s\n", text);
        exit(2);
    }
    for (size_t t = 0; t < set->count; t++) {
        const struct tensor_shape *h = &set->shape[t];
        size_t n = tensor_stored(h);
        float *w = s->block[2 * t] = mem_array(n, sizeof *w),
              *g = s->block[2 * t + 1] = mem_array(n, sizeof *g);
        for (size_t i = 0; i < n; i++)
            if (i % h->ld < h->rows) {
                w[i] = 0.5f + 0.25f * (float)sin((double)i);
                g[i] = 0.3f * (float)sin(0.37 * (double)i) + 0.1f * (float)cos(1.1 * (double)i);
            }
        tensor[t] = (struct optim_tensor){.name = "w",
                                          .w = w,
                                          .g = g,
                                          .role = h->cols > 1 ? TENSOR_HIDDEN : TENSOR_BIAS,
                                          .shape = *h};
    }
    s->optim = optim_new(&s->config, tensor, set->count);
}

static void end(struct side *s, const struct set *set)
{
    optim_free(s->optim);
    for (size_t i = 0; i < 2 * set->count; i++)
        mem_free(s->block[i]);
    arena_fini(&s->arena);
}

/* Microseconds of an update. */
static double time_of(struct side *s, int updates)
{
    double lr = 1e-3 * optim_base_lr(&s->config), momentum = optim_base_momentum(&s->config),
           decay = optim_base_decay(&s->config);
    clock_t began = clock();
    for (int i = 0; i < updates; i++)
        optim_step(s->optim, lr, momentum, decay);
    return (double)(clock() - began) * 1e6 / CLOCKS_PER_SEC / updates;
}

static void compare(const char *built_in, const char *equations, const struct set *set)
{
    struct side one, other;
    double a = HUGE_VAL, b = HUGE_VAL;
    begin(&one, built_in, set);
    begin(&other, equations, set);
    for (int i = 0; i <= set->rounds; i++) {
        double x = time_of(&one, set->updates), y = time_of(&other, set->updates);
        a = i > 0 && x < a ? x : a;
        b = i > 0 && y < b ? y : b;
    }
    printf("%10.2f %8.2f %5.2f", a, b, b / a);
    end(&one, set);
    end(&other, set);
}

/* The line "# Built in: TEXT", and the keys of `optimizer:` with their indentation taken off. */
static bool read(const char *path, char built_in[TEXT], char equations[TEXT])
{
    FILE *f = fopen(path, "r");
    char line[TEXT];
    bool found = false, within = false;
    for (equations[0] = '\0'; f && fgets(line, sizeof line, f);) {
        found |= sscanf(line, "# Built in: %8191[^\n]", built_in) == 1;
        if (within && strlen(equations) + strlen(line) < TEXT)
            strcat(equations, line + (strncmp(line, "  ", 2) == 0 ? 2 : 0));
        within |= strcmp(line, "optimizer:\n") == 0;
    }
    if (f)
        fclose(f);
    return found && within;
}

int main(int argc, char **argv)
{
    static char built_in[TEXT], equations[TEXT];
    for (int i = 1; i < argc; i++) {
        if (!read(argv[i], built_in, equations))
            continue;
        const char *slash = strrchr(argv[i], '/');
        printf("%-26s", slash ? slash + 1 : argv[i]);
        for (size_t k = 0; k < sizeof sets / sizeof sets[0]; k++)
            compare(built_in, equations, &sets[k]);
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
