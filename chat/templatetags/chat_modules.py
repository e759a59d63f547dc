"""`{% import_map imports %}`: which file a bare module name means, as JSON for the browser."""

import json
from collections.abc import Mapping

from django import template
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def import_map(imports: Mapping[str, str]) -> SafeString:
    """The import map; names and files are ours, "<" is escaped all the same."""
    named = json.dumps({"imports": {name: static(file) for name, file in imports.items()}})
    return mark_safe(named.replace("<", "\\u003c"))  # noqa: S308
