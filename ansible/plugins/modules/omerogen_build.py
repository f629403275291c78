#!/usr/bin/python
# Copyright: the omerogen project
# BSD-2-Clause (see https://spdx.org/licenses/BSD-2-Clause.html)
"""Builds the configurations of an OMERO server on its host."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: omerogen_build
short_description: Generate the configurations of an OMERO server
version_added: 0.1.0
description:
  - Generates the configurations of nginx, the JVMs, IceGrid, Glacier2, the JDBC driver, Django, Gunicorn and systemd
    from the properties of an OMERO server, with the omerogen of the host and the memory of the host.
  - All changed files are replaced at once. If a property is wrong, nothing is written, and all problems are reported.
author:
  - The omerogen project (@omerogen)
options:
  dest:
    description:
      - The folder to write into, preferably an absolute path. It is created if it does not exist.
      - The systemd unit starts OMERO.web from it, unless O(options) has V(deployed-to), or O(site) is given.
    type: path
    required: true
  only:
    description:
      - The artifacts to build, such as V(nginx) and V(django); by default all.
    type: list
    elements: str
    default: []
  verify:
    description:
      - Whether to validate with the programs of the host before anything is replaced.
    type: bool
    default: false
  force:
    description:
      - Whether to replace files that omerogen did not write.
    type: bool
    default: false
  reload:
    description:
      - Shell commands by the artifact whose files changed; V(any) for all artifacts.
      - If one fails, the task fails, and the next build runs it again, even if no file has changed since.
    type: dict
    default: {}
extends_documentation_fragment:
  - omerogen.omero.sources
attributes:
  check_mode:
    description: Writes nothing, and reports what would change.
    support: full
  diff_mode:
    description: Shows how files differ, with C(********) in place of secrets.
    support: full
seealso:
  - module: omerogen.omero.omerogen_check
"""

EXAMPLES = r"""
- name: Configure nginx and OMERO.web
  omerogen.omero.omerogen_build:
    dest: /etc/omero/web
    only: [nginx, django]
    role_variables:
      omero_web_config_set: "{{ omero_web_config_set }}"
    options:
      tls: nginx
      servername: [omero.example.org]
      certificate: /etc/ssl/omero.pem
      certificate-key: /etc/ssl/omero.key
    verify: true
    reload:
      nginx: nginx -t && nginx -s reload
      django: systemctl restart omero-web

- name: Compute the heap sizes from the memory of the host
  omerogen.omero.omerogen_build:
    dest: /etc/omero/server
    only: [jvm]
    config: [/opt/omero/server/OMERO.server/etc/grid/config.xml]
    properties:
      omero.jvmcfg.percent.blitz: 40
  register: omerogen

- name: Report what changed
  ansible.builtin.debug:
    msg: "{{ omerogen.artifacts }}"
"""

RETURN = r"""
artifacts:
  description: The artifacts that changed, or would change in check mode.
  returned: success
  type: list
  elements: str
  sample: [nginx]
dest:
  description: The absolute path of the folder.
  returned: success
  type: str
  sample: /etc/omero/web
files:
  description: The files below O(dest) by what happened to them.
  returned: success
  type: dict
  contains:
    changed:
      description: Files that were written.
      type: list
      elements: str
      sample: [nginx/omero.conf]
    unchanged:
      description: Files that were up to date.
      type: list
      elements: str
    removed:
      description: Files of an earlier build that no longer apply.
      type: list
      elements: str
warnings:
  description: Problems that did not prevent the build.
  returned: if there are any
  type: list
  elements: str
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.omerogen.omero.plugins.module_utils.omerogen import (
    SOURCES,
    Omerogen,
    OmerogenError,
    logged,
    strays,
)


def main():
    """Run the module."""
    module = AnsibleModule(
        argument_spec=dict(
            SOURCES,
            dest={"type": "path", "required": True},
            only={"type": "list", "elements": "str", "default": []},
            verify={"type": "bool", "default": False},
            force={"type": "bool", "default": False},
            reload={"type": "dict", "default": {}},
        ),
        supports_check_mode=True,
    )
    # Ansible would hide each value of each property wherever the text is part of the result: a port, or the
    # word true. omerogen itself hides secrets in what it prints, and the invocation is without values.
    module.no_log_values.clear()
    invocation = {"module_args": logged(module.params)}
    try:
        result, failure = build(module)
    except OmerogenError as error:
        module.fail_json(msg=str(error), invocation=invocation)
    if failure:
        module.fail_json(msg=failure, invocation=invocation, **result)
    module.exit_json(invocation=invocation, **result)


def build(module):
    """The result of the module, and why it failed after files were written, if it did."""
    params = module.params
    reloads = _reloads(params["reload"])
    omerogen = Omerogen(params["executable"], module.tmpdir)
    if params["site"]:
        omerogen.refuse_several(params["site"])
    if not params["dest"]:
        raise OmerogenError("dest: is empty (give the folder to write into)")
    dest = os.path.abspath(params["dest"])
    arguments = ["--output=" + dest, *_deployed_to(params, dest), *_switches(params)]
    differences = {}
    if module._diff:
        differences = omerogen.json("build", params, [*arguments, "--diff"])[1]["differences"]
    arguments += reloads + (["--check"] if module.check_mode else [])
    status, found, err = omerogen.json("build", params, arguments)
    looking = "is edited by hand, and is going to be overwritten"
    state = looking if module.check_mode else "had been edited by hand"
    edited = (f"{os.path.join(dest, path)}: {state}" for path in found["edited"])
    for warning in (*strays(params), *found["warnings"], *edited):
        module.warn(warning)
    if module.check_mode and found["foreign"] and not params["force"]:
        raise OmerogenError(
            "\n".join(
                f"{os.path.join(dest, path)}: omerogen did not write it (move it away, or add force: true)"
                for path in found["foreign"]
            )
        )
    if module.check_mode and found["refused"]:
        raise OmerogenError("\n".join(found["refused"]))
    pending = found["pending"] if reloads else []  # check mode alone has them: a build runs the commands
    artifacts = {*found["artifacts"], *(path.split("/")[0] for path in pending)}
    result = {
        "changed": bool(found["changed"] or found["removed"] or pending),
        "dest": dest,
        "artifacts": sorted(artifacts),
        "files": {name: sorted(found[name]) for name in ("changed", "unchanged", "removed")},
    }
    if module._diff:
        result["diff"] = [{"prepared": text} for text in differences.values() if text]
    return result, err.strip() if status and not module.check_mode else ""


def _deployed_to(params, dest):
    """The folder that the systemd unit starts from: that of the build, unless somebody says another."""
    named = {str(name).replace("_", "-") for name in params["options"] or ()}
    if not params["site"] and "deployed-to" not in named:
        yield "--deployed-to=" + dest


def _switches(params):
    for artifact in params["only"]:
        yield "--only=" + artifact
    for name in ("verify", "force"):
        if params[name]:
            yield "--" + name


def _reloads(commands):
    wrong = sorted(name for name, cmd in commands.items() if not isinstance(cmd, str) or not cmd.strip())
    if wrong:
        raise OmerogenError(
            "\n".join(f"reload: {name} has no command (write a text for the shell)" for name in wrong)
        )
    return ["--reload=%s" % (cmd if name == "any" else f"{name}={cmd}") for name, cmd in commands.items()]


if __name__ == "__main__":
    main()
