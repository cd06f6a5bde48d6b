"""``python -m rtcode`` is the command ``rtcode``."""

from rtcode.cli.main import main

if __name__ == "__main__":
    main()
