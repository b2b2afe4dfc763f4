"""Folds the events of `go test -json` into results.tsv, and shows the score by file of the suite.

    results.py [--suite DIR] RESULTS.tsv                 show the score
    results.py [--suite DIR] --events FILE RESULTS.tsv   merge what these events say, then show it

A row is: package, file, test, state (pass, fail, skip), reason. The file is looked up in the suite's source
where that is given (--suite), and kept. A reason is written by hand and stays as long as the test does not pass.
"""
import argparse
import re
from collections import Counter
from json import loads
from pathlib import Path

TEST = re.compile(r"^func (Test\w+)\(\w+ \*testing\.T\)", re.MULTILINE)
UNKNOWN = "?"


def read(path):
    """(package, test) -> [file, state, reason]"""
    rows = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            package, file, test, state, reason = (line.split("\t") + [""])[:5]
            rows[package, test] = [file, state, reason]
    return rows


def write(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        for (package, test), (file, state, reason) in sorted(rows.items()):
            out.write("\t".join((package, file, test, state, reason)).rstrip("\t") + "\n")


def merge(events, rows):
    with open(events, encoding="utf-8") as lines:
        for line in lines:
            try:
                event = loads(line)
            except ValueError:
                continue
            if event.get("Action") in ("pass", "fail", "skip") and event.get("Test"):
                package = event["Package"].split("complement/", 1)[-1]
                file, _, reason = rows.get((package, event["Test"]), (UNKNOWN, "", ""))
                state = event["Action"]
                rows[package, event["Test"]] = [file, state, reason if state != "pass" else ""]


def locate(suite, rows):
    """The file of each test, of a subtest that of its test; what the suite no longer has keeps the one it had."""
    files = {}
    for package in {package for package, _ in rows}:
        for source in sorted((suite / package).glob("*_test.go")):
            for name in TEST.findall(source.read_text(encoding="utf-8")):
                files[package, name] = source.name
    for (package, test), row in rows.items():
        row[0] = files.get((package, test.split("/", 1)[0]), row[0])


def show(rows):
    packages = {}
    for (package, test), (file, state, _) in rows.items():
        for name in (file, ""):
            of_file = packages.setdefault(package, {}).setdefault(name, (Counter(), Counter()))
            of_file[1][state] += 1
            if "/" not in test:
                of_file[0][state] += 1
    print(f"{'':52} {'tests':>12} {'with subtests':>16} {'skipped':>8}")
    for package, files in sorted(packages.items()):
        for file, (tests, all_of_them) in sorted(files.items()):
            name = f"  {file}" if file else package
            print(f"{name:52} {ratio(tests):>12} {ratio(all_of_them):>16} {all_of_them['skip']:8}")
    for (package, test), (file, state, reason) in sorted(rows.items()):
        if state == "fail" and "/" not in test:
            print(f"  fail  {package}/{file}  {test}  {reason}")


def ratio(states):
    return f"{states['pass']} of {states['pass'] + states['fail']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=Path)
    parser.add_argument("--events", type=Path)
    parser.add_argument("results", type=Path)
    arguments = parser.parse_args()
    rows = read(arguments.results)
    if arguments.events:
        merge(arguments.events, rows)
    if arguments.suite:
        locate(arguments.suite, rows)
    if arguments.events or arguments.suite:
        write(arguments.results, rows)
    show(rows)


main()
