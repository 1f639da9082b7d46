/* Every file of the folders given through the target, in the order of their names: a case each, in
 * TAP. */
#include "fuzz.h"
#include "util/file.h"
#include "util/mem.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned cases;

static void replay(const char *path)
{
    char *text;
    size_t n;
    struct error err;
    if (!file_read(path, 1 << 24, &text, &n, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(EXIT_FAILURE);
    }
    const char *slash = strrchr(path, '/');
    uint8_t *exact = malloc(n > 0 ? n : 1); /* no byte to spare: the sanitizer sees a read beyond */
    if (!exact)
        abort();
    memcpy(exact, text, n);
    mem_free(text);
    bool ok = LLVMFuzzerTestOneInput(exact, n) == 0;
    free(exact);
    printf("%s %u - %s\n", ok ? "ok" : "not ok", ++cases, slash ? slash + 1 : path);
    fflush(stdout);
}

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct dirent **entry;
        int n = scandir(argv[i], &entry, visible, alphasort);
        if (n < 0) {
            printf("Bail out! cannot read %s\n", argv[i]);
            return EXIT_FAILURE;
        }
        for (int k = 0; k < n; k++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], entry[k]->d_name);
            if (!file_is_folder(path))
                replay(path);
            free(entry[k]);
        }
        free(entry);
    }
    printf("1..%u\n", cases);
    return EXIT_SUCCESS;
}
