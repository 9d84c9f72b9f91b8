"""Evaluation of Exit Voices: cases, scorers and the measures that releases are judged by."""
