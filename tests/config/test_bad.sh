#!/bin/sh
# Every wrong spec in bad/ gets exactly the message in its .expected, and exit code 2.
#
#     test_bad.sh DESCENT            TAP on stdout
#     test_bad.sh DESCENT --record   writes the messages down, to be read before they are committed
set -u
descent=$(realpath "$1")
record=${2:-}
cd "$(dirname "$0")/bad" || exit 1
output=$(mktemp) number=0
mkdir -p run.tmp
touch run.tmp/spec.yaml run.tmp/run.json
trap 'rm -rf "$output" big.tmp.yaml .hidden.tmp.yaml run.tmp' EXIT

check() { # NAME ARGUMENT ...
    name=$1
    shift
    number=$((number + 1))
    timeout 20 "$descent" check "$@" >"$output" 2>&1
    code=$?
    [ "$record" != --record ] || cp "$output" "$name.expected"
    if [ "$code" -eq 2 ] && cmp -s "$output" "$name.expected"; then
        printf 'ok %d - %s\n' "$number" "$name"
    else
        printf 'not ok %d - %s (exit code %d)\n' "$number" "$name" "$code"
        diff "$name.expected" "$output" | sed 's/^/# /'
    fi
}

for spec in *.yaml; do
    check "${spec%.yaml}" "$spec"
done

# The command line goes through the same checks; the caret points into the argument.
check override-unknown-key ../good.yaml optimizer.learning_rate=0.1
equations='optimizer={name: equations, with: {beta: 0.9}, update: w = w - lr * beta * g}'
check override-constant-within ../good.yaml "$equations" optimizer.beta=0.5
check override-equations-line-end ../good.yaml "$equations" 'optimizer.update=m = beta * g\nw = w - lr * m'
check override-equations-listed ../good.yaml "$equations" 'optimizer.update=[m = beta * g, w = w - lr * m]'
check override-constant-alone ../good.yaml "$equations" beta=0.5
check override-wrong-type ../good.yaml train.epochs=many
check override-no-value ../good.yaml train.epochs
check override-not-in-list ../good.yaml scheduler.3.gamma=0.5
check override-bad-yaml ../good.yaml 'model.hidden=[3, 4'
check override-empty-path ../good.yaml train..epochs=3
check override-two-wrong ../good.yaml seed=-1 optimizer.lr=x
check override-no-list ../good.yaml optimizer=adam optimizer.betas.0=0.5
check override-section ../good.yaml train=3
check override-and-file across-sections.yaml train..epochs=3 optimizer.beta=1

# What a value is taken for, and what YAML would lose of it.
check override-comment ../good.yaml 'optimizer.lr=0.1 # x'
check override-comment-alone ../good.yaml 'train.epochs=#5'
check override-comment-after-quote ../good.yaml 'name="a" # b'
check override-quote-open ../good.yaml 'name="a'
check override-quote-open-escaped ../good.yaml 'name="a\"'
check override-quote-open-doubled ../good.yaml "dataset.dir='it''s"
check override-quote-after ../good.yaml 'description="a"b'
check override-quote-after-number ../good.yaml "expect.test_accuracy='>= 0.1'0"
check override-control ../good.yaml "description=$(printf 'a\033b')"
check override-line-end ../good.yaml "description='a$(printf '\342\200\250')b'"
check override-half-quoted ../good.yaml "name='a"
check override-append-to-no-list ../good.yaml optimizer.lr+=3
check override-commas ../good.yaml optimizer.lr=0,1 model.hidden=100,50 train.batch_size=1,000 'model.dropout=0.5 0.3'
check override-brackets ../good.yaml 'optimizer={name: sgd lr: 1}'
check override-brackets-colon-twice ../good.yaml 'optimizer={name: adam: 0.1}'
check override-brackets-open ../good.yaml 'optimizer={name: adam; betas: [0.9, 0.99'
check override-brace-too-many ../good.yaml 'optimizer={name: sgd}}'
check override-spaces ../good.yaml optimizer.lr = 0.1
check override-list-in-words ../good.yaml 'model.hidden=[128,' '64]'
check override-mapping-in-words ../good.yaml seed=3 'optimizer={name:' adam, lr: '0.1}'
check override-braces-expanded ../good.yaml optimizer=name:adam optimizer=lr:0.1
for word in 'adam(0.1)' 'adam lr=0.1' 'adam, lr=0.1' 'adam lr 0.1' 'Adam Optimizer'; do
    check "override-call-$(printf %s "$word" | tr -c 'A-Za-z0-9=' -)" ../good.yaml optimizer="$word"
done
check override-without-sign ../good.yaml optimizer.lr 0.1
check override-append-wrong ../good.yaml model.hidden+=x
check override-default-of-nothing ../good.yaml '~optimizer.lx'
check override-default-of-short ../good.yaml '~lr' '~optimiser.lr'
check override-default-of-no-section ../good.yaml '~average.foo'
check override-append-to-short ../good.yaml hidden+=3 dataset.augmnt+=flip
check override-constant constants.inc optimizer.with.bet=0.5 optimizer.with.gamma=1 '~sweep'
check override-default-of-entry ../good.yaml scheduler+=cosine '~scheduler.0'
check override-default-with-value ../good.yaml '~name=3'
check override-short-lr ../good.yaml lr=0.1
check override-short-epochs ../good.yaml epochs=10
check override-elsewhere ../good.yaml train.lr=0.1
check override-accent ../good.yaml 'é.x=a # 1'
check folds-and-validation ../good.yaml dataset.folds=5 dataset.validation=10
check fold-beyond ../good.yaml '~dataset.validation' dataset.folds=5 dataset.fold=5
check fold-without-folds ../good.yaml dataset.fold=1
check folds-one ../good.yaml '~dataset.validation' dataset.folds=1

