#!/usr/bin/env python3
"""Runs nginx, Apache httpd, Caddy, HAProxy and lighttpd with what `cspseal hash --format` prints, and fetches every page.

    tests/targets/servers.py target/release/cspseal [nginx|apache|htaccess|caddy|haproxy|lighttpd|traefik ...]

Needs root for nothing and the network for nothing: every server listens on a free port of the loopback, in a folder of
its own, and is stopped by its process id. A server that is not installed is skipped and counted. On Debian:
apt-get install nginx apache2 caddy haproxy lighttpd. Traefik itself is not run: Go's templates and a YAML parser read its file.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from common_servers import HOSTILE_POLICY, REPOSITORY, Checks, Meant, Refused, cspseal, fetch, free_port, make_site, parsed, wait_for

MARKS = "# cspseal begin\n# cspseal end\n"
# Longer than a token of nginx or a line of an .htaccess, and with each server's own signs in every part.
LONG_POLICY = (
    r"script-src 'self'; report-uri "
    + " ".join(f"https://host{n}.example.com/$1%41\\{n}{{path}}%{{HOME}}e" for n in range(200))
)


class Server:
    """A server's name, the program it needs, and what is special about it."""

    program = None
    # Whether an error page has its own policy rather than the default.
    error_page = True
    refuses = ()

    def __init__(self, folder, site, port):
        self.folder, self.site, self.port = folder, site, port

    def config(self):
        """The file to put the block into, and its text."""
        raise NotImplementedError

    def command(self, file):
        raise NotImplementedError

    def prepared(self, text):
        return text


class Nginx(Server):
    program = "nginx"

    def config(self):
        return self.folder / "nginx.conf", f"""daemon off;
pid {self.folder}/pid;
error_log {self.folder}/log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    types {{ text/html html; text/javascript js; }}
    client_body_temp_path {self.folder}/t1; proxy_temp_path {self.folder}/t2; fastcgi_temp_path {self.folder}/t3;
    uwsgi_temp_path {self.folder}/t4; scgi_temp_path {self.folder}/t5;
    {MARKS}    server {{
        listen 127.0.0.1:{self.port};
        root {self.site};
        location = /bare404/ {{ return 404; }}
        location = /clean {{ try_files /contact.html =404; }}
        error_page 404 /404.html;
    }}
}}
"""

    def command(self, file):
        return ["nginx", "-p", self.folder, "-c", file]


class Apache(Server):
    program = "apache2"
    htaccess = False

    def base(self, marks):
        modules = ["mpm_event", "authz_core", "authz_host", "dir", "mime", "headers", "setenvif", "negotiation", "rewrite"]
        loads = "\n".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so" for m in modules)
        return f"""ServerRoot {self.folder}
{loads}
PidFile {self.folder}/pid
ErrorLog {self.folder}/log
ServerName localhost
Listen 127.0.0.1:{self.port}
TypesConfig /dev/null
AddType text/html .html
DocumentRoot {self.site}
ErrorDocument 404 /404.html
DirectoryIndex index.html
<Directory {self.site}>
    Require all granted
    AllowOverride {"FileInfo" if self.htaccess else "None"}
    Options FollowSymLinks
</Directory>
{marks}"""

    def config(self):
        return self.folder / "httpd.conf", self.base(MARKS)

    def command(self, file):
        return ["apache2", "-D", "FOREGROUND", "-f", file]


class Htaccess(Apache):
    htaccess = True

    def config(self):
        (self.folder / "httpd.conf").write_text(self.base(""))
        return self.site / ".htaccess", f"# before\nOptions\n{MARKS}# behind\n".replace("Options\n", "")

    def command(self, file):
        return super().command(self.folder / "httpd.conf")


class Caddy(Server):
    program = "caddy"

    def config(self):
        return self.folder / "Caddyfile", f"""{{
	admin off
	auto_https off
	storage file_system {self.folder}
}}
http://127.0.0.1:{self.port} {{
	bind 127.0.0.1
	root * "{self.site}"
	rewrite /contact /contact.html
	file_server
	{MARKS}	handle_errors {{
		rewrite * /404.html
		#LAST
		file_server
	}}
}}
"""

    def prepared(self, text):
        block = text.split("# cspseal begin")[1].split("# cspseal end")[0].rstrip()
        last = "\n".join(block.splitlines()[-4:]) if "map {path}" in block else ""
        return text.replace("#LAST", last)

    def command(self, file):
        return ["caddy", "run", "--config", file, "--adapter", "caddyfile"]


