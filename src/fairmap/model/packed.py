"""Lines of text held compactly: a large write passes through here instead of lists of terms."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from pyoxigraph import RdfFormat, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad

PIECE: Final = 1 << 20
"""Characters after which a piece is closed."""


class Packed:
    """Lines in their order, compressed piece by piece; each line ends with a line feed.

    :ivar lines: how many there are.
    """

    __slots__ = ("_open", "_pieces", "_size", "lines")

    def __init__(self) -> None:
        self.lines = 0
        self._pieces: list[bytes] = []
        self._open: list[str] = []
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._pieces or self._open)

    def add(self, line: str) -> None:
        """Add one line, with its line feed."""
        self._open.append(line)
        self.lines += 1
        self._size += len(line)
        if self._size >= PIECE:
            self.close()

    def add_quads(self, quads: Iterable[Quad]) -> None:
        """Add quads as lines of N-Quads."""
        for quad in quads:
            self.add(f"{quad} .\n")

    def take(self, other: Packed) -> None:
        """Add all lines of ``other``, which is closed."""
        self.close()
        other.close()
        self._pieces += other._pieces
        self.lines += other.lines

    def close(self) -> None:
        """Compress what is open, so that it takes less room until more comes."""
        if self._open:
            self._pieces.append(zlib.compress("".join(self._open).encode(), 1))
            self._open.clear()
            self._size = 0

    def pieces(self) -> Iterator[bytes]:
        """The lines as UTF-8, about a MiB at a time; a piece ends with a whole line."""
        yield from map(zlib.decompress, self._pieces)
        if self._open:
            yield "".join(self._open).encode()

    def quads(self) -> Iterator[Quad]:
        """The quads that :meth:`add_quads` took; blank nodes keep their labels."""
        for piece in self.pieces():
            yield from parse(piece, format=RdfFormat.N_QUADS)
