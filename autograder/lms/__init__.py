"""Files of LMSs, in and out: class lists, submissions, grades, feedback."""
