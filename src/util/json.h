/* JSON, strict: duplicate keys, NaN, trailing junk, bad UTF-8 are errors. The one user of jansson. */
#ifndef DESCENT_UTIL_JSON_H
#define DESCENT_UTIL_JSON_H

#include "util/error.h"
#include "util/strbuf.h"
#include <stddef.h>
#include <stdint.h>

struct json; /* opaque; a value and all it contains */

/* Parses n bytes; ERR_DATA with line and column. The result is owned by the caller: json_free. */
struct json *json_parse(const char *text, size_t n, struct error *err);
void json_free(struct json *j);

/* Reading. Borrowed results; NULL / false where absent or of another type. */
const struct json *json_get(const struct json *object, const char *key);
const char *json_string(const struct json *j); /* NULL unless a string */
bool json_integer(const struct json *j, int64_t *ret);
bool json_real(const struct json *j, double *ret); /* an integer is a real too */
bool json_is_null(const struct json *j);
bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
size_t json_size(const struct json *j); /* of an array or object, else 0 */
const struct json *json_at(const struct json *array, size_t i);
/* Calls f for each member in order of appearance; stops when f returns false and returns false. */
bool json_each(const struct json *object,
               bool (*f)(void *context, const char *key, const struct json *value), void *context);

/* Building. `set` and `append` take ownership of value. */
struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_string(const char *s); /* invalid UTF-8 becomes U+FFFD */
struct json *json_new_integer(int64_t v);
struct json *json_new_real(double v); /* null where not finite */
struct json *json_new_bool(bool v);
struct json *json_new_null(void);
void json_set(struct json *object, const char *key, struct json *value);
void json_append(struct json *array, struct json *value);
/* Appends the text; members in order of insertion. indent 0 = compact. */
void json_write(const struct json *j, struct strbuf *out, unsigned indent);

#endif
