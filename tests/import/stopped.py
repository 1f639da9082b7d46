"""Imports that are stopped while they write: stopped.py DESCENT, in a folder of the test's own. Speaks TAP lines of `ok` and
`not ok` without numbers, for test_import.sh."""
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import zipfile

descent = sys.argv[1]


def tell(ok, title):
    print("%s %s" % ("ok" if ok else "not ok", title), flush=True)


def npy(shape, data):
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }" % (shape,)
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + data


n = 30000  # so that writing takes a while
with zipfile.ZipFile("many.npz", "w") as z:
    z.writestr("x_train.npy", npy((n, 28, 28), bytes(784 * n)))
    z.writestr("y_train.npy", npy((n,), bytes(i % 2 for i in range(n))))


def beside():
    return sorted(name for name in os.listdir("stopped") if name.endswith(".tmp"))


def begin():
    """An import that stands still while it writes, and its folder."""
    for tries in range(50):
        shutil.rmtree("stopped", ignore_errors=True)
        os.mkdir("stopped")
        p = subprocess.Popen([descent, "data", "import", "many.npz", "-o", "stopped/set"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while p.poll() is None and not beside():
            time.sleep(0.0002)
        time.sleep(0.0005 * (tries % 8))
        if p.poll() is None:
            p.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, p.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        now = beside()
        if p.poll() is None and now and len(os.listdir("stopped/" + now[0])) > 1:  # locked, and more
            return p, now[0]
        if p.poll() is None:
            p.send_signal(signal.SIGCONT)
        p.communicate()
    sys.exit("never caught one that was writing")


def go_on(p, sent=None):
    if sent:
        p.send_signal(sent)
    if sent != signal.SIGKILL:
        p.send_signal(signal.SIGCONT)
    return p.communicate(timeout=60)[1]


def again():
    return subprocess.run([descent, "data", "import", "many.npz", "-o", "stopped/set"], capture_output=True, text=True)


files = ["classes.txt", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", "train-images-idx3-ubyte", "train-labels-idx1-ubyte"]
for sent in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    p, name = begin()
    go_on(p, sent)
    left = os.listdir("stopped")
    tell(p.returncode == 128 + sent and left == [] or p.returncode == 0 and left == ["set"], "stopped by %s: %s, left %s" % (sent.name, p.returncode, left))

p, name = begin()
go_on(p, signal.SIGKILL)
tell(beside() == [name], "killed: its folder stays")
own = ["set.0123456789ab.tmp", "set.ffffffffffff.tmp", "set.short.tmp"]
for folder in own:
    os.mkdir("stopped/" + folder)
    open("stopped/%s/mine" % folder, "w").close()
open("stopped/set.ffffffffffff.tmp/.import", "w").close()
os.mkdir("stopped/set.eeeeeeeeeeee.tmp")  # killed before there was anything in it
os.symlink("set.short.tmp", "stopped/set.cccccccccccc.tmp")
r = again()
tell(r.returncode == 0 and beside() == sorted(own + ["set.cccccccccccc.tmp"]), "the next import sweeps it, and no folder of others")
tell(all(os.listdir("stopped/" + folder)[:1] for folder in own) and sorted(os.listdir("stopped/set")) == files, "... and is whole")

p, name = begin()
r = again()
tell(r.returncode == 0 and beside() == [name], "what another import writes stays")
said = go_on(p)
tell(p.returncode in (2, 4) and beside() == [] and sorted(os.listdir("stopped/set")) == files, "... which comes too late, and leaves nothing: %s" % said.strip())
