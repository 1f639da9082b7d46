"""What descent export wrote of studies, against the runs' folders.

read_export.py database FILE.sqlite FOLDER ...       rows, metrics, digests, epochs and steps
read_export.py tensorboard SWEEP FOLDER KEY ...      the settings of every run
"""
import csv
import glob
import json
import os
import sqlite3
import struct
import sys


def runs_below(folder):
    found = [folder] if os.path.exists(f"{folder}/run.json") else sorted(
        os.path.dirname(path) for path in glob.glob(f"{folder}/*/run.json"))
    assert found, folder
    return found


def number(cell):
    return None if cell == "" else float(cell)


def check_table(db, table, run, path):
    cursor = db.execute(f"SELECT * FROM {table} WHERE run = ? ORDER BY rowid", (run,))
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row)) for row in cursor]
    with open(path, newline="", encoding="utf-8") as file:
        want = list(csv.DictReader(file))
    assert len(rows) == len(want) > 0, (path, len(rows), len(want))
    for got, row in zip(rows, want):
        for key, cell in row.items():
            assert got[key] == number(cell), (path, key, got[key], cell)


def database(path, *folders):
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    want = [run for folder in folders for run in runs_below(folder)]
    rows = {row["folder"]: row for row in db.execute("SELECT * FROM runs")}
    assert sorted(rows) == sorted(os.path.realpath(run) for run in want), sorted(rows)
    settings = [json.loads(row["settings"]) for row in rows.values()]
    for key in set().union(*settings):
        assert key in next(iter(rows.values())).keys(), key
        assert [row[key] for row in rows.values()] == [s.get(key) for s in settings], key
    for run in want:
        row = rows[os.path.realpath(run)]
        with open(f"{run}/run.json", encoding="utf-8") as file:
            record = json.load(file)
        assert row["status"] == record["status"] and row["weights"] == record["weights_sha256"], run
        with open(f"{run}/epochs.csv", newline="", encoding="utf-8") as file:
            last = list(csv.DictReader(file))[-1]
        for key in ("train_loss", "valid_accuracy", "test_accuracy"):
            assert row[key] == number(last[key]), (run, key)
        for table in ("epochs", "steps"):
            check_table(db, table, row["id"], f"{run}/{table}.csv")


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    """[(field, value)] of a message: numbers, and bytes where they are bytes."""
    at, ret = 0, []
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif kind == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        else:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        ret.append((key >> 3, value))
    return ret


def events(path):
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        yield dict(fields(data[at + 12 : at + 12 + length]))
        at += 16 + length


def settings_of(path):
    for event in events(path):
        for _, value in fields(event.get(5, b"")):
            value = dict(fields(value))
            if value[1] == b"_hparams_/session_start_info":
                plugin = dict(fields(dict(fields(value[9]))[1]))
                assert plugin[1] == b"hparams"
                assert dict(fields(value[8]))[1] == 1  # a tensor of floats
                info = fields(dict(fields(plugin[2]))[3])
                pairs = [dict(fields(entry)) for field, entry in info if field == 1]
                return {p[1].decode(): fields(p[2])[0][1] for p in pairs}
    return {}


def tensorboard(sweep, folder, *keys):
    for run in runs_below(sweep):
        got = settings_of(f"{folder}/{os.path.basename(run)}/events.out.tfevents.descent")
        with open(f"{run}/run.json", encoding="utf-8") as file:
            json.load(file)
        assert sorted(got) == sorted(keys), (run, got)
        name = os.path.basename(run)
        for key, value in got.items():
            assert f"{key.split('.')[-1]}={value:g}" in name, (name, key, value)


{"database": database, "tensorboard": tensorboard}[sys.argv[1]](*sys.argv[2:])
