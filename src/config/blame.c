/* Errors that name a key, as diagnostics. */
#include "config/diag.h"

bool diags_add_error(struct diags *d, const struct node *root, const struct error *err)
{
    const struct node *value = err->key[0] ? node_find(root, err->key) : NULL;
    return diags_add(d, value ? value->place : (struct place){0}, NULL, "%s", err->message);
}