class Haproxy(Server):
    program = "haproxy"
    error_page = False

    def config(self):
        handler = partial(QuietHandler, directory=str(self.site))
        self.upstream = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.upstream.serve_forever, daemon=True).start()
        return self.folder / "haproxy.cfg", f"""global
    #TUNE
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend site
    bind 127.0.0.1:{self.port}
    {MARKS}    http-request deny if {{ path /denied/ }}
    use_backend down if {{ path /down/ }}
    default_backend files
backend files
    server files 127.0.0.1:{self.upstream.server_address[1]}
backend down
"""

    def prepared(self, text):
        # What the block says that it needs elsewhere.
        return text.replace("#TUNE", "\n".join(re.findall(r"^ *# (tune\.\w+ \d+)$", text, re.MULTILINE)))

    def command(self, file):
        return ["haproxy", "-f", file]


class QuietHandler(SimpleHTTPRequestHandler):
    """An application with a policy of its own, which must not be sent too."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src *")
        super().end_headers()

    def log_message(self, *_):
        pass


class Lighttpd(Server):
    program = "lighttpd"
    modules = "/usr/lib/lighttpd"

    def config(self):
        return self.folder / "lighttpd.conf", f"""server.document-root = "{self.site}"
server.port = {self.port}
server.bind = "127.0.0.1"
server.errorlog = "{self.folder}/log"
server.modules = ( "mod_indexfile", "mod_staticfile" )
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html", "" => "application/octet-stream" )
server.error-handler-404 = "/404.html"
{MARKS}"""

    def command(self, file):
        return ["lighttpd", "-D", "-f", file]


SERVERS = {
    "nginx": Nginx,
    "apache": Apache,
    "htaccess": Htaccess,
    "caddy": Caddy,
    "haproxy": Haproxy,
    "lighttpd": Lighttpd,
}


@contextmanager
def running(server, file):
    log = server.folder / "out"
    with open(log, "wb") as out:
        environment = os.environ | {"HOME": "/wrong", "path": "/wrong"}
        process = subprocess.Popen(
            [str(word) for word in server.command(file)], stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=server.folder
        )
        try:
            wait_for(server.port, process, log)
            yield
        finally:
            process.terminate()
            process.wait(20)


def run(checks, binary, name, scope, report_only, policy_name, policy, folder):
    what = f"{name} {scope}{' report-only' if report_only else ''}, {policy_name} policy"
    folder.mkdir(parents=True)
    os.chmod(folder, 0o755)
    site = make_site(folder / "site")
    policy_file = folder / "policy"
    policy_file.write_text(policy)
    meant = Meant(binary, site, policy_file)
    server = SERVERS[name](folder, site, free_port())
    file, text = server.config()
    file.write_text(text)
    args = ["--format", name, "--scope", scope, "--policy-file", policy_file] + ["--report-only"] * report_only
    cspseal(binary, *args, "--into", file, site)
    result = file.read_text()
    before, after = text.split(MARKS)
    checks.check(result.startswith(before) and result.endswith(after), f"{what}: --into changed what is not ours")
    cspseal(binary, *args, "-o", folder / "alone", site)
    block = [line.strip() for line in result[len(before) : len(result) - len(after)].splitlines()[1:-1]]
    alone = [line.strip() for line in (folder / "alone").read_text().splitlines()]
    checks.check(block == alone, f"{what}: -o and --into differ")
    file.write_text(server.prepared(result))
    header = "Content-Security-Policy" + ("-Report-Only" if report_only else "")
    with running(server, file):
        noise = (folder / "out").read_text(errors="replace") + ((folder / "log").read_text() if (folder / "log").exists() else "")
        checks.check(name == "caddy" or not re.search(r"(?i)warn|unknown|duplicate", noise), f"{what}: {noise[:500]}")
        check = partial(checks.check_policy, what, server.port)
        if name == "haproxy" and report_only:
            # The application's enforced policy is its own affair here.
            check = partial(check_only, checks, what, server.port)
        for path, policy in meant.requests(scope):
            check(path, header, policy, 200)
        error_policy = meant.pages["404.html"] if scope == "page" and server.error_page else None
        for path, default in meant.unknown(scope):
            status = fetch(server.port, path)[0]
            if isinstance(default, dict) and None in default:
                default = default.get(status, default[None])
            check(path, header, error_policy if error_policy and status == 404 else default)
        special(checks, check, server, header, meant, scope)
    if name == "haproxy":
        server.upstream.shutdown()
        server.upstream.server_close()


def check_only(checks, what, port, path, header, meant, status=None):
    found = [value for key, value in fetch(port, path)[1] if key == header.lower()]
    checks.check([parsed(value) for value in found] == [meant], f"{what}: {path}: {found}")


def special(checks, check, server, header, meant, scope):
    """What each server can be asked beside pages and missing ones."""
    page = meant.pages["contact.html"] if scope == "page" else meant.site
    default = meant.default if scope == "page" else meant.site
    if isinstance(server, Nginx):
        check("/clean", header, page, 200)
        check("//docs//./x/../index.html", header, meant.pages["docs/index.html"] if scope == "page" else default, 200)
    if isinstance(server, Caddy):
        check("/contact", header, page, 200)
    if isinstance(server, Haproxy):
        check("/down/", header, default, 503)
        check("/denied/", header, default, 403)


def traefik(checks, binary, folder):
    if not shutil.which("go"):
        return checks.skip("traefik", "no go")
    try:
        import yaml
    except ImportError:
        return checks.skip("traefik", "no PyYAML")
    folder.mkdir()
    site = make_site(folder / "site")
    (folder / "render.go").write_text(
        'package main\nimport ("os"; "text/template")\n'
        'func main() { t := template.Must(template.ParseFiles(os.Args[1])); if err := t.Execute(os.Stdout, nil); err != nil { panic(err) } }\n'
    )
    for policy in (HOSTILE_POLICY, HOSTILE_POLICY + "{{.X}}{{`"):
        (folder / "policy").write_text(policy)
        meant = Meant(binary, site, folder / "policy")
        for flags, header in (([], "Content-Security-Policy"), (["--report-only"], "Content-Security-Policy-Report-Only")):
            cspseal(binary, "--format", "traefik", "--scope", "site", "--policy-file", folder / "policy", *flags, "-o", folder / "csp.yml", site)
            text = subprocess.run(["go", "run", folder / "render.go", folder / "csp.yml"], check=True, capture_output=True, text=True).stdout
            headers = yaml.safe_load(text)["http"]["middlewares"]["csp"]["headers"]["customResponseHeaders"]
            checks.check({k: parsed(v) for k, v in headers.items()} == {header: meant.site}, f"traefik: {headers}")


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    binary = str(Path(sys.argv[1]).resolve())
    names = sys.argv[2:] or [*SERVERS, "traefik"]
    checks = Checks()
    plain = (REPOSITORY / "testdata/site.policy").read_text()
    with tempfile.TemporaryDirectory(prefix="cspseal-servers-") as temporary:
        os.chmod(temporary, 0o755)
        for name in names:
            if name == "traefik":
                traefik(checks, binary, Path(temporary) / name)
                continue
            if not shutil.which(SERVERS[name].program):
                checks.skip(name, f"{SERVERS[name].program} is not installed")
                continue
            runs = [(s, r, "plain", plain) for s in ("site", "page") for r in (False, True)]
            runs += [(s, False, n, p) for s in ("site", "page") for n, p in (("hostile", HOSTILE_POLICY), ("long", LONG_POLICY))]
            for number, (scope, report_only, policy_name, policy) in enumerate(runs):
                before = checks.failed
                folder = Path(temporary) / f"{name}{number}"
                try:
                    run(checks, binary, name, scope, report_only, policy_name, policy, folder)
                except (Refused, RuntimeError, OSError, subprocess.CalledProcessError) as error:
                    checks.check(False, f"{name} {scope} {policy_name}: {error}")
                print(f"{name} {scope} {'report-only' if report_only else 'enforced'} {policy_name}: {checks.failed - before} failed")
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
