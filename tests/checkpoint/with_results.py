"""A checkpoint as it would be with this version of results: with_results.py FILE VERSION."""
import json
import struct
import sys

path, version = sys.argv[1:]
with open(path, "rb") as f:
    size, = struct.unpack("<Q", f.read(8))
    header, tensors = json.loads(f.read(size)), f.read()
header["__metadata__"]["descent.results"] = version
del header["__metadata__"]["descent.header"]  # which a file may lack
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(path, "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + tensors)
