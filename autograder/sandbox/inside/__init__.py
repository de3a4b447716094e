"""What runs inside the sandbox. Needs Python and NumPy only, and knows nothing of the grader."""

CONFINED = b"confined"
"""A child's first message. One that ends before it sent this was not ended by a student's code."""
