"""How the palette of light figures was checked: contrast against white, and the least distance in CIE
Lab between two colours, to normal eyes and to three kinds of colour blindness (Machado et al. 2009).
"""
import numpy as np

COLOURS = ["1F4E9C", "B83C00", "008060", "B85C98", "B98E00", "3B9BDB", "000000"]
EYES = {"normal": np.eye(3),
        "protanopia": np.array([[.152286, 1.052583, -.204868], [.114503, .786281, .099216], [-.003882, -.048116, 1.051998]]),
        "deuteranopia": np.array([[.367322, .860646, -.227968], [.280085, .672501, .047413], [-.011820, .042940, .968881]]),
        "tritanopia": np.array([[1.255528, -.076749, -.178779], [-.078411, .930809, .147602], [.004733, .691367, .303900]])}
XYZ = np.array([[.4124, .3576, .1805], [.2126, .7152, .0722], [.0193, .1192, .9505]])


def linear(name):
    v = np.array([int(name[i:i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.where(v <= .04045, v / 12.92, ((v + .055) / 1.055) ** 2.4)


def lab(v):
    t = XYZ @ v / np.array([.95047, 1, 1.08883])
    f = np.where(t > .008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


if __name__ == "__main__":
    for c in COLOURS:
        print(c, "contrast %.2f" % (1.05 / (linear(c) @ [.2126, .7152, .0722] + .05)))
    for eye, matrix in EYES.items():
        seen = [lab(np.clip(matrix @ linear(c), 0, 1)) for c in COLOURS]
        print(eye, "%.1f" % min(np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]))
