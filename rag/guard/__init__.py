"""What may be asked: a question is cleaned and bounded here before anything else sees it."""
