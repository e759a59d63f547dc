import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from chat.demo.options import ALL_SCENARIOS, DEFAULT_SCENARIOS, SIMPLE_SCENARIOS, scenarios_named


@pytest.mark.parametrize(
    ("names", "is_simple", "played"),
    [
        ([], False, DEFAULT_SCENARIOS),
        (["all"], False, ALL_SCENARIOS),
        (["all"], True, SIMPLE_SCENARIOS),
        (["assistant", "recovery"], False, ("recovery", "assistant")),
        (["load", "all"], False, ALL_SCENARIOS),
    ],
)
def test_scenarios_are_played_in_the_order_of_the_story(names: list[str], is_simple: bool, played: tuple[str, ...]):
    assert scenarios_named(names, is_simple=is_simple) == played


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--simple", "--scenario", "load", "failover"], "--simple cannot show failover"),
        (["--pause"], "only --keep lets them"),
    ],
)
def test_what_makes_no_sense_together_is_refused_with_the_next_step(options: list[str], said: str):
    with pytest.raises(CommandError, match=said) as refused:
        call_command("run_demo", *options)
    assert "Next: " in str(refused.value)
