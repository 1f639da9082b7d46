"""Sources for test_import.sh, sound and broken, made with Python's own modules; and readers of what came of them.

    sources.py make FOLDER              every source below FOLDER
    sources.py pixels FOLDER PART       an IDX folder's part (train, t10k): "LABEL PIXELS..." a line
"""
import gzip
import io
import os
import struct
import sys
import tarfile
import zipfile
import zlib


# ---- PNG ----

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, pixel, colour=0, depth=8, extra=b""):
    """pixel(x, y): a tuple of samples. colour: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA."""
    rows = b""
    for y in range(height):
        row = b""
        for x in range(width):
            row += b"".join(struct.pack(">H" if depth == 16 else "B", v) for v in pixel(x, y))
        rows += b"\0" + row
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)) +
            extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def plain(value, width=4, height=3):
    return png(width, height, lambda x, y: (value,))


def write(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


# ---- npz ----

def npy(descr, shape, data, fortran=False):
    header = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, fortran, shape)
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + data


def npz(path, how=zipfile.ZIP_DEFLATED, **arrays):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with zipfile.ZipFile(path, "w", how) as z:
        for name, data in arrays.items():
            z.writestr(name + ".npy", data)


def images(n, shape, first=0):
    """n images whose pixels count on from `first`."""
    size = 1
    for d in shape:
        size *= d
    return npy("|u1", str((n,) + shape), bytes((first + i) % 251 for i in range(n * size)))


def labels(values, descr="|u1", shape=None):
    form = {"|u1": "B", "<i8": "<q", ">i4": ">i", "|i1": "b"}[descr]
    return npy(descr, str(shape or (len(values),)), b"".join(struct.pack(form, v) for v in values))


# ---- CIFAR-10 ----

CIFAR = ["data_batch_%d.bin" % i for i in range(1, 6)] + ["test_batch.bin"]


