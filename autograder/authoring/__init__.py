"""What an author of assignments needs: the student version and its proof, sample answers, the demo."""
