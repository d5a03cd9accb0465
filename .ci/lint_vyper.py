"""Runs natrix on our contracts: `.venv-lint/bin/python .ci/lint_vyper.py lint contracts/Pool.vy`.

natrix starts the compiler twice for each file, and gives up on a module that uses several others.
Here the compiler is called in the same process, and says of such a module that it can be skipped.
"""

import json
import sys
from pathlib import Path

from natrix import ast_tools, main
from vyper.compiler import OUTPUT_FORMATS
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData
from vyper.exceptions import VyperException

FORMATS = {"annotated_ast": "annotated_ast_dict"}  # the command line's name, and the compiler's
# What natrix looks for in the words of an error of the compiler's.
SKIP = "vyper.exceptions.InitializerException: is used but never initialized!"


def compile_here(filename: str, formatting: str, extra_paths: tuple[str, ...] = ()) -> dict | list:
    bundle = FilesystemInputBundle([Path.cwd(), *map(Path, extra_paths)])
    try:
        result = OUTPUT_FORMATS[FORMATS.get(formatting, formatting)](
            CompilerData(bundle.load_file(filename), bundle)
        )
    except VyperException as error:
        if formatting == "metadata" and "never initialized" in str(error):
            raise RuntimeError(SKIP) from None
        sys.exit(f"{filename} does not compile:\n{error}")
    return json.loads(json.dumps(result, default=str))


ast_tools.vyper_compile = compile_here
main()
