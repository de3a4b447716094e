"""The explanation of why XOR cannot be learned: four ideas, a point each, marked by rubric.toml."""

import pytest


@pytest.mark.check(
    "xor_explanation",
    points=1,
    hint="Can one straight line have both points of one class on one side and both of the other class beyond?",
)
def test_says_that_no_line_separates(answer):
    """Whether the classes of XOR can be separated"""
    answer.holds("separability")


@pytest.mark.check(
    "xor_explanation", points=1, hint="Where do the four points lie? Which of them have the same class?"
)
def test_says_where_the_points_lie(answer):
    """Why: where the four points lie"""
    answer.holds("data")


@pytest.mark.check(
    "xor_explanation", points=1, hint="What shape does the boundary have that the model can draw, and why?"
)
def test_says_what_the_model_draws(answer):
    """What the model draws"""
    answer.holds("model")


@pytest.mark.check(
    "xor_explanation",
    points=1,
    hint="What happens to the weights when training goes on? Do the mistakes ever come to an end?",
)
def test_says_what_training_does(answer):
    """What happens to the training loop"""
    answer.holds("consequence")
