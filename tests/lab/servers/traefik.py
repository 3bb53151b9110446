"""What `cspseal hash --format traefik` prints. Traefik is not run: Go's templates and a YAML parser read its file as it does."""

import subprocess

from hashes import HOSTILE_POLICY
from shared import install
from shared.checks import cspseal, parsed
from shared.install import Missing
from pages import Meant, make_site

RENDER = """package main
import ("os"; "text/template")
func main() { t := template.Must(template.ParseFiles(os.Args[1])); if err := t.Execute(os.Stdout, nil); err != nil { panic(err) } }
"""
HEADERS = {"Content-Security-Policy": [], "Content-Security-Policy-Report-Only": ["--report-only"]}


def check(checks, binary, folder):
    if not install.works("go", "version"):
        raise Missing("no go")
    try:
        import yaml
    except ImportError:
        raise Missing("no PyYAML") from None
    folder.mkdir()
    site = make_site(folder / "site")
    render, policy_file, file = folder / "render.go", folder / "policy", folder / "csp.yml"
    render.write_text(RENDER)
    for policy in (HOSTILE_POLICY, HOSTILE_POLICY + "{{.X}}{{`"):
        policy_file.write_text(policy)
        meant = Meant(binary, site, policy_file)
        for header, flags in HEADERS.items():
            args = ["--format", "traefik", "--scope", "site", "--policy-file", policy_file, *flags, "-o", file]
            cspseal(binary, "hash", *args, site)
            text = subprocess.run(["go", "run", render, file], check=True, capture_output=True, text=True).stdout
            headers = yaml.safe_load(text)["http"]["middlewares"]["csp"]["headers"]["customResponseHeaders"]
            checks.check({name: parsed(value) for name, value in headers.items()} == {header: meant.site}, f"traefik: {headers}")
