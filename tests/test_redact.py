"""Secrets that hide in texts: odd URLs, flags, headers, JSON in JSON; what is none is shown."""

from __future__ import annotations

import json
import shlex
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import omerogen as api
from omerogen.model import OmerogenError
from omerogen.secrets.patterns import cleared_directives, cleared_line
from omerogen.secrets.shapes import EXAMPLES, is_secret_name, without_examples
from omerogen.settings import redact

#: Every text has the canary in it, and nothing of it may be left.
HIDING = [
    # URLs
    "redis://:canary@h/0",
    "redis://:canary@canary@h",
    "redis://user:canary%40@h",
    "redis://user:canary/canary@h/0",
    "redis://user:12/canary@h/0",
    "redis://:canary?canary#canary@h",
    "redis://:canary canary@h/0",
    "redis://:canary'canary\"@h/0",
    "REDIS://:canary@h",
    "unix://:canary@/path",
    "redis://:canary@a redis://:canary@b",
    "redis://:canary@a,redis://:canary@b",
    "https://canary@sentry.example.org/1",
    "amqp://u:canary@[::1]:5672//",
    "u:canary@h",
    ":canary@h",
    "jdbc:postgresql://h:5432/d?password=canary&sslpassword=canary",
    "jdbc:postgresql://u:canary@h/d",
    "ssl=true&sslpassword=canary&x=1",
    # flags
    "-Djavax.net.ssl.keyStorePassword=canary",
    "-Dx.password='canary canary'",
    '-Dx.password="canary canary"',
    '"-Dx.password=canary canary" -Xss1m',
    "'-Dx.password=canary canary'",
    '-Dx.password=canary"canary canary"canary',
    "-Dx.password=canary\\ canary",
    "-Dx.password=canary&canary",
    "--password canary",
    "-storepass canary --verbose",
    "-Dx.api_key=canary",
    "-Dauth=canary",
    "-javaagent:/a.jar=token=canary,port=1",
    # other texts
    "password: canary",
    "DB_PASS=>canary",
    "Authorization: Basic canary",
    'Authorization "Bearer canary"',
    "proxy_set_header Authorization canary;",
    'proxy_set_header X-Api-Token "canary canary";',
    "set $my_secret canary;",
    "if ($arg_token != canary) { return 403; }",
    "if ($http_x_api_key !~* ^canary$) { return 403; }",
    "secure_link_secret canary;",
    'secure_link_secret "canary;canary";',
    'secure_link_md5 "$secure_link_expires;$uri;canary";',
    'if ($cookie_sid != "canary") { return 403; }',
    'add_header Set-Cookie "sid=canary";',
    "secure_link_md5 '$secure_link_expires$uri canary';",
    "proxy_set_header Cookie session=canary;",
    '<property name="IceSSL.Password" value="canary canary"/>',
    "<property name='IceSSL.Password'  value='canary'/>",
    f"{'x' * 300}.password=canary",
    f"-D{'x.' * 300}token=canary",
    f"--{'x-' * 300}password canary",
    f"proxy_set_header {'X-' * 300}Token canary;",
    "-----BEGIN RSA PRIVATE KEY-----\ncanary\ncanary\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\\ncanary",
    "https://b.s3.amazonaws.com/f?X-Amz-Date=1&X-Amz-Signature=canary&x=1",
    "https://a.blob.core.windows.net/c/f?sv=1&sig=canary%2F&se=2",
    "https://storage.googleapis.com/b/f?GoogleAccessId=a@b&Expires=1&Signature=canary",
    "https://f.azurewebsites.net/api/f?code=canary",
    "https://hooks.slack.com/services/T1/B1/canary",
    "https://discord.com/api/webhooks/1/canary",
    "https://x.webhook.office.com/webhookb2/canary@canary/IncomingWebhook/canary/canary",
    "https://api.telegram.org/botcanary/sendMessage",
    "https://chat.example.org:8443/hooks/canary",
    "curl -u user:canary https://h",
    "curl --user 'user:canary' https://h",
    "curl -uuser:canary https://h",
    "x {'PASSWORD': 'canary'}",
    'x {"PASSWORD": "canary canary"}',
]
#: JSON values with the canary in them.
HIDING_JSON = [
    {"PASSWORD": "canary"},
    {"default": {"OPTIONS": {"passphrase": ["canary", {"x": "canary"}]}}},
    {"AWS_SECRET_ACCESS_KEY": "canary", "AZURE_ACCOUNT_KEY": "canary", "apiKey": "canary"},
    {"auth": "canary"},
    {"auth": ["user", "canary"]},
    {"name": "password", "value": "canary"},
    {"redis://:canary@h": 1},
    [["EMAIL_HOST_PASSWORD", "canary"], ["CACHES", {"d": {"LOCATION": ["redis://:canary@h"]}}]],
    ["EMAIL_HOST_PASSWORD", "canary"],
    ["run", "--password", "canary", "--token=canary"],
    json.dumps({"PASSWORD": "canary"}),
    {"x": json.dumps([json.dumps({"password": "canary"})])},
    ["proxy_set_header Authorization 'Basic canary';"],
]
#: Lines of nginx with the canary in them, which only together say so.
HIDING_LINES = [
    ["proxy_set_header Authorization", "canary;"],
    ["proxy_set_header", "Authorization", "'Basic", "canary';"],
    ["'proxy_set_header' \"Authorization\"", '"canary canary";'],
    ["proxy_set_header Authorization # the name", "# and then", "canary;"],
    ["set $my_secret", "canary;", "location /a {", "}"],
    ["secure_link_secret", "canary;"],
    ["if ($arg_token !=", "canary) { return 403; }"],
    ["location / {", "fastcgi_param DB_PASSWORD", "canary;", "}"],
]
#: Properties for one service alone, as secret as they are without its name.
FOR_SERVICES = ["omero.myplugin.token.blitz", "omero.x.password.indexer", "omero.y.api_key.PixelData"]
SHOWN = [
    "http://h:8080/path?mail=a@b",
    "http://h/@user",
    ":query:(member=@{dn})",
    "Ada Lovelace <ada@example.org>",
    "mailto:ada@example.org",
    "proxy_set_header X-CSRF-Token $http_x_csrf_token;",
    "-Dmail.smtp.auth=true",
    "-Xmx4g -XX:+UseG1GC -javaagent:/opt/agent.jar=9180:/etc/agent.yml",
    "ssl=true&sslmode=require",
    "Check your user name and password.",
    "[OMERO] ",
    '[["a","b"] , {"c" : 1}]',
    "ADH:!LOW:!MD5:@STRENGTH",
    "HIGH:@SECLEVEL=0",
    '<server id="Blitz" pwd="$OMERO_HOME"><option>-Xmx1g</option>',
]


