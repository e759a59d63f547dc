"""What stops distchat from running, said in one sentence that ends with the next step."""


class Problem(Exception):
    """`what` is wrong and the `next_step` that mends it; both are shown to a person instead of a traceback."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(f"{what} Next: {next_step}")
        self.what = what
        self.next_step = next_step
