# Copyright: the omerogen project
# BSD-2-Clause (see https://spdx.org/licenses/BSD-2-Clause.html)
"""Looks up values of properties of an OMERO server."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: omerogen_property
short_description: Look up values of properties of an OMERO server
version_added: 0.1.0
description:
  - Returns the value of each property as omerogen derives it from its sources and defaults, with C(${name}) replaced.
  - omerogen runs on the controller, and reads files of the controller.
author:
  - The omerogen project (@omerogen)
options:
  _terms:
    description: The names of the properties.
    type: list
    elements: str
    required: true
  show_secrets:
    description:
      - Whether to return passwords and other secrets, too. Otherwise they are an error. The default of one that is
        not set is public, and is returned.
      - Set C(no_log) for a task that uses one.
    type: bool
    default: false
extends_documentation_fragment:
  - omerogen.omero.sources
"""

EXAMPLES = r"""
- name: Show the path below which OMERO.web is served
  ansible.builtin.debug:
    msg: "{{ lookup('omerogen.omero.omerogen_property', 'omero.web.prefix', properties=omero_web_config_set) }}"

- name: Open the ports of the server
  ansible.posix.firewalld:
    port: "{{ item }}/tcp"
    state: enabled
  loop: "{{ query('omerogen.omero.omerogen_property', 'omero.ports.tcp', 'omero.ports.ssl', config=['site.yaml']) }}"
"""

RETURN = r"""
_raw:
  description:
    - The text of each value; none for a property that is not set and has no default.
    - That of a boolean is V(true) or V(false), a text that Jinja takes for true. Add C(| bool).
  type: list
  elements: str
"""

from ansible.errors import AnsibleLookupError
from ansible_collections.omerogen.omero.plugins.module_utils.omerogen import (
    SOURCES,
    Omerogen,
    OmerogenError,
)

from ansible.plugins.lookup import LookupBase

#: What omerogen shows in place of a secret.
_HIDDEN = "********"


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms, variables=None, **kwargs):
        """Return the value of each property; `AnsibleLookupError` for a wrong one, or a secret."""
        unknown = sorted(kwargs.keys() - {*SOURCES, "show_secrets"})
        if unknown:
            raise AnsibleLookupError("{}: unknown parameter".format(", ".join(unknown)))
        self.set_options(var_options=variables, direct=kwargs)
        params = {name: self.get_option(name) for name in SOURCES}
        names = [str(term) for term in terms]
        show_secrets = self.get_option("show_secrets")
        arguments = [*(["--show-secrets"] if show_secrets else []), "--", *names]
        try:
            found = Omerogen(params["executable"]).json("explain", params, arguments)[1] if names else []
            every = {one["name"]: one for one in (found if isinstance(found, list) else [found])}
            return [_value(name, every.get(name), show_secrets) for name in names]
        except OmerogenError as error:
            raise AnsibleLookupError(str(error)) from None


def _value(name, found, show_secrets):
    """The value of an explanation; raises `OmerogenError` for a wrong one, or a secret."""
    if found is None:
        raise OmerogenError(f"{name}: is not the name of a property (patterns are not supported here)")
    if found["unreadable"]:
        raise OmerogenError("{}: {}".format(found["origin"], found["unreadable"]))
    if not show_secrets and _HIDDEN in (found["value"] or ""):
        raise OmerogenError(
            f"{name}: is a secret, or has one in it (add show_secrets=true, and no_log to the task)"
        )
    return found["value"]