def shown(text: str, name: str = "omero.x") -> str:
    """How explanations show a text; for flags as well as for a property that nobody knows."""
    return redact.value(api.load(overrides={name: text}).resolved(name)) or ""


@pytest.mark.parametrize("example", EXAMPLES)
def test_secrets_are_found_by_their_context(example):
    """Each example by its own expression, and by all together."""
    secret = example.replace("SECRET", "CANARY")
    assert EXAMPLES[example].search(secret)
    assert "CANARY" not in without_examples(secret, lambda _: "")
    assert "CANARY" not in cleared_line(secret)


@pytest.mark.parametrize(
    "line",
    [
        'proxy_set_haeder Authorization "Basic canary";',
        "set $token canary;",
        "map $http_token $allowed { canary 1; }",
        'if ($http_x_api_key != "canary") { return 403; }',
    ],
)
def test_a_directive_of_nginx_hides_what_its_names_are_of(line):
    """Also a misspelt one, which nginx quotes when it refuses it."""
    assert "canary" not in cleared_directives(line)


@pytest.mark.parametrize("lines", HIDING_LINES)
def test_lines_of_nginx_are_judged_together(lines, omerogen, tmp_path):
    """Where the directive is on one and its value on the next, in all that is shown."""
    override = f"omero.web.nginx_server_extra_config={json.dumps(lines)}"
    settings = api.load(overrides=dict([override.split("=", 1)]))
    assert settings.resolved("omero.web.nginx_server_extra_config").holds_secret
    for command in (
        "explain omero.web.nginx_server_extra_config",
        "properties --only-set",
        f"build -o {tmp_path} --diff",
    ):
        result = omerogen(*command.split(), "--set", override, "--set", "omero.jvmcfg.system_memory=16000")
        assert "canary" not in result.out + result.err
    if omerogen("build", "-o", tmp_path, "--only", "nginx", "--set", override).status == 0:
        assert (tmp_path / "nginx/omero.conf").stat().st_mode & 0o777 == 0o600


