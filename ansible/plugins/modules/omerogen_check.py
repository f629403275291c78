#!/usr/bin/python
# Copyright: the omerogen project
# BSD-2-Clause (see https://spdx.org/licenses/BSD-2-Clause.html)
"""Reports problems in the properties of an OMERO server."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: omerogen_check
short_description: Report problems in the properties of an OMERO server
version_added: 0.1.0
description:
  - Reports invalid values, combinations that do not work, and what the programs of the host refuse, with the omerogen of
    the host. Nothing is written.
author:
  - The omerogen project (@omerogen)
options:
  fail_on:
    description:
      - Fail if a finding that is not waived is at least as severe as this.
    type: str
    choices: [error, warning, note]
    default: error
  verify:
    description:
      - Whether to validate with the programs of the host that read the artifacts, too.
    type: bool
    default: false
extends_documentation_fragment:
  - omerogen.omero.sources
attributes:
  check_mode:
    description: Never changes anything.
    support: full
  diff_mode:
    description: Never changes anything.
    support: none
seealso:
  - module: omerogen.omero.omerogen_build
"""

EXAMPLES = r"""
- name: Check the properties of the host
  omerogen.omero.omerogen_check:
    role_variables:
      omero_server_config_set: "{{ omero_server_config_set }}"
    fail_on: warning

- name: List the findings of a site file, whatever they are
  omerogen.omero.omerogen_check:
    site: /etc/omero/omerogen.toml
  register: omerogen
  failed_when: omerogen.findings is not defined
"""

RETURN = r"""
findings:
  description: All findings, the most severe first.
  returned: if the sources can be read
  type: list
  elements: dict
  contains:
    id:
      description: The rule.
      type: str
      sample: near-miss
    severity:
      description: V(error), V(warning) or V(note).
      type: str
    properties:
      description: The properties that the finding is about.
      type: list
      elements: str
    locations:
      description: Files and lines. The file of O(properties) and O(role_variables) has the name of the parameter.
      type: list
      elements: dict
    message:
      description: What is wrong.
      type: str
    fix:
      description: What to do.
      type: str
    url:
      description: Where to read more, or none.
      type: str
    waived:
      description: The reason why the site file waives the rule, or none.
      type: str
consumers:
  description: The result of each program with O(verify).
  returned: if the sources can be read
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.omerogen.omero.plugins.module_utils.omerogen import (
    SOURCES,
    Omerogen,
    OmerogenError,
    logged,
    strays,
)

_SEVERITIES = ["error", "warning", "note"]


def main():
    """Run the module."""
    module = AnsibleModule(
        argument_spec=dict(
            SOURCES,
            fail_on={"type": "str", "choices": _SEVERITIES, "default": "error"},
            verify={"type": "bool", "default": False},
        ),
        supports_check_mode=True,
    )
    module.no_log_values.clear()  # see omerogen_build
    invocation = {"module_args": logged(module.params)}
    fail_on = module.params["fail_on"]
    arguments = ["--fail-on=" + fail_on, *(["--with-consumers"] if module.params["verify"] else [])]
    try:
        omerogen = Omerogen(module.params["executable"], module.tmpdir)
        status, found, err = omerogen.json("check", module.params, arguments)
    except OmerogenError as error:
        module.fail_json(msg=str(error), invocation=invocation)
    for warning in strays(module.params):
        module.warn(warning)
    result = {"findings": found["findings"], "consumers": found["consumers"], "invocation": invocation}
    if status:
        module.fail_json(msg="\n".join(_lines(found["findings"], fail_on)) or err.strip(), **result)
    module.exit_json(changed=False, **result)


def _lines(findings, fail_on):
    """The findings because of which the module fails, as omerogen prints them."""
    counting = _SEVERITIES[: _SEVERITIES.index(fail_on) + 1]
    for finding in findings:
        if finding["severity"] in counting and finding["waived"] is None:
            fix = " ({})".format(finding["fix"]) if finding["fix"] else ""
            yield "{}: {}{} [{}]".format(finding["place"], finding["message"], fix, finding["id"])


if __name__ == "__main__":
    main()
