"""The command line: the only place that prints, reads the environment or asks the clock.

Commands import what they need when they run, so that ``rtcode --help`` costs no more than the option parser.
"""
