/* Which kind of thing a path is. */
#include "inspect/internal.h"
#include "util/file.h"
#include "util/path.h"
#include "util/text.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

void inspection_init(struct inspection *x, bool verbose)
{
    *x = (struct inspection){.verbose = verbose, .page = 80};
    strbuf_init(&x->text);
    strbuf_init(&x->problems);
}

void inspection_fini(struct inspection *x)
{
    strbuf_fini(&x->text);
    strbuf_fini(&x->problems);
}

/* ---- which kind ---- */

typedef bool inspector(const char *path, struct inspection *x, struct error *err);

/* A damaged file keeps its name, so that goes first. */
static inspector *by_name(const char *path)
{
    if (text_ends(path, ".safetensors"))
        return inspect_tensors;
    if (text_ends(path, ".png") || text_ends(path, ".svg"))
        return inspect_figure;
    if (text_ends(path, ".bin") || text_ends(path, ".bin.gz"))
        return inspect_cifar10;
    if (text_ends(path, "-ubyte") || text_ends(path, ".idx") || text_ends(path, ".gz"))
        return inspect_idx;
    return NULL;
}

static inspector *by_content(const char *path, struct error *err)
{
    unsigned char b[9] = {0};
    int fd;
    size_t size;
    if (!file_open(path, FILE_PLAIN, &fd, &size, err)) {
        err->code = ERR_DATA;
        return NULL;
    }
    ssize_t n = read(fd, b, sizeof b);
    if (n < 0)
        error_set(err, ERR_DATA, "cannot read %s: %s", path, strerror(errno));
    close(fd);
    if (n < 0)
        return NULL;
    if (n == 9 && b[8] == '{')
        return inspect_tensors;
    if (n >= 4 && memcmp(b, "\211PNG", 4) == 0)
        return inspect_figure;
    if ((n >= 2 && memcmp(b, "\037\213", 2) == 0) ||
        (n >= 3 && b[0] == 0 && b[1] == 0 && b[2] >= 8 && b[2] <= 14))
        return inspect_idx;
    if (path_is_table(path))
        error_set(err, ERR_DATA, "%s is read once it is IDX: 'descent data import %s -o FOLDER'",
                  path, text_word(path));
    else
        error_set(err, ERR_DATA,
                  "%s is neither an IDX file, one of CIFAR-10 (.bin), a safetensors file nor a PNG",
                  path);
    return NULL;
}

bool inspect_path(const char *path, struct inspection *x, struct error *err)
{
    if (file_is_denied(path))
        return file_check_folder(path, err);
    if (!file_exists(path))
        return error_set(err, ERR_DATA, "%s: no such file or folder", path);
    if (file_is_folder(path))
        return inspect_run(path, x, err);
    inspector *f = by_name(path);
    if (!f)
        f = by_content(path, err);
    return f && f(path, x, err);
}
