#!/usr/bin/env python3
"""Writes values.inc: expressions and what Python makes of them, as floats, with true as 1.0.

    tests/expr/values.py > tests/expr/values.inc
"""
import math

names = dict(t=3.0, T=100.0, epoch=-2.5, pi=math.pi)

expressions = """
1
.5
1.
12.25e-2
1E3
0012.50
-2 ** 2
(-2) ** 2
2 ** -1
2 ** 3 ** 2
(2 ** 3) ** 2
-2 ** -2
2 ** -3 ** 2
- - 3
-+-3
1 - 2 - 3
1 - -1
2 * 3 + 4 * 5
2 + 3 * 4 ** 2
100 / 10 / 2
100 / 10 * 2
7 // 2
-7 // 2
7 // -2
-7 // -2
7 % 3
-7 % 3
7 % -3
-7 % -3
7.5 % 2
-0.5 // 1
-0.5 % 1
1 // 0.1
1 % 0.1
0.3 // 0.1
1e300 // 1e-3
9007199254740993 // 1
4503599627370497 // 1
4503599627370497.5 // 1
-1e-20 % 3
-1e-20 // 3
-6 % 3
6 % -3
2 * 7 // 3
2 * (7 // 3)
2 * 7 % 3
-7 // 2 * 2 + -7 % 2
1 < 2
2 <= 2
3 > 3
3 >= 3
1 == 1.0
1 != 1
0.1 + 0.2 == 0.3
1 < t < 5
1 < t < 2
5 > t > 2 > 1
(1 < t) < 2
3 < 2 < 1
(3 < 2) < 1
1 == 1 == 1
3 == 3 == 1
1 < 3 > 2
1 < 3 != 3
1 < 2 == True
not 1 == 2
not 1
not not 5
not 0 + 1
0 or 0
0 or 2 > 1
1 and 0
1 or 0 and 0
(1 or 0) and 0
not 0 and 0
not (0 and 0)
1 + 2 < 4 and 5 - 1 == 4
-1 < 0
2 > 1 or 1 / t
-(1 < 2)
(t > 2) * 5 + (t <= 2) * 7
exp(1)
log(2)
log(exp(2.5))
sqrt(2)
sqrt(2) ** 2
cos(pi)
sin(pi / 6)
cos(0)
floor(2.7)
floor(-2.2)
floor(2)
abs(-3.5)
abs(epoch)
min(3, 1, 2)
max(3, 1, 2)
min(1, 2) + max(3, 4, 5, 6)
max(min(t, 2), 1)
min(-1, -2)
if(t > 2, 10, 20)
if(t > 3, 10, 20)
if(0.0, 1, 2)
if(t < 1, 1, if(t < 4, 0.5, 0.1))
-if(1, 2, 3) ** 2
0.95 ** t
0.95 ** epoch
epoch // 30
t // 2
T // 30
(1 + cos(pi * t / T)) / 2
0.5 * (1 + cos(pi * min(t, T) / T))
(1 - t / T) ** 0.9
min(1, (t + 1) / 5) * 0.1 ** (t // 30)
exp(-0.05 * t)
1 / (1 + 0.5 * t)
1 / sqrt(t + 1)
t*t-T
True + True
False
""".strip().splitlines()


def number(x):
    return 1.0 if x is True else 0.0 if x is False else float(x)


def python(text):
    """Python's `and` and `or` give one of their operands; where these words occur the value is made 1 or 0."""
    functions = dict(exp=math.exp, log=math.log, sqrt=math.sqrt, cos=math.cos, sin=math.sin, floor=math.floor,
                     min=min, max=max, abs=abs, when=lambda c, a, b: a if c else b)
    value = eval(text.replace("if(", "when("), functions, names)
    return number(bool(value) if " and " in text or " or " in text or text.startswith("not") else value)


if __name__ == "__main__":
    print("/* By values.py: t = 3, T = 100, epoch = -2.5. */")
    for text in expressions:
        if text[0] == "0" and text[1:2].isdigit():
            value = float(text)  # in Python a whole number may not begin with 0
        else:
            value = python(text)
        ours = text.replace("True", "true").replace("False", "false")
        print('{"%s", %s}, /* %r */' % (ours, value.hex(), value))
