/* `descent run` against PyTorch: the same data in the same order from the same weights.
 * reference.py made the specs of reference/ and what PyTorch's training in double precision leaves:
 * every epoch's figures, some runs' updates, and the final tensors.
 *
 *     test_train DESCENT FOLDER-OF-THIS-FILE
 *
 * The program may differ from that by the rounding of float alone. Over all configurations, gcc and
 * clang, and OpenBLAS's kernels Prescott, Nehalem, Sandybridge, Haswell, SkylakeX and Cooperlake,
 * losses were off by 1.2e-6 at most, and tensors by 4.4e-6 of their largest element; PyTorch
 * itself, trained in float, by 6.7e-7 and 2.1e-6. The bounds are five times that; accuracies and
 * counts have none (reference.py sees to it that no image lies between two classes). */
#include "check_main.h"
#include "checkpoint/safetensors.h"
#include "util/file.h"
#include "util/mem.h"
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const double of_losses = 6e-6;    /* relative: losses and gradient norms */
static const double of_tensors = 2.2e-5; /* of a tensor's largest element */
static const double of_digits =
    1e-8; /* relative: what the spec alone decides, written with 9 digits */

static double farthest_loss, farthest_tensor; /* seen in this configuration */
static char descent[4096], folder[64];
static glob_t specs;
extern char **environ;

/* The configuration of a loop test: reference/NAME.yaml. */
static const char *name_of(int i)
{
    static char name[64];
    const char *file = strrchr(specs.gl_pathv[i], '/') + 1;
    snprintf(name, sizeof name, "%.*s", (int)(strlen(file) - strlen(".yaml")), file);
    return name;
}

static const char *path_of(char path[256], const char *before, const char *name, const char *after)
{
    snprintf(path, 256, "%s/%s%s", before, name, after);
    return path;
}

/* ---- set-up ---- */

