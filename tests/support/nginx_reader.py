"""nginx's own way to read a configuration, written down again: crossplane has other spaces and braces."""

from __future__ import annotations

Structure = list[tuple[int, str]]


def nginx_structure(text: str) -> Structure | None:
    """What nginx makes of a text, by the rules of its ngx_conf_read_token: the words of each directive.

    None is for what it cannot read. A block is ``"{"`` behind its words, and ``"}"`` at its
    end, which may be one too many.
    """
    found: Structure = []
    words, word, quote = 0, False, ""
    comment = escaped = variable = need_space = False
    for character in text:
        if comment or escaped:
            comment = comment and character != "\n"
            escaped = False
            continue
        if need_space:
            if character not in " \t\r\n;{)":
                return None
            need_space = False
        if quote:
            if character == "\\":
                escaped = True
            elif character == quote:
                quote, need_space, words = "", True, words + 1
            continue
        if not word:
            if character in " \t\r\n":
                continue
            if character == "#":
                comment = True
            elif character in "\"'":
                quote = character
            elif character in ";{" or character == "}":
                if (words == 0) != (character == "}"):
                    return None
                found.append((words, character))
                words = 0
            else:
                word, escaped, variable = True, character == "\\", character == "$"
            continue
        if character == "{" and variable:
            continue
        variable = character == "$"
        if character == "\\":
            escaped = True
        elif character in " \t\r\n;{":
            word, words = False, words + 1
            if character in ";{":
                found.append((words, character))
                words = 0
    return None if words or word or quote or escaped else found


def stays_inside(structure: Structure | None) -> bool:
    """Whether a structure closes just the blocks that it opens."""
    depth = 0
    for _, mark in structure or []:
        depth += {"{": 1, "}": -1, ";": 0}[mark]
        if depth < 0:
            return False
    return structure is not None and depth == 0
