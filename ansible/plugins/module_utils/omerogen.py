# Copyright: the omerogen project
# BSD-2-Clause (see https://spdx.org/licenses/BSD-2-Clause.html)
"""Runs the omerogen of a host: its arguments from the parameters of a module or lookup, and its result.

Properties may be secrets, so they are never arguments: they are written to files of mode 0600 in a folder
that only this user can read, and that is removed afterwards. omerogen runs in that folder, so that its
messages name the files after the parameters, and no site file of another folder is found. Each member has a
line of such a file: messages about it name the member.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile

#: The oldest omerogen that has all arguments that are used here.
MINIMUM = "0.1.0"

#: What the modules and the lookup have in common: the parameters of `Omerogen.json`.
SOURCES = {
    "config": {"type": "list", "elements": "str", "default": []},
    "key": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "role_variables": {"type": "dict", "default": {}, "no_log": True},
    "env": {"type": "bool", "default": False},
    "properties": {"type": "dict", "default": {}, "no_log": True},
    "site": {"type": "path"},
    "options": {"type": "dict", "default": {}},
    "executable": {"type": "path"},
}
#: Parameters whose values may be secrets: only their names are logged.
SECRET = ("role_variables", "properties")

#: The variables of each role that make properties.
_VARIABLES = {
    "omero_server": {"config_set", "datadir", "dbhost", "dbname", "dbpassword", "dbuser"},
    "omero_web": {
        "apps_config_append", "apps_config_set", "apps_names", "apps_top_links", "apps_ui_metadata_panes",
        "config_set",
    },
}  # fmt: skip
#: Options that are parameters of the modules, or that would change what they print.
_NOT_OPTIONS = {
    "check", "config", "diff", "env", "explain", "fail-on", "force", "format", "help", "jobs", "key", "only",
    "output", "reload", "set", "show-secrets", "site", "sites", "verify", "version", "with-consumers",
}  # fmt: skip
_KEYED = re.compile(r"\A(json|yaml):|\.(json|ya?ml)\Z")
_OPTION = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_FORMAT = re.compile(r"([a-z]+:)(.*)\Z", re.DOTALL)
_VERSION = re.compile(r"omerogen (([0-9]+)\.([0-9]+)\.([0-9]+)\S*)\s*\Z")
#: What omerogen says of a command line; a task without sources says so itself.
_NO_SOURCE = re.compile(r"^omerogen: no -c FILE .*\n", re.MULTILINE)
#: Characters that JSON permits in a text and YAML does not.
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


class OmerogenError(Exception):
    """omerogen could not be run, or refused its input: a message of one or several lines."""


class Omerogen:
    """The omerogen of this host. Raises `OmerogenError` if it is missing or too old.

    :arg executable: its path, or None to find it on the PATH.
    :arg tmpdir: the folder for temporary files, or None for that of the system.
    """

    def __init__(self, executable=None, tmpdir=None):
        self._tmpdir = tmpdir
        self._executable = _find(executable)
        self._check_version()

    def json(self, command, params, arguments=()):
        """Run a command with the sources of ``params``; its status, its JSON and what it printed beside that.

        Raises `OmerogenError` if omerogen refuses the input (status 2).
        """
        with tempfile.TemporaryDirectory(prefix="omerogen-", dir=self._tmpdir) as folder:
            options = [*_sources(params, folder), *_options(params["options"])]
            status, out, err = self._start([command, *options, "--format=json", *arguments], folder)
        err = _of_members(params, _NO_SOURCE.sub("", err))
        try:
            return status, json.loads(_of_members(params, out)), err
        except ValueError:
            raise OmerogenError(err.strip() or f"omerogen: ended with status {status}") from None

    def refuse_several(self, site):
        """Raise `OmerogenError` for a site file that has several sites, of which none is named."""
        said = self._start(["properties", f"--site={os.path.abspath(site)}", "--only-set"])[2]
        if "has several sites" in said:
            raise OmerogenError(_NO_SOURCE.sub("", said).strip())

    def _start(self, argv, folder=None):
        try:
            done = subprocess.run(
                [self._executable, *argv],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except (OSError, ValueError) as error:
            raise OmerogenError(f"{self._executable}: cannot be run: {error}") from None
        return done.returncode, _decoded(done.stdout), _decoded(done.stderr)

    def _check_version(self):
        out = self._start(["--version"])[1]
        found = _VERSION.match(out)
        if not found:
            raise OmerogenError(
                f"{self._executable}: is not omerogen (set executable to the omerogen of this host)"
            )
        if tuple(map(int, found.groups()[1:])) < tuple(map(int, MINIMUM.split("."))):
            raise OmerogenError(
                f"{self._executable}: omerogen {found[1]} is too old "
                f"(this collection needs {MINIMUM} or newer: upgrade it on this host)"
            )


def logged(params):
    """The parameters as they may be logged: no value of a property, as any may be a secret."""
    hidden = {name: dict.fromkeys(params[name] or (), "********") for name in SECRET}
    return dict(params, **hidden)


def _find(executable):
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/bin"])
    found = shutil.which(executable or "omerogen", path=path)
    if found:
        return os.path.abspath(found)
    if executable:
        raise OmerogenError(
            f"{executable}: is not an executable file on this host "
            "(install omerogen there, or correct executable)"
        )
    raise OmerogenError(
        "omerogen: is not on the PATH of this host (install it, as the role omerogen.omero.omerogen does, "
        "or set executable)"
    )


def _sources(params, folder):
    """The arguments that name the sources of properties; secrets are in files of ``folder``."""
    keyed = [source for source in params["config"] or () if _KEYED.search(source)]
    if params["key"] and not keyed:
        raise OmerogenError("key: has no effect (add the YAML or JSON file with these members to config)")
    for source in params["config"] or ():
        yield f"--config={_absolute(source)}"
        if source in keyed:
            for key in params["key"] or ():
                yield f"--key={key}"
    roles = [role for role, names in _role_variables(params).items() if names]
    if not roles and (wrong := list(strays(params))):  # a build of the defaults is not what was meant
        raise OmerogenError("\n".join(wrong))
    if roles:
        yield "--config=yaml:{}".format(_written(folder, "role_variables", params["role_variables"]))
        for role in roles:
            yield f"--key={role}"
    if params["env"]:
        yield "--env"
    if params["site"]:
        yield "--site={}".format(os.path.abspath(params["site"]))
    if params["properties"]:
        yield "--set=@yaml:{}".format(_written(folder, "properties", params["properties"]))


def _role_variables(params):
    """For each role the variables that are given and make properties."""
    return {
        role: [name for name in params["role_variables"] or () if name in {f"{role}_{one}" for one in known}]
        for role, known in _VARIABLES.items()
    }


def strays(params):
    """Warnings about variables that look as if they made properties; the roles have many others."""
    known = {name for names in _role_variables(params).values() for name in names}
    for name in params["role_variables"] or ():
        if name not in known and re.match(r"omero_\w*(config|apps)", name):
            yield f"role_variables: {name} makes no property (the roles do not read it: correct its name)"


def _absolute(source):
    """A source whose path is absolute, as omerogen runs in another folder."""
    form, path = "", source
    found = _FORMAT.match(source)
    if found and not os.path.exists(source):
        form, path = found.groups()
    return source if path == "-" else form + os.path.abspath(os.path.expanduser(path))


def _written(folder, name, mapping):
    """Write a mapping into a file of this name that only this user can read; the name."""
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{_quoted(str(member))}: {_yaml(value)}\n" for member, value in mapping.items())
    return name


def _of_members(params, text):
    """Messages with the names of members in the place of their lines."""
    for name in SECRET:
        members = list(params[name] or ())
        text = re.sub(
            rf"(?<![\w./-]){name}:([0-9]+)\b",
            lambda found, of=members, all_=name: _place(all_, of, int(found[1])),
            text,
        )
    return text


def _place(name, members, line):
    """A variable by its name; a property is named in the message."""
    return str(members[line - 1]) if name == "role_variables" and 0 < line <= len(members) else name


def _yaml(value):
    """A value as YAML: JSON, with the tag of Ansible for texts that look like templates.

    They are not: Ansible has filled in all templates before a module runs.
    """
    if isinstance(value, dict):
        members = (f"{_quoted(str(name))}: {_yaml(member)}" for name, member in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, str):
        return ("!unsafe " if "{{" in value else "") + _quoted(value)
    return json.dumps(value)


def _quoted(text):
    quoted = json.dumps(text, ensure_ascii=False)
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _options(options):
    """Options of a site file as arguments."""
    for name, value in (options or {}).items():
        key = str(name).replace("_", "-")
        if key in _NOT_OPTIONS or not _OPTION.match(key):
            raise OmerogenError(
                f"options: {name} is not an option of an artifact or a source "
                "(omerogen build --help lists them; others are parameters of the module)"
            )
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, bool):
                yield f"--{key}" if one else f"--no-{key}"
            elif one is not None:
                yield f"--{key}={one}"


def _decoded(output):
    return output.decode("utf-8", "backslashreplace")
