#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test-schema.py — the JSON Schema and the parser say the same, asked by a real validator

Arguments: schema-tool, the program benchscale, the source folder, the programs of the error tables.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP python3-jsonschema is not installed")
    sys.exit(0)

TOOL, BENCHSCALE, SOURCE, *TABLES = sys.argv[1:]
HERE = pathlib.Path(SOURCE, "tests/unit/topology")
count = failed = 0


def check(name, wrong):
    """One test: WRONG is what is to be told, nothing when it is good."""
    global count, failed
    count += 1
    failed += bool(wrong)
    print(f"{'not ok' if wrong else 'ok'} {count} {name}")
    for line in wrong[:20]:
        print(f"# {line}")


def run(*arguments, **options):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, **options).stdout


def read(documents, kind="topology"):
    text = "".join(document + "\0" for document in documents).encode()
    return [json.loads(line) for line in run(TOOL, "read", kind, input=text).splitlines()]


schemas = {kind: json.loads(run(BENCHSCALE, "schema", kind)) for kind in ("topology", "scenarios")}
validators = {kind: jsonschema.Draft7Validator(schema) for kind, schema in schemas.items()}


def is_valid(value, kind="topology"):
    return validators[kind].is_valid(value)


def complaints(value, kind="topology"):
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in
            validators[kind].iter_errors(value)]


def test_schemas():
    for kind, schema in schemas.items():
        try:
            jsonschema.Draft7Validator.check_schema(schema)
            check(f"the schema of {kind} is one", [])
        except jsonschema.SchemaError as error:
            check(f"the schema of {kind} is one", [str(error.message)])
        check(f"the schema of {kind} says what it cannot say",
              [] if "cycles" in schema["$comment"] else ["no $comment"])


def test_examples():
    fields = [json.loads(line) for line in run(TOOL, "fields").splitlines()]
    wrong = []
    for field, result in zip(fields, read(field["text"] for field in fields)):
        if result["said"]:
            wrong.append(f"{field['field']}: the parser refuses: {result['said']}")
        wrong += [f"{field['field']}: {text}" for text in complaints(result["json"])]
    check(f"the examples of all {len(fields)} fields are valid", wrong if len(fields) > 200 else ["too few"])


def test_files():
    for path in sorted([*pathlib.Path(SOURCE, "examples").glob("*.yaml"), *(HERE / "legacy").glob("*.yaml"),
                        *pathlib.Path(SOURCE, "cli/scaffolds").glob("*.yaml")]):
        text = path.read_text().replace("@NAME@", "lab").replace("@COUNT@", "3")
        kind = "scenarios" if path.name == "scenarios.yaml" else "topology"
        result = read([text], kind)[0]
        check(f"{path.relative_to(SOURCE)} is valid", [result["said"]] * bool(result["said"])
              + complaints(result["json"], kind))


def error_cases():
    with tempfile.NamedTemporaryFile() as file:
        for table in TABLES:
            run(table, env={**os.environ, "ERROR_CASES": file.name})
        parts = pathlib.Path(file.name).read_text().split("\0")[:-1]
    return dict(zip(parts[::2], parts[1::2]))


def test_errors():
    """Of what the parser refuses, the schema accepts what is listed, and nothing else."""
    cases = error_cases()
    listed = {line for line in (HERE / "schema-cannot-say").read_text().splitlines() if line and line[0] != "#"}
    accepted = set()
    wrong = []
    for (name, text), result in zip(cases.items(), read(cases.values())):
        if not result["said"]:
            wrong.append(f"{name}: the parser accepts it")
        if result["json"] is not None and is_valid(result["json"]):
            accepted.add(name)
    check(f"there are many wrong texts: {len(cases)}", wrong if len(cases) > 300 else ["too few"])
    check("what the schema accepts is listed", sorted(accepted - listed))
    check("what is listed is accepted by the schema", sorted(listed - accepted))


def node(key, value="@"):
    """A topology whose node has KEY; @ is where a text goes."""
    return ("network: {name: lan, subnet: 10.10.0.0/24}\nnodes:\n"
            "  - {name: one, image: tiny, " + key + ": " + value + "}\n")


