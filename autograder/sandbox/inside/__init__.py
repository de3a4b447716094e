"""What runs inside the sandbox. Needs Python and NumPy only, and knows nothing of the grader."""
