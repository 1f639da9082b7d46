/* Any texts as overrides, a NUL behind each, of a spec that is well: what fuzz_spec.c promises of
 * both. */
#define LLVMFuzzerTestOneInput spec_and_overrides
#include "fuzz_spec.c"
#undef LLVMFuzzerTestOneInput

static const char base[] = "model: {name: mlp, hidden: [8, 8]}\n"
                           "train: {epochs: 3, batch_size: 20}\n"
                           "optimizer: {name: adam, lr: 0.01}\n"
                           "scheduler: [{name: warmup, over: 2}, {name: cosine}]\n"
                           "expect: {test_accuracy: '>= 0.1'}\n";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    uint8_t *all = malloc(sizeof base + n);
    if (!all)
        abort();
    memcpy(all, base, sizeof base);
    if (n > 0)
        memcpy(all + sizeof base, bytes, n);
    int ret = spec_and_overrides(all, sizeof base + n);
    free(all);
    return ret;
}
