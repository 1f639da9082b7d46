#!/bin/sh
# Sweeps as Slurm job arrays: against programs of Slurm's names that only take notes, then against a Slurm of this one machine
# where it is installed; speaks TAP.
#
#     test_slurm.sh DESCENT CRASH-MODULE SHARED-MODULE
# shellcheck disable=SC2016,SC2034,SC2154,SC2238 # what is not to be expanded is what this is about; tap.sh sets work
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
crash=$(realpath "$2"):$(realpath "$3")
SHARED_SLEEP=no
export SHARED_SLEEP
node=$(realpath "$(dirname "$0")/slurm_node.sh")
own_folder
finish() {
    [ ! -d "$work/node" ] || "$node" down "$work/node"
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
CRASH_UNDER=$work
export CRASH_UNDER
true_path=$PATH

# ---- helpers ----

lines() { # FILE TEXT ...: has each as a whole line
    file=$1
    shift
    for text in "$@"; do
        grep -qxF -- "$text" "$file" || printf 'not there: %s\n' "$text" >>why
    done
    [ ! -s why ]
}

cat >base.yaml <<'END'
dataset: {name: digits, train_limit: 300, test_limit: 100, validation: 100}
model: {name: mlp, hidden: [8]}
train: {epochs: 2, batch_size: 50}
optimizer: {name: adam, lr: 0.005}
plots: false
END
cat >twelve.yaml <<'END'
extends: base.yaml
sweep:
  grid: {optimizer: [sgd, {name: sgd, lr: 1e30}, adam]}
  seeds: 4
  slurm: {account: physics, time: 90m}
END
run sweep twelve.yaml -q -o local -j 2
[ "$code" -eq 0 ] && [ "$(grep -c completed local/members.csv)" -eq 8 ] && [ "$(grep -c diverged local/members.csv)" -eq 4 ]
ok $? 'twelve members, trained here'

# ---- the section, the options ----

run sweep base.yaml 'sweep={seeds: 2, slurm: {acount: x, time: 10, memory: [1], qos: "a b", partition: "-x"}}'
{ [ "$code" -eq 2 ] && grep -q "did you mean 'account'" err && grep -q "'time' must be" err && grep -q "'memory' must be" err &&
    grep -q "'qos' must be" err && grep -q "'partition' must be" err; }
ok $? 'sweep.slurm: unknown keys and wrong values, all at once'
newline='
'
for option in '--account=a;b' '--account=' "--account=a${newline}#SBATCH --wrap=x" '--partition=$(touch pwned)' '--time=90' \
    '--time=1m' '--time=-5m' '--time=1:30' '--memory=12' '--memory=1.5G' '--memory=2G --wrap=x'; do
    run sweep twelve.yaml --launcher slurm --dry-run "$option"
    { [ "$code" -eq 2 ] && grep -q '^command line:1:' err && [ ! -s out ]; } || printf '%s\n' "$option" >>why
done
[ ! -s why ]
ok $? 'options are checked like the spec, with their places'
message 2 "'--account' goes with '--launcher slurm'" 'options of a launcher without it' sweep twelve.yaml --account physics
message 2 "'--shard' does not go with '--launcher slurm'" 'options of local sweeps with it' sweep twelve.yaml --launcher slurm --shard 1/2
message 2 'one of local or slurm' 'an unknown launcher' sweep twelve.yaml --launcher pbs
message 2 "'--launcher slurm' without '--tune' first" 'a choice waits for the search' sweep twelve.yaml --launcher slurm --tune
message 2 "'halving' does not go with '--launcher slurm'" 'halving is refused, with the reason' sweep twelve.yaml --launcher slurm sweep.halving.first=1
[ ! -e results ]
ok $? 'and nothing was made'

# ---- the scripts ----

run sweep twelve.yaml --launcher slurm --dry-run -j 3 -o dry --memory 2G --partition long,short --account chemistry \
    sweep.slurm.constraint='"[intel|amd]"' threads=2
[ "$code" -eq 0 ] && lines out '#SBATCH --array=0-11%3' '#SBATCH --requeue' '#SBATCH --signal=B:USR1@120' \
    '#SBATCH --account=chemistry' '#SBATCH --partition=long,short' '#SBATCH --time=90' '#SBATCH --mem=2G' \
    '#SBATCH --constraint=[intel|amd]' '#SBATCH --cpus-per-task=2' '#SBATCH --job-name=twelve'
ok $? '--dry-run: prints the script; options go before the spec'
[ ! -e dry ] && [ ! -e results ]
ok $? '--dry-run: makes nothing'
awk '/summary.sh/ { file = "dry2.sh" } { print > (file ? file : "dry1.sh") }' out
sh -n dry1.sh && sh -n dry2.sh && lines dry2.sh '#SBATCH --time=10' '#SBATCH --job-name=twelve-summary'
ok $? '--dry-run: both are shell scripts, the summary short'
run sweep twelve.yaml --launcher slurm --dry-run --time 2m
lines out '#SBATCH --array=0-11' '#SBATCH --time=2' '#SBATCH --signal=B:USR1@30'
ok $? 'a short task is told a quarter of its time before the end'
run sweep twelve.yaml --launcher slurm --dry-run "name=\"a b'; touch pwned # #SBATCH --wrap=x\"" -o name
{ [ "$code" -eq 0 ] && grep -qx '#SBATCH --job-name=a_b___touch_pwned____SBATCH_--wrap_x' out && ! grep -q '^#SBATCH --wrap' out; }
ok $? 'a name is no place for a command'

# ---- a Slurm that only takes notes ----

mkdir bin
cat >bin/sbatch <<'END'
#!/bin/sh
[ ! -e "$FAKE/full" ] || { echo 'sbatch: error: account is empty' >&2; exit 1; }
for word; do script=$word; done
basename "$script" .sh >>"$FAKE/kinds"
printf '%s\n' "$*" >>"$FAKE/calls"
n=$(($(cat "$FAKE/number") + 1))
echo "$n" >"$FAKE/number"
echo "$n;cluster"
END
cat >bin/squeue <<'END'
#!/bin/sh
[ ! -e "$FAKE/down" ] || { echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1; }
cat "$FAKE/queue"
END
cat >bin/scontrol <<'END'
#!/bin/sh
case $1 in
show) printf 'KillWait = 30 sec\nMaxArraySize            = %s\n' "$(cat "$FAKE/largest")" ;;
*) printf '%s\n' "$*" >>"$FAKE/calls" ;;
esac
END
chmod +x bin/*
FAKE=$work/fake PATH=$work/bin:$PATH
export FAKE
fresh() { # no jobs so far
    rm -rf fake
    mkdir fake
    echo 100 >fake/number
    echo 1001 >fake/largest
    : >fake/how
    : >fake/queue
    : >fake/kinds
    : >fake/calls
}
task() { # FOLDER SUBMISSION TASK: runs it, its exit code in code
    code=0
    LD_PRELOAD=$crash SLURM_ARRAY_TASK_ID=$3 SLURM_JOB_ID=10$3 sh "$1/.slurm/$2/array.sh" || code=$?
}

fresh
folder="it's \$(touch pwned) \`touch pwned\` \"a\" %j \\ ;${newline}#SBATCH --wrap=x"
run sweep twelve.yaml -o "$folder" --launcher slurm -j 4
{ [ "$code" -eq 0 ] && grep -qx 'job 101' out && grep -q '^job 102 for the summary' out && grep -q '^12 members in 12 tasks, at most 4' out; }
ok $? 'submitted: the numbers of the jobs'
{ [ "$(tr '\n' ' ' <fake/kinds)" = 'array summary ' ] && grep -q 'dependency=afterany:101 .*' fake/calls; }
ok $? 'the summary comes after the array'
for k in 0 1 2 3 4 5 6 7 8 9 10 11; do
    task "$folder" 1 "$k"
    [ "$code" -eq 0 ] || printf 'task %s: %s\n' "$k" "$code" >>why
done
{ [ ! -s why ] && [ ! -e pwned ] && [ ! -e "$folder/members.csv" ]; }
ok $? 'twelve tasks, in a folder whose name is full of traps; they leave the tables to the summary'
echo '101|3|PENDING' >fake/queue
: >fake/calls
sh "$folder/.slurm/1/summary.sh"
{ [ -e "$folder/.slurm" ] && [ ! -e "$folder/members.csv" ] && grep -q 'dependency=afterany:101' fake/calls; }
ok $? 'the summary of an array whose task comes back: once more, after it'
: >fake/queue
sh "$folder/.slurm/1/summary.sh"
[ ! -e "$folder/.slurm" ] && same local "$folder"
ok $? 'the summary: tables as the local sweep makes them, and the scripts are gone'

fresh
echo 5 >fake/largest
run sweep twelve.yaml -o few --launcher slurm
{ [ "$code" -eq 0 ] && grep -q '^12 members in 5 tasks' out && lines few/.slurm/1/array.sh '#SBATCH --array=0-4'; }
ok $? 'no more tasks than MaxArraySize'
for k in 0 3; do
    task few 1 "$k"
done
[ "$(find few -name run.json | wc -l)" -eq 5 ]
ok $? 'then a task has several members'
printf '101|1|RUNNING\n101|4|PENDING\n77|2|RUNNING\n102|N/A|PENDING\n' >fake/queue
run sweep twelve.yaml -o few --launcher slurm
{ [ "$code" -eq 0 ] && grep -q '^5 members are in the queue already, of job 101: not submitted again' out && grep -q '^2 members in 2 tasks' out &&
    [ "$(wc -l <few/.slurm/2/members)" -eq 2 ]; }
ok $? 'called again: what is done or in the queue is not submitted'
printf '101|1|RUNNING\n101|4|PENDING\n102|N/A|PENDING\n103|0|COMPLETING\n103|1|PENDING\n' >fake/queue
run sweep twelve.yaml -o few --launcher slurm
{ [ "$code" -eq 0 ] && grep -q '^7 members are in the queue already, of job 101, 103' out && [ ! -e few/.slurm/3 ]; }
ok $? 'and again: nothing is left to submit'
cp -r few before
run sweep few
{ [ "$code" -eq 0 ] && grep -q '^12 members: ' out && grep -qx 'slurm job 101: 1 running, 1 waiting; then job 102, the summary' out &&
    grep -qx 'slurm job 103: 1 running, 1 waiting' out; } && diff -r before few >why
ok $? 'sweep FOLDER: the state, and nothing is trained'
run status few
{ [ "$code" -eq 0 ] && grep -q '^slurm job 101: 1 running' out; }
ok $? 'status FOLDER: the same'
message 2 'in Slurm'"'"'s queue' 'a sweep does not change while tasks are in the queue' sweep twelve.yaml -o few --launcher slurm sweep.seeds=5
diff -r before few >why
ok $? 'and is left as it was'
touch fake/down
message 4 'Unable to contact slurm controller' 'without an answer from the queue nothing is submitted' sweep twelve.yaml -o few --launcher slurm
run status few
{ [ "$code" -eq 0 ] && grep -q '^slurm: the queue cannot be read: ' out && grep -q '^completed' out; }
ok $? 'but the folder tells its state'
rm fake/down
: >fake/queue
run sweep few
{ [ "$code" -eq 1 ] && grep -q '^slurm: no job of it is in the queue' out && grep -q -- "'--launcher slurm' submits what is missing" err; }
ok $? 'jobs that are gone with members unfinished: exit 1, and how to resume'
run sweep few --launcher slurm -q
for k in 0 1 2 3 4; do
    task few 3 "$k"
done
for k in 0 1; do
    task few 3 "$((k + 5))"
done
sh few/.slurm/3/summary.sh
[ "$(sed -n '$p' fake/kinds)" = summary ] && same local few
ok $? 'the rest is submitted from the folder alone, and ends in the same bytes'
run sweep few --launcher slurm
{ [ "$code" -eq 0 ] && grep -q 'nothing was left to submit' err && [ "$(wc -l <fake/kinds)" -eq 6 ]; }
ok $? 'a sweep that is done submits nothing'

fresh
touch fake/full
run sweep twelve.yaml -o refused --launcher slurm
{ [ "$code" -eq 4 ] && grep -q 'account is empty' err && [ ! -e refused/.slurm ]; }
ok $? "sbatch's refusal is passed on, and leaves no note"
rm fake/full
mv bin/sbatch bin/sbatch.real
printf '#!/bin/sh\ncase $* in *summary.sh) echo full >&2; exit 1 ;; esac\nexec "%s" "$@"\n' "$work/bin/sbatch.real" >bin/sbatch
chmod +x bin/sbatch
run sweep twelve.yaml -o refused --launcher slurm
{ [ "$code" -eq 0 ] && grep -q 'there is no job for the summary: .*full' err && grep -q '"array": "101"' refused/.slurm/1/jobs.json; }
ok $? 'no job for the summary: a warning, and the array is noted'
mv bin/sbatch.real bin/sbatch

# A task that is told to stop, by a signal to its shell as Slurm sends it.
fresh
cat >long.yaml <<'END'
extends: base.yaml
train: {epochs: 600}
sweep: {seeds: 2}
END
run sweep long.yaml -q -o long-local -j 2
run sweep long.yaml -o long --launcher slurm
LD_PRELOAD=$crash SLURM_ARRAY_TASK_ID=1 SLURM_JOB_ID=55 sh long/.slurm/1/array.sh &
pid=$!
tries=0
until [ "$(wc -l 2>/dev/null <long/seed=124/epochs.csv || echo 0)" -ge 3 ] || [ "$tries" -ge 3000 ]; do
    sleep 0.02
    tries=$((tries + 1))
done
kill -USR1 "$pid"
kill -CONT "$pid"
wait "$pid"
code=$?
{ [ "$code" -eq 75 ] && grep -qx 'requeue 55' fake/calls && grep -q interrupted long/seed=124/run.json; }
ok $? 'SIGUSR1: a checkpoint, exit 75, and the job is put back into the queue'
task long 1 1
task long 1 0
sh long/.slurm/1/summary.sh
grep -q interrupted long/seed=124/run.json || same long-local long
ok $? 'run again: the end of an uninterrupted one'

# A failed member.
fresh
cat >fails.yaml <<'END'
extends: base.yaml
dataset: {name: mnist, dir: there}
sweep: {seeds: 2}
END
run sweep fails.yaml -o fails --launcher slurm
task fails 1 0
first=$code
task fails 1 1
sh fails/.slurm/1/summary.sh
{ [ "$first" -eq 1 ] && [ "$(grep -c failed fails/members.csv)" -eq 2 ] && [ -e fails/.slurm/1/0.log ]; }
ok $? 'members that fail: the logs stay'
run sweep fails --launcher slurm
{ [ "$code" -eq 1 ] && [ ! -e fails/.slurm/2 ]; }
ok $? 'they are not submitted again'
run sweep fails --launcher slurm --retry-failed
{ [ "$code" -eq 0 ] && grep -q '^2 members in 2 tasks' out && grep -q -- ' --retry-failed ' fails/.slurm/2/array.sh; }
ok $? 'but with --retry-failed'

# ---- never twice ----

# sbatch that takes the job and then misbehaves, as fake/how says; the queue then has it.
mv bin/sbatch bin/sbatch.real
cat >bin/sbatch <<'END'
#!/bin/sh
case $(cat "$FAKE/how") in
busy*)
    left=$(($(cat "$FAKE/left") - 1))
    echo "$left" >"$FAKE/left"
    [ "$left" -lt 0 ] || { echo "sbatch: error: Slurm controller is busy" >&2; exit 1; }
    ;;
esac
number=$("$(dirname "$0")/sbatch.real" "$@") || exit
for word; do
    case $word in --comment=*array) printf '%s|0|PENDING|JobHeldUser|%s\n' "${number%;*}" "${word#*=}" >>"$FAKE/queue" ;; esac
done
case $(cat "$FAKE/how") in
late) echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2; exit 1 ;;
dumb) exit 1 ;;
dies) kill -9 $$ ;;
kills) kill -9 "$PPID" ;;
esac
echo "$number"
END
printf '#!/bin/sh\nprintf "scancel %%s\\n" "$*" >>"$FAKE/calls"\nfor n; do sed -i "/^$n|/d" "$FAKE/queue"; done\n' >bin/scancel
chmod +x bin/*

# What no node has: Slurm takes the array, which is held, and refuses the summary, which is not.
fresh
mv bin/sbatch bin/sbatch.before
cat >bin/sbatch <<'END'
#!/bin/sh
case $* in *summary.sh) echo 'sbatch: error: Memory specification can not be satisfied' >&2; exit 1 ;; esac
exec "$(dirname "$0")/sbatch.before" "$@"
END
chmod +x bin/sbatch
run sweep twelve.yaml -o never --launcher slurm --memory 900G
{ [ "$code" -eq 4 ] && grep -q 'can not be satisfied: no node has the memory (--memory)' err && grep -qx 'scancel 101' fake/calls &&
    ! grep -q release fake/calls && [ ! -s fake/queue ] && [ ! -e never/.slurm ]; }
ok $? 'what no node has is refused, and the array is taken back'
run sweep twelve.yaml -o elsewhere --launcher slurm --memory 900G 'sweep.slurm.options=[--reservation=large]'
{ [ "$code" -eq 0 ] && grep -q 'there is no job for the summary: .*can not be satisfied' err && grep -q release fake/calls; }
ok $? 'but not where the array alone asks for other nodes'
mv bin/sbatch.before bin/sbatch
fresh
run sweep twelve.yaml -o never --launcher slurm
printf '101|0|PENDING|BadConstraints\n' >fake/queue
run status never
grep -qF '(BadConstraints: no node has the memory (--memory), the processors (threads, -j) or the features' out
ok $? 'the reason of one that waits for it names all three'

for how in late dumb dies; do
    fresh
    echo $how >fake/how
    run sweep twelve.yaml -o taken-$how --launcher slurm
    { [ "$code" -eq 0 ] && [ "$(grep -c array fake/kinds)" -eq 1 ] && grep -qx 'job 101' out && grep -q 'Slurm has taken the job: 101' err &&
        grep -q '"array": "101"' taken-$how/.slurm/1/jobs.json && grep -qx 'release 101' fake/calls; } || printf '%s\n' "$how" >>why
done
[ ! -s why ]
ok $? 'sbatch that fails after Slurm has taken the job: found by its comment, submitted once'
fresh
echo busy >fake/how
echo 3 >fake/left
run sweep twelve.yaml -o busy --launcher slurm
{ [ "$code" -eq 0 ] && [ "$(grep -c array fake/kinds)" -eq 1 ] && [ "$(grep -c 'is tried again in' err)" -eq 3 ] && grep -qx 'job 101' out; }
ok $? 'sbatch that is busy three times: tried again, said each time'

# Killed between Slurm's yes and the note: the job is held, and the next call cancels it.
fresh
echo kills >fake/how
run sweep twelve.yaml -o ghost --launcher slurm
[ "$code" -eq 137 ] && ! grep -q '"array"' ghost/.slurm/1/jobs.json && ! grep -q release fake/calls
ok $? 'killed before the number is noted: the job stays held'
code=0
SLURM_ARRAY_JOB_ID=101 SLURM_ARRAY_TASK_ID=0 SLURM_JOB_ID=101 sh ghost/.slurm/1/array.sh || code=$?
[ "$code" -eq 4 ] && grep -q 'job 101 is not noted' ghost/.slurm/1/0.log && [ -z "$(find ghost -name run.json)" ]
ok $? 'and its tasks would train nothing'
run status ghost
{ [ "$code" -eq 0 ] && grep -q '^slurm job 101 came of a call that was cut short' out; }
ok $? 'status tells of it'
: >fake/how
run sweep ghost --launcher slurm
{ [ "$code" -eq 0 ] && grep -qx 'scancel 101' fake/calls && grep -qx 'job 102' out && grep -q '"array": "102"' ghost/.slurm/2/jobs.json; }
ok $? 'the next call cancels it and submits, under a number of its own'
sed 's/"nonce": "[^"]*"/"nonce": "0123456789ab"/' ghost/.slurm/2/jobs.json >other && cp other ghost/.slurm/2/jobs.json
code=0
SLURM_ARRAY_JOB_ID=102 SLURM_ARRAY_TASK_ID=0 SLURM_JOB_ID=102 sh ghost/.slurm/2/array.sh || code=$?
[ "$code" -eq 4 ] && [ -z "$(find ghost -name run.json)" ]
ok $? "a job in another submission's folder trains nothing"

# Killed between the note and the release: the next call lets it go.
fresh
: >fake/how
mv bin/scontrol bin/scontrol.real
printf '#!/bin/sh\n[ "$1" = show ] || kill -9 "$PPID"\nexec "%s/bin/scontrol.real" "$@"\n' "$work" >bin/scontrol
chmod +x bin/scontrol
run sweep twelve.yaml -o held --launcher slurm
first=$code
mv bin/scontrol.real bin/scontrol
: >fake/calls
for k in 1 2 3 4 5 6 7 8 9 10 11; do
    sed -n "s/|0|/|$k|/p" fake/queue | sed -n 1p
done >more
cat more >>fake/queue
run sweep held --launcher slurm
{ [ "$first" -eq 137 ] && [ "$code" -eq 0 ] && grep -qx 'release 101' fake/calls && grep -q '^12 members are in the queue already, of job 101' out &&
    [ "$(grep -c array fake/kinds)" -eq 1 ]; }
ok $? 'killed before the release: the next call lets the job go'
run sweep held --cancel
{ [ "$code" -eq 0 ] && grep -qx 'cancelled job 101' out && grep -qx 'scancel 101' fake/calls; }
ok $? 'sweep FOLDER --cancel'
message 2 'nothing of local was submitted' '--cancel of what was not submitted' sweep local --cancel
message 2 "'--cancel' needs a sweep's folder" '--cancel of a spec' sweep twelve.yaml --cancel
mv bin/sbatch.real bin/sbatch

# squeue that fails for a while.
fresh
cp bin/squeue bin/squeue.real
printf '#!/bin/sh\n[ -s "$FAKE/left" ] || echo 6 >"$FAKE/left"\nleft=$(($(cat "$FAKE/left") - 1))\necho $left >"$FAKE/left"\n[ "$left" -lt 0 ] || exit 1\nexec "%s/bin/squeue.real" "$@"\n' "$work" >bin/squeue
printf '#!/bin/sh\necho "$1" >>"$FAKE/slept"\n' >bin/sleep
chmod +x bin/squeue bin/sleep
mkdir -p patient/.slurm/1
printf '{"array": "55", "tasks": 1}\n' >patient/.slurm/1/jobs.json
: >patient/.slurm/1/members
run sweep twelve.yaml -o patient --launcher slurm
{ [ "$code" -eq 0 ] && [ "$(grep -c "'squeue' is tried again in" err)" -eq 6 ] && grep -q '^12 members in 12 tasks' out; }
ok $? 'squeue that fails six times: asked again'
rm fake/left
for k in 0 1 2 3 4 5 6 7 8 9 10 11; do
    task patient 2 "$k"
done
echo '101|3|PENDING' >fake/queue
: >fake/calls
sh patient/.slurm/2/summary.sh
{ [ "$(wc -l <fake/slept)" -eq 6 ] && [ ! -e patient/members.csv ] && grep -q 'dependency=afterany:101' fake/calls; }
ok $? 'the summary waits until the queue can be read'
touch fake/down
: >fake/slept
code=0
sh patient/.slurm/2/summary.sh || code=$?
[ "$code" -eq 4 ] && [ ! -e patient/members.csv ] && grep -q 'the queue cannot be read' patient/.slurm/2/summary.log
ok $? 'and does not go ahead where it never can'
mv bin/squeue.real bin/squeue
rm bin/sleep

# ---- other people's environment ----

fresh
cat >bin/env-of <<'END'
#!/bin/sh
env | grep -E '^(SBATCH|SQUEUE|SLURM)_' | grep -v '^SLURM_CONF=' >>"$FAKE/environment"
END
chmod +x bin/env-of
for program in sbatch squeue scontrol; do
    sed -i "1a \"$work/bin/env-of\"" bin/$program
done
SBATCH_TIMELIMIT=1 SBATCH_ARRAY_INX=0-1 SBATCH_WAIT=1 SQUEUE_STATES=RUNNING SLURM_MEM_PER_CPU=1 SBATCH_PARTITION=mine SLURM_JOB_ID=7 SQUEUE_FORMAT=%i
export SBATCH_TIMELIMIT SBATCH_ARRAY_INX SBATCH_WAIT SQUEUE_STATES SLURM_MEM_PER_CPU SBATCH_PARTITION SLURM_JOB_ID SQUEUE_FORMAT
run sweep twelve.yaml -o hostile --launcher slurm
unset SBATCH_TIMELIMIT SBATCH_ARRAY_INX SBATCH_WAIT SQUEUE_STATES SLURM_MEM_PER_CPU SBATCH_PARTITION SLURM_JOB_ID SQUEUE_FORMAT
{ [ "$code" -eq 0 ] && [ "$(sort -u fake/environment)" = SBATCH_PARTITION=mine ]; }
ok $? "of the user's variables Slurm's commands see who is charged and where, nothing else"
for word in --array=0-11 --time=90 --account=physics --signal=B:USR1@120 --requeue --cpus-per-task=1; do
    grep 'array.sh$' fake/calls | grep -q -- " $word " || printf '%s\n' "$word" >>why
done
[ ! -s why ]
ok $? 'what the spec sets goes as arguments, which win over variables'
for program in sbatch squeue scontrol; do
    sed -i 2d bin/$program
done

# ---- options, tasks ----

fresh
run sweep twelve.yaml -o options --launcher slurm 'sweep.slurm.options=[--mail-type=END, --gres=gpu:1]'
{ [ "$code" -eq 0 ] && lines options/.slurm/1/array.sh '#SBATCH --mail-type=END' '#SBATCH --gres=gpu:1' &&
    grep -q -- ' --mail-type=END --gres=gpu:1 ' fake/calls && ! grep -q gres options/.slurm/1/summary.sh; }
ok $? 'sweep.slurm.options: more words for the array'
for option in '--time=5' '--arr=0-1' '-t5' '--wrap=x' '--mail-user=a b' '--comment=x' '--mail-user=$(x)' '--clusters=x'; do
    run sweep twelve.yaml --launcher slurm --dry-run "sweep.slurm.options=[\"$option\"]"
    { [ "$code" -eq 2 ] && [ ! -s out ]; } || printf '%s\n' "$option" >>why
done
[ ! -s why ]
ok $? 'but none that descent sets itself, nor half of their names, nor spaces'
message 2 "'--time' has a key of its own: 'time'" 'and the key is named' sweep twelve.yaml --launcher slurm --dry-run 'sweep.slurm.options=[--time=5]'
fresh
run sweep twelve.yaml -o grouped --launcher slurm -j 2 sweep.slurm.tasks=3
{ [ "$code" -eq 0 ] && grep -qx '12 members in 3 tasks, 2 members at once in each' out &&
    lines grouped/.slurm/1/array.sh '#SBATCH --array=0-2' '#SBATCH --cpus-per-task=2'; }
ok $? 'sweep.slurm.tasks: at most so many, -j inside one'
for k in 0 1 2; do
    task grouped 1 "$k"
done
sh grouped/.slurm/1/summary.sh
diff -r -x run.json -x timing.csv -x sweep.yaml local grouped >why && [ "$(grep -c completed grouped/members.csv)" -eq 8 ]
ok $? 'and the bytes are those of the local sweep'

# ---- what is happening ----

fresh
run sweep long.yaml -o lost --launcher slurm
SHARED_HOST=node17 task lost 1 0 &
pid=$!
tries=0
until grep -q '"running"' lost/seed=123/run.json 2>/dev/null || [ "$tries" -ge 3000 ]; do
    sleep 0.02
    tries=$((tries + 1))
done
printf '101|0|RUNNING|None|x\n101|1|PENDING|ReqNodeNotAvail, UnavailableNodes:node18|x\n' >fake/queue
run status lost
{ [ "$code" -eq 0 ] && grep -Eq '^running .*seed=123  \(on node17, last sign of life 20[0-9T:-]*Z\)$' out &&
    grep -q '^slurm job 101: 1 running, 1 waiting (ReqNodeNotAvail, UnavailableNodes:node18: its nodes are drained' out; }
ok $? 'status: the host, the last sign of life, why tasks wait'
: >fake/queue
run status lost
{ [ "$code" -eq 0 ] && grep -q '^2 members: 1 lost, 1 pending' out && grep -q '^lost .*on node17' out; }
ok $? 'a member of which no task is left is lost, not running'
kill "$(pgrep -P "$pid" | head -n 1)" 2>/dev/null
wait "$pid"

printf 'optimizer=sgd,seed=123\nnobody\n' >list
message 2 "list: line 2: this sweep has no member 'nobody'" '--only: an unknown name' sweep twelve.yaml -q -o only --only list
printf 'optimizer=sgd,seed=124\noptimizer=adam,seed=123\n' >list
run sweep twelve.yaml -q -o only --only list
{ [ "$code" -eq 0 ] && [ "$(find only -mindepth 1 -maxdepth 1 | sort | tr '\n' ' ')" = 'only/members.csv only/optimizer=adam,seed=123 only/optimizer=sgd,seed=124 only/sweep.yaml ' ]; }
ok $? '--only: these members and nothing else'

PATH=$true_path
SLURM_CONF=$work/none
export SLURM_CONF
run sweep twelve.yaml -o nowhere --launcher slurm
unset SLURM_CONF
[ "$code" -eq 4 ] && grep -q "'scontrol'" err && [ ! -e nowhere ]
ok $? 'where Slurm is not, nothing is made'

# ---- Slurm itself ----

soon() { # COMMAND ...: waits, at most 90 seconds, until it succeeds
    deadline=$(($(date +%s) + 90))
    until "$@"; do
        [ "$(date +%s)" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}
has_begun() { # MEMBER: a few epochs are behind it
    [ "$(wc -l 2>/dev/null <"far/$1/epochs.csv" || echo 0)" -ge 4 ]
}
is_stopped() {
    grep -q '"interrupted"' "far/$1/run.json"
}
is_requeued() { # TASK
    scontrol show job "$1" 2>/dev/null | grep -q 'Restarts=1'
}
is_gone() { # TASK
    squeue --noheader --array --format='%F_%K' >queue && ! grep -qx "$1" queue
}
is_empty() {
    squeue --noheader >queue && [ ! -s queue ]
}

title='twelve members through Slurm: one requeued, one cancelled and retried, to the same bytes as here'
if ! why_not=$("$node" can); then
    skip "$title" "$why_not"
elif ! mkdir "$work/node" || ! "$node" up "$work/node" >why 2>&1; then
    ok 1 'slurmctld, slurmd and munged start'
else
    SLURM_CONF=$work/node/slurm.conf
    export SLURM_CONF
    cat >twelve.yaml <<'END'
extends: base.yaml
dataset: {train_limit: 4000}
train: {epochs: 2, batch_size: 10}
checkpoint: {every: 20}
sweep:
  list:
    - {train.epochs: 100}
    - {optimizer: {name: sgd, lr: 0.1}}
    - {optimizer: {name: sgd, lr: 1e30}}
    - {model.hidden: [4]}
    - {train.batch_size: 20}
    - {train.label_smoothing: 0.1}
  seeds: 2
  slurm: {partition: all, time: 10m}
END
    rm -rf local
    run sweep twelve.yaml -q -o local -j 2
    run sweep twelve.yaml -q -o far --launcher slurm -j 4
    job=$(sed -n 's/^job \([0-9]*\)$/\1/p' out)
    [ "$code" -eq 0 ] && [ -n "$job" ]
    ok $? 'Slurm takes the array'
    one=epochs=100,seed=123 two=epochs=100,seed=124
    soon has_begun $one && soon has_begun $two
    ok $? 'its tasks train'
    # scancel tries again and again where a job is on its way out
    timeout 5 scancel "${job}_1" >/dev/null 2>&1 &
    timeout 5 scancel --batch --signal=USR1 "${job}_0" >/dev/null 2>&1 &
    soon is_stopped $one && soon is_requeued "${job}_0"
    ok $? 'SIGUSR1: a checkpoint, and the job is in the queue again'
    soon is_stopped $two && soon is_gone "${job}_1"
    ok $? 'scancel: a checkpoint, and the job is gone'
    run sweep twelve.yaml -q -o far --launcher slurm
    { [ "$code" -eq 0 ] && grep -q "in the queue already, of job $job" out && [ "$(cat far/.slurm/2/members)" = $two ]; }
    ok $? 'called again: the cancelled one alone is submitted'
    soon is_empty
    ok $? 'all jobs end'
    [ ! -e far/.slurm ] && same local far
    ok $? "$title"
fi
plan