V6 = ["fd00::1", "fd00::9", "fd00:2:3:4:5:6:7:8", "fd00:2:3:4:5:6:7::", "fd00:2::7:8", "fd00::8:1.2.3.4", "fd00:2:3:4:5:6:1.2.3.4", "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8",
      "fd00::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5::1.2.3.4", "::1.2.3.04", "12345::", "1:2:3:4:5:6:7:8::"]
DURATIONS = ["1", "1s", "500ms", "0", "0.0s", "0.5", "1.", ".5", "3m", "1h", "999us", "1000us", "999.5us", "0.001",
             "0.0005", "0.4ms", "1d", "1e3", "87840h", "111111h", "100000000000000000000", "000000000000000000001",
             "0000000000000000000001", "12ms", "9999999m", "99999999m", "1 s", "-1s"]
TEXTS = ["a\nb", "a\tb", "a\rb", "a\r\nb", "a\u001bb", "a\u007fb", "a\u0085b", "a\u2028b", "a\u202eb", "a\u2066b",
         "a\u200bb", "a\u200fb", "a\u061cb", "a\u2060b", "a\ufeffb", "a\ufffab", "a\u2010b", "a\u2065b", "a\u206ab"]
# What is tried: a document with a place for a quoted text; whether the schema says all that the parser says; seeds.
TRIES = {
    "node's name": ("nodes: [{name: @, image: tiny}]", True, ["one", "a-b", "-a", "a" * 63, "a" * 64, "A", "a.b"]),
    "lab's name": ("metadata: {name: @}\nnodes: [{name: one, image: tiny}]", True,
                   ["A_b.c-d", "_a", "a" * 63, "a" * 64, ".", ""]),
    "interface": (node("interfaces", "[{name: @}]"), True, ["eth0", "lo", "lol", "a" * 15, "a" * 16]),
    "image": ("nodes: [{name: one, image: @}]", True, ["tiny", "-x", " x", "a b", "ü", ""]),
    "subnet": ("network: {subnet: @}\nnodes: [{name: one, image: tiny}]", False,
               ["10.0.0.0/8", "10.0.0.0/31", "10.0.0.0/7", "127.0.0.0/8", "224.0.0.0/8", "0.0.0.0/8", "01.0.0.0/8"]),
    "subnet6": ("network: {subnet6: @}\nnodes: [{name: one, image: tiny}]", False,
                ["auto", "fd00::/8", "fd00::/64", "fd00::/127", "fd00:1:2::/126"]),
    "address": (node("interfaces", "[{address: @}]"), False,
                ["10.10.0.9", "256.0.0.1", "10.10.0.09", "1.2.3"]),
    "address6": (node("interfaces", "[{address6: @}]").replace("subnet: 10.10.0.0/24", "subnet6: 'fd00::/16'"),
                 False, V6),
    "mac": (node("interfaces", "[{mac: @}]"), True,
            ["52:54:00:12:34:56", "52-54-00-12-34-56", "53:54:00:12:34:56", "00:00:00:00:00:00", "52:54:00-12:34:56"]),
    "host name": (node("cloud_init", "{hostname: @}"), True,
                  ["a.b", "a..b", "a-.b", "a" * 63 + ".b", "a" * 32 + "." + "b" * 32, "a."]),
    "owner": (node("user"), True, ["root", "root:root", "_", "_a", "_-", "1000:1000", ":", "a:", "a:b:c",
                                           "a" * 32, "a" * 33, "_" + "a" * 31, "_" + "a" * 32]),
    "login": (node("cloud_init", "{user: @}"), True, ["debian", "_x", "a:b", "-a", "."]),
    "adopt": ("nodes: [{name: one, adopt: @}]", False, ["vm", "-vm", "a/b", "a" * 255, "a" * 256]),
    "cpu": (node("cpu"), True, ["host", "Skylake-Server", "-x", "a b"]),
    "restart": (node("restart"), True, ["no", "always", "on-failure:3", "on-failure:", "on-failure:1234567"]),
    "capability": (node("capabilities", "[@]"), True,
                   ["NET_ADMIN", "-CAP_CHOWN", "CAP_CAP_CHOWN", "net_admin", "ALL", "-", "--ALL"]),
    "mode": (node("cloud_init", "{write_files: [{path: /a, permissions: @}]}"), True,
             ["644", "0644", "00644", "07777", "17777", "64", "008", "000644"]),
    "path": (node("cloud_init", "{write_files: [{path: @}]}"), True,
             ["/a", "/a/..", "/../a", "/..a", "/a../b", "a", "/", "/a/../b", "//"]),
    "port": (node("ports", "[@]"), True, ["80:80", "0:80", "65535:65535", "65536:1", "080:080", "1:2:3", "1:"]),
    "volume": (node("volumes", "[@]"), True,
               ["./a:/b", "/a:/b:ro", "a:/b:rw", "a:/b:rx", "-a:/b", "..:/b", ".:/b", "...:/b", "a:/", "a:/b/..", ".a:/b", "/:/b:ro"]),
    "device": (node("devices", "[@]"), True,
               ["/dev/a", "/dev/a:/dev/b", "/dev/a:/dev/b:rwm", "/dev/a:rwm", "/dev/a:/b:", "/dev/../a", "a"]),
    "tmpfs": (node("tmpfs", "[@]"), True, ["/run", "/run:size=64m,mode=1777", "/run:", "/run:A", "/a/..:x", "run"]),
    "package": (node("packages", "[@]"), False,
                ["nginx", "./a.deb", "a.deb", "./a", "http://x/a.deb", "ftp://x/y", "-a", "a=1:2~3", "a/b.rpm"]),
    "cloud-init package": (node("cloud_init", "{packages: [@]}"), True,
                           ["nginx", "a.deb", "./a.deb", "a.debx", "a b"]),
    "repository": (node("packages", "[{repository: @}]"), False,
                   ["deb http://x y z", "deb [a=b] http://x y", "http://x", "rpm http://x", "deb x", "deb-src https://x y"]),
    "repository's key": (node("packages", "[{repository: 'http://x/', key: @}]"), False,
                         ["./a", "-a", "http://x/a", "ftp://x/a", "a:b"]),
    "unit": (node("ready", "[{unit: @}]"), True,
             ["nginx", "a@b.service", "a\\x2db", ".a", "-a", "a b", "a" * 255, "a" * 256]),
    "url": (node("ready", "[{http: @}]"), False,
            ["http://x", "https://x/y?z", "HTTP://x", "http://", "http:///x", "ftp://x", "http://x y"]),
    "file": (node("ready", "[{file: @}]"), True, ["/run/x", "run", "/", ""]),
    "duration": (node("ready", "[{port: 80, within: @}]"), False, DURATIONS),
    "any duration": (node("network_conditions", "{schedule: [{at: @, down: true}]}"), False, DURATIONS),
    "clock": ("nodes: [{name: one, image: tiny}]\nscenarios: [{name: s, steps: [{fault: {clock: @, for: 1s}}]}]",
              False, ["1h", "-1h", "0", "-0s", "--1h", "0.5", "-"]),
    "queue": (node("network_conditions", "{queue: {limit: @}}"), False,
              ["64", "63", "0", "1500", "64KiB", "100ms", "1GiB", "2GiB", "5MB", "63B", "064B", "1s", "0.5", "0s", "1h", "61m", "2h", "3601s", "3600s", "60m"]),
    "trace": (node("network_conditions", "{trace: @}"), False, ["none", "a.trace", "a/", "/"]),
    "variable's name": (node("env", "{@: x}"), True, ["A", "_a1", "1A", "A-B", ""]),
    "label's name": (node("labels", "{@: x}"), True, ["a.b/c-d", "1", "-a", "a b", ""]),
    "label": (node("labels", "{a: @}"), True, ["x", "", "a\nb", "ü"]),
    "command": (node("command"), True, ["x", "", " ", "\n\t", " a"]),
    "word of a command": (node("command", "[@, @]"), True, ["x", "", " ", "\n", *TEXTS]),
    "lab's description": ("metadata: {description: @}\nnodes: [{name: one, image: tiny}]", True, ["x", "", *TEXTS]),
    "variable's value": (node("env", "{A: @}"), True, ["x", "", *TEXTS]),
    "word about a node": (node("metadata", "{a: [b, {c: @}]}"), True, ["x", "", *TEXTS]),
    "key of words about a node": (node("metadata", "{a: [b, {@: c}]}"), True, ["x", "", *TEXTS]),
    "file's content": (node("cloud_init", "{write_files: [{path: /a, content: @}]}"), True, ["x", "", *TEXTS]),
    "tag": ("metadata: {tags: [@]}\nnodes: [{name: one, image: tiny}]", True, ["x", "", *TEXTS]),
}
LETTERS = ["a", "z", "A", "Z", "0", "1", "9", "-", "_", ".", ":", "/", " ", "@", "%", "=", ",", "~", "+", "s", "m", "h", "\n",
           "\u0001", "\u0085", "\u2028", "ü", "..", "::", "//", "$", "#", "\\", "[", "]"]


