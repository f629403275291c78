"""Tags that every template of OMERO.web has without loading them."""

from django import template

register = template.Library()


@register.simple_tag
def standin() -> str:
    """Show that the library was loaded."""
    return "from defaulttags"
