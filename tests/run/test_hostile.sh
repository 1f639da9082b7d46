#!/bin/sh
# Folders and files of other people: links, pipes, devices, sockets, folders in place of files, control characters.
# Speaks TAP.
#
#     test_hostile.sh DESCENT
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
own_folder

# descent, for at most thirty seconds; SIGTERM must end it.
bounded() {
    code=0
    timeout 30 "$descent" "$@" >out 2>err </dev/null || code=$?
}

cat >b.yaml <<'EOF'
name: b
dataset: {name: digits, validation: 100, train_limit: 300, test_limit: 100}
model: {name: mlp, hidden: [8]}
train: {epochs: 2, batch_size: 50}
optimizer: {name: sgd, lr: 0.05}
log: {steps: 1}
checkpoint: {keep: 3}
threads: 1
EOF
ends_with 0 'a run to start from' run b.yaml -q -o plain
{ sed 's/^name: b/name: s/' b.yaml && printf 'plots: false\nsweep:\n  grid:\n    optimizer.lr: [0.1, 0.05]\n'; } >s.yaml
ends_with 0 'a sweep to start from' sweep s.yaml -q -o swept
# as a signal after the first of two epochs leaves it
run run b.yaml -q -o half --no-plots
mv half/checkpoints/step-6.safetensors half/checkpoints/last.safetensors && rm half/checkpoints/step-12.safetensors
sed -i 's/"status": "completed"/"status": "interrupted"/; s/"exit_code": 0/"exit_code": 143/' half/run.json
ends_with 0 'data to start from' data make -o data dataset.train_limit=300
mkdir outside
printf 'precious\n' >outside/precious

fresh() { # FOLDER: a copy of it, as x
    rm -rf x && cp -r "$1" x
}

unharmed() { # TITLE: what lies outside is as it was
    [ "$(cat outside/precious)" = precious ] && [ "$(ls outside)" = precious ]
    ok $? "$1"
}

listed() { # FOLDER: its files, their sizes and times
    find "$1" -type f -exec ls -l {} + | sort
}

# ---- links ----

for name in spec.yaml run.json epochs.csv timing.csv steps.csv report.html; do
    fresh half
    ln -s ../outside/precious "x/$name.tmp"
    bounded resume x
    { [ "$code" -eq 0 ] && [ "$(cat outside/precious)" = precious ] && [ -L "x/$name.tmp" ]; }
    ok $? "resume: $name.tmp as a link is let alone"
done
ln -s ../outside/precious plain/report.html.tmp
bounded report plain
{ [ "$code" -eq 0 ] && [ -f plain/report.html ] && [ "$(cat outside/precious)" = precious ]; }
ok $? 'report: report.html.tmp as a link is let alone'
rm plain/report.html plain/report.html.tmp

for name in spec.yaml run.json epochs.csv timing.csv steps.csv; do
    fresh half
    [ -e "x/$name" ] || continue
    cp x/run.json before.json
    mv "x/$name" outside/moved && cp outside/moved moved && ln -s ../outside/moved "x/$name"
    bounded resume x
    { [ "$code" -eq 4 ] && grep -q 'is a link: below' err && cmp outside/moved moved && { [ "$name" = spec.yaml ] || cmp x/run.json before.json; }; }
    ok $? "resume: $name as a link is refused, what it names stays, and run.json is as it was"
    rm outside/moved
done
fresh plain
ln -s ../outside/precious x/report.html
bounded report x
says 4 'x/report.html is a link' 'report: report.html as a link is refused'
bounded plot x -o x/loss2.png
exits 0 'plot: into the folder of a run'
ln -s ../outside/precious x/link.png
bounded plot x -o x/link.png
says 4 'x/link.png is a link' 'plot -o: a link in the folder of a run is refused'
ln -s ../outside/new.sqlite x/link.sqlite
bounded export x -o x/link.sqlite
{ [ "$code" -eq 4 ] || grep -q 'without libsqlite3' err; } && [ ! -e outside/new.sqlite ]
ok $? 'export: nor is a database made through one'
unharmed 'what the links named is as it was'
ln -s outside/picture.png own.png
bounded plot plain -o own.png
{ [ "$code" -eq 0 ] && [ -L own.png ] && [ -s outside/picture.png ]; }
ok $? 'plot -o: elsewhere, a link of the user is followed'
rm outside/picture.png

