"""Stand-in for the pages of OMERO.web: one that echoes, one that logs in, one that uses a template."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template import engines
from django.urls import path, reverse

_FORM = "<form method='post'>{% csrf_token %}<input name='user'></form>{% standin %}{{ url_suffix }}"


def echo(request: HttpRequest, rest: str = "") -> JsonResponse:
    """Tell what came through nginx, and count visits in the session."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JsonResponse(
        {
            "host": request.get_host(),
            "path": request.path,
            "rest": rest,
            "secure": request.is_secure(),
            "url": request.build_absolute_uri(reverse("weblogin")),
            "user": request.session.get("user"),
            "visits": request.session["visits"],
            "headers": dict(request.headers),
            "length": len(request.body),
        }
    )


def weblogin(request: HttpRequest) -> HttpResponse:
    """Show a form, take it, and go on to the start page."""
    if request.method == "POST":
        request.session["user"] = request.POST["user"]
        return HttpResponseRedirect(reverse("index"))
    template = engines["django"].from_string(_FORM)
    return HttpResponse(template.render({}, request))


urlpatterns = [
    path("", echo, name="index"),
    path("weblogin/", weblogin, name="weblogin"),
    path("<path:rest>", echo),
]
