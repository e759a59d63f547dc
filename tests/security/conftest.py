"""Ann and her browser, and three nodes for all tests that harm nothing."""

from tests.integration.conftest import *  # noqa: F403 - fixtures
from tests.unit.accounts.conftest import ann, bob, browser  # noqa: F401 - fixtures
