"""What the command lines of all commands have in common."""

from argparse import ArgumentParser


def parser_of(command: str, purpose: str | None) -> ArgumentParser:
    """A parser that calls itself as people call the command."""
    return ArgumentParser(f"bin/peerpool {command}", description=purpose)
