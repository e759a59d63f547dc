from distchat_site.logs import WITHHELD, withhold


def test_what_people_write_and_what_lets_them_in_is_withheld():
    event = {"event": "posted", "seq": 4, **dict.fromkeys(WITHHELD, "secret"), "Cookie": "secret"}
    assert withhold(None, "info", event) == {
        "event": "posted",
        "seq": 4,
        **dict.fromkeys(WITHHELD, "[withheld]"),
        "Cookie": "[withheld]",
    }
