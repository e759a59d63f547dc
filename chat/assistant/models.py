"""Which model thinks: the built-in one, or one that the site has connected."""

from django.conf import settings
from langchain_core.language_models import BaseChatModel

from chat.assistant.builtin import BuiltIn
from chat.log.turns import BUILT_IN

REQUEST_SECONDS = 60.0


class ModelMissing(Exception):
    """The model that the settings name cannot be used; the message says what to do."""


def chat_model(name: str = "") -> BaseChatModel:
    """The model `name` ("provider:model"), or the site's where it is empty. Raises ModelMissing."""
    name = name or settings.ASSISTANT_MODEL
    if name == BUILT_IN:
        return BuiltIn()
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise ModelMissing("Models need more packages: pip install -r requirements-models.txt") from error
    options = {"base_url": settings.ASSISTANT_BASE_URL} if settings.ASSISTANT_BASE_URL else {}
    if settings.ASSISTANT_API_KEY:
        options["api_key"] = settings.ASSISTANT_API_KEY
    try:
        model: BaseChatModel = init_chat_model(
            name, timeout=REQUEST_SECONDS, max_retries=0, stream_usage=True, **options
        )
    except (ImportError, ValueError) as error:
        raise ModelMissing(f"The model {name} cannot be used: {error}") from error
    return model
