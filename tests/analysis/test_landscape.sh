#!/bin/sh
# descent landscape, data show and eval --figures: what they leave, that it agrees with the runs, what they say to bad input.
# Speaks TAP.
#
#     test_landscape.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
own_folder

is_png() { # FILE
    [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ]
}

final() { # FOLDER COLUMN: of the last row of epochs.csv
    tail -n 1 "$1/epochs.csv" | cut -d, -f "$2"
}

cell() { # FILE FIRST COLUMN: of the row whose first cell is FIRST
    awk -F, -v first="$2" -v column="$3" '$1 == first { print $column; exit }' "$1"
}

agrees() { # FILE ALPHA FOLDER TITLE: losses and accuracies there are the run's own, to the last digit
    for pair in '2 9' '3 10' '4 13' '5 14'; do
        [ "$(cell "$1" "$2" "${pair% *}")" = "$(final "$3" "${pair#* }")" ] || printf '%s\n' "$pair" >>why
    done
    [ ! -e why ]
    ok $? "$4"
}

cat >base.yaml <<'END_SPEC'
dataset: {name: digits, train_limit: 500, test_limit: 200, validation: 100}
model: {name: mlp, hidden: [16]}
train: {epochs: 4, batch_size: 50}
optimizer: {name: adam, lr: 0.005}
checkpoint: {keep: 10}
END_SPEC
norm=model.batch_norm=true
train one
train two seed=9 optimizer=sgd optimizer.lr=0.1
train ema "$norm" 'average={name: ema, decay: 0.9}'
train free "$norm" optimizer=schedule_free_sgd optimizer.lr=0.5
train wide 'model.hidden=[17]'
train deep 'model.hidden=[16, 16]'
train few checkpoint.keep=1

# ---- lines ----

for folder in one ema free; do
    run landscape $folder --kind line --limit all --points 5
    { [ "$code" -eq 0 ] && [ "$(wc -l <$folder/landscape-line.csv)" -eq 6 ] && is_png $folder/landscape-line.png; }
    ok $? "line, $folder: a table and a figure in the folder"
    agrees $folder/landscape-line.csv 0 $folder "line, $folder: in the middle what the run itself evaluated"
done
grep -qx 'points free/landscape-line.csv' out && grep -qx 'figure free/landscape-line.png' out
ok $? 'line: both are named'

run landscape one two --limit all --points 5
{ [ "$code" -eq 0 ] && [ "$(wc -l <landscape-between.csv)" -eq 10 ] && is_png landscape-between.png; }
ok $? 'between: a table and a figure beside the first'
agrees landscape-between.csv 0 one 'between: the first run at 0'
agrees landscape-between.csv 1 two 'between: the second at 1'
grep -q '^barrier between them *train *[0-9]' out
ok $? 'between: the barrier'
cp -r one optimizer=adam,lr=0.01,batch_size=50,seed=1
cp -r two optimizer=adam,lr=0.01,batch_size=50,seed=2
run landscape optimizer=adam,lr=0.01,batch_size=50,seed=1 optimizer=adam,lr=0.01,batch_size=50,seed=2 --limit all --points 3 -o named.svg
{ [ "$code" -eq 0 ] && grep -q '^…seed=1  *train ' out && grep -q '^…seed=2  *train ' out && grep -q '>…seed=1<' named.svg && grep -q '>…seed=2<' named.svg; }
ok $? 'between: long names that begin alike are told apart'
run landscape ema free --limit all --points 3 -o norm
agrees norm/landscape-between.csv 0 ema 'between with batch norm: the average of the first at 0'
agrees norm/landscape-between.csv 1 free 'between with batch norm: the refreshed second at 1'
for averaging in '{name: schedule_free_sgd, lr: 0.5}' '{name: asgd, lr: 0.1, t0: 10}'; do
    rm -rf own own-*
    train own "$norm" "optimizer=$averaging"
    run landscape own --kind line --norm refreshed --limit all --points 3
    agrees own/landscape-line.csv 0 own "an average of its own is evaluated with its statistics: $averaging"
done
train begun "$norm" 'optimizer={name: asgd, lr: 0.1, lambd: 0}'
train plain "$norm" 'optimizer={name: sgd, lr: 0.1}'
cut -d, -f 9- begun/epochs.csv >begun.csv && cut -d, -f 9- plain/epochs.csv | cmp -s - begun.csv
ok $? 'asgd before its average begins: evaluated as sgd'
# Beyond an end the running statistics stay that end's: a variance carried on would fall below 0.
run run base.yaml -q --no-plots -o low "$norm" seed=7
run run base.yaml -q --no-plots -o high "$norm" seed=8
run landscape low high --points 5 --split test --limit all -o beyond
{ [ "$code" -eq 0 ] && ! grep -q nan beyond/landscape-between.csv; }
ok $? 'between with batch norm, beyond the ends: numbers'
run export low -o low.safetensors
run export high -o high.safetensors
for end in '-0.5 low' '1.5 high'; do
    alpha=${end% *}
    python3 - "$alpha" "${end#* }" <<'END' >why
import array, json, struct, sys
def read(path):
    raw = open(path, 'rb').read()
    n = struct.unpack('<Q', raw[:8])[0]
    return json.loads(raw[8:8 + n]), raw[8 + n:]
(header, low), (_, high), (_, end) = read('low.safetensors'), read('high.safetensors'), read(sys.argv[2] + '.safetensors')
made, alpha = bytearray(end), float(sys.argv[1])
header.pop('__metadata__', None)  # the digest of other weights among it
for name, tensor in header.items():
    if tensor['dtype'] == 'F32' and '.running_' not in name:
        i, j = tensor['data_offsets']
        pairs = zip(array.array('f', low[i:j]), array.array('f', high[i:j]))
        made[i:j] = array.array('f', [(1 - alpha) * a + alpha * b for a, b in pairs]).tobytes()
text = json.dumps(header).encode()
open('made.safetensors', 'wb').write(struct.pack('<Q', len(text)) + text + made)
END
    run eval made.safetensors --spec low/spec.yaml
    [ "$(awk '$1 == "loss" { print $2; exit }' out)" = "$(cell beyond/landscape-between.csv "$alpha" 2)" ]
    ok $? "between with batch norm, at $alpha: the statistics of $(basename "${end#* }")"
done
run landscape one --kind between --limit all --points 3 --split train
{ [ "$code" -eq 0 ] && [ "$(cell one/landscape-between.csv 0 2)" = "$(sed -n 2p one/epochs.csv | cut -d, -f 9)" ] &&
    [ "$(cell one/landscape-between.csv 1 2)" = "$(final one 9)" ]; }
ok $? 'between, of one folder: from its initial weights to the trained ones'
run landscape one/checkpoints/step-10.safetensors one/checkpoints/last.safetensors --limit all --points 3
{ [ "$code" -eq 0 ] && [ "$(cell one/checkpoints/step-10-landscape-between.csv 0 2)" = "$(sed -n 3p one/epochs.csv | cut -d, -f 9)" ]; }
ok $? 'between two checkpoints'

# ---- planes ----

run landscape one --points 5 --limit all --split test --span 0.5
{ [ "$code" -eq 0 ] && [ "$(head -n 1 one/landscape-plane.csv)" = alpha,beta,test_loss,test_accuracy ] &&
    [ "$(grep '^0,0,' one/landscape-plane.csv)" = "0,0,$(final one 13),$(final one 14)" ] && grep -q '^-0.5,0.25,' one/landscape-plane.csv; }
ok $? 'plane: in the middle what the run itself evaluated'
cp one/landscape-plane.png again.png
cp one/landscape-plane.csv again.csv
run landscape one --points 5 --limit all --split test --span 0.5 -o other.png
cmp other.png again.png >why 2>&1 && cmp other.csv again.csv >why 2>&1
ok $? 'plane: the same bytes again'
run landscape one --points 5 --limit all --split test --span 0.5 --seed 77 -o other.png
{ [ "$code" -eq 0 ] && ! cmp -s other.csv again.csv && [ "$(grep '^0,0,' other.csv)" = "$(grep '^0,0,' again.csv)" ]; }
ok $? 'plane: other directions for another seed, around the same weights'
run landscape one --points 5 --weights best --no-plots -o best
{ [ "$code" -eq 0 ] && [ -s best/landscape-plane.csv ] && [ ! -e best/landscape-plane.png ]; }
ok $? 'plane: the table alone'
run extract again.png -o extracted
{ [ "$code" -eq 0 ] && [ "$(grep -c '^1,' extracted/again.csv)" -eq 26 ] && grep -qF "1,0,0,$(final one 13 | cut -c 1-7)" extracted/again.csv &&
    cmp extracted/base.yaml one/spec.yaml; } >why 2>&1
ok $? 'plane: the figure carries spec and values'

# ---- trajectories ----

for folder in one ema; do
    run landscape $folder --kind trajectory --points 5 --limit all
    path=$folder/landscape-trajectory-path.csv
    { [ "$code" -eq 0 ] && is_png $folder/landscape-trajectory.png && [ "$(wc -l <$path)" -eq 6 ] && [ "$(tail -n 1 $path | cut -d, -f 1)" -eq 40 ]; }
    ok $? "trajectory, $folder: initial weights and all checkpoints"
    cut -d, -f 2,9 $folder/epochs.csv | tail -n +2 >wanted
    cut -d, -f 1,4 $path | tail -n +2 | diff wanted - >why
    ok $? "trajectory, $folder: their losses are the run's own"
done
grep -qE '^plane +[0-9.]+ % of the path' out
ok $? 'trajectory: the share of the variance'
message 2 "checkpoint.keep=4" 'trajectory: too few checkpoints, and how to get them' landscape few --kind trajectory

# ---- bad input ----

message 2 'which folder?' 'no folder' landscape
message 2 'one folder, or two' 'three folders' landscape one two ema
message 3 'nowhere' 'no such file' landscape nowhere
mkdir empty
message 3 'no run.json that can be read' 'an empty folder' landscape empty
cp -r one unfinished
sed -i 's/"status": "completed"/"status": "interrupted"/; s/"exit_code": 0/"exit_code": null/' unfinished/run.json
message 2 "'descent resume unfinished' resumes it" 'an unfinished run' landscape unfinished
run landscape unfinished/checkpoints/last.safetensors --kind line --points 3 --no-plots
[ "$code" -eq 0 ]
ok $? 'a checkpoint of it by name'
message 2 "the models differ: '1.weight' is 16 x 784 in one, 17 x 784 in wide" 'models of other widths' landscape one wide
message 2 'the models differ' 'models of other depths' landscape one deep
message 2 'the models differ' 'with and without batch norm' landscape one ema
cp -r one broken
printf X | dd of=broken/checkpoints/last.safetensors bs=1 seek=30000 conv=notrunc 2>/dev/null
message 3 'broken/checkpoints/last.safetensors' 'a broken checkpoint' landscape broken
message 3 'broken/checkpoints/last.safetensors' 'a broken second one' landscape one broken
cp one/checkpoints/last.safetensors broken/checkpoints/last.safetensors
printf X | dd of=broken/checkpoints/step-20.safetensors bs=1 seek=30000 conv=notrunc 2>/dev/null
message 3 'broken/checkpoints/step-20.safetensors' 'a broken one on the way' landscape broken --kind trajectory
rm broken/checkpoints/best.safetensors
message 3 "keeps no checkpoint 'best': '--weights last' takes the other" 'a checkpoint that is not there' landscape broken --weights best
train without checkpoint.last=false
for command in landscape eval 'export -o x.npz'; do
    # shellcheck disable=SC2086 # words
    message 3 "without keeps no checkpoint 'last' (checkpoint.last: false): '--weights best' takes the other, 'descent run without/spec.yaml checkpoint.last=true -o FOLDER' trains it again and keeps it" "${command%% *}: of a run that keeps no weights" $command without
done
run run without/spec.yaml -q checkpoint.last=true -o with
{ [ "$code" -eq 0 ] && [ -s with/checkpoints/last.safetensors ]; }
ok $? 'the remedy is one'
message 3 'empty holds no run' 'eval: of an empty folder' eval empty
run export one -o exported.safetensors
run landscape exported.safetensors --kind line --limit all --points 3
agrees exported-landscape-line.csv 0 one 'line: of an export'
printf '\002\000\000\000\000\000\000\000{}' >bare.safetensors
message 2 'carries no spec' 'weights without a spec' landscape bare.safetensors
message 2 "did you mean 'plane'" 'an unknown kind' landscape one --kind plan
message 2 "'--kind plane' is of one folder" 'a plane of two' landscape one two --kind plane
message 2 'a plane shows one split' 'two splits in a plane' landscape one --split train,test
message 2 "'--points' is odd" 'an even number of points' landscape one --points 4
message 2 "'--points' is 2; it must be" 'too few points' landscape one --points 2
message 2 "'--span' is a number above 0" 'no span' landscape one --span 0
message 2 "'--span'" 'a span that is no number' landscape one --span nan
message 2 "'--limit'" 'no images' landscape one --limit 0
message 2 "'--seed'" 'a negative seed' landscape one --seed -1
train none dataset.validation=0 checkpoint.best=null
message 2 'the valid split is empty' 'an empty split' landscape none --split valid
train other dataset.seed=4
message 0 'other was trained on other data than one' 'other data: a warning' landscape one other --points 3 --no-plots -o other

# ---- looks ----

begins() { # FILE BYTES
    [ "$(head -c "${#2}" "$1")" = "$2" ]
}
mkdir looks
run landscape one --kind line --points 3 --limit 50 -o looks/line.svg --theme dark
{ [ "$code" -eq 0 ] && begins looks/line.svg '<?xml' && [ -s looks/line.csv ] && grep -qx 'figure looks/line.svg' out; }
ok $? 'looks: a line as SVG'
run landscape one --points 3 --limit 50 --format pdf -o looks
{ [ "$code" -eq 0 ] && begins looks/landscape-plane.pdf '%PDF'; }
ok $? 'looks: a plane as PDF'
run data show base.yaml --format svg -o looks
{ [ "$code" -eq 0 ] && begins looks/samples.svg '<?xml' && begins looks/classes.svg '<?xml'; }
ok $? 'looks: data as SVG'
run extract looks/samples.svg -o looks/samples
{ [ "$code" -eq 0 ] && [ "$(grep -c '^1,label,' looks/samples/samples.csv)" -eq 120 ]; }
ok $? 'looks: an SVG carries spec and values, too'
run eval one --figures -o looks --theme dark --size column
{ [ "$code" -eq 0 ] && is_png looks/weights.png; } && for name in errors-test confusion-test weights; do
    "$descent" inspect looks/$name.png | tr -s ' ' | grep -q 'size 680 x' || printf '%s\n' $name >>why
done
[ ! -e why ]
ok $? 'looks: pictures of a column, 3.4 inches wide'
for command in 'landscape one' 'data show base.yaml' 'eval one --figures'; do
    # shellcheck disable=SC2086 # words
    message 2 "did you mean 'dark'?" "looks: a theme that is none, $command" $command --theme drak
done

# ---- data show ----

run data show base.yaml
{ [ "$code" -eq 0 ] && ! grep -q ' $' out; }
ok $? 'data show: no line ends with spaces'
{ [ "$code" -eq 0 ] && is_png base-samples.png && is_png base-classes.png && [ "$(head -n 1 base-classes.csv)" = set,class,count,share ]; }
ok $? 'data show: samples and class shares beside the spec'
for set in train valid test; do
    awk -F, -v set=$set '$1 == set { n += $3; s += $4 } END { print n, (s > 0.999999 && s < 1.000001) }' base-classes.csv
done >sums
[ "$(tr '\n' ' ' <sums)" = '500 1 100 1 200 1 ' ] || cp sums why
[ ! -e why ]
ok $? 'data show: counts and shares add up'
run data show one -o shown --split test --each 3
{ [ "$code" -eq 0 ] && cmp shown/classes.csv base-classes.csv && is_png shown/samples.png; } >why 2>&1
ok $? 'data show: of a run folder'
cp shown/samples.png kept.png
run data show one -o shown --split test --each 3
cmp kept.png shown/samples.png >why 2>&1
ok $? 'data show: the same bytes again'
run data show base.yaml dataset.validation=0 -o shown --each 60
{ [ "$code" -eq 0 ] && ! grep -q '^valid' shown/classes.csv; }
ok $? 'data show: without a validation set, and with more samples than there are'
message 2 'the valid split is empty' 'data show: an empty split' data show base.yaml dataset.validation=0 --split valid
message 2 'a batch of 1000 is larger than the training set' 'data show: a large batch' data show base.yaml train.batch_size=1000
message 2 'which spec, run folder or folder of data?' 'data show: of nothing' data show
message 2 "'--each' belongs to 'data show', not to 'list'" 'data list: no --each' data list --each 3
message 2 "'--each' belongs to 'data show', not to 'make'" 'data make: no --each' data make --each 3 -o made
message 2 "'--size' belongs to 'data show' or 'import', not to 'list'" 'data list: no --size' data list --size 3x4in
message 2 "'--plain' belongs to 'data make', not to 'show'" 'data show: no --plain' data show base.yaml --plain
message 2 "list: no '-o'" 'data list: no -o' data list -o listed
message 2 "'--each'" 'data show: no samples' data show base.yaml --each 0

# ---- eval: what so few images tell ----

run run base.yaml -q -o second seed=2
run eval one --predictions one.csv
# Wilson's interval by its equation, p by summing binomial terms: of the images on which only one is right.
awk -F, 'NR > 1 { n++; k += $2 == $3 } END {
    z = 1.959963984540054; p = k / n; m = (p + z^2 / (2 * n)) / (1 + z^2 / n)
    h = z / (1 + z^2 / n) * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))
    printf "95 %%       %.2f to %.2f %%\n", 100 * (m - h), 100 * (m + h) }' one.csv >wanted
sed -n 's/ (Wilson.*//p' out | diff wanted - >why
ok $? "eval: Wilson's interval"
run eval second --predictions second.csv
paste -d, one.csv second.csv | awk -F, 'NR > 1 { a += $2 == $3 && $5 != $6; b += $2 != $3 && $5 == $6 } END {
    n = a + b; k = a < b ? a : b; term = 0.5 ^ n
    for (i = 0; i <= k; i++) { p += 2 * term; term *= (n - i) / (i + 1) }
    printf "%6d only one\n%6d only second\np = %.3g\n", a, b, (p > 1 || a == b ? 1 : p) }' >wanted
run eval one second
{ [ "$code" -eq 0 ] && sed -n '/^ *[0-9]* only /p; s/.*exact: //p' out | diff wanted -; } >why 2>&1
ok $? "eval A B: McNemar's test"
# Weights are fitted to the training images, and an epoch or a setting may be chosen by the validation images.
run eval one second --split train
{ [ "$code" -eq 0 ] && grep -q '^difference ' out && ! grep -q 'McNemar\|Wilson' out &&
    [ "$(grep -c 'weights are fitted to such images' out)" -eq 3 ]; }
ok $? 'eval A B: no test by training images'
run eval one second --split valid
[ "$(grep -c 'Wilson\|McNemar\|if no epoch and no setting was chosen by these' out)" -eq 6 ]
ok $? 'eval A B: what figures of validation images tell'
run eval one second --split test
{ [ "$code" -eq 0 ] && ! grep -q 'chosen by these\|fitted to' out; }
ok $? 'eval A B: what figures of test images tell'
for same in one ./one "$PWD/one"; do
    message 2 "$same is given twice" "eval A A: refused, also as $same" eval one "$same"
done
mkdir a b
cp -r one a/m
cp -r one b/m
run eval a/m b/m
{ [ "$code" -eq 0 ] && grep -qx '     0 only a/m' out && grep -qx '     0 only b/m' out && grep -qx "McNemar's test, exact: p = 1" out; }
ok $? 'eval A B: two folders of one name, and no image on which they differ'
run eval one second dataset.test_limit=20
{ [ "$code" -eq 0 ] && [ "$(grep -c '^test  *20 images' out)" -eq 2 ]; }
ok $? 'eval A B: overrides are for both'
for word in optimizer.lr=3 train.epochs=2 'scheduler={name: cosine}' name=x '~log'; do
    message 2 "'$word' is not used by this command" "eval: $word is refused" eval one "$word"
    message 2 "'$word' is not used by this command" "eval A B: $word is refused" eval one second "$word"
done
message 2 "'more' is one word too many" 'help: of one command' help run more
run run base.yaml -q -o fewer seed=2 dataset.test_limit=77
message 3 'not evaluated on the same images: give both' 'eval A B: other images' eval one fewer
train drawn dataset.validation_split=random
train redrawn dataset.validation_split=random seed=7
message 3 "each run holds out its own; '--split test'" 'eval A B: each its own validation set' eval drawn redrawn --split valid
message 2 'of one model at a time' 'eval A B: no figures' eval one second --figures

# ---- eval --figures ----

run eval one --figures
{ [ "$code" -eq 0 ] && is_png one/confusion-test.png && is_png one/errors-test.png && is_png one/weights.png && grep -qx 'figure one/weights.png' out; }
ok $? 'eval --figures: in the folder'
run extract one/confusion-test.png -o confusion
"$descent" eval one | awk '/^confusion/ { on = 2 } on && $1 ~ /^[0-9]+$/ && NF == 11 { for (j = 0; j < 10; j++) print $1 "," j "," $(j + 2) }
    /^class/ { exit }' | grep -v ',0$' | sort >wanted
sed -n 's/^1,//p' confusion/confusion-test.csv | grep -v nan | sort | diff wanted - >why
ok $? 'eval --figures: the counts of the matrix are those printed'
run extract one/errors-test.png -o errors
run eval one --predictions said.csv
wrong=$(awk -F, 'NR > 1 && $2 != $3' said.csv | wc -l)
[ "$(grep -c '^1,prediction,' errors/errors-test.csv)" -eq "$((wrong < 60 ? wrong : 60))" ]
ok $? 'eval --figures: every wrong image, 60 at most'
sed -n 's/^1,prediction,//p' errors/errors-test.csv | while IFS=, read -r image class; do
    grep -q "^$image,.*,$class$" said.csv || echo "$image $class"
done >why
[ ! -s why ]
ok $? 'eval --figures: with its prediction'
run extract one/weights.png -o weights
[ "$(grep -c '^1,unit 15,' weights/weights.csv)" -eq 784 ]
ok $? 'eval --figures: the weights that are drawn'
run eval one/checkpoints/last.safetensors --figures --split valid -o drawn
{ [ "$code" -eq 0 ] && cmp drawn/weights.png one/weights.png && is_png drawn/errors-valid.png; } >why 2>&1
ok $? 'eval --figures: of a checkpoint, elsewhere'
train perfect dataset.train_limit=10 train.batch_size=10 train.epochs=60
run eval perfect --split train --figures --format svg
{ [ "$code" -eq 0 ] && grep -q '10 of 10 right' perfect/confusion-train.svg && grep -q '>100%<' perfect/confusion-train.svg &&
    grep -q '>10%<' perfect/confusion-train.svg && ! grep -q '>1[0-9][1-9]%<' perfect/confusion-train.svg; }
ok $? 'eval --figures: shares of a model without errors end at 100 %'
run run base.yaml -q --no-plots -o normed 'model={name: layers, layers: [flatten, batch_norm, {linear: 10}]}'
run eval normed --figures
{ [ "$code" -eq 0 ] && is_png normed/confusion-test.png && [ ! -e normed/weights.png ] && grep -q 'nothing to draw' err; }
ok $? 'eval --figures: a first layer that is none of weights'

# ---- networks of images ----

train filters 'model={name: layers, layers: [{conv: {out: 6, kernel: [3, 5], stride: 3}}, batch_norm, relu, {max_pool: {size: 2}},
    {residual: {layers: [{conv: {out: 6, kernel: 3, padding: same}}, relu]}}, flatten, {linear: 10}]}'
