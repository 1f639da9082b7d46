#include "config/hints.h"
#include <string.h>

static const char digits[] = "0123456789";

/* What other programs call it, and its name here. */
static const char *const other_names[][2] = {{"learning_rate", "lr"},
                                             {"learningrate", "lr"},
                                             {"step_size", "lr"},
                                             {"step_size", "every"},
                                             {"alpha", "lr"},
                                             {"alpha", "decay"},
                                             {"epsilon", "eps"},
                                             {"T_max", "over"},
                                             {"T_0", "first"},
                                             {"T_mult", "multiply"},
                                             {"total_iters", "over"},
                                             {"total_steps", "over"},
                                             {"epochs", "over"},
                                             {"steps", "over"},
                                             {"eta_min", "min"},
                                             {"start_factor", "start"},
                                             {"end_factor", "end"},
                                             {"every", "steps"},
                                             {"batch", "batch_size"},
                                             {"eta", "lr"},
                                             {"mu", "momentum"},
                                             {"rho", "alpha"},
                                             {"patience", "early_stopping"},
                                             {"wd", "weight_decay"},
                                             {"l2", "weight_decay"},
                                             {"beta1", "betas"},
                                             {"beta2", "betas"},
                                             {"b1", "betas"},
                                             {"b2", "betas"},
                                             {"std", "deviation"},
                                             {"n_epochs", "epochs"},
                                             {"num_epochs", "epochs"},
                                             {"max_epochs", "epochs"},
                                             {"bs", "batch_size"},
                                             {"minibatch_size", "batch_size"},
                                             {"iterations", "steps"},
                                             {"max_iter", "steps"},
                                             {"grad_clip", "clip_norm"},
                                             {"gradient_clipping", "clip_norm"},
                                             {"gradient_clip_val", "clip_norm"},
                                             {"max_grad_norm", "clip_norm"},
                                             {"units", "hidden"},
                                             {"neurons", "hidden"},
                                             {"hidden_layers", "hidden"},
                                             {"nonlinearity", "activation"},
                                             {"random_seed", "seed"},
                                             {"random_state", "seed"},
                                             {"num_workers", "threads"},
                                             {"workers", "threads"},
                                             {"data", "dataset"},
                                             {"network", "model"},
                                             {"net", "model"},
                                             {"architecture", "model"},
                                             {"lr_scheduler", "scheduler"},
                                             {"schedule", "scheduler"},
                                             {"folder", "dir"},
                                             {"path", "dir"},
                                             {"root", "dir"},
                                             {"min_epochs", "first"},
                                             {"min_resource", "first"},
                                             {"min_t", "first"},
                                             {"grace_period", "first"},
                                             {"factor", "eta"},
                                             {"reduction_factor", "eta"}};

const char *hint_other_name(const char *key, size_t nth)
{
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++)
        if (strcmp(key, other_names[i][0]) == 0 && nth-- == 0)
            return other_names[i][1];
    return NULL;
}

bool hint_is_none(const char *name)
{
    static const char *const none[] = {"none", "None", "NONE", "no", "off", "false", "False"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (strcmp(name, none[i]) == 0)
            return true;
    return false;
}

const char *hint_on_key(struct arena *a, const char *key)
{
    static const char *const machine[] = {"device", "gpu",     "gpus",
                                          "cuda",   "use_gpu", "accelerator"};
    size_t n = strlen(key);
    for (size_t i = 0; i < sizeof machine / sizeof machine[0]; i++)
        if (strcmp(key, machine[i]) == 0)
            return "training is on the CPU; 'threads' says on how many cores";
    if (strcmp(key, "seeds") == 0)
        return "a sweep has them: sweep: {seeds: [...]}";
    if (strcmp(key, "grid") == 0)
        return "a sweep has one: sweep: {grid: {...}}";
    if (strncmp(key, "warmup", 6) == 0)
        return "one schedule stands before another: scheduler: [warmup, cosine]";
    if (strcmp(key, "loss") == 0 || strcmp(key, "criterion") == 0)
        return "the loss is the cross entropy: no key names it";
    if (strcmp(key, "metrics") == 0)
        return "loss and accuracy are always written: no key names them";
    if (n > 0 && strspn(key, digits) == n)
        return "a decimal point is '.', as in 0.1";
    if (n > 1 && key[n - 1] == ')')
        return "a list stands in [ ]";
    const char *sign = strchr(key, '='), *colon = strchr(key, ':');
    if (sign && sign > key && sign[1])
        return arena_printf(a, "did you mean '%.*s: %s'?", (int)(sign - key), key, sign + 1);
    if (colon && colon > key && colon[1])
        return arena_printf(a, "a space follows the colon: '%.*s: %s'", (int)(colon - key), key,
                            colon + 1);
    return NULL;
}

const char *hint_on_word(struct arena *a, const char *word)
{
    size_t n = strlen(word), name = strspn(word, "abcdefghijklmnopqrstuvwxyz_.0123456789");
    if (word[0] == '=' || strspn(word, "0123456789.-") == n)
        return "no spaces stand around '='";
    if (n > 5 && (strcmp(word + n - 5, ".yaml") == 0 || strcmp(word + n - 4, ".yml") == 0))
        return "one spec a command";
    if (word[0] >= 'a' && word[0] <= 'z' && word[name] == ':' && word[name + 1])
        return arena_printf(a, "did you mean '%.*s=%s'?", (int)name, word, word + name + 1);
    return NULL;
}