def variants(seeds, rng):
    texts = list(seeds)
    for _ in range(120):
        text = list(rng.choice(seeds))
        for _ in range(rng.randint(1, 3)):
            place = rng.randint(0, len(text))
            text[place:place + rng.randint(0, 2)] = [rng.choice(LETTERS)] if rng.random() < 0.7 else []
        texts.append("".join(text))
    # A text for the whole of a mapping's key cannot have been cut short, and ${ would be a variable.
    return [text for text in dict.fromkeys(texts) if "${" not in text]


def test_forms():
    rng = random.Random(4)
    for name, (template, exact, seeds) in TRIES.items():
        documents = [template.replace("@", json.dumps(text)) for text in variants(seeds, rng)]
        wrong, accepted = [], 0
        for document, result in zip(documents, read(documents)):
            good, valid = not result["said"], result["json"] is not None and is_valid(result["json"])
            accepted += good
            if (good and not valid) or (exact and valid and not good):
                wrong.append(f"{document!r}: the parser {'accepts' if good else 'refuses'} it: {result['said']!r}")
        check(f"a {name} is the same to both ({accepted} good ones of {len(documents)})",
              wrong if accepted else ["no good one was tried"])


def test_editors():
    """What a reader of plain YAML makes of numbers, words and dates where text is wanted."""
    node = {"name": "one", "image": "tiny"}
    for name, value in {
        "a version that looks like a number": {"metadata": {"version": 1.0}, "nodes": [node]},
        "an environment of numbers": {"nodes": [{**node, "env": {"A": 1, "B": True, "C": None}}]},
        "words of commands": {"nodes": [{**node, "ready": [{"command": ["sleep", 1]}]}]},
        "a duration in seconds": {"nodes": [{**node, "ready": [{"port": 80, "within": 20}]}]},
        "a mode that is a number": {"nodes": [{**node, "deploy": [{"src": "a", "dest": "/b", "mode": 420}]}]},
        "the older key of a node's preset": {"nodes": [{**node, "network_conditions_preset": "satellite"}]},
        "a variable for a number": {"nodes": [{**node, "memory_mb": "${MEMORY:-512}"}]},
    }.items():
        check(f"{name} is valid", complaints(value))
    for name, value in {
        "a float for an integer": {"nodes": [{**node, "vcpus": 1.5}]},
        "a text for an integer": {"nodes": [{**node, "vcpus": "2"}]},
        "no value": {"nodes": [{**node, "env": None}]},
        "an escaped variable for a number": {"nodes": [{**node, "vcpus": "$${N}"}]},
        "a list for a text": {"nodes": [{**node, "cmdline": ["a"]}]},
        "no preset of the older key": {"nodes": [{**node, "network_conditions_preset": "satelite"}]},
        "a preset in the older and the current key": {"nodes": [{
            **node, "network_conditions_preset": "satellite", "network_conditions": {"preset": "satellite"}}]},
        "an unknown key": {"nodes": [node], "colour": "red"},
    }.items():
        check(f"{name} is refused", [] if not is_valid(value) else ["accepted"])


for test in (test_schemas, test_examples, test_files, test_errors, test_forms, test_editors):
    test()
print(f"1..{count}")
sys.exit(failed > 0)
