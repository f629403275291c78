"""The role: on hosts that ssh reaches, each with its own memory; and from a wheel, as the README says."""

from __future__ import annotations

import os
import re
import sys
from textwrap import indent

import pytest

from support.ansible import COLLECTION, OMEROGEN, TOOLS
from support.files import EXAMPLES
from support.programs import accepted
from support.sshd import host

pytestmark = pytest.mark.slow

ROLE = """
- hosts: all
  gather_facts: false
  roles: [omerogen.omero.omerogen]
"""
#: As the public roles have them, in another form for each kind of value.
PUBLIC = {
    "omero_server_dbpassword": "canary-1",
    "omero_server_config_set": {"omero.jvmcfg.percent.blitz": 50, "omero.jvmcfg.max_system_memory": 100000},
    "omero_web_config_set": {
        "omero.web.prefix": "/omero",
        "omero.web.application_server.port": "{{ 4000 + 90 }}",
    },
    "omero_web_apps_names": ["omero_figure"],
    "omero_web_apps_config_set": {"omero.web.x.password": "canary-2"},
}


def test_each_host_builds_with_its_own_memory(ansible, tmp_path):
    """From the variables of the public roles; what changed is reloaded, once; a wrong host fails alone."""
    with host(tmp_path / "a", 8000) as small, host(tmp_path / "b", 64000) as large:
        hosts = {
            "small": small,
            "large": large,
            "wrong": {**large, "omero_server_config_set": {"omero.jvmcfg.percent.blitz": "half"}},
        }
        variables = {
            **PUBLIC,
            "omerogen_dest": f"{tmp_path}/{{{{ inventory_hostname }}}}",
            "omerogen_only": ["jvm", "nginx", "django"],
            "omerogen_reload": {"nginx": f"echo {{{{ inventory_hostname }}}} >> {tmp_path}/reloaded"},
        }
        first = ansible.play(ROLE, "-vvv", "--diff", hosts=hosts, **variables)
        again = ansible.play(ROLE, hosts={name: hosts[name] for name in ("small", "large")}, **variables)

    task = "Build the configurations with the omerogen of the host"
    assert first.status == 2
    message = first["wrong", task]["msg"]
    assert message.startswith("omero_server_config_set: omero.jvmcfg.percent.blitz 'half' is not ")
    assert not (tmp_path / "wrong").exists()
    assert first["small", task]["artifacts"] == ["django", "jvm", "nginx"]

    heaps = {name: (tmp_path / name / "jvm/blitz.args").read_text() for name in ("small", "large")}
    assert heaps == {"small": "-Xmx4000m\n", "large": "-Xmx32000m\n"}
    assert "server 127.0.0.1:4090 " in (tmp_path / "small/nginx/omero.conf").read_text()
    settings = (tmp_path / "small/django/omeroweb_settings.py").read_text()
    assert "ADDITIONAL_APPS = ['omero_figure']" in settings
    assert "canary-2" in settings
    assert "canary" not in first.output + again.output

    assert (again.status, again.changed()) == (0, [])
    assert sorted((tmp_path / "reloaded").read_text().split()) == ["large", "small"]


def test_the_old_files_stay_if_a_program_refuses_the_new_ones(ansible, tmp_path):
    """Validated on the host, before anything is replaced."""
    variables = {"omerogen_dest": str(tmp_path), "omerogen_only": ["nginx"]}
    wrong = {"omero.web.nginx_server_extra_config": ["proxy_bufer_size 8k;"]}
    assert ansible.play(ROLE, **variables).status == 0
    before = (tmp_path / "nginx/omero.conf").read_text()
    played = ansible.play(ROLE, omerogen_properties=wrong, **variables)
    task = "Build the configurations with the omerogen of the host"
    assert (played.status, 'unknown directive "proxy_bufer_size"' in played[task]["msg"]) == (2, True)
    assert (tmp_path / "nginx/omero.conf").read_text() == before


@pytest.mark.timeout(400)
def test_the_readme_as_written(ansible, tmp_path):
    """In a fresh folder, on a host without omerogen: check mode, a run, a second run that changes nothing.

    Replaced are the folders of the host, commands that restart services, and become.
    """
    text = (COLLECTION / "README.md").read_text()
    yaml, shell = (re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) for language in ("yaml", "sh"))
    (tmp_path / "ansible").symlink_to(COLLECTION)
    wheel = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "dist")
    accepted([*wheel, EXAMPLES.parent], timeout=300)
    environment = {
        **ansible.environment,
        "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"),
        "PATH": os.pathsep.join([str(TOOLS), ansible.environment["PATH"]]),
    }

    def run(command: str) -> str:
        return accepted(["bash", "-euc", command], cwd=tmp_path, env=environment, timeout=240)

    run(shell[0].replace("make wheel ", "true "))
    (tmp_path / "site.yml").write_text(yaml[0])
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/omero_web.yml").write_text(yaml[1])
    (tmp_path / "hosts").write_text("[omero_web]\nlocalhost\n")
    own = {
        "ansible_connection": "local",
        "ansible_python_interpreter": TOOLS / "python",
        "ansible_become": "false",
        "omerogen_venv": tmp_path / "venv",
        "omerogen_python": sys.executable,
        "omerogen_dest": tmp_path / "web",
        "omerogen_verify": "false",
        "omero_web_system_user": os.geteuid(),
    }
    own_variables = " ".join(f"-e {name}={value}" for name, value in own.items())
    replaced = f"-e '{{\"omerogen_reload\": {{}}}}' {own_variables}"
    check, real = (line.split(" #")[0] + f" {replaced}" for line in shell[1].splitlines())

    would = run(check)
    assert "/venv/bin/omerogen is not installed yet: what it would build is not known" in would
    assert not (tmp_path / "web").exists()
    assert not (tmp_path / "venv").exists()
    assert "changed=5" in run(real)
    assert "location /omero" in (tmp_path / "web/nginx/omero.conf").read_text()
    assert "changed=0" in run(f"{real} --diff")


def test_the_modules_of_the_readme(ansible, tmp_path):
    """With the folder of an OMERO that is here."""
    text = (COLLECTION / "README.md").read_text()
    tasks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[2]
    config = tmp_path / "config.xml"
    certificate = '<property name="omero.glacier2.IceSSL.CertFile" value="server.p12" />'
    site = (EXAMPLES / "site.config.xml").read_text()
    config.write_text(site.replace("</properties>", f"{certificate}</properties>"))
    config.chmod(0o600)
    tasks = tasks.replace("/opt/omero/server/OMERO.server/etc/grid/config.xml", str(config))
    tasks = tasks.replace("/etc/omero/server", str(tmp_path / "server"))
    path = os.pathsep.join([str(OMEROGEN.parent), os.environ["PATH"]])
    play = f"- hosts: all\n  gather_facts: false\n  environment: {{PATH: '{path}'}}\n  tasks:\n"
    played = ansible.play(play + indent(tasks, "    "))
    assert played["Compute heap sizes"]["artifacts"] == ["jvm"], played.output
