"""A class at once: every submission graded in some worker process, none that stops another, nothing done twice."""
