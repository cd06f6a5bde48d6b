"""The help of ``rtcode``, written by ``docs/build.py``."""

TEXT = """\
Usage: rtcode [OPTIONS] COMMAND [ARGS]...

  Suggest the delivery level that a DICOM RT Plan supports, with the evidence.
  A human confirms.

Options:
  --version             Show the versions of rtcode and of its code sets.
  --install-completion  Install completion for the current shell.
  --show-completion     Show completion for the current shell, to copy it or
                        customize the installation.
  -h, --help            Show this message and exit.

Commands:
  analyze   Read plans and suggest a level for each session.
  compare   What changed between two versions of a plan.
  scan      An archive of many files into one table.
  summary   What an archive holds, and what to look at first.
  cases     Plans of one patient that may be one session.
  redecide  A scanned archive under other rules; no plan is read.
  codeset   The dated rule sets: list, show, check, diff.
  schema    JSON Schema of an output or of a file that rtcode reads.
  doctor    Show what is installed, writable and covered.

  Example: rtcode analyze plan.dcm
"""
