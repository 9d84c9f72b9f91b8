"""Lists and wording that ship with the code, and the one way of reading YAML."""

from __future__ import annotations

from typing import Any

import yaml

# By libyaml where PyYAML was built with it: ten times as fast, and every start of a command reads a dozen lists.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def from_yaml(text: str) -> Any:
    """What a YAML text says, by plain tags only. Raises yaml.YAMLError."""
    return yaml.load(text, LOADER)
