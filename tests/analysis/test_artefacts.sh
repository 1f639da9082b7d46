#!/bin/sh
# inspect, export, verify, extract and data, on runs of small synthetic digits; speaks TAP.
#
#     test_artefacts.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
own_folder

# ---- helpers ----

flip() { # FILE OFFSET: one byte of it
    byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

digest() { # FILE
    sha256sum <"$1" | cut -d' ' -f1
}

narrow() { # no line of out is longer than 80 columns
    ! grep -qE '^.{81}' out
}

python() { # SCRIPT ARGUMENT ...: one of this folder
    script=$1
    shift
    code=0
    "$python" "$here/$script" "$@" >out 2>err </dev/null || code=$?
}

# The first interpreter with numpy; the system's own may have it where another comes first.
python=python3
for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import numpy' 2>/dev/null; then
        python=$candidate
        break
    fi
done
have_numpy=$("$python" -c 'import numpy' 2>/dev/null && echo yes)
have_torch=$("$python" -c 'import torch' 2>/dev/null && echo yes)

cat >base.yaml <<'END_SPEC'
dataset: {name: digits, train_limit: 600, test_limit: 200, validation: 100}
model: {name: mlp, hidden: [16], batch_norm: true}
train: {epochs: 3, batch_size: 50}
optimizer: {name: adam, lr: 0.005}
log: {steps: 1}
END_SPEC
run run base.yaml -q -o one
[ "$code" -eq 0 ] || cat out err
run run base.yaml -q --no-plots -o ema 'average={name: ema, decay: 0.9}'

# ---- inspect ----

# Two images of 2 x 2, two labels.
printf '\000\000\010\003\000\000\000\002\000\000\000\002\000\000\000\002\000\001\002\377\000\000\000\004' >a-idx3-ubyte
printf '\000\000\010\001\000\000\000\003\000\002\002' >b-idx1-ubyte
gzip -c a-idx3-ubyte >a.gz
output 'dimensions 2 x 2 x 2 (images)' 'inspect: dimensions of an IDX file' inspect a-idx3-ubyte
prints 'size 24 bytes' 'inspect: its size'
prints 'min 0, max 255, mean 32.7500' 'inspect: its values' # (1 + 2 + 255 + 4) / 8
prints 'nonzero 50.00 % of 8' 'inspect: its density'
prints "sha256 $(digest a-idx3-ubyte)" 'inspect: its digest'
output "sha256 $(digest a-idx3-ubyte)" 'inspect: a .gz file has the digest of its content' inspect a.gz
prints '24 decompressed' 'inspect: and tells both sizes'
output '2 2 66.67 %' 'inspect: histogram of labels' inspect b-idx1-ubyte
head -c 23 a-idx3-ubyte >short-idx3-ubyte
message 3 'short-idx3-ubyte: cut short: 23 bytes, but its header promises 24' 'inspect: a cut IDX file' inspect short-idx3-ubyte
head -c 30 a.gz >short.gz
message 3 'short.gz: the compressed file is cut short' 'inspect: a cut .gz file' inspect short.gz
cp b-idx1-ubyte nameless
output 'dimensions 3 (labels)' 'inspect: knows an IDX file by its content' inspect nameless
{ printf '\3' && head -c 3072 /dev/zero && printf '\11' && head -c 3072 /dev/zero | tr '\0' '\2'; } >two.bin
output 'dimensions 2 x 3 x 32 x 32 (images), 2 (labels)' 'inspect: a file of CIFAR-10' inspect two.bin
{ grep -q '^values *min 0, max 2, mean 1.0000, deviation 1.0000$' out && grep -q '^ *3 *1  50.00 %$' out && grep -q '^ *9 *1  50.00 %$' out; }
ok $? '... its values and its labels'
gzip -k two.bin
output 'decompressed' '... compressed' inspect two.bin.gz
head -c 3074 two.bin >cut.bin
message 3 'cut.bin: 3074 bytes are no multiple of 3073' '... cut short' inspect cut.bin

last=one/checkpoints/last.safetensors
output 'model.1.weight F32 16x784' 'inspect: tensors with type and shape' inspect "$last"
prints 'descent.epoch: 3' 'inspect: metadata'
prints 'digests recorded and right: data, header' 'inspect: a checkpoint has its digests'
narrow
ok $? 'inspect: a checkpoint in 80 columns'
output 'batch_size: 50' 'inspect: -v shows the recorded spec' inspect -v "$last"
cp "$last" nameless
output 'model.1.weight F32 16x784' 'inspect: knows a safetensors file by its content' inspect nameless
if [ "$have_numpy" ]; then
    python read_tensors.py --summary "$last"
    cp out expected
    run inspect "$last"
    sed -n 's/^\([a-z0-9_.]*\)  *F32  *[0-9x]*  */\1 /p' out | tr -s ' ' | sort >got
    sort expected >wanted
    { [ "$(wc -l <got)" -eq 17 ] && diff got wanted >why; }
    ok $? 'inspect: norms, minima and maxima are those of numpy'
else
    skip 'inspect: norms, minima and maxima are those of numpy' 'no numpy'
fi
cp "$last" bad.safetensors
flip bad.safetensors $(($(wc -c <bad.safetensors) - 100))
message 3 'bad.safetensors: the data are damaged' 'inspect: a flipped bit in the data of a checkpoint' inspect bad.safetensors
cp "$last" bad.safetensors
flip bad.safetensors $(($(grep -abo '"descent.epoch":"3"' "$last" | cut -d: -f1) + 17))
grep -aq '"descent.epoch":"2"' bad.safetensors
ok $? 'inspect: (a flipped bit in the metadata: epoch 2 instead of 3)'
message 3 'bad.safetensors: the header is damaged' 'inspect: it does not go unnoticed' inspect bad.safetensors

output 'size 1600 x 1000 pixels' 'inspect: size of a figure' inspect one/loss.png
prints 'spec base (digits, adam)' 'inspect: the spec that a figure carries'
prints '1 4 validation set' 'inspect: curves and their points'
narrow
ok $? 'inspect: a figure in 80 columns'
printf 'trace: {function: rosenbrock, steps: 20, optimizers: [{name: sgd, lr: 0.001}]}\n' >path.yaml
run trace path.yaml -o path.png
output 'spec path (a trace)' 'inspect: the figure of a trace' inspect path.png
cp one/loss.png bad.png
flip bad.png 60
message 3 'bad.png is not a valid PNG' 'inspect: a flipped bit in a figure' inspect bad.png

output 'status completed' 'inspect: status of a run' inspect one
prints 'position epoch 3, update 36' 'inspect: its position'
prints 'last.safetensors 3 36' 'inspect: its checkpoints'
prints "epochs.csv $(digest one/epochs.csv)" 'inspect: digest of its table'
narrow
ok $? 'inspect: a run in 80 columns'
cp -r one bad
sed 's/^2,/2,9/' one/epochs.csv >bad/epochs.csv
message 3 "bad/epochs.csv is not the one that run.json's certificate is of" 'inspect: a changed table' inspect bad
cp one/epochs.csv bad
flip bad/checkpoints/best.safetensors $(($(wc -c <bad/checkpoints/best.safetensors) - 9))
message 3 'best.safetensors: the data are damaged' 'inspect: a damaged checkpoint of a run' inspect bad
{ tr -s ' ' <out | grep -q '^best.safetensors damaged' && grep -q '^last.safetensors .* sound' out; }
ok $? 'inspect: and which ones are sound'
cp ema/checkpoints/last.safetensors bad/checkpoints/best.safetensors
cp ema/checkpoints/last.safetensors bad/checkpoints/last.safetensors
train other seed=5
cp other/checkpoints/last.safetensors bad/checkpoints/last.safetensors
message 3 "its weights are not those of run.json's digest" "inspect: another run's weights" inspect bad
message 3 'nowhere: no such file or folder' 'inspect: nothing there' inspect nowhere
mkdir empty
message 3 'empty holds no run' 'inspect: a folder without a run' inspect empty
message 3 'neither an IDX file, one of CIFAR-10 (.bin)' 'inspect: another kind of file' inspect base.yaml
echo 'label,a' >table.csv
message 3 "'descent data import table.csv -o FOLDER'" 'inspect: a table, and what reads it' inspect table.csv
ends_with 2 'inspect: no argument' inspect

# ---- export ----

# Evaluates as the checkpoint does: the same loss, digit for digit.
evaluates_alike() { # TITLE CHECKPOINT-OR-FOLDER FILE
    run eval "$2"
    sed -n '/^loss/p; /^accuracy/p' out >wanted
    run eval "$3"
    sed -n '/^loss/p; /^accuracy/p' out >got
    { [ "$(wc -l <got)" -eq 2 ] && diff wanted got >why; }
    ok $? "$1"
}

exports() { # TITLE CHECKPOINT FILE PATTERN
    if [ "$have_numpy" ]; then
        python read_tensors.py --model "$2" "$3" "$4"
        exits 0 "$1"
    else
        skip "$1" 'no numpy'
    fi
}

output 'one.safetensors: 8 tensors (weights) of one/checkpoints/last.safetensors' 'export: a model' export one -o one.safetensors
exports 'export: the model as numpy reads it' one/checkpoints/last.safetensors one.safetensors 'model.{}'
evaluates_alike 'export: the model evaluates as its run' one one.safetensors
run inspect one.safetensors
{ [ "$code" -eq 0 ] && ! grep -q '^model\.' out && grep -q '^2.num_batches_tracked  *I64  *scalar  *36  *36  *36' out; }
ok $? 'export: no prefix, and the number of batches seen'
run export one -o one.npz
exports 'export: .npz as numpy reads it' one/checkpoints/last.safetensors one.npz 'model.{}'
if [ "$have_torch" ]; then
    python read_tensors.py --torch one.safetensors
    exits 0 'export: torch.nn.Sequential takes it strictly and gives the same logits'
else
    skip 'export: torch.nn.Sequential takes it strictly and gives the same logits' 'no torch'
fi

output '(average)' 'export: the average is what counts' export ema -o ema.safetensors
exports 'export: the average as numpy reads it' ema/checkpoints/last.safetensors ema.safetensors 'average.{}'
evaluates_alike 'export: the average evaluates as its run' ema ema.safetensors
train swa 'average={name: swa, start: 0.5}'
run export swa -o swa.npz
exports 'export: swa, with the statistics made for it' swa/checkpoints/last.safetensors swa.npz 'average.{}'
run export swa -o swa.safetensors
evaluates_alike 'export: swa evaluates as its run' swa swa.safetensors
train late 'average={name: swa, start: 0.9}' checkpoint.keep=3
output '(weights)' 'export: an average that has not begun is not taken' export late/checkpoints/step-12.safetensors -o late.safetensors
train free 'optimizer={name: schedule_free_adamw, lr: 0.005}'
output '(x)' "export: the weights that the optimizer evaluates" export free -o free.safetensors
exports 'export: they as numpy reads them' free/checkpoints/last.safetensors free.safetensors 'optimizer.{}.x'
evaluates_alike 'export: they evaluate as their run' free free.safetensors
train asgd 'optimizer={name: asgd, lr: 0.05}' model.batch_norm=false
run export asgd -o asgd.safetensors
exports 'export: the average of asgd' asgd/checkpoints/last.safetensors asgd.safetensors 'optimizer.{}.ax'
evaluates_alike 'export: it evaluates as its run' asgd asgd.safetensors
run eval one foo=1
says 2 '1 error in the command line' 'eval: an error is counted where it is'

train best train.epochs=6 optimizer.lr=0.2 checkpoint.best=valid_loss
run export best --weights best -o best.safetensors
exports 'export: the best weights' best/checkpoints/best.safetensors best.safetensors 'model.{}'
run export one.safetensors -o again.npz
exports 'export: a bare file of weights' one/checkpoints/last.safetensors again.npz 'model.{}'
train from 'model.init_from=one.safetensors' train.epochs=1 optimizer.lr=0
run export from -o from.safetensors
weights() { # FILE: what 'inspect' says of the parameters
    "$descent" inspect "$1" | grep -E '^[0-9]\.(weight|bias) '
}
weights one.safetensors >wanted
weights from.safetensors >got
{ [ "$(wc -l <got)" -eq 5 ] && diff wanted got >why; }
ok $? 'export: init_from takes it'

output 'events.out.tfevents.1: scalars of one/epochs.csv' 'export: an event file' export one -o events.out.tfevents.1
if [ "$have_numpy" ]; then
    python read_tensors.py --events events.out.tfevents.1 one
    exits 0 'export: every figure of epochs.csv is in it'
else
    skip 'export: every figure of epochs.csv is in it' 'no numpy'
fi
cp one.npz first.npz
cp one.safetensors first.safetensors
run export one -o one.npz
run export one -o one.safetensors
{ cmp first.npz one.npz && cmp first.safetensors one.safetensors; } >why
ok $? 'export: the same bytes again'

message 2 '-o names the file' 'export: no -o' export one
message 2 'one.pt: a file ends with .safetensors, .npz or .sqlite' 'export: another ending' export one -o one.pt
message 2 'is made of a run folder' 'export: events of a file of weights' export one.safetensors -o x.tfevents
message 2 'last or best' 'export: other weights' export one --weights first -o x.npz
message 3 'the header is damaged' 'export: a damaged checkpoint' export bad.safetensors -o x.npz
[ ! -e x.npz ]
ok $? 'export: and nothing is written'
message 4 'nowhere/x.npz' 'export: into no folder' export one -o nowhere/x.npz
message 2 'is what is to be exported' 'export: never onto its own source' export one/checkpoints/last.safetensors -o one/checkpoints/last.safetensors

# ---- what is not the run's own ----

cp -r one reworded
sed -i 's/^  lr: .*/  lr: 0.75/' reworded/spec.yaml
for command in compare status report 'plot --no-plots' eval 'export -o reworded.npz'; do
    # shellcheck disable=SC2086 # a command and its options
    message 3 "reworded/spec.yaml is not the one that run.json's certificate is of" "an edited spec.yaml: $command" ${command%% *} reworded -q $(echo "$command" | cut -s -d' ' -f2-)
done
run compare one reworded
{ [ "$code" -eq 3 ] && ! grep -q 0.75 out && grep -q 'left out: reworded/spec.yaml' err; } >why
ok $? 'an edited spec.yaml: the others are compared'
sed -i '/"certificate": {/,/"spec.yaml"/{/"spec.yaml"/d}' reworded/run.json
ends_with 0 'a certificate without its digest, as earlier versions wrote it' status reworded
cp -r one reworded2
sed -i 's/^description: .*/description: "better words"/' reworded2/spec.yaml
ends_with 3 'a description that was edited' compare reworded2
run resume reworded2 -q
ends_with 0 '... is taken over by resume' compare reworded2
train other seed=77
cp -r one foreign
cp other/checkpoints/*.safetensors foreign/checkpoints
for command in eval 'eval --weights best' 'export -o foreign.npz' 'landscape --no-plots'; do
    # shellcheck disable=SC2086
    message 3 "safetensors is of another spec than foreign/spec.yaml" "another run's weights: $command" ${command%% *} foreign -q $(echo "$command" | cut -s -d' ' -f2-)
done
message 2 "foreign holds another run's checkpoints (spec.yaml is as it was), of a different spec" "another run's weights: resume does not blame spec.yaml" resume foreign -q
ends_with 0 "another run's weights by their own name" eval foreign/checkpoints/last.safetensors -q
train earlier checkpoint.keep=5
cp earlier/checkpoints/step-12.safetensors earlier/checkpoints/last.safetensors
message 3 'its weights are not those that run.json names' "earlier weights of the same run in the last ones' place" eval earlier -q

# ---- verify ----

alone() { # FOLDER: nothing is left beside it
    ! ls -d ".$1".verify-* "$1".verify-* >why 2>/dev/null
}

output 'one is reproduced, byte for byte' 'verify: a run that can be reproduced' verify one -q
prints 'epochs.csv identical: 4 rows' 'verify: says that the tables are identical'
prints 'last.safetensors identical:' 'verify: and the tensors'
[ ! -s err ] && ! grep -q 'not the build' out
ok $? 'verify: the same build is not spoken of'
alone one
ok $? 'verify: the temporary folder is gone'
train cut train.epochs=5 checkpoint.every_steps=7
run resume cut -q train.epochs=6
ends_with 0 'verify: a run that was resumed and made longer' verify cut/ -q
train unmet 'expect={test_accuracy: ">= 0.999"}'
exits 6 'verify: (a run whose expectation is not met)'
ends_with 0 'verify: is reproduced all the same' verify unmet -q
train burst 'optimizer={name: sgd, lr: 1e30}' model.batch_norm=false
exits 5 'verify: (a run that diverges)'
output 'burst is reproduced' 'verify: diverges again' verify burst -q

rm -rf bad
cp -r one bad
sed '3s/^\([^,]*,[^,]*\),[^,]*/\1,0.5/' one/epochs.csv >bad/epochs.csv
run verify bad -q
{ [ "$code" -eq 1 ] && grep -q 'row 2 (epoch 1), column lr:' out && grep -q "'0.5' recorded, '0.005' now" out; }
ok $? 'verify: the first cell that differs'
grep -q 'bad is not reproduced' out && tr -s ' ' <out | grep -q '^last.safetensors identical'
ok $? 'verify: and what does not'
alone bad
ok $? 'verify: the temporary folder is gone after a difference'
sed '$d' one/epochs.csv >bad/epochs.csv
run verify bad -q
{ [ "$code" -eq 1 ] && grep -q '2 rows recorded, 3 now\|3 rows recorded, 4 now' out; }
ok $? 'verify: a row that is missing'
cp one/epochs.csv bad
rm bad/steps.csv
run verify bad -q
{ [ "$code" -eq 1 ] && grep -q 'steps.csv *is not in bad' out; }
ok $? 'verify: a table that is missing'
cp one/steps.csv bad
cp other/checkpoints/last.safetensors bad/checkpoints
run verify bad -q
{ [ "$code" -eq 1 ] && grep -q '17 of 17 tensors differ, first model.1.weight\[0, 0\]:' out && grep -q 'ulp apart' out; }
ok $? 'verify: the first number that differs'
if [ "$have_numpy" ]; then
    "$python" - one/checkpoints/last.safetensors bad/checkpoints/last.safetensors <<'END_SCRIPT'
import json, struct, sys
blob = bytearray(open(sys.argv[1], "rb").read())
(n,) = struct.unpack("<Q", blob[:8])
header = json.loads(blob[8 : 8 + n])
meta = header.pop("__metadata__")
meta.pop("descent.digest"), meta.pop("descent.header", None)
at = 8 + n + header["model.4.bias"]["data_offsets"][0] + 4 * 3
bits = struct.unpack("<i", blob[at : at + 4])[0]
blob[at : at + 4] = struct.pack("<i", bits + 2)
text = json.dumps({"__metadata__": meta, **header}).encode()
open(sys.argv[2], "wb").write(struct.pack("<Q", len(text)) + text + blob[8 + n :])
END_SCRIPT
    run verify bad -q
    { [ "$code" -eq 1 ] && grep -q '1 of 17 tensors differ, first model.4.bias\[3\]:' out && grep -q ', 2 ulp apart' out; }
    ok $? 'verify: one number that is off by two units in the last place'
else
    skip 'verify: one number that is off by two units in the last place' 'no numpy'
fi
cp one/checkpoints/last.safetensors bad/checkpoints
sed 's/^seed: .*/seed: 5/' one/spec.yaml >bad/spec.yaml
run verify bad -q
{ [ "$code" -eq 1 ] && grep -q 'row 1 (epoch 0), column train_loss' out; }
ok $? 'verify: another seed shows in the first row'
cp one/spec.yaml bad
sed 's/"kernel": "[^"]*"/"kernel": "Abacus"/' one/run.json >bad/run.json
run verify bad -q
{ [ "$code" -eq 0 ] && sed -n 1p out | grep -q '^not the build that trained it' && sed -n 2p out | grep -q 'BLAS kernel: Abacus there, '; }
ok $? 'verify: another BLAS kernel is told first'
sed 's/\("train_labels": "\)..../\10000/' one/run.json >bad/run.json
message 3 'bad was trained on other data: the SHA-256 of digits/train-labels-idx1-ubyte' 'verify: not with other data' verify bad -q
sed 's/\("valid_accuracy": \)0[.0-9]*/\10.987/' one/run.json >bad/run.json
run verify bad -q
{ [ "$code" -eq 1 ] && grep -q '^metrics .*metrics.final.valid_accuracy is 0.987, but 0[.0-9]* in epochs.csv' out; }
ok $? 'verify: metrics that are not those of the table'
sed 's/"status": "completed"/"status": "interrupted"/; s/"exit_code": 0/"exit_code": null/' one/run.json >bad/run.json
message 2 'bad is not completed (status interrupted)' 'verify: a run that is not completed' verify bad -q
message 0 'bad is not finished: interrupted at epoch ' 'eval: that is said of it' eval bad
message 0 'bad is not finished: interrupted at epoch ' 'export: likewise' export bad -o bad.npz
rm bad/run.json
ends_with 3 'verify: a run without run.json' verify bad -q
printf '{"status": ' >bad/run.json
message 3 'bad/run.json: not valid JSON' 'verify: a damaged run.json' verify bad -q
digest=$(sed -n 's/.*"weights_sha256": "\([0-9a-f]*\)".*/\1/p' one/run.json)
output 'against identical: SHA-256' 'verify: against the digest that it has' verify one -q --against "sha256:$digest"
run verify one -q --against "$(printf '%064d' 7)"
{ [ "$code" -eq 1 ] && grep -q "against *SHA-256 $(printf '%064d' 7) asked for" out && grep -q "^ *SHA-256 $digest now" out; } >why
ok $? 'verify: against another, both in full'
grep -q 'one is reproduced, byte for byte, but its weights are not those that --against names' out && grep -q '"yes"' one/verified.json
ok $? 'verify: and the run is reproduced all the same, as its folder notes'
(cd one && "$descent" verify . -q >../out 2>../err && ! ls -d .*verify-* 2>../why)
ok $? 'verify: the folder that one is in'
rm -rf noted && cp -r one noted && sed -i 2d noted/steps.csv
run verify noted -q
{ [ "$code" -eq 1 ] && grep -q '"verified": "no"' noted/verified.json; }
ok $? 'verify: what is noted in the folder is what was said'
sed 's/\("weights_sha256": "\)..../\10000/' one/run.json >noted/run.json
cp one/steps.csv noted
run verify noted -q
{ [ "$code" -eq 1 ] && grep -q '^weights *SHA-256 0000[0-9a-f]*... recorded, ' out; }
ok $? 'verify: a digest of weights that are not there'
sed 's/\("weights": "\)..../\10000/' one/run.json >noted/run.json
run verify noted -q
{ [ "$code" -eq 1 ] && grep -q '^weights *SHA-256 0000[0-9a-f]*... certified in run.json, ' out; }
ok $? 'verify: a certificate of other weights'
cp one/run.json noted
rm noted/checkpoints/*
output 'weights identical: by their SHA-256, as last.safetensors is not in noted/checkpoints' 'verify: a folder without its weights' verify noted -q
grep -q '"yes"' noted/verified.json
ok $? 'verify: is reproduced, as its folder notes'
sed 's/"results": 2/"results": 1/' one/run.json >noted/run.json
message 3 'it cannot be verified' 'verify: results of another version' verify noted -q
[ ! -e noted/verified.json ]
ok $? 'verify: an earlier note does not outlast a verify that cannot tell'
message 2 '64 digits' 'verify: against what is no digest' verify one -q --against 12ab
ends_with 2 'verify: takes no setting but where the data are' verify one optimizer.lr=2
message 2 'is for a sweep' 'verify: members of a run' verify one -q --members 1
cat >three.yaml <<'END'
extends: base.yaml
train: {epochs: 1}
plots: false
sweep: {grid: {optimizer.lr: [0.1, 0.01, 0.001]}}
END
run sweep three.yaml -q -o three
output 'three: 3 of 3 members reproduced, byte for byte' 'verify: a sweep' verify three -q
sed 's/^\(1,[^,]*,\)/\17/' three/lr=0.001/epochs.csv >cells && cp cells three/lr=0.001/epochs.csv
run verify three -q
{ [ "$code" -ne 0 ] && grep -q 'three: 2 of 3 members reproduced' out; } >why
ok $? 'verify: a sweep of which one member was changed'
tr '\n' ' ' <out | grep -q 'byte for byte not verified:   three/lr=0.001 $'
ok $? 'verify: and names it at the end'
cp one/run.json noted
sed 2d one/steps.csv >noted/steps.csv
run verify one noted three -q
{ [ "$code" -eq 1 ] && tr '\n' ' ' <out | grep -q '1 of 3 reproduced, byte for byte not reproduced:   noted not verified:   three $'; }
ok $? 'verify: of several too'
output 'three: 2 of 2 members reproduced' 'verify: the first members of a sweep' verify three -q --members 2
message 2 'is for one run' 'verify: -o of a sweep' verify three -q -o elsewhere
message 3 'empty holds no run' 'verify: a folder without a run' verify empty
run verify one -q -o kept
{ [ "$code" -eq 0 ] && cmp one/epochs.csv kept/epochs.csv && alone one; } >why
ok $? 'verify: -o keeps the second run'
message 2 'kept already holds a run' 'verify: -o of a folder that holds one' verify one -q -o kept
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed
    cp -r one closed/one
    chmod 555 closed
    message 4 '-o names another place' 'verify: a folder that nothing can be put beside' verify closed/one -q
    chmod 755 closed
else
    skip 'verify: a folder that nothing can be put beside' 'root may write everywhere'
fi
cp -r one long
sed 's/^  epochs: 3$/  epochs: 100000/' one/spec.yaml >long/spec.yaml
"$descent" verify long -q >out 2>err </dev/null &
pid=$!
tries=0
until ls -d .long.verify-*/epochs.csv >/dev/null 2>&1 || [ $tries -eq 1200 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
kill -TERM "$pid"
code=0
wait "$pid" || code=$?
{ [ "$code" -eq 143 ] && alone long; }
ok $? 'verify: stopped by a signal, it leaves nothing behind'
grep -q "long was not verified, as a signal stopped that; 'descent verify long' begins again" err
ok $? 'verify: and says so'
begin_verify() { # a verify of long at work, as process $pid in the folder $place, which is none of $others
    "$descent" verify long -q >out 2>err </dev/null &
    pid=$! place='' tries=0
    until [ -n "$place" ] || [ $tries -eq 1200 ]; do
        for entry in .long.verify-*; do
            case " $others " in *" $entry "*) ;; *) [ -s "$entry/epochs.csv" ] && place=$entry ;; esac
        done
        sleep 0.05
        tries=$((tries + 1))
    done
}
others=''
begin_verify
working=$pid others=$place
begin_verify
kill -KILL "$pid"
wait "$pid" 2>why
killed=$place others="$others $place"
begin_verify
[ -d "${others%% *}" ] && [ ! -e "$killed" ] && [ -d "$place" ]
ok $? 'verify: what a killed one left goes, and what another one trains stays'
kill -TERM "$pid" "$working"
wait "$pid"
wait "$working"
alone long
ok $? 'verify: and nothing is left'

