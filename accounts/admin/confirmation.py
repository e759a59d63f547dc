"""An action is done only after a page of its own has asked about it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from .bounds import MOST_AT_ONCE

Action = Callable[..., HttpResponse | None]


def confirmed(question: Any) -> Callable[[Action], Action]:
    """Have an action ask `question` before it does anything; it then gets the rows that were shown, and no others."""

    def decorate(action: Action) -> Action:
        @wraps(action)
        def ask_first(self: Any, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse | None:
            if "confirmed" in request.POST:
                return action(self, request, queryset)
            rows = list(queryset[: MOST_AT_ONCE + 1])
            context = {
                **self.admin_site.each_context(request),
                "title": question,
                "rows": [(row.pk, self.description_of(row)) for row in rows[:MOST_AT_ONCE]],
                "is_cut": len(rows) > MOST_AT_ONCE,
                "most": MOST_AT_ONCE,
                "opts": self.opts,
                "action": action.__name__,
            }
            return TemplateResponse(request, "admin/confirm_action.html", context)

        return ask_first

    return decorate
