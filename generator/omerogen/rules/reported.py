"""Rules whose breaches are found elsewhere: where a source is read, an artifact made, a program run."""

from __future__ import annotations

from omerogen.artifacts import ARTIFACTS
from omerogen.rules.registry import ERROR, NOTE, WARNING, Rule, reported
from omerogen.verify import PROGRAMS

_TLS_HERE = "--tls nginx --certificate /c.pem --certificate-key /k.pem"
#: Id, severity, title, group, a site that breaks it, its sibling that works, explanation.
_ROWS = (
    (
        "command-in-file",
        WARNING,
        "a line begins with the omero command",
        "sources",
        "",
        "",
        "`omero load` stops at `bin/omero config set …`: a line of a file of commands begins with `config`.",
    ),
    (
        "cookies-without-https",
        WARNING,
        "cookies are sent without HTTPS",
        "web",
        f"omero.web.session_cookie_secure=false\n{_TLS_HERE}",
        _TLS_HERE,
        "Where TLS is terminated, cookies that are not marked secure are sent over plain HTTP as well.",
    ),
    (
        "deprecated",
        WARNING,
        "a property is deprecated",
        "sources",
        "omero.web.email_host=mail.example.org",
        "omero.mail.host=mail.example.org",
        "OMERO still reads it, but a later release will not. The finding names its successor.",
    ),
    (
        "heaps-scaled-down",
        WARNING,
        "the heaps are smaller than OMERO would make them",
        "memory",
        "",
        "",
        "`jvm --format omero` prints sizes that fit into the memory there is.",
    ),
    (
        "icessl-not-in-templates",
        WARNING,
        "the installed templates do not support IceSSL properties",
        "router",
        "",
        "",
        "Those of old releases have none: `omerogen rewrite` cannot set IceSSL properties in them.",
    ),
    (
        "invalid-value",
        ERROR,
        "a value is not legal",
        "sources",
        "omero.db.port=abc",
        "omero.db.port=5432",
        "The program that reads it would refuse it, or OMERO would take another value in its place.",
    ),
    (
        "lines-left-out",
        WARNING,
        "lines of nginx are left out",
        "web",
        'omero.web.nginx_server_extra_config=["add_header X-Y z;"]\n--layout location',
        "--layout location",
        "A location has no server block for them.",
    ),
    (
        "master-on-loopback",
        WARNING,
        "other machines cannot reach the master",
        "router",
        "omero.server.nodedescriptors=master:Blitz-0 worker:Processor-0",
        "omero.server.nodedescriptors=master:Blitz-0 worker:Processor-0\nomero.master.host=omero.example.org",
        "Nodes on other machines connect to the registry of the node master, which listens on loopback.",
    ),
    (
        "memory-over-committed",
        ERROR,
        "the JVMs do not fit into the memory",
        "memory",
        "omero.jvmcfg.system_memory=1000",
        "omero.jvmcfg.system_memory=16000",
        "The heaps, and what each JVM needs outside its heap, exceed the memory of the machine:"
        " the kernel ends the largest process when they fill up.\n\n"
        "It is a warning where the memory is that of the machine that runs the check: if the site is on"
        " another one, set omero.jvmcfg.system_memory.",
    ),
    (
        "memory-unknown",
        WARNING,
        "memory could not be detected",
        "memory",
        "",
        "",
        "OMERO's default of 4000 MB counts; omero.jvmcfg.system_memory sets it.",
    ),
    (
        "near-miss",
        WARNING,
        "a name is close to that of a property",
        "sources",
        "omero.db.prot=1",
        "omero.db.port=1",
        "OMERO ignores properties that it does not know; the finding names the one that was probably meant.",
    ),
    (
        "nodes-not-in-templates",
        WARNING,
        "the installed templates have no nodes",
        "router",
        "",
        "",
        "omero.server.nodedescriptors has no effect on templates without nodes.",
    ),
    (
        "not-for-icegrid",
        WARNING,
        "a value or node descriptor is not for omerogen's own IceGrid application",
        "router",
        "",
        "",
        "IceGrid would change the value on its way, or the application does not have this server. A build"
        " leaves the application out; where an earlier one has made it, the build is refused, so that nothing"
        " is lost."
        " `omerogen rewrite` fills in OMERO's own templates.",
    ),
    (
        "own-listen-without-tls",
        WARNING,
        "nginx speaks plain HTTP on the port for TLS",
        "web",
        f'omero.web.nginx_server_extra_config=["listen 443;"]\n{_TLS_HERE}',
        f'omero.web.nginx_server_extra_config=["listen 443 ssl;"]\n{_TLS_HERE}',
        "A listen of the site's own lines replaces the one with the same address and port.",
    ),
    (
        "password-in-url",
        WARNING,
        "the database's URL has a password",
        "database",
        "omero.db.properties=password=x",
        "omero.db.pass=x",
        "URLs end up in logs and messages; omero.db.pass goes into a file that only its owner reads.",
    ),
    (
        "pickled-sessions",
        WARNING,
        "sessions are pickled",
        "web",
        "omero.web.session_serializer=django.contrib.sessions.serializers.PickleSerializer",
        "omero.web.session_serializer=django.contrib.sessions.serializers.JSONSerializer",
        "Django 5 removed PickleSerializer; whoever can write a session runs code where it is read.",
    ),
    (
        "proxy-header-not-sent",
        WARNING,
        "Django expects a header that nginx does not send",
        "web",
        f'omero.web.secure_proxy_ssl_header=["HTTP_X_SSL", "on"]\n{_TLS_HERE}',
        _TLS_HERE,
        "Django then takes HTTPS for HTTP, and refuses logins.",
    ),
    (
        "quoted-value",
        WARNING,
        "a value is in quotes",
        "sources",
        "omero.db.name='x'",
        "omero.db.name=x",
        "Only a shell takes quotes away: here they are part of the value.",
    ),
    (
        "secret-on-command-line",
        WARNING,
        "other users of the machine can see a secret",
        "memory",
        "omero.jvmcfg.append=-Ddb.password=x",
        "omero.jvmcfg.append=-Dx=y",
        "All users of a machine can list the command lines of its processes.",
    ),
    (
        "secure-cookies-without-https",
        WARNING,
        "secure cookies without HTTPS",
        "web",
        "omero.web.session_cookie_secure=true\n--tls none",
        "omero.web.session_cookie_secure=true\n--tls proxy\n--servername omero.example.org",
        "Browsers do not send a secure cookie over plain HTTP, so that nobody can log in.",
    ),
    (
        "stale-waiver",
        NOTE,
        "a waiver has no finding",
        "sources",
        "",
        "",
        "The table [waive] of a site file names a rule that the site does not break any more.",
    ),
    (
        "two-server-lists",
        WARNING,
        "two variables set the list of servers",
        "sources",
        "",
        "",
        "OMEROHOST wins over CONFIG_omero_web_server__list, as in the image of OMERO.web.",
    ),
    (
        "unknown-name",
        WARNING,
        "a name is not that of a property",
        "sources",
        "nodots=1\nomero.db.name=x",
        "omero.nodots=1",
        "Properties have a dot in their name; those of plugins begin with omero.web.",
    ),
    (
        "unknown-placeholder",
        NOTE,
        "a placeholder is not known",
        "router",
        "",
        "",
        "The installed templates have a placeholder that `omerogen rewrite` does not fill in.",
    ),
    (
        "unknown-waiver",
        WARNING,
        "a waiver is not for a rule",
        "sources",
        "",
        "",
        "The table [waive] of a site file names the ids of rules.",
    ),
    (
        "unreadable-secret",
        ERROR,
        "a secret's file cannot be read",
        "sources",
        "omero.db.pass=file:/nonexistent",
        "omero.db.pass=x",
        "The value is `file:/PATH`, and the file is missing, or is not for this user.",
    ),
)

reported(
    Rule(
        f"no-{name}",
        ERROR,
        f"{name} cannot be made",
        "The properties that it needs contradict each other, or it does not support them.",
        *("", "", "artifacts"),
    )
    for name in ARTIFACTS
)
reported(
    Rule(
        f"refused-by-{name}",
        ERROR,
        f"{name} refuses what is made for it",
        "The finding has the message of the program, which `--with-consumers` runs.",
        *("", "", "programs"),
    )
    for name in PROGRAMS
)
reported(
    Rule(name, severity, title, explanation, bad, good, group)
    for name, severity, title, group, bad, good, explanation in _ROWS
)
