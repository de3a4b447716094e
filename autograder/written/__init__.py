"""The marker of written answers: what it finds in a text, where, and how sure it is. It knows of no topic."""
