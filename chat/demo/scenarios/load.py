"""Scenario A: a hundred clients in one conversation talk at the same time."""

from chat.demo.scenarios.traffic import crowd
from chat.demo.stage import Stage
from chat.demo.verdict import Verdict

CLIENTS = 100
POSTS_EACH = 4
PAUSE_SECONDS = 1.5


async def run(stage: Stage) -> Verdict:
    """400 messages to 100 devices: 40,000 deliveries, each of them looked at."""
    verdict = Verdict("load")
    async with crowd(stage, verdict, CLIENTS) as company:
        history, began = company.room.history, company.room.history.clock()
        with stage.story.waiting("messages_flow", company.progress):
            company.begin(pause_seconds=PAUSE_SECONDS, posts_each=POSTS_EACH)
            await company.fall_silent()
        silent = history.clock()
        delivery = await company.judge()
        verdict.expect("sent_wrong", expected=CLIENTS * POSTS_EACH, found=delivery.sent)
        last = max((line.at for line in history.lines if line.what == "received"), default=silent)
        verdict.numbers["deliveries_per_second"] = round(delivery.delivered / max(last - began, 0.001))
        company.tell(delivery, recovered_seconds=max(0.0, last - silent))
        stage.story.line("load_rate", indent=1, rate=verdict.numbers["deliveries_per_second"])
        stage.story.line("load_tail", indent=1, seconds=verdict.numbers["recovered_seconds"])
    return verdict