run landscape filters --kind line --split train,test --limit all --points 3
rm -f why
agrees filters/landscape-line.csv 0 filters 'line of a network of images: its middle is the run'
run landscape filters --points 3 --limit 100
{ [ "$code" -eq 0 ] && [ "$(wc -l <filters/landscape-plane.csv)" -eq 10 ]; }
ok $? 'plane of a network of images'
run eval filters --figures
run extract filters/weights.png -o drawn-filters
run export filters -o filters.safetensors
cat >compare.py <<'END'
import csv, json, struct
blob = open("filters.safetensors", "rb").read()
n = struct.unpack("<Q", blob[:8])[0]
w = json.loads(blob[8:8 + n])["0.weight"]
begin, end = w["data_offsets"]
assert w["shape"] == [6, 1, 3, 5]
wanted = ["%.6g" % v for v in struct.unpack("<90f", blob[8 + n + begin:8 + n + end])]
rows = [r for r in csv.reader(open("drawn-filters/weights.csv")) if len(r) == 4 and r[1].startswith("unit")]
got = {(int(r[1][5:]), int(float(r[2]))): "%.6g" % float(r[3]) for r in rows}
assert [got[i // 15, i % 15] for i in range(90)] == wanted and len(got) == 90
END
python3 compare.py >why 2>&1
ok $? 'eval --figures: the filters of the first convolution, (channel, row, column)'

message 2 "figures are written as .png, .svg or .pdf, not as '.jpg'" 'a figure of another form' landscape free -o slices.jpg
[ ! -e slices.jpg ]
ok $? 'and no folder of that name'

plan
