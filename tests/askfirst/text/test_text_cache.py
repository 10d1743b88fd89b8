"""The cache by text: a result is computed once, and those of long texts are not kept."""

from askfirst.text.text_cache import LONGEST, remembered


def test_a_text_is_looked_at_once_while_few_others_come_and_a_long_one_each_time():
    seen: list[tuple[str, int]] = []

    @remembered(2)
    def answer(text: str, number: int) -> int:
        seen.append((text[:1], number))
        return len(text) + number

    kept = "k" * LONGEST
    long = "l" * (LONGEST + 1)
    answers = [answer(kept, 1), answer(kept, 1), answer(kept, 2), answer(long, 1), answer(long, 1)]

    assert answers == [LONGEST + 1, LONGEST + 1, LONGEST + 2, LONGEST + 2, LONGEST + 2]
    assert seen == [("k", 1), ("k", 2), ("l", 1), ("l", 1)]
    assert [answer("a", 1), answer("b", 1), answer(kept, 1)] == [2, 2, LONGEST + 1]
    assert seen[4:] == [("a", 1), ("b", 1), ("k", 1)]