fresh half
mv x/checkpoints outside/checkpoints && ln -s ../outside/checkpoints x/checkpoints
listed outside/checkpoints >before
for command in 'resume x' 'run b.yaml -o x' 'run b.yaml -o x --force'; do
    # shellcheck disable=SC2086
    bounded $command
    { [ "$code" -eq 4 ] && grep -q 'x/checkpoints is a link' err && listed outside/checkpoints | cmp - before; }
    ok $? "$command: checkpoints as a link are neither written nor removed"
done
rm -r outside/checkpoints
fresh plain
cp x/checkpoints/last.safetensors x/checkpoints/step-1.safetensors
mv x/checkpoints outside/checkpoints && ln -s ../outside/checkpoints x/checkpoints
listed outside/checkpoints >before
bounded clean x
{ [ "$code" -eq 0 ] && listed outside/checkpoints | cmp - before && grep -q 'x/checkpoints is a link' err; }
ok $? 'clean: nothing goes through a link'
rm -r outside/checkpoints
mkdir new && ln -s ../outside new/checkpoints
bounded run b.yaml -q -o new
{ [ "$code" -eq 4 ] && [ "$(ls outside)" = precious ]; }
ok $? 'run: into a folder whose checkpoints are a link'
fresh swept && rm -r x/*0.1
mkdir outside/member
member=$(basename swept/*0.1)
ln -s ../outside/member "x/$member"
bounded sweep s.yaml -q -o x
{ [ "$code" -ne 0 ] && [ "$code" -lt 120 ] && [ -z "$(ls -A outside/member)" ]; }
ok $? 'sweep: nothing is written to a member that is a link'
rm -r outside/member

# ---- what killed processes left ----

fresh half
: >x/checkpoints/last.safetensors.0123456789ab.tmp
: >x/run.json.0123456789ab.tmp
: >x/notes.tmp
bounded resume x
{ [ "$code" -eq 0 ] && [ -z "$(find x -name '*.0123456789ab.tmp')" ] && [ -f x/notes.tmp ]; }
ok $? 'resume: half files of a killed process go, others stay'

# ---- every command on every special file ----

socket() { # PATH
    python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1"
}

special() { # KIND PATH: puts one there
    rm -rf "$2"
    case $1 in
    fifo) mkfifo "$2" ;;
    zero) ln -s /dev/zero "$2" ;;
    tty) ln -s /dev/ptmx "$2" ;;
    folder) mkdir "$2" ;;
    socket) socket "$2" ;;
    esac
}

ends() { # TITLE: by itself, and by no signal
    { [ "$code" -lt 120 ] || ! echo "exit code $code" >why; }
    ok $? "$1"
}

try() { # COMMAND PATH: with the options that it wants
    case $1 in
    export) bounded export "$2" -o e.npz ;;
    landscape) bounded landscape "$2" -o l --points 3 ;;
    extract) bounded extract "$2" -o e ;;
    again) bounded run b.yaml --no-plots -o "$2" ;;
    grown) bounded sweep s.yaml -o "$2" ;;
    clean) bounded clean -n "$2" ;;
    *) bounded "$1" "$2" ;;
    esac
}

all_of_run='status resume report compare inspect eval plot verify export clean landscape again'
all_of_sweep='status resume report compare grown'
all_of_file='check run trace schedule lr-range sweep inspect extract eval export report status compare resume verify plot landscape'
kinds='fifo zero tty folder'
command -v python3 >/dev/null && kinds="$kinds socket"
# One function opens all files: what a pipe shows of all commands, a few show of the others.
for kind in $kinds; do
    of_run='status report inspect' of_file='check inspect extract eval'
    [ "$kind" = fifo ] && of_run=$all_of_run of_file=$all_of_file
    for file in spec.yaml run.json epochs.csv steps.csv timing.csv checkpoints/last.safetensors; do
        for command in $of_run; do
            fresh plain
            special "$kind" "x/$file"
            try "$command" x
            ends "$command: $kind as $file"
        done
        fresh half
        special "$kind" "x/$file"
        bounded resume x
        ends "resume of half a run: $kind as $file"
    done
    for file in sweep.yaml members.csv summary.csv; do
        for command in $all_of_sweep; do
            fresh swept
            special "$kind" "x/$file"
            try "$command" x
            ends "$command of a sweep: $kind as $file"
        done
    done
    for file in y.yaml y.png y.svg y.safetensors y-ubyte y; do
        special "$kind" "$file"
        for command in $of_file; do
            try "$command" "$file"
            ends "$command: $kind named $file"
        done
    done
    special "$kind" y.safetensors
    bounded run b.yaml --no-plots -o of "model.init_from=y.safetensors"
    { [ "$code" -eq 3 ] && [ ! -e of ]; }
    ok $? "init_from: $kind is refused"
    printf 'extends: y.yaml\n' >e.yaml
    special "$kind" y.yaml
    bounded check e.yaml
    exits 2 "extends: $kind is refused"
    for name in t10k-images t10k-labels train-images train-labels; do
        rm -rf set && cp -r data set
        name=$(echo set/$name-*)
        special "$kind" "$name"
        bounded run b.yaml --no-plots -o of 'dataset={name: idx, dir: set}'
        { [ "$code" -eq 3 ] && grep -q "$name" err; }
        ok $? "run: $kind as $name is refused"
    done
done
mkfifo pipe
bounded check pipe
says 2 'cannot read pipe: it is a named pipe, not a plain file' 'check: a pipe in the file system is refused at once'
code=0
timeout 10 "$descent" check /dev/stdin <b.yaml >out 2>err || code=$?
exits 0 'check /dev/stdin: a file'
code=0
# shellcheck disable=SC2002
cat b.yaml | timeout 10 "$descent" check /dev/stdin >out 2>err || code=$?
exits 0 'check /dev/stdin: a pipe'

# ---- sizes ----

for i in $(seq 1 34); do
    printf 'extends: %d.yaml\n' $((i + 1)) >"$i.yaml"
done
cp b.yaml 35.yaml
bounded check 1.yaml
says 2 "'extends' goes more than 32 files deep" 'extends: 34 files deep are refused'
bounded check 3.yaml
exits 0 'extends: 32 files deep'
truncate -s 1T huge.safetensors
bounded inspect huge.safetensors
says 3 'the header is empty' 'inspect: a terabyte of zeros'
for i in $(seq 1 80); do
    printf '%s{name: reduce_on_plateau, patience: %d}' "$([ "$i" -gt 1 ] && echo ', ')" "$i"
done >plateaus
bounded run b.yaml -q --no-plots -o plateaus80 "scheduler=[$(cat plateaus)]"
exits 0 'run: eighty plateaus and their checkpoints'
bounded resume plateaus80 train.epochs=3
exits 0 'resume: eighty plateaus'
deep=$(printf '%0200d/' $(seq 1 15))
bounded run b.yaml -q --no-plots -o "$deep"
exits 0 'run: into a path of 3,000 bytes'
bounded report "$deep" -o deep.html
exits 0 'report: of it'
deep=$(printf '%0200d/' $(seq 1 30))
bounded run b.yaml -q --no-plots -o "$deep"
exits 4 'run: a path of 6,000 bytes, more than the system takes, is refused'

if python3 -c 'import zlib' 2>/dev/null; then
    # five texts, each of them small enough; and ten thousand
    cat >png.py <<'EOF'
import struct, sys, zlib
def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
n, size = int(sys.argv[2]), int(sys.argv[3])
text = zlib.compress(b'a' * size, 1)
with open(sys.argv[1], 'wb') as f:
    f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 1, 1, 8, 0, 0, 0, 0)))
    for i in range(n):
        f.write(chunk(b'iTXt', (sys.argv[4] if len(sys.argv) > 4 else 'text %d' % i).encode() + b'\0\1\0\0\0' + text))
    f.write(chunk(b'IDAT', zlib.compress(b'\0\0')) + chunk(b'IEND', b''))
EOF
    python3 png.py large.png 5 56000000
    bounded inspect large.png
    says 3 'its texts take more than 256 MB' 'inspect: a figure whose texts are large together'
    python3 png.py many.png 10000 10
    bounded inspect many.png
    { [ "$code" -eq 0 ] && [ "$(grep -c '^text ' out)" -eq 10000 ]; }
    ok $? 'inspect: a figure with 10,000 texts'
    python3 png.py parts.png 10000 10 one
    bounded inspect parts.png
    { [ "$code" -eq 0 ] && grep -q '^text  *one, 100000 bytes$' out; }
    ok $? 'inspect: and with one text of 10,000 parts'
fi

# ---- control characters ----

escape=$(printf '\033]0;owned\007')
silent() { # TITLE: no control character but newlines and tabs
    cat out err | LC_ALL=C tr -d '\n\t -~\200-\377' >why
    { [ ! -s why ] && [ "$(cat out err | LC_ALL=C grep -c "$(printf '\302\233')")" -eq 0 ]; }
    ok $? "$1"
}
bounded run b.yaml --no-plots -o "of$escape"
silent 'run -o: a path with an escape sequence'
bounded status "of$escape"
silent 'status of it'
bounded compare "of$escape" plain
silent 'compare of it'
bounded "st$escape"
silent 'a command that is none'
bounded status "--st$escape"
silent 'an option that is none'
bounded run b.yaml "name=x$escape" -o named
silent 'a name'
bounded run b.yaml "optimizer.$escape=1" -o named
silent 'a key'
broken=$(printf 'no\nsuch\tx')
shown() { # TITLE CODE ARGUMENT ...: in its line
    shown_title=$1 shown_code=$2
    shift 2
    bounded "$@"
    { [ "$code" -eq "$shown_code" ] && cat out err | grep -qF 'no\nsuch\tx' && [ "$(cat out err | LC_ALL=C grep -c "^such$(printf '\t')x")" -eq 0 ]; }
    ok $? "a name with a newline and a tab: $shown_title"
}
shown 'a folder that is not there' 3 status "$broken"
shown 'a spec' 2 run "$broken"
shown 'a command' 2 "$broken"
shown 'an option' 2 status "--$broken"
shown 'a word of list' 2 list "$broken"
shown 'a metric' 2 compare plain --metric "$broken"
shown '-o' 0 run b.yaml --no-plots -o "$broken/"
shown 'the next thing to type' 0 run b.yaml --no-plots -o "$broken"
shown 'its folder' 0 inspect "./$broken"
shown 'a sweep in it' 0 sweep b.yaml --no-plots 'sweep={seeds: 2}' "--out=$broken/sweep"
mkdir below
cp -r "$broken" below/it
cp -r plain below/sound
mv below/it "below/$broken"
shown 'below a folder' 0 compare below --runs
bounded run b.yaml --no-plots -o lines 'optimizer=
  name: equations
  update: |
    w = w - lr * g
' train.epochs=1
[ "$code" -eq 0 ]
ok $? 'a setting may have lines'
rm -r below
fresh plain
sed -i 's/"status": "completed"/"status": "failed", "message": "\\u001b]0;owned\\u0007 \\u009b31m"/; s/"exit_code": 0/"exit_code": 4/' x/run.json
for command in status inspect compare report resume; do
    bounded "$command" x
    silent "$command: a message in run.json"
done
if python3 -c 'import struct' 2>/dev/null; then
    cat >write.py <<'EOF'
import json, struct, sys
# write.py SOURCE TARGET CHANGE: a weights file with its header changed by an expression on h, or its numbers on values
source, target, change = sys.argv[1:]
b = open(source, 'rb').read()
n = struct.unpack('<Q', b[:8])[0]
h, data = json.loads(b[8:8 + n]), b[8 + n:]
names = sorted((k for k in h if k != '__metadata__'), key=lambda k: h[k]['data_offsets'])
meta = {k: v for k, v in h.get('__metadata__', {}).items() if k not in ('descent.digest', 'descent.header')}
tensors = []
for k in names:
    a, e = h[k]['data_offsets']
    values = list(struct.unpack('<%df' % ((e - a) // 4), data[a:e])) if h[k]['dtype'] == 'F32' else None
    tensors.append([k, h[k]['shape'], values, 'f', 'F32'] if values is not None else None)
tensors = [t for t in tensors if t]
exec(change)
out, at, chunks = {}, 0, []
for k, shape, values, code, dtype in tensors:
    if dtype == 'BF16':
        c = b''.join(struct.pack('<f', v)[2:] for v in values)
    else:
        c = struct.pack('<%d%s' % (len(values), code), *values)
    out[k] = {'dtype': dtype, 'shape': shape, 'data_offsets': [at, at + len(c)]}
    at += len(c)
    chunks.append(c)
if meta:
    out['__metadata__'] = meta
text = json.dumps(out).encode()
open(target, 'wb').write(struct.pack('<Q', len(text)) + text + b''.join(chunks))
EOF
    "$descent" export plain -o bare.safetensors >/dev/null
    from() { # FILE: what a run that learns nothing starts from and ends with
        rm -rf of && bounded run b.yaml -q --no-plots -o of "model.init_from=$1" train.epochs=1 optimizer.lr=0
    }
    weights() { # FOLDER
        "$descent" inspect "$1/checkpoints/last.safetensors" | grep -E '^(model\.)?[0-9]\.(weight|bias) '
    }
    # ---- checkpoints of another format ----
    last=checkpoints/last.safetensors
    fresh half
    python3 write.py half/$last x/$last 'meta["descent.format"] = "99"'
    for command in resume 'inspect' 'run b.yaml -o'; do
        # shellcheck disable=SC2086
        bounded $command x
        { [ "$code" -eq 3 ] && grep -q 'format 99' out err; }
        ok $? "$command: a checkpoint of a later format is refused"
    done
    for command in eval 'export -o e.npz' inspect; do
        # shellcheck disable=SC2086
        bounded $command x/$last
        says 3 'format 99' "$command: the same as a file"
    done
    from x/$last
    says 3 'format 99' 'init_from: the same'
    # ---- weights of other types ----
    # the numbers are rounded to what the type holds, so that each of the types must give the same
    python3 write.py bare.safetensors f32.safetensors 'for t in tensors: t[2] = [round(v * 64) / 64 for v in t[2]]'
    from f32.safetensors
    exits 0 'init_from: F32'
    weights of >wanted
    for type in F64:d F16:e BF16:f; do
        python3 write.py f32.safetensors other.safetensors \
            "for t in tensors: t[3], t[4] = '${type#*:}', '${type%:*}'"
        from other.safetensors
        { [ "$code" -eq 0 ] && weights of | diff wanted - >why; }
        ok $? "init_from: ${type%:*} is converted"
        bounded eval other.safetensors --spec b.yaml
        exits 0 "eval: ${type%:*} is converted"
    done
    python3 write.py f32.safetensors other.safetensors 't = tensors[1]; t[2] = [int(v) for v in t[2]]; t[3:] = "i", "I32"'
    from other.safetensors
    says 3 "not of type F32, F64, F16 or BF16 '1.bias'" 'init_from: I32 is refused'
    for value in 'float("nan")' 'float("inf")' '-float("inf")'; do
        python3 write.py f32.safetensors other.safetensors "tensors[1][2][3] = $value"
        from other.safetensors
        says 3 "not finite in '1.bias'" "init_from: $value is refused"
    done
    python3 write.py f32.safetensors other.safetensors 't = tensors[1]; t[3:] = "d", "F64"; t[2][0] = 1e300'
    from other.safetensors
    says 3 "not finite in '1.bias'" 'init_from: a number that no float is near to is refused'
    python3 write.py f32.safetensors other.safetensors 'tensors[0][0] = "\33]0;owned\7\x9b"'
    from other.safetensors
    exits 3 'init_from: a tensor of another name'
    silent 'init_from: its name'
    bounded inspect other.safetensors
    silent 'inspect: its name'
    # ---- averages ----
    run run b.yaml -q --no-plots -o averaged 'average={name: ema, decay: 0.9}'
    "$descent" export averaged -o average.safetensors >/dev/null
    from average.safetensors
    weights of >wanted
    rm -rf of && bounded run b.yaml --no-plots -o of "model.init_from=averaged/$last" train.epochs=1 optimizer.lr=0
    { [ "$code" -eq 0 ] && ! weights of | cmp -s - wanted && grep -q 'model.init_weights: average' err; }
    ok $? 'init_from: of a checkpoint the weights of its last update, and that is said'
    rm -rf of && bounded run b.yaml --no-plots -o of "model.init_from=averaged/$last" model.init_weights=average train.epochs=1 optimizer.lr=0
    { [ "$code" -eq 0 ] && weights of | cmp - wanted >why && ! grep -q init_weights err; }
    ok $? 'init_weights: average takes what export writes'
    run run b.yaml -q --no-plots -o free 'optimizer={name: schedule_free_sgd, lr: 0.5}'
    "$descent" export free -o free.safetensors >/dev/null
    from free.safetensors
    weights of >wanted
    rm -rf of && bounded run b.yaml --no-plots -o of "model.init_from=free/$last" model.init_weights=average train.epochs=1 optimizer.lr=0
    { [ "$code" -eq 0 ] && weights of | cmp - wanted >why; }
    ok $? 'init_weights: average takes what a schedule-free optimizer evaluates'
    rm -rf of && bounded run b.yaml --no-plots -o of model.init_from=free.safetensors model.init_weights=average train.epochs=1 optimizer.lr=0
    { [ "$code" -eq 0 ] && weights of | cmp - wanted >why; }
    ok $? 'init_weights: average takes the average that export wrote'
    from free.safetensors
    { [ "$code" -eq 0 ] && ! grep -q 'init_weights' err; }
    ok $? 'init_from: an exported average is not called the weights of the last update'
    "$descent" export free.safetensors -o again.safetensors >out 2>err
    code=$?
    prints '(x) of free.safetensors' 'export of an exported average says that it is one'
    run run b.yaml -q --no-plots -o mid 'optimizer={name: schedule_free_sgd, lr: 0.5}' model.batch_norm=true checkpoint.every_steps=1 checkpoint.keep=100
    bounded export mid/checkpoints/step-1.safetensors -o mid.safetensors
    says 0 'its batch-norm statistics are those of the last evaluation' 'export within an epoch warns of old statistics'
    rm -rf of && bounded run b.yaml --no-plots -o of model.batch_norm=true model.init_from=mid/checkpoints/step-1.safetensors model.init_weights=average train.epochs=1
    says 0 'its batch-norm statistics are those of the last evaluation' 'init_weights: average within an epoch warns of old statistics'
    rm -rf of && bounded run b.yaml --no-plots -o of "model.init_from=half/$last" model.init_weights=average
    says 3 'holds no average' 'init_weights: average of a checkpoint without one'
    # ---- a spec of a later version in a checkpoint ----
    python3 write.py free/$last later.safetensors 'meta["descent.spec"] = "later: 1\n" + meta["descent.spec"]'
    rm -rf of && bounded run b.yaml --no-plots -o of model.init_from=later.safetensors model.init_weights=average
    says 3 'cannot read the spec that it carries' 'init_weights: average where the spec cannot be read'
    bounded export later.safetensors -o later.npz
    says 3 'cannot read the spec that it carries' 'export: the same'
    from later.safetensors
    exits 0 'init_weights: last, where the spec cannot be read'
fi
plan