def test_lines_without_a_secret_stay_as_they_are():
    """With their comments and quotes."""
    lines = ["# set up", "add_header X-A 'b';", "proxy_set_header X-CSRF-Token $http_x_csrf_token;"]
    text = json.dumps(lines)
    entry = api.load(overrides={"omero.web.nginx_server_extra_config": text}).resolved(
        "omero.web.nginx_server_extra_config"
    )
    assert redact.value(entry) == text


@pytest.mark.parametrize("name", FOR_SERVICES)
def test_a_property_for_one_service_is_as_secret(name, omerogen, tmp_path):
    """Hidden, private, and read from a file."""
    (tmp_path / "secret").write_text("canary")
    (tmp_path / "a.omero").write_text(f"config set {name} file:{tmp_path}/secret\n")
    arguments = ("-c", tmp_path / "a.omero", "--set", "omero.jvmcfg.system_memory=16000")
    assert "canary" not in omerogen("explain", name, *arguments).out
    assert omerogen("build", "-o", tmp_path / "out", "--only", "icegrid", *arguments).status == 0
    application = tmp_path / "out/icegrid/application.xml"
    assert "canary" in application.read_text()
    assert application.stat().st_mode & 0o777 == 0o600


PEM = "-----BEGIN PRIVATE KEY-----\ncanarycanary0123456789\ncanary+/canary==\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.properties", f"omero.x.y={PEM}omero.db.host=h\n"),
        ("b.properties", f"omero.x.y=\\\n{PEM}"),
        ("c.properties", "omero.x.y=x\ncanary/canary==\ncanary canary\n=canary\n"),
        ("d.omero", f"config set omero.x.y {PEM}"),
        ("e.yaml", f"omero.x.y: {PEM}"),
        ("f.json", f'{{"omero.x.y": "{PEM}"}}'),
    ],
)
def test_the_lines_of_a_secret_are_not_repeated(name, text, omerogen, tmp_path):
    """Where a format takes the second line for something else; all the file is then refused, or warned of."""
    path = tmp_path / name
    path.write_text(text)
    for command in ("check", "jdbc", "nginx"):
        result = omerogen(command, "-c", path, "--set", "omero.jvmcfg.system_memory=16000")
        assert "canary" not in result.out + result.err
        assert f"{path}:" in result.out + result.err


@pytest.mark.parametrize("text", HIDING)
def test_a_secret_in_a_text_is_hidden(text):
    """All of it, whatever characters it has."""
    settings = api.load(overrides={"omero.x": text})
    assert "canary" not in shown(text)
    assert "canary" not in cleared_line(text)
    assert settings.resolved("omero.x").holds_secret
    told = redact.secrets(settings.entries())
    assert "canary" not in redact.scrub(text, told), told


@pytest.mark.parametrize("text", [text for text in HIDING if text.strip("\"'")[:2] in ("-D", "-j")])
def test_a_secret_in_a_flag_is_hidden(text):
    """A word of the shell is one value."""
    assert "canary" not in shown(text, "omero.jvmcfg.append")


@pytest.mark.parametrize("value", HIDING_JSON, ids=str)
def test_a_secret_in_json_is_hidden(value):
    """At any depth, also in JSON within a text."""
    assert "canary" not in shown(json.dumps(value))


@pytest.mark.parametrize("text", SHOWN)
@pytest.mark.parametrize("name", ["omero.x", "omero.jvmcfg.append"])
def test_other_text_is_kept(text, name):
    """Explanations explain."""
    if name == "omero.x":
        assert shown(text) == cleared_line(text) == text
    elif text.startswith("-"):
        assert shown(text, name) == text


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ({"omero.web.x.password": "canary", "omero.y": "a ${omero.web.x.password}"}, "omero.y"),
        (
            {"omero.y": 'x {"PASSWORD": "canary"}', "omero.z": "${omero.y}", "omero.v": "${omero.z}"},
            "omero.v",
        ),
        ({"omero.y": "canary", "omero.z": "pass", "omero.v": "${omero.z}word=${omero.y}"}, "omero.v"),
        (
            {"omero.db.pass": "canary", "omero.y": "${omero.z.${omero.db.pass}}", "omero.z.canary": "canary"},
            "omero.y",
        ),
    ],
)
def test_what_was_made_of_a_secret_is_hidden(overrides, name):
    """Of one that a plugin has, of a part of another value, or only when it was put together."""
    entry = api.load(overrides=overrides).resolved(name)
    assert "canary" not in (redact.value(entry) or "")
    assert entry.holds_secret


