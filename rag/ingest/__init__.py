"""A user's own documents, from files to a reviewed draft: nothing here reaches an index that nobody accepted.

gather (files) -> isolated (read in a process of its own) -> document (text with exact places) -> clean, cut, danger,
personal (what to leave out, where to cut, what to look at) -> draft (outside the corpus) -> review (decisions, who made
them) -> publish (into the corpus: lint, build, swap).
"""
