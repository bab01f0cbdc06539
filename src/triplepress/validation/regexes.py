"""What a regular expression may hold so that every engine reads it alike."""

from __future__ import annotations

from typing import Final

_LOOK_AROUND: Final = ("(?=", "(?!", "(?<=", "(?<!")


def unsafe_construct(pattern: str) -> str | None:
    r"""Return the first look-around or back-reference in a regular expression, or None.

    Native engines have neither and raise, only when the first value meets the pattern.

    Example:
        >>> unsafe_construct("^a(?!b)"), unsafe_construct(r"(a)\1"), unsafe_construct(r"[(?=]\(?=\\1")
        ('(?!', '\\1', None)
    """
    at = 0
    in_class = False
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            following = pattern[at + 1 : at + 2]
            if not in_class and following in set("123456789k"):
                return pattern[at : at + 2]
            at += 2
            continue
        if in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
            if pattern[at + 1 : at + 2] == "]":  # "[]a]": the bracket is a member
                at += 1
        else:
            for construct in (*_LOOK_AROUND, "(?P=", "(?(", "(?>"):
                if pattern.startswith(construct, at):
                    return construct
        at += 1
    return None
