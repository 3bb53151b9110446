"""How each server is configured and started, once for the checks of hashes and those of nonces.

A configuration has places with names, into which a check puts what cspseal printed. Every server listens on a free port of the
loopback, writes into a folder of its own, and is stopped by its process id.
"""

import os
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from shared.network import answers, free_port

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
# A file for `--into` has these where the block is to go.
MARKS = "# cspseal begin\n# cspseal end\n"


class Server:
    """A server with a site to serve."""

    program = None
    # Whether an error page has its own policy rather than the default.
    error_page = True
    # Whether what the server says when it starts may speak of warnings.
    noisy = False

    def __init__(self, folder, site):
        self.folder, self.site, self.port = folder, site, free_port()
        self.log, self.output = folder / "log", folder / "out"

    @classmethod
    def installed(cls):
        return shutil.which(cls.program, path=PATH)

    def configuration(self, **places):
        """The text of the configuration with what is given for its places."""
        raise NotImplementedError

    def with_block(self):
        """The file that cspseal writes its block into, and the text of that file before."""
        raise NotImplementedError

    def completed(self, text):
        """The file with the block, and with what the block says that it needs elsewhere."""
        return text

    def arguments(self):
        raise NotImplementedError

    def said(self):
        """What the server printed and logged."""
        return "".join(file.read_text(errors="replace") for file in (self.output, self.log) if file.exists())

    @contextmanager
    def running(self):
        # A configuration in which one of these is read is wrong.
        environment = os.environ | {"HOME": str(self.folder), "path": "/wrong"}
        command = [self.installed(), *map(str, self.arguments())]
        with open(self.output, "wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=self.folder)
        try:
            if not answers(self.port, process):
                raise RuntimeError(f"the server did not start: {self.said()[-2000:]}")
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Nginx(Server):
    program = "nginx"

    def configuration(self, http="", server=""):
        return f"""daemon off;
worker_processes 2;
pid {self.folder}/pid;
error_log {self.log};
events {{ worker_connections 64; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {self.folder}/t1; proxy_temp_path {self.folder}/t2; fastcgi_temp_path {self.folder}/t3;
    uwsgi_temp_path {self.folder}/t4; scgi_temp_path {self.folder}/t5;
    gzip on;
    gzip_min_length 0;
    gzip_static on;
    {http}    server {{
        listen 127.0.0.1:{self.port};
        root {self.site};
        index index.html;
        location = /bare404/ {{ return 404; }}
        location = /clean {{ try_files /contact.html =404; }}
        error_page 404 /404.html;
{server}    }}
}}
"""

    def with_block(self):
        return self.folder / "nginx.conf", self.configuration(http=MARKS)

    def arguments(self):
        return ["-p", self.folder, "-e", self.log, "-c", self.folder / "nginx.conf"]


class Apache(Server):
    program = "apache2"
    override = "None"
    # Around what is the site's, and before it.
    before, opening, closing = "", "", ""
    modules = "mpm_event authz_core authz_host dir mime filter deflate headers lua setenvif negotiation rewrite"

    def configuration(self, main=""):
        loads = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in self.modules.split())
        # Workers may not be root.
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        return f"""ServerRoot {self.folder}
ServerName localhost
Listen 127.0.0.1:{self.port}
PidFile {self.folder}/pid
ErrorLog {self.log}
{loads}
{user}
TypesConfig /etc/mime.types
AddOutputFilterByType DEFLATE text/html
{self.before}
{main}
{self.opening.format(port=self.port)}
DocumentRoot {self.site}
DirectoryIndex index.html
ErrorDocument 404 /404.html
<Directory {self.site}>
    Require all granted
    AllowOverride {self.override}
    Options FollowSymLinks
</Directory>
<Location /closed/>
    Require all denied
</Location>
{self.closing}
"""

    def with_block(self):
        return self.folder / "httpd.conf", self.configuration(main=MARKS)

    def arguments(self):
        return ["-D", "FOREGROUND", "-f", self.folder / "httpd.conf"]


class Htaccess(Apache):
    override = "FileInfo"

    def with_block(self):
        (self.folder / "httpd.conf").write_text(self.configuration())
        return self.site / ".htaccess", f"# before\n{MARKS}# behind\n"


class ApacheHost(Apache):
    """A virtual host; without mapped files a page comes in pieces of 8,000 bytes."""

    before = "EnableMMAP Off\nEnableSendfile Off"
    opening, closing = "<VirtualHost 127.0.0.1:{port}>", "</VirtualHost>"


class Caddy(Server):
    program = "caddy"
    noisy = True

    def configuration(self, top="", site="", errors=""):
        return f"""{{
	admin off
	auto_https off
	storage file_system {self.folder}/data
}}
{top}
http://127.0.0.1:{self.port} {{
	bind 127.0.0.1
	root * "{self.site}"
	encode gzip
	rewrite /contact /contact.html
	{site}	file_server {{
		precompressed gzip
	}}
{errors}}}
"""

    def with_block(self):
        errors = "\thandle_errors {\n\t\trewrite * /404.html\n\t\t#LAST\n\t\tfile_server\n\t}\n"
        return self.folder / "Caddyfile", self.configuration(site=MARKS, errors=errors)

    def completed(self, text):
        block = text.split("# cspseal begin")[1].split("# cspseal end")[0].rstrip()
        again = re.search(r"needs the last (four|five) lines again", block)
        last = "\n".join(block.splitlines()[-{"four": 4, "five": 5}[again[1]] :]) if again else ""
        return text.replace("#LAST", last)

    def arguments(self):
        return ["run", "--config", self.folder / "Caddyfile", "--adapter", "caddyfile"]


class Application(SimpleHTTPRequestHandler):
    """An application with policies of its own, which must not be sent too."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src *")
        self.send_header("Content-Security-Policy-Report-Only", "default-src *")
        super().end_headers()

    def log_message(self, *_):
        pass


class Haproxy(Server):
    program = "haproxy"
    error_page = False

    def __init__(self, folder, site):
        super().__init__(folder, site)
        self.application = ThreadingHTTPServer(("127.0.0.1", 0), partial(Application, directory=str(site)))

    def configuration(self, frontend=""):
        return f"""global
    #TUNE
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend site
    bind 127.0.0.1:{self.port}
    {frontend}    http-request deny if {{ path /denied/ }}
    use_backend down if {{ path /down/ }}
    default_backend files
backend files
    server files 127.0.0.1:{self.application.server_address[1]}
backend down
"""

    def with_block(self):
        return self.folder / "haproxy.cfg", self.configuration(frontend=MARKS)

    def completed(self, text):
        return text.replace("#TUNE", "\n".join(re.findall(r"^ *# (tune\.\w+ \d+)$", text, re.MULTILINE)))

    def arguments(self):
        return ["-f", self.folder / "haproxy.cfg"]

    @contextmanager
    def running(self):
        threading.Thread(target=self.application.serve_forever, daemon=True).start()
        try:
            with super().running():
                yield
        finally:
            self.application.shutdown()
            self.application.server_close()


class Lighttpd(Server):
    program = "lighttpd"

    def configuration(self, end=""):
        return f"""server.document-root = "{self.site}"
server.port = {self.port}
server.bind = "127.0.0.1"
server.errorlog = "{self.log}"
server.modules = ( "mod_indexfile", "mod_staticfile" )
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html", "" => "application/octet-stream" )
server.error-handler-404 = "/404.html"
{end}"""

    def with_block(self):
        return self.folder / "lighttpd.conf", self.configuration(end=MARKS)

    def arguments(self):
        return ["-D", "-f", self.folder / "lighttpd.conf"]
