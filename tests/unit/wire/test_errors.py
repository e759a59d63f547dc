from chat.wire import limits
from chat.wire.errors import DETAILS, RETRYABLE, ChatError, ErrorCode


def test_every_code_has_a_sentence_and_the_lower_case_of_its_name():
    assert DETAILS.keys() == set(ErrorCode)
    assert [code.value for code in ErrorCode] == [code.name.lower() for code in ErrorCode]
    assert [detail.endswith(".") for detail in DETAILS.values()] == [True] * len(ErrorCode)


def test_an_error_says_whether_trying_again_helps():
    assert {code for code in ErrorCode if ChatError(code).retryable} == RETRYABLE
    assert {"not_ready", "rate_limited", "unavailable", "busy", "internal"} == RETRYABLE


def test_an_error_has_the_sentence_of_its_code_unless_it_has_a_better_one():
    assert ChatError(ErrorCode.BUSY).detail == "The node is busy; try again."
    better = ChatError(ErrorCode.BUSY, "Full.", retry_after_ms=5)
    assert (str(better), better.retry_after_ms) == ("busy: Full.", 5)


def test_close_codes_are_those_that_the_protocol_names():
    assert {code.name: int(code) for code in limits.CloseCode} == {
        "RESTART": 1012,
        "BROKEN_PROTOCOL": 4400,
        "NOT_LOGGED_IN": 4401,
        "REVOKED": 4403,
        "TOO_SLOW": 4408,
        "FLOODING": 4429,
    }


def test_the_longest_message_fits_in_a_frame():
    assert limits.TEXT_CHARS * len("👍".encode()) < limits.FRAME_BYTES // 2
