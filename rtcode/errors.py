"""Every error that rtcode raises on purpose.

::

    RtcodeError                     code, exit code and a hint; nothing of the file's content
     ├─ InputError                  one input could not be used as a plan (exit code 3)
     │   ├─ EmptyFileError              empty_file
     │   ├─ NotDicomError               not_dicom
     │   ├─ NotAPlanError               not_a_plan
     │   ├─ TruncatedError              truncated
     │   ├─ MalformedError              malformed
     │   ├─ TransferSyntaxError         unsupported_transfer_syntax
     │   ├─ TooLargeError               too_large
     │   ├─ UnreadableError             unreadable
     │   └─ DuplicateConflictError      duplicate_conflict
     ├─ UsageError                  a wrong option, answer, date, policy or code set (exit code 2)
     │   ├─ PolicyError                 invalid_policy
     │   ├─ CodeSetError                invalid_code_set
     │   ├─ NoCodeSetError              no_code_set
     │   ├─ AnswerError                 invalid_answer
     │   └─ SessionJoinError            cannot_join
     ├─ SourceError                 a source could not be reached (exit code 4)
     └─ DefectError                 rtcode itself failed on an input (exit code 70)

A message says what is wrong and where; the hint says what to do. Neither ever quotes a value from a file: an attribute
path is enough to find it, and a value may be a patient's name.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Exit codes of every command; where several apply, the highest wins."""

    DONE = 0
    MATCHED = 1
    USAGE = 2
    INPUT = 3
    SOURCE = 4
    LEDGER = 5
    DEFECT = 70


class RtcodeError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    message
        What is wrong and where, one line, without values from the file.
    hint
        What to do about it, one line; a default for the class where none is given.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[ExitCode] = ExitCode.DEFECT
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint

    def line(self) -> str:
        """The error as one line: ``CODE: what is wrong and what to do``."""
        text = f"{self.code}: {self.message}"
        return f"{text}; {self.hint}" if self.hint else text


class InputError(RtcodeError):
    """An input that cannot be used as a plan; the other inputs of the call still get their answers."""

    exit_code = ExitCode.INPUT


class EmptyFileError(InputError):
    code = "empty_file"
    default_hint = "export the plan again"


class NotDicomError(InputError):
    code = "not_dicom"
    default_hint = "give a DICOM RT Plan file"


class NotAPlanError(InputError):
    """Another object than a plan.

    Parameters
    ----------
    kind
        What it is, a value of `rtcode.dicom.triage.ObjectKind`, where known.
    """

    code = "not_a_plan"
    default_hint = "give the RT Plan of this patient instead"

    def __init__(self, message: str, hint: str | None = None, *, kind: str | None = None) -> None:
        super().__init__(message, hint)
        self.kind = kind


class TruncatedError(InputError):
    code = "truncated"
    default_hint = "copy or export the file again"


class MalformedError(InputError):
    code = "malformed"
    default_hint = "export the plan again or report the file to the system's vendor"


class TransferSyntaxError(InputError):
    code = "unsupported_transfer_syntax"
    default_hint = "export the plan uncompressed (implicit or explicit VR little endian)"


class TooLargeError(InputError):
    code = "too_large"
    default_hint = "check that this is a plan; no real plan reaches this limit"


class UnreadableError(InputError):
    code = "unreadable"
    default_hint = "check the path and its permissions"


class DuplicateConflictError(InputError):
    code = "duplicate_conflict"
    default_hint = "find out which of the files is the valid plan and give only that one"


class UsageError(RtcodeError):
    """A wrong call or configuration; nothing was analyzed."""

    code = "usage"
    exit_code = ExitCode.USAGE


class PolicyError(UsageError):
    code = "invalid_policy"
    default_hint = "`rtcode codeset show` lists what a policy may set"


class CodeSetError(UsageError):
    code = "invalid_code_set"
    default_hint = "correct this place in the file"


class NoCodeSetError(UsageError):
    code = "no_code_set"
    default_hint = "`rtcode codeset list` shows the code sets and the dates that they cover"


class AnswerError(UsageError):
    code = "invalid_answer"
    default_hint = "write --answer QUESTION=VALUE; `rtcode codeset show` lists questions and values"


class SessionJoinError(UsageError):
    code = "cannot_join"
    default_hint = "--same-session takes the plans of one patient only"


class SourceError(RtcodeError):
    """A source or peer that could not be reached, or that refused."""

    code = "source_unavailable"
    exit_code = ExitCode.SOURCE
    default_hint = "check the address and your access to it"


class DefectError(RtcodeError):
    """Something in rtcode that should never fail did; made from the exception, without its text.

    An exception's own text may hold a value from a file, so that only its kind and the place in rtcode are told.
    """

    code = "defect"
    default_hint = "please report this line and `rtcode doctor`, without the plan"

    @classmethod
    def of(cls, error: Exception) -> DefectError:
        """The defect behind an exception: its kind, and the innermost place in rtcode by module and line."""
        place = "unknown place"
        trace = error.__traceback__
        while trace is not None:
            name = trace.tb_frame.f_globals.get("__name__", "")
            if name.startswith("rtcode"):
                place = f"{name}:{trace.tb_lineno}"
            trace = trace.tb_next
        return cls(f"{type(error).__name__} at {place}")


def exit_code_of(code: str) -> ExitCode:
    """The exit code that belongs to an error's code."""
    waiting: list[type[RtcodeError]] = [RtcodeError]
    while waiting:
        one = waiting.pop()
        if one.code == code:
            return one.exit_code
        waiting.extend(one.__subclasses__())
    return ExitCode.DEFECT
