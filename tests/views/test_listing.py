import pytest

from context_sync.mail import message_search, sending
from context_sync.mail.sending import Refused


def test_of_many_messages_that_may_be_meant_a_handful_is_named():
    found = [f"zzz{number}" for number in range(9, 0, -1)]
    assert message_search.not_one("zzz", found) == (
        "more than one message begins with 'zzz', so write more: zzz1, zzz2, zzz3, zzz4, zzz5 and 4 more."
    )


@pytest.mark.parametrize(
    ("number", "named"),
    [
        pytest.param(1, "a1", id="one"),
        pytest.param(5, "a1, a2, a3, a4 and a5", id="a handful"),
        pytest.param(8, "a1, a2, a3, a4, a5 and 3 more", id="more than that"),
    ],
)
def test_of_many_who_are_refused_a_message_a_handful_is_named(number: int, named: str):
    refused = [Refused(str(each), f"a{each}", True, "no text") for each in range(1, number + 1)]
    assert sending.refusal(refused) == f"not sent to {named}: no text."
