"""Stand-in for the page that a refused form leads to."""

from django.http import HttpRequest, HttpResponse


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why the form was refused."""
    return HttpResponse(f"refused {request.path}: {reason}", status=403)
