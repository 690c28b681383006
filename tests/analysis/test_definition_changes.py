from context_sync.analysis.definition_changes import MAX_EXCERPT_LINES, excerpt


def test_a_change_is_shown_with_its_signs():
    assert excerpt(["a", "b", "c"], ["a", "x", "c", "d"]) == "-b\n+x\n+d"


def test_of_a_long_change_the_rest_is_counted():
    shown = excerpt([], [str(number) for number in range(30)]).split("\n")
    assert len(shown) == MAX_EXCERPT_LINES
    assert shown[-2:] == ["+18", "(11 more changed lines)"]
