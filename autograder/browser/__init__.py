"""What of a student's may reach an instructor's browser: in formgrader, and in nbgrader's feedback pages."""
