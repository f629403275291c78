"""Stand-in for what every template of OMERO.web knows."""

from django.conf import settings
from django.http import HttpRequest


def url_suffix(request: HttpRequest) -> dict[str, str]:
    """What is put after static files' URLs."""
    return {"url_suffix": f"?{request.method}"}


def base_include_template(request: HttpRequest) -> dict[str, str | None]:
    """The template that every page includes, None without one."""
    return {"base_include_template": settings.BASE_INCLUDE_TEMPLATE, "path": request.path}
