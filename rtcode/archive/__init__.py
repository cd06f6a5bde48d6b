"""Archives: many files in, one table out.

`rtcode.archive.scan` is the entry point; `rtcode.archive.store` keeps what is known between runs.
"""
