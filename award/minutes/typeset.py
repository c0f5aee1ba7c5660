"""A program of its own: reads a document as JSON, writes the PDF. It knows the fonts and the one source beside it, no
network, and no other file; it bounds its own memory and time before it looks at anything (Windows knows time only).

    python -I typeset.py FONT_FOLDER EMPTY_FOLDER < document.json > minutes.pdf
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

MOST_MEMORY, MOST_SECONDS = 1 << 30, 20


def main() -> None:
    """Prints what stands on the input."""
    try:
        import resource
    except ImportError:
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import typst

    fonts, empty = sys.argv[1:]
    made: bytes = typst.compile(  # type: ignore[call-overload]  # its hints want source and folders of one type
        Path(__file__).with_name("minutes.typ").read_bytes(),
        format="pdf",
        root=empty,
        package_path=empty,
        package_cache_path=empty,
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts]),
        ignore_system_fonts=True,
        sys_inputs={"data": sys.stdin.buffer.read().decode()},
        timestamp=datetime(2000, 1, 1, tzinfo=UTC),  # the same document, the same bytes
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
