"""Session packs: a lesson planned from testimony, checked, changed, kept and printed. Nothing here needs a model."""
