#include "suites.h"
#include "util/file.h"
#include "util/mem.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], path[96];

static void enter(void)
{
    snprintf(folder, sizeof folder, "/tmp/descent-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/f", folder);
}

/* Fails where a test left more than its file, such as a temporary one. */
static void leave(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void holds(const char *expected, size_t n)
{
    struct error err;
    char *text;
    size_t length;
    ck_assert(file_read(path, 1 << 20, &text, &length, &err));
    ck_assert_uint_eq(length, n);
    ck_assert_mem_eq(text, expected, n);
    ck_assert_int_eq(text[n], '\0');
    mem_free(text);
}

static void put(const char *text)
{
    struct error err;
    ck_assert(file_write(path, text, strlen(text), &err));
}

START_TEST(write_then_read)
{
    struct error err;
    ck_assert(file_write(path, "a\0b\n", 4, &err));
    holds("a\0b\n", 4);
}
END_TEST

START_TEST(write_replaces)
{
    put("a longer text");
    put("new");
    holds("new", 3);
}
END_TEST

START_TEST(empty_file)
{
    struct error err;
    char *text;
    size_t n = 9;
    put("");
    ck_assert(file_read(path, 0, &text, &n, &err)); /* not larger than 0 bytes */
    ck_assert_uint_eq(n, 0);
    ck_assert_str_eq(text, "");
    mem_free(text);
}
END_TEST

START_TEST(read_of_exactly_the_limit)
{
    struct error err = {0};
    char *text = NULL;
    size_t n = 9;
    put("12345");
    ck_assert(file_read(path, 5, &text, &n, &err));
    ck_assert_uint_eq(n, 5);
    mem_free(text);
    text = NULL;
    n = 9;
    ck_assert(!file_read(path, 4, &text, &n, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    ck_assert_ptr_nonnull(strstr(err.message, "larger than 4 bytes"));
    ck_assert_ptr_null(text); /* outputs only on success */
    ck_assert_uint_eq(n, 9);
}
END_TEST

/* Refused at once: neither read without end nor waited for. */
START_TEST(read_what_is_no_plain_file)
{
    struct error err = {0};
    char *text = NULL;
    size_t n;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert(!file_read("/dev/zero", 100000, &text, &n, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "it is a device, not a plain file"));
    ck_assert_int_eq(mkfifo(path, 0666), 0);
    alarm(10);
    ck_assert(!file_read(path, 100000, &text, &n, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "it is a named pipe, not a plain file"));
    ck_assert(!file_read_given(path, 100000, &text, &n, &err)); /* by its descriptor alone */
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    alarm(0);
    unlink(path);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    ck_assert_int_eq(bind(s, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert(!file_read(path, 100000, &text, &n, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "it is a socket, not a plain file"));
    ck_assert_ptr_null(text);
    close(s);
}
END_TEST

/* What a device gives, beyond the first buffer, where it was given open. */
START_TEST(read_without_a_size)
{
    struct error err = {0};
    char name[32], *text;
    size_t n;
    int fd = open("/dev/zero", O_RDONLY);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    if (fd < 0 || !file_exists(name))
        return;
    ck_assert(!file_read_given(name, 100000, &text, &n, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "larger than 100000 bytes"));
    ck_assert(!file_read(name, 100000, &text, &n, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "not a plain file"));
    close(fd);
}
END_TEST

START_TEST(read_a_pipe)
{
    struct error err;
    char name[32], part[20000], *text;
    size_t n;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    if (!file_exists(name))
        return;
    memset(part, 'p', sizeof part);
    ck_assert_int_eq(write(ends[1], part, sizeof part), (ssize_t)sizeof part);
    close(ends[1]);
    ck_assert(file_read_given(name, 1 << 20, &text, &n, &err));
    ck_assert_uint_eq(n, sizeof part);
    ck_assert_mem_eq(text, part, n);
    ck_assert_int_eq(text[n], '\0');
    mem_free(text);
    close(ends[0]);
}
END_TEST

START_TEST(read_what_is_missing)
{
    struct error err = {0};
    char *text;
    size_t n;
    ck_assert(!file_read(path, 100, &text, &n, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    ck_assert_ptr_nonnull(strstr(err.message, "No such file"));
}
END_TEST

START_TEST(read_a_folder)
{
    struct error err = {0};
    char *text;
    size_t n;
    ck_assert(!file_read(folder, 1 << 20, &text, &n, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "it is a folder"));
}
END_TEST

START_TEST(write_in_a_folder_that_is_missing)
{
    struct error err = {0};
    char deep[128];
    snprintf(deep, sizeof deep, "%s/none/f", folder);
    ck_assert(!file_write(deep, "x", 1, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, deep));
}
END_TEST

START_TEST(write_a_path_that_is_too_long)
{
    struct error err = {0};
    char text[6000]; /* more than the system takes */
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    ck_assert(!file_write(text, "x", 1, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "xxx..."));
    ck_assert(!file_make_folder(text, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
}
END_TEST

/* A name of 255 bytes, the most there are, has a temporary one too. */
START_TEST(write_a_long_name)
{
    struct error err;
    char name[300], *text;
    size_t n;
    int folder_length = snprintf(name, sizeof name, "%s/", folder);
    memset(name + folder_length, 'n', 255);
    name[folder_length + 255] = '\0';
    ck_assert(file_write(name, "x", 1, &err));
    ck_assert(file_read(name, 1, &text, &n, &err));
    mem_free(text);
    ck_assert_int_eq(unlink(name), 0);
}
END_TEST

START_TEST(write_over_a_folder)
{
    struct error err = {0};
    ck_assert_int_eq(mkdir(path, 0777), 0);
    ck_assert(!file_write(path, "x", 1, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert(file_is_folder(path));
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

/* No file may grow, as on a full disk. */
START_TEST(full_disk_keeps_the_old_file)
{
    struct error err = {0};
    struct rlimit old, none;
    put("old");
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    bool ok = file_write(path, "new", 3, &err);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    ck_assert(!ok);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "File too large"));
    holds("old", 3);
}
END_TEST

/* The link stays, and what it names is replaced. */
START_TEST(write_through_a_link)
{
    char target[128];
    struct stat st;
    snprintf(target, sizeof target, "%s/target", folder);
    ck_assert_int_eq(symlink("target", path), 0);
    put("new"); /* it names nothing yet */
    ck_assert(file_exists(target));
    put("newer");
    holds("newer", 5);
    ck_assert_int_eq(lstat(path, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_int_eq(lstat(target, &st), 0);
    ck_assert(S_ISREG(st.st_mode));
    ck_assert_int_eq(unlink(target), 0);
}
END_TEST

/* Neither a device nor a pipe is replaced by a file. */
START_TEST(write_into_what_is_no_file)
{
    struct stat st;
    char got[4] = "";
    ck_assert_int_eq(symlink("/dev/null", path), 0);
    put("lost");
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert(S_ISCHR(st.st_mode));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0666), 0);
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(fd, 0);
    put("new");
    ck_assert_int_eq(read(fd, got, 3), 3);
    ck_assert_str_eq(got, "new");
    close(fd);
    ck_assert_int_eq(lstat(path, &st), 0);
    ck_assert(S_ISFIFO(st.st_mode));
}
END_TEST

START_TEST(write_without_a_name)
{
    struct error err = {0};
    ck_assert(!file_write("", "x", 1, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "without a name"));
    ck_assert(!file_make_folder("", &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
}
END_TEST

static void make(char *ret, size_t size, const char *name, const char *text)
{
    ck_assert_int_lt(snprintf(ret, size, "%s/%s", folder, name), (int)size);
    FILE *f = fopen(ret, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

/* What somebody put where a temporary name might be is neither written through nor removed. */
START_TEST(temporary_names_are_new)
{
    char target[128], name[128];
    struct stat st;
    make(target, sizeof target, "target", "precious");
    snprintf(name, sizeof name, "%s.tmp", path);
    ck_assert_int_eq(symlink(target, name), 0);
    put("new");
    holds("new", 3);
    ck_assert_int_eq(lstat(name, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_int_eq(stat(target, &st), 0);
    ck_assert_int_eq(st.st_size, 8);
    unlink(name);
    unlink(target);
}
END_TEST

/* What a killed process left goes; what another one is writing stays, and all other names. */
START_TEST(drops_what_was_left_over)
{
    struct error err;
    struct file_writer w;
    char left[128], old[128], other[128], target[128], linked[128], byte = 0;
    int ready[2], done[2];
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(done), 0);
    make(left, sizeof left, "f.0123456789ab.tmp", "half");
    make(old, sizeof old, "last.safetensors.tmp", "half");
    make(other, sizeof other, "notes.tmp", "mine");
    make(target, sizeof target, "target", "precious");
    snprintf(linked, sizeof linked, "%s/g.0123456789ab.tmp", folder);
    ck_assert_int_eq(symlink(target, linked), 0);
    pid_t child = fork();
    if (child == 0) { /* the other process writes, and waits in the middle */
        bool ok = file_begin(&w, path, &err) && file_add(&w, "ne", 2, &err);
        ok = ok && write(ready[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1;
        _exit(ok && file_add(&w, "w", 1, &err) && file_commit(&w, &err) ? 0 : 1);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    file_drop_temporaries(folder);
    ck_assert(!file_exists(left));
    ck_assert(!file_exists(old));
    ck_assert(file_exists(other));
    ck_assert(file_exists(target));
    ck_assert(file_exists(linked));
    ck_assert_int_eq(write(done[1], &byte, 1), 1);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    holds("new", 3);
    unlink(other);
    unlink(linked);
    unlink(target);
}
END_TEST

/* Below the folder of a run nothing is written through a link, and no folder made. */
START_TEST(no_links_below_a_run)
{
    struct error err = {0};
    char manifest[128], target[128], inner[160], link[128];
    make(manifest, sizeof manifest, "run.json", "{}");
    make(target, sizeof target, "target", "precious");
    ck_assert_int_eq(symlink("target", path), 0);
    ck_assert(!file_write(path, "new", 3, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "is a link"));
    ck_assert(!file_give_name(target, path, &err));
    holds("precious", 8);
    snprintf(link, sizeof link, "%s/checkpoints", folder);
    ck_assert_int_eq(symlink("/tmp", link), 0);
    snprintf(inner, sizeof inner, "%s/descent-none.safetensors", link);
    ck_assert(!file_write(inner, "new", 3, &err));
    ck_assert_ptr_nonnull(strstr(err.message, link));
    ck_assert(!file_exists(inner));
    ck_assert(!file_check_links(link, &err));
    ck_assert(!file_make_folder(link, &err));
    unlink(path);
    unlink(link);
    ck_assert_int_eq(mkfifo(path, 0666), 0);
    ck_assert(!file_write(path, "new", 3, &err)); /* without waiting for a reader */
    ck_assert_ptr_nonnull(strstr(err.message, "it is a named pipe"));
    unlink(target);
    unlink(manifest);
}
END_TEST

/* The folder itself may be reached through a link: that is how its user names it. */
START_TEST(a_run_behind_a_link)
{
    char manifest[160], inner[160];
    struct error err;
    ck_assert_int_eq(mkdir(path, 0777), 0);
    snprintf(inner, sizeof inner, "%s/inner", folder);
    ck_assert_int_eq(symlink("f", inner), 0);
    make(manifest, sizeof manifest, "inner/run.json", "{}");
    ck_assert(file_write(manifest, "{ }", 3, &err));
    unlink(manifest);
    unlink(inner);
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(digest_of_a_file)
{
    struct error err;
    char hex[65];
    put("abc");
    ck_assert(file_digest(path, hex, &err));
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert(!file_digest(folder, hex, &err));
    ck_assert(!file_digest("/dev/zero", hex, &err));
}
END_TEST

START_TEST(pieces_show_only_after_commit)
{
    struct file_writer w;
    struct error err;
    put("old");
    ck_assert(file_begin(&w, path, &err));
    ck_assert(file_add(&w, "ne", 2, &err));
    ck_assert(file_add(&w, "", 0, &err));
    ck_assert(file_add(&w, "w", 1, &err));
    holds("old", 3);
    ck_assert(file_commit(&w, &err));
    holds("new", 3);
}
END_TEST

START_TEST(abort_keeps_the_old_file)
{
    struct file_writer w;
    struct error err;
    put("old");
    ck_assert(file_begin(&w, path, &err));
    ck_assert(file_add(&w, "new", 3, &err));
    file_abort(&w);
    holds("old", 3);
}
END_TEST

START_TEST(makes_folders)
{
    struct error err;
    char deep[128];
    snprintf(deep, sizeof deep, "%s/a/b", folder);
    ck_assert(file_make_folder(deep, &err));
    ck_assert(file_is_folder(deep));
    ck_assert(file_make_folder(deep, &err)); /* again */
    ck_assert_int_eq(rmdir(deep), 0);
    snprintf(deep, sizeof deep, "%s/a", folder);
    ck_assert_int_eq(rmdir(deep), 0);
}
END_TEST

START_TEST(makes_no_folder_where_a_file_is)
{
    struct error err = {0};
    char deep[128];
    put("x");
    ck_assert(!file_make_folder(path, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "is not a folder"));
    snprintf(deep, sizeof deep, "%s/b", path);
    ck_assert(!file_make_folder(deep, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
}
END_TEST

START_TEST(exists_and_is_folder)
{
    ck_assert(!file_exists(path));
    ck_assert(file_is_folder(folder));
    put("x");
    ck_assert(file_exists(path));
    ck_assert(!file_is_folder(path));
}
END_TEST

TCase *file_cases(void)
{
    TCase *t = tcase_create("file");
    tcase_add_checked_fixture(t, enter, leave);
    tcase_add_test(t, write_then_read);
    tcase_add_test(t, write_replaces);
    tcase_add_test(t, empty_file);
    tcase_add_test(t, read_of_exactly_the_limit);
    tcase_add_test(t, read_without_a_size);
    tcase_add_test(t, read_a_pipe);
    tcase_add_test(t, read_what_is_missing);
    tcase_add_test(t, read_a_folder);
    tcase_add_test(t, write_in_a_folder_that_is_missing);
    tcase_add_test(t, write_a_path_that_is_too_long);
    tcase_add_test(t, write_over_a_folder);
    tcase_add_test(t, full_disk_keeps_the_old_file);
    tcase_add_test(t, write_through_a_link);
    tcase_add_test(t, write_into_what_is_no_file);
    tcase_add_test(t, write_without_a_name);
    tcase_add_test(t, temporary_names_are_new);
    tcase_add_test(t, drops_what_was_left_over);
    tcase_add_test(t, no_links_below_a_run);
    tcase_add_test(t, a_run_behind_a_link);
    tcase_add_test(t, digest_of_a_file);
    tcase_add_test(t, read_what_is_no_plain_file);
    tcase_add_test(t, write_a_long_name);
    tcase_add_test(t, pieces_show_only_after_commit);
    tcase_add_test(t, abort_keeps_the_old_file);
    tcase_add_test(t, makes_folders);
    tcase_add_test(t, makes_no_folder_where_a_file_is);
    tcase_add_test(t, exists_and_is_folder);
    return t;
}
