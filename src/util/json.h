/* JSON, strict: duplicate keys, NaN, trailing junk, bad UTF-8 are errors. The one user of
 * jansson. */
#ifndef DESCENT_UTIL_JSON_H
#define DESCENT_UTIL_JSON_H

#include "util/error.h"
#include "util/strbuf.h"
#include <stddef.h>
#include <stdint.h>

struct json; /* opaque; a value and all it contains */

/* Parses n bytes; ERR_DATA with line and column. The result is owned by the caller: js_free. */
struct json *js_parse(const char *text, size_t n, struct error *err);
/* Frees the value with all it contains. Takes NULL. */
void js_free(struct json *j);

/* Reading. Borrowed results; NULL / false where absent or of another type. */
const struct json *js_get(const struct json *object, const char *key);
const char *js_string(const struct json *j); /* NULL unless a string */
bool js_integer(const struct json *j, int64_t *ret);
bool js_real(const struct json *j, double *ret); /* an integer is a real too */
bool js_is_null(const struct json *j);
/* Whether it is true or false. */
bool js_is_bool(const struct json *j);
/* Whether it is the value true. */
bool js_is_true(const struct json *j);
/* Whether it has members. */
bool js_is_object(const struct json *j);
/* Whether it has items. */
bool js_is_array(const struct json *j);
size_t js_size(const struct json *j); /* of an array or object, else 0 */
const struct json *js_element(const struct json *array, size_t i);
/* Calls f for each member in order of appearance; stops when f returns false and returns false. */
bool js_each(const struct json *object,
             bool (*f)(void *context, const char *key, const struct json *value), void *context);

/* Building. `set` and `append` take ownership of value. */
struct json *js_new_object(void);
/* Without items. */
struct json *js_new_array(void);
struct json *js_new_string(const char *s); /* in invalid UTF-8 what is not ASCII becomes '?' */
struct json *js_new_integer(int64_t v);
struct json *js_new_real(double v); /* null where not finite */
struct json *js_new_bool(bool v);
/* null. */
struct json *js_new_null(void);
/* Adds or replaces a member. */
void js_set(struct json *object, const char *key, struct json *value);
/* Adds an item at the end. */
void js_append(struct json *array, struct json *value);
/* Appends the text; members in order of insertion. indent 0 = compact. */
void js_write(const struct json *j, struct strbuf *out, unsigned indent);

#endif