# ---- a run at work ----

"$descent" run base.yaml -q -o live train.epochs=100000 checkpoint.every_steps=1 checkpoint.keep=3 >/dev/null 2>&1 </dev/null &
pid=$!
tries=0
until [ -e live/run.json ] && ls live/checkpoints/step-* >/dev/null 2>&1 || [ $tries -eq 1200 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
tries=0 code=0
while [ "$code" -eq 0 ] && [ $tries -lt 60 ]; do # one in eight met one that had gone
    run inspect live
    tries=$((tries + 1))
done
exits 0 'inspect: of a run that removes checkpoints meanwhile'
message 2 "live is being trained: wait for it, or see 'descent status live', and verify it then" 'verify: a run at work is not to be resumed' verify live
kill -TERM "$pid"
wait "$pid"

# ---- extract ----

output 'carried/base.yaml' 'extract: names the spec that it writes' extract one/loss.png -o carried
cmp one/spec.yaml carried/base.yaml >why
ok $? 'extract: the spec is that of the run'
awk -F, 'NR == FNR { if (FNR == 1) for (i = 1; i <= NF; i++) if ($i == "valid_loss") k = i
        if (FNR > 1) print $1 "," $k
        next }' one/epochs.csv >wanted
sed -n 's/^1,validation set,//p' carried/loss.csv >got
{ [ "$(wc -l <got)" -eq 4 ] && [ "$(head -n 1 carried/loss.csv)" = panel,curve,x,y ] && diff wanted got >why; }
ok $? 'extract: the points of a curve are those of the table'
run run carried/base.yaml -q -o recarried
{ [ "$code" -eq 0 ] && diff -r -x run.json -x timing.csv -x verified.json one recarried >why; }
ok $? 'extract: its spec trains the same run, byte for byte'
run run one/accuracy.png -q -o drawn
{ [ "$code" -eq 0 ] && diff -r -x run.json -x timing.csv -x verified.json one drawn >why; }
ok $? 'run: a figure trains the run that it shows, down to the figures'
message 2 "did you mean 'lr'?" 'run: overrides of a figure are checked' run one/schedule.png optimizer.learning_rate=1
message 3 'bad.png is not a valid PNG' 'run: a damaged figure' run bad.png
message 3 'bad.png is not a valid PNG' 'extract: a damaged figure' extract bad.png -o carried2
[ ! -e carried2 ]
ok $? 'extract: and no folder is made'
output 'carried/loss.csv' 'extract: again into the same folder' extract one/loss.png -o carried
sed 's/lr: .*/lr: 7/' carried/base.yaml >edited
cp edited carried/base.yaml
rm carried/loss.csv
message 2 'carried/base.yaml is there and differs' 'extract: a file of the user'"'"'s own is not replaced' extract one/loss.png -o carried
{ cmp edited carried/base.yaml && [ ! -e carried/loss.csv ]; } >why
ok $? 'extract: and nothing is written'
run extract one/loss.png -o carried --force
{ [ "$code" -eq 0 ] && cmp one/spec.yaml carried/base.yaml; } >why
ok $? 'extract --force: it is'
for file in one/epochs.csv base.yaml; do
    message 3 "$file is no figure" "extract: $file" extract "$file" -o carried2