# A condition's names are those of --where; the caret stands under them, whatever comes before.
sweep='sweep.grid={optimizer.lr: [0.1, 0.2]}'
check skip-unknown ../good.yaml "$sweep" 'sweep.skip=lx > 1'
check skip-accent ../good.yaml "$sweep" "sweep.skip='name == \"é\" or lx > 1'"
check skip-ambiguous ../good.yaml "$sweep" "sweep.skip=batch_size > 3"
check skip-metric ../good.yaml "$sweep" "sweep.skip=valid_accuracy > 0.5"
check folder-of-a-run run.tmp
check stem-of-a-config across-sections

cp ../good.yaml .hidden.tmp.yaml
check name-of-a-hidden-file .hidden.tmp.yaml name=null

# What the sizes of the data decide; those of a published set are known without its files.
digits='dataset={name: digits, train_limit: 600, test_limit: 200, validation: 100}'
check batch-beyond-set ../good.yaml "$digits" train.batch_size=601
check batch-beyond-published ../good.yaml train.batch_size=54001
check batch-norm-alone ../good.yaml 'dataset={name: idx, dir: nowhere}' train.batch_size=1 model.batch_norm=true
check batch-norm-alone-later ../good.yaml 'dataset={name: digits, train_limit: 301, test_limit: 100, validation: 100}' \
    model.batch_norm=true train.drop_last=false train.batch_size=32 \
    'scheduler={name: multistep, milestones: [2, 4], gamma: 0.32, apply_to: batch_size}'
# A default stands nowhere: no caret under another key, on the command line or in the file.
check default-batch-beyond-set defaults.inc dataset.train_limit=100
check default-batch-beyond-given defaults.inc dataset.train_limit=100 train.epochs=2
check default-batch-leaves-one defaults.inc dataset.train_limit=257 train.drop_last=false model.batch_norm=true
check default-monitor-of-stopping defaults.inc dataset.validation=0 train.early_stopping.patience=3
check default-monitor-of-plateau defaults.inc dataset.validation=0 scheduler=reduce_on_plateau
check dropout-count ../good.yaml 'model.dropout=[0.1, 0.2]'
check layers-no-linear ../good.yaml 'model={name: layers, layers: [flatten]}'
check layers-classes ../good.yaml 'model={name: layers, layers: [flatten, {linear: 9}]}'
check layers-linear-first ../good.yaml 'model={name: layers, layers: [{linear: 75}, relu, {linear: 10}]}'
check layers-linear-of-image image-layers.inc 'model.layers=[{conv: {out: 3, kernel: 3}}, {linear: 75}, {linear: 10}]'
check layers-conv-of-vector image-layers.inc 'model.layers=[flatten, {conv: {out: 3, kernel: 1}}, {linear: 10}]'
check layers-kernel-too-large image-layers.inc 'model.layers.0={conv: {out: 3, kernel: [3, 33], padding: [0, 2]}}'
check layers-window-too-large image-layers.inc 'model.layers.2={max_pool: {size: 29}}'
check layers-pool-of-vector image-layers.inc 'model.layers=[flatten, {avg_pool: {size: 2}}, {linear: 10}]'
check layers-residual-of-two-shapes image-layers.inc 'model.layers.4.residual.layers.0={conv: {out: 16, kernel: 3}}'
check layers-within-residual image-layers.inc 'model.layers.4.residual.layers.0={conv: {out: 8, kernel: 99, padding: 1}}'
check layers-residual-of-nothing image-layers.inc 'model.layers.4.residual.layers=[{dropout: 0}]'
check layers-pad-to-fewer image-layers.inc 'model.layers.4.residual={shortcut: pad, layers: [{conv: {out: 4, kernel: 1}}]}'
check layers-groups image-layers.inc 'model.layers=[{conv: {out: 8, kernel: 3}}, {group_norm: {groups: 3}}, flatten, {linear: 10}]'
check layers-without-flatten image-layers.inc 'model.layers=[{conv: {out: 3, kernel: 3}}, global_avg_pool, {linear: 10}]'
check vgg-of-small-images ../good.yaml "$digits" 'model={name: vgg}'
check batch-norm-of-one-pixel image-layers.inc train.batch_size=1 'model.layers=[{conv: {out: 3, kernel: 28}}, batch_norm, flatten, {linear: 10}]'
check model-too-large ../good.yaml 'model.hidden=[1000000, 1000000]'
check validation-all ../good.yaml "$digits" dataset.validation=60000
check validation-none ../good.yaml dataset.validation=1e-9
check validation-one ../good.yaml dataset.validation=1.0
check train-limit ../good.yaml "$digits" dataset.train_limit=70000
check test-limit ../good.yaml "$digits" dataset.test_limit=99999
check evaluate-beyond-set ../good.yaml "$digits" train.batch_size=100 evaluate.train=601
check sweep-members ../good.yaml "$digits" 'sweep={grid: {train.batch_size: [50, 601]}}'

check missing-file nowhere.yaml
check folder .
{
    printf 'optimizer: adam\n'
    head -c 1100000 /dev/zero | tr '\0' '#'
} >big.tmp.yaml
check over-1-MiB big.tmp.yaml
{
    printf 'optimizer: {'
    head -c 100000 /dev/zero | tr '\0' 'a'
    printf ': 1: 2, lr: 0.1}\n'
} >big.tmp.yaml
check brackets-long-word big.tmp.yaml
printf '1..%d\n' "$number"
