"""Renders every template under testdata/templates with its real engine, as it is and with nonces in it.

What an engine makes of inserted code is not for the program under test to say. For each template it is checked
that

* the program only inserts, and inserts nothing more the second time;
* both versions render, and the outputs differ by the rendered nonces and by nothing else, each of them in a tag;
* as many script and style tags carry the nonce, and as many do not, as the folder's expect.json says.

expect.json holds the engine's expression for the nonce (`value`), the `dialect` unless the folder says it, variables for all templates (`globals`), and
for each template that is rendered its `nonces`, the tags `without` one (0 unless said), and its own `context`
and `options`. The other templates of a folder are there to be included; their names begin with `_`.

    compare.py CSPSEAL [--allow-skips] [ENGINE…]

Interpreters are found in PATH, node packages in the folder NODE_MODULES, the compiled renderer for Go at GO_RENDERER.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from insertions import Difference, Tags, insertions

HERE = Path(__file__).parent
TEMPLATES = HERE.parents[2] / "testdata" / "templates"
NONCE = "R4nd0mNonceAAAA"  # nothing that any engine would escape
RENDERERS = [
    (["django", "jinja", "mako"], [sys.executable, HERE / "render.py"]),
    (["nunjucks", "handlebars", "ejs", "liquid", "twig"], ["node", HERE / "render.mjs"]),
    (["erb", "liquid-ruby"], ["ruby", HERE / "render.rb"]),
    (["php", "twig-php"], ["php", "-d", "short_open_tag=0", HERE / "render.php"]),
    (["go"], [os.environ.get("GO_RENDERER", "render-go")]),
]
# Every other engine has a folder of its own name.
FOLDERS = {"twig-php": "twig"}


class Failure(Exception):
    """Something is not as it should be."""


def call(command, text=""):
    """Runs a renderer; `None` when it is not there."""
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True)
    except FileNotFoundError:
        return None
    if done.returncode != 0:
        raise Failure(f"{command[-1]}: {done.stderr.decode(errors='replace').strip()}")
    return json.loads(done.stdout)


class Folder:
    """The templates of one engine: as they are, and rewritten."""

    def __init__(self, engine):
        self.engine = engine
        folder = TEMPLATES / FOLDERS.get(engine, engine)
        expected = json.loads((folder / "expect.json").read_text())
        self.dialect = expected.get("dialect", folder.name)
        self.value = expected["value"]
        self.globals = expected["globals"]
        self.expected = expected["templates"]
        self.failures = []
        self.nonces = 0
        self.sources = {
            path.name: path.read_bytes().decode()
            for path in sorted(folder.iterdir())
            if path.name != "expect.json"
        }
        self.rewritten = dict(self.sources)
        rendered = {name for name in self.sources if not name.startswith("_")}
        for name in sorted(rendered ^ set(self.expected)):
            self.fail(name, "expect.json and the folder do not agree about it")
        self.expected = {name: self.expected[name] for name in self.expected if name in rendered}

    def fail(self, name, message):
        self.failures.append(f"{self.engine}/{name}: {message}")

    def rewrite(self, program):
        for name, source in self.sources.items():
            try:
                once = self.insert(program, source)
                insertions(source, once, self.value)
                if self.insert(program, once) != once:
                    self.fail(name, "is not the same when it is rewritten twice")
                self.rewritten[name] = once
            except (Difference, Failure) as error:
                self.fail(name, f"source: {error}")

    def insert(self, program, source):
        command = [program, "nonce", "--template", self.dialect, "--value", self.value, "-"]
        done = subprocess.run(command, input=source.encode(), capture_output=True)
        if done.returncode not in (0, 1):
            raise Failure(f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode()

    def jobs(self):
        """Two for each template: the original and the rewritten one."""
        for name, expected in self.expected.items():
            for sources in (self.sources, self.rewritten):
                yield {
                    "engine": self.engine,
                    "name": name,
                    "sources": sources,
                    "globals": self.globals,
                    "context": expected.get("context", {}),
                    "options": expected.get("options", {}),
                }

    def check(self, results):
        for (name, expected), before, after in zip(self.expected.items(), results[::2], results[1::2]):
            try:
                self.check_one(expected, before, after)
            except (Difference, Failure) as error:
                self.fail(name, error)

    def check_one(self, expected, before, after):
        if "error" in before:
            raise Failure(f"does not render: {before['error']}")
        if "error" in after:
            raise Failure(f"does not render any more: {after['error']}")
        inserted = insertions(before["output"], after["output"], NONCE)
        tags = Tags(after["output"]).found
        nonces = with_nonce(tags)
        self.nonces += nonces
        elsewhere = inserted - nonces + with_nonce(Tags(before["output"]).found)
        if elsewhere:
            raise Failure(f"{elsewhere} insertions are in no script or style tag:\n{after['output'][:800]}")
        wanted = expected["nonces"], expected.get("without", 0)
        if (nonces, len(tags) - nonces) != wanted:
            raise Failure(
                f"{nonces} tags with a nonce and {len(tags) - nonces} without, expected {wanted[0]} and {wanted[1]}:\n"
                + after["output"][:800]
            )


def with_nonce(tags):
    return sum(tag.get("nonce") == NONCE for tag in tags)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("engines", nargs="*")
    parser.add_argument("--allow-skips", action="store_true")
    arguments = parser.parse_intermixed_args()

    failed = skipped = False
    for engines, renderer in RENDERERS:
        engines = [e for e in engines if not arguments.engines or e in arguments.engines]
        versions = call([*renderer, "versions"]) if engines else {}
        for engine in engines:
            if not versions or engine not in versions:
                skipped = True
                reason = f"{renderer[0]} is missing" if versions is None else "it is not installed"
                print(f"SKIPPED {engine}: {reason}")
        folders = [Folder(engine) for engine in engines if versions and engine in versions]
        for folder in folders:
            folder.rewrite(arguments.program)
        jobs = [list(folder.jobs()) for folder in folders]
        results = call(renderer, json.dumps(sum(jobs, []))) if jobs else []
        for folder, own in zip(folders, jobs):
            folder.check(results[: len(own)])
            del results[: len(own)]
            print(
                f"{folder.engine} {versions[folder.engine]}: {len(folder.expected)} templates, "
                f"{folder.nonces} nonces, {len(folder.failures)} failures",
                flush=True,
            )
            for failure in folder.failures:
                print(f"  {failure}", flush=True)
            failed |= bool(folder.failures)
    return 1 if failed or (skipped and not arguments.allow_skips) else 0


sys.exit(main())
