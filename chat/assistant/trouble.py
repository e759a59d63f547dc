"""What can go wrong with a model, and how long to wait before it is asked again."""

MOST_SECONDS = 20.0
FIRST_SECONDS = 0.5


class ModelTrouble(Exception):
    """The model did not answer as it should; asking again may help."""

    def __init__(self, why: str, retry_after_seconds: float = FIRST_SECONDS) -> None:
        super().__init__(why)
        self.retry_after_seconds = min(max(retry_after_seconds, 0.0), MOST_SECONDS)


def trouble_of(error: Exception) -> ModelTrouble:
    """An error of a provider's client, with the time that its `Retry-After` header asks for (RFC 9110, 10.2.3)."""
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    try:
        seconds = float(headers.get("retry-after", FIRST_SECONDS))
    except (TypeError, ValueError):
        seconds = FIRST_SECONDS
    return ModelTrouble(f"{type(error).__name__}: {error}"[:500], seconds)
