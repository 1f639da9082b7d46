/* Kinds by the names that they have elsewhere: PyTorch's, Keras's and optax's. */
#include "config/diag.h"
#include "config/hints.h"
#include <ctype.h>
#include <string.h>

/* Without case, '_', '-' and spaces. The first whose kind is among those asked for is the one that
 * is meant; typed: what to write, where that is more than its name. */
static const struct {
    const char *name, *kind, *typed;
} elsewhere[] = {
    {"gradientdescent", "sgd", NULL},
    {"amsgrad", "adam", "{name: adam, amsgrad: true}"},
    {"heavyball", "momentum", NULL},
    {"sgdm", "momentum", NULL},
    {"sgdmomentum", "momentum", NULL},
    {"nag", "nesterov", NULL},
    {"cosineannealing", "cosine", NULL},
    {"cosineannealinglr", "cosine", NULL},
    {"cosinedecay", "cosine", NULL},
    {"cosineannealingwarmrestarts", "cosine_restarts", NULL},
    {"sgdr", "cosine_restarts", NULL},
    {"clr", "cyclic", NULL},
    {"inversetimedecay", "inverse", NULL},
    {"piecewise", "multistep", NULL},
    {"piecewiseconstantdecay", "multistep", NULL},
    {"linearwarmup", "warmup", NULL},
    {"warmupcosine", "cosine", "[warmup, cosine]"},
    {"cosinewarmup", "cosine", "[warmup, cosine]"},
    {"warmupcosinedecay", "cosine", "[warmup, cosine]"},
    {"he", "kaiming_normal", NULL},
    {"henormal", "kaiming_normal", NULL},
    {"heuniform", "kaiming_uniform", NULL},
    {"glorot", "xavier_uniform", NULL},
    {"glorotnormal", "xavier_normal", NULL},
    {"glorotuniform", "xavier_uniform", NULL},
    {"truncnormal", "truncated_normal", NULL},
    {"gaussian", "normal", NULL},
    {"cnn", "layers", NULL},
    {"lenet", "layers", NULL},
    {"sequential", "layers", NULL},
    {"logistic", "softmax", NULL},
    {"logisticregression", "softmax", NULL},
    {"logreg", "softmax", NULL},
    {"linear", "softmax", NULL},
    {"mlpclassifier", "mlp", NULL},
    {"dense", "linear", NULL},
    {"dense", "mlp", NULL},
    {"fc", "linear", NULL},
    {"fc", "mlp", NULL},
    {"maxpooling2d", "max_pool", NULL},
    {"averagepooling2d", "avg_pool", NULL},
    {"globalaveragepooling2d", "global_avg_pool", NULL},
    {"adaptiveavgpool2d", "global_avg_pool", NULL},
    {"batchnormalization", "batch_norm", NULL},
    {"layernormalization", "layer_norm", NULL},
    {"groupnormalization", "group_norm", NULL},
    {"swish", "silu", NULL},
    {"lrelu", "leaky_relu", NULL},
    {"linear", "identity", NULL},
    {"none", "identity", NULL},
    {"normalize", "standard", NULL},
    {"standardize", "standard", NULL},
    {"standardscaler", "standard", NULL},
};

/* "torch.optim.SGD(lr=0.1)": its SGD; without the quotes of word processors. */
static const char *bare_name(struct arena *a, const char *word)
{
    char *bare = arena_alloc(a, strlen(word) + 1), *end = bare;
    for (; *word && *word != '('; word++) {
        if (*word == '.')
            end = bare;
        else if ((unsigned char)*word < 0x80)
            *end++ = *word;
    }
    *end = '\0';
    return bare;
}

static bool is_same(const char *word, const char *name)
{
    for (; *word; word++) {
        if (strchr("_- ", *word))
            continue;
        if (tolower((unsigned char)*word) != *name++)
            return false;
    }
    return *name == '\0';
}

static bool is_among(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

const char *hint_kind(struct arena *a, const char *word, const char *const *names, size_t n)
{
    const char *bare = bare_name(a, word);
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (is_same(bare, elsewhere[i].name) && is_among(elsewhere[i].kind, names, n))
            return elsewhere[i].kind;
    return suggest(bare, names, n);
}

const char *hint_typed(struct arena *a, const char *word)
{
    const char *bare = bare_name(a, word);
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (elsewhere[i].typed && is_same(bare, elsewhere[i].name))
            return elsewhere[i].typed;
    return NULL;
}
