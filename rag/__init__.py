"""Exit Voices: answers from testimony, each sentence resting on a passage that the reader can open."""
