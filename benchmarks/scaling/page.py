"""Writes the tables of docs/scaling.md and its charts, or says that they are stale."""

from collections.abc import Iterator, Mapping
from math import ceil
from pathlib import Path

from benchmarks.plots import Bar, Panel, draw
from benchmarks.scaling import constants, measured, sites
from benchmarks.scaling.setup import Outcome
from benchmarks.scaling.sites import Bill

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "scaling.md"
BEGIN, END = "<!-- {name}: written by python -m benchmarks.scaling -->\n", "<!-- end of {name} -->"
SIZES = (3, 10, 100, 1000)
HALF = 0.5
"""What a part that cannot be made larger is planned for: the other half is for peaks and for what is down."""

ALL, SQLITE = "all of it", "instead: nodes until SQLite's one writer is full"

Row = tuple[str, ...]


def main(*, only_check: bool) -> int:
    of = constants.stored()
    tables, charts = written(of)
    text = PAGE.read_text()
    for name, rows in tables.items():
        text = placed(text, name, markdown(rows))
        print(f"\n{name}\n{markdown(rows)}")
    files = {PAGE: text} | {DOCS / f"scaling_{name}.svg": drawing for name, drawing in charts.items()}
    stale = [file for file, now in files.items() if not file.exists() or file.read_text() != now]
    if only_check:
        print("\n".join(f"{file.name} is stale" for file in stale))
        return int(bool(stale))
    for file in stale:
        file.write_text(files[file])
    return 0


def written(of: constants.Constants) -> tuple[dict[str, list[Row]], dict[str, str]]:
    bills = [[sites.bill_of(load, nodes, of) for nodes in SIZES] for load in sites.LOADS]
    tables = {"constants": constants_table(of), "reproduction": reproduction(of)}
    tables |= {f"{row[0].load.name}": site_table(row, of) for row in bills}
    tables |= {"parts": parts_table(bills), "walls": walls_table(of), "rates": rates_table(bills)}
    return tables | {"sizing": sizing_table(of)}, charts(bills)


def constants_table(of: constants.Constants) -> list[Row]:
    rows = [(f"`{each.name}`", f"{each.value:,.5g}", each.unit, each.source) for each in of.all]
    return [("name", "value", "unit", "source"), *rows]


def reproduction(of: Mapping[str, float]) -> list[Row]:
    head = ("workload", "figure", "measured", "simulated", "ratio", "without batches", "ratio")
    pairs = zip(measured.compare(of), measured.compare(of, batching=False), strict=True)
    return [
        head,
        *(
            (a.workload, a.figure, _n(a.measured), _n(a.simulated), f"{a.ratio:.2f}", _n(b.simulated), f"{b.ratio:.2f}")
            for a, b in pairs
        ),
    ]


def site_table(bills: list[Bill], of: Mapping[str, float]) -> list[Row]:
    head = (
        "nodes",
        "people online",
        "messages/s",
        "deliveries/s",
        "a node's loop",
        "Redis, cores",
        "Redis, Gbit/s",
        "PostgreSQL, cores",
        "one Redis: p50 / p99, ms",
        "Redis in parts: p50 / p99, ms",
        "first to be full",
    )
    return [head, *(_site_row(bill, of) for bill in bills)]


def _site_row(bill: Bill, of: Mapping[str, float]) -> Row:
    redis, rates = sum(bill.redis.values()), bill.rates
    shards = max(1, ceil(redis / HALF))
    return (
        f"{bill.nodes:,}",
        f"{bill.people:,}",
        _n(rates["posts"] * bill.nodes),
        _n(rates["deliveries"] * bill.nodes),
        f"{sum(bill.node.values()):.0%}",
        f"{redis:.2f}",
        f"{sites.gigabits(bill):.2f}",
        f"{sum(bill.database.values()):.2f}",
        _latency(sites.simulate(bill, of)),
        _latency(sites.simulate(bill, of, shards=shards)) + f" ({shards})" if shards > 1 else "",
        first_full(bill),
    )


def first_full(bill: Bill) -> str:
    """The part that is nearest to what it can do: one core of Redis, one loop."""
    redis, node = sum(bill.redis.values()), sum(bill.node.values())
    most = max(bill.redis, key=lambda part: bill.redis[part])
    if redis >= node:
        return f"Redis ({most})" + (": more than it can" if redis > 1 else "")
    return f"the loop ({max(bill.node, key=lambda part: bill.node[part])})"