def cifar(path, mode="w:gz", records=2, drop=(), twice=(), label=None, extra=()):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with tarfile.open(path, mode) as t:
        def add(name, data):
            info = tarfile.TarInfo("cifar-10-batches-bin/" + name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
        add("readme.html", b"<html>")
        for number, name in enumerate(CIFAR):
            data = b"".join(bytes([label if label is not None else (number * records + i) % 10]) +
                            bytes((number + i + k) % 256 for k in range(3072)) for i in range(records))
            if name not in drop:
                add(name, data)
            if name in twice:
                add(name, data)
        for name, data in extra:
            add(name, data)


# ---- all of them ----

def folders(at):
    for k, name in enumerate(["bird", "cat", "dog"]):
        for i in range(5):
            write("%s/pets/%s/%02d.png" % (at, name, i), plain(10 * k + i))
    write(at + "/pets/README.md", "mine\n")
    write(at + "/pets/cat/notes.txt", "mine\n")
    write(at + "/pets/cat/.hidden", "x")
    for part, n in (("train", 3), ("test", 2)):
        for k, name in enumerate(["a", "b"]):
            for i in range(n):
                write("%s/split/%s/%s/%d.png" % (at, part, name, i), plain(100 * (part == "test") + 10 * k + i))
    # every kind of PNG that says 200 grey, or a colour
    kinds = at + "/kinds"
    write(kinds + "/a/grey.png", plain(200))
    write(kinds + "/a/grey16.png", png(4, 3, lambda x, y: (200 * 257,), depth=16))
    write(kinds + "/a/rgb.png", png(4, 3, lambda x, y: (200, 200, 200), colour=2))
    write(kinds + "/a/alpha.png", png(4, 3, lambda x, y: (200, 255), colour=4))
    write(kinds + "/b/palette.png", png(4, 3, lambda x, y: (1,), colour=3, extra=chunk(b"PLTE", bytes([0, 0, 0, 200, 200, 200]))))
    write(kinds + "/b/clear.png", png(4, 3, lambda x, y: (200, 0), colour=4))
    write(kinds + "/b/rgba.png", png(4, 3, lambda x, y: (200, 200, 200, 255), colour=6))
    write(kinds + "/b/again.png", plain(200))
    for name in "ab":
        for i in range(4):
            write("%s/colour/%s/%d.png" % (at, name, i), png(2, 2, lambda x, y: (i, 100, 200 + x), colour=2))
    # sizes
    for name in "ab":
        for i in range(3):
            write("%s/sizes/%s/%d.png" % (at, name, i), png(4 + 2 * i, 4 + 4 * i, lambda x, y: (255 * (x % 2),)))
    for name in "ab":
        for i in range(4):
            write("%s/light/%s/%d.png" % (at, name, i), png(6, 6, lambda x, y: (0 if 1 < x < 4 and 1 < y < 4 else 250,)))
    def large(name, width, height, colour):
        row = b"\0" + bytes(width * (3 if colour else 1))
        for label in "ab":
            for i in range(2):
                pixels = bytearray(row * height)
                pixels[1 + i] = 9
                write("%s/%s/%s/%d.png" % (at, name, label, i), b"\x89PNG\r\n\x1a\n" +
                      chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2 if colour else 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(bytes(pixels), 1)) + chunk(b"IEND", b""))
    large("largest", 1000, 1000, False)
    large("larger", 1001, 1000, False)
    large("largest-colour", 600, 600, True)
    # broken
    write(at + "/empty-class/a/1.png", plain(1))
    os.makedirs(at + "/empty-class/b", exist_ok=True)
    write(at + "/one-class/a/1.png", plain(1))
    write(at + "/one-class/a/2.png", plain(2))
    os.makedirs(at + "/nothing", exist_ok=True)
    for what, data in (("jpeg", ("2.jpg", b"\xff\xd8\xff\xe0")), ("not-png", ("2.png", b"GIF89a")), ("jpeg-as-png", ("2.png", b"\xff\xd8\xff\xe0")),
                       ("cut", ("2.png", plain(7)[:40])), ("crc", ("2.png", plain(7)[:20] + b"!" + plain(7)[21:])),
                       ("nested", ("more/2.png", plain(7))),
                       ("bomb", ("2.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)) +
                                 chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")))):
        write("%s/%s/a/1.png" % (at, what), plain(1))
        write("%s/%s/b/1.png" % (at, what), plain(1))
        write("%s/%s/b/%s" % (at, what, data[0]), data[1])
    for name in ("train", "test", "valid"):
        write("%s/three/%s/a/1.png" % (at, name), plain(1))
    write(at + "/lone/train/a/1.png", plain(1))
    write(at + "/unknown/train/a/1.png", plain(1))
    write(at + "/unknown/train/b/1.png", plain(1))
    write(at + "/unknown/test/c/1.png", plain(1))
    for k in range(257):
        write("%s/many/%03d/1.png" % (at, k), plain(1, 1, 1))


def tables(at):
    rows = [(i % 3, [(5 + 7 * i + p) % 256 for p in range(4)]) for i in range(15)]
    line = lambda k, p: ",".join(str(v) for v in [k] + p)
    body = "".join(line(k, p) + "\n" for k, p in rows)
    write(at + "/plain.csv", body)
    write(at + "/header.csv", "label,p0,p1,p2,p3\n" + body)
    write(at + "/crlf.csv", "\ufefflabel,p0,p1,p2,p3\n".replace("\n", "\r\n") + body.replace("\n", "\r\n") + "\r\n")
    write(at + "/packed.csv.gz", gzip.compress(body.encode(), mtime=0))
    write(at + "/last.csv", "".join(",".join(str(v) for v in p) + ",\"" + ["cat", "ant", "bee"][k] + "\"\n" for k, p in rows))
    write(at + "/named.csv", "p0,p1,kind,p2,p3\n" + "".join("%d,%d,%s,%d,%d\n" % (p[0], p[1], ["cat", "ant", "bee"][k], p[2], p[3]) for k, p in rows))
    write(at + "/twice.csv", "label,p0,p0,label,p2\n" + "".join("%d,%d,%d,%d,0\n" % (k, p[0], p[1], k) for k, p in rows))
    write(at + "/numbered.csv", "ID,label,a,b,c\n" + "".join("%d,%d,%d,%d,%d\n" % (i, k, p[0], p[1], p[2]) for i, (k, p) in enumerate(rows)))
    write(at + "/signs.csv", "".join(line([-1, 1, 10][k], p) + "\n" for k, p in rows))
    write(at + "/wide.csv", "".join(line(k, p + p[:2]) + "\n" for k, p in rows))
    write(at + "/index.csv", ",label,p0,p1,p2,p3\n" + "".join("%d,%s" % (i, line(k, p)) + "\n" for i, (k, p) in enumerate(rows)))
    write(at + "/blank-index.csv", "\n\n\n,label,p0,p1,p2,p3\n" + "".join("%d,%s" % (i, line(k, p)) + "\n" for i, (k, p) in enumerate(rows)))
    write(at + "/fraction.csv", body + "1,0.5,1,2,3\n")
    write(at + "/hole.csv", body + "1,,1,2,3\n")
    write(at + "/nan.csv", body + "1,NaN,1,2,3\n")
    write(at + "/big.csv", body + "1,256,1,2,3\n")
    write(at + "/short.csv", body + "1,2\n")
    write(at + "/long.csv", body + "1,2,3,4,5,6\n")
    write(at + "/semicolon.csv", body.replace(",", ";"))
    write(at + "/german.csv", "label;a;b\n" + "1;0,5;0,25\n" * 20)
    write(at + "/german-later.csv", "label;a;b\n1;0;255\n" + "1;0,5;0,25\n" * 20)
    write(at + "/blank-semicolon.csv", "\n\n\n" + body.replace(",", ";"))
    write(at + "/open.csv", body + '"1,2,3,4,5\n' + body * 200)
    write(at + "/open-header.csv", 'label,"p0,p1,p2,p3\n' + body * 200)
    write(at + "/behind.csv", body + '1,"1"5,2,3,4\n')
    write(at + "/before.csv", body + '1,2, "3",4,5\n')
    write(at + "/lines.csv", 'label,"p\n0",p1,p2,p3\n' + body + "1,x,2,3,4\n")
    write(at + "/quoted.csv", '"label" ,"p0","p""1",p2,p3\r\n' + body.replace("\n", "\r\n").replace("0,5", '"0" ,"5"\t'))
    write(at + "/long-cell.csv", body + "1," + "x" * 5000 + ",2,3,4\n")
    for first in (0, 1):
        write(at + "/count%d.csv" % first, ",".join(str(first + i) for i in range(5)) + "\n" + body)
        wide = lambda v: ",".join([str(v % 3)] + [str(v)] * 256) + "\n"
        write(at + "/count%d-256.csv" % first, ",".join(str(first + i) for i in range(257)) + "\n" + "".join(wide(v) for v in range(15)))
    write(at + "/wide-256.csv", "label," + ",".join("p%d" % i for i in range(256)) + "\n" + "".join(wide(v) for v in range(15)))
    write(at + "/count-text.csv", "y,0,1,2,3\n" + body)
    for word in ("NaN", "NA", "null", "None", "N/A"):
        write(at + "/%s-label.csv" % word.replace("/", ""), body + word + ",1,2,3,4\n")
    spelt = [["300", "300.0", "3e2"], ["-1", "-1.0", "-1e0"], ["7.5", "7.50", "0.75e1"]]
    write(at + "/spelt.csv", "".join(",".join([spelt[k][i % 2 + (i > 8)]] + [str(v) for v in p]) + "\n" for i, (k, p) in enumerate(rows)))
    write(at + "/spelt-once.csv", "".join(",".join([spelt[k][0]] + [str(v) for v in p]) + "\n" for k, p in rows))
    write(at + "/large.csv", "".join(line(9007199254740992 + k, p) + "\n" for k, p in rows))
    write(at + "/signs-text.csv", "".join(line(["?", "-", "1.0"][k], p) + "\n" for k, p in rows))
    write(at + "/nul.csv", body + "\n" * 5000 + "1,\0,3,4,5\n")
    write(at + "/nolabel.csv", body + ",1,2,3,4\n")
    write(at + "/classes.csv", "".join("c%d,4,3,2,1\n" % i for i in range(257)))
    write(at + "/one.csv", "1,1,2,3,4\n" * 9)
    write(at + "/header-only.csv", "label,p0,p1,p2,p3\n")
    write(at + "/sorted.csv", "".join(line(k, [4, 3, 2, 1]) + "\n" for k in range(3) for i in range(20)))
    write(at + "/numbers.csv", "0,1,2,3,y\n" + "".join(",".join(str(v) for v in p + [k]) + "\n" for k, p in rows))
    write(at + "/pandas.csv", ",".join(str(i) for i in range(9)) + ",y\n" + "".join(",".join(str(v) for v in (p + p + p)[:9] + [k]) + "\n" for k, p in rows))
    write(at + "/empty.csv", "")
    write(at + "/commas.csv.gz", gzip.compress(b"," * 1000001, mtime=0))
    write(at + "/larger.csv.gz", gzip.compress(b"".join(b"%d" % (i % 2) + b",9" * 1001 ** 2 + b"\n" for i in range(4)), 1, mtime=0))
    write(at + "/last-word.csv", "p0,p1,p2,p3,kind\n" + "".join(f"{i},2,3,4,{i % 2}\n" for i in range(20)))
    write(at + "/returns.csv", "label,a\r" + "1,2\r3,4\r" * 9)
    write(at + "/comment.csv", "# made today\n" + "1,2\n3,4\n" * 9)
    write(at + "/utf16.csv", ("label,a\n" + "1,2\n3,4\n" * 9).encode("utf-16"))
    write(at + "/few.csv", "".join(f"{k},1,2,3,{k}\n" for k in range(3)))
    write(at + "/one.png", plain(1))
    write(at + "/one.npy", labels([1]))
    write(at + "/train-images-idx3-ubyte", b"\0\0\x08\3\0\0\0\1\0\0\0\1\0\0\0\1\0")
    write(at + "/data.bin", bytes([1, 2, 3, 4]) * 300)


def arrays(at):
    y, t = [0, 1, 2] * 4, [0, 1, 2]
    npz(at + "/keras.npz", x_train=images(12, (2, 3)), y_train=labels(y), x_test=images(3, (2, 3), 100), y_test=labels(t))
    npz(at + "/stored.npz", zipfile.ZIP_STORED, x_train=images(12, (2, 3)), y_train=labels(y), x_test=images(3, (2, 3), 100),
        y_test=labels(t, "<i8", (3, 1)))
    npz(at + "/big-endian.npz", x_train=images(12, (2, 3)), y_train=labels(y, ">i4"), x_test=images(3, (2, 3), 100), y_test=labels(t))
    npz(at + "/no-test.npz", x_train=images(12, (2, 3)), y_train=labels(y))
    npz(at + "/last-channel.npz", x_train=images(6, (2, 2, 3)), y_train=labels([0, 1] * 3), x_test=images(2, (2, 2, 3)), y_test=labels([0, 1]))
    npz(at + "/first-channel.npz", x_train=images(6, (3, 2, 2)), y_train=labels([0, 1] * 3), x_test=images(2, (3, 2, 2)), y_test=labels([0, 1]))
    npz(at + "/flat.npz", x_train=images(12, (9,)), y_train=labels(y))
    bad = lambda name, **change: npz("%s/%s.npz" % (at, name), **{k: v for k, v in dict(
        {"x_train": images(12, (2, 3)), "y_train": labels(y), "x_test": images(3, (2, 3)), "y_test": labels(t)}, **change).items() if v is not None})
    bad("float", x_train=npy("<f4", "(12, 2, 3)", bytes(12 * 6 * 4)))
    bad("fortran", x_train=npy("|u1", "(12, 2, 3)", bytes(72), fortran=True))
    bad("objects", y_train=npy("|O", "(12,)", b"\x80\3]q\0."))
    bad("texts", y_train=npy("<U3", "(12,)", bytes(12 * 12)))
    bad("negative", y_train=labels([0, 1, -1] * 4, "<i8"))
    bad("beyond", x_train=npy("<i2", "(12, 2, 3)", struct.pack("<72h", *([0] * 20 + [300] + [0] * 51))))
    bad("beyond-signed", x_train=npy("<u8", "(12, 2, 3)", struct.pack("<72Q", *([0] * 20 + [2 ** 64 - 1] + [0] * 51))))
    bad("negative-8", x_train=npy("<i8", "(12, 2, 3)", struct.pack("<72q", *([0] * 20 + [-2 ** 63] + [0] * 51))))
    bad("one-hot", y_train=npy("|u1", "(12, 3)", bytes([1, 0, 0] * 12)))
    bad("one-hot-floats", y_train=npy("<f4", "(12, 3)", struct.pack("<36f", *([1, 0, 0] * 12))))
    bad("truths", x_train=npy("|b1", "(12, 2, 3)", bytes(72)))
    bad("fewer", y_train=labels(y[:-1]))
    bad("shape", x_train=npy("|u1", "(12, 2, 4)", bytes(72)))
    bad("huge", x_train=npy("|u1", "(4294967296, 4294967296, 2)", bytes(72)))
    bad("scalar", x_train=npy("|u1", "()", bytes(1)))
    bad("line", x_train=labels(range(-5, 7), "<i8"))
    bad("dot", x_train=npy("<i2", "(12, 1, 1)", struct.pack("<12h", *([0] * 11 + [256]))))
    bad("rgba", x_train=images(12, (2, 2, 4)))
    bad("half", y_test=None)
    bad("names", x_train=None)
    npz(at + "/other-names.npz", target=npy("|u1", "(12,)", bytes(12)), data=npy("|u1", "(12, 2, 2)", bytes(48)))
    npz(at + "/it's.npz", **{"the y's": npy("|u1", "(12,)", bytes(12)), "data": npy("|u1", "(12, 2, 2)", bytes(48))})
    with zipfile.ZipFile(at + "/pictures.zip", "w") as z:
        z.writestr("a/1.PNG", plain(3))
    bad("no-array", x_train=b"x" * 100)
    bad("unseen", y_test=labels([0, 1, 7]))
    bad("other-test", x_test=images(3, (3, 3)))
    whole = open(at + "/keras.npz", "rb").read()
    write(at + "/cut.npz", whole[:-30])
    write(at + "/extra.npz", whole + b"x")
    write(at + "/extras.npz", whole + bytes(100000))
    middle = whole.index(b"x_train.npy") + 40
    write(at + "/damaged.npz", whole[:middle] + bytes([whole[middle] ^ 0x55]) + whole[middle + 1:])
    # a directory that promises four gigabytes of a few bytes
    entry = whole.rindex(b"PK\1\2")
    write(at + "/bomb.npz", whole[:entry + 24] + struct.pack("<I", 0xFFFFFFF0) + whole[entry + 28:])
    first = whole.index(b"PK\1\2")
    write(at + "/beyond-end.npz", whole[:first + 42] + struct.pack("<I", len(whole) - 5) + whole[first + 46:])
    write(at + "/locked.npz", whole[:first + 8] + b"\1\0" + whole[first + 10:])


def archives(at):
    cifar(at + "/cifar.tar.gz")
    cifar(at + "/cifar.tar", "w:")
    cifar(at + "/missing.tar.gz", drop=["data_batch_3.bin"])
    cifar(at + "/twice.tar.gz", twice=["test_batch.bin"])
    cifar(at + "/label.tar.gz", label=10)
    cifar(at + "/python.tar.gz", drop=CIFAR, extra=[("data_batch_1", b"\x80\2")])
    cifar(at + "/hundred.tar.gz", drop=CIFAR, extra=[("fine_label_names.txt", b"apple\n"), ("train.bin", b"x")])
    cifar(at + "/length.tar.gz", drop=["test_batch.bin"], extra=[("test_batch.bin", bytes(3072))])
    whole = open(at + "/cifar.tar", "rb").read()
    write(at + "/cut.tar", whole[:20000])
    write(at + "/cut.tar.gz", open(at + "/cifar.tar.gz", "rb").read()[:-50])
    packed = open(at + "/cifar.tar.gz", "rb").read()
    write(at + "/no-end.tar", whole[:whole.rstrip(b"\0").__len__() // 512 * 512 + 512])
    write(at + "/more.tar", whole + b"x")
    write(at + "/crc.tar.gz", packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:])
    write(at + "/length-of.tar.gz", packed[:-1] + bytes([packed[-1] ^ 1]))
    write(at + "/cut-end.tar.gz", packed[:-4])
    write(at + "/more.tar.gz", packed + b"junk")
    # other pixels, compressed soundly, under the checksum of the right ones
    other = bytearray(whole)
    other[2000 + 512] ^= 1
    write(at + "/other.tar.gz", gzip.compress(bytes(other), mtime=0)[:-8] + gzip.compress(whole, mtime=0)[-8:])
    second = 1024  # readme.html: header and one block
    write(at + "/sum.tar", whole[:second + 124] + b"77777777777\0" + whole[second + 136:])
    liar = bytearray(whole[:second + 512])
    liar[second + 124:second + 136] = b"77777777777\0"
    liar[second + 148:second + 156] = b"        "
    liar[second + 148:second + 156] = b"%06o\0 " % sum(liar[second:second + 512])
    write(at + "/liar.tar", bytes(liar) + whole[second + 512:])


def make(at):
    folders(at)
    tables(at)
    arrays(at)
    archives(at)


# ---- what came of them ----

def read_idx(path):
    data = open(path, "rb").read()
    assert data[:3] == b"\0\0\x08", path
    dims = struct.unpack(">%dI" % data[3], data[4:4 + 4 * data[3]])
    return dims, data[4 + 4 * len(dims):]


def pixels(folder, part):
    name = "%s/%s-images-idx%%d-ubyte" % (folder, part)
    dims, data = read_idx(name % (3 if os.path.exists(name % 3) else 4))
    counts, label = read_idx("%s/%s-labels-idx1-ubyte" % (folder, part))
    size = len(data) // dims[0]
    assert counts == (dims[0],) and len(label) == dims[0] and size * dims[0] == len(data)
    print("x".join(str(d) for d in dims))
    for i in range(dims[0]):
        print(label[i], *data[size * i:size * (i + 1)])


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    pixels(sys.argv[2], sys.argv[3])
