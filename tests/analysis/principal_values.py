#!/usr/bin/env python3
"""Principal directions of vectors made by a formula, by numpy's singular value decomposition, as tables in C:

    principal_values.py >principal_values.inc
"""
import numpy as np

N, LENGTH = 9, 50

i, j = np.meshgrid(np.arange(N), np.arange(LENGTH), indexing="ij")
# the same operations as in the test, rounded to float as there
rows = ((((i + 1) * (j + 3) * 37 + 11 * i * i) % 101 - 50) / 64.0 + (N - 1 - i) * ((j % 7) - 3) / 8.0).astype(np.float32)
rows = (rows - rows[-1]).astype(np.float64)
centred = rows - rows.mean(axis=0)
u, s, v = np.linalg.svd(centred, full_matrices=False)
d = v[:2]
for k, wanted in ((0, -1), (1, 1)):
    if (rows[0] - rows[-1]) @ d[k] * wanted < 0:
        d[k] = -d[k]


def table(name, values):
    print(f"static const double {name}[] = {{")
    for value in values:
        print(f"    {value:.17g},")
    print("};")


print("/* Made by principal_values.py; do not edit. */")
print(f"enum {{ PRINCIPAL_N = {N}, PRINCIPAL_LENGTH = {LENGTH} }};")
table("principal_variance", s * s)
table("principal_x", rows @ d[0])
table("principal_y", rows @ d[1])
