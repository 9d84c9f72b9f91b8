"""The reports of a run: terminal, HTML, JUnit, Markdown and JSON. Each has `render(run, comparison, verdict, gates)`.

Pure functions over what `evals.run`, `evals.compare` and `evals.gate` give; nothing is asked, scored or written here.
"""