@pytest.mark.parametrize(
    "name",
    "password dbPassword EMAIL_HOST_PASSWORD passwd passphrase pass db_pass dbpass pwd pw secret SECRET_KEY"
    " token accessToken credentials api_key apikey apiKey AWS_SECRET_ACCESS_KEY AZURE_ACCOUNT_KEY key x.key"
    " auth basic_auth authorization x-api-key private-key PrivateKey bindpw psk jwt salt x_jwt".split(),
)
def test_names_of_secrets(name):
    """In any case and any way to join words."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", "user host NAME keyspace KEY_PREFIX passive author keystore monkey desalted".split()
)
def test_other_names(name):
    """Words that only look like it."""
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        '"' * 100_000,
        "://" * 60_000,
        "-D" + "x." * 90_000,
        "a=" * 90_000,
        ":@" * 90_000,
        "password" * 12_000,
    ],
)
def test_long_texts_are_quick(text):
    """No expression looks at a text over and over."""
    started = time.process_time()
    cleared_line(text)
    assert time.process_time() - started < 2


#: Ways to put a password into a value; flags are for omero.jvmcfg.append, all others for a plugin.
TEMPLATES = {
    "url": "redis://:{}@host/0".format,
    "url of a user": "redis://user:{}@host:6379/0".format,
    "socket": "unix://:{}@/path".format,
    "json": lambda password: json.dumps({"d": {"PASSWORD": password, "L": [f"redis://:{password}@h"]}}),
    "pairs": lambda password: json.dumps([["EMAIL_PASSWORD", password], ["X", {"token": password}]]),
    "json in json": lambda password: json.dumps({"x": json.dumps({"password": password})}),
    "quoted": lambda password: f"-Dx.password={json.dumps(password)} -Dy=1",
    "query": lambda password: f"jdbc:postgresql://h/d?x=1&password={quote(password, safe='')}&y=1",
    "header": lambda password: json.dumps([f'proxy_set_header Authorization "Basic {quote(password)}";']),
    "flag": lambda password: shlex.join([f"-Dx.password={password}", "-Xss1m"]),
    "url in a flag": lambda password: shlex.join([f"-Durl=redis://:{password}@h"]),
}
odd = st.lists(
    st.sampled_from([*"@:/?#[]!$&'()*+,;=% \"\\<>{}|^`~-_.é", "://", "&x=", "${", "}}"]), max_size=4
)


@given(odd.map("".join), odd.map("".join))
@pytest.mark.parametrize("way", TEMPLATES)
def test_no_character_of_a_password_uncovers_it(way, one, other):
    """Whatever stands between its parts, neither an explanation nor a message shows one of them."""
    name = "omero.jvmcfg.append" if "flag" in way else "omero.web.x"
    try:
        told = shown(TEMPLATES[way](f"canary{one}canary{other}canary"), name)
    except OmerogenError as error:
        told = str(error)
    assert "canary" not in told


def test_words_of_a_command_line_are_cleared():
    """Of what they tell of themselves, and of secrets that were put into them."""
    overrides = {
        "omero.db.pass": "canary1",
        "omero.jvmcfg.append.blitz": "-Dp=${omero.db.pass} -Dtoken='canary2 x' -Xss1m",
    }
    settings = api.load(overrides=overrides)
    words = settings["omero.jvmcfg.append.blitz"]
    cleared = redact.flags(words, settings.entries())
    assert cleared == ["-Dp=********", "-Dtoken=********", "-Xss1m"]


def test_hidden_settings_have_no_new_references():
    """A ${ that OMERO.web takes as it is would be read as one when the hidden text is set anew."""
    overrides = {"omero.web.y": "${foo}", "omero.x": "${omero.web.y} password=canary"}
    hidden = redact.settings(api.load(overrides=overrides))
    assert hidden.refused() == []
    assert "canary" not in hidden.text("omero.x")
