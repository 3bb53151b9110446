"""A generator and the small site that it builds: what is installed, the files, the commands, the folder of the output and what is clicked."""

import dataclasses
import shutil

from shared import install

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
FONTS = "https://fonts.googleapis.com/css2?family=Inter"
FONT = f'<link rel="stylesheet" href="{FONTS}">'
IMAGE = "https://images.example/a.png"
FRAME = "<iframe src='https://frames.example/'></iframe>"
# Markdown.
BODY = f"![here](pic.svg) ![there]({IMAGE})\n\n{FRAME}\n<p style='color:red'>styled</p>\n\n    x = 1\n"


class Broken(Exception):
    """A command of a generator failed that is installed; with what it said."""


@dataclasses.dataclass
class Generator:
    """`packages` of `registry` (pip, npm, cargo, apt, or none); `commands` run behind the interpreter of pip, or the folder of cargo's programs."""

    registry: str
    packages: list
    files: dict
    commands: list
    output: str
    clicks: list = dataclasses.field(default_factory=list)

    def build(self, project):
        for path, text in self.files.items():
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(text)
        before, commands = [], self.commands
        if self.registry == "pip":
            before = [install.pip(*self.packages)]
        elif self.registry == "npm":
            # A folder of its own, since bundlers keep caches in it, with the paths of the project.
            (project / "node_modules").mkdir()
            for package in (install.npm(*self.packages, scripts=True) / "node_modules").iterdir():
                (project / "node_modules" / package.name).symlink_to(package)
        elif self.registry == "cargo":
            programs = install.cargo(*self.packages)
            commands = [[programs / program, *args] for program, *args in commands]
        elif self.registry == "apt":
            install.apt(*self.packages)
        elif not shutil.which(self.commands[0][0]):
            raise install.Missing(f"no {self.commands[0][0]}")
        for command in commands:
            try:
                install.run(*before, *command, folder=project)
            except install.Missing as failure:
                raise Broken(failure) from None
