#!/bin/sh
# A cluster of this one machine for tests: munged, slurmctld and slurmd on loopback, all their files in one folder. Root only.
#
#     slurm_node.sh can           0 where it can be had; else says what is missing
#     slurm_node.sh up FOLDER     then SLURM_CONF=FOLDER/slurm.conf
#     slurm_node.sh down FOLDER   cancels what runs, ends the daemons; the folder stays
set -u

PATH=$PATH:/usr/sbin:/sbin

can() {
    if [ "$(id -u)" -ne 0 ]; then
        echo 'not root'
        return 1
    fi
    for program in munged mungekey slurmctld slurmd sbatch squeue scancel scontrol sinfo; do
        if ! command -v "$program" >/dev/null 2>&1; then
            echo "there is no $program (Debian: slurm-wlm, munge)"
            return 1
        fi
    done
}

# The node has the host's name, as slurmctld and slurmd look for themselves by it. It is said to have 4 processors whatever the
# machine has, and no accounting, cgroups or other nodes. A requeued job waits until its old credential has expired.
configure() { # FOLDER PORT
    host=$(hostname -s)
    cat >"$1/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$2
SlurmdPort=$(($2 + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$1/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$1/state
SlurmdSpoolDir=$1/spool
SlurmctldPidFile=$1/slurmctld.pid
SlurmdPidFile=$1/slurmd.pid
SlurmctldLogFile=$1/slurmctld.log
SlurmdLogFile=$1/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0,default_queue_depth=100
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
MaxArraySize=1001
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=60 State=UP
CONF
}

lives() { # PID: neither gone nor dead and unburied
    [ -e "/proc/$1/status" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# All are daemons that leave a file with their process number.
end_daemon() { # PID-FILE
    [ -s "$1" ] || return 0
    pid=$(cat "$1")
    kill "$pid" 2>/dev/null
    tries=0
    while lives "$pid" && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    lives "$pid" && kill -9 "$pid" 2>/dev/null
    rm -f "$1"
}

end_daemons() { # FOLDER
    end_daemon "$1/slurmd.pid"
    end_daemon "$1/slurmctld.pid"
    end_daemon "$1/munge.pid"
}

is_up() { # SECONDS
    tries=$(($1 * 5))
    while [ "$tries" -gt 0 ]; do
        case $(sinfo --noheader --format=%T 2>/dev/null) in
        idle | mixed | allocated) return 0 ;;
        esac
        sleep 0.2
        tries=$((tries - 1))
    done
    return 1
}

up() { # FOLDER
    mkdir -p "$1/state" "$1/spool" || return 1
    mungekey --create --keyfile="$1/munge.key" || return 1
    munged --force --num-threads=2 --key-file="$1/munge.key" --socket="$1/munge.socket" --pid-file="$1/munge.pid" \
        --log-file="$1/munge.log" --seed-file="$1/munge.seed" || return 1
    export SLURM_CONF="$1/slurm.conf"
    for try in 1 2 3; do
        configure "$1" $((20000 + ($$ * 2 + try * 1000) % 12000))
        slurmctld -c && slurmd && is_up 10 && return 0
        end_daemon "$1/slurmd.pid"
        end_daemon "$1/slurmctld.pid"
    done
    tail -n 5 "$1"/*.log >&2
    end_daemons "$1"
    return 1
}

down() { # FOLDER
    export SLURM_CONF="$1/slurm.conf"
    if [ -s "$1/slurmctld.pid" ]; then
        timeout 10 scancel --user=root 2>/dev/null
        tries=0
        while [ "$tries" -lt 40 ] && [ -n "$(timeout 5 squeue --noheader 2>/dev/null)" ]; do
            sleep 0.25
            tries=$((tries + 1))
        done
    fi
    end_daemons "$1"
}

case ${1-} in
can) can ;;
up | down) "$1" "$(realpath "${2:?which folder?}")" ;;
*)
    echo 'usage: slurm_node.sh can | up FOLDER | down FOLDER' >&2
    exit 2
    ;;
esac