done
message 2 '-o names the folder' 'extract: no -o' extract one/loss.png

# ---- data ----

files='train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte'
output '600 training, 100 validation and 200 test images' 'data make: says what it wrote' data make -o datasets/made dataset.seed=4 dataset.train_limit=600 dataset.validation=100 dataset.test_limit=200
set -- "$(tail -n 1 out)"
[ "$1" = 'dataset: {name: idx, dir: datasets/made, validation: 100}' ]
ok $? 'data make: and how a spec names it'
output 'dimensions 700 x 28 x 28 (images)' 'data make: training and validation images in one file' inspect datasets/made/train-images-idx3-ubyte.gz
train digits4 dataset.seed=4
sed "s|^dataset:.*|$1|" base.yaml >made.yaml
run run made.yaml -q --no-plots -o made
{ [ "$code" -eq 0 ] && cmp digits4/epochs.csv made/epochs.csv; } >why
ok $? 'data make: the files give the run that the digits give'
data_digests() { # FOLDER
    grep -E '"(train|test)_(images|labels)": "[0-9a-f]{64}"' "$1/run.json"
}
data_digests digits4 >wanted
data_digests made >got
{ [ "$(wc -l <got)" -eq 4 ] && diff wanted got >why; }
ok $? 'data make: with the same digests'
run data make -o fraction dataset.seed=4 dataset.train_limit=600 dataset.validation=0.1 dataset.test_limit=200 --plain
sed "s|^dataset:.*|$(tail -n 1 out)|" base.yaml >made.yaml
train digits5 dataset.seed=4 dataset.validation=0.1
run run made.yaml -q --no-plots -o made5
{ [ "$code" -eq 0 ] && cmp digits5/epochs.csv made5/epochs.csv; } >why
ok $? 'data make: a fraction held out, in plain files'
if [ "$have_numpy" ]; then
    run export made -o made.safetensors
    python read_tensors.py --predict made.safetensors datasets/made/t10k-images-idx3-ubyte.gz datasets/made/t10k-labels-idx1-ubyte.gz
    [ "$code" -eq 0 ] && [ "$(cat out)" = "$(tail -n 1 made/epochs.csv | sed 's/.*,//')" ]
    ok $? 'data make, export: numpy gets as many test images right as the run says'
