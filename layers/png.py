"""Writes small paletted PNG images; it reads none."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np

from layers.raster_style import Indices, Palette

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_UP: Final = 2


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def paletted(indices: Indices, palette: Palette) -> bytes:
    """A PNG of 8-bit rows of palette numbers; rows are stored as differences from the row above, which suits smooth ramps.

    Parameters
    ----------
    indices
        Shape (rows, columns), each below the length of `palette`.
    palette
        At most 256 rows of red, green, blue, alpha.
    """
    height, width = indices.shape
    lines = np.empty((height, width + 1), dtype=np.uint8)
    lines[:, 0] = _UP
    lines[0, 1:] = indices[0]
    lines[1:, 1:] = indices[1:] - indices[:-1]
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette[:, :3].tobytes()),
            _chunk(b"tRNS", palette[:, 3].tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )
