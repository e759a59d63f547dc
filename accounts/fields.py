"""A column of our own kind."""

from typing import Any

from django.db import models
from django.db.models import F


class CountedColumn(models.PositiveBigIntegerField):
    """A number that only `QuerySet.update()` moves: saving an instance, however old, leaves it as it is."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's signature
        return super().pre_save(model_instance, add) if add else F(self.attname)
