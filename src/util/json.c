/* JSON by jansson, behind an opaque type: a `struct json` is a `json_t`. */
#include "util/json.h"
#include "util/mem.h"
#include <jansson.h>
#include <math.h>
#include <string.h>

static json_t *raw(struct json *j)
{
    return (json_t *)(void *)j;
}

static const json_t *raw_const(const struct json *j)
{
    return (const json_t *)(const void *)j;
}

static struct json *wrap(json_t *j)
{
    return (struct json *)(void *)j;
}

static const struct json *wrap_const(const json_t *j)
{
    return (const struct json *)(const void *)j;
}

/* jansson passes over a NUL that follows a number; JSON does not. */
static bool refuse_nul(const char *text, size_t n, struct error *err)
{
    const char *nul = n > 0 ? memchr(text, '\0', n) : NULL;
    if (!nul)
        return true;
    int line = 1, column = 1;
    for (const char *p = text; p < nul; p++) {
        column = *p == '\n' ? 1 : column + ((*p & 0xc0) != 0x80); /* characters, not bytes */
        line += *p == '\n';
    }
    return error_set(err, ERR_DATA, "not valid JSON at line %d, column %d: a NUL byte", line,
                     column);
}

/* So that no member is missing for want of memory. */
static void take_our_memory(void)
{
    json_set_alloc_funcs(mem_new, mem_free);
}

struct json *js_parse(const char *text, size_t n, struct error *err)
{
    take_our_memory();
    if (!refuse_nul(text, n, err))
        return NULL;
    json_error_t e;
    json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (!j)
        error_set(err, ERR_DATA, "not valid JSON at line %d, column %d: %s", e.line, e.column,
                  e.text);
    return wrap(j);
}

void js_free(struct json *j)
{
    if (j)
        json_decref(raw(j));
}

const struct json *js_get(const struct json *object, const char *key)
{
    return wrap_const(json_object_get(raw_const(object), key));
}

const char *js_string(const struct json *j)
{
    return json_string_value(raw_const(j));
}

bool js_integer(const struct json *j, int64_t *ret)
{
    if (!json_is_integer(raw_const(j)))
        return false;
    *ret = json_integer_value(raw_const(j));
    return true;
}

bool js_real(const struct json *j, double *ret)
{
    if (!json_is_number(raw_const(j)))
        return false;
    *ret = json_number_value(raw_const(j));
    return true;
}

bool js_is_null(const struct json *j)
{
    return json_is_null(raw_const(j));
}

bool js_is_bool(const struct json *j)
{
    return json_is_boolean(raw_const(j));
}

bool js_is_true(const struct json *j)
{
    return json_is_true(raw_const(j));
}

bool js_is_object(const struct json *j)
{
    return json_is_object(raw_const(j));
}

bool js_is_array(const struct json *j)
{
    return json_is_array(raw_const(j));
}

size_t js_size(const struct json *j)
{
    return js_is_array(j) ? json_array_size(raw_const(j)) : json_object_size(raw_const(j));
}

const struct json *js_element(const struct json *array, size_t i)
{
    return wrap_const(json_array_get(raw_const(array), i));
}

bool js_each(const struct json *object,
             bool (*f)(void *context, const char *key, const struct json *value), void *context)
{
    json_t *o = json_incref((json_t *)(uintptr_t)object); /* jansson's iterators are not const */
    bool ok = true;
    for (void *i = json_object_iter(o); ok && i; i = json_object_iter_next(o, i))
        ok = f(context, json_object_iter_key(i), wrap_const(json_object_iter_value(i)));
    json_decref(o);
    return ok;
}

/* ---- building ---- */

struct json *js_new_object(void)
{
    take_our_memory();
    return wrap(json_object());
}

struct json *js_new_array(void)
{
    take_our_memory();
    return wrap(json_array());
}

struct json *js_new_string(const char *s)
{
    take_our_memory();
    json_t *j = json_string(s);
    if (j)
        return wrap(j);
    size_t length = strlen(s); /* not UTF-8: what is not ASCII becomes '?' */
    char *clean = mem_new(length + 1);
    for (size_t i = 0; i < length; i++)
        clean[i] = (unsigned char)s[i] < 128 ? s[i] : '?';
    j = json_stringn(clean, length);
    mem_free(clean);
    return wrap(j);
}

struct json *js_new_integer(int64_t v)
{
    take_our_memory();
    return wrap(json_integer(v));
}

struct json *js_new_real(double v)
{
    take_our_memory();
    return wrap(isfinite(v) ? json_real(v) : json_null());
}

struct json *js_new_bool(bool v)
{
    return wrap(json_boolean(v));
}

struct json *js_new_null(void)
{
    return wrap(json_null());
}

void js_set(struct json *object, const char *key, struct json *value)
{
    json_object_set_new(raw(object), key, raw(value));
}

void js_append(struct json *array, struct json *value)
{
    json_array_append_new(raw(array), raw(value));
}

static int collect(const char *text, size_t n, void *out)
{
    strbuf_add_bytes(out, text, n);
    return 0;
}

void js_write(const struct json *j, struct strbuf *out, unsigned indent)
{
    size_t flags = JSON_ENCODE_ANY | (indent ? JSON_INDENT(indent) : JSON_COMPACT);
    json_dump_callback(raw_const(j), collect, out, flags);
}
