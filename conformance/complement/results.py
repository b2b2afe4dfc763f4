"""Folds the events of `go test -json` into results.tsv, and shows the score by file of the suite.

    results.py EVENTS.json RESULTS.tsv    merge what these events say, then show the score
    results.py RESULTS.tsv                show the score

A row is: package, test, state (pass, fail, skip), reason. A reason is written by hand and stays as long
as the test does not pass.
"""
import json
import sys
from collections import Counter, defaultdict


def read(path):
    rows = {}
    try:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                package, test, state, reason = (line.rstrip("\n").split("\t") + [""])[:4]
                rows[package, test] = (state, reason)
    except FileNotFoundError:
        pass
    return rows


def merge(events, rows):
    with open(events, encoding="utf-8") as lines:
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("Action") in ("pass", "fail", "skip") and event.get("Test"):
                package = event["Package"].split("complement/", 1)[-1]
                key = package, event["Test"]
                state = event["Action"]
                reason = rows.get(key, ("", ""))[1] if state != "pass" else ""
                rows[key] = (state, reason)


def show(rows):
    score = defaultdict(Counter)
    for (package, test), (state, _) in rows.items():
        if "/" not in test:
            score[package][state] += 1
        score[package + " (with subtests)"][state] += 1
    for package in sorted(score):
        states = score[package]
        ran = states["pass"] + states["fail"]
        print(f"{package:32} {states['pass']:5} of {ran:5} pass, {states['skip']:4} skipped")
    for (package, test), (state, reason) in sorted(rows.items()):
        if state == "fail" and "/" not in test:
            print(f"  fail  {package}  {test}  {reason}")


def main():
    path = sys.argv[-1]
    rows = read(path)
    if len(sys.argv) == 3:
        merge(sys.argv[1], rows)
        with open(path, "w", encoding="utf-8") as out:
            for (package, test), (state, reason) in sorted(rows.items()):
                out.write("\t".join((package, test, state, reason)).rstrip("\t") + "\n")
    show(rows)


main()
