#!/usr/bin/env python3
"""Plays an animated PNG and compares what it shows with pictures: read_apng.py FILE.png FOLDER

The frames of FOLDER, sorted by name, must be the frames, pixel by pixel, and the last one what a reader of plain PNG sees.
Written from the format's specification, https://www.w3.org/TR/png-3."""
import pathlib
import struct
import sys
import zlib


def chunks_of(path):
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG"
    at = 8
    while at < len(data):
        (n,) = struct.unpack(">I", data[at:at + 4])
        name, body = data[at + 4:at + 8], data[at + 8:at + 8 + n]
        (crc,) = struct.unpack(">I", data[at + 8 + n:at + 12 + n])
        assert zlib.crc32(name + body) == crc, f"{path}: checksum of {name}"
        yield name, body
        at += n + 12
    assert name == b"IEND" and at == len(data), f"{path} does not end with IEND"


def pixels_of(packed, width, height, each):
    """Rows of bytes, `each` of them a pixel; filters none, sub and up are all that is expected."""
    n = each * width
    raw, rows, above = zlib.decompress(packed), [], bytearray(n)
    assert len(raw) == height * (n + 1)
    for y in range(height):
        kind, row = raw[y * (n + 1)], bytearray(raw[y * (n + 1) + 1:(y + 1) * (n + 1)])
        assert kind in (0, 1, 2), f"filter {kind}"
        if kind == 1:
            for i in range(each, n):
                row[i] = (row[i] + row[i - each]) & 255
        elif kind == 2:
            row = bytearray((a + b) & 255 for a, b in zip(row, above))
        rows.append(row)
        above = row
    return rows


def opaque(row):
    """RGBA without its A, which is 255."""
    assert all(a == 255 for a in row[3::4])
    return b"".join(bytes(row[i:i + 3]) for i in range(0, len(row), 4))


def still(path):
    """Width, height, rows of RGB."""
    width = height = each = 0
    packed = b""
    for name, body in chunks_of(path):
        if name == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert depth == 8 and colour in (2, 6), "8 bits a channel, RGB or RGBA"
            each = 3 if colour == 2 else 4
        elif name == b"IDAT":
            packed += body
    rows = pixels_of(packed, width, height, each)
    return width, height, [bytes(row) if each == 3 else opaque(row) for row in rows]


def play(path):
    """What is shown, frame by frame, and for how many milliseconds."""
    width, height, _ = still(path)
    canvas = [bytearray(4 * width) for _ in range(height)]
    count, number, control, packed, seen_picture = None, 0, None, b"", False

    def frame():
        w, h, x, y, milliseconds, per, dispose, blend = control
        assert x + w <= width and y + h <= height and w > 0 and h > 0 and (per, dispose, blend) == (1000, 0, 1)
        for j, row in enumerate(pixels_of(packed, w, h, 4)):
            for i in range(w):
                if row[4 * i + 3]:
                    canvas[y + j][4 * (x + i):4 * (x + i) + 4] = row[4 * i:4 * i + 4]
        return [opaque(row) for row in canvas], milliseconds

    for name, body in chunks_of(path):
        if name == b"acTL":
            assert not seen_picture, "acTL stands before IDAT"
            count, plays = struct.unpack(">II", body)
            assert plays == 0
        elif name == b"IDAT":
            seen_picture = True
        elif name in (b"fcTL", b"fdAT"):
            assert struct.unpack(">I", body[:4])[0] == number, "chunks are numbered from 0"
            number += 1
            if name == b"fdAT":
                packed += body[4:]
                continue
            assert seen_picture, "the picture itself is not a frame"
            if control:
                yield frame()
            control, packed = struct.unpack(">IIIIHHBB", body[4:]), b""
            count -= 1
    yield frame()
    assert count == 0, "acTL has the number of frames"


def main():
    path, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    pictures = sorted(folder.glob("*.png"))
    shown = list(play(path))
    assert len(shown) == len(pictures), f"{len(shown)} frames, {len(pictures)} pictures"
    for (rows, milliseconds), picture in zip(shown, pictures):
        assert rows == still(picture)[2], f"not {picture}"
        assert milliseconds > 0
    assert still(path)[2] == shown[-1][0], "a plain reader sees the last frame"
    print(f"{len(shown)} frames")


main()
