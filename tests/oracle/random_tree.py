"""A statement as a tree that can be made smaller part by part."""


class Node:
    """`parts`: texts and nodes. `family`: what a part of the same family can stand for. `simple`: makes a text that
    can stand for it as well, None where there is none; "" where the part may be left out."""

    def __init__(self, family, parts, simple=None):
        self.family, self.parts, self.simple = family, parts, simple

    def __str__(self):
        return "".join(map(str, self.parts))

    def smaller(self):
        """What may stand instead of it, the smallest first: lists of parts."""
        if self.simple is not None:
            yield [self.simple()]
        yield from ([part] for part in self.descendants() if part.family == self.family)

    def descendants(self):
        for part in self.parts:
            if isinstance(part, Node):
                yield part
                yield from part.descendants()


class Leaf(Node):
    def __init__(self, family, text):
        super().__init__(family, [text])

    def smaller(self):
        return iter(())


class List(Node):
    """Parts with a separator between, any of which may go as long as `fewest` stay."""

    def __init__(self, items, separator=", ", fewest=1):
        super().__init__("list", items)
        self.separator, self.fewest = separator, fewest

    def __str__(self):
        return self.separator.join(map(str, self.parts))

    def smaller(self):
        if len(self.parts) > self.fewest:
            for i in range(len(self.parts)):
                yield self.parts[:i] + self.parts[i + 1:]


def optional(*parts):
    """A clause that may be left out."""
    return Node("clause", list(parts), lambda: "")


def minimised(tree, still, trials):
    """The tree with all parts gone that are not needed for `still(text)`, which is asked at most `trials` times."""
    progress = True
    while progress and trials > 0:
        progress = False
        for node in [tree, *tree.descendants()]:
            before, length = node.parts, len(str(tree))
            for parts in list(node.smaller()):
                node.parts = parts
                if len(str(tree)) >= length or trials <= 0:
                    node.parts = before
                    continue
                trials -= 1
                if still(str(tree)):
                    progress = True
                    break
                node.parts = before
            if progress:
                break
    return tree
