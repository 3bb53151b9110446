"""What `cspseal hash --format traefik` prints. Traefik is not run: Go's templates and a YAML parser read its file as it does."""

import subprocess

from hashes import HOSTILE_POLICY
from shared import install
from shared.checks import BOTH, ENFORCED, REPORTED, cspseal, parsed, sent_by
from shared.install import Missing
from pages import Meant, make_site

RENDER = """package main
import ("os"; "text/template")
func main() { t := template.Must(template.ParseFiles(os.Args[1])); if err := t.Execute(os.Stdout, nil); err != nil { panic(err) } }
"""


def check(checks, binary, folder):
    if not install.works("go", "version"):
        raise Missing("no go")
    try:
        import yaml
    except ImportError:
        raise Missing("no PyYAML") from None
    folder.mkdir()
    site = make_site(folder / "site")
    render, policy_files, file = folder / "render.go", [folder / "policy", folder / "second"], folder / "csp.yml"
    render.write_text(RENDER)
    for policy in (HOSTILE_POLICY, HOSTILE_POLICY + "{{.X}}{{`"):
        policy_files[0].write_text(policy)
        policy_files[1].write_text("script-src 'none'; " + policy.partition("; ")[2])
        for sent in ((ENFORCED,), (REPORTED,), BOTH):
            files = policy_files[: len(sent)]
            cspseal(binary, "hash", "--format", "traefik", "--scope", "site", *sent_by(sent, files), "-o", file, site)
            text = subprocess.run(["go", "run", render, file], check=True, capture_output=True, text=True).stdout
            headers = yaml.safe_load(text)["http"]["middlewares"]["csp"]["headers"]["customResponseHeaders"]
            found = {name.lower(): parsed(value) for name, value in headers.items()}
            checks.check(found == Meant(binary, site, sent, files).site, f"traefik: {headers}")
