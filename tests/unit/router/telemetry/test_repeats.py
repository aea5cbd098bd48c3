"""A text of a library comes through once a minute, with how often it came."""

from router.telemetry.repeats import KEPT, Repeats


def test_a_flood_comes_through_once_a_minute_and_says_how_many_it_was():
    repeats = Repeats()
    said = [times for tenth in range(1200) if (times := repeats.times("absent", tenth / 10))]
    assert said == [1, 600]


def test_another_text_is_not_held_back():
    repeats = Repeats()
    assert [repeats.times("absent", 0.0), repeats.times("refus", 0.0)] == [1, 1]


def test_texts_without_end_fill_no_memory():
    repeats = Repeats()
    for number in range(3 * KEPT):
        repeats.times(f"texte {number}", 0.0)
    assert len(repeats._seen) <= KEPT
