"""Validates SARIF files; see `run`.

    validate.py MULTITOOL_FOLDER REPORT...
"""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema

TOOL = Path(sys.argv[1])
SCHEMA = json.loads((TOOL / "sarif-2.1.0.json").read_text())
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)


def by_schema(log):
    return [f"schema: {error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(log)]


def by_multitool(path):
    """Errors and warnings of the general rules and of those for GitHub."""
    output = path.with_suffix(".validation")
    output.unlink(missing_ok=True)
    run = subprocess.run(
        [TOOL / "Sarif.Multitool", "validate", path, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "-o", output],
        capture_output=True,
        text=True,
    )
    if not output.exists():
        return [f"multitool: {run.stdout}{run.stderr}"]
    found = [result for each in json.loads(output.read_text())["runs"] for result in each.get("results", [])]
    return [f"multitool: {result['ruleId']}: {result['message']}" for result in found]


def by_github(path, log):
    """https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning"""
    wrong = []
    if path.stat().st_size >= 10_000_000:
        wrong.append("github: 10 MB or more")
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        for rule in rules:
            missing = {"id", "shortDescription", "fullDescription", "help", "defaultConfiguration"} - rule.keys()
            if missing or not rule.get("help", {}).get("markdown"):
                wrong.append(f"github: rule {rule.get('id')}: without {missing or 'markdown'}")
        if len(run["results"]) > 25_000:
            wrong.append("github: more than 25,000 results")
        prints = set()
        for index, result in enumerate(run["results"]):
            where = f"github: result {index}"
            if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
                wrong.append(f"{where}: another rule")
            if not result["locations"]:
                wrong.append(f"{where}: no location")
            if len(result["relatedLocations"]) > 1000:
                wrong.append(f"{where}: too many locations")
            for location in result["locations"] + result["relatedLocations"]:
                physical = location["physicalLocation"]
                uri = physical["artifactLocation"]["uri"]
                parts = urlsplit(uri)
                if parts.scheme not in ("", "file") or parts.query or parts.fragment or uri != uri.strip():
                    wrong.append(f"{where}: {uri} is no path")
                if path.stem.startswith("check") and not Path(unquote(parts.path)).exists():
                    wrong.append(f"{where}: there is no {uri}")
                if physical["region"]["startLine"] < 1 or physical["region"]["startColumn"] < 1:
                    wrong.append(f"{where}: {physical['region']}")
            prints.add(json.dumps(result["partialFingerprints"], sort_keys=True))
        if len(prints) != len(run["results"]):
            wrong.append("github: two results have one fingerprint")
    return wrong


def validate(path):
    log = json.loads(path.read_text())
    return by_schema(log) + by_multitool(path) + by_github(path, log)


def broken(sample, change):
    """A changed copy of a valid report: what the schema and the multitool say of it."""
    log = json.loads(sample.read_text())
    change(log["runs"][0])
    copy = sample.with_name("broken.sarif")
    copy.write_text(json.dumps(log))
    return by_schema(log), by_multitool(copy)


def main():
    failed = False
    reports = [Path(name) for name in sys.argv[2:]]
    for path in reports:
        wrong = validate(path)
        failed |= bool(wrong)
        count = sum(len(run["results"]) for run in json.loads(path.read_text())["runs"])
        print(f"{path.name}: {count} results, {'valid' if not wrong else f'{len(wrong)} faults'}")
        print("".join(f"  {line}\n" for line in wrong[:20]), end="")
    # Validators that let everything through would say the same.
    def line(run):
        run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0

    if not all(broken(reports[0], line)):
        print("a line 0 was not noticed")
        failed = True
    # Of GitHub's rules, not of the schema.
    schema, multitool = broken(reports[0], lambda run: run["results"][0].update(locations=[]))
    if schema or not any("GH" in line for line in multitool):
        print("a result without a location was not noticed")
        failed = True
    sys.exit(failed)


main()
