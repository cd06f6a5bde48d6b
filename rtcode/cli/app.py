"""The commands of ``rtcode``, and how every error becomes one line and an exit code."""

from __future__ import annotations

import os
from collections.abc import Container
from importlib import import_module

import typer

from rtcode.cli.options import Version
from rtcode.cli.plain import PlainCommand, PlainGroup
from rtcode.cli.streams import drop_output, error_line
from rtcode.errors import DefectError, ExitCode, RtcodeError, UsageError

INTERRUPTED = 130

#: name → (module, what in it, one line of help). A command's module is imported only when the command is called: the
#: help of `rtcode` itself has to come at once.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "analyze": ("rtcode.cli.analyze", "analyze", "Read plans and suggest a level for each session."),
    "compare": ("rtcode.cli.compare", "compare", "What changed between two versions of a plan."),
    "scan": ("rtcode.cli.scan", "scan", "An archive of many files into one table."),
    "summary": ("rtcode.cli.summary", "summary", "What an archive holds, and what to look at first."),
    "cases": ("rtcode.cli.cases", "cases", "Plans of one patient that may be one session."),
    "redecide": ("rtcode.cli.redecide", "redecide", "A scanned archive under other rules; no plan is read."),
    "codeset": ("rtcode.cli.codeset", "app", "The dated rule sets: list, show, check, diff."),
    "schema": ("rtcode.cli.schema", "schema", "JSON Schema of an output or of a file that rtcode reads."),
    "doctor": ("rtcode.cli.doctor", "doctor", "Show what is installed, writable and covered."),
}

#: typer brings its option parser along, under another name in every release; this is the base of its usage errors.
_PARSER_ERROR: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


def _root(context: typer.Context, version: Version = False) -> None:
    if context.invoked_subcommand is None:
        raise UsageError("no command is given", "`rtcode --help` lists them; `rtcode analyze PLAN` is the main one")


def build(loaded: Container[str] = frozenset(COMMANDS)) -> typer.Typer:
    """The command line.

    Parameters
    ----------
    loaded
        Commands that are wanted whole; of the others only the name and the line of help are there.
    """
    app = typer.Typer(
        name="rtcode",
        cls=PlainGroup,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Suggest the delivery level that a DICOM RT Plan supports, with the evidence. A human confirms.",
        epilog="Example: rtcode analyze plan.dcm",
        callback=_root,
        invoke_without_command=True,
    )
    for name, (module, attribute, line) in COMMANDS.items():
        if name not in loaded:
            app.command(name, short_help=line)(_not_loaded)
            continue
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, short_help=line)
        else:
            app.command(name, short_help=line, cls=PlainCommand)(command)
    return app


def _not_loaded() -> None:
    raise AssertionError("a command that was not loaded cannot be called")


def _wanted(arguments: list[str]) -> Container[str]:
    """The commands that a call needs: the one that its first word names, or all for completion in a shell."""
    if "_RTCODE_COMPLETE" in os.environ:
        return COMMANDS
    return [word for word in arguments if not word.startswith("-")][:1]


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; nothing but a defect in the interpreter gets past it."""
    try:
        command = typer.main.get_command(build(_wanted(arguments)))
        result = command.main(args=arguments, prog_name="rtcode", standalone_mode=False)
        return result if isinstance(result, int) else ExitCode.DONE
    except RtcodeError as error:
        error_line(error.line())
        return error.exit_code
    except _PARSER_ERROR as error:
        _usage(error)
        return ExitCode.USAGE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Windows has no SIGPIPE; whoever closed the pipe has what it wanted.
        return ExitCode.DONE
    except Exception as error:  # noqa: BLE001  (the last line of defence: no traceback, no values)
        if isinstance(error, OSError) and _raised_by_parser(error):
            # It opens nothing, it only prints help and completions.
            error_line(drop_output().line())
            return ExitCode.USAGE
        error_line(DefectError.of(error).line())
        return ExitCode.DEFECT


def _raised_by_parser(error: Exception) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = "" if trace is None else str(trace.tb_frame.f_globals.get("__name__", ""))
    return name.partition(".")[0] in ("typer", _PARSER_ERROR.__module__.partition(".")[0])


def _usage(error: Exception) -> None:
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", None) or "rtcode"
    formatted = getattr(error, "format_message", None)
    text = str(formatted() if callable(formatted) else error).replace("Value error, ", "")
    from rtcode.outputs.layout import one_line

    message = one_line(text).rstrip(".")
    error_line(f"{UsageError.code}: {message}; see `{path} --help`")
