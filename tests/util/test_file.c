#include "suites.h"
#include "util/file.h"
#include "util/mem.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path[96], temporary[112];

static void enter(void)
{
    snprintf(folder, sizeof folder, "/tmp/descent-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/f", folder);
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
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
    ck_assert(!file_exists(temporary));
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

/* A file without a size ahead: what a pipe or a device gives, beyond the first buffer. */
START_TEST(read_without_a_size)
{
    struct error err = {0};
    char *text;
    size_t n;
    if (!file_exists("/dev/zero"))
        return;
    ck_assert(!file_read("/dev/zero", 100000, &text, &n, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "larger than 100000 bytes"));
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
    ck_assert(file_read(name, 1 << 20, &text, &n, &err));
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
    char text[4100];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    ck_assert(!file_write(text, "x", 1, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "too long"));
    text[4093] = '\0'; /* has room itself, with .tmp not */
    ck_assert(!file_write(text, "x", 1, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "too long"));
    text[4093] = 'x'; /* all of it */
    ck_assert(!file_make_folder(text, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "too long"));
}
END_TEST

START_TEST(write_over_a_folder)
{
    struct error err = {0};
    ck_assert_int_eq(mkdir(path, 0777), 0);
    ck_assert(!file_write(path, "x", 1, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert(file_is_folder(path));
    ck_assert(!file_exists(temporary));
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

/* Every write to this device fails as on a full disk; the temporary file is a link to it. */
START_TEST(full_disk_keeps_the_old_file)
{
    struct error err = {0};
    if (access("/dev/full", W_OK) != 0)
        return;
    put("old");
    ck_assert_int_eq(symlink("/dev/full", temporary), 0);
    ck_assert(!file_write(path, "new", 3, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "No space left"));
    holds("old", 3);
    ck_assert(!file_exists(temporary));
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
    ck_assert(!file_exists(temporary));
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
    ck_assert(!file_exists(temporary));
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

START_TEST(a_left_over_temporary_is_overwritten)
{
    FILE *f = fopen(temporary, "w");
    ck_assert_ptr_nonnull(f);
    fputs("half of a file that is longer", f);
    fclose(f);
    put("new");
    holds("new", 3);
    ck_assert(!file_exists(temporary));
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
    ck_assert(!file_exists(temporary));
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
    tcase_add_test(t, a_left_over_temporary_is_overwritten);
    tcase_add_test(t, pieces_show_only_after_commit);
    tcase_add_test(t, abort_keeps_the_old_file);
    tcase_add_test(t, makes_folders);
    tcase_add_test(t, makes_no_folder_where_a_file_is);
    tcase_add_test(t, exists_and_is_folder);
    return t;
}
