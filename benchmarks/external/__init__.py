"""External anchors: public sets, read from a folder that is given, through the code that answers readers.

Nothing of these sets is copied into the project: a script reads `--datasets DIR`, prints a Markdown table and writes
figures without text to `--out FILE`. What is comparable with published figures and what is not stands in
docs/evaluation.md. Rows are sampled and halved by a hash of their id; `dev` may be looked at, `report` is quoted.
"""
