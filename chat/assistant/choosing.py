"""What the members of a conversation choose for its assistant, by a page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat.actions.assistant import Chosen, choose_assistant, chosen_for
from chat.asking import ask_node
from chat.preferences import refusal, require_patience, said_in
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.limits import INTEGER_MAX


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def choose(request: HttpRequest, conversation: int) -> HttpResponse:
    """What is chosen; by POST also choose `speaks`, `policy` and `instructions`, each of which may be missing."""
    try:
        if conversation > INTEGER_MAX:
            raise ChatError(ErrorCode.NOT_FOUND, "There is no such conversation for you.")
        if request.method == "POST":
            require_patience(request)
            fields = {name: str(value) for name, value in said_in(request).items() if name in Chosen.__annotations__}
            user_id = request.user.pk
            chosen = ask_node(
                lambda node: choose_assistant(node.services, user_id, conversation=conversation, fields=fields)
            )
        else:
            chosen = chosen_for(request.user.pk, conversation)
    except ChatError as error:
        return refusal(error)
    return JsonResponse({"speaks": chosen.speaks, "policy": chosen.policy, "instructions": chosen.instructions})
