"""Which model thinks: the built-in one, or one that the site has connected."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from langchain_core.language_models import BaseChatModel

from chat.assistant.builtin import BuiltIn
from chat.log.turns import BUILT_IN

REQUEST_SECONDS = 60.0
MODELS_KEPT = 16


class ModelMissing(Exception):
    """The model that the settings name cannot be used; the message says what to do."""


def chat_model(name: str = "") -> BaseChatModel:
    """The model `name` ("provider:model"), or the site's where it is empty. Raises ModelMissing."""
    name = name or settings.ASSISTANT_MODEL
    if name == BUILT_IN:
        return BuiltIn()
    return _connected(name, settings.ASSISTANT_BASE_URL, settings.ASSISTANT_API_KEY)


@lru_cache(maxsize=MODELS_KEPT)
def _connected(name: str, base_url: str, api_key: str) -> BaseChatModel:
    """Made once: its modules and certificates take from tens of milliseconds to a second."""
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise ModelMissing("Models need more packages: pip install -r requirements-models.txt") from error
    options: dict[str, Any] = {"base_url": base_url} if base_url else {}
    if api_key:
        options["api_key"] = api_key
    try:
        model: BaseChatModel = init_chat_model(
            name, timeout=REQUEST_SECONDS, max_retries=0, stream_usage=True, **options
        )
    except (ImportError, ValueError) as error:
        raise ModelMissing(f"The model {name} cannot be used: {error}") from error
    return model
