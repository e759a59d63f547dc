"""Three nodes for all tests that harm nothing, as in the integration tests."""

from tests.integration.conftest import *  # noqa: F403 - fixtures
