# Written by omerogen: Gunicorn's configuration for OMERO.web.
# Change the properties of OMERO, not this file. Start OMERO.web with: gunicorn --config THIS_FILE
import os
from pathlib import Path

wsgi_app = "omeroweb.wsgi:application"
bind = ['127.0.0.1:4080']
workers = 5
threads = 1
timeout = 60
max_requests = 0
raw_env = []

# The generated settings module, where it is beside this file and no other one is named.
_modules = Path(__file__).resolve().parent.parent / "django"
if "DJANGO_SETTINGS_MODULE" not in os.environ and (_modules / "omeroweb_settings.py").exists():
    raw_env.append("DJANGO_SETTINGS_MODULE=omeroweb_settings")
    pythonpath = str(_modules)
