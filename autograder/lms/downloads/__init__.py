"""What LMSs let an instructor download of submissions: one module an LMS."""