static void enter(void)
{
    strcpy(folder, "/tmp/descent-train-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

static void leave(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void train(const char *name)
{
    char spec[256], out[256];
    char run[] = "run", quiet[] = "-q", no_plots[] = "--no-plots", o[] = "-o";
    path_of(spec, "reference", name, ".yaml");
    path_of(out, folder, name, "");
    char *const arguments[] = {descent, run, spec, quiet, no_plots, o, out, NULL};
    pid_t pid;
    int status;
    posix_spawn_file_actions_t files;
    ck_assert_int_eq(posix_spawn_file_actions_init(&files), 0);
    ck_assert_int_eq(
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0),
        0); /* TAP's */
    ck_assert_int_eq(posix_spawn(&pid, descent, &files, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                  "descent run %s ends with status %#x", spec, (unsigned)status);
}

/* ---- tables ---- */

static double bound_of(const char *column)
{
    if (strstr(column, "loss") || strstr(column, "norm"))
        return of_losses;
    return strcmp(column, "lr") == 0 || strcmp(column, "momentum") == 0 ? of_digits : 0;
}

static void read_text(const char *path, char **ret)
{
    struct error err;
    size_t n;
    ck_assert_msg(file_read(path, 1 << 20, ret, &n, &err), "%s", err.message);
}

/* Cuts the next cell or line off, as strsep does. */
static char *cut(char **rest, char at)
{
    char *begin = *rest, *end = begin ? strchr(begin, at) : NULL;
    *rest = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return begin;
}

static void compare_cell(const char *where, const char *column, const char *got, const char *wanted)
{
    if (*got == '\0' || *wanted == '\0') {
        ck_assert_msg(*got == *wanted, "%s: %s is '%s', not '%s'", where, column, got, wanted);
        return;
    }
    char *end;
    double a = strtod(got, &end), b = strtod(wanted, NULL), bound = bound_of(column),
           off = fabs(a - b);
    ck_assert_msg(*end == '\0' && off <= bound * fabs(b),
                  "%s: %s is %s, not %s (off by %.1e, %.0e is allowed)", where, column, got, wanted,
                  off / fabs(b), bound);
    if (bound == of_losses)
        farthest_loss = fmax(farthest_loss, off / fabs(b));
}

static void compare_tables(const char *name, const char *file, const char *ending)
{
    char path[256], where[128], head[512];
    char *got, *wanted;
    path_of(path, folder, name, "/");
    strcat(path, file);
    read_text(path, &got);
    read_text(path_of(path, "reference", name, ending), &wanted);
    char *a = got, *b = wanted, *columns = cut(&b, '\n');
    ck_assert_str_eq(cut(&a, '\n'), columns);
    int rows = 0;
    for (; a && b && *a && *b; rows++) {
        char *line = cut(&a, '\n'), *other = cut(&b, '\n'), *names = head;
        snprintf(head, sizeof head, "%s", columns);
        snprintf(where, sizeof where, "%s: %s, row %d", name, file, rows);
        while (names) {
            const char *x = cut(&line, ','), *y = cut(&other, ',');
            ck_assert_msg(x && y, "%s: too few cells", where);
            compare_cell(where, cut(&names, ','), x, y);
        }
        ck_assert_msg(!line && !other, "%s: too many cells", where);
    }
    ck_assert_msg(rows > 1 && a && b && *a == *b, "%s: %s: %d rows, and then not both end", name,
                  file, rows);
    mem_free(got);
    mem_free(wanted);
}

/* ---- tensors ---- */

static float element(const struct st_tensor *t, size_t i)
{
    float x;
    memcpy(&x, (const char *)t->data + i * sizeof x, sizeof x);
    return x;
}

static void compare_tensor(const char *name, const struct st_tensor *got,
                           const struct st_tensor *wanted)
{
    ck_assert_msg(got && strcmp(got->dtype, "F32") == 0 && got->dims == wanted->dims &&
                      memcmp(got->dim, wanted->dim, wanted->dims * sizeof *wanted->dim) == 0,
                  "%s: '%s' is missing or of another shape", name, wanted->name);
    double largest = 0, off = 0;
    for (size_t i = 0; i < wanted->bytes / sizeof(float); i++) {
        double a = (double)element(got, i), b = (double)element(wanted, i);
        ck_assert_msg(isfinite(a), "%s: '%s' holds %g", name, wanted->name, a);
        largest = fmax(largest, fabs(b));
        off = fmax(off, fabs(a - b));
    }
    ck_assert_msg(off <= of_tensors * largest,
                  "%s: '%s' is off by %.1e of its largest element, %.0e is allowed", name,
                  wanted->name, off / largest, of_tensors);
    farthest_tensor = fmax(farthest_tensor, off / largest);
}

/* Every tensor that was recorded; the model's and the average's are all there. */
static void compare_tensors(const char *name)
{
    char path[256];
    struct st_file got, wanted;
    struct error err;
    path_of(path, folder, name, "/checkpoints/last.safetensors");
    ck_assert_msg(st_read(path, &got, &err), "%s", err.message);
    path_of(path, "reference", name, ".safetensors");
    ck_assert_msg(st_read(path, &wanted, &err), "%s", err.message);
    ck_assert_uint_gt(wanted.n, 0);
    for (size_t i = 0; i < wanted.n; i++)
        compare_tensor(name, st_find(&got, wanted.tensor[i].name), &wanted.tensor[i]);
    for (size_t i = 0; i < got.n; i++)
        ck_assert_msg(st_find(&wanted, got.tensor[i].name) ||
                          strncmp(got.tensor[i].name, "optimizer.", 10) == 0,
                      "%s: '%s' is not PyTorch's", name, got.tensor[i].name);
    st_fini(&got);
    st_fini(&wanted);
}

/* ---- the test ---- */

START_TEST(trains_as_pytorch)
{
    char path[256];
    const char *name = name_of(_i);
    farthest_loss = farthest_tensor = 0;
    train(name);
    compare_tables(name, "epochs.csv", ".csv");
    if (access(path_of(path, "reference", name, ".steps.csv"), R_OK) == 0)
        compare_tables(name, "steps.csv", ".steps.csv");
    compare_tensors(name);
    fprintf(stderr, "%-22s losses off by %.1e, tensors by %.1e\n", name, farthest_loss,
            farthest_tensor);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc != 3 || !realpath(argv[1], descent) || chdir(argv[2]) != 0 ||
        glob("reference/*.yaml", 0, NULL, &specs) != 0) {
        fprintf(stderr, "usage: test_train DESCENT FOLDER\n");
        return EXIT_FAILURE;
    }
    Suite *s = suite_create("train");
    TCase *c = tcase_create("reference");
    tcase_set_timeout(c, 60);
    tcase_add_unchecked_fixture(c, enter, leave);
    tcase_add_loop_test(c, trains_as_pytorch, 0, (int)specs.gl_pathc);
    suite_add_tcase(s, c);
    int code = check_main(s);
    globfree(&specs);
    return code;
}
