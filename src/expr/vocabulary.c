/* What a name means among the dotted keys of specs: one vocabulary for conditions and tables. */
#include "expr/vocabulary.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool vocabulary_is_end(const char *path, const char *name)
{
    size_t n = strlen(path), m = strlen(name);
    return n >= m && strcmp(path + n - m, name) == 0 && (n == m || path[n - m - 1] == '.');
}

/* Takes ".0" out of the middle: a lone entry of a list goes by the list's name. */
static bool without_index(char *path)
{
    char *at = strstr(path, ".0.");
    if (at)
        memmove(at, at + 2, strlen(at + 2) + 1);
    return at != NULL;
}

/* "optimizer.lr" ends with "lr"; "optimizer.name" and "scheduler.0.name" with "optimizer" and
 * "scheduler". */
static bool ends_with(const char *key, const char *name)
{
    char path[512];
    size_t n = strlen(key);
    if (n >= sizeof path)
        return false;
    memcpy(path, key, n + 1);
    if (vocabulary_is_end(path, name))
        return true;
    if (without_index(path) && vocabulary_is_end(path, name))
        return true;
    char *dot = strrchr(path, '.');
    if (!dot || strcmp(dot, ".name") != 0)
        return false;
    memcpy(path, key, n + 1);
    path[n - 5] = '\0';
    if (vocabulary_is_end(path, name))
        return true;
    dot = strrchr(path, '.');
    if (!dot || !isdigit((unsigned char)dot[1]))
        return false;
    *dot = '\0';
    return vocabulary_is_end(path, name);
}

/* Whether it stands for a list's keys: behind the keys, or one of them. */
static bool names_list(const struct vocabulary *v, size_t key)
{
    return key >= v->n - v->lists || (v->names_list && v->names_list(v->context, key));
}

/* "model.init" and "scheduler", where there is a "model.init.name" or "scheduler.0.name" too, which
 * says all that they do: where there is none, it is null. */
static bool is_told_by_name(const struct vocabulary *v, size_t key)
{
    size_t n = strlen(v->key[key]);
    for (size_t i = 0; !names_list(v, key) && i < v->n; i++)
        if (strncmp(v->key[i], v->key[key], n) == 0 &&
            (strcmp(v->key[i] + n, ".name") == 0 || strcmp(v->key[i] + n, ".0.name") == 0))
            return true;
    return false;
}

/* "scheduler.0.name", and "scheduler" that is null in some, where one name stands for the list. */
static bool is_told_by_list(const struct vocabulary *v, const char *name, size_t key)
{
    for (size_t i = 0; key < v->n - v->lists && i < v->n; i++) {
        size_t n = strlen(v->key[i]);
        if (i == key || !names_list(v, i) || strncmp(v->key[key], v->key[i], n) != 0 ||
            !vocabulary_is_end(v->key[i], name))
            continue;
        const char *rest = v->key[key] + n;
        if (!*rest || (*rest == '.' && strcmp(rest + strspn(rest, ".0123456789"), "name") == 0))
            return true;
    }
    return false;
}

/* Most keys end with another letter. */
static bool may_end_with(const char *key, const char *name)
{
    size_t n = strlen(key), m = strlen(name);
    return n > 0 && m > 0 && (key[n - 1] == name[m - 1] || strcmp(key + n - 1, "e") == 0);
}

static bool may_mean(const struct vocabulary *v, const char *name, size_t key)
{
    return may_end_with(v->key[key], name) && ends_with(v->key[key], name) &&
           !is_told_by_name(v, key) && !is_told_by_list(v, name, key);
}

/* "optimizer.lr" of "optimizer.groups.0.lr": the key of a section around that of the other. */
static bool is_around(const char *own, const char *key)
{
    const char *dot = strrchr(own, '.'), *last = strrchr(key, '.');
    return dot && last && last - key > dot - own && strncmp(own, key, (size_t)(dot - own) + 1) == 0;
}

bool vocabulary_is_overruled(const struct vocabulary *v, const char *name, size_t key)
{
    for (size_t i = 0; i < v->n; i++)
        if (is_around(v->key[i], v->key[key]) && may_mean(v, name, i))
            return true;
    return false;
}

static bool is_meant(const struct vocabulary *v, const char *name, size_t key)
{
    return may_mean(v, name, key) && !vocabulary_is_overruled(v, name, key);
}

enum vocabulary_answer vocabulary_find(const struct vocabulary *v, const char *name, size_t *ret)
{
    size_t found = 0, differing = 0, at = 0, other = 0;
    for (size_t i = v->n; i-- > 0;)
        if (strcmp(v->key[i], name) == 0 && !is_told_by_name(v, i)) {
            *ret = i;
            return VOCABULARY_ONE;
        }
    for (size_t i = 0; i < v->n; i++) {
        if (!is_meant(v, name, i))
            continue;
        found++;
        at = i;
        if (!v->differs(v->context, i))
            continue;
        differing++;
        other = i;
    }
    if (found == 0)
        return VOCABULARY_NONE;
    if (found > 1 && differing != 1)
        return VOCABULARY_MANY;
    *ret = differing == 1 ? other : at;
    return VOCABULARY_ONE;
}

void vocabulary_list(const struct vocabulary *v, const char *name, char *ret, size_t size)
{
    size_t left = 0, at = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < v->n; i++)
        left += is_meant(v, name, i);
    for (size_t i = 0; i < v->n && at < size; i++)
        if (is_meant(v, name, i)) {
            left--;
            int n = snprintf(ret + at, size - at, "%s%s", v->key[i],
                             left > 1    ? ", "
                             : left == 1 ? " or "
                                         : "");
            at += n > 0 ? (size_t)n : 0;
        }
}