def parts_table(bills: list[list[Bill]]) -> list[Row]:
    rows: list[Row] = [("at 100 nodes", *(row[0].load.name for row in bills))]
    of_hundred = [row[SIZES.index(100)] for row in bills]
    for what, unit in (("node", "of a loop"), ("redis", "cores of Redis"), ("database", "cores of PostgreSQL")):
        for part in getattr(of_hundred[0], what):
            rows.append((f"{part}, {unit}", *(f"{getattr(bill, what)[part]:.3f}" for bill in of_hundred)))
    return rows


def rates_table(bills: list[list[Bill]]) -> list[Row]:
    of_hundred = [row[SIZES.index(100)] for row in bills]
    return [
        ("per second on each of 100 nodes", *(row[0].load.name for row in bills)),
        *((name, *(_n(bill.rates[name]) for bill in of_hundred)) for name in of_hundred[0].rates),
    ]


def walls_table(of: Mapping[str, float]) -> list[Row]:
    """How many nodes fill one core of Redis, by part and together, and how many the writer of SQLite."""
    rows: list[Row] = [("nodes until one Redis is full", *(load.name for load in sites.LOADS))]
    for part in (*sites.bill_of(sites.OFFICE, 3, of).redis, ALL, SQLITE):
        rows.append((part, *(f"{_nodes_until_full(load, part, of):,}" for load in sites.LOADS)))
    return rows


def _nodes_until_full(load: sites.Load, part: str, of: Mapping[str, float]) -> int:
    low, high = 1, 100_000
    while low < high:
        middle = (low + high) // 2
        full = _filled(sites.bill_of(load, middle, of), part, of) > 1.0
        low, high = (low, middle) if full else (middle + 1, high)
    return low


def _filled(bill: Bill, part: str, of: Mapping[str, float]) -> float:
    if part == SQLITE:
        return sites.sqlite_share(bill, of)
    return sum(bill.redis.values()) if part == ALL else bill.redis[part]


def sizing_table(of: Mapping[str, float]) -> list[Row]:
    head = (
        "people online",
        "devices",
        "nodes",
        "memory of the nodes",
        "messages/s at 1 a minute",
        "cores of Redis",
        "cores of PostgreSQL",
    )
    return [head, *(_sizing_row(people, of) for people in (100, 1_000, 10_000, 100_000))]


def _sizing_row(people: int, of: Mapping[str, float]) -> Row:
    load = sites.OFFICE
    nodes = max(1, ceil(people / load.people_per_node)) + 1
    bill = sites.bill_of(load, max(2, people // load.people_per_node), of)
    share = people / bill.people
    idle = measured.idle()
    devices = round(people * load.devices)
    megabytes = nodes * idle["empty_node_kb"] / 1e3 + devices * idle["kb_per_connection"] / 1e3
    return (
        f"{people:,}",
        f"{devices:,}",
        f"{nodes}",
        f"{megabytes / 1e3:.1f} GB",
        _n(bill.rates["posts"] * bill.nodes * share),
        f"{sum(bill.redis.values()) * share:.2f}",
        f"{sum(bill.database.values()) * share:.2f}",
    )


def charts(bills: list[list[Bill]]) -> dict[str, str]:
    engines = {"redis": "Cores of Redis", "database": "Cores of PostgreSQL"}
    return {
        what: draw(f"{title}, and what takes most of them (logarithmic)", list(_panels(bills, what)))
        for what, title in engines.items()
    }


def _panels(bills: list[list[Bill]], what: str) -> Iterator[Panel]:
    for row in bills:
        totals = [(bill.nodes, getattr(bill, what)) for bill in row]
        bars = [Bar(f"{nodes:,} nodes", sum(parts.values()), _note(parts)) for nodes, parts in totals]
        yield Panel(row[0].load.name, bars, is_logarithmic=True)


def _note(parts: Mapping[str, float]) -> str:
    most = max(parts, key=lambda part: parts[part])
    return f"{sum(parts.values()):.2f}, {most}"


def _latency(found: Outcome | None) -> str:
    return "over-full" if found is None else f"{found.percentile_ms(0.5):.1f} / {found.percentile_ms(0.99):.1f}"


def _n(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"


def markdown(rows: list[Row]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]]) + "\n"


def placed(text: str, name: str, table: str) -> str:
    """The page with this table between its two marks. Raises ValueError when they are not there."""
    begin, end = BEGIN.format(name=name), END.format(name=name)
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{PAGE.name} has no place for the table {name}")
    return f"{before}{begin}\n{table}\n{end}{after}"