else
    skip 'data make, export: numpy gets as many test images right as the run says' 'no numpy'
fi
mkdir twice
for file in $files; do
    gzip -dc "datasets/made/$file.gz" >"twice/$file"
done
message 2 'twice/train-images-idx3-ubyte is there already' 'data make: writes over nothing' data make -o twice dataset.seed=5
run data make -o again dataset.seed=4 dataset.train_limit=600 dataset.validation=100 dataset.test_limit=200
diff -r datasets/made again >why
ok $? 'data make: the same bytes again'
message 2 "did you mean 'seed'?" 'data make: settings are checked' data make -o no dataset.sed=4
message 2 'is no setting of the synthetic digits' 'data make: other settings than those of the data' data make -o no optimizer.lr=1
message 2 "'dataset.train_limit' is 60000" 'data make: limits beyond what there is' data make -o no dataset.train_limit=60000
message 2 '-o names the folder' 'data make: no -o' data make
[ ! -e no ]
ok $? 'data make: and nothing is written'

output 'digits made as it is needed' 'data list: the synthetic digits' data list
prints 'fashion-mnist not found' 'data list: a set that is not there'
prints 'idx datasets/made' 'data list: another folder with the four files'
prints 'train-images-idx3-ubyte.gz 700x28x28' 'data list: sizes'
prints "$(gzip -dc datasets/made/t10k-labels-idx1-ubyte.gz | sha256sum | cut -c1-12) unpublished" 'data list: digests'
narrow
ok $? 'data list: in 80 columns'
cp -r datasets/made datasets/mnist
output 'not as published' 'data list: a file that is not the published one' data list
rm -r datasets/mnist
head -c 1000 datasets/made/t10k-images-idx3-ubyte.gz >datasets/made/x
mv datasets/made/x datasets/made/t10k-images-idx3-ubyte.gz
message 3 't10k-images-idx3-ubyte.gz: the compressed file is cut short' 'data list: a damaged file' data list
rm datasets/made/t10k-images-idx3-ubyte.gz
run data list datasets/made
{ [ "$code" -eq 3 ] && tr -s ' ' <out | grep -q 't10k-images-idx3-ubyte missing'; }
ok $? 'data list: a missing file of a folder named'
if [ -n "${DESCENT_MNIST:-}" ]; then
    run data list "$DESCENT_MNIST"
    { [ "$code" -eq 0 ] && [ "$(grep -c "mnist's$" out)" -eq 4 ]; }
    ok $? 'data list: knows MNIST by its digests'
else
    skip 'data list: knows MNIST by its digests' 'DESCENT_MNIST is not set'
fi
message 2 'list, show, make or import?' 'data: neither' data

plan
