"""Write mode: a model's sentences, each checked against the statements that it cites before it is shown."""
