"""What keeps the local stack from starting, each with the exit code of the command."""

WRONG_USE = 2
AWAY = 3


class LocalError(Exception):
    """One sentence for the person at the terminal; `exit_code` is 1 when a part of ours failed."""

    exit_code = 1


class AwayError(LocalError):
    """A store cannot be reached or a port is taken by another program."""

    exit_code = AWAY


class AlreadyUpError(LocalError):
    """Another supervisor owns this data folder."""

    exit_code = WRONG_USE


class RecordedError(LocalError):
    """What a supervisor in the background ended with."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
